"""One paid request on the wire, and the decision on what came back."""

from __future__ import annotations

import asyncio
import json
import re

import aiohttp
import httpx

from bot.core.errors import ApiUnavailable, OutcomeUnknown
from bot.imaging.answers import REPEATS_OF_BUSY, Answer, Failed, Repeat, judge
from bot.imaging.connections import was_never_sent
from bot.imaging.models import order_body

LARGEST_ANSWER = 48 * 1024 * 1024  # ten pictures in base64, with room
_CONNECT_SECONDS = 5.0
_TOLERABLE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Wire:
    """Sends each order exactly once; whether to send it again is decided elsewhere."""

    def __init__(self, http: httpx.AsyncClient, url: str, key: str) -> None:
        self._http = http
        self._url = f"{url}/images/generations"
        self._key = key

    async def ask(self, model: str, prompt: str, images: int, request_id: str, seconds: float) -> Answer:
        """Post one order and wait for its answer for at most `seconds`. Raises nothing."""
        request = self._request(json.dumps(order_body(model, prompt, images)), request_id, seconds)
        try:
            async with asyncio.timeout(seconds):
                status, headers, body = await self._send(request)
        # aiohttp's own errors come through the transport where it knows no word of httpx for them.
        except (httpx.HTTPError, aiohttp.ClientError, OSError) as error:
            return _judge_loss(error, seconds)
        return judge(status, headers, self._redacted(status, body), model=model, prompt=prompt)

    def _request(self, body: str, request_id: str, seconds: float) -> httpx.Request:
        connect = min(_CONNECT_SECONDS, seconds)
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        if _TOLERABLE_ID.fullmatch(request_id):
            headers["X-Client-Request-Id"] = request_id
        # json.dumps made ASCII of it: half a surrogate pair, which Discord lets through, has no UTF-8.
        timeout = httpx.Timeout(seconds, connect=connect, pool=connect)
        content = body.encode("ascii")
        return self._http.build_request("POST", self._url, content=content, headers=headers, timeout=timeout)

    async def _send(self, request: httpx.Request) -> tuple[int, httpx.Headers, bytes]:
        response = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise httpx.ReadError(f"an answer of more than {LARGEST_ANSWER} bytes")
        finally:
            await response.aclose()
        return response.status_code, response.headers, bytes(body)

    def _redacted(self, status: int, body: bytes) -> bytes:
        # Some providers echo the key in their errors, and an error's text is logged.
        return body.replace(self._key.encode(), b"[key]") if status >= 300 and self._key else body


def _judge_loss(error: Exception, seconds: float) -> Answer:
    if was_never_sent(error):
        return Repeat(REPEATS_OF_BUSY, ApiUnavailable("no connection"))
    # The cause of a timeout is a cancellation, which says nothing.
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return Failed(OutcomeUnknown(f"no answer within {seconds:.3g} s"))
    return Failed(OutcomeUnknown(type(error.__cause__ or error).__name__))
