"""What a cog may use of the bot that loads it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from discord import Client, Interaction
from discord.app_commands import CommandTree

from bot.core.bulk_work import BulkWork
from bot.core.gallery.service import PictureGallery
from bot.core.gallery.showing import Showings
from bot.core.generation.cancellation import Cancellations
from bot.core.generation.deletion import Deletions
from bot.core.generation.display_rules import DisplayRules
from bot.core.generation.earlier_pictures import EarlierPictures
from bot.core.generation.earlier_prompts import EarlierPrompts
from bot.core.generation.generations import Generations
from bot.core.generation.model import Picture, Shape
from bot.core.generation.service import ImagineService
from bot.core.generation.undelivered import UndeliveredPictures
from bot.core.limits.usage import UsageService
from bot.core.moderation.service import Moderation
from bot.core.moderator_log.reports import Reports
from bot.core.preferences.preferences import MemberPreferences
from bot.core.privacy.service import Privacy
from bot.core.statistics.usage_export import UsageExport
from bot.interactions.context import Callers
from bot.interactions.drafts import Drafts
from bot.interactions.error_handling import RoutedItem
from bot.interactions.message_pictures import MessagePictures
from bot.interactions.modals import Forms
from bot.interactions.moderator_log import ModeratorLog
from bot.interactions.permissions import PermissionCheck
from bot.interactions.posted_pictures import PostedPicturesFinder
from bot.interactions.reached_messages import ReachedMessages
from bot.interactions.refused_orders import RefusedOrders
from bot.interactions.sending import Fit, UploadBudget
from bot.interactions.stale_references import StaleReferences
from bot.interactions.usable_commands import UsableCommands


@dataclass(frozen=True, slots=True)
class CommandBounds:
    """What members can ask a command that paints for: `most` pictures that `/imagine` makes, or that `/edit` is given,
    where 0 is that no model changes any.
    """

    most: int
    longest_prompt: int
    shapes: frozenset[Shape]


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a command, a button or a form can ask for."""

    imagine_service: ImagineService
    cancellations: Cancellations
    usage_service: UsageService
    moderation: Moderation
    usage_export: UsageExport
    privacy: Privacy
    preferences: MemberPreferences
    reports: Reports
    moderator_log: ModeratorLog
    gallery: PictureGallery
    undelivered: UndeliveredPictures
    showings: Showings
    earlier_prompts: EarlierPrompts
    earlier_pictures: EarlierPictures
    bulk: BulkWork
    erasures: BulkWork
    """Apart from `bulk`, whose turns take as long as a host of pictures, and Discord, take their time."""
    permissions: PermissionCheck
    usable_commands: UsableCommands
    callers: Callers
    stale_references: StaleReferences
    drafts: Drafts
    refused_orders: RefusedOrders
    generations: Generations
    deletions: Deletions
    display_rules: DisplayRules
    reached_messages: ReachedMessages
    fetch_shown: Callable[[str], Awaitable[Picture]]
    """A picture that a message in Discord shows: `ImageApi.shown`."""
    fit: Fit
    upload_budget: UploadBudget
    message_pictures: MessagePictures
    posted_pictures: PostedPicturesFinder
    imagine_bounds: CommandBounds
    edit_bounds: CommandBounds
    models: Mapping[str, str]
    """Names of those that paint here, by what the gallery finds their pictures by."""
    shows_costs: bool
    """To members, of single pictures."""

    @property
    def changes_pictures(self) -> bool:
        """Whether a model in use does."""
        return self.edit_bounds.most > 0


class Bot(Protocol):
    """What a cog adds its commands, buttons and forms to: `bot.client.bot.ImagineBot`."""

    services: Services
    forms: Forms

    @property
    def tree(self) -> CommandTree[Client]: ...

    def add_dynamic_items(self, *items: type[RoutedItem[Any]]) -> None: ...


def services_of(interaction: Interaction[Any]) -> Services:
    """The services of the bot that received it: a button is made anew at each press, and is given nothing else."""
    bot: Bot = interaction.client
    return bot.services
