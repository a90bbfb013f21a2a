"""Files that people take away: a server's usage as CSV, and everything about a member as JSON. Pure."""

from __future__ import annotations

import csv
import io
import json
import textwrap
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.errors import RequestRefused
from bot.core.generation.model import Generation
from bot.core.limits.budgets import CREDITS_PER_DOLLAR
from bot.core.limits.meters import DIRECT_METER, RESET_MARK
from bot.core.limits.policy import Policy
from bot.core.preferences.preferences import Preferences
from bot.core.privacy.errors import MemberDataTooLarge
from bot.core.privacy.service import CounterRecord, MemberData, ReportRecord
from bot.core.statistics.errors import ExportTooLarge

MOST_FILES = 10
"""On one message of Discord."""
BOM = "\ufeff"  # without it Excel takes UTF-8 for the code page of the country
HEADER = (
    *("time", "member", "channel", "images", "delivered", "state", "model", "cost_usd", "cost_estimated"),
    *("shape", "pictures_changed", "model_chosen", "counted_as", "revision_allowed", "revision_usd"),
    *("style", "private", "spoiler", "revised_prompt", "prompt"),
)
MY_DATA = "my-imagine-data{}.json"
ZIPPED = "my-imagine-data.zip"
_PERIODS = {len("2026-11-23"): "day", len("2026-11"): "month"}
_BLANK = " \t\r\n\v\f\xa0\u200b\u200c\u200d\u2060\ufeff'\""


class Files:
    """Rows in as few files of at most `limit` bytes as it takes; each begins with `head` and ends with `tail`.

    `too_large` is raised where one row is more than a file.
    """

    def __init__(
        self, limit: int, too_large: RequestRefused, head: bytes, between: bytes = b"", tail: bytes = b""
    ) -> None:
        self._room = limit - len(head) - len(tail)
        self._too_large = too_large
        self._head, self._between, self._tail = head, between, tail
        self._rows: list[list[bytes]] = [[]]
        self._left = self._room

    def add(self, row: bytes) -> None:
        size = len(row) + len(self._between)
        if size > self._room:
            raise self._too_large
        if size > self._left:
            self._rows.append([])
            self._left = self._room
        self._rows[-1].append(row)
        self._left -= size

    def __len__(self) -> int:
        return len(self._rows)

    def contents(self) -> list[bytes]:
        return [self._head + self._between.join(rows) + self._tail for rows in self._rows]


class UsageFiles:
    """A server's usage: RFC 4180 in UTF-8, times in `zone`; ids as mentions, for Excel rounds long numbers."""

    def __init__(self, zone: ZoneInfo, limit: int) -> None:
        self._zone = zone
        self._too_large = ExportTooLarge(MOST_FILES)
        self._files = Files(limit, self._too_large, BOM.encode() + _line(HEADER))
        self.rows = 0

    def add(self, page: Iterable[Generation]) -> None:
        """Raises ExportTooLarge."""
        for row in page:
            self.rows += 1
            caller, spec = row.request.caller, row.request.spec
            cells = (
                row.reserved_at.astimezone(self._zone).isoformat(timespec="seconds"),
                f"<@{caller.member}>" if caller.member else "erased",
                f"<#{caller.place.channel}>",
                spec.count,
                spec.count - row.refunded if row.settled_at else "",
                row.state,
                row.model or "",
                _dollars(row.cost.credits if row.cost else None),
                "" if row.cost is None else "yes" if row.cost.estimated else "no",
                spec.shape or "",
                len(spec.inputs),
                spec.model or "",
                spec.count * spec.weight,
                "yes" if spec.revise else "no",
                _dollars(row.revision.credits if row.revision else None),
                spec.style.name if spec.style else "",
                "yes" if spec.private else "no",
                "yes" if spec.spoiler else "no",
                (row.revision and row.revision.prompt) or "",
                spec.prompt,
            )
            self._files.add(_line(map(_cell, cells)))
            if len(self._files) > MOST_FILES:
                raise self._too_large

    def contents(self) -> list[bytes]:
        return self._files.contents() if self.rows else []


def member_data_files(data: MemberData, limit: int) -> dict[str, bytes]:
    """By name; readable by people. Zipped where it would be too many. Raises MemberDataTooLarge."""
    about = _json(_about(data)).removesuffix(b"\n}")
    too_large = MemberDataTooLarge()
    files = Files(limit, too_large, about + b',\n  "generations": [\n', b",\n", b"\n  ]\n}\n")
    for row in data.generations:
        files.add(_json(_generation(row), depth=2))
    contents = files.contents()
    named = {
        MY_DATA.format(f"-{number}" if len(contents) > 1 else ""): content
        for number, content in enumerate(contents, start=1)
    }
    if len(named) <= MOST_FILES:
        return named
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in named.items():
            archive.writestr(name, content)
    zipped = packed.getvalue()
    if len(zipped) > limit:
        raise too_large
    return {ZIPPED: zipped}


