"""The log: one line per event on stdout, and no secret in any of them."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from io import TextIOWrapper
from math import isfinite
from typing import TextIO

from bot.core.redaction import Redact, by_shape

# At INFO or below, they log the URL of each request, with the interaction's token in it.
QUIET = ("httpx", "httpcore", "discord.http", "discord.gateway", "discord.webhook")

# It logs each failed attempt to reach the database, with a traceback; the bot says the same once, as an alert.
MUTED = ("asyncpg.pool",)

# Warnings that are right but need no attention: commands arrive without intents, and the bot uses no voice. The last
# one follows a line of the bot's own about the same error.
DROPPED_FROM = ("discord.client", "discord.state", "discord.ui.view")
DROPPED = (
    "Guilds intent seems to be disabled",
    "PyNaCl is not installed, voice will NOT be supported",
    "davey is not installed, voice will NOT be supported",
    "Ignoring exception in dynamic item creation",
)

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def configure(level: str, format: str, *, stream: TextIO | None = None, redact: Redact = by_shape) -> None:
    """Replaces whatever handlers there are. `format`: text, json, or auto: text on a terminal."""
    stream = sys.stdout if stream is None else stream
    as_text = format == "text" or (format == "auto" and stream.isatty())
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")  # an emoji must not cost the line it is in
    handler = logging.StreamHandler(stream)
    text = TextLines(redact, dated=not stream.isatty())
    handler.setFormatter(text if as_text else JsonLines(redact))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    for name in MUTED:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in DROPPED_FROM:
        logging.getLogger(name).addFilter(is_worth_a_line)


def is_worth_a_line(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(DROPPED)


class JsonLines(logging.Formatter):
    """One object per event; what was given as `extra` stands beside the standard fields."""

    def __init__(self, redact: Redact) -> None:
        super().__init__()
        self._redact = redact
        self._redact_name = lru_cache(maxsize=256)(redact)  # few names, in every line anew

    def format(self, record: logging.LogRecord) -> str:
        at, (message, extra, exception) = datetime.fromtimestamp(record.created, UTC), _read(record, self)
        event: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._redact(message),
        }
        for name, value in extra.items():
            event.setdefault(self._redact_name(name), _redacted(value, self._redact))
        if exception:
            event["exception"] = self._redact(exception)
        return json.dumps(event)


class TextLines(logging.Formatter):
    """For a person: one line per event, a traceback indented beneath it. `dated` for those who read it another day."""

    def __init__(self, redact: Redact, *, dated: bool) -> None:
        super().__init__()
        self._redact = redact
        self._time = "%Y-%m-%d %H:%M:%S" if dated else "%H:%M:%S"

    def format(self, record: logging.LogRecord) -> str:
        message, extra, exception = _read(record, self)
        fields = "".join(f" {name}={value!r}" for name, value in extra.items())
        time = datetime.fromtimestamp(record.created, UTC).astimezone().strftime(self._time)
        event = f"{time} {record.levelname:<8} {record.name}: {one_line(self._redact(message + fields))}"
        traceback = self._redact(exception).splitlines()
        return "\n".join([event, *(f"    {one_line(line)}" for line in traceback)])


def one_line(text: str) -> str:
    """What could start a line, hide one or recolour a terminal is written out."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def _read(record: logging.LogRecord, formatter: logging.Formatter) -> tuple[str, dict[str, object], str]:
    """Its message, what was given as `extra`, and the traceback and the stack, or "" where there is neither."""
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001  # arguments that don't fit are shown: a line in the log must not cost an image
        message = f"{record.msg} {record.args!r}"
    extra = {name: value for name, value in vars(record).items() if name not in STANDARD}
    # `exc_text` is left alone: other handlers would reuse it.
    parts = [formatter.formatException(record.exc_info)] if record.exc_info else []
    if record.stack_info:
        parts.append(formatter.formatStack(record.stack_info))
    return message, extra, "\n".join(parts)


def _redacted(value: object, redact: Redact) -> object:
    if value is None or isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, Mapping):
        return {redact(str(key)): _redacted(one, redact) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(one, redact) for one in value]
    return redact(str(value))
