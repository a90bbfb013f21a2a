"""Which command was given, and whether its options are what this version of the bot has registered.

Discord checks options too, but by the commands that it has on record, which may be of another version of the bot.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import discord
from discord import AppCommandOptionType, app_commands

from bot.core.errors import InvalidOption
from bot.interactions.error_handling import answer_error, answer_outdated
from bot.ui.text import clean, cut, snowflake

log = logging.getLogger(__name__)

OF_ANOTHER_VERSION = (
    app_commands.CommandNotFound,
    app_commands.CommandSignatureMismatch,
    app_commands.TransformerError,
)
LONGEST_TEXT = 6000  # Discord's own limit
LARGEST_NUMBER = 2**53  # and of its numbers


class RoutedTree(app_commands.CommandTree[discord.Client]):
    """Calls a command only with options that fit it, and answers whatever a command raises."""

    async def _call(self, interaction: discord.Interaction[Any]) -> None:
        # discord.py 2.7.1 passes over options that a command no longer has, only logs what an autocompletion raises,
        # and lets whatever isn't an AppCommandError end the task unseen.
        try:
            data: Any = interaction.data
            if data.get("type", 1) != 1:  # from a menu, which has no options
                await super()._call(interaction)
                return
            command, options = self._get_app_command_options(data)
            parameters = {parameter.display_name: parameter for parameter in command.parameters}
            known = {(name, parameter.type.value) for name, parameter in parameters.items()}
            if not known.issuperset((option["name"], option["type"]) for option in options):
                raise app_commands.CommandSignatureMismatch(command)
            if interaction.type is discord.InteractionType.autocomplete:
                focused = next((option["name"] for option in options if option.get("focused")), None)
                if focused is None:
                    raise app_commands.CommandSignatureMismatch(command)
                namespace = app_commands.Namespace(interaction, data.get("resolved", {}), options)
                await command._invoke_autocomplete(interaction, focused, namespace)
                return
            given = {option["name"] for option in options}
            if any(parameter.required and name not in given for name, parameter in parameters.items()):
                raise app_commands.CommandSignatureMismatch(command)
            check_values(parameters, options, data.get("resolved"))
            await super()._call(interaction)
        except Exception as error:  # noqa: BLE001 — the place where what nobody foresaw is caught
            await self.on_error(interaction, error)

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """False for a command for servers that was given in a direct message: Discord has an older version of it."""
        command = interaction.command
        root = (command.root_parent or command) if isinstance(command, app_commands.Command) else command
        contexts = root.allowed_contexts if root else None
        if interaction.guild_id is not None or contexts is None or contexts.dm_channel:
            return True
        log.warning("a command for servers alone came from a direct message")
        await answer_outdated(interaction, "command")
        return False

    async def on_error(self, interaction: discord.Interaction, error: Exception) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        # discord.py raises these for a command or an option that it does not know, or AppCommandError itself.
        if isinstance(cause, OF_ANOTHER_VERSION) or type(cause) is app_commands.AppCommandError:
            log.warning("%s; `python -m bot check` lists what servers have left over", cut(str(cause), 200))
            await answer_outdated(interaction, "command")
        elif isinstance(cause, Exception):
            await answer_error(interaction, cause)


def check_values(
    parameters: Mapping[str, app_commands.Parameter], options: Iterable[Any], resolved: object = None
) -> None:
    """Raises InvalidOption for a value that no client of Discord sends. Removes from texts what can't be stored.

    `resolved` is what Discord sends along of all that is only named by its id; of files the bot needs it.
    """
    files = resolved.get("attachments") if isinstance(resolved, Mapping) else None
    for option in options:
        parameter, value = parameters[option["name"]], option.get("value")
        match parameter.type:
            case AppCommandOptionType.string:
                possible = isinstance(value, str) and len(value) <= LONGEST_TEXT
            case AppCommandOptionType.boolean:
                possible = isinstance(value, bool)
            case AppCommandOptionType.integer:
                possible = type(value) is int and abs(value) <= LARGEST_NUMBER
            case AppCommandOptionType.number:
                possible = type(value) in (int, float) and abs(value) <= LARGEST_NUMBER
            case AppCommandOptionType.attachment:
                possible = (
                    isinstance(files, Mapping) and isinstance(value, str) and _is_file(files.get(value))
                )
            case _:
                possible = isinstance(value, str) and snowflake(value) is not None
        if not possible:
            raise InvalidOption(option["name"])
        if parameter.choices and value not in [choice.value for choice in parameter.choices]:
            raise InvalidOption(option["name"], tuple(choice.name for choice in parameter.choices))
        if parameter.type is AppCommandOptionType.string:
            option["value"] = clean(value)


def _is_file(value: object) -> bool:
    """Whether discord.py can make an attachment of it."""
    if not isinstance(value, Mapping) or snowflake(value.get("id")) is None:
        return False
    texts = (value.get(name) for name in ("filename", "url", "proxy_url"))
    return all(isinstance(text, str) for text in texts) and type(value.get("size")) is int
