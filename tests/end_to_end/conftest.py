"""The setup of each test: a Discord, an image API, a member, and the real bot as a process when it is called."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox.bot_process import BOT, BotProcess, Start
from sandbox.discord import Discord, PendingInteraction
from sandbox.images import ImageApi
from tests.end_to_end.audit import FailureLimits, audited_state
from tests.patience import PATIENCE

BUSY = "I'm very busy right now. Nothing was counted."
"""What is said where the machine has so much else to do that Discord would not wait for the database."""


class Setup:
    """`ada` is a member of the server `tea_house`; `start_bot` can be called more than once.

    When a test is over, the databases of its bots have to add up, and nobody may wait for an answer. A test that leaves
    something open, or unanswered, says so: `setup.left_open = "what"`.
    """

    def __init__(
        self, discord: Discord, images: ImageApi, folder: Path, stack: AsyncExitStack, start: Start
    ) -> None:
        self.discord = discord
        self.images = images
        self.folder = folder
        self.tea_house = discord.server("Tea House")
        self.ada = self.tea_house.member("Ada")
        self.databases: set[str] = set()
        self.left_open = ""
        self.settings: list[dict[str, str]] = []
        self.command = "imagine"
        self.options: dict[str, object] = {"prompt": "a fox"}
        self.usual_settings: dict[str, str] = {}
        self.order: Callable[[], PendingInteraction] = lambda: self.ada.begin(
            self.command, options=self.options
        )
        self._stack = stack
        self.start = start

    async def start_bot(self, *, command: Sequence[str] = BOT, **settings: str) -> BotProcess:
        if url := settings.get("DATABASE_URL", self.database_url):
            self.databases.add(url)
        return await self._stack.enter_async_context(self.bot(command=command, **settings))

    async def failing_bot(self, **settings: str) -> tuple[int, str]:
        """The exit code and the log of a bot that is not expected to become ready."""
        bot = self.bot(**settings)
        await bot.start()
        self._stack.push_async_exit(bot)
        return await bot.ended(), bot.tail()

    def begin(self) -> PendingInteraction:
        """Ada's `command` with its `options`, or whatever else `order` is."""
        return self.order()

    @property
    def database_url(self) -> str:
        return f"sqlite:///{(self.folder / 'imagine.db').as_posix()}"

    def bot(self, *, command: Sequence[str] = BOT, **settings: str) -> BotProcess:
        """Not started. Bots of one test share their database, like copies of one bot."""
        self.settings.append(settings)
        return BotProcess(
            self.discord,
            self.images,
            {"DATABASE_URL": self.database_url, **self.usual_settings, **settings},
            command=command,
            start=self.start,
            ready_within=PATIENCE,
        )

    @property
    def failure_limits(self) -> FailureLimits:
        """What is with the image API when a limit is reached comes on top of it."""
        at_once = sum(int(one.get("IMAGE_CONCURRENCY", "64")) for one in self.settings)
        images = max((int(one.get("MAX_IMAGES_PER_PROMPT", "4")) for one in self.settings), default=0)

        def most(name: str, default: str) -> int | None:
            limits = [one.get(name, default) for one in self.settings]
            return None if "unlimited" in limits else max(map(int, limits), default=1) - 1 + at_once * images

        return FailureLimits(most("FAILED_DAILY_LIMIT", "8"), most("SERVER_FAILED_DAILY_LIMIT", "40"))


@pytest.fixture
async def setup(tmp_path: Path, start: Start, request: pytest.FixtureRequest) -> AsyncIterator[Setup]:
    async with Discord() as discord, ImageApi(style="plain") as images, AsyncExitStack() as stack:
        discord.reply_timeout = PATIENCE
        setup = Setup(discord, images, tmp_path, stack, start)
        yield setup
        for url in () if setup.left_open else setup.databases:
            await audited_state(_without_proxy(url, request), images, discord, setup.failure_limits)


def _without_proxy(url: str, request: pytest.FixtureRequest) -> str:
    """The same schema at the server itself: what stood between it and a bot may be gone by now."""
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1":
        return url
    server: str = request.getfixturevalue("postgres_server")
    [schema] = [one for one in parts.query.split("&") if one.startswith("options=")]
    return f"{server}{'&' if '?' in server else '?'}{schema}"


async def log_line(bot: BotProcess, words: str) -> None:
    """Return when the bot has logged `words`."""
    async with asyncio.timeout(PATIENCE):
        while not any(words in line for line in bot.log):  # noqa: ASYNC110 — a process tells by its log alone
            await asyncio.sleep(0.02)
