"""Discord's limits on the commands an application registers."""

from __future__ import annotations

import unicodedata
from typing import Any, TypeAlias

from sandbox.discord.kit.errors import Json
from sandbox.discord.limits.form_errors import FormErrors, utf16_length

FieldPath: TypeAlias = tuple[str | int, ...]
CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
STRING, INTEGER, NUMBER = 3, 4, 10
MOST_OF_A_KIND = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
OPTIONS = CHOICES = 25
STRING_LENGTH, WHOLE_COMMAND = 6000, 8000


def check_set(payloads: list[Json]) -> None:
    """Raise what Discord would answer to this whole set of commands."""
    errors = FormErrors()
    seen: set[tuple[str, int]] = set()
    for index, payload in enumerate(payloads):
        _check_command(errors, (index,), payload)
        key = (str(payload.get("name")), payload.get("type") or CHAT_INPUT)
        if key in seen:
            message = "Application command names must be unique"
            errors.add((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    for kind, most in MOST_OF_A_KIND.items():
        if sum(key[1] == kind for key in seen) > most:
            message = f"Maximum number of application commands reached ({most})"
            errors.add((), "APPLICATION_COMMANDS_MAXIMUM", message)
    errors.raise_if_any()


def check_command(payload: Json) -> None:
    errors = FormErrors()
    _check_command(errors, (), payload)
    errors.raise_if_any()


def _check_command(errors: FormErrors, path: FieldPath, payload: Json) -> None:
    kind = payload.get("type") or CHAT_INPUT
    if kind == CHAT_INPUT:
        _check_name(errors, (*path, "name"), payload.get("name"))
        errors.check_text((*path, "description"), payload.get("description"), 1, 100)
        _check_options(errors, (*path, "options"), payload.get("options"))
    else:
        errors.check_text((*path, "name"), payload.get("name"), 1, 32)
        if payload.get("description") or payload.get("options"):
            message = "Context select commands cannot have description or options"
            errors.add((*path, "description"), "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", message)
    if command_length(payload) > WHOLE_COMMAND:
        message = f"Command exceeds maximum size ({WHOLE_COMMAND})"
        errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", message)


def _check_name(errors: FormErrors, path: FieldPath, name: object) -> None:
    errors.check_text(path, name, 1, 32)
    if isinstance(name, str) and not (
        name == name.lower() and all(one in "-_'" or unicodedata.category(one)[0] in "LN" for one in name)
    ):
        errors.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(errors: FormErrors, path: FieldPath, options: Any) -> None:
    if not options or not errors.check_list(path, options, OPTIONS):
        return
    names: set[str] = set()
    optional_seen = False
    for index, option in enumerate(options):
        _check_option(errors, (*path, index), option)
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            errors.add((*path, index), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_seen = optional_seen or not option.get("required")
        if option.get("name") in names:
            message = "Application command options must have unique names"
            errors.add((*path, index), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message)
        names.add(str(option.get("name")))


def _check_option(errors: FormErrors, path: FieldPath, option: Json) -> None:
    _check_name(errors, (*path, "name"), option.get("name"))
    errors.check_text((*path, "description"), option.get("description"), 1, 100)
    if option.get("type") not in range(1, 12):
        errors.add((*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, …, 11).")
    if option.get("type") in (SUB_COMMAND, SUB_COMMAND_GROUP):
        _check_options(errors, (*path, "options"), option.get("options"))
    _check_choices(errors, path, option)
    _check_bounds(errors, path, option)


def _check_choices(errors: FormErrors, path: FieldPath, option: Json) -> None:
    choices = option.get("choices")
    if not choices or not errors.check_list((*path, "choices"), choices, CHOICES):
        return
    if option.get("autocomplete"):
        message = "Autocomplete options cannot have choices"
        errors.add((*path, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", message)
    for index, choice in enumerate(choices):
        check_choice(errors, (*path, "choices", index), choice)


def check_choice(errors: FormErrors, path: FieldPath, choice: Json) -> None:
    errors.check_text((*path, "name"), choice.get("name"), 1, 100)
    if isinstance(choice.get("value"), str):
        errors.check_text((*path, "value"), choice["value"], 0, 100)


def _check_bounds(errors: FormErrors, path: FieldPath, option: Json) -> None:
    for name, least in (("min_length", 0), ("max_length", 1)):
        value = option.get(name)
        if value is None:
            continue
        if option.get("type") != STRING or not least <= value <= STRING_LENGTH:
            message = f"int value should be between {least} and {STRING_LENGTH}, on a string option."
            errors.add((*path, name), "NUMBER_TYPE_RANGE", message)
    numeric = option.get("type") in (INTEGER, NUMBER)
    for name in ("min_value", "max_value"):
        if option.get(name) is not None and not numeric:
            errors.add((*path, name), "APPLICATION_COMMAND_OPTIONS_TYPE", "Only on numeric options.")


def command_length(payload: Json) -> int:
    """Characters in all: names, descriptions and values, the longest translation of each."""
    total = _longest(payload, "name") + _longest(payload, "description")
    total += sum(command_length(option) for option in payload.get("options") or [])
    for choice in payload.get("choices") or []:
        total += _longest(choice, "name") + utf16_length(str(choice.get("value", "")))
    return total


def _longest(payload: Json, name: str) -> int:
    translations = (payload.get(f"{name}_localizations") or {}).values()
    return max(utf16_length(str(text or "")) for text in (payload.get(name), *translations))
