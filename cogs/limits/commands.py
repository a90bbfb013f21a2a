"""The sub-commands of `/limits` that are typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from discord import app_commands

from bot.interactions.services import Bot, Services
from cogs.limits.channel import channel_command
from cogs.limits.explain import explain_command
from cogs.limits.history import PageButton, history_command
from cogs.limits.log import log_command
from cogs.limits.member import member_command, role_command
from cogs.limits.reset import reset_command
from cogs.limits.set import set_command
from cogs.limits.words import words_command

Command = app_commands.Command[Any, ..., None]
COMMANDS: tuple[Callable[[Services], Command], ...] = (
    set_command,
    role_command,
    channel_command,
    member_command,
    words_command,
    log_command,
    explain_command,
    history_command,
    reset_command,
)


def add_commands(group: app_commands.Group, bot: Bot) -> None:
    for command in COMMANDS:
        group.add_command(command(bot.services))
    bot.add_dynamic_items(PageButton)
