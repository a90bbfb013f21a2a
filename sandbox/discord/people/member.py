"""Members who use commands, buttons, menus and modals, within what Discord's client allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.discord.interactions.payloads import InteractionContext, InteractionType
from sandbox.discord.kit.errors import Json, RefusedByDiscord
from sandbox.discord.limits.commands import CHAT_INPUT, MESSAGE_MENU, USER_MENU
from sandbox.discord.people.command_visibility import check_visible
from sandbox.discord.people.component_data import button_data, select_data
from sandbox.discord.people.forged_data import forged_component_data, forged_message, forged_modal_data
from sandbox.discord.people.modal_data import modal_submit_data
from sandbox.discord.people.option_data import Resolved, command_options
from sandbox.discord.people.pending_interaction import PendingInteraction
from sandbox.discord.people.person import Person, message_of
from sandbox.discord.people.replies import Reply, ShownMessage
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
        pending = self.begin(command, channel=channel, forged=forged, options=options, **named)
        return await pending.finished(within)

    def begin(
        self,
        command: str,
        *,
        channel: Channel | None = None,
        forged: bool = False,
        options: Mapping[str, object] | None = None,
        **named: object,
    ) -> PendingInteraction:
        """Use a slash command without waiting; `forged` skips what Discord's client checks."""
        given = {name: value for name, value in {**(options or {}), **named}.items() if value is not None}
        name, *path = command.split()
        context = self.context(channel)
        known = self._find_command(name, context, CHAT_INPUT, forged=forged)
        resolved = Resolved()
        plain = {key: self._as_discord_object(value, context.channel) for key, value in given.items()}
        packed = command_options(known, path, plain, resolved, forged=forged)
        data = {**_command_fields(known, name, CHAT_INPUT), "options": packed, "resolved": resolved.parts}
        return self._send(InteractionType.APPLICATION_COMMAND, data, context)

    async def use_on(
        self,
        target: Person | ShownMessage,
        command: str,
        *,
        channel: Channel | None = None,
        within: float | None = None,
    ) -> Reply:
        """A command of the context menu, on a member or a message."""
        return await self.begin_on(target, command, channel=channel).finished(within)

    def begin_on(
        self, target: Person | ShownMessage, command: str, *, channel: Channel | None = None
    ) -> PendingInteraction:
        kind = USER_MENU if isinstance(target, Person) else MESSAGE_MENU
        context, resolved = self.context(channel), Resolved()
        known = self._find_command(command, context, kind, forged=False)
        if isinstance(target, Person):
            target_id = str(resolved.add_value(target.profile))
        else:
            message = message_of(target)
            self._look_alike.messages.renew_links(message)
            target_id = resolved.add("messages", message.id, message.as_json())
        data = {**_command_fields(known, command, kind), "target_id": target_id, "resolved": resolved.parts}
        return self._send(InteractionType.APPLICATION_COMMAND, data, context)

    async def press(self, shown: ShownMessage, button: str, *, within: float | None = None) -> Reply:
        """Press the button with that label or custom id."""
        return await self.begin_press(shown, button).finished(within)

    def begin_press(self, shown: ShownMessage, button: str) -> PendingInteraction:
        return self._use_component(shown, button_data(shown, button))

    async def choose(
        self, shown: ShownMessage, menu: str, *chosen: object, within: float | None = None
    ) -> Reply:
        """Choose in a menu: values, or members, roles and channels."""
        return await self.begin_choice(shown, menu, *chosen).finished(within)

    def begin_choice(self, shown: ShownMessage, menu: str, *chosen: object) -> PendingInteraction:
        plain = [self._as_discord_object(value, self.context(None).channel) for value in chosen]
        return self._use_component(shown, select_data(shown, menu, plain))

    async def submit(
        self, reply: Reply, *, forged: bool = False, within: float | None = None, **fields: object
    ) -> Reply:
        """Fill in and send the modal that the bot answered with; fields by custom id.

        `forged` skips what Discord's client checks: that the modal was opened for this member, where they are, and
        what its fields take.
        """
        return await self.begin_submit(reply, fields, forged=forged).finished(within)

    def begin_submit(
        self, reply: Reply, fields: Mapping[str, object], *, forged: bool = False
    ) -> PendingInteraction:
        if reply.modal is None:
            raise RefusedByDiscord("The bot did not open a modal")
        opened_in = reply.interaction.context
        if opened_in.user is not self.profile.user and not forged:
            raise RefusedByDiscord(f"The modal was not opened for {self.name}")
        if not forged:
            self._check_presence(opened_in, reply.interaction.source)
        context = self.context(None) if forged else opened_in
        given = {name: self._as_discord_object(value, context.channel) for name, value in fields.items()}
        data = modal_submit_data(reply.modal, given, forged=forged, lookup=self._find_by_id)
        return self._send(InteractionType.MODAL_SUBMIT, data, context, reply.interaction.source)

    async def forge_press(
        self,
        target: ShownMessage | str,
        button: str = "",
        *,
        values: Sequence[object] | None = None,
        channel: Channel | None = None,
        within: float | None = None,
    ) -> Reply:
        """Press a button without the client's checks: of any message or of none, with any custom id, from anywhere."""
        pending = self.begin_forged_press(target, button, values=values, channel=channel)
        return await pending.finished(within)

    def begin_forged_press(
        self,
        target: ShownMessage | str,
        button: str = "",
        *,
        values: Sequence[object] | None = None,
        channel: Channel | None = None,
    ) -> PendingInteraction:
        context, bot = self.context(channel), self._look_alike.state.bot
        if isinstance(target, str):
            wanted, message = target, forged_message(self._look_alike.messages, bot, context.channel, target)
        else:
            wanted, message = button, message_of(target)
        plain = (
            None if values is None else [self._as_discord_object(value, context.channel) for value in values]
        )
        return self._send(
            InteractionType.MESSAGE_COMPONENT, forged_component_data(message, wanted, plain), context, message
        )

    async def forge_submit(
        self,
        custom_id: str,
        *,
        channel: Channel | None = None,
        source: ShownMessage | None = None,
        within: float | None = None,
        **fields: object,
    ) -> Reply:
        """Send a modal that the bot never opened."""
        context = self.context(channel)
        given = {name: self._as_discord_object(value, context.channel) for name, value in fields.items()}
        message = None if source is None else message_of(source)
        return await self._send(
            InteractionType.MODAL_SUBMIT, forged_modal_data(custom_id, given), context, message
        ).finished(within)

    def _use_component(self, shown: ShownMessage, data: Json) -> PendingInteraction:
        message = self._visible_message(shown)
        context = self.context(message.channel)
        self._check_presence(context, message)
        return self._send(InteractionType.MESSAGE_COMPONENT, data, context, message)

    async def suggestions(
        self, command: str, focused: str, typed: str = "", *, channel: Channel | None = None, **named: object
    ) -> list[Json]:
        """What autocomplete offers for one option while it is being typed."""
        pending = self.begin_typing(command, focused, typed, channel=channel, **named)
        return (await pending.finished()).choices

    def begin_typing(
        self, command: str, focused: str, typed: str = "", *, channel: Channel | None = None, **named: object
    ) -> PendingInteraction:
        name, *path = command.split()
        context = self.context(channel)
        known = self._find_command(name, context, CHAT_INPUT, forged=False)
        resolved = Resolved()
        packed = command_options(known, path, {**named, focused: typed}, resolved, forged=True)
        _focus(packed, focused)
        data = {**_command_fields(known, name, CHAT_INPUT), "options": packed, "resolved": resolved.parts}
        return self._send(InteractionType.AUTOCOMPLETE, data, context)

    def _find_command(
        self, name: str, context: InteractionContext, kind: int, *, forged: bool
    ) -> Json | None:
        guild_id = None if context.guild is None else context.guild.id
        self._check_presence(context)
        command = self._look_alike.commands.find(name, guild_id, kind)
        if command is None and not forged:
            raise RefusedByDiscord(f"There is no command {name!r}")
        if command is not None and not forged:
            overwrites = self._look_alike.commands.permission_overwrites(guild_id, name)
            check_visible(command, context, overwrites)
        return command


def _command_fields(command: Json | None, name: str, kind: int) -> Json:
    identity = "0" if command is None else command["id"]
    guild = {} if command is None or "guild_id" not in command else {"guild_id": command["guild_id"]}
    return {"id": identity, "name": name, "type": kind, **guild}


def _focus(options: list[Json], name: str) -> None:
    for option in options:
        if option["name"] == name and "value" in option:
            option["focused"] = True
        _focus(option.get("options") or [], name)
