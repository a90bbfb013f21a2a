"""The drawers of the page in a real Chromium: what one breaks there, and what one watches."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from playwright.async_api import Browser, expect

from sandbox.bot_process import Start
from sandbox.images import ImageApi
from sandbox.page.environment import Environment, run_environment
from sandbox.page.server import Page
from tests.browser.chromium import Tab

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def open_drawer(tab: Tab, name: str) -> None:
    await tab.page.get_by_role("button", name=name).click()


async def press(tab: Tab, name: str) -> None:
    await tab.page.locator("#drawer").get_by_role("button", name=name, exact=True).first.click()


async def test_the_traffic_shows_what_the_bot_asked_for_and_how_it_was_answered(tab: Tab) -> None:
    await open_drawer(tab, "Traffic")
    await tab.use("imagine", "a fox")
    await tab.picture()
    row = tab.page.locator(".traffic-row", has_text="POST /v1/images/generations").last
    await expect(row.locator(".traffic-status")).to_have_text(re.compile(r"^200 · \d"))
    await row.locator("summary").click()
    await expect(row.locator("pre")).to_contain_text("a fox")
    await expect(tab.page.locator(".traffic-row", has_text="INTERACTION_CREATE").last).to_be_visible()
    await tab.page.get_by_role("button", name="from Discord").click()
    await expect(tab.page.locator(".traffic-row", has_text="INTERACTION_CREATE").last).to_be_hidden()


async def test_the_log_shows_what_the_bot_says_and_when(tab: Tab) -> None:
    await tab.use("imagine", "a hen")
    await tab.picture()
    await open_drawer(tab, "The bot's log")
    line = tab.page.locator(".log-line", has_text="delivered").last
    await expect(line).to_have_text(re.compile(r"^\d\d:\d\d:\d\d\.\d{3}\s*INFO\s*generation \d+ delivered"))


async def test_moments_count_along(tab: Tab) -> None:
    await tab.say(f"<t:{int(time.time()) + 4}:R>")
    moment = tab.page.locator("#messages .stamp").last
    await expect(moment).to_have_text(re.compile(r"^in \d seconds?$"))
    await expect(moment).to_have_text(re.compile(r"^\d seconds? ago$"))


async def test_the_drawer_says_what_is_wrong_until_all_is_well_again(
    tab: Tab, environment: Environment
) -> None:
    assert environment.images is not None
    await open_drawer(tab, "What if…")
    note = tab.page.locator("#drawer .drawer-note").first
    await expect(note).to_have_text("Nothing is wrong, and nothing is planned to go wrong.")
    await press(tab, "No money is left")
    await press(tab, "Nobody answers there")
    await expect(note).to_have_text("The image API is down. The image API has $0 left.")
    environment.images.latency = 9
    await press(tab, "It is back")
    await expect(note).to_have_text("The image API has $0 left. A picture takes 9 s.")
    await expect(tab.page.get_by_label("A picture takes")).to_have_value("9")
    await press(tab, "All is well again")
    await expect(note).to_have_text("Nothing is wrong, and nothing is planned to go wrong.")
    await expect(tab.page.get_by_label("A picture takes")).to_have_value("0")


async def test_one_finds_a_fault_by_plain_words_and_reads_what_should_come_of_it(
    tab: Tab, environment: Environment
) -> None:
    assert environment.images is not None
    await open_drawer(tab, "What if…")
    await tab.page.locator("#drawer").get_by_role("button", name="What it does wrong").click()
    assert await tab.faults() == []
    await expect(tab.page.locator(".option-group").first).to_have_text("It refuses the prompt")
    await tab.page.get_by_label("Search").fill("busy")
    await expect(tab.page.get_by_text("There is nothing to choose from here.")).to_be_visible()
    await tab.page.get_by_label("Search").fill("too many orders, for one")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("#drawer")).to_contain_text("What should happen: The bot waits in line")
    await press(tab, "Let it happen")
    await expect(tab.page.locator(".said")).to_have_text("The next picture goes wrong in that way.")
    assert environment.images.pending_faults == 1
    await press(tab, "All is well again")


async def test_a_model_that_goes_while_it_paints_is_followed_by_the_next(
    tab: Tab, environment: Environment
) -> None:
    assert environment.images is not None
    await open_drawer(tab, "What if…")
    note = tab.page.locator("#drawer .drawer-note").first
    environment.images.latency = 3
    asked = len(environment.images.requests)
    await tab.use("imagine", "a heron")
    while len(environment.images.requests) == asked:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await press(tab, "No channels are left for it")
    await expect(note).to_contain_text("Models that are gone: x-ai/grok-2-image.")
    heron = tab.page.locator("#messages .message", has_text="a heron")
    await heron.get_by_text("Painted by grok-imagine-image").wait_for()
    asked_for = [one.body["model"] for one in environment.images.requests[asked:]]
    assert asked_for == ["x-ai/grok-2-image", "x-ai/grok-imagine-image"]
    await press(tab, "All is well again")
    await expect(note).to_have_text("Nothing is wrong, and nothing is planned to go wrong.")


async def test_a_second_copy_paints_while_the_first_is_killed(tab: Tab) -> None:
    await open_drawer(tab, "What if…")
    await press(tab, "Start a second copy")
    await expect(tab.page.locator(".bot-card .bot-state.running")).to_have_count(2)
    await press(tab, "Kill it")
    await expect(tab.page.locator(".bot-card").first).to_contain_text("killed")
    await expect(tab.page.get_by_role("button", name="Start it", exact=True)).to_be_focused()
    await expect(tab.page.locator("#status")).to_be_empty()
    await tab.use("imagine", "painted by the second copy")
    await tab.picture()
    await expect(tab.page.locator("#messages .message").last).to_contain_text("painted by the second copy")
    await tab.page.locator(".bot-card").nth(1).get_by_role("button", name="Kill it").click()
    await expect(tab.page.locator("#status")).to_have_text("The bot is not running: killed")
    await press(tab, "Start it")
    await tab.page.locator(".bot-ready").wait_for()


async def test_a_bot_that_is_killed_and_started_again_is_another_process_and_paints(tab: Tab) -> None:
    await open_drawer(tab, "What if…")
    process = tab.page.locator(".bot-card").first.locator(".pid")
    before = await process.text_content()
    assert before
    await press(tab, "Kill and start again")
    await expect(tab.page.locator(".said")).to_have_text("It was killed and is back.")
    await expect(process).not_to_have_text(before)
    await tab.page.locator(".bot-ready").wait_for()
    await tab.use("imagine", "painted after the restart")
    await tab.picture()


async def test_an_open_drawer_goes_on_when_the_sandbox_is_started_again(
    browser: Browser, start: Start
) -> None:
    context, port = await browser.new_context(), 0
    try:
        tab, before = Tab(await context.new_page()), "of the first run"
        for _ in range(2):
            async with run_environment(start=start) as environment, Page(environment).served(port) as page:
                await environment.bots.start("first")
                if not port:
                    port = page.port
                    await tab.page.goto(page.url)
                    await open_drawer(tab, "The bot's log")
                registered = tab.page.locator(".log-line", has_text="registered the commands")
                await tab.page.locator(".bot-ready").wait_for()
                await expect(registered).not_to_have_text(before)
                await expect(registered).to_have_count(1)
                before = await registered.text_content() or ""
                pid = environment.bots.copies["first"].pid
                await open_drawer(tab, "What if…")
                await expect(tab.page.locator(".bot-card").first).to_contain_text(f"process {pid}")
                await open_drawer(tab, "The bot's log")
    finally:
        await context.close()


async def test_what_real_pictures_cost_is_said_in_full_on_the_narrowest_screen(
    browser: Browser, start: Start
) -> None:
    context = await browser.new_context(viewport={"width": 360, "height": 740})
    try:
        async with ImageApi(style="plain") as bought:
            real = {"IMAGE_API_URL": bought.url, "IMAGE_API_KEY": bought.key}
            async with (
                run_environment(real=real, start=start) as environment,
                Page(environment).served() as page,
            ):
                await environment.bots.start("first")
                tab = Tab(await context.new_page())
                await tab.page.goto(page.url)
                told = tab.page.locator("#status p")
                await expect(told).to_have_text("Real images: about $0.07 each")
                await tab.use("imagine", "a fox")
                await tab.picture()
                first = "Real images: the last purchase cost $0.0735 · 1 image so far, $0.07"
                await expect(told).to_have_text(first)
                bought.inject_fault("no_usage")
                await tab.use("imagine", "a hen")
                await tab.picture(1)
                await expect(told).to_have_text(
                    "Real images: the last purchase cost about $0.07 · 2 images so far, "
                    "$0.07 and 1 of unknown price, about $0.07"
                )
                assert await told.evaluate("line => line.scrollWidth <= line.clientWidth")
    finally:
        await context.close()


async def test_a_limit_that_is_used_up_starts_again_tomorrow(tab: Tab) -> None:
    await tab.be("Mia")
    for number, prompt in ((4, "four foxes"), (4, "four hens"), (2, "two owls")):
        await tab.imagine(prompt, number)
        await tab.page.locator("#messages .message", has_text=prompt).locator(".gallery").wait_for()
    await tab.use("imagine", "one more owl")
    await tab.sees("You've used your 10 images")
    stamp = tab.page.locator("#messages .message").last.locator(".stamp")
    await expect(stamp).to_have_text(re.compile("^in "))
    await tab.page.get_by_role("button", name="What if…").click()
    await tab.page.get_by_role("button", name="Move the clock to tomorrow").click()
    await press(tab, "No")
    await tab.page.get_by_role("button", name="Move the clock to tomorrow").click()
    await press(tab, "Yes")
    await expect(tab.page.locator(".said")).to_have_text("A day has passed: daily limits start again.")
    await expect(stamp).to_have_text(re.compile(" ago$"))
    await expect(tab.page.locator("#messages .clock").last).to_have_text(re.compile("^Yesterday at "))
    await expect(tab.page.locator("#status")).to_contain_text("Tomorrow: ")
    await tab.use("imagine", "an owl in the morning")
    await tab.picture()
    message = tab.page.locator("#messages .message").last
    await expect(message.locator(".field-value")).to_contain_text("1 of 10 images")
    await expect(message.locator(".clock")).not_to_contain_text("Yesterday")
