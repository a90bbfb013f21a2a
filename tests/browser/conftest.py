"""One Chromium, one tab and one environment for each module of tests; each test loads the page anew."""

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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_tab(browser: Browser) -> AsyncIterator[Tab]:
    """For the tests of a module in turn: to open another for each would take twice the processor time."""
    context = await browser.new_context(color_scheme="dark", reduced_motion="reduce")
    yield Tab(await context.new_page())
    await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def tab(module_tab: Tab, page: Page) -> AsyncIterator[Tab]:
    """As Ada in the general channel of the Tea House; whatever the console complains of fails the test. The browser
    has kept nothing of the test before.
    """
    module_tab.complaints.clear()
    await module_tab.page.set_viewport_size({"width": 1280, "height": 860})
    await module_tab.page.mouse.move(0, 0)
    await module_tab.page.goto(page.url)
    await module_tab.page.locator(".bot-ready").wait_for()
    yield module_tab
    await module_tab.page.evaluate("sessionStorage.clear(); localStorage.clear()")
    assert module_tab.complaints == []
