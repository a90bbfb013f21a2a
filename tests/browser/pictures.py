"""`python3 dev.py pictures`: the README's pictures, taken of the page with the real bot in it."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Locator

from sandbox.page.environment import Environment, run_environment
from sandbox.page.server import Page
from tests.browser.chromium import Tab, chromium, installed

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
WIDTH, HEIGHT, SHARPNESS = 1280, 820, 1.5
COLOURS = 256


async def main() -> int:
    if installed() is None:
        print("No Chromium is installed here: install chromium, or Google Chrome", file=sys.stderr)  # noqa: T201
        return 1
    async with (
        run_environment(latency=0.5) as environment,
        Page(environment).served() as page,
        chromium() as browser,
    ):
        await environment.bots.start("first")
        for take in (take_reply, take_refusal, take_page, take_panel):
            await take(await opened(browser, page), environment)
    return 0


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


async def keep_message(tab: Tab, name: str) -> None:
    """The last message alone, with the pointer out of the way."""
    await tab.page.set_viewport_size({"width": 960, "height": 1500})
    await tab.page.mouse.move(0, 0)
    await settled(tab)
    message: Locator = tab.page.locator("#messages .message").last
    keep(name, await message.screenshot())


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
