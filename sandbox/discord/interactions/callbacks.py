"""How a bot may respond to an interaction, and what each type of callback does."""

from __future__ import annotations

from enum import IntEnum

from sandbox.discord.interactions.interactions import Interaction, Interactions
from sandbox.discord.interactions.payloads import InteractionType
from sandbox.discord.kit import errors
from sandbox.discord.kit.components import as_stored
from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.request_body import RequestBody
from sandbox.discord.limits.commands import check_choice
from sandbox.discord.limits.form_errors import FormErrors
from sandbox.discord.limits.modals import check_modal
from sandbox.discord.state.discord_state import DiscordState
from sandbox.discord.state.guilds import Channel
from sandbox.discord.state.messages import EPHEMERAL, LOADING, Message


class CallbackType(IntEnum):
    CHANNEL_MESSAGE_WITH_SOURCE = 4
    DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE = 5
    DEFERRED_UPDATE_MESSAGE = 6
    UPDATE_MESSAGE = 7
    APPLICATION_COMMAND_AUTOCOMPLETE_RESULT = 8
    MODAL = 9


_MESSAGES = {CallbackType.CHANNEL_MESSAGE_WITH_SOURCE, CallbackType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE}
_UPDATES = {CallbackType.DEFERRED_UPDATE_MESSAGE, CallbackType.UPDATE_MESSAGE}
_ALLOWED: dict[InteractionType, set[CallbackType]] = {
    InteractionType.APPLICATION_COMMAND: _MESSAGES | {CallbackType.MODAL},
    InteractionType.MESSAGE_COMPONENT: _MESSAGES | _UPDATES | {CallbackType.MODAL},
    InteractionType.AUTOCOMPLETE: {CallbackType.APPLICATION_COMMAND_AUTOCOMPLETE_RESULT},
    InteractionType.MODAL_SUBMIT: _MESSAGES | _UPDATES,
}


FOLLOWUPS_WITHOUT_BOT = 5
"""Messages after the first answer, where the bot was installed by its user alone.

https://docs.discord.com/developers/interactions/receiving-and-responding#create-followup-message
"""


class InteractionResponses:
    """The callback of an interaction, edits of its response, and follow-ups."""

    def __init__(self, state: DiscordState, interactions: Interactions) -> None:
        self._state, self._interactions = state, interactions
        self._messages = interactions.messages

    def respond(self, identity: int, token: str, body: RequestBody, now: float) -> Json:
        """The callback; returns what `with_response` asks for."""
        interaction = self._interactions.find_unacknowledged(identity, token, now)
        kind, data = body.payload.get("type"), body.payload.get("data") or {}
        if kind not in _ALLOWED[interaction.kind] or (kind in _UPDATES and interaction.source is None):
            form_errors = FormErrors()
            form_errors.add(("type",), "BASE_TYPE_CHOICES", f"Not an answer to this interaction: {kind!r}")
            raise form_errors.error()
        message = self._apply(interaction, CallbackType(kind), RequestBody(data, body.files))
        interaction.acknowledge(int(kind), now)
        about: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
        resource: Json = {"type": int(kind)}
        if message is not None:
            about |= {
                "response_message_id": str(message.id),
                "response_message_loading": message.thinking,
                "response_message_ephemeral": message.ephemeral,
            }
            resource["message"] = message.as_json()
        return {"interaction": about, "resource": resource}

    def _apply(self, interaction: Interaction, kind: CallbackType, body: RequestBody) -> Message | None:
        match kind:
            case CallbackType.CHANNEL_MESSAGE_WITH_SOURCE:
                message = self._add_message(interaction, body)
                self._interactions.set_original_response(interaction, message)
            case CallbackType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE:
                deferred = self._messages.add(self._new_message(interaction, body, LOADING))
                self._interactions.set_original_response(interaction, deferred)
            case CallbackType.DEFERRED_UPDATE_MESSAGE:
                interaction.original = interaction.source
            case CallbackType.UPDATE_MESSAGE:
                interaction.original = interaction.source
                if interaction.source is not None:
                    self._messages.edit(interaction.source, body, self._upload_limit(interaction))
            case CallbackType.APPLICATION_COMMAND_AUTOCOMPLETE_RESULT:
                interaction.choices = _checked_choices(body.payload)
            case CallbackType.MODAL:
                check_modal(body.payload)
                interaction.modal = {**body.payload, "components": as_stored(body.payload["components"])}
        return interaction.original

    def _upload_limit(self, interaction: Interaction) -> int:
        return self._state.upload_limit(interaction.context.channel)

    def _new_message(self, interaction: Interaction, body: RequestBody, flags: int = 0) -> Message:
        private = interaction.context.answers_are_private
        ephemeral = EPHEMERAL if private else int(body.payload.get("flags") or 0) & EPHEMERAL
        return self._interactions.new_response(interaction, flags | ephemeral, ephemeral=bool(ephemeral))

    def _add_message(self, interaction: Interaction, body: RequestBody) -> Message:
        return self._messages.add(self._new_message(interaction, body), body, self._upload_limit(interaction))

    def follow_up(self, token: str, body: RequestBody, now: float) -> Message:
        """The first one after a deferral edits the deferred reply, whatever its flags."""
        interaction = self._interactions.find_acknowledged(token, now)
        self._check_channel_exists(interaction.context.channel)
        original = interaction.original
        if original is not None and original.thinking and not original.deleted:
            self._messages.edit(original, body, self._upload_limit(interaction))
            message = original
        else:
            if not interaction.context.has_bot and len(interaction.followups) >= FOLLOWUPS_WITHOUT_BOT:
                raise errors.too_many_followups()
            message = self._add_message(interaction, body)
            interaction.followups.append(message)
        interaction.changed(now)
        return message

    def find(self, token: str, message_id: str, now: float) -> tuple[Interaction, Message]:
        interaction = self._interactions.find_acknowledged(token, now)
        wanted: list[Message | None] = [*interaction.followups, interaction.original]
        for message in wanted:
            if message is None or message.deleted:
                continue
            if message_id == str(message.id) or (
                message_id == "@original" and message is interaction.original
            ):
                self._check_channel_exists(message.channel)
                return interaction, message
        raise errors.unknown_message()

    @staticmethod
    def _check_channel_exists(channel: Channel) -> None:
        """Edits by token answer 10008 once the channel is deleted (AAA3A-cogs #120)."""
        if channel.guild is not None and not channel.guild.has(channel):
            raise errors.unknown_message()

    def edit(self, token: str, message_id: str, body: RequestBody, now: float) -> Message:
        interaction, message = self.find(token, message_id, now)
        self._messages.edit(message, body, self._upload_limit(interaction))
        interaction.changed(now)
        return message

    def delete(self, token: str, message_id: str, now: float) -> None:
        interaction, message = self.find(token, message_id, now)
        self._messages.delete(message)
        interaction.changed(now)


def _checked_choices(data: Json) -> list[Json]:
    form_errors = FormErrors()
    choices = data.get("choices") or []
    if form_errors.check_list(("data", "choices"), choices, 25):
        for index, choice in enumerate(choices):
            check_choice(form_errors, ("data", "choices", index), choice)
    form_errors.raise_if_any()
    return list(choices)
