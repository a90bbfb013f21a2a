"""The bot as Discord sees it: intents, extensions, command registration, and where errors end up."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from typing import Protocol

import discord
from discord import app_commands
from discord.ext import commands

from bot.core.errors import BotError, UnforeseenFailure
from bot.core.moderation import Moderation
from bot.core.studio import Studio
from bot.core.usage import UsageBook
from bot.ui import messages
from bot.ui.replies import Fit, answer_privately
from bot.ui.rights import Rights

log = logging.getLogger(__name__)

EXTENSIONS = ("cogs.imagine", "cogs.usage")


class Notes(Protocol):
    """Small facts that outlive the process."""

    async def get(self, name: str) -> str | None: ...

    async def put(self, name: str, value: str) -> None: ...


class ImagineBot(commands.Bot):
    """Holds what the cogs need (`bot.ui.host.Host`) and keeps Discord's record of the commands up to date."""

    def __init__(
        self,
        studio: Studio,
        usage_book: UsageBook,
        moderation: Moderation,
        fit: Fit,
        notes: Notes,
        *,
        most_images: int,
        longest_prompt: int,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,  # never used: without intents no message arrives
            help_command=None,
            intents=discord.Intents.none(),  # commands come without any
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            tree_cls=RoutedTree,
        )
        self.studio = studio
        self.usage_book = usage_book
        self.moderation = moderation
        self.rights = Rights(self.tree)
        self.fit = fit
        self.most_images = most_images
        self.longest_prompt = longest_prompt
        self._notes = notes

    @property
    def command_tree(self) -> app_commands.CommandTree[discord.Client]:
        return self.tree

    async def setup_hook(self) -> None:
        for extension in EXTENSIONS:
            await self.load_extension(extension)
        await self._register_commands()

    async def on_ready(self) -> None:
        log.info("ready as %s", self.user)

    async def _register_commands(self) -> None:
        """Tell Discord about the commands, but only when they changed: 200 registrations a day are allowed."""
        note = f"commands of {self.application_id}"
        fingerprint = payload_fingerprint(command_payload(self.tree))
        if await self._notes.get(note) == fingerprint:
            return
        await self.tree.sync()
        await self._notes.put(note, fingerprint)
        log.info("registered the commands with Discord")


class RoutedTree(app_commands.CommandTree[discord.Client]):
    """Gives every failure of a command words for the member and a line in the log."""

    async def on_error(self, interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if isinstance(cause, BotError):
            log.warning("command of interaction %d failed: %s", interaction.id, cause)
            await answer_privately(interaction, messages.refusal(cause))
            return
        reference = secrets.token_hex(4)
        log.error("unforeseen failure %s in interaction %d", reference, interaction.id, exc_info=cause)
        await answer_privately(interaction, messages.refusal(UnforeseenFailure(reference)))


def command_payload(tree: app_commands.CommandTree[discord.Client]) -> list[dict[str, object]]:
    """What is registered with Discord, in a stable order."""
    commands_by_name = sorted(tree.get_commands(), key=lambda command: command.name)
    return [dict(command.to_dict(tree)) for command in commands_by_name]


def payload_fingerprint(payload: list[dict[str, object]]) -> str:
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
