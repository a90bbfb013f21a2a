"""An image API on loopback, and a client of it that waits for nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web

from bot.imaging.client import ImageClient, ImagingSettings
from sandbox.images import ImageApi

GROK = "x-ai/grok-2-image"
IMAGINE = "x-ai/grok-imagine-image"
PRO = "x-ai/grok-imagine-image-pro"


@asynccontextmanager
async def serving(handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """The origin of a server on loopback that answers everything with `handler`."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Pauses:
    """Stands in for sleeping: remembers the seconds, takes none."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
async def images() -> AsyncIterator[ImageApi]:
    async with ImageApi(style="plain") as api:
        yield api


@pytest.fixture
def settings(images: ImageApi) -> ImagingSettings:
    return ImagingSettings(images.url, images.key, (GROK, IMAGINE), timeout_seconds=10, download_seconds=5)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def client(settings: ImagingSettings, pauses: Pauses) -> AsyncIterator[ImageClient]:
    async with ImageClient(settings, sleep=pauses, random=lambda: 1.0) as opened:
        yield opened


@pytest.fixture
async def hasty(settings: ImagingSettings, pauses: Pauses) -> AsyncIterator[ImageClient]:
    """A client that gives up soon, for whatever never ends."""
    impatient = replace(settings, timeout_seconds=0.4, download_seconds=0.2)
    async with ImageClient(impatient, sleep=pauses, random=lambda: 1.0) as opened:
        yield opened
