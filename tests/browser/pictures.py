"""`python3 dev.py pictures`: the README's pictures, taken of the page with the real bot in it."""

from __future__ import annotations

import asyncio
import io
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

from PIL import Image
from playwright.async_api import Browser, FloatRect, Locator

from sandbox.page.environment import Environment, run_environment
from sandbox.page.server import Page
from tests.browser.chromium import Tab, chromium, installed

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
WIDTH, HEIGHT, SHARPNESS = 1280, 820, 1.5
COLOURS = 256
USUAL_SECONDS = 8.0
"""That a picture takes while the wait for it is shown."""
MARGIN = 12
Take: TypeAlias = Callable[[Tab, Environment], Awaitable[None]]


async def main() -> int:
    if installed() is None:
        print("No Chromium is installed here: install chromium, or Google Chrome", file=sys.stderr)  # noqa: T201
        return 1
    async with chromium() as browser:
        await take_all(browser, take_reply, take_refusal, take_page, take_panel)
        await take_all(browser, take_minute, latency=USUAL_SECONDS)
    return 0


async def take_all(browser: Browser, *pictures: Take, latency: float = 0.5) -> None:
    """One after the other, of a bot that has painted nothing before the first."""
    async with run_environment(latency=latency) as environment, Page(environment).served() as page:
        await environment.bots.start("first")
        for take in pictures:
            await take(await opened(browser, page), environment)


async def opened(browser: Browser, page: Page) -> Tab:
    context = await browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=SHARPNESS,
        color_scheme="dark",
        reduced_motion="reduce",
    )
    tab = Tab(await context.new_page())
    await tab.page.goto(page.url)
    await tab.page.locator(".bot-ready").wait_for()
    return tab


async def take_reply(tab: Tab, _: Environment) -> None:
    await tab.use("imagine", "a T-Rex relaxing on a beach")
    await tab.picture()
    await keep_message(tab, "reply")


async def take_refusal(tab: Tab, _: Environment) -> None:
    await tab.be("Bob")
    await tab.go("gallery")
    for prompt, images in (
        ("a lighthouse in a storm", 2),
        ("cats under the stars", 4),
        ("foxes in the snow", 4),
    ):
        await tab.imagine(prompt, images)
        await tab.page.locator("#messages .message", has_text=prompt).locator(".gallery").wait_for()
    await tab.use("imagine", "one more lighthouse")
    await tab.sees("Only you can see this")
    await keep_message(tab, "refusal")


async def take_panel(tab: Tab, _: Environment) -> None:
    await tab.be("Mia")
    await tab.go("moderators")
    await tab.use("limits show")
    await tab.page.get_by_role("button", name="Member limits").click()
    form = tab.page.get_by_role("dialog")
    await form.get_by_label("Images per member per day").fill("25")
    await form.get_by_role("button", name="Submit").click()
    await tab.sees("Last changed by")
    await keep_message(tab, "limits")


async def take_page(tab: Tab, _: Environment) -> None:
    await tab.go("gallery")
    await tab.page.get_by_role("button", name="Traffic").click()
    await tab.page.locator("#line").fill("/")
    await tab.page.locator("#composer .suggestions .option").first.wait_for()
    await settled(tab)
    keep("page", await tab.page.screenshot())


async def take_minute(tab: Tab, environment: Environment) -> None:
    """A member's minute: what they ask for, the wait, the picture, a change of it, and where it is found again."""
    page, earlier = tab.page, ("a harbour in the fog", "an owl in a library")
    await page.set_viewport_size({"width": 1180, "height": 1100})
    await page.get_by_role("button", name="Hide the things to try").click()
    for prompt in earlier:
        await tab.use("imagine", prompt)
    for prompt in earlier:
        await page.locator("#messages .message", has_text=prompt).locator(".gallery").wait_for()
    await environment.bots.stop("first")  # for it keeps for a minute what it knows of how long pictures take
    await environment.bots.start("first")
    await page.locator(".bot-ready").wait_for()

    await tab.pick("imagine")
    await page.keyboard.type("a T-Rex relaxing on a beach")
    await page.get_by_role("button", name="+ style").click()
    watercolour = page.get_by_role("option", name="Watercolour", selected=True)
    await page.get_by_role("option", name="Watercolour").wait_for()
    while not await watercolour.count():
        await page.keyboard.press("ArrowDown")
    await keep_composer(tab, "minute-1")
    await page.set_viewport_size({"width": 1020, "height": 1100})

    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    message = page.locator("#messages .message", has_text="a T-Rex relaxing on a beach").last
    await message.get_by_text(re.compile(r"[4-9]\d % of the usual")).wait_for()
    await keep_element(tab, message, "minute-2")

    await message.locator(".gallery").wait_for()
    await keep_element(tab, message, "minute-3")

    await message.get_by_role("button", name="Change it").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("What is to be changed, and how?").fill("Put a straw hat on its head")
    await keep_element(tab, form, "minute-4")
    await form.get_by_role("button", name="Submit").click()
    await page.locator("#messages .message", has_text="straw hat").locator(".gallery").wait_for()

    await tab.use("gallery")
    gallery = page.locator("#messages .message", has_text="Your pictures").last
    await gallery.locator(".thumbnail img").first.wait_for()
    await keep_element(tab, gallery, "minute-5")


async def keep_composer(tab: Tab, name: str) -> None:
    """The command as it is filled in, with the list above it."""
    await settled(tab)
    form = await tab.page.locator("#composer").bounding_box()
    offered = await tab.page.get_by_role("listbox", name="Choices for style").bounding_box()
    assert form is not None
    assert offered is not None
    top = offered["y"] - MARGIN
    height = form["y"] + form["height"] - top
    clip = FloatRect(x=form["x"], y=top, width=form["width"], height=height)
    keep(name, await tab.page.screenshot(clip=clip))


async def keep_element(tab: Tab, element: Locator, name: str) -> None:
    await tab.page.mouse.move(0, 0)
    await settled(tab)
    keep(name, await element.screenshot())


async def keep_message(tab: Tab, name: str) -> None:
    """The last message alone, with the pointer out of the way."""
    await tab.page.set_viewport_size({"width": 960, "height": 1500})
    await keep_element(tab, tab.page.locator("#messages .message").last, name)


async def settled(tab: Tab) -> None:
    """Every picture in sight is decoded, and the fonts are there."""
    await tab.page.evaluate("document.fonts.ready")
    for image in await tab.page.locator("#messages img").all():
        await image.evaluate("image => { image.loading = 'eager'; return image.decode() }")


def keep(name: str, content: bytes) -> None:
    """As few bytes as the same look allows."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    path = FOLDER / f"{name}.png"
    # With so few colours, those of small things get lost beside a painting's.
    few = image.quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG) if name != "page" else image
    few.save(path, optimize=True)
    print(f"{path.relative_to(FOLDER.parent.parent)}: {path.stat().st_size // 1000} kB")  # noqa: T201


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
