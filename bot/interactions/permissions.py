"""Whether somebody may moderate here: Discord guards commands only, never a button, a menu or a form."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands
from discord.enums import AppCommandPermissionType as Target

from bot.core.moderation.errors import NotAModerator, PermissionsUnknown
from bot.core.place import ServerCaller
from bot.interactions.context import direct_place_of, server_caller_of
from bot.interactions.discord_errors import UNANSWERED
from bot.interactions.lookup_cache import LookupCache

COMMAND = "limits"
ASK_SECONDS = 1.2
"""Of the 3 s that Discord gives for an answer; the pressed button's own work comes after it."""
UNKNOWN_PERMISSIONS = 10066


@dataclass(frozen=True, slots=True)
class Override:
    """What the admins decided about the command, for one member, role or channel."""

    target: Target
    id: int
    allowed: bool


def allows(
    overrides: Iterable[Override],
    default: discord.Permissions | None,
    caller: ServerCaller,
    permissions: discord.Permissions,
) -> bool:
    """Whether Discord offers the command to `caller`, who has `permissions` in the channel.

    `default` are the permissions that the command itself asks for; None asks for nothing, and an empty set for an
    administrator. Documented in https://docs.discord.com/developers/interactions/application-commands#permissions
    """
    if permissions.administrator:
        return True
    decided = {(one.target, one.id): one.allowed for one in overrides}
    place = caller.place
    channels = (place.channel, *place.parents, place.server - 1)  # so Discord writes "all channels"
    of_channels = [decided[Target.channel, one] for one in channels if (Target.channel, one) in decided]
    if of_channels and not of_channels[0]:
        return False
    if (of_member := decided.get((Target.user, caller.member))) is not None:
        return of_member
    of_roles = [decided[Target.role, role] for role in place.roles if (Target.role, role) in decided]
    if of_roles:
        return any(of_roles)
    of_everyone = decided.get((Target.role, place.server))  # so Discord writes "@everyone"
    if of_everyone is not None:
        return of_everyone
    return default is None or (default.value != 0 and permissions >= default)


class PermissionCheck:
    """Asks Discord each time: what the admins decide holds at once. Who asks while a server is being asked about has
    the same answer: a member who presses buttons over and over keeps no moderator waiting for theirs.
    """

    def __init__(self, tree: app_commands.CommandTree[discord.Client]) -> None:
        self._tree = tree
        self._command: app_commands.AppCommand | None = None
        self._asked = LookupCache(self._decided, kept_seconds=0.0, most_asked=1)

    async def require(self, interaction: discord.Interaction[Any]) -> None:
        """Raises NotAModerator, and PermissionsUnknown where it takes Discord's answer and none comes.

        Of a server that has not got the bot, nobody moderates what it does there.
        """
        if interaction.guild_id is None or direct_place_of(interaction):
            raise NotAModerator
        if interaction.permissions.administrator:  # as the owner is: Discord withholds no command from them
            return
        try:
            async with asyncio.timeout(ASK_SECONDS):
                command, overrides = await self._asked.get(interaction.guild_id)
        except UNANSWERED as error:
            raise PermissionsUnknown from error
        caller, default = server_caller_of(interaction), command.default_member_permissions
        if not allows(overrides, default, caller, interaction.permissions):
            raise NotAModerator

    async def moderates(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether they may delete what others write in that channel, or use the command; no where Discord does not say.

        In a server that has not got the bot, the command does not exist.
        """
        if interaction.guild_id is None:
            return False
        if interaction.permissions.manage_messages:
            return True
        try:
            await self.require(interaction)
        except (NotAModerator, PermissionsUnknown):
            return False
        return True

    async def _decided(self, server: int) -> tuple[app_commands.AppCommand, Sequence[Override]]:
        """The command, and what a server's admins decided about it."""
        if self._command is None:
            # Discord's record of it: at the start it is not sent again unless it changed.
            known = await self._tree.fetch_commands()
            self._command = next((command for command in known if command.name == COMMAND), None)
        if self._command is None:
            raise PermissionsUnknown
        command = self._command
        try:
            decided = (await command.fetch_permissions(discord.Object(server))).permissions
        except discord.NotFound as error:
            if error.code != UNKNOWN_PERMISSIONS:
                self._command = None  # registered anew, perhaps by another process
                raise
            decided = []  # the admins left everything as it was
        # What they decided for the whole app can't give a command back that asks for a permission by itself.
        return command, [Override(one.type, one.id, one.permission) for one in decided]
