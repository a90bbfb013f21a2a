"""Discord's limits on the components of a message: action rows, or Components V2."""

from __future__ import annotations

from typing import Any, TypeAlias

from sandbox.discord.kit.components import (
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    ROW,
    SECTION,
    SELECTS,
    SEPARATOR,
    TEXT_DISPLAY,
    THUMBNAIL,
    text_contents,
    walk,
)
from sandbox.discord.kit.errors import Json
from sandbox.discord.limits.form_errors import FormErrors, utf16_length
from sandbox.discord.limits.select_menus import check_custom_id, check_select

FieldPath: TypeAlias = tuple[str | int, ...]
LINK_STYLE, PREMIUM_STYLE = 5, 6
V2_TOTAL, V2_TEXT, ITEMS, ALT_TEXT, LINK = 40, 4000, 10, 1024, 512
_TOP = frozenset({ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR, CONTAINER})
_CHILDREN: dict[int, tuple[frozenset[int], int, int]] = {
    ROW: (SELECTS | {BUTTON}, 1, 5),
    SECTION: (frozenset({TEXT_DISPLAY}), 1, 3),
    CONTAINER: (_TOP - {CONTAINER}, 1, V2_TOTAL),
}
_MEDIA_SCHEMES = ("http", "https", "attachment")


def check_components(errors: FormErrors, rows: Any, *, is_v2: bool) -> None:
    if not errors.check_list(("components",), rows, V2_TOTAL if is_v2 else 5):
        return
    allowed = _TOP if is_v2 else frozenset({ROW})
    seen: set[str] = set()
    for index, row in enumerate(rows):
        _check(errors, ("components", index), row, allowed, seen)
    if len(walk(rows)) > V2_TOTAL:
        errors.add(("components",), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {V2_TOTAL} in length.")
    if sum(utf16_length(text) for text in text_contents(rows)) > V2_TEXT:
        message = f"Components displayable text size exceeds maximum size of {V2_TEXT}"
        errors.add(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    ids = [one["id"] for one in walk(rows) if one.get("id")]
    if len(ids) != len(set(ids)):
        errors.add(("components",), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")


def check_type(errors: FormErrors, path: FieldPath, component: Any, allowed: frozenset[int]) -> bool:
    """Whether a component of its type is allowed there."""
    kind = component.get("type") if isinstance(component, dict) else None
    if kind in allowed:
        return True
    listed = ", ".join(map(str, sorted(allowed)))
    comma = "," if len(allowed) == 1 else ""
    message = f'Value of field "type" must be one of ({listed}{comma}).'
    errors.add((*path, "type"), "BASE_TYPE_CHOICES", message)
    return False


def _check(
    errors: FormErrors, path: FieldPath, component: Json, allowed: frozenset[int], seen: set[str]
) -> None:
    if not check_type(errors, path, component, allowed):
        return
    kind = component["type"]
    if kind in _CHILDREN:
        _check_children(errors, path, component, seen)
    elif kind == BUTTON:
        _check_button(errors, path, component, seen)
    elif kind in SELECTS:
        check_select(errors, path, component, seen)
    else:
        _check_content(errors, path, component)


def _check_content(errors: FormErrors, path: FieldPath, component: Json) -> None:
    match component["type"]:
        case 10:
            errors.check_text((*path, "content"), component.get("content"), 1, V2_TEXT)
        case 11:
            _check_media(errors, path, component, "media")
        case 12:
            items = component.get("items")
            if errors.check_list((*path, "items"), items, ITEMS, least=1):
                for index, item in enumerate(items or []):
                    _check_media(errors, (*path, "items", index), item, "media")
        case 13:
            _check_media(errors, path, component, "file", ("attachment",))
        case 14 if component.get("spacing", 1) not in (1, 2):
            errors.add((*path, "spacing"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")


def _check_children(errors: FormErrors, path: FieldPath, parent: Json, seen: set[str]) -> None:
    allowed, least, most = _CHILDREN[parent["type"]]
    children = parent.get("components")
    if errors.check_list((*path, "components"), children, most, least=least):
        for index, child in enumerate(children or []):
            _check(errors, (*path, "components", index), child, allowed, seen)
        width = sum(5 if child.get("type") in SELECTS else 1 for child in children or [])
        if parent["type"] == ROW and width > 5:
            message = "The specified component exceeds the maximum width"
            errors.add((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
    if parent["type"] == SECTION:
        accessory = frozenset({BUTTON, THUMBNAIL})
        _check(errors, (*path, "accessory"), parent.get("accessory") or {}, accessory, seen)
    colour = parent.get("accent_color")
    if colour is not None and not 0 <= colour <= 0xFFFFFF:
        errors.add((*path, "accent_color"), "NUMBER_TYPE_MAX", "int value should be at most 16777215.")


def _check_button(errors: FormErrors, path: FieldPath, button: Json, seen: set[str]) -> None:
    style = button.get("style")
    if style == LINK_STYLE:
        errors.check_url((*path, "url"), button.get("url"), ("http", "https", "discord"))
        errors.check_text((*path, "url"), button.get("url"), 0, LINK, required=False)
    elif style != PREMIUM_STYLE:
        check_custom_id(errors, path, button, seen)
    if style not in range(1, 7):
        errors.add((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6).")
    errors.check_text((*path, "label"), button.get("label"), 0, 80, required=False)
    if not button.get("label") and not button.get("emoji") and style != PREMIUM_STYLE:
        errors.add(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A button needs a label or an emoji")


def _check_media(
    errors: FormErrors, path: FieldPath, holder: Json, name: str, schemes: tuple[str, ...] = _MEDIA_SCHEMES
) -> None:
    errors.check_url((*path, name, "url"), (holder.get(name) or {}).get("url"), schemes)
    errors.check_text((*path, "description"), holder.get("description"), 0, ALT_TEXT, required=False)
