"""Discord's limits on the commands an application registers."""

from __future__ import annotations

import unicodedata
from typing import Any, TypeAlias

from sandbox.discord.kit.errors import Json
from sandbox.discord.limits.form_errors import Problems, utf16_length

Place: TypeAlias = tuple[str | int, ...]
CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
STRING, INTEGER, NUMBER = 3, 4, 10
MOST_OF_A_KIND = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
OPTIONS = CHOICES = 25
STRING_LENGTH, WHOLE_COMMAND = 6000, 8000


def check_set(forms: list[Json]) -> None:
    """Raise what Discord would answer to this whole set of commands."""
    problems = Problems()
    seen: set[tuple[str, int]] = set()
    for index, form in enumerate(forms):
        _check_command(problems, (index,), form)
        key = (str(form.get("name")), form.get("type") or CHAT_INPUT)
        if key in seen:
            message = "Application command names must be unique"
            problems.add((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    for kind, most in MOST_OF_A_KIND.items():
        if sum(key[1] == kind for key in seen) > most:
            message = f"Maximum number of application commands reached ({most})"
            problems.add((), "APPLICATION_COMMANDS_MAXIMUM", message)
    problems.raise_if_any()


def check_command(form: Json) -> None:
    problems = Problems()
    _check_command(problems, (), form)
    problems.raise_if_any()


def _check_command(problems: Problems, place: Place, form: Json) -> None:
    kind = form.get("type") or CHAT_INPUT
    if kind == CHAT_INPUT:
        _check_name(problems, (*place, "name"), form.get("name"))
        problems.check_text((*place, "description"), form.get("description"), 1, 100)
        _check_options(problems, (*place, "options"), form.get("options"))
    else:
        problems.check_text((*place, "name"), form.get("name"), 1, 32)
        if form.get("description") or form.get("options"):
            message = "Context menu commands cannot have description or options"
            problems.add((*place, "description"), "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", message)
    if command_length(form) > WHOLE_COMMAND:
        message = f"Command exceeds maximum size ({WHOLE_COMMAND})"
        problems.add(place, "APPLICATION_COMMAND_TOO_LARGE", message)


def _check_name(problems: Problems, place: Place, name: object) -> None:
    problems.check_text(place, name, 1, 32)
    if isinstance(name, str) and not (name == name.lower() and all(map(_may_name, name))):
        problems.add(place, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _may_name(character: str) -> bool:
    return character in "-_'" or unicodedata.category(character)[0] in "LN"


def _check_options(problems: Problems, place: Place, options: Any) -> None:
    if not options or not problems.check_list(place, options, OPTIONS):
        return
    names: set[str] = set()
    optional_seen = False
    for index, option in enumerate(options):
        _check_option(problems, (*place, index), option)
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            problems.add((*place, index), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_seen = optional_seen or not option.get("required")
        if option.get("name") in names:
            message = "Application command options must have unique names"
            problems.add((*place, index), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message)
        names.add(str(option.get("name")))


def _check_option(problems: Problems, place: Place, option: Json) -> None:
    _check_name(problems, (*place, "name"), option.get("name"))
    problems.check_text((*place, "description"), option.get("description"), 1, 100)
    if option.get("type") not in range(1, 12):
        problems.add((*place, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, …, 11).")
    if option.get("type") in (SUB_COMMAND, SUB_COMMAND_GROUP):
        _check_options(problems, (*place, "options"), option.get("options"))
    _check_choices(problems, place, option)
    _check_bounds(problems, place, option)


def _check_choices(problems: Problems, place: Place, option: Json) -> None:
    choices = option.get("choices")
    if not choices or not problems.check_list((*place, "choices"), choices, CHOICES):
        return
    if option.get("autocomplete"):
        message = "Autocomplete options cannot have choices"
        problems.add((*place, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", message)
    for index, choice in enumerate(choices):
        check_choice(problems, (*place, "choices", index), choice)


def check_choice(problems: Problems, place: Place, choice: Json) -> None:
    problems.check_text((*place, "name"), choice.get("name"), 1, 100)
    if isinstance(choice.get("value"), str):
        problems.check_text((*place, "value"), choice["value"], 0, 100)


def _check_bounds(problems: Problems, place: Place, option: Json) -> None:
    for name, least in (("min_length", 0), ("max_length", 1)):
        value = option.get(name)
        if value is None:
            continue
        if option.get("type") != STRING or not least <= value <= STRING_LENGTH:
            message = f"int value should be between {least} and {STRING_LENGTH}, on a string option."
            problems.add((*place, name), "NUMBER_TYPE_RANGE", message)
    numeric = option.get("type") in (INTEGER, NUMBER)
    for name in ("min_value", "max_value"):
        if option.get(name) is not None and not numeric:
            problems.add((*place, name), "APPLICATION_COMMAND_OPTIONS_TYPE", "Only on numeric options.")


def command_length(form: Json) -> int:
    """Characters in all: names, descriptions and values, the longest translation of each."""
    total = _longest(form, "name") + _longest(form, "description")
    total += sum(command_length(option) for option in form.get("options") or [])
    for choice in form.get("choices") or []:
        total += _longest(choice, "name") + utf16_length(str(choice.get("value", "")))
    return total


def _longest(form: Json, name: str) -> int:
    translations = (form.get(f"{name}_localizations") or {}).values()
    return max(utf16_length(str(text or "")) for text in (form.get(name), *translations))
