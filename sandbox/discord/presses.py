"""Buttons, menus and modals: what Discord's client sends when a member uses one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.discord.component_limits import BUTTON, LABEL, SELECTS, STRING_SELECT, TEXT_INPUT, modal_fields
from sandbox.discord.errors import Json, RefusedByDiscord
from sandbox.discord.options import Resolved
from sandbox.discord.problems import utf16_length
from sandbox.discord.seen import Seen


def button_data(seen: Seen, wanted: str) -> Json:
    """The press of the button with that label or custom id."""
    button = _find(seen, wanted, frozenset({BUTTON}))
    if button.get("disabled"):
        raise RefusedByDiscord(f"The button {wanted!r} is greyed out")
    if not button.get("custom_id"):
        raise RefusedByDiscord(f"The button {wanted!r} is a link: the bot does not hear of it")
    return {"custom_id": button["custom_id"], "component_type": BUTTON, "id": button.get("id", 0)}


def menu_data(seen: Seen, wanted: str, chosen: Sequence[object]) -> Json:
    """The choice of these values (or members, roles, channels) in the menu of that custom id."""
    menu = _find(seen, wanted, SELECTS)
    least, most = menu.get("min_values", 1), menu.get("max_values", 1)
    if menu.get("disabled") or not least <= len(chosen) <= most:
        raise RefusedByDiscord(f"The menu {wanted!r} takes {least} to {most} values")
    if menu["type"] == STRING_SELECT:
        offered = [option["value"] for option in menu["options"]]
        if not set(chosen) <= set(offered):
            raise RefusedByDiscord(f"The menu {wanted!r} offers {offered}, not {list(chosen)}")
    resolved = Resolved()
    values = [resolved.add_value(value) for value in chosen]
    data: Json = {"custom_id": menu["custom_id"], "component_type": menu["type"], "values": values}
    return {**data, "resolved": resolved.parts} if resolved.parts else data


def _find(seen: Seen, wanted: str, kinds: frozenset[int]) -> Json:
    known = [component for component in seen.components if component.get("type") in kinds]
    for component in known:
        if wanted in (component.get("label"), component.get("custom_id"), component.get("placeholder")):
            return component
    names = [component.get("label") or component.get("custom_id") for component in known]
    raise RefusedByDiscord(f"There is no {wanted!r} on this message, only {names}")


def modal_data(modal: Json, given: Mapping[str, str], *, forged: bool) -> Json:
    """The submission of a modal; fields not given keep what they were filled with."""
    fields = {field["custom_id"]: field for field in modal_fields(modal["components"])}
    unknown = set(given) - set(fields)
    if unknown and not forged:
        raise RefusedByDiscord(f"The modal has no field {sorted(unknown)}, only {sorted(fields)}")
    filled = {name: given.get(name, field.get("value") or "") for name, field in fields.items()}
    if not forged:
        for name, field in fields.items():
            _check_field(name, field, filled[name])
    rows = [_submitted_row(row, filled) for row in modal["components"]]
    return {"custom_id": modal["custom_id"], "components": rows}


def _check_field(name: str, field: Json, text: str) -> None:
    if field.get("type") != TEXT_INPUT:
        return
    least = field.get("min_length") or (1 if field.get("required", True) else 0)
    most = field.get("max_length") or 4000
    if not least <= utf16_length(text) <= most and (text or field.get("required", True)):
        raise RefusedByDiscord(f"The field {name!r} takes {least} to {most} characters")


def _submitted_row(row: Json, filled: Mapping[str, str]) -> Json:
    children = [_submitted(child, filled) for child in modal_fields([row])]
    kind = row.get("type")
    if kind == LABEL:
        return {"type": kind, "id": row.get("id", 0), "component": children[0]}
    return {"type": kind, "id": row.get("id", 0), "components": children}


def _submitted(field: Json, filled: Mapping[str, str]) -> Json:
    name, kind = field["custom_id"], field["type"]
    said: Json = {"value": filled[name]} if kind == TEXT_INPUT else {"values": [filled[name]]}
    return {"type": kind, "id": field.get("id", 0), "custom_id": name, **said}
