"""`python -m bot [run | check [--buy] | models | clear-left-overs]`."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from bot import app, logs
from bot.client.gateway import incompatibility
from bot.connection import ConnectionRejected, TokenRejected, point_at
from bot.core.errors import DatabaseUnavailable
from bot.diagnostics.database import database_finding, schema_finding
from bot.diagnostics.discord_account import (
    TOKEN_REJECTED,
    clear_leftover_commands,
    gateway_finding,
    token_trouble,
)
from bot.diagnostics.ephemeral_disks import ephemeral_host, in_container, mounted_disks
from bot.diagnostics.report import unknown_in_env
from bot.imaging.models_in_use import misplaced_models, unable_edit_models
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
        print("usage: python -m bot [run | check [--buy] | models | clear-left-overs]", file=sys.stderr)
        return MISUSED
    try:
        environment = load_environment(Path.cwd())
        if command is show_models:
            from bot.diagnostics.model_list import only_image_settings  # noqa: PLC0415 — as below

            settings = read_settings(only_image_settings(environment.values))
        else:
            settings = _all_settings(environment)
    except SettingsError as error:
        print("The settings need attention:", *error.problems, sep="\n  ", file=sys.stderr)
        if any("must be set" in problem for problem in error.problems):
            if (Path.cwd() / ".env").exists():
                where = "Set it in .env, or as an environment variable at your host."
            else:
                where = "Copy .env.example to .env and fill it in, or set them as environment variables at your host."
            print(where, file=sys.stderr)
        return MISCONFIGURED
    proxies.adopt(environment.values, os.environ)
    return command(settings, environment)


def _all_settings(environment: Environment) -> Settings:
    """Raises SettingsError."""
    settings = read_settings(environment.values, environment.written)
    host = urlsplit(settings.discord_api_url).hostname or ""
    is_discord = host == "discord.com" or host.endswith(".discord.com")  # a sandbox's tokens may be anything
    if is_discord and (trouble := token_trouble(settings.discord_token)):
        raise SettingsError((f"DISCORD_TOKEN: {trouble}. {WHERE_THE_TOKEN_IS}",))
    if misplaced := misplaced_models(settings):
        raise SettingsError(misplaced)
    return settings


def serve(settings: Settings, environment: Environment) -> int:
    logs.configure(settings.log_level, settings.log_format, redact=settings.redact)
    if environment.unknown_names:
        log.warning("%s", unknown_in_env(environment.unknown_names))
    for line in (*settings.superseded, *filter(None, [unable_edit_models(settings)])):
        log.warning("%s", line)
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
    except KeyboardInterrupt:  # before `_serve` had set its handlers
        return STOPPED
    except Exception as error:  # noqa: BLE001 — the place where what nobody foresaw is caught
        return _log_error(error, settings)
    return STOPPED


def _log_error(error: Exception, settings: Settings) -> int:
    """In the words of `python -m bot check`, where it is foreseen; the exit code."""
    match error:
        case TokenRejected():
            finding = TOKEN_REJECTED
        case ConnectionRejected(code=code):
            finding = gateway_finding(code)
        case DatabaseUnavailable():
            finding = database_finding(error, settings.database_url)
        case SchemaTooNew(at=at, newest=newest):
            finding = schema_finding(at, newest)
        case _:
            log.error("the bot stops after an unexpected error", exc_info=error)
            return FAILED
    log.error("%s: %s", finding.subject, finding.sentence)
    return MISCONFIGURED if finding.misconfigured else FAILED


def run_check(settings: Settings, environment: Environment, *, buying: bool = False) -> int:
    return run_loop(_check(settings, environment, buying=buying))


async def _check(settings: Settings, environment: Environment, *, buying: bool) -> int:
    # Imported by the command that needs it: a bot at rest has no memory to spare.
    from bot.diagnostics.check import check  # noqa: PLC0415

    logging.getLogger("discord").setLevel(logging.CRITICAL)  # its warnings about a bot that is only looked at
    return await check(
        settings,
        unknown_names=environment.unknown_names,
        commands=await app.commands_of(settings),
        buyer=app.image_client(settings) if buying else None,
    )


def show_models(settings: Settings, _environment: Environment) -> int:
    from bot.diagnostics.model_list import list_models  # noqa: PLC0415 — as above

    try:
        return run_loop(list_models(settings))
    except BrokenPipeError:  # whoever reads it has seen enough: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STOPPED


def clear(settings: Settings, _environment: Environment) -> int:
    return run_loop(clear_leftover_commands(settings))


async def _serve(settings: Settings, ephemeral: str | None) -> None:
    # What is loaded by now stays: the garbage collector need not go through all of it again and again.
    gc.collect()
    gc.freeze()
    # A burst of commands makes thousands of objects that are in use, and next to none that are garbage.
    gc.set_threshold(10_000)
    stop = asyncio.Event()
    # SIGTERM and SIGINT ask for a stop, however often they come; on Windows Ctrl+Break does, too.
    loop = asyncio.get_running_loop()
    for number in filter(None, (signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGBREAK", None))):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    await app.run(settings, stop, ephemeral)


COMMANDS: dict[str, Callable[[Settings, Environment], int]] = {
    "run": serve,
    "check": run_check,
    "check --buy": partial(run_check, buying=True),
    "models": show_models,
    "clear-left-overs": clear,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
