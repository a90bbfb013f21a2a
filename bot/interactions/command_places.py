"""Where a command is offered: in servers, and with DIRECT_DAILY_LIMIT also where there is none that has the bot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from discord.app_commands import (
    AppCommandContext,
    AppInstallationType,
    allowed_contexts,
    allowed_installs,
    guild_only,
)

from bot.core.limits.policy import Operator

Callback = TypeVar("Callback", bound=Callable[..., Any])


def contexts_of_own(operator: Operator) -> AppCommandContext:
    """For what is a person's own: in a direct message with the bot also where it paints in servers alone.

    https://docs.discord.com/developers/interactions/application-commands#interaction-contexts
    """
    return AppCommandContext(guild=True, dm_channel=True, private_channel=operator.serves_directly)


def installs(operator: Operator) -> AppInstallationType:
    """https://docs.discord.com/developers/resources/application#installation-context"""
    return AppInstallationType(guild=True, user=operator.serves_directly)


def offered_everywhere(operator: Operator) -> Callable[[Callback], Callback]:
    """A command that works in a direct message, and in a server without the bot for whoever has it for themselves.

    Or in servers that have the bot alone, where the operator wants no more.
    """
    direct = operator.serves_directly

    def add(callback: Callback) -> Callback:
        where = allowed_contexts(guilds=True, dms=True, private_channels=True) if direct else guild_only()
        where(callback)
        allowed_installs(guilds=True, users=direct)(callback)
        return callback

    return add
