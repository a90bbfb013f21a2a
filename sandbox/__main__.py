"""A page with the bot in it; given a prompt, one /imagine from the slash command to the picture."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from textwrap import shorten

from dotenv import dotenv_values

from sandbox.bot_process import BotDied, BotProcess
from sandbox.discord import Discord, RefusedByDiscord, Reply, ReplyTimeout
from sandbox.images import ImageApi
from sandbox.page.bots import reason
from sandbox.page.run import show_page
from sandbox.terminal import printable, render

PICTURES = Path("pictures")
LONGEST_WAIT = 300.0
WRONG_SETTINGS, INTERRUPTED = 78, 130
_PASSED_ON = re.compile(r"IMAGE_\w+|HTTPS_PROXY|SSL_CERT_FILE|SSL_CERT_DIR")


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return _paid_for(options) if options.real else _run(options, None)
    except KeyboardInterrupt:
        _say("Stopped.")
        return INTERRUPTED


def _paid_for(options: argparse.Namespace) -> int:
    settings = real_settings(dotenv_values(Path(".env")), os.environ)
    if not settings.get("IMAGE_API_KEY"):
        _say(f"IMAGE_API_KEY is not set: put your key into {Path('.env').resolve()}.")
        return WRONG_SETTINGS
    _say("This uses the real image API with your key: one image of the default models costs $0.05 or less.")
    try:
        agreed = options.yes or input("Go on? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        agreed = False
    if not agreed:
        _say("Nothing was sent and nothing was paid.")
        return 1
    return _run(options, settings)


def _run(options: argparse.Namespace, real: Mapping[str, str] | None) -> int:
    if options.prompt is None:
        try:
            return asyncio.run(show_page(real, browser=options.browser, port=options.port))
        except OSError as error:
            _say(f"The page cannot be served on port {options.port}: {error.strerror}")
            return 1
    # An empty value counts as unset: the bot then uses the real API's address.
    return asyncio.run(_try(options.prompt, {} if real is None else {"IMAGE_API_URL": "", **real}))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py try", description=__doc__)
    parser.add_argument("prompt", nargs="?", help="send this alone, and show the reply here")
    parser.add_argument("--real", action="store_true", help="use the real image API, with the key from .env")
    parser.add_argument("--yes", action="store_true", help="with --real: do not ask before paying")
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="print the page's address only"
    )
    parser.add_argument("--port", type=int, default=0, help="of the page, in place of any that is free")
    return parser


def real_settings(file: Mapping[str, str | None], environment: Mapping[str, str]) -> dict[str, str]:
    """The settings of the image API; as for the bot itself, the environment goes before the file."""
    merged = {**file, **{name: value for name, value in environment.items() if value}}
    return {name: value for name, value in merged.items() if value and _PASSED_ON.fullmatch(name)}


async def _try(prompt: str, settings: Mapping[str, str]) -> int:
    async with Discord() as discord, ImageApi() as images:
        try:
            async with BotProcess(discord, images, settings):
                return await _imagine(discord, prompt, paid="IMAGE_API_URL" in settings)
        except BotDied as died:
            _say(f"The bot did not start: {reason(str(died))}")
        except RefusedByDiscord as refused:
            _say(f"Discord would not have sent this: {refused}.")
        except ReplyTimeout as late:
            _say(f"No reply came: {late}.")
    return 1


async def _imagine(discord: Discord, prompt: str, *, paid: bool) -> int:
    ada = discord.server("Tea House").member("Ada")
    _say(f"Ada: /imagine prompt: {shorten(prompt, 300, placeholder=' …')}")
    reply = await ada.imagine(prompt, within=LONGEST_WAIT)
    if reply.state == "no answer":
        _say("Discord shows: The application did not respond. The bot took longer than 3 seconds.")
        return 1
    _say(render(reply, discord.state.bot.name, time.time()))
    for path in save(reply, prompt, PICTURES, keep=paid):
        _say(f"Saved as {path}")
    return 0 if reply.attachments else 1


def save(reply: Reply, prompt: str, folder: Path, *, keep: bool) -> list[Path]:
    """Write the images to files named after the prompt; existing files are overwritten unless `keep`."""
    if reply.attachments:
        folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^a-z0-9]+", "-", prompt.lower())[:60].strip("-") or "picture"
    saved = []
    for file in reply.attachments:
        suffix, number = Path(file.filename).suffix, 2
        path = folder / f"{name}{suffix}"
        while path.exists() and (keep or path in saved):
            path, number = folder / f"{name}-{number}{suffix}", number + 1
        path.write_bytes(file.data)
        saved.append(path)
    return saved


def _say(text: str) -> None:
    print(printable(text, sys.stdout.encoding), flush=True)


if __name__ == "__main__":
    sys.exit(main())
