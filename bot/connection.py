"""Keeps one bot connected to Discord until it is asked to stop."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

import discord
from yarl import URL

from bot.client import gateway
from bot.client.bot import ExtensionFailed, ImagineBot
from bot.core.errors import BotError
from bot.core.retries import Backoff

log = logging.getLogger(__name__)

FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 300.0
ANSWER_SECONDS = 5.0
"""For what is still being answered when everything else has been finished."""
CLOSE_SECONDS = 5.0


class TokenRejected(Exception):
    """Discord does not know this bot token."""


class ConnectionRejected(Exception):
    """Discord has closed the gateway with a `code` that says not to come back."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


def point_at(api_url: str, gateway_url: str) -> None:
    """Send discord.py elsewhere: to a proxy, or to a sandbox. It has no setting for either but these two names."""
    discord.http.Route.BASE = api_url.rstrip("/")
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway_url)


async def stay_connected(
    make_bot: Callable[[], ImagineBot],
    token: str,
    stop: asyncio.Event,
    *,
    before_closing: Callable[[], Awaitable[None]],
    first_wait: float = FIRST_WAIT_SECONDS,
) -> None:
    """Start a bot, and another one where Discord was out of reach, until `stop` is set.

    `before_closing` runs while the last bot still has its connection; `first_wait`, in seconds, is doubled with each
    failure. Raises TokenRejected, ConnectionRejected, and what the bot itself fails of.
    """
    backoff = Backoff(first_wait, LONGEST_WAIT_SECONDS)
    while not stop.is_set():
        async with make_bot() as bot:
            trouble = await _serve(bot, token, stop, before_closing)
            was_ready = bot.is_ready()
        if trouble is None:
            return
        if was_ready:
            backoff.reset()
        pause = backoff.pause() * random.uniform(0.75, 1.0)
        kind = f"{type(trouble).__name__} {getattr(trouble, 'status', None) or ''}".rstrip()
        log.warning("Discord is out of reach (%s); next attempt in %.0f s", kind, pause)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stop.wait()


async def _serve(
    bot: ImagineBot, token: str, stop: asyncio.Event, before_closing: Callable[[], Awaitable[None]]
) -> Exception | None:
    """Until `stop` (None), or until Discord could not be reached (what it was)."""
    serving = asyncio.create_task(bot.start(token), name="discord")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if serving.done():
        try:
            return _trouble(serving)
        except Exception:  # whatever it is, the process ends: what runs in the background is stopped first
            await before_closing()
            raise
    await before_closing()
    await bot.finish_answering(ANSWER_SECONDS)
    # Stop reading first: discord.py 2.7.1 receives its own close frame and sends code 4000 before it, which leaves the
    # session open on Discord's side.
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await bot.close()
    except TimeoutError:
        log.warning("the connection to Discord could not be closed in time")
    return None


def _trouble(serving: asyncio.Task[None]) -> Exception | None:
    """What ended the connection, where another attempt can help; raises it where none can."""
    try:
        serving.result()
    except discord.LoginFailure as error:
        raise TokenRejected from error
    except discord.ConnectionClosed as error:
        if error.code == gateway.AUTHENTICATION_FAILED:
            raise TokenRejected from error
        raise ConnectionRejected(error.code) from error
    except (ExtensionFailed, BotError):  # the bot's own, and the database's
        raise
    except Exception as error:  # noqa: BLE001  # Discord's, whatever it is: an answer that is none, too
        return error
    return None
