"""Everything the page shows and controls: the look-alikes, the demo servers, the bot's processes, the traffic."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sandbox.bot_process import BOT, Start, start_anew
from sandbox.discord import Discord
from sandbox.images import ImageApi
from sandbox.page.bots import Bots
from sandbox.page.demo_servers import DemoServers
from sandbox.page.image_api_proxy import ImageApiProxy
from sandbox.page.picture_links import with_pictures_inside
from sandbox.page.traffic_log import TrafficLog

LATENCY = 2.5
"""Seconds that an image takes at first: long enough to see that the bot is thinking."""
PICTURE_ORIGINS = "https://cdn.aimlapi.com,https://imgen.x.ai"
DAY = 24 * 60 * 60
REAL_URL = "https://api.aimlapi.com/v1"


@dataclass(frozen=True)
class Environment:
    """`images` is None where the real image API is used."""

    discord: Discord
    images: ImageApi | None
    image_proxy: ImageApiProxy
    bots: Bots
    demo: DemoServers
    traffic_log: TrafficLog

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` at each change; returns what ends the subscription."""
        discord = self.discord
        sources = (discord.messages, discord.commands, discord.gateway, discord.state.events)
        subscriptions = [
            one.changes.subscribe(listener)
            for one in (*sources, self.traffic_log, self.bots, self.image_proxy)
        ]

        def unsubscribe() -> None:
            for one in subscriptions:
                one()

        return unsubscribe

    async def advance_one_day(self) -> None:
        """For Discord, for the page, and for the bot, which is started again with the new time."""
        async with self.bots.paused():
            self.discord.advance_clock(DAY)


SHOWN = {"DIRECT_DAILY_LIMIT": "10", "SHOW_COSTS": "on"}
"""What an operator has to switch on; of a real image API the operator's own settings hold."""
FAILURES = {"FAILED_DAILY_LIMIT": "100", "SERVER_FAILED_DAILY_LIMIT": "500"}
"""Large, so that injected faults do not use them up; with a real image API, the bot's own defaults hold."""


@asynccontextmanager
async def run_environment(
    settings: Mapping[str, str] | None = None,
    *,
    real: Mapping[str, str] | None = None,
    latency: float = LATENCY,
    command: Sequence[str] = BOT,
    start: Start = start_anew,
) -> AsyncIterator[Environment]:
    """Everything but the page; no bot is started yet. `real` are the settings of the real image API."""
    async with Discord() as discord, ImageApi(latency=latency) as images:
        discord.reply_timeout = 3600.0  # people at a page may watch for as long as they like
        demo = DemoServers(discord)
        target, key = (images.url, images.key)
        if real is not None:
            target, key = real.get("IMAGE_API_URL") or REAL_URL, real["IMAGE_API_KEY"]
        outbound = bytes if real is None else with_pictures_inside(discord)
        async with ImageApiProxy(target, key, discord.clock.now, outbound) as image_proxy:
            origins = PICTURE_ORIGINS
            passed_on: dict[str, str] = {}
            if real is not None:
                # The bot uses the proxy in place of the real API, and may still download images from their origins.
                origins = real.get("IMAGE_DOWNLOAD_ORIGINS") or PICTURE_ORIGINS
                replaced = ("IMAGE_API_URL", "IMAGE_API_KEY", "IMAGE_DOWNLOAD_ORIGINS")
                passed_on = {name: value for name, value in real.items() if name not in replaced}
            bot_settings = {
                "OPERATOR_CHANNEL_ID": str(demo.alerts.id),
                "IMAGE_DOWNLOAD_ORIGINS": f"{origins},{image_proxy.origin}",
                **({**FAILURES, **SHOWN} if real is None else {}),
                **(settings or {}),
                **passed_on,
            }
            async with Bots(discord, image_proxy, bot_settings, command, start) as bots:
                traffic_log = TrafficLog(discord, image_proxy)
                yield Environment(
                    discord, images if real is None else None, image_proxy, bots, demo, traffic_log
                )
