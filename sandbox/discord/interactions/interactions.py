"""Interactions: Discord's 3 seconds, its 15 minutes, and what an answer does."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.interactions.payloads import Kind, Place, payload
from sandbox.discord.kit import errors
from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.notifier import Changes
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
    """One thing a member did, and what became of it. Times are on the loop's clock."""

    id: int
    token: str
    kind: Kind
    place: Place
    sent_at: float
    token_expires_at: float
    respond_by: float
    source: Message | None = None
    answered_with: int | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[Json] | None = None
    modal: Json | None = None
    acknowledged_at: float | None = None
    finished_at: float | None = None
    gave_up: bool = False
    name: str = ""
    payload: Json = field(default_factory=dict, repr=False)
    changes: Changes = field(default_factory=Changes, repr=False)
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    @property
    def state(self) -> str:
        if self.answered_with is None:
            return "no answer" if self.gave_up else "waiting"
        if self.original is not None and self.original.deleted:
            return "deleted"
        if self.original is not None and self.original.thinking:
            return "thinking"
        return "done"

    def acknowledge(self, kind: int, now: float) -> None:
        if self.timer is not None:
            self.timer.cancel()
        self.answered_with, self.acknowledged_at = kind, now
        self.changed(now)

    def changed(self, now: float) -> None:
        """Note the end, once it is there, and wake whoever waits."""
        if self.finished_at is None and self.state not in ("waiting", "thinking"):
            self.finished_at = now
        self.changes.announce()

    def expire_token(self) -> None:
        """As if the 15 minutes were over."""
        self.token_expires_at = asyncio.get_running_loop().time()

    def let_pass(self, seconds: float) -> None:
        """As if it had been sent so much earlier."""
        self.token_expires_at -= seconds
        self.respond_by -= seconds

    def give_up(self) -> None:
        """The member reads 'The application did not respond'."""
        if self.answered_with is None:
            self.gave_up = True
            self.changed(asyncio.get_running_loop().time())

    def metadata(self) -> Json:
        owners = {"0": str(self.place.guild.id) if self.place.guild else "0"}
        common: Json = {"id": str(self.id), "type": int(self.kind), "user": self.place.user.as_json()}
        return {**common, "authorizing_integration_owners": owners}


class Interactions:
    """All that are open, by id and by token."""

    def __init__(self, state: DiscordState, ids: Snowflakes, gateway: Gateway, messages: Messages) -> None:
        self._state, self._ids, self._gateway, self.messages = state, ids, gateway, messages
        self.deadlines = Deadlines()
        self._by_id: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self._by_reply: dict[int, Interaction] = {}
        messages.told = self._told
        self.altered: Callable[[Json], Any] = lambda payload: payload
        """What the bot is sent instead of an interaction's payload, from the payload that is right."""
        self.all: list[Interaction] = []

    def send(
        self, kind: Kind, data: Json, place: Place, source: Message | None = None, more: Json | None = None
    ) -> Interaction:
        """Tell the bot, and start the 3 seconds."""
        interaction = self._opened(kind, data, place, source)
        body = payload(
            place,
            kind,
            data,
            identity=interaction.id,
            token=interaction.token,
            application_id=self._state.bot.id,
            upload_limit=self._state.upload_limit(place.channel),
        )
        body |= more or {}
        if source is not None:
            body["message"] = source.as_json()
        interaction.payload = self.altered(body)
        self.send_again(interaction)
        return interaction

    def send_again(self, interaction: Interaction) -> None:
        """The same event once more, as a gateway may replay it."""
        guild = interaction.place.guild
        self._gateway.dispatch("INTERACTION_CREATE", interaction.payload, None if guild is None else guild.id)

    def _opened(self, kind: Kind, data: Json, place: Place, source: Message | None) -> Interaction:
        loop = asyncio.get_running_loop()
        now, token = loop.time(), secrets.token_urlsafe(96)
        ends = now + self.deadlines.token
        late = now + self.deadlines.first_response
        interaction = Interaction(self._ids.make(), token, kind, place, now, ends, late, source)
        interaction.name = _spoken(data)
        interaction.timer = loop.call_at(late, interaction.give_up)
        self._by_id[interaction.id] = self._by_token[token] = interaction
        self.all.append(interaction)
        return interaction

    def forget(self) -> None:
        """Let go of all that is over."""
        self.all = [one for one in self.all if one.finished_at is None]
        self._by_id = {one.id: one for one in self.all}
        self._by_token = {one.token: one for one in self.all}
        self._by_reply = {one.original.id: one for one in self.all if one.original is not None}

    def replied(self, interaction: Interaction, message: Message) -> None:
        """What becomes of the message is what becomes of the interaction, whoever edits or deletes it."""
        interaction.original = message
        self._by_reply[message.id] = interaction

    def _told(self, message: Message) -> None:
        interaction = self._by_reply.get(message.id)
        if interaction is not None and interaction.answered_with is not None:
            interaction.changed(asyncio.get_running_loop().time())

    def to_acknowledge(self, identity: int, token: str, now: float) -> Interaction:
        interaction = self._by_id.get(identity)
        if interaction is None or interaction.token != token:
            raise errors.unknown_interaction()
        if interaction.answered_with is not None:
            raise errors.already_acknowledged()
        if interaction.gave_up or now > interaction.respond_by:
            raise errors.unknown_interaction()
        return interaction

    def by_token(self, token: str, now: float) -> Interaction:
        """The acknowledged interaction that this webhook token speaks for."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.answered_with is None:
            raise errors.unknown_webhook()
        if now > interaction.token_expires_at:
            raise errors.token_expired()
        return interaction

    def blank_reply(self, interaction: Interaction, flags: int, *, ephemeral: bool) -> Message:
        only_for = interaction.place.user if ephemeral else None
        message = self.messages.blank(interaction.place.channel, self._state.bot, flags, only_for)
        message.origin = {
            "application_id": str(self._state.bot.id),
            "webhook_id": str(self._state.bot.id),
            "interaction_metadata": interaction.metadata(),
            "type": 20 if interaction.kind == Kind.COMMAND else 0,
        }
        return message


def _spoken(data: Json) -> str:
    """What the member used: a command with its sub-commands, or a component."""
    words, options = [str(data.get("name") or data.get("custom_id"))], data.get("options") or []
    while options and options[0]["type"] in (1, 2):
        words.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join(words)
