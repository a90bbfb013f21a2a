"""Members, with Discord's client in front of them: what tests and benchmarks say, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.discord.interactions.payloads import Kind, Place
from sandbox.discord.kit.errors import Json, RefusedByDiscord
from sandbox.discord.limits.commands import CHAT_INPUT, MESSAGE_MENU, USER_MENU
from sandbox.discord.people.command_visibility import check_visible
from sandbox.discord.people.component_data import button_data, menu_data
from sandbox.discord.people.forged_data import bearing, press_data, submit_data
from sandbox.discord.people.modal_data import modal_data
from sandbox.discord.people.option_data import Resolved, pack
from sandbox.discord.people.pending_interaction import Asking
from sandbox.discord.people.person import Person, message_of
from sandbox.discord.people.replies import Reply, Seen
from sandbox.discord.state.guilds import Channel


class Member(Person):
    """Somebody who uses commands, buttons, menus and modals."""

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
        target: Person | Seen,
        command: str,
        *,
        channel: Channel | None = None,
        within: float | None = None,
    ) -> Reply:
        """A command of the context menu, on a member or a message."""
        return await self.begin_on(target, command, channel=channel).finished(within)

    def begin_on(self, target: Person | Seen, command: str, *, channel: Channel | None = None) -> Asking:
        kind = USER_MENU if isinstance(target, Person) else MESSAGE_MENU
        place, resolved = self.place(channel), Resolved()
        known = self._known(command, place, kind, forged=False)
        if isinstance(target, Person):
            target_id = str(resolved.add_value(target.profile))
        else:
            message = message_of(target)
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
        if not forged:
            self._check_presence(opened_at)
        place = self.place(None) if forged else opened_at
        given = {name: self._handed(value, place.channel) for name, value in fields.items()}
        data = modal_data(reply.modal, given, forged=forged, lookup=self._behind)
        return self._send(Kind.MODAL, data, place, reply.interaction.source)

    async def forge_press(
        self,
        target: Seen | str,
        button: str = "",
        *,
        values: Sequence[object] | None = None,
        channel: Channel | None = None,
        within: float | None = None,
    ) -> Reply:
        """Press what Discord would not let this member press: of a message that is not for them or of another
        server, under a custom id that it has not (or of no message at all), from a channel where they are not.
        """
        asking = self.begin_forged_press(target, button, values=values, channel=channel)
        return await asking.finished(within)

    def begin_forged_press(
        self,
        target: Seen | str,
        button: str = "",
        *,
        values: Sequence[object] | None = None,
        channel: Channel | None = None,
    ) -> Asking:
        place, bot = self.place(channel), self._stage.state.bot
        if isinstance(target, str):
            wanted, message = target, bearing(self._stage.messages, bot, place.channel, target)
        else:
            wanted, message = button, message_of(target)
        plain = None if values is None else [self._handed(value, place.channel) for value in values]
        return self._send(Kind.COMPONENT, press_data(message, wanted, plain), place, message)

    async def forge_submit(
        self,
        custom_id: str,
        *,
        channel: Channel | None = None,
        source: Seen | None = None,
        within: float | None = None,
        **fields: object,
    ) -> Reply:
        """Send a modal that the bot never opened."""
        place = self.place(channel)
        given = {name: self._handed(value, place.channel) for name, value in fields.items()}
        message = None if source is None else message_of(source)
        return await self._send(Kind.MODAL, submit_data(custom_id, given), place, message).finished(within)

    def _touch(self, seen: Seen, data: Json) -> Asking:
        message = self._seen(seen)
        place = self.place(message.channel)
        self._check_presence(place)
        return self._send(Kind.COMPONENT, data, place, message)

    async def suggestions(
        self, command: str, focused: str, typed: str = "", *, channel: Channel | None = None, **named: object
    ) -> list[Json]:
        """What autocomplete offers for one option while it is being typed."""
        asking = self.begin_typing(command, focused, typed, channel=channel, **named)
        return (await asking.finished()).choices

    def begin_typing(
        self, command: str, focused: str, typed: str = "", *, channel: Channel | None = None, **named: object
    ) -> Asking:
        name, *path = command.split()
        place = self.place(channel)
        known = self._known(name, place, CHAT_INPUT, forged=False)
        resolved = Resolved()
        packed = pack(known, path, {**named, focused: typed}, resolved, forged=True)
        _focus(packed, focused)
        data = {**_about(known, name, CHAT_INPUT), "options": packed, "resolved": resolved.parts}
        return self._send(Kind.AUTOCOMPLETE, data, place)

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


def _about(command: Json | None, name: str, kind: int) -> Json:
    identity = "0" if command is None else command["id"]
    guild = {} if command is None or "guild_id" not in command else {"guild_id": command["guild_id"]}
    return {"id": identity, "name": name, "type": kind, **guild}


def _focus(options: list[Json], name: str) -> None:
    for option in options:
        if option["name"] == name and "value" in option:
            option["focused"] = True
        _focus(option.get("options") or [], name)
