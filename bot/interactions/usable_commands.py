"""Which of the bot's commands Discord offers to somebody: by where they are, and by what a server's admins decided."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands
from discord.enums import AppCommandPermissionType

from bot.core.errors import CommandWithheld
from bot.interactions.context import has_bot, server_caller_of
from bot.interactions.discord_errors import UNANSWERED
from bot.interactions.lookup_cache import LookupCache
from bot.interactions.permissions import ASK_SECONDS, Override, allows

log = logging.getLogger(__name__)

Offered = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu
KEPT_SECONDS = 30.0
"""How long an answer is used for buttons: they are pressed often, and each press would be two requests."""
BUTTON_SECONDS = 0.3
"""How long a button waits for it: of the 3 s that Discord gives for an answer, an edit has 2.2 s, and finding what is
on record of the picture 0.5 s. What comes later is there for the next press.
"""
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
    """Asks Discord, as the client does, what the admins decided."""

    def __init__(self, tree: app_commands.CommandTree[discord.Client]) -> None:
        self._tree = tree
        self._names: Mapping[int, str] = {}
        self._kept, self._asked = (
            LookupCache[tuple[int, int], Mapping[str, list[Override]]](
                lambda key: self._decided(*key), seconds, most_asked=1
            )
            for seconds in (KEPT_SECONDS, 0.0)
        )

    async def require(self, interaction: discord.Interaction, name: str) -> None:
        """For a button that does what the command `name` does, which Discord does not ask the admins about.

        Raises CommandWithheld by what they decided within KEPT_SECONDS. Where Discord does not say, what it said last
        counts; where it never did, the button works.
        """
        if interaction.guild_id is None or not has_bot(interaction) or interaction.permissions.administrator:
            return
        command = self._tree.get_command(name)
        if command is None:
            return
        key = interaction.application_id, interaction.guild_id
        try:
            async with asyncio.timeout(BUTTON_SECONDS):
                decided = await self._kept.get(key)
        except UNANSWERED as error:
            log.info(
                "interaction %d: not asked what admins decided: %s", interaction.id, type(error).__name__
            )
            decided = self._kept.last(key) or {}
        if not _is_usable(command, decided, interaction):
            raise CommandWithheld(name)

    async def of(self, interaction: discord.Interaction) -> list[Offered]:
        """Those of the client of whoever gave the command, where they are; what the admins decide holds at once, and
        who asks while a server is being asked about has the same answer.

        Where Discord does not say in time what the admins decided, those that it offers unless they decide otherwise.
        """
        here = [one for one in self._tree.get_commands() if is_offered(one, interaction)]
        if interaction.guild_id is None or not has_bot(interaction):
            return here
        try:
            async with asyncio.timeout(ASK_SECONDS):
                decided = await self._asked.get((interaction.application_id, interaction.guild_id))
        except UNANSWERED as error:
            log.info(
                "interaction %d: not asked what admins decided: %s", interaction.id, type(error).__name__
            )
            decided = {}
        return [one for one in here if _is_usable(one, decided, interaction)]

    async def _decided(self, application: int, server: int) -> Mapping[str, list[Override]]:
        """By the names of commands."""
        http = self._tree.client.http
        answer = await http.get_guild_application_command_permissions(application, server)
        if not self._names.keys() >= {
            int(one["id"]) for one in answer
        }:  # registered since, or never asked for
            known = {one.id: one.name for one in await self._tree.fetch_commands()}
            self._names = known | {application: WHOLE_APP}
        return {
            self._names.get(int(one["id"]), UNKNOWN): [
                Override(AppCommandPermissionType(it["type"]), int(it["id"]), it["permission"])
                for it in one["permissions"]
            ]
            for one in answer
        }


def _is_usable(
    command: Offered, decided: Mapping[str, list[Override]], interaction: discord.Interaction
) -> bool:
    caller, permissions = server_caller_of(interaction), interaction.permissions
    by_default = command.default_permissions
    if command.name in decided:
        return allows(decided[command.name], by_default, caller, permissions)
    # What they decided for the whole app gives no command back that asks for a permission by itself.
    of_all = decided.get(WHOLE_APP, [])
    return allows([], by_default, caller, permissions) and allows(of_all, None, caller, permissions)
