"""What a bot may answer to an interaction, and what each answer does to the conversation."""

from __future__ import annotations

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

MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
_ALLOWED = {
    InteractionType.APPLICATION_COMMAND: {MESSAGE, DEFERRED_MESSAGE, MODAL},
    InteractionType.MESSAGE_COMPONENT: {MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, MODAL},
    InteractionType.AUTOCOMPLETE: {CHOICES},
    InteractionType.MODAL_SUBMIT: {MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE},
}


class Responses:
    """First answers, edits and follow-ups."""

    def __init__(self, state: DiscordState, interactions: Interactions) -> None:
        self._state, self._interactions = state, interactions
        self._messages = interactions.messages

    def respond(self, identity: int, token: str, form: RequestBody, now: float) -> Json:
        """The first answer: what `with_response` returns."""
        interaction = self._interactions.find_unacknowledged(identity, token, now)
        kind, data = form.payload.get("type"), form.payload.get("data") or {}
        if kind not in _ALLOWED[interaction.kind] or (
            kind in (DEFERRED_UPDATE, UPDATE) and interaction.source is None
        ):
            form_errors = FormErrors()
            form_errors.add(("type",), "BASE_TYPE_CHOICES", f"Not an answer to this interaction: {kind!r}")
            form_errors.raise_if_any()
        message = self._apply(interaction, int(kind or 0), RequestBody(data, form.files))
        interaction.acknowledge(int(kind or 0), now)
        return _callback_response(interaction, int(kind or 0), message)

    def _apply(self, interaction: Interaction, kind: int, form: RequestBody) -> Message | None:
        match kind:
            case 4:
                self._interactions.set_original_response(interaction, self._say(interaction, form))
            case 5:
                self._interactions.set_original_response(interaction, self._think(interaction, form))
            case 6:
                interaction.original = interaction.source
            case 7:
                interaction.original = self._update_source(interaction, form)
            case 8:
                interaction.choices = _checked_choices(form.payload)
            case _:
                check_modal(form.payload)
                interaction.modal = {**form.payload, "components": as_stored(form.payload["components"])}
        return interaction.original

    def _limit(self, interaction: Interaction) -> int:
        return self._state.upload_limit(interaction.context.channel)

    def _say(self, interaction: Interaction, form: RequestBody) -> Message:
        ephemeral = bool(int(form.payload.get("flags") or 0) & EPHEMERAL)
        flags = EPHEMERAL if ephemeral else 0
        message = self._interactions.new_response(interaction, flags, ephemeral=ephemeral)
        return self._messages.add(message, form, self._limit(interaction))

    def _think(self, interaction: Interaction, form: RequestBody) -> Message:
        ephemeral = bool(int(form.payload.get("flags") or 0) & EPHEMERAL)
        flags = LOADING | (EPHEMERAL if ephemeral else 0)
        return self._messages.add(self._interactions.new_response(interaction, flags, ephemeral=ephemeral))

    def _update_source(self, interaction: Interaction, form: RequestBody) -> Message | None:
        if interaction.source is not None:
            self._messages.edit(interaction.source, form, self._limit(interaction))
        return interaction.source

    def follow_up(self, token: str, form: RequestBody, now: float) -> Message:
        """The first one after a deferral edits the deferred reply, whatever flags it asks for."""
        interaction = self._interactions.find_acknowledged(token, now)
        self._check_channel_exists(interaction.context.channel)
        original = interaction.original
        if original is not None and original.thinking and not original.deleted:
            self._messages.edit(original, form, self._limit(interaction))
            message = original
        else:
            message = self._say(interaction, form)
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
        """By this route, a deleted channel is said to be a deleted message (AAA3A-cogs #120)."""
        if channel.guild is not None and not channel.guild.has(channel):
            raise errors.unknown_message()

    def edit(self, token: str, message_id: str, form: RequestBody, now: float) -> Message:
        interaction, message = self.find(token, message_id, now)
        self._messages.edit(message, form, self._limit(interaction))
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


def _callback_response(interaction: Interaction, kind: int, message: Message | None) -> Json:
    about: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    resource: Json = {"type": kind}
    if message is not None:
        about |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.thinking,
            "response_message_ephemeral": message.ephemeral,
        }
        resource["message"] = message.as_json()
    return {"interaction": about, "resource": resource}
