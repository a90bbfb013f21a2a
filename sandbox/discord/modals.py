"""Modals as Discord's client sends them: fields keep what they were filled with unless somebody changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.discord.component_limits import (
    CHECKBOX,
    CHECKBOX_GROUP,
    LABEL,
    RADIO_GROUP,
    SELECTS,
    STRING_SELECT,
    TEXT_INPUT,
    modal_fields,
)
from sandbox.discord.errors import Json, RefusedByDiscord
from sandbox.discord.options import Resolved
from sandbox.discord.problems import utf16_length


def modal_data(modal: Json, given: Mapping[str, object], *, forged: bool) -> Json:
    """The submission. Texts and choices are strings, ticks are bools, menus take one thing or a list of things."""
    fields = {field["custom_id"]: field for field in modal_fields(modal["components"])}
    unknown = set(given) - set(fields)
    if unknown and not forged:
        raise RefusedByDiscord(f"The modal has no field {sorted(unknown)}, only {sorted(fields)}")
    resolved = Resolved()
    filled = {name: _filled(field, given.get(name), resolved) for name, field in fields.items()}
    if not forged:
        for name, field in fields.items():
            _check(name, field, filled[name])
    rows = [_submitted_row(row, filled) for row in modal["components"]]
    data: Json = {"custom_id": modal["custom_id"], "components": rows}
    return {**data, "resolved": resolved.parts} if resolved.parts else data


def held(modal: Json) -> dict[str, Any]:
    """What each field is filled with when the modal opens, by custom id."""
    fields = modal_fields(modal["components"])
    return {field["custom_id"]: _filled(field, None, Resolved()) for field in fields}


def _filled(field: Json, given: object, resolved: Resolved) -> Any:
    kind = field["type"]
    if kind == TEXT_INPUT:
        return field.get("value") or "" if given is None else str(given)
    if kind == CHECKBOX:
        return bool(field.get("default", False) if given is None else given)
    if kind == RADIO_GROUP:
        return next(iter(_defaults(field)), None) if given is None else given
    if given is None:
        return _defaults(field)
    things = [given] if isinstance(given, str) or not isinstance(given, Sequence) else given
    return [resolved.add_value(thing) for thing in things]


def _defaults(field: Json) -> list[Any]:
    if field["type"] in SELECTS and field["type"] != STRING_SELECT:
        return [value["id"] for value in field.get("default_values") or []]
    return [option["value"] for option in field.get("options") or [] if option.get("default")]


def _check(name: str, field: Json, value: Any) -> None:
    kind, required = field["type"], field.get("required", True)
    if kind == TEXT_INPUT:
        least = field.get("min_length") or (1 if required else 0)
        most = field.get("max_length") or 4000
        if not least <= utf16_length(value) <= most and (value or required):
            raise RefusedByDiscord(f"The field {name!r} takes {least} to {most} characters")
    elif kind == RADIO_GROUP:
        offered = [option["value"] for option in field["options"]]
        if value not in offered and (required or value is not None):
            raise RefusedByDiscord(f"The field {name!r} offers {offered}, not {value!r}")
    elif kind in SELECTS | {CHECKBOX_GROUP}:
        least, most = field.get("min_values", 1), field.get("max_values", 1)
        if not (least if required else 0) <= len(value) <= most:
            raise RefusedByDiscord(f"The field {name!r} takes {least} to {most} values")


def _submitted_row(row: Json, filled: Mapping[str, Any]) -> Json:
    children = [_submitted(child, filled) for child in modal_fields([row])]
    kind = row.get("type")
    if kind == LABEL:
        return {"type": kind, "id": row.get("id", 0), "component": children[0]}
    return {"type": kind, "id": row.get("id", 0), "components": children}


def _submitted(field: Json, filled: Mapping[str, Any]) -> Json:
    name, kind = field["custom_id"], field["type"]
    said = "value" if kind in (TEXT_INPUT, RADIO_GROUP, CHECKBOX) else "values"
    return {"type": kind, "id": field.get("id", 0), "custom_id": name, said: filled[name]}
