"""The composition root: the only file that knows every concrete class."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar, Unpack

from bot.client.bot import ImagineBot, command_payload
from bot.connection import stay_connected
from bot.core.bulk_work import BulkWork
from bot.core.clock import Clock
from bot.core.errors import DatabaseUnavailable
from bot.core.gallery.search import model_key
from bot.core.gallery.service import Indexing, PictureGallery
from bot.core.gallery.showing import Showings
from bot.core.generation.cancellation import Cancellations
from bot.core.generation.circuit_breaker import CircuitBreaker
from bot.core.generation.deletion import Deletions
from bot.core.generation.display_rules import DisplayRules
from bot.core.generation.earlier_pictures import EarlierPictures
from bot.core.generation.earlier_prompts import EarlierPrompts
from bot.core.generation.events import Listeners
from bot.core.generation.image_api import ImageApi
from bot.core.generation.model import ImageSpec
from bot.core.generation.recovery import Recovery
from bot.core.generation.revision import ChatModel
from bot.core.generation.service import ImagineService
from bot.core.generation.undelivered import UndeliveredPictures
from bot.core.health.alerts import Alert
from bot.core.health.budget_monitor import BudgetMonitor
from bot.core.health.database_monitor import DatabaseMonitor
from bot.core.health.image_api_monitor import PICTURES_AT, ImageApiMonitor
from bot.core.limits.policy import Operator
from bot.core.limits.usage import UsageService
from bot.core.moderation.service import Moderation
from bot.core.moderator_log.queue import LogEvent
from bot.core.moderator_log.reports import Reports
from bot.core.preferences.preferences import MemberPreferences
from bot.core.privacy.service import Privacy
from bot.core.retries import Backoff
from bot.core.statistics.usage_export import UsageExport
from bot.diagnostics.database import database_finding
from bot.imaging.chat import ChatRoute, ChatSettings
from bot.imaging.client import ImageClient, ImagingSettings
from bot.imaging.models import Model
from bot.imaging.models_in_use import ModelsInUse, longest_prompt, offered_shapes
from bot.imaging.pictures import fit
from bot.interactions.drafts import Drafts
from bot.interactions.join_hints import JoinHints
from bot.interactions.moderator_log import ModeratorLog
from bot.interactions.operator_alerts import OperatorAlerts
from bot.interactions.refused_orders import RefusedOrders
from bot.interactions.replies import AbandonedReplies
from bot.interactions.rest_guard import DiscordClock, guard_webhooks
from bot.interactions.sending import DiscordConnection, UploadBudget
from bot.interactions.services import CommandBounds, Services
from bot.settings.parsers import origin_of
from bot.settings.proxies import Proxies, proxy_for
from bot.settings.settings import Settings
from bot.storage.budgets import SqlBudgetStore
from bot.storage.counters import SqlCounters
from bot.storage.deletion import SqlDeletions
from bot.storage.durations import SqlDurations
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Database, Dialect, MonitoredDatabase, RunOptions, Transaction
from bot.storage.gallery import SqlPictureIndex
from bot.storage.generations import SqlGenerations
from bot.storage.greeted_servers import SqlGreetedServers
from bot.storage.key_value_store import SqlKeyValueStore
from bot.storage.ledger import SqlLedger
from bot.storage.operator_clock import operators_clock
from bot.storage.policies import SqlPolicies
from bot.storage.preferences import SqlPreferences
from bot.storage.privacy import SqlMemberDataStore
from bot.storage.reports import SqlReports
from bot.storage.retention import SqlRetentionStore
from bot.ui.embeds import model_name

log = logging.getLogger(__name__)

T = TypeVar("T")


now: Clock = partial(datetime.now, UTC)

# Between two tries to open a database that may come by itself.
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.5, 30.0


async def run(settings: Settings, stop: asyncio.Event, ephemeral_host: str | None = None) -> None:
    """Serve until `stop` is set. Raises TokenRejected, ConnectionRejected, and whatever keeps the bot from starting."""
    connection = DiscordConnection()
    alerts = OperatorAlerts(settings.operator_channel_id, connection, settings.redact)
    async with AsyncExitStack() as stack:
        clock = DiscordClock()
        stack.push_async_callback(guard_webhooks(clock).close)
        found = await _open_once_available(settings, stop, stack)
        if found is None:
            return
        opened, operator, unreachable = found
        image_api = await stack.enter_async_context(image_client(settings))
        chat = await stack.enter_async_context(chat_route(settings))
        database_monitor = DatabaseMonitor(
            partial(SqlKeyValueStore(opened).put, "probe", ""), alerts.raise_alert, time.monotonic
        )
        database = MonitoredDatabase(opened, database_monitor.failed)
        store = SqlKeyValueStore(database)
        monitor = ImageApiMonitor(
            image_api.probe, alerts.raise_alert, time.monotonic, store, low_balance=settings.low_balance
        )
        application = Application(
            settings,
            operator,
            database,
            image_api,
            chat,
            monitor.breaker,
            connection=connection,
            discord_clock=clock,
            alert=alerts.raise_alert,
            ephemeral_host=ephemeral_host,
        )
        for background in (
            monitor.run(unreachable),
            database_monitor.run(),
            alerts.run(),
            *application.background(),
        ):
            task = asyncio.create_task(background)
            task.add_done_callback(_log_its_end)
            stack.push_async_callback(_cancel_and_wait, task)
        await stay_connected(
            application.make_bot, settings.discord_token, stop, before_closing=application.finish
        )
    if left := asyncio.all_tasks() - {asyncio.current_task()}:
        log.warning(
            "%d tasks still run at the end: %s", len(left), ", ".join(task.get_name() for task in left)
        )
    log.info("stopped")


async def _open_once_available(
    settings: Settings, stop: asyncio.Event, stack: AsyncExitStack
) -> tuple[Database, Operator, str | None] | None:
    """With what had begun by the operator's clock, and where pictures were out of reach, which keeps this start from
    buying any. None where the bot is asked to stop before.

    Raises SchemaTooNew, and DatabaseUnavailable where waiting is of no use.
    """
    said, backoff = "", Backoff(FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS)
    while not stop.is_set():
        try:
            async with AsyncExitStack() as opening:
                database = await opening.enter_async_context(open_database(settings.database_url))
                running = await operators_clock(database, settings.day_time_zone, now())
                unreachable = await SqlKeyValueStore(database).get(PICTURES_AT)
                stack.push_async_exit(opening.pop_all())
                return database, replace(settings.operator, running=running), unreachable
        except DatabaseUnavailable as error:
            finding = database_finding(error, settings.database_url)
            if finding.misconfigured:
                raise
            if finding.sentence != said:
                log.error("%s: %s; I'll keep trying", finding.subject, finding.sentence)
            said = finding.sentence
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), backoff.pause())
    return None


async def _cancel_and_wait(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _log_its_end(task: asyncio.Task[None]) -> None:
    """What runs in the background has no end of its own; whoever waits for what it does must be able to find out."""
    if not task.cancelled() and (error := task.exception()):
        log.error("a background task has ended with an error", exc_info=error)


class Application:
    """Everything that works together while a database and an image API are open, whichever bot is connected."""

    def __init__(  # noqa: PLR0913 — what is opened and closed around it
        self,
        settings: Settings,
        operator: Operator,
        database: Database,
        image_api: ImageApi,
        chat: ChatModel,
        breaker: CircuitBreaker,
        *,
        connection: DiscordConnection,
        discord_clock: DiscordClock,
        alert: Callable[[Alert], None],
        ephemeral_host: str | None = None,
    ) -> None:
        self._settings = settings
        self._store = SqlKeyValueStore(database)
        self._connection, self._discord_clock = connection, discord_clock
        upload_budget = UploadBudget()
        failures = replace(settings.failure_limits, running=operator.running)
        ledger = SqlLedger(database, failures, operator.budgets)
        usual = partial(image_api.estimate, ImageSpec(""))
        counters = SqlCounters(database, failures, operator.budgets, usual)
        policies = SqlPolicies(database)
        generations = SqlGenerations(database)
        self._moderator_log = ModeratorLog(policies, now, connection)
        self._budget_monitor = BudgetMonitor(SqlBudgetStore(database, operator.budgets), counters, alert, now)
        picture_index = SqlPictureIndex(database)
        self._indexing = Indexing(picture_index, discord_clock.now)
        events = Listeners[LogEvent](
            self._moderator_log.add,
            self._budget_monitor.something_was_spent,
            self._indexing.something_happened,
        )
        concurrency = settings.image_concurrency
        imagine_service = ImagineService(
            ledger,
            image_api,
            operator,
            now,
            breaker,
            events,
            concurrency=concurrency,
            chat=chat,
            revise=settings.revise_prompts,
            durations=SqlDurations(database),
        )
        usage_service = UsageService(counters, policies, operator, now)
        self._in_flight = imagine_service.in_flight
        replies = AbandonedReplies(
            connection, fit, upload_budget, discord_clock.now, changes=image_api.edit_inputs > 0
        )
        self._recovery = Recovery(
            ledger,
            image_api,
            usage_service,
            now,
            discord_clock.now,
            replies,
            imagine_service.pipeline,
            self._in_flight,
        )
        preferences = MemberPreferences(SqlPreferences(database), now)
        self._join_hints = JoinHints(connection, SqlGreetedServers(database), operator, now)
        self._privacy = Privacy(
            SqlMemberDataStore(database),
            SqlRetentionStore(database),
            now,
            keep_prompts=timedelta(days=settings.keep_prompts_days),
            preferences=preferences,
        )
        models = ModelsInUse.of(settings)
        self._services = partial(
            Services,
            imagine_service=imagine_service,
            cancellations=Cancellations(
                ledger, generations, replies, imagine_service.pipeline, self._in_flight, now
            ),
            usage_service=usage_service,
            moderation=Moderation(policies, counters, operator, now, ephemeral_host=ephemeral_host),
            usage_export=UsageExport(generations, policies, operator, now),
            privacy=self._privacy,
            preferences=preferences,
            reports=Reports(SqlReports(database), policies, events, self._moderator_log, now),
            moderator_log=self._moderator_log,
            gallery=PictureGallery(picture_index),
            undelivered=UndeliveredPictures(generations, image_api),
            showings=Showings(policies, operator, imagine_service.search, now),
            earlier_prompts=EarlierPrompts(generations),
            earlier_pictures=EarlierPictures(generations, operator),
            bulk=BulkWork(),
            erasures=BulkWork(),
            drafts=Drafts(),
            refused_orders=RefusedOrders(),
            generations=generations,
            deletions=Deletions(SqlDeletions(database), now),
            display_rules=DisplayRules(policies, operator, imagine_service.search),
            fetch_shown=image_api.shown,
            fit=fit,
            upload_budget=upload_budget,
            imagine_bounds=_bounds(models.painting, settings.max_images_per_prompt),
            edit_bounds=_bounds(models.edit_models, image_api.edit_inputs),
            models=_names(models, settings),
            shows_costs=settings.show_costs,
        )

    def background(self) -> tuple[Coroutine[None, None, None], ...]:
        """What runs beside the commands, until it is cancelled."""
        return (
            self._moderator_log.run(),
            self._recovery.run(),
            self._privacy.keep_sweeping(),
            self._budget_monitor.run(),
            self._indexing.run(),
            self._join_hints.run(),
        )

    def make_bot(self) -> ImagineBot:
        """Another one after each outage of Discord."""
        return ImagineBot(
            self._services,
            self._store,
            self._connection,
            clock=self._discord_clock,
            proxies=Proxies(
                proxy_for(self._settings.discord_api_url, os.environ),
                proxy_for(self._settings.discord_gateway_url, os.environ),
            ),
        )

    async def finish(self) -> None:
        """While there is still a connection: what is being painted, and then its entries in the moderators' logs."""
        await self._in_flight.close(self._settings.shutdown_grace_seconds)
        await self._moderator_log.close()


