"""The system's own Chromium, driven over its debugging protocol; none is ever downloaded."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
LARGEST_EXACT = (1 << 53) - 1
"""The largest integer of JavaScript that no other is rounded to."""
PATIENCE = 60_000
"""Milliseconds that anything expected may take to show up on a busy machine."""
expect.set_options(timeout=PATIENCE)


def installed() -> str | None:
    """The path of a Chromium, or None where there is none."""
    found = (shutil.which(name) for name in NAMES)
    on_mac = (path for path in MAC if sys.platform == "darwin" and Path(path).exists())
    return next((path for path in (*found, *on_mac) if path), None)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    # Chromium refuses to sandbox itself for root; shared memory is small in containers.
    options = [*(["--no-sandbox"] if as_root else []), "--disable-dev-shm-usage", "--disable-gpu"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=installed(), args=options)
        try:
            yield browser
        finally:
            await browser.close()


class Tab:
    """A page as a person uses it: what they type, click and see. `complaints` is what the console said."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("websocket", lambda socket: socket.on("framereceived", self._check_numbers))

    def _check_numbers(self, frame: str | bytes) -> None:
        """A browser rounds integers that are larger: a snowflake has to come as a string."""

        def checked(number: str) -> int:
            if abs(int(number)) > LARGEST_EXACT:
                self.complaints.append(f"the page was told of the number {number}")
            return int(number)

        json.loads(frame, parse_int=checked)

    async def be(self, name: str) -> None:
        await self.page.get_by_role("button", name=f"Be {name} ").click()
        await self.page.locator(".you-are strong", has_text=name).wait_for()

    async def go(self, place: str) -> None:
        await self.page.get_by_role("button", name=place, exact=True).click()

    async def pick(self, command: str) -> None:
        """Type the command's name and take the first that is offered."""
        await self.page.locator("#line").fill(f"/{command}")
        await self.page.locator("#composer .suggestions .command-name").first.wait_for()
        await self.page.keyboard.press("Enter")
        await self.page.locator(".command-form").wait_for()

    async def use(self, command: str, first: str = "") -> None:
        """With nothing but its first option."""
        await self.pick(command)
        await self.page.keyboard.type(first)
        await self.page.keyboard.press("Enter")

    async def use_on(self, message: Locator, command: str) -> None:
        """A command of the message's menu."""
        await message.click(button="right")
        await self.page.get_by_role("menuitem", name="Apps").click()
        await self.page.get_by_role("menuitem", name=command).click()

    async def say(self, text: str) -> None:
        await self.page.locator("#line").fill(text)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator("#line")).to_have_value("")

    async def imagine(self, prompt: str, images: int) -> None:
        await self.pick("imagine")
        await self.page.keyboard.type(prompt)
        await self.page.get_by_role("button", name="+ images").click()
        await self.page.keyboard.type(str(images))
        await self.page.keyboard.press("Enter")

    async def sees(self, text: str) -> None:
        await self.page.locator("#messages").get_by_text(text).last.wait_for()

    async def faults(self) -> list[str]:
        """What axe-core finds of serious and critical ones for people who see, hear or move differently, and where."""
        violations = (await Axe().run(self.page)).response["violations"]
        found = [one for one in violations if one["impact"] in ("serious", "critical")]
        return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]

    async def picture(self, number: int = -1) -> None:
        """Until a picture is there and drawn."""
        image = self.page.locator("#messages .gallery img").nth(number)
        await image.wait_for()
        await image.scroll_into_view_if_needed()
        await image.evaluate("image => image.decode()")
