"""The drawers of the page in a real Chromium: what one breaks there, and what one watches."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.chromium import Tab

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_limit_that_is_used_up_starts_again_tomorrow(tab: Tab) -> None:
    for number, prompt in ((4, "four foxes"), (4, "four hens"), (2, "two owls")):
        await tab.imagine(prompt, number)
        await tab.page.locator("#messages .message", has_text=prompt).locator(".gallery").wait_for()
    await tab.use("imagine", "one more owl")
    await tab.sees("You have used your 10 images")
    stamp = tab.page.locator("#messages .message").last.locator(".stamp")
    await expect(stamp).to_have_text(re.compile("^in "))
    await tab.page.get_by_role("button", name="What if…").click()
    await tab.page.get_by_role("button", name="Move the clock to tomorrow").click()
    await expect(tab.page.locator(".said")).to_have_text("A day has passed: daily limits start again.")
    await expect(stamp).to_have_text(re.compile(" ago$"))
    await expect(tab.page.locator("#messages .clock").last).to_have_text(re.compile("^Yesterday at "))
    await expect(tab.page.locator("#status")).to_contain_text("Tomorrow: ")
    await tab.use("imagine", "an owl in the morning")
    await tab.picture()
    message = tab.page.locator("#messages .message").last
    await expect(message.locator(".field-value")).to_contain_text("1 / 10 · starts again in ")
    await expect(message.locator(".clock")).not_to_contain_text("Yesterday")
