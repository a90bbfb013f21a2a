"""Members, with Discord's client in front of them: what tests and benchmarks say, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sandbox.discord import founding
from sandbox.discord.asking import Asking
from sandbox.discord.client_rules import check_visible
from sandbox.discord.command_limits import CHAT_INPUT, MESSAGE_MENU, USER_MENU
from sandbox.discord.commands import Commands
from sandbox.discord.errors import Json, RefusedByDiscord
from sandbox.discord.forms import Upload
from sandbox.discord.interactions import Interactions
from sandbox.discord.messages import Message, Messages
from sandbox.discord.modals import modal_data
from sandbox.discord.options import Resolved, pack
from sandbox.discord.payloads import Kind, Place
from sandbox.discord.permissions import named
from sandbox.discord.presses import button_data, menu_data
from sandbox.discord.seen import Reply, Seen
from sandbox.discord.world import Channel, GuildMember, Role, World


class Stage(Protocol):
    """What people need of the look-alike."""

    world: World
    commands: Commands
    interactions: Interactions
    messages: Messages
    patience: float

    def tell_decided(self, guild_id: int, name: str) -> None: ...


class Member:
    """Somebody in a server, with Discord's client in front of them."""

    def __init__(self, stage: Stage, profile: GuildMember) -> None:
        self._stage, self.profile = stage, profile

    @property
    def id(self) -> int:
        return self.profile.user.id

    @property
    def name(self) -> str:
        return self.profile.display_name

    @property
    def dm(self) -> Channel:
        """The direct conversation with the bot."""
        return self._stage.world.direct_channel(self.profile.user)

    def place(self, channel: Channel | None) -> Place:
        chosen = channel or next(iter(self.profile.guild.channels.values()))
        return Place(self.profile.user, chosen, None if chosen.guild_id is None else self.profile)

    def give(self, role: Role) -> None:
        self.profile.roles.append(role)
        founding.changed_roles(self.profile)

    def take(self, role: Role) -> None:
        self.profile.roles.remove(role)
        founding.changed_roles(self.profile)

    def permit(self, **given: bool) -> None:
        """`ada.permit(manage_guild=True)`: by a role that grants just that."""
        self.give(founding.role_granting(self._stage.world, self.profile.guild, named(given)))

    def leave(self) -> None:
        """The server, whatever becomes of the roles and counters."""
        founding.leave(self.profile.guild, self.profile.user)

    def close_messages(self, *, closed: bool = True) -> None:
        """Take no direct messages from strangers and bots any more."""
        self.profile.user.takes_messages = not closed

    def sees(self, reply: Seen) -> bool:
        return reply.visible_to_user(self.id)

    async def imagine(
        self,
        prompt: str,
        images: int | None = None,
        *,
        channel: Channel | None = None,
        forged: bool = False,
        within: float | None = None,
    ) -> Reply:
        """`/imagine`, and the wait for its end."""
        options = {"prompt": prompt, "images": images}
        return await self.use("imagine", channel=channel, forged=forged, within=within, options=options)

    async def use(
        self,
        command: str,
        *,
        channel: Channel | None = None,
        forged: bool = False,
        within: float | None = None,
        options: Mapping[str, object] | None = None,
        **named: object,
    ) -> Reply:
        """Use a slash command and wait until it is answered and no longer thinking."""
        asking = self.begin(command, channel=channel, forged=forged, options=options, **named)
        return await asking.finished(within)

    def begin(
        self,
        command: str,
        *,
        channel: Channel | None = None,
        forged: bool = False,
        options: Mapping[str, object] | None = None,
        **named: object,
    ) -> Asking:
        """Use a slash command without waiting; `forged` skips what Discord's client checks."""
        given = {name: value for name, value in {**(options or {}), **named}.items() if value is not None}
        name, *path = command.split()
        place = self.place(channel)
        known = self._known(name, place, CHAT_INPUT, forged=forged)
        resolved = Resolved()
        plain = {key: self._handed(value, place.channel) for key, value in given.items()}
        packed = pack(known, path, plain, resolved, forged=forged)
        data = {**_about(known, name, CHAT_INPUT), "options": packed, "resolved": resolved.parts}
        return self._send(Kind.COMMAND, data, place)

    async def use_on(
        self,
        target: Member | Seen,
        command: str,
        *,
        channel: Channel | None = None,
        within: float | None = None,
    ) -> Reply:
        """A command of the context menu, on a member or a message."""
        return await self.begin_on(target, command, channel=channel).finished(within)

    def begin_on(self, target: Member | Seen, command: str, *, channel: Channel | None = None) -> Asking:
        kind = USER_MENU if isinstance(target, Member) else MESSAGE_MENU
        place, resolved = self.place(channel), Resolved()
        known = self._known(command, place, kind, forged=False)
        if isinstance(target, Member):
            target_id = str(resolved.add_value(target.profile))
        else:
            message = _message_of(target)
            target_id = resolved.add("messages", message.id, message.as_json())
        data = {**_about(known, command, kind), "target_id": target_id, "resolved": resolved.parts}
        return self._send(Kind.COMMAND, data, place)

    async def press(self, seen: Seen, button: str, *, within: float | None = None) -> Reply:
        """Press the button with that label or custom id."""
        return await self.begin_press(seen, button).finished(within)

    def begin_press(self, seen: Seen, button: str) -> Asking:
        return self._touch(seen, button_data(seen, button))

    async def choose(self, seen: Seen, menu: str, *chosen: object, within: float | None = None) -> Reply:
        """Choose in a menu: values, or members, roles and channels."""
        return await self.begin_choice(seen, menu, *chosen).finished(within)

    def begin_choice(self, seen: Seen, menu: str, *chosen: object) -> Asking:
        plain = [self._handed(value, self.place(None).channel) for value in chosen]
        return self._touch(seen, menu_data(seen, menu, plain))

    async def submit(
        self, reply: Reply, *, forged: bool = False, within: float | None = None, **fields: object
    ) -> Reply:
        """Fill in and send the modal that the bot answered with; fields by custom id.

        `forged` skips what Discord's client checks: that the modal was opened for this member, where they are, and
        what its fields take.
        """
        return await self.begin_submit(reply, fields, forged=forged).finished(within)

    def begin_submit(self, reply: Reply, fields: Mapping[str, object], *, forged: bool = False) -> Asking:
        if reply.modal is None:
            raise RefusedByDiscord("The bot did not open a modal")
        opened_at = reply.interaction.place
        if opened_at.user is not self.profile.user and not forged:
            raise RefusedByDiscord(f"The modal was not opened for {self.name}")
        place = self.place(None) if forged else opened_at
        given = {name: self._pointed_at(value, place.channel) for name, value in fields.items()}
        data = modal_data(reply.modal, given, forged=forged)
        return self._send(Kind.MODAL, data, place, reply.interaction.source)

    async def forge_press(self, seen: Seen, button: str, *, within: float | None = None) -> Reply:
        """Press a button that Discord would not let this member press: of a message that is not for them, or of
        another server's."""
        data = button_data(seen, button)
        return await self._send(Kind.COMPONENT, data, self.place(None), _message_of(seen)).finished(within)

    def _pointed_at(self, value: object, channel: Channel) -> object:
        if isinstance(value, list | tuple):
            return [self._handed(one, channel) for one in value]
        return self._handed(value, channel)

    def _touch(self, seen: Seen, data: Json) -> Asking:
        message = _message_of(seen)
        if not self.sees(seen):
            raise RefusedByDiscord(f"{self.name} does not see this message")
        return self._send(Kind.COMPONENT, data, self.place(message.channel), message)

    async def suggestions(
        self, command: str, focused: str, typed: str = "", *, channel: Channel | None = None, **named: object
    ) -> list[Json]:
        """What autocomplete offers for one option while it is being typed."""
        name, *path = command.split()
        place = self.place(channel)
        known = self._known(name, place, CHAT_INPUT, forged=False)
        resolved = Resolved()
        packed = pack(known, path, {**named, focused: typed}, resolved, forged=True)
        _focus(packed, focused)
        data = {**_about(known, name, CHAT_INPUT), "options": packed, "resolved": resolved.parts}
        return (await self._send(Kind.AUTOCOMPLETE, data, place).finished()).choices

    def _handed(self, value: object, channel: Channel) -> object:
        """What Discord's client makes of what a member points at or drops into a field."""
        match value:
            case Member():
                return value.profile
            case Upload():
                return self._stage.messages.received(channel, value)
            case _:
                return value

    def _known(self, name: str, place: Place, kind: int, *, forged: bool) -> Json | None:
        guild_id = None if place.guild is None else place.guild.id
        self._check_presence(place)
        command = self._stage.commands.find(name, guild_id, kind)
        if command is None and not forged:
            raise RefusedByDiscord(f"There is no command {name!r}")
        if command is not None and not forged:
            decided = self._stage.commands.decided(guild_id or 0, name)
            check_visible(command, place.member, place.channel, decided)
        return command

    def _check_presence(self, place: Place) -> None:
        guild = place.guild
        if guild is None:
            return
        if guild.members.get(self.id) is not self.profile:
            raise RefusedByDiscord(f"{self.name} is not in {guild.name}")
        if guild.bot is None:
            raise RefusedByDiscord(f"The bot is not in {guild.name}")
        if not guild.has(place.channel):
            raise RefusedByDiscord(f"There is no channel {place.channel.name}")

    def _send(self, kind: Kind, data: Json, place: Place, source: Message | None = None) -> Asking:
        interaction = self._stage.interactions.send(kind, data, place, source)
        return Asking(interaction, self._stage.patience)


def _about(command: Json | None, name: str, kind: int) -> Json:
    identity = "0" if command is None else command["id"]
    guild = {} if command is None or "guild_id" not in command else {"guild_id": command["guild_id"]}
    return {"id": identity, "name": name, "type": kind, **guild}


def _focus(options: list[Json], name: str) -> None:
    for option in options:
        if option["name"] == name and "value" in option:
            option["focused"] = True
        _focus(option.get("options") or [], name)


def _message_of(seen: Seen) -> Message:
    if seen.message is None:
        raise RefusedByDiscord("There is no message there")
    return seen.message
