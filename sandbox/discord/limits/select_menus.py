"""Discord's limits on what both messages and modals have: custom ids, options, and menus."""

from __future__ import annotations

from typing import Any, TypeAlias

from sandbox.discord.kit.components import (
    CHANNEL_SELECT,
    MENTIONABLE_SELECT,
    ROLE_SELECT,
    STRING_SELECT,
    USER_SELECT,
)
from sandbox.discord.kit.errors import Json
from sandbox.discord.limits.form_errors import FormErrors

FieldPath: TypeAlias = tuple[str | int, ...]
OPTIONS, CHOSEN = 25, 25
DEFAULT_VALUE_TYPES = {
    USER_SELECT: {"user"},
    ROLE_SELECT: {"role"},
    MENTIONABLE_SELECT: {"user", "role"},
    CHANNEL_SELECT: {"channel"},
}


def check_custom_id(errors: FormErrors, path: FieldPath, component: Json, seen: set[str]) -> None:
    custom_id = component.get("custom_id")
    errors.check_text((*path, "custom_id"), custom_id, 1, 100)
    if isinstance(custom_id, str):
        if custom_id in seen:
            message = "Component custom id cannot be duplicated"
            errors.add((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(custom_id)


def check_select(errors: FormErrors, path: FieldPath, select: Json, seen: set[str]) -> None:
    check_custom_id(errors, path, select, seen)
    errors.check_text((*path, "placeholder"), select.get("placeholder"), 0, 150, required=False)
    most = int_field(select, "max_values", 1)
    check_range(errors, path, select, CHOSEN)
    if select["type"] == STRING_SELECT:
        check_options(errors, path, select.get("options"), 1, OPTIONS)
        check_defaults(errors, path, select, most)
    else:
        _check_default_values(errors, path, select, most)


def int_field(field: Json, name: str, usual: int) -> int:
    """Null is as good as nothing."""
    value = field.get(name)
    return usual if value is None else int(value)


def check_range(errors: FormErrors, path: FieldPath, field: Json, ceiling: int) -> None:
    """`min_values` from 0, `max_values` from 1, neither over the ceiling nor each other."""
    least, most = field.get("min_values"), field.get("max_values")
    for name, value, floor in (("min_values", least, 0), ("max_values", most, 1)):
        if value is not None and not floor <= value <= ceiling:
            message = f"int value should be between {floor} and {ceiling}."
            errors.add((*path, name), "NUMBER_TYPE_RANGE", message)
    if least is not None and most is not None and least > most:
        message = "min_values must be less than or equal to max_values"
        errors.add((*path, "min_values"), "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE", message)


def check_options(errors: FormErrors, path: FieldPath, options: Any, least: int, most: int) -> None:
    if not errors.check_list((*path, "options"), options, most, least=least):
        return
    seen: set[str] = set()
    for index, option in enumerate(options):
        at = (*path, "options", index)
        errors.check_text((*at, "label"), option.get("label"), 1, 100)
        errors.check_text((*at, "value"), option.get("value"), 1, 100)
        errors.check_text((*at, "description"), option.get("description"), 0, 100, required=False)
        if option.get("value") in seen:
            message = "The specified option value is already used"
            errors.add((*at, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        seen.add(str(option.get("value")))


def check_defaults(errors: FormErrors, path: FieldPath, field: Json, most: int) -> None:
    """No more options are chosen from the start than may be chosen."""
    defaults = sum(bool(option.get("default")) for option in field.get("options") or [])
    if defaults > most:
        message = f"Must be {most} or fewer in length."
        errors.add((*path, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULTS", message)


def _check_default_values(errors: FormErrors, path: FieldPath, select: Json, most: int) -> None:
    """As many as may be chosen, or none, each of a type that the select offers."""
    values = select.get("default_values") or []
    least = int_field(select, "min_values", 1) if values else 0
    if not errors.check_list((*path, "default_values"), values, most, least=least):
        return
    for index, value in enumerate(values):
        if value.get("type") not in DEFAULT_VALUE_TYPES[select["type"]]:
            message = f"Value must be one of {sorted(DEFAULT_VALUE_TYPES[select['type']])}."
            errors.add((*path, "default_values", index, "type"), "BASE_TYPE_CHOICES", message)
        if not str(value.get("id")).isdigit():
            message = f'Value "{value.get("id")}" is not snowflake.'
            errors.add((*path, "default_values", index, "id"), "NUMBER_TYPE_COERCE", message)
