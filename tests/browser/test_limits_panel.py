"""The moderators' panel in a real Chromium, on a phone: short, and what happened stands beside its button."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.browser.chromium import Tab

pytestmark = pytest.mark.asyncio(loop_scope="module")
TALLEST = 720
"""Pixels: a panel with nothing set fits on a phone's screen."""


async def panel_of(tab: Tab) -> Locator:
    await tab.be("Mia")
    await tab.go("moderators")
    await tab.use("limits show")
    await tab.sees("Image limits")
    await tab.page.set_viewport_size({"width": 390, "height": 844})
    return tab.page.locator("#messages .message").last


async def centre(place: Locator) -> float:
    box = await place.bounding_box()
    assert box
    return box["y"] + box["height"] / 2


async def test_on_a_phone_the_whole_panel_is_on_one_screen(tab: Tab) -> None:
    panel = await panel_of(tab)
    box = await panel.bounding_box()
    assert box
    assert box["height"] < TALLEST


async def test_a_refused_form_is_said_beside_its_button_and_comes_back_filled_in(tab: Tab) -> None:
    panel = await panel_of(tab)
    await panel.get_by_role("button", name="Pace").click()
    form = tab.page.get_by_role("dialog")
    await form.get_by_label("Images per prompt").fill("2")
    await form.get_by_label("Cooldown per member").fill("a while")
    await form.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("❌ Cooldown per member: “a while” isn't a duration")
    fix = panel.get_by_role("button", name="Fix it")
    assert abs(await centre(fix) - await centre(panel.get_by_role("button", name="Pace"))) < 200
    await expect(fix).to_be_in_viewport()
    await fix.click()
    await expect(form.get_by_label("Images per prompt")).to_have_value("2")
    await expect(form.get_by_label("Cooldown per member")).to_have_value("a while")
    await form.get_by_label("Cooldown per member").fill("30 s")
    await form.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("✅ Changed")
    await expect(panel).not_to_contain_text("❌")
    done = panel.get_by_text("Changed", exact=True)
    assert abs(await centre(done) - await centre(panel.get_by_role("button", name="Pace"))) < 200
