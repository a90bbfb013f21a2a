"""The bot as Discord sees it: intents, extensions, command registration, and where errors end up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from importlib import import_module

import discord
from discord import app_commands

from bot.client.command_registration import Notes, Registration
from bot.client.tolerant_bot import TolerantBot
from bot.interactions.command_mentions import CommandMentions
from bot.interactions.command_text import CommandTranslator
from bot.interactions.connection import DiscordConnection
from bot.interactions.context import Callers
from bot.interactions.discord_clock import DiscordClock
from bot.interactions.error_handling import RoutedTree, report, report_outdated
from bot.interactions.modals import Forms
from bot.interactions.permissions import PermissionCheck
from bot.interactions.rest_guard import RestGuard
from bot.interactions.services import Services
from bot.interactions.stale_references import StaleReferences
from bot.settings.proxies import DIRECTLY, Proxies

log = logging.getLogger(__name__)

EXTENSIONS = ("cogs.imagine", "cogs.usage", "cogs.gallery", "cogs.limits", "cogs.privacy", "cogs.report")


class ExtensionFailed(Exception):
    """A mistake of the bot's own; waiting for Discord would not mend it."""


class ImagineBot(TolerantBot):
    """Loads the cogs, and keeps Discord's record of the commands up to date.

    `services` makes the `Services` of everything that needs no client; what does is added here.
    """

    def __init__(
        self,
        services: Callable[..., Services],
        notes: Notes,
        connection: DiscordConnection | None = None,
        *,
        clock: DiscordClock | None = None,
        proxies: Proxies = DIRECTLY,
    ) -> None:
        rest = RestGuard(clock or DiscordClock())
        super().__init__(
            intents=discord.Intents.none(),  # commands come without any
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            # Without intents Discord tells of no server, so there is none to wait for before this counts as ready.
            guild_ready_timeout=0.0,
            proxies=proxies,
        )
        self.tree = RoutedTree(self)
        rest.guard(self.http)
        self._rest = rest
        self.services = services(
            rights=PermissionCheck(self.tree), callers=Callers(self), stale_references=StaleReferences(self)
        )
        self.forms = Forms()
        self.command_mentions = CommandMentions()
        self._notes = notes
        self._discord = connection or DiscordConnection()
        self._registering: asyncio.Task[None] | None = None

    @property
    def command_tree(self) -> app_commands.CommandTree[discord.Client]:
        return self.tree

    async def setup_hook(self) -> None:
        self._discord.logged_in(self)
        await self.load_commands()
        registration = Registration(
            self.http,
            self.application_id or 0,
            self._notes,
            await command_payload(self.tree),
            self.command_mentions.learn,
        )
        if not await registration.tried():
            self._registering = asyncio.create_task(registration.keep_trying(), name="registration")

    async def load_commands(self) -> None:
        """Raises ExtensionFailed."""
        for name in EXTENSIONS:
            try:
                await import_module(name).setup(self)
            except Exception as error:
                raise ExtensionFailed(name) from error

    async def close(self) -> None:
        self._discord.closed()
        if self._registering is not None:
            self._registering.cancel()
        try:
            await super().close()
        finally:
            await self._rest.close()

    async def on_ready(self) -> None:
        log.info("ready as %s", self.user)
        self._discord.ready()
        # Commands of the meantime may be unfinished elsewhere.
        self.services.imagine_service.in_flight.idle_polling.end()

    async def on_resumed(self) -> None:
        log.info("connected again")
        self.services.imagine_service.in_flight.idle_polling.end()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Forms, and what nobody here knows: commands have the tree, and buttons the items that made them."""
        try:
            if interaction.type is discord.InteractionType.modal_submit:
                if not (await self.forms.take(interaction) or self.remembers(interaction)):
                    await report_outdated(interaction, "form")
            elif interaction.type is discord.InteractionType.component and not self.remembers(interaction):
                await report_outdated(interaction, "button")
        except Exception as error:  # noqa: BLE001 — the place where what nobody foresaw is caught
            await report(interaction, error)


async def command_payload(tree: app_commands.CommandTree[discord.Client]) -> list[dict[str, object]]:
    """What is registered with Discord, in a stable order."""
    known = tree.get_commands()
    menus_last = sorted(known, key=lambda one: (isinstance(one, app_commands.ContextMenu), one.name))
    return [dict(await one.get_translated_payload(tree, CommandTranslator())) for one in menus_last]
