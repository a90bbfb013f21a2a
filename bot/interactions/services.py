"""What a cog finds in the bot that loads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from discord import Client, Interaction
from discord.app_commands import CommandTree

from bot.core.bulk_work import BulkWork
from bot.core.generation.service import Studio
from bot.core.generation.undelivered import Gallery
from bot.core.limits.usage import UsageBook
from bot.core.moderation.service import Moderation
from bot.core.moderator_log.reports import Reports
from bot.core.privacy.service import Privacy
from bot.core.statistics.usage_export import Accounts
from bot.interactions.context import Callers
from bot.interactions.delivery import Fit
from bot.interactions.drafts import Drafts
from bot.interactions.error_handling import RoutedItem
from bot.interactions.modals import Forms
from bot.interactions.permissions import Rights
from bot.interactions.stale_references import Presence
from bot.interactions.upload_budget import Uplink


@dataclass(frozen=True, slots=True)
class UseCases:
    """Everything that a command can ask for."""

    studio: Studio
    usage_book: UsageBook
    moderation: Moderation
    accounts: Accounts
    privacy: Privacy
    reports: Reports
    gallery: Gallery
    bulk: BulkWork


class Host(Protocol):
    """Implemented by `bot.client.ImagineBot`; `cogs` know no more of the bot than this."""

    studio: Studio
    usage_book: UsageBook
    moderation: Moderation
    accounts: Accounts
    privacy: Privacy
    reports: Reports
    gallery: Gallery
    bulk: BulkWork
    rights: Rights
    callers: Callers
    presence: Presence
    forms: Forms
    drafts: Drafts
    fit: Fit
    uplink: Uplink
    most_images: int
    longest_prompt: int

    @property
    def command_tree(self) -> CommandTree[Client]: ...

    def add_dynamic_items(self, *items: type[RoutedItem[Any]]) -> None: ...


def host_of(interaction: Interaction[Any]) -> Host:
    """The bot that this arrived at, for items that are made anew at each press."""
    host: Host = interaction.client
    return host
