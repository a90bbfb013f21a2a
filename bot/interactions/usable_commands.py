"""Which of the bot's commands Discord offers to somebody: by where they are, and by what a server's admins decided."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands
from discord.enums import AppCommandPermissionType

from bot.interactions.context import has_bot, server_caller_of
from bot.interactions.discord_errors import UNANSWERED
from bot.interactions.permissions import ASK_SECONDS, Override, allows

log = logging.getLogger(__name__)

Offered = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu
WHOLE_APP, UNKNOWN = "", "?"
"""In the place of a command's name: for all that nothing else was decided about; one that the bot has no more."""


def is_offered(command: Offered, interaction: discord.Interaction) -> bool:
    """Whether it is a command for where the interaction comes from, whoever may use it.

    https://docs.discord.com/developers/interactions/application-commands#contexts
    """
    contexts, installs = command.allowed_contexts, command.allowed_installs
    if interaction.guild_id is not None:
        of_app = installs is None or (installs.guild if has_bot(interaction) else installs.user)
        return bool(of_app and (contexts is None or contexts.guild))
    if contexts is None:
        return True
    return bool(contexts.private_channel if interaction.context.private_channel else contexts.dm_channel)


class UsableCommands:
    """Asks Discord each time, as the client does: what the admins decide holds at once."""

    def __init__(self, tree: app_commands.CommandTree[discord.Client]) -> None:
        self._tree = tree

    async def of(self, interaction: discord.Interaction) -> list[Offered]:
        """Those of the client of whoever gave the command, where they are.

        Where Discord does not say in time what the admins decided, those that it offers unless they decide otherwise.
        """
        here = [one for one in self._tree.get_commands() if is_offered(one, interaction)]
        if interaction.guild_id is None or not has_bot(interaction):
            return here
        try:
            async with asyncio.timeout(ASK_SECONDS):
                decided = await self._decided(interaction.application_id, interaction.guild_id)
        except UNANSWERED as error:
            log.info(
                "interaction %d: not asked what admins decided: %s", interaction.id, type(error).__name__
            )
            decided = {}
        caller, permissions = server_caller_of(interaction), interaction.permissions

        def is_usable(command: Offered) -> bool:
            by_default = command.default_permissions
            if command.name in decided:
                return allows(decided[command.name], by_default, caller, permissions)
            # What they decided for the whole app gives no command back that asks for a permission by itself.
            of_all = decided.get(WHOLE_APP, [])
            return allows([], by_default, caller, permissions) and allows(of_all, None, caller, permissions)

        return [one for one in here if is_usable(one)]

    async def _decided(self, application: int, server: int) -> Mapping[str, list[Override]]:
        """By the names of commands."""
        names = {one.id: one.name for one in await self._tree.fetch_commands()} | {application: WHOLE_APP}
        http = self._tree.client.http
        answer = await http.get_guild_application_command_permissions(application, server)
        return {
            names.get(int(one["id"]), UNKNOWN): [
                Override(AppCommandPermissionType(it["type"]), int(it["id"]), it["permission"])
                for it in one["permissions"]
            ]
            for one in answer
        }
