"""The options of a command, looked at once more: Discord checks them, but nothing should break if it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import AppCommandOptionType, app_commands

from bot.core.errors import InvalidOption
from bot.ui.text import storable

LONGEST_TEXT = 6000  # Discord's own limit
LARGEST_NUMBER = 2**53  # and of its numbers
LARGEST_ID = 2**63 - 1  # as databases have them; Discord's ids get there in 2084
_NESTING = frozenset({AppCommandOptionType.subcommand.value, AppCommandOptionType.subcommand_group.value})
_TEXT = AppCommandOptionType.string
_NUMBERS = {
    AppCommandOptionType.integer: (int,),
    AppCommandOptionType.number: (int, float),
    AppCommandOptionType.boolean: (bool,),
}


def check_options(interaction: discord.Interaction) -> None:
    """Raises InvalidOption for a value that no client of Discord sends. Texts lose what can't be stored."""
    command = interaction.command
    if not isinstance(command, app_commands.Command):
        return
    known = {parameter.display_name: parameter for parameter in command.parameters}
    data: Any = interaction.data or {}
    given: Sequence[dict[str, Any]] = data.get("options") or ()
    while given and given[0].get("type") in _NESTING:  # the names of the sub-commands around them
        given = given[0].get("options") or ()
    names = {str(option.get("name")) for option in given}
    if missing := [name for name, one in known.items() if one.required and name not in names]:
        raise InvalidOption(missing[0])
    for option in given:
        parameter = known.get(str(option.get("name")))
        if parameter is None or not _possible(parameter, option.get("value")):
            raise InvalidOption(str(option.get("name")))
        if parameter.type is _TEXT:
            option["value"] = storable(option["value"])


def is_elsewhere(interaction: discord.Interaction) -> bool:
    """Whether it is a command for servers, given in a direct message: so it can only be one that is left over."""
    command = interaction.command
    root = (command.root_parent or command) if isinstance(command, app_commands.Command) else command
    contexts = root.allowed_contexts if root else None
    return interaction.guild_id is None and contexts is not None and not contexts.dm_channel


def _possible(parameter: app_commands.Parameter, value: object) -> bool:
    if parameter.choices and value not in [choice.value for choice in parameter.choices]:
        return False
    if parameter.type is _TEXT:
        return isinstance(value, str) and len(value) <= LONGEST_TEXT
    if types := _NUMBERS.get(parameter.type):
        of_type = isinstance(value, types) and (isinstance(value, bool) == (types == (bool,)))
        return of_type and -LARGEST_NUMBER <= value <= LARGEST_NUMBER  # type: ignore[operator]  # a number
    return is_id(value)


def is_id(value: object) -> bool:
    """Whether it is one of Discord's ids, as text."""
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and len(value) <= len(str(LARGEST_ID))
        and int(value) <= LARGEST_ID
    )
