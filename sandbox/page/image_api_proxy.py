"""A proxy between the bot and the image API, real or not: forwards every request, records it and its cost."""

from __future__ import annotations

import itertools
import json
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, StreamReader, web

from sandbox.discord.kit.notifier import Notifier
from sandbox.images.models import CREDITS_PER_DOLLAR

REMEMBERED = 300
LARGEST_REQUEST, LARGEST_RESPONSE = 100_000_000, 40_000_000
MOST_SHOWN = 20_000
"""Bytes of a request's body that the page is given: pictures may be in it."""
TICKS_PER_DOLLAR = 10_000_000_000
SPENT = "x-aimlapi-usd-spent"
_HOP_BY_HOP = {"host", "connection", "keep-alive", "transfer-encoding", "content-length", "accept-encoding"}
_NOT_RETURNED = _HOP_BY_HOP | {"content-encoding"}


@dataclass(eq=False)
class Exchange:
    """One request to the image API. `at` is in seconds since the epoch; `status` None: no answer (yet)."""

    number: int
    method: str
    path: str
    at: float
    request_body: str = ""
    status: int | None = None
    seconds: float | None = None
    dollars: float | None = None
    pictures: int = 0


class ImageApiProxy:
    """`url` is the bot's IMAGE_API_URL; `key` is forwarded; `now`: seconds since the epoch, for `Exchange.at`.

    `outbound` makes of a request's body what is forwarded.
    """

    def __init__(
        self,
        target: str,
        key: str,
        now: Callable[[], float] = time.time,
        outbound: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self._target, self.key, self._now, self._outbound = target.rstrip("/"), key, now, outbound
        parts = urlsplit(self._target)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._path, self._port = parts.path, 0
        self._runner: web.AppRunner | None = None
        self._client: ClientSession | None = None
        self.exchanges: deque[Exchange] = deque(maxlen=REMEMBERED)
        self._numbers = itertools.count(1)
        self.dollars, self.pictures, self.unpriced = 0.0, 0, 0
        self.last: float | None = None
        """US dollars of the last purchase; None where its price is unknown."""
        self.changes = Notifier()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}{self._path}"

    async def __aenter__(self) -> Self:
        self._client = ClientSession(timeout=ClientTimeout(total=None), trust_env=True)
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/{path:.*}", self._forward)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._client is not None:
            await self._client.close()

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        exchange = Exchange(
            next(self._numbers),
            request.method,
            request.path,
            self._now(),
            body[:MOST_SHOWN].decode("utf-8", "replace"),
        )
        began = time.monotonic()
        self.exchanges.append(exchange)
        self.changes.notify()
        try:
            return await self._exchange(request, body, exchange)
        except (ClientError, OSError):
            # A failure upstream is passed on as it is: no response, or half of one.
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=502)
        finally:
            exchange.seconds = time.monotonic() - began
            self.changes.notify()

    async def _exchange(self, request: web.Request, body: bytes, exchange: Exchange) -> web.StreamResponse:
        if self._client is None:
            raise ConnectionError("The proxy is closed")
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        url = self.origin + request.raw_path
        upstream = self._client.request(
            request.method, url, data=self._outbound(body) or None, headers=headers, allow_redirects=False
        )
        async with upstream as answer:
            kept = {n: v for n, v in answer.headers.items() if n.lower() not in _NOT_RETURNED}
            response = web.StreamResponse(status=answer.status, headers=kept)
            if answer.content_length is not None and "Content-Encoding" not in answer.headers:
                response.content_length = answer.content_length
            await response.prepare(request)
            exchange.status = answer.status
            start = await _stream(answer.content, response)
            self._add_cost(exchange, _images_ordered(body), start, answer.headers)
            await response.write_eof()
            return response

    def _add_cost(self, exchange: Exchange, ordered: int, body: bytes, headers: Mapping[str, str]) -> None:
        if exchange.method != "POST":
            return
        exchange.dollars, rows = cost(body, headers)
        exchange.pictures = min(rows, ordered)
        if exchange.dollars is None and not exchange.pictures:
            return
        self.last = exchange.dollars
        self.dollars += exchange.dollars or 0.0
        self.pictures += exchange.pictures
        self.unpriced += exchange.pictures if exchange.dollars is None else 0


async def _stream(source: StreamReader, response: web.StreamResponse) -> bytes:
    """Chunk by chunk as it comes; returns the beginning."""
    start = bytearray()
    async for chunk in source.iter_any():
        if len(start) < LARGEST_RESPONSE:
            start += chunk
        await response.write(chunk)
    return bytes(start)


def cost(body: bytes, headers: Mapping[str, str]) -> tuple[float | None, int]:
    """US dollars and number of images of a response; None where neither body nor headers contain a cost."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return _spent(headers), 0
    rows, dollars = answer.get("data"), _dollars(answer)
    return _spent(headers) if dollars is None else dollars, len(rows) if isinstance(rows, list) else 0


def _images_ordered(request_body: bytes) -> int:
    """How many pictures an order is for: an answer may have any number of rows."""
    try:
        order = json.loads(request_body)
        count = order.get("n", order.get("num_images", 1))
    except (ValueError, AttributeError):  # a form with files among them
        return 1
    return count if isinstance(count, int) else 1


def _spent(headers: Mapping[str, str]) -> float | None:
    return _price(headers.get(SPENT, ""), 1)


def _dollars(answer: Mapping[str, Any]) -> float | None:
    meta, own = answer.get("meta"), answer.get("usage")
    usage = meta.get("usage") if isinstance(meta, dict) else None
    if isinstance(usage, dict):
        credits = usage.get("credits_used", usage.get("tokens_used"))
        return _price(credits, CREDITS_PER_DOLLAR)
    ticks = own.get("cost_in_usd_ticks") if isinstance(own, dict) else None
    return _price(ticks, TICKS_PER_DOLLAR)


def _price(amount_field: Any, per_dollar: int) -> float | None:
    """None for what is no finite, positive amount: the page could not show it."""
    try:
        amount = float(amount_field) / per_dollar
    except (TypeError, ValueError, OverflowError):
        return None
    return amount if math.isfinite(amount) and amount >= 0 else None
