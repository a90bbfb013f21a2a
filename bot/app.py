"""The composition root: the only file that knows every concrete class."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.alerts import OperatorAlerts
from bot.client import ImagineBot
from bot.connection import stay_connected
from bot.core.accounts import Accounts
from bot.core.breaker import GuardedPainter
from bot.core.gallery import Gallery
from bot.core.moderation import Moderation
from bot.core.privacy import Privacy
from bot.core.pulse import Pulse
from bot.core.recovery import Recovery
from bot.core.reports import Reports
from bot.core.studio import Studio
from bot.core.usage import UsageBook
from bot.core.watch import Watch
from bot.imaging.api import ImageClient, ImagingSettings
from bot.imaging.models import lookup
from bot.imaging.shrink import fit
from bot.settings import Settings
from bot.storage.database import open_database
from bot.storage.ledger import SqlLedger
from bot.storage.notes import SqlNotes
from bot.storage.policies import SqlPolicies
from bot.storage.records import SqlRecords
from bot.storage.shelf import SqlShelf
from bot.storage.watched import WatchedDatabase
from bot.ui.host import UseCases
from bot.ui.replies import LeftReplies
from bot.ui.server_log import ServerLog

log = logging.getLogger(__name__)

DISCORDS_LONGEST_OPTION = 6000


def now() -> datetime:
    return datetime.now(UTC)


async def run(settings: Settings, stop: asyncio.Event, forgetful_host: str | None = None) -> None:
    """Serve until `stop` is set. Raises TokenRejected, and whatever keeps the bot from starting."""
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(open_database(settings.database_url))
        painter = await stack.enter_async_context(image_client(settings))
        alerts = OperatorAlerts(settings.operator_channel_id)
        pulse = Pulse(partial(SqlNotes(opened).put, "probe", ""), alerts.tell, time.monotonic)
        database = WatchedDatabase(opened, pulse.failed)
        policies, notes = SqlPolicies(database), SqlNotes(database)
        server_log = ServerLog(policies, now)
        watch = Watch(painter, alerts.tell, time.monotonic, low_balance=settings.low_balance)
        guarded = GuardedPainter(painter, watch.breaker)
        ledger, records, operator = SqlLedger(database), SqlRecords(database), settings.operator
        concurrency = settings.image_concurrency
        studio = Studio(ledger, guarded, operator, now, watch.breaker, server_log, concurrency=concurrency)
        replies = LeftReplies(fit)
        recovery = Recovery(
            ledger, guarded, policies, operator, now, replies, studio.workshop, studio.under_way
        )
        use_cases = UseCases(
            studio,
            UsageBook(ledger, policies, operator, now),
            Moderation(policies, ledger, operator, now, forgetful_host=forgetful_host),
            Accounts(records, policies, operator, now),
            Privacy(records, now, keep_prompts=timedelta(days=settings.keep_prompts_days)),
            Reports(policies, server_log, now),
            Gallery(SqlShelf(database), painter),
        )
        sweeping = use_cases.privacy.keep_sweeping()
        for background in (
            watch.run(),
            pulse.run(),
            alerts.run(),
            server_log.run(),
            recovery.run(),
            sweeping,
        ):
            stack.callback(asyncio.create_task(background).cancel)

        def make_bot() -> ImagineBot:
            bot = ImagineBot(
                use_cases,
                fit,
                notes,
                most_images=settings.max_images_per_prompt,
                longest_prompt=longest_prompt(settings),
            )
            alerts.attach(bot)
            server_log.attach(bot)
            replies.attach(bot)
            return bot

        finishing = partial(studio.close, settings.shutdown_grace_seconds)
        before_closing = in_turn(finishing, server_log.close)
        await stay_connected(make_bot, settings.discord_token, stop, before_closing=before_closing)
    log.info("stopped")


def in_turn(*steps: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def all_of_them() -> None:
        for step in steps:
            await step()

    return all_of_them


def image_client(settings: Settings) -> ImageClient:
    return ImageClient(
        ImagingSettings(
            url=settings.image_api_url,
            key=settings.image_api_key,
            model=settings.image_model,
            fallback_model=settings.image_fallback_model,
            download_origins=settings.image_download_origins,
            timeout_seconds=settings.image_timeout_seconds,
            concurrency=settings.image_concurrency,
        )
    )


def longest_prompt(settings: Settings) -> int:
    """What Discord lets a member type: enough for whichever model is in service, and no more than it can carry."""
    models = filter(None, (settings.image_model, settings.image_fallback_model))
    return min(DISCORDS_LONGEST_OPTION, max(lookup(model).longest_prompt for model in models))
