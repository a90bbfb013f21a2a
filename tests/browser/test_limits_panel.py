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
    panel = tab.page.locator("#messages .message", has_text="Image limits").last
    # By its id: it may show something else, and moderators are told there where to begin, soon after a bot's start.
    return tab.page.locator(f'[data-message="{await panel.get_attribute("data-message")}"]')


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


async def test_a_change_that_may_cost_far_more_says_so_first(tab: Tab) -> None:
    panel = await panel_of(tab)
    await panel.get_by_role("button", name="Member limits").click()
    form = tab.page.get_by_role("dialog")
    await form.get_by_label("Images per member per day").fill("99")
    await form.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("may cost up to $7.28 a day for each member")
    await panel.get_by_role("button", name="Cancel").click()
    await expect(panel).to_contain_text("10 a day")


async def test_a_duration_is_taken_as_it_is_typed_and_the_block_is_lifted_from_its_list(tab: Tab) -> None:
    page = tab.page
    await tab.be("Mia")
    await tab.go("moderators")
    await tab.pick("limits member")
    await page.keyboard.type("Bob")
    await page.keyboard.press("Enter")
    await page.get_by_role("combobox", name="action").fill("Block")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="+ duration").click()
    await page.keyboard.type("90 min")
    choices = page.get_by_role("listbox", name="Choices for duration")
    await expect(choices.get_by_role("option").first).to_contain_text("90 min")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Send").click()
    await tab.sees("Block for")
    panel = await panel_of(tab)
    await panel.get_by_role("button", name="See a whole list").click()
    await page.get_by_role("option", name="Blocked members (1)").click()
    await panel.get_by_role("button", name="Unblock").click()
    await expect(panel).to_contain_text("Blocked members (0)")


async def test_a_report_waits_on_the_panel_where_there_is_no_log(tab: Tab) -> None:
    page = tab.page
    await tab.use("imagine", "a fox to report")
    picture = page.locator("#messages .message", has_text="a fox to report")
    await picture.locator(".gallery").wait_for()
    await tab.be("Bob")
    await tab.use_on(picture, "Report this picture")
    form = page.get_by_role("dialog")
    await form.get_by_label("What's wrong with it?").fill("not nice")
    await form.get_by_role("button", name="Submit").click()
    await tab.sees("kept for the moderators")
    panel = await panel_of(tab)
    await expect(panel).to_contain_text("1 report waiting")
    await panel.get_by_role("button", name="See reports").click()
    await expect(panel).to_contain_text("not nice")
    await panel.get_by_role("button", name="Dismiss", exact=True).click()
    await expect(panel).to_contain_text("None are waiting.")