async def commands_of(settings: Settings) -> list[dict[str, object]]:
    """What a start registers with Discord, found out without asking anybody anything."""
    breaker = CircuitBreaker(time.monotonic, lambda _outage, _began: None)
    application = Application(
        settings,
        settings.operator,
        _Closed(),
        image_client(settings),
        chat_route(settings),
        breaker,
        connection=DiscordConnection(),
        discord_clock=DiscordClock(),
        alert=lambda _alert: None,
    )
    async with application.make_bot() as bot:
        await bot.load_commands()
        return await command_payload(bot.tree)


class _Closed:
    """A database that nobody may ask."""

    dialect: Dialect = "sqlite"
    tables = tables_without_all_rights = ""

    async def run(
        self,
        transaction: Callable[[], Transaction[T]],  # noqa: ARG002  # none is run
        **_options: Unpack[RunOptions],
    ) -> T:
        raise DatabaseUnavailable("closed")

    async def close(self) -> None:
        """It never was open."""


def _names(models: ModelsInUse, settings: Settings) -> dict[str, str]:
    """As members know them."""
    chosen = dict(zip(models.choices, (one.name for one in settings.image_choices), strict=True))
    return {
        model_key(one.id): chosen.get(one) or model_name(one.id)
        for one in (*models.painting, *models.edit_models)
    }


def _bounds(models: Sequence[Model], most: int) -> CommandBounds:
    return CommandBounds(most, longest_prompt(models), offered_shapes(models))


def chat_route(settings: Settings) -> ChatRoute:
    return ChatRoute(
        ChatSettings(
            url=settings.image_api_url,
            key=settings.image_api_key,
            models=settings.prompt_model,
            concurrency=settings.image_concurrency,
            redact=settings.redact,
        )
    )


def image_client(settings: Settings) -> ImageClient:
    return ImageClient(
        ImagingSettings(
            url=settings.image_api_url,
            key=settings.image_api_key,
            models=settings.image_model,
            fields=settings.image_model_fields,
            edit_models=settings.image_edit_model,
            download_origins=settings.image_download_origins,
            # The look-alike of Discord has its attachments where its API is.
            input_origins=(origin_of(settings.discord_api_url),),
            timeout_seconds=settings.image_timeout_seconds,
            concurrency=settings.image_concurrency,
            redact=settings.redact,
        )
    )
