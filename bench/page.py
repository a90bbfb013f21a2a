"""How fast the page of `dev.py try` is, in a real Chromium, beside an empty page that is served the same way."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median, quantiles

from aiohttp import web
from playwright.async_api import Browser
from playwright.async_api import Page as Tab

from bench.measurements import Measurement, MeasurementSkipped
from sandbox.bot_process import REPOSITORY
from sandbox.discord.kit.request_body import RequestBody
from sandbox.page.environment import Environment, run_environment
from sandbox.page.server import HOST, Page
from tests.browser.chromium import chromium, installed

MESSAGES, PICTURES = 500, 50
USABLE = "#composer .suggestions .command-name"
ROOM = {"DAILY_LIMIT": "100", "BOT_DAILY_LIMIT": "unlimited"}
PLAIN = "".join(f"<p>Message {number}<br>and more<br>and more</p>" for number in range(MESSAGES))
SCROLL = """async (selector) => {
    const scroller = document.querySelector(selector), frames = [];
    let before = performance.now();
    for (let to = scroller.scrollHeight; to > 0; to -= 240) {
        scroller.scrollTop = to;
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - before);
        before = now;
    }
    return frames.slice(1);
}"""
"""Upwards through everything, a turn of the wheel in each frame; milliseconds between the frames."""


async def page(rounds: int) -> list[Measurement]:
    if installed() is None:
        raise MeasurementSkipped("no Chromium is installed here")
    async with (
        run_environment(ROOM, latency=0.0) as environment,
        Page(environment).served() as page,
        chromium() as browser,
    ):
        await environment.bots.start("first")
        async with empty_page() as empty:
            opened = await _opening(browser, empty, page.url, rounds)
            await _fill(environment)
            return [
                opened,
                await _scrolling(browser, empty, page.url, rounds),
                await _trying(browser, rounds),
            ]


@asynccontextmanager
async def empty_page() -> AsyncIterator[str]:
    """Nothing but paragraphs, from the same kind of server."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=f"<!doctype html><title>Empty</title>{PLAIN}", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def tab(browser: Browser) -> AsyncIterator[Tab]:
    """With nothing in its cache."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def usable(tab: Tab, url: str) -> None:
    """Until it says who one is, and `/` offers the bot's commands."""
    await tab.goto(url)
    await tab.locator("#you-are strong").wait_for()
    await tab.locator("#line").fill("/")
    await tab.locator(USABLE).first.wait_for()


async def _opening(browser: Browser, empty: str, url: str, rounds: int) -> Measurement:
    low, high = [], []
    for _ in range(rounds):
        async with tab(browser) as one:
            begin = time.perf_counter()
            await one.goto(empty)
            low.append(time.perf_counter() - begin)
        async with tab(browser) as one:
            begin = time.perf_counter()
            await usable(one, url)
            high.append(time.perf_counter() - begin)
    taken = median(high)
    return Measurement(
        "page opens, empty page and page", f"{median(low):.2f} s", f"{taken:.2f} s", taken, 1, "s"
    )


async def _fill(environment: Environment) -> None:
    """The channel where the page begins: pictures by the bot among what people say."""
    ada = environment.demo.people[0]
    for number in range(PICTURES):
        await ada.member_in(ada.home).imagine(f"picture {number}", channel=ada.home, within=60)
    messages = environment.discord.messages
    for number in range(MESSAGES - PICTURES):
        said = messages.new(ada.home, environment.demo.people[number % 4].user)
        messages.add(said, RequestBody({"content": f"message {number} in **bold**\n> and a quote\nand more"}))


async def _scrolling(browser: Browser, empty: str, url: str, rounds: int) -> Measurement:
    low, high = [], []
    for _ in range(rounds):
        async with tab(browser) as one:
            await one.goto(empty)
            low.append(await _slow_frame(one, "html"))
        async with tab(browser) as one:
            await one.goto(url)
            await one.locator("#messages .message").nth(MESSAGES - 1).wait_for(state="attached")
            high.append(await _slow_frame(one, "#scroller"))
    taken = median(high)
    name = f"{MESSAGES} messages scroll, frame at p95"
    return Measurement(name, f"{median(low):.0f} ms", f"{taken:.0f} ms", taken, 50, "ms")


async def _slow_frame(tab: Tab, scroller: str) -> float:
    frames: list[float] = await tab.evaluate(SCROLL, scroller)
    return quantiles(frames, n=20)[-1]


async def _trying(browser: Browser, rounds: int) -> Measurement:
    taken = median([await _one_try(browser) for _ in range(rounds)])
    return Measurement("try, until its page is usable", "-", f"{taken:.2f} s", taken, 4, "s")


async def _one_try(browser: Browser) -> float:
    begin = time.perf_counter()
    command = (sys.executable, "dev.py", "try", "--no-browser")
    process = await asyncio.create_subprocess_exec(*command, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", (await process.stdout.readline()).decode())
        assert found is not None
        async with tab(browser) as one:
            await one.goto(found[0])
            await one.locator(".bot-ready").wait_for()
            await one.locator("#line").fill("/")
            await one.locator(USABLE).first.wait_for()
            return time.perf_counter() - begin
    finally:
        process.terminate()
        await process.wait()
