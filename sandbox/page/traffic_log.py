"""What passed between the bot, Discord and the image API, in order, for somebody who wants to watch."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.discord import Discord
from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.notifier import Notifier
from sandbox.discord.rest.traffic import RecordedRequest
from sandbox.page.image_api_proxy import Exchange, ImageApiProxy

REMEMBERED = 500
LONGEST_BODY = 6000
_SECRET = re.compile(r"(/(?:interactions|webhooks)/)\d+/[\w\-]{20,}")


@dataclass(eq=False)
class Entry:
    """`revision` grows each time the entry changes; `at` is in seconds since the epoch."""

    number: int
    revision: int
    kind: str
    title: str
    at: float
    body: object = None
    detail: str = ""
    status: int | None = None
    seconds: float | None = None

    def as_json(self) -> Json:
        text = (
            self.body if isinstance(self.body, str) else json.dumps(self.body, indent=2, ensure_ascii=False)
        )
        return {
            "number": self.number,
            "kind": self.kind,
            "title": self.title,
            "at": self.at,
            "body": "" if self.body in (None, {}, "") else text[:LONGEST_BODY],
            "detail": self.detail,
            "status": self.status,
            "seconds": self.seconds,
        }


@dataclass
class TrafficLog:
    """`since(revision)` is what is new, or newly answered, since then."""

    discord: Discord
    image_proxy: ImageApiProxy
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    changes: Notifier = field(default_factory=Notifier)

    def __post_init__(self) -> None:
        self._numbers, self._revisions = itertools.count(1), itertools.count(1)
        self._open: dict[int, tuple[Entry, RecordedRequest | Exchange]] = {}
        self._read_requests = self._read_exchanges = 0
        self.discord.traffic.changes.subscribe(self._rest_requests)
        self.discord.gateway.observer = self._gateway_payload
        self.image_proxy.changes.subscribe(self._exchanges)

    def since(self, revision: int) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.revision > revision)

    def clear(self) -> None:
        self.entries.clear()
        self.changes.notify()

    def _add(self, kind: str, title: str, at: float, body: object = None) -> Entry:
        entry = Entry(next(self._numbers), next(self._revisions), kind, title, at, body)
        self.entries.append(entry)
        return entry

    def _gateway_payload(self, speaker: str, event: str, data: Json) -> None:
        if event == "HEARTBEAT":
            return
        self._add(f"{speaker} event", event, self.discord.clock.now(), _without_token(data))
        self.changes.notify()

    def _rest_requests(self) -> None:
        for asked in self.discord.traffic[self._read_requests :]:
            path = _SECRET.sub(r"\1…", asked.path).removeprefix("/api/v10")
            self._open[id(asked)] = (
                self._add("discord", f"{asked.method} {path}", self._epoch(asked.at)),
                asked,
            )
        self._read_requests = len(self.discord.traffic)
        self._update_open_entries()

    def _epoch(self, at: float) -> float:
        return self.discord.clock.now() - (asyncio.get_running_loop().time() - at)

    def _exchanges(self) -> None:
        for exchange in self.image_proxy.exchanges:
            if exchange.number > self._read_exchanges:
                self._read_exchanges = exchange.number
                entry = self._add(
                    "image api", f"{exchange.method} {exchange.path}", exchange.at, exchange.request_body
                )
                self._open[id(exchange)] = entry, exchange
        self._update_open_entries()

    def _update_open_entries(self) -> None:
        for key, (entry, subject) in list(self._open.items()):
            if isinstance(subject, RecordedRequest):
                _write_request(entry, subject)
            else:
                _write_exchange(entry, subject)
            if entry.seconds is not None:
                entry.revision = next(self._revisions)
                del self._open[key]
        self.changes.notify()


def _write_request(entry: Entry, asked: RecordedRequest) -> None:
    entry.body, entry.status, entry.detail = asked.body, asked.status, ", ".join(asked.files)
    entry.seconds = None if asked.answered_at is None else asked.answered_at - asked.at


def _write_exchange(entry: Entry, exchange: Exchange) -> None:
    entry.status, entry.seconds = exchange.status, exchange.seconds
    entry.detail = "" if exchange.dollars is None else f"${exchange.dollars:.4f}"


def _without_token(data: Json) -> Json:
    return {name: "…" if name == "token" else value for name, value in data.items()}
