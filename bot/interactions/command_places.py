"""Where a command is offered: in servers, and with DIRECT_DAILY_LIMIT also where there is none that has the bot.

https://docs.discord.com/developers/interactions/application-commands#interaction-contexts
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from discord.app_commands import Group, allowed_contexts, allowed_installs, guild_only

from bot.core.limits.policy import Operator

Offered = TypeVar("Offered", bound=Callable[..., Any] | Group)
"""A command as discord.py's decorators take it: its callback, or a group."""


def offered_as_own(operator: Operator) -> Callable[[Offered], Offered]:
    """For what is a person's own: in a direct message with the bot also where it paints in servers alone."""
    direct = operator.serves_directly

    def add(command: Offered) -> Offered:
        allowed_contexts(guilds=True, dms=True, private_channels=direct)(command)
        allowed_installs(guilds=True, users=direct)(command)
        return command

    return add


def offered_everywhere(operator: Operator) -> Callable[[Offered], Offered]:
    """A command that works in a direct message, and in a server without the bot for whoever has it for themselves.

    Or in servers that have the bot alone, where the operator wants no more.
    """
    direct = operator.serves_directly

    def add(command: Offered) -> Offered:
        where = allowed_contexts(guilds=True, dms=True, private_channels=True) if direct else guild_only()
        where(command)
        allowed_installs(guilds=True, users=direct)(command)
        return command

    return add
