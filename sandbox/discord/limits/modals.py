"""Discord's limits on a modal, as a pure check."""

from __future__ import annotations

from typing import TypeAlias

from sandbox.discord.kit.components import (
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    ROW,
    SELECTS,
    TEXT_DISPLAY,
    TEXT_INPUT,
)
from sandbox.discord.kit.errors import Json
from sandbox.discord.limits.components import check_type
from sandbox.discord.limits.form_errors import FormErrors
from sandbox.discord.limits.select_menus import (
    check_custom_id,
    check_defaults,
    check_options,
    check_range,
    check_select,
    int_field,
)

FieldPath: TypeAlias = tuple[str | int, ...]
TITLE, ROWS, LABEL_TEXT, DESCRIPTION, TYPED = 45, 5, 45, 100, 4000
CHOICES, UPLOADS = 10, 10
_TOP = frozenset({ROW, TEXT_DISPLAY, LABEL})
_IN_A_LABEL = SELECTS | {TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX}


def check_modal(modal: Json) -> None:
    """Raise RestError 50035 for a modal that Discord would refuse."""
    errors = FormErrors()
    errors.check_text(("data", "custom_id"), modal.get("custom_id"), 1, 100)
    errors.check_text(("data", "title"), modal.get("title"), 1, TITLE)
    rows = modal.get("components")
    if errors.check_list(("data", "components"), rows, ROWS, least=1):
        seen: set[str] = set()
        for index, row in enumerate(rows or []):
            _check_row(errors, ("data", "components", index), row, seen)
    errors.raise_if_any()


def _check_row(errors: FormErrors, path: FieldPath, row: Json, seen: set[str]) -> None:
    if not check_type(errors, path, row, _TOP):
        return
    if row["type"] == TEXT_DISPLAY:
        errors.check_text((*path, "content"), row.get("content"), 1, TYPED)
    elif row["type"] == LABEL:
        errors.check_text((*path, "label"), row.get("label"), 1, LABEL_TEXT)
        errors.check_text((*path, "description"), row.get("description"), 0, DESCRIPTION, required=False)
        _check_field(errors, (*path, "component"), row.get("component") or {}, _IN_A_LABEL, seen)
    elif errors.check_list((*path, "components"), row.get("components"), 1, least=1):
        [field] = row["components"]
        at = (*path, "components", 0)
        errors.check_text((*at, "label"), field.get("label"), 1, LABEL_TEXT)
        _check_field(errors, at, field, frozenset({TEXT_INPUT}), seen)


def _check_field(
    errors: FormErrors, at: FieldPath, field: Json, allowed: frozenset[int], seen: set[str]
) -> None:
    if not check_type(errors, at, field, allowed):
        return
    if field.get("disabled"):
        errors.add((*at, "disabled"), "MODAL_COMPONENT_DISABLED", "A modal has no disabled components")
    if field.get("required", True) and field.get("min_values") == 0:
        message = "A required field takes at least one value"
        errors.add((*at, "min_values"), "NUMBER_TYPE_MIN", message)
    if field["type"] in SELECTS:
        check_select(errors, at, field, seen)
    else:
        check_custom_id(errors, at, field, seen)
        _check_type_limits(errors, at, field)


def _check_type_limits(errors: FormErrors, at: FieldPath, field: Json) -> None:
    match field["type"]:
        case 4:
            for name, floor in (("min_length", 0), ("max_length", 1)):
                value = field.get(name)
                if value is not None and not floor <= value <= TYPED:
                    message = f"int value should be between {floor} and {TYPED}."
                    errors.add((*at, name), "NUMBER_TYPE_RANGE", message)
            if field.get("style") not in (1, 2):
                errors.add((*at, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")
            most = field.get("max_length") or TYPED
            errors.check_text((*at, "value"), field.get("value"), 0, most, required=False)
            errors.check_text((*at, "placeholder"), field.get("placeholder"), 0, 100, required=False)
        case 19:
            check_range(errors, at, field, UPLOADS)
        case 21:
            check_options(errors, at, field.get("options"), 2, CHOICES)
            check_defaults(errors, at, field, 1)
        case 22:
            check_options(errors, at, field.get("options"), 1, CHOICES)
            check_range(errors, at, field, CHOICES)
            check_defaults(errors, at, field, int_field(field, "max_values", CHOICES))