def _json(value: object, depth: int = 0) -> bytes:
    """Indented as it stands inside of so many others."""
    text = textwrap.indent(json.dumps(value, ensure_ascii=False, indent=2), "  " * depth)
    return text.encode("utf-8", "replace")


def _line(values: Iterable[object]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(values)
    return text.getvalue().encode("utf-8", "replace")


def _about(data: MemberData) -> dict[str, Any]:
    return {
        "member": str(data.member),
        "counters": [_counter(it) for it in data.counters],
        "decided_about_you": [{"server": str(it.server), **_decisions(it.policy)} for it in data.decisions],
        "changed_by_you": [
            {"server": str(it.server), "revision": it.revision, "at": it.at.isoformat()}
            for it in data.changes
        ],
        "reported_by_you": [{**_report(it), "reason": it.reason} for it in data.reports],
        "pictures_of_yours_reported": [_report(it) for it in data.reported],
        "preferences": _preferences(data.preferences),
    }


def _preferences(preferences: Preferences) -> dict[str, Any]:
    """Only what is not left to the bot."""
    wanted = {
        "shape": preferences.shape,
        "style": preferences.style,
        "private": preferences.private or None,
        "spoiler": preferences.spoiler or None,
        "revise": None if preferences.revise else False,
        "language": preferences.language,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _counter(counter: CounterRecord) -> dict[str, Any]:
    """`member/SERVER/MEMBER`, or of direct places `direct/MEMBER`; and a day or a month, which a `~1` follows where
    moderators set it back to zero.
    """
    kind, server, *_ = counter.meter.split("/")
    period, _, resets = counter.window.partition(RESET_MARK)
    again = {"after_reset": int(resets)} if resets.isdigit() else {}
    return {
        "server": None if kind == DIRECT_METER else server,
        _PERIODS.get(len(period), "period"): period,
        **again,
        "images_used": counter.used,
    }


def _report(report: ReportRecord) -> dict[str, Any]:
    return {"server": str(report.server), "message": str(report.message), "at": report.at.isoformat()}


def _cell(value: object) -> object:
    """A spreadsheet carries out what begins like a formula; with an apostrophe before it, it is a text.

    After https://owasp.org/www-community/attacks/CSV_Injection; NFKC makes `=` of the full-width sign.
    """
    if not isinstance(value, str):
        return value
    shown = unicodedata.normalize("NFKC", value).lstrip(_BLANK)
    return f"'{value}" if shown.startswith(("=", "+", "-", "@")) else value


def _dollars(credits: int | None) -> str:
    return "" if credits is None else f"{credits / CREDITS_PER_DOLLAR:.4f}"


def _generation(row: Generation) -> dict[str, Any]:
    spec = row.request.spec
    return {
        "id": str(row.id),
        "server": _id(row.request.caller.place.server),
        "channel": str(row.request.caller.place.channel),
        "language": row.request.caller.locale,
        "prompt": spec.prompt or None,
        "images": spec.count,
        "shape": spec.shape,
        "pictures_changed": [it.url for it in spec.inputs],
        "model_chosen": spec.model,
        "counted_as": spec.count * spec.weight,
        "revision_allowed": spec.revise,
        "style": spec.style and spec.style.name,
        "private": spec.private,
        "spoiler": spec.spoiler,
        "revised_prompt": row.revision and row.revision.prompt,
        "prompt_by_the_image_model": row.model_prompt,
        "revision_usd": _dollars(row.revision.credits if row.revision else None) or None,
        "given_back": row.refunded,
        "state": row.state,
        "model": row.model,
        "cost_usd": _dollars(row.cost.credits if row.cost else None) or None,
        "cost_estimated": row.cost and row.cost.estimated,
        "asked_at": row.reserved_at.isoformat(),
        "finished_at": _moment(row.settled_at),
        "deleted_at": _moment(row.deleted_at),
    }


def _decisions(policy: Policy) -> dict[str, Any]:
    """Of a policy that is about one member alone."""
    decided: dict[str, Any] = {}
    for limit in policy.members.values():
        decided["images_per_day"] = "unlimited" if limit is None else limit
    for block in policy.blocks.values():
        decided["blocked"] = {"until": _moment(block.until) or "permanent", "reason": block.reason}
    for top_up in policy.top_ups.values():
        decided["topped_up"] = {"day": top_up.day, "images": top_up.images}
    for reset in policy.counter_resets.values():
        decided["counter_reset"] = {"day": reset.day, "times": reset.count}
    return decided


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)


def _moment(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
