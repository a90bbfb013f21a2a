"""Discord's limits on buttons, menus and modals."""

from __future__ import annotations

from typing import Any, TypeAlias

from sandbox.discord.errors import Json
from sandbox.discord.problems import Problems

Place: TypeAlias = tuple[str | int, ...]
ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = frozenset({3, 5, 6, 7, 8})
SECTION, TEXT_DISPLAY, LABEL = 9, 10, 18
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23
LINK_STYLE, PREMIUM_STYLE = 5, 6
COMPONENTS_V2 = 1 << 15
V2_TOTAL = 40


def check_components(problems: Problems, rows: Any, *, is_v2: bool) -> None:
    most = V2_TOTAL if is_v2 else 5
    if not problems.check_list(("components",), rows, most):
        return
    if is_v2 and count_components(rows) > V2_TOTAL:
        problems.add(("components",), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {V2_TOTAL} in length.")
    seen: set[str] = set()
    for index, row in enumerate(rows):
        place: Place = ("components", index)
        if not is_v2 and row.get("type") != ROW:
            problems.add((*place, "type"), "BASE_TYPE_CHOICES", 'Value of field "type" must be one of (1,).')
        _check_component(problems, place, row, seen)


def count_components(components: list[Json]) -> int:
    return sum(1 + count_components(component.get("components") or []) for component in components)


def _check_component(problems: Problems, place: Place, component: Json, seen: set[str]) -> None:
    kind = component.get("type")
    if kind == ROW:
        _check_row(problems, place, component)
    elif kind == BUTTON:
        _check_button(problems, place, component, seen)
    elif kind in SELECTS:
        _check_select(problems, place, component, seen)
    elif kind == TEXT_DISPLAY:
        problems.check_text((*place, "content"), component.get("content"), 1, 4000)
    inner = list(component.get("components") or [])
    for index, child in enumerate(inner):
        _check_component(problems, (*place, "components", index), child, seen)
    if component.get("accessory"):
        _check_component(problems, (*place, "accessory"), component["accessory"], seen)


def _check_row(problems: Problems, place: Place, row: Json) -> None:
    inside = row.get("components")
    if not problems.check_list((*place, "components"), inside, 5, least=1):
        return
    width = sum(5 if child.get("type") in SELECTS else 1 for child in inside or [])
    if width > 5:
        message = "The specified component exceeds the maximum width"
        problems.add((*place, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)


def _check_custom_id(problems: Problems, place: Place, component: Json, seen: set[str]) -> None:
    custom_id = component.get("custom_id")
    problems.check_text((*place, "custom_id"), custom_id, 1, 100)
    if isinstance(custom_id, str):
        if custom_id in seen:
            message = "Component custom id cannot be duplicated"
            problems.add((*place, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(custom_id)


def _check_button(problems: Problems, place: Place, button: Json, seen: set[str]) -> None:
    style = button.get("style")
    if style == LINK_STYLE:
        problems.check_url((*place, "url"), button.get("url"), ("http", "https", "discord"))
    elif style != PREMIUM_STYLE:
        _check_custom_id(problems, place, button, seen)
    if style not in range(1, 7):
        problems.add((*place, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6).")
    problems.check_text((*place, "label"), button.get("label"), 0, 80, required=False)
    if not button.get("label") and not button.get("emoji") and style != PREMIUM_STYLE:
        problems.add(place, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A button needs a label or an emoji")


def _check_select(problems: Problems, place: Place, menu: Json, seen: set[str]) -> None:
    _check_custom_id(problems, place, menu, seen)
    problems.check_text((*place, "placeholder"), menu.get("placeholder"), 0, 150, required=False)
    if menu.get("type") != STRING_SELECT:
        return
    if not problems.check_list((*place, "options"), menu.get("options"), 25, least=1):
        return
    for index, option in enumerate(menu["options"]):
        at = (*place, "options", index)
        problems.check_text((*at, "label"), option.get("label"), 1, 100)
        problems.check_text((*at, "value"), option.get("value"), 1, 100)
        problems.check_text((*at, "description"), option.get("description"), 0, 100, required=False)


def check_modal(modal: Json) -> None:
    """Raise what Discord would answer to a modal (callback type 9)."""
    problems = Problems()
    problems.check_text(("data", "custom_id"), modal.get("custom_id"), 1, 100)
    problems.check_text(("data", "title"), modal.get("title"), 1, 45)
    rows = modal.get("components")
    if problems.check_list(("data", "components"), rows, 5, least=1):
        seen: set[str] = set()
        for index, row in enumerate(rows or []):
            _check_modal_row(problems, ("data", "components", index), row, seen)
    problems.raise_if_any()


def _check_modal_row(problems: Problems, place: Place, row: Json, seen: set[str]) -> None:
    if row.get("type") == LABEL:
        problems.check_text((*place, "label"), row.get("label"), 1, 45)
        problems.check_text((*place, "description"), row.get("description"), 0, 100, required=False)
    for child in modal_fields([row]):
        at = (*place, "components", 0)
        _check_custom_id(problems, at, child, seen)
        if child.get("type") == TEXT_INPUT:
            labelled = row.get("type") == ROW
            problems.check_text((*at, "label"), child.get("label"), 1, 45, required=labelled)
            most = child.get("max_length") or 4000
            problems.check_text((*at, "value"), child.get("value"), 0, most, required=False)
            problems.check_text((*at, "placeholder"), child.get("placeholder"), 0, 100, required=False)
        elif child.get("type") == RADIO_GROUP:
            _check_choices(problems, at, child, 2)
        elif child.get("type") == CHECKBOX_GROUP:
            _check_choices(problems, at, child, 1)
        elif child.get("type") in SELECTS:
            _check_prefilled(problems, at, child)


def _check_choices(problems: Problems, at: Place, group: Json, least: int) -> None:
    options = group.get("options")
    if not problems.check_list((*at, "options"), options, 10, least=least):
        return
    for index, option in enumerate(options or []):
        place = (*at, "options", index)
        problems.check_text((*place, "label"), option.get("label"), 1, 100)
        problems.check_text((*place, "value"), option.get("value"), 1, 100)
        problems.check_text((*place, "description"), option.get("description"), 0, 100, required=False)


def _check_prefilled(problems: Problems, at: Place, menu: Json) -> None:
    """A menu that has to be used cannot take nothing, and is filled with no more than it takes."""
    if menu.get("required", True) and menu.get("min_values", 1) == 0:
        problems.add((*at, "min_values"), "NUMBER_TYPE_MIN", "A required menu takes at least one value")
    most = menu.get("max_values", 1)
    problems.check_list((*at, "default_values"), menu.get("default_values") or [], most)


def modal_fields(rows: list[Json]) -> list[Json]:
    """What a member fills in, wherever it sits: in a row or in a label."""
    found: list[Json] = []
    for row in rows:
        found += row.get("components") or []
        if row.get("component"):
            found.append(row["component"])
    return found


def walk(components: list[Json]) -> list[Json]:
    """Every component of a message, the outer before the inner."""
    found: list[Json] = []
    for component in components:
        inner = list(component.get("components") or [])
        inner += [component["accessory"]] if component.get("accessory") else []
        found += [component, *walk(inner)]
    return found
