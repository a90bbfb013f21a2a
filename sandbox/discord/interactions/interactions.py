"""Interactions: the 3 seconds to respond, the 15 minutes of their tokens, and what became of each."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.interactions.payloads import InteractionContext, InteractionType, payload
from sandbox.discord.kit import errors
from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.notifier import Notifier
from sandbox.discord.kit.snowflakes import Snowflakes
from sandbox.discord.state.discord_state import DiscordState
from sandbox.discord.state.messages import Message, Messages


@dataclass
class Deadlines:
    """In seconds; shorter ones let a test see a deadline pass without waiting for it."""

    first_response: float = 3.0
    token: float = 15 * 60.0


@dataclass(eq=False)
class Interaction:
    """One interaction and the responses to it. Times are on the event loop's clock, in seconds."""

    id: int
    token: str
    kind: InteractionType
    context: InteractionContext
    sent_at: float
    token_expires_at: float
    response_deadline: float
    source: Message | None = None
    callback_type: int | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[Json] | None = None
    modal: Json | None = None
    acknowledged_at: float | None = None
    finished_at: float | None = None
    timed_out: bool = False
    name: str = ""
    payload: Json = field(default_factory=dict, repr=False)
    changes: Notifier = field(default_factory=Notifier, repr=False)
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    @property
    def state(self) -> str:
        if self.callback_type is None:
            return "no answer" if self.timed_out else "waiting"
        if self.original is not None and self.original.deleted:
            return "deleted"
        if self.original is not None and self.original.thinking:
            return "thinking"
        if self.original is not None and self.original.in_progress:
            return "in progress"
        return "done"

    def acknowledge(self, kind: int, now: float) -> None:
        if self.timer is not None:
            self.timer.cancel()
        self.callback_type, self.acknowledged_at = kind, now
        self.changed(now)

    def changed(self, now: float) -> None:
        """Record when it was finished, and wake whoever waits."""
        if self.finished_at is None and self.state not in ("waiting", "thinking", "in progress"):
            self.finished_at = now
        self.changes.notify()

    def expire_token(self) -> None:
        """As if the 15 minutes were over."""
        self.token_expires_at = asyncio.get_running_loop().time()

    def age(self, seconds: float) -> None:
        """As if it had been sent so much earlier."""
        self.token_expires_at -= seconds
        self.response_deadline -= seconds

    def time_out(self) -> None:
        """The member reads 'The application did not respond'."""
        if self.callback_type is None:
            self.timed_out = True
            self.changed(asyncio.get_running_loop().time())

    @property
    def owners(self) -> Json:
        """Of a component or a form below a message, whoever that message's own interaction was possible by: it need not
        be the one who uses it.
        """
        return (self.source.owners if self.source else {}) or self.context.owners

    def metadata(self) -> Json:
        common: Json = {"id": str(self.id), "type": int(self.kind), "user": self.context.user.as_json()}
        return {**common, "authorizing_integration_owners": self.owners}


class Interactions:
    """Every interaction, by id and by token."""

    def __init__(self, state: DiscordState, ids: Snowflakes, gateway: Gateway, messages: Messages) -> None:
        self._state, self._ids, self._gateway, self.messages = state, ids, gateway, messages
        self.deadlines = Deadlines()
        self._by_id: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self._by_reply: dict[int, Interaction] = {}
        messages.on_change = self._message_changed
        self.alter_payload: Callable[[Json], Any] = lambda payload: payload
        """Returns what the bot is sent instead of the correct payload, from that payload."""
        self.all: list[Interaction] = []

    def send(
        self,
        kind: InteractionType,
        data: Json,
        context: InteractionContext,
        source: Message | None = None,
        more: Json | None = None,
    ) -> Interaction:
        """Dispatch it to the bot, and start the 3 seconds."""
        loop = asyncio.get_running_loop()
        now, token = loop.time(), secrets.token_urlsafe(96)
        deadline = now + self.deadlines.first_response
        interaction = Interaction(
            self._ids.make(), token, kind, context, now, now + self.deadlines.token, deadline, source
        )
        interaction.name = _command_name(data)
        interaction.timer = loop.call_at(deadline, interaction.time_out)
        self._by_id[interaction.id] = self._by_token[token] = interaction
        self.all.append(interaction)
        body = payload(
            context,
            kind,
            data,
            identity=interaction.id,
            token=interaction.token,
            application_id=self._state.bot.id,
            upload_limit=self._state.upload_limit(context.channel),
            owners=interaction.owners,
        )
        body |= more or {}
        if source is not None:
            self.messages.renew_links(source)
            body["message"] = source.as_json()
        interaction.payload = self.alter_payload(body)
        self.send_again(interaction)
        return interaction

    def send_again(self, interaction: Interaction) -> None:
        """The same event once more, as a gateway may replay it. By its user alone where its server has not the bot."""
        guild = interaction.context.guild if interaction.context.has_bot else None
        self._gateway.dispatch("INTERACTION_CREATE", interaction.payload, None if guild is None else guild.id)

    def clear_history(self) -> None:
        """Drop every finished interaction."""
        self.all = [one for one in self.all if one.finished_at is None]
        self._by_id = {one.id: one for one in self.all}
        self._by_token = {one.token: one for one in self.all}
        self._by_reply = {one.original.id: one for one in self.all if one.original is not None}

    def set_original_response(self, interaction: Interaction, message: Message) -> None:
        """From now on, an edit or deletion of the message, by anybody, changes the interaction."""
        interaction.original = message
        self._by_reply[message.id] = interaction

    def _message_changed(self, message: Message) -> None:
        interaction = self._by_reply.get(message.id)
        if interaction is not None and interaction.callback_type is not None:
            interaction.changed(asyncio.get_running_loop().time())

    def find_unacknowledged(self, identity: int, token: str, now: float) -> Interaction:
        interaction = self._by_id.get(identity)
        if interaction is None or interaction.token != token:
            raise errors.unknown_interaction()
        if interaction.callback_type is not None:
            raise errors.already_acknowledged()
        if interaction.timed_out or now > interaction.response_deadline:
            raise errors.unknown_interaction()
        return interaction

    def find_acknowledged(self, token: str, now: float) -> Interaction:
        """The acknowledged interaction with that token."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.callback_type is None:
            raise errors.unknown_webhook()
        if now > interaction.token_expires_at:
            raise errors.token_expired()
        return interaction

    def new_response(self, interaction: Interaction, flags: int, *, ephemeral: bool) -> Message:
        only_for = interaction.context.user if ephemeral else None
        message = self.messages.new(interaction.context.channel, self._state.bot, flags, only_for)
        message.origin = {
            "application_id": str(self._state.bot.id),
            "webhook_id": str(self._state.bot.id),
            "interaction_metadata": interaction.metadata(),
            "type": 20 if interaction.kind == InteractionType.APPLICATION_COMMAND else 0,
        }
        return message


def _command_name(data: Json) -> str:
    """The command with its sub-commands, or the component's custom id."""
    words, options = [str(data.get("name") or data.get("custom_id"))], data.get("options") or []
    while options and options[0]["type"] in (1, 2):
        words.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join(words)
