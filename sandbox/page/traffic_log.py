"""The traffic between the bot, Discord and the image API, in order."""

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
    """`since(revision)`: the entries that were added or completed since then."""

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

    def _gateway_payload(self, sender: str, event: str, data: Json) -> None:
        if event == "HEARTBEAT":
            return
        self._add(
            f"{sender} event",
            event,
            self.discord.clock.now(),
            {name: "…" if name == "token" else value for name, value in data.items()},
        )
        self.changes.notify()

    def _rest_requests(self) -> None:
        now, loop_now = self.discord.clock.now(), asyncio.get_running_loop().time()
        for request in self.discord.traffic[self._read_requests :]:
            path = _SECRET.sub(r"\1…", request.path).removeprefix("/api/v10")
            self._open[id(request)] = (
                self._add("discord", f"{request.method} {path}", now - (loop_now - request.at)),
                request,
            )
        self._read_requests = len(self.discord.traffic)
        self._update_open_entries()

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
                entry.body, entry.status, entry.detail = (
                    subject.body,
                    subject.status,
                    ", ".join(subject.files),
                )
                entry.seconds = None if subject.answered_at is None else subject.answered_at - subject.at
            else:
                entry.status, entry.seconds = subject.status, subject.seconds
                entry.detail = "" if subject.dollars is None else f"${subject.dollars:.4f}"
            if entry.seconds is not None:
                entry.revision = next(self._revisions)
                del self._open[key]
        self.changes.notify()
