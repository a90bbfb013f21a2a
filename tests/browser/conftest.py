"""One Chromium and one environment for each module of tests; a tab of its own for each test."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from sandbox.bot_process import Start
from sandbox.page.environment import Environment, run_environment
from sandbox.page.server import Page
from tests.browser.chromium import Tab, chromium, installed


@pytest.fixture(scope="session", autouse=True)
def _a_browser() -> None:
    """Skipped, and seen to be, where no Chromium is installed; in CI one has to be."""
    if installed() is None:
        in_ci = os.environ.get("CI", "").lower() not in {"", "0", "false"}
        assert not in_ci, "CI has no Chromium: .ci/run installs one"
        pytest.skip("no Chromium is installed here")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def environment(start: Start) -> AsyncIterator[Environment]:
    async with run_environment(latency=0.2, start=start) as environment:
        await environment.bots.start("first")
        yield environment


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(environment: Environment) -> AsyncIterator[Page]:
    async with Page(environment).served() as page:
        yield page


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser: Browser, page: Page) -> AsyncIterator[Tab]:
    """As Ada in the general channel of the Tea House; whatever the console complains of fails the test."""
    context = await browser.new_context(
        viewport={"width": 1280, "height": 860}, color_scheme="dark", reduced_motion="reduce"
    )
    try:
        tab = Tab(await context.new_page())
        await tab.page.goto(page.url)
        await tab.page.locator(".bot-ready").wait_for()
        yield tab
        assert tab.complaints == []
    finally:
        await context.close()
