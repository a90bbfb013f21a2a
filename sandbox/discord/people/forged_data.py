"""Interaction data that Discord's client would not send: any custom id, any values, any modal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.discord.kit.components import (
    BUTTON,
    CHANNEL_SELECT,
    CHECKBOX,
    FILE_UPLOAD,
    LABEL,
    MENTIONABLE_SELECT,
    ROLE_SELECT,
    ROW,
    STRING_SELECT,
    TEXT_INPUT,
    USER_SELECT,
    walk,
)
from sandbox.discord.kit.errors import Json
from sandbox.discord.people.option_data import Resolved
from sandbox.discord.state.guilds import Channel, GuildMember
from sandbox.discord.state.media import Attachment
from sandbox.discord.state.messages import Message, Messages
from sandbox.discord.state.users import Role, User

_SELECT_TYPES: list[tuple[type | tuple[type, ...], int]] = [
    ((GuildMember, User), USER_SELECT),
    (Role, ROLE_SELECT),
    (Channel, CHANNEL_SELECT),
    (Attachment, FILE_UPLOAD),
    (str, STRING_SELECT),
]


def forged_component_data(message: Message, wanted: str, values: Sequence[object] | None) -> Json:
    """For the component with that label or custom id, or for one that the message does not have."""
    known = [one for one in walk(message.components) if one.get("custom_id")]
    found = next((one for one in known if wanted in (one["custom_id"], one.get("label"))), None)
    default_type = BUTTON if values is None else _select_type(values)
    fits = found is not None and (found["type"] == BUTTON) == (values is None)
    resolved = Resolved()
    data: Json = {
        "custom_id": wanted if found is None else found["custom_id"],
        "component_type": found["type"] if found is not None and fits else default_type,
        "id": 1 if found is None else found.get("id", 0),
    }
    if values is not None:
        data["values"] = [resolved.add_value(value) for value in values]
        data["resolved"] = resolved.parts
    return data


def forged_message(messages: Messages, author: User, channel: Channel, custom_id: str) -> Message:
    """A message of the bot that nobody ever saw, with a button of that custom id."""
    message = messages.new(channel, author)
    button = {"type": BUTTON, "id": 2, "style": 1, "label": "Forged", "custom_id": custom_id}
    message.components = [{"type": ROW, "id": 1, "components": [button]}]
    return message


def forged_modal_data(custom_id: str, fields: Mapping[str, object]) -> Json:
    """A modal that the bot never opened: text inputs (str), checkboxes (bool), select menus (lists)."""
    resolved = Resolved()
    rows = [
        {"type": LABEL, "id": 2 * number + 1, "component": _field(name, value, 2 * number + 2, resolved)}
        for number, (name, value) in enumerate(fields.items())
    ]
    return {"custom_id": custom_id, "components": rows, "resolved": resolved.parts}


def _field(name: str, value: object, identity: int, resolved: Resolved) -> Json:
    about: Json = {"custom_id": name, "id": identity}
    if isinstance(value, bool):
        return {**about, "type": CHECKBOX, "value": value}
    if isinstance(value, str):
        return {**about, "type": TEXT_INPUT, "value": value}
    things = value if isinstance(value, Sequence) else [value]
    return {**about, "type": _select_type(things), "values": [resolved.add_value(thing) for thing in things]}


def _select_type(things: Sequence[object]) -> int:
    kinds = {kind for thing in things for types, kind in _SELECT_TYPES if isinstance(thing, types)}
    if kinds == {USER_SELECT, ROLE_SELECT}:
        return MENTIONABLE_SELECT
    return next(iter(kinds), STRING_SELECT)
