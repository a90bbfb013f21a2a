"""Modal submissions as Discord's client sends them: what a member leaves alone keeps its default."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sandbox.discord.kit.components import (
    CHECKBOX,
    CHECKBOX_GROUP,
    LABEL,
    RADIO_GROUP,
    SELECTS,
    STRING_SELECT,
    TEXT_DISPLAY,
    TEXT_INPUT,
    modal_fields,
)
from sandbox.discord.kit.errors import Json, RefusedByDiscord
from sandbox.discord.limits.form_errors import utf16_length
from sandbox.discord.limits.select_menus import int_field
from sandbox.discord.people.component_data import check_value_types
from sandbox.discord.people.option_data import Resolved

Lookup: TypeAlias = Callable[[int], object | None]


def modal_submit_data(
    modal: Json, given: Mapping[str, object], *, forged: bool, lookup: Lookup | None = None
) -> Json:
    """The submission. Texts and choices are strings, checkboxes are bools, select menus take one value or a list.

    `lookup` finds the object of a default value's id; one that no longer exists is not sent.
    """
    fields = {field["custom_id"]: field for field in modal_fields(modal["components"])}
    unknown = set(given) - set(fields)
    if unknown and not forged:
        raise RefusedByDiscord(f"The modal has no field {sorted(unknown)}, only {sorted(fields)}")
    resolved = Resolved()
    filled = {name: _value(field, given.get(name), resolved, lookup) for name, field in fields.items()}
    if not forged:
        for name, field in fields.items():
            _check(name, field, filled[name])
            check_value_types(field["type"], name, _as_list(given.get(name)))
    rows = [_submitted_row(row, filled) for row in modal["components"]]
    return {"custom_id": modal["custom_id"], "components": rows, "resolved": resolved.parts}


def initial_values(modal: Json) -> dict[str, Any]:
    """What each field is filled with when the modal opens, by custom id."""
    fields = modal_fields(modal["components"])
    return {field["custom_id"]: _value(field, None, Resolved(), None) for field in fields}


def _value(field: Json, given: object, resolved: Resolved, lookup: Lookup | None) -> Any:
    kind = field["type"]
    if kind == TEXT_INPUT:
        return field.get("value") or "" if given is None else str(given)
    if kind == CHECKBOX:
        return bool(field.get("default", False) if given is None else given)
    if kind == RADIO_GROUP:
        return next(iter(_default_options(field)), None) if given is None else given
    things = _default_selection(field, lookup) if given is None else _as_list(given)
    return [resolved.add_value(thing) for thing in things]


def _as_list(given: object) -> Sequence[object]:
    if given is None:
        return []
    return [given] if isinstance(given, str) or not isinstance(given, Sequence) else given


def _default_selection(field: Json, lookup: Lookup | None) -> list[object]:
    if field["type"] not in SELECTS or field["type"] == STRING_SELECT:
        return list(_default_options(field))
    ids = [str(value["id"]) for value in field.get("default_values") or []]
    if lookup is None:
        return [*ids]
    return [thing for thing in (lookup(int(one)) for one in ids) if thing is not None]


def _default_options(field: Json) -> list[str]:
    return [option["value"] for option in field.get("options") or [] if option.get("default")]


def _check(name: str, field: Json, value: Any) -> None:
    kind, required = field["type"], field.get("required", True)
    if kind == TEXT_INPUT:
        least = field.get("min_length") or (1 if required else 0)
        most = field.get("max_length") or 4000
        if not least <= utf16_length(value) <= most and (value or required):
            raise RefusedByDiscord(f"The field {name!r} takes {least} to {most} characters")
    elif kind == RADIO_GROUP:
        if value is not None or required:
            _check_offered(name, field, [value])
    elif kind != CHECKBOX:
        # `max_values` of a checkbox group defaults to all of its options.
        usual = len(field["options"]) if kind == CHECKBOX_GROUP else 1
        least, most = int_field(field, "min_values", 1), int_field(field, "max_values", usual)
        if not least <= len(value) <= most and (value or required):
            raise RefusedByDiscord(f"The field {name!r} takes {least} to {most} values")
        if kind in (STRING_SELECT, CHECKBOX_GROUP):
            _check_offered(name, field, value)


def _check_offered(name: str, field: Json, chosen: Sequence[object]) -> None:
    offered = [option["value"] for option in field["options"]]
    if not set(chosen) <= set(offered) or len(set(chosen)) < len(chosen):
        raise RefusedByDiscord(f"The field {name!r} offers {offered}, not {list(chosen)}")


def _submitted_row(row: Json, filled: Mapping[str, Any]) -> Json:
    if row.get("type") == TEXT_DISPLAY:
        return {"type": TEXT_DISPLAY, "id": row.get("id", 0)}
    children = []
    for field in modal_fields([row]):
        name, kind = field["custom_id"], field["type"]
        key = "value" if kind in (TEXT_INPUT, RADIO_GROUP, CHECKBOX) else "values"
        children.append({"type": kind, "id": field.get("id", 0), "custom_id": name, key: filled[name]})
    submitted = {"type": row.get("type"), "id": row.get("id", 0)}
    return submitted | ({"component": children[0]} if row.get("type") == LABEL else {"components": children})
