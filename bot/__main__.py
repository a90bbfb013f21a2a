"""`python -m bot [run | check [--buy] | clear-left-overs]`."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bot import app, logs
from bot.client.gateway import incompatibility
from bot.connection import ConnectionRejected, TokenRejected, point_at
from bot.core.errors import DatabaseUnavailable
from bot.diagnostics.check import check, unknown_in_env
from bot.diagnostics.database import database_finding, schema_finding
from bot.diagnostics.discord_account import (
    TOKEN_REJECTED,
    clear_leftover_commands,
    gateway_finding,
    token_trouble,
)
from bot.diagnostics.ephemeral_disks import ephemeral_host, in_container, mounted_disks
from bot.diagnostics.report import Finding
from bot.settings import proxies
from bot.settings.settings import (
    WHERE_THE_TOKEN_IS,
    Environment,
    Settings,
    SettingsError,
    load_environment,
    read_settings,
)
from bot.storage.engine.migrate import SchemaTooNew

if sys.platform == "win32":
    from asyncio import run as run_loop
else:
    from uvloop import run as run_loop  # halves what a command costs in CPU

log = logging.getLogger("bot")

# Exit codes: 0 only for a stop that was asked for; 64 and 78 are EX_USAGE and EX_CONFIG of sysexits.h.
STOPPED, FAILED, MISUSED, MISCONFIGURED = 0, 1, 64, 78


def main(arguments: Sequence[str]) -> int:
    command = COMMANDS.get(" ".join(arguments) or "run")
    if command is None:
        print("usage: python -m bot [run | check [--buy] | clear-left-overs]", file=sys.stderr)
        return MISUSED
    try:
        environment = load_environment(Path.cwd())
        settings = read_settings(environment.values, environment.written)
        if trouble := is_discord(settings.discord_api_url) and token_trouble(settings.discord_token):
            raise SettingsError((f"DISCORD_TOKEN: {trouble}. {WHERE_THE_TOKEN_IS}",))
    except SettingsError as error:
        print("The settings need attention:", *error.problems, sep="\n  ", file=sys.stderr)
        if any("must be set" in problem for problem in error.problems):
            print(where_to_set(Path.cwd()), file=sys.stderr)
        return MISCONFIGURED
    proxies.adopt(environment.values, os.environ)
    return command(settings, environment)


def is_discord(api_url: str) -> bool:
    """Discord's own API, and not a sandbox, whose tokens may be anything."""
    host = urlsplit(api_url).hostname or ""
    return host == "discord.com" or host.endswith(".discord.com")


def where_to_set(folder: Path) -> str:
    """For somebody who has set nothing yet."""
    if (folder / ".env").exists():
        return "Set it in .env, or as an environment variable at your host."
    return "Copy .env.example to .env and fill it in, or set them as environment variables at your host."


def serve(settings: Settings, environment: Environment) -> int:
    logs.configure(settings.log_level, settings.log_format, redact=settings.redact)
    if environment.unknown_names:
        log.warning("%s", unknown_in_env(environment.unknown_names))
    if lacking := incompatibility():
        log.error("%s", lacking)
        return MISCONFIGURED
    if useless := proxies.unusable(os.environ):
        log.warning("%s: not an HTTP proxy, and not used; set it to http://host:port", ", ".join(useless))
    ephemeral = ephemeral_host(
        environment.values,
        settings.database_url,
        Path.cwd(),
        mounted=mounted_disks(),
        in_container=in_container(),
    )
    if ephemeral:
        log.warning(
            "%s wipes this disk at a restart or a new deploy, and all counters and limits with it: set DATABASE_URL "
            "to a PostgreSQL server, or to a file on a disk that lasts",
            ephemeral,
        )
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    try:
        run_loop(_serve(settings, ephemeral))
    except KeyboardInterrupt:  # before the handlers of `_stop_on_signals` stood
        return STOPPED
    except Exception as error:  # noqa: BLE001 — the place where what nobody foresaw is caught
        return _ended_by(error, settings)
    return STOPPED


def _ended_by(error: Exception, settings: Settings) -> int:
    finding = foreseen(error, settings)
    if finding is None:
        log.error("the bot stops after an unexpected error", exc_info=error)
        return FAILED
    log.error("%s: %s", finding.subject, finding.sentence)
    return MISCONFIGURED if finding.misconfigured else FAILED


def foreseen(error: Exception, settings: Settings) -> Finding | None:
    """What `python -m bot check` would say of it."""
    match error:
        case TokenRejected():
            return TOKEN_REJECTED
        case ConnectionRejected(code=code):
            return gateway_finding(code)
        case DatabaseUnavailable():
            return database_finding(error, settings.database_url)
        case SchemaTooNew(at=at, newest=newest):
            return schema_finding(at, newest)
        case _:
            return None


def run_check(settings: Settings, environment: Environment) -> int:
    return run_loop(_check(settings, environment))


def run_check_and_buy(settings: Settings, environment: Environment) -> int:
    return run_loop(_check(settings, environment, buying=True))


async def _check(settings: Settings, environment: Environment, *, buying: bool = False) -> int:
    logging.getLogger("discord").setLevel(logging.CRITICAL)  # its warnings about a bot that is only looked at
    return await check(
        settings,
        unknown_names=environment.unknown_names,
        commands=await app.commands_of(settings),
        buyer=app.image_client(settings) if buying else None,
    )


def clear(settings: Settings, _environment: Environment) -> int:
    return run_loop(clear_leftover_commands(settings))


async def _serve(settings: Settings, ephemeral: str | None) -> None:
    # What is loaded by now stays: the garbage collector need not go through all of it again and again.
    gc.collect()
    gc.freeze()
    stop = asyncio.Event()
    _stop_on_signals(stop)
    await app.run(settings, stop, ephemeral)


def _stop_on_signals(stop: asyncio.Event) -> None:
    """SIGTERM and SIGINT ask for a stop, however often they come; on Windows Ctrl+Break does, too."""
    loop = asyncio.get_running_loop()
    for number in filter(None, (signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGBREAK", None))):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))


COMMANDS = {"run": serve, "check": run_check, "check --buy": run_check_and_buy, "clear-left-overs": clear}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
