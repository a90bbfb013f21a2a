"""One paid request on the wire, and the decision on what came back."""

from __future__ import annotations

import asyncio
import json
import re
from functools import partial

import aiohttp
import httpx

from bot.core.generation.errors import ApiUnavailable, OutcomeUnknown, ResponseLost
from bot.core.generation.model import ImageSpec
from bot.core.redaction import Redact, by_shape
from bot.imaging.body_reader import ERROR_TEXT, BodyLost, off_loop, read_body
from bot.imaging.http import was_never_sent
from bot.imaging.models import Model
from bot.imaging.response import REPEATS_OF_BUSY, Answer, FinalFailure, Repeat, judge

LARGEST_ANSWER = 48 * 1024 * 1024  # ten pictures in base64, with room
LARGEST_PICTURE_IN_AN_ANSWER = 34 * 1024 * 1024  # the largest that is taken, in base64
_CONNECT_SECONDS = 5.0
_TOLERABLE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Wire:
    """Sends each order exactly once; whether to send it again is decided elsewhere."""

    def __init__(self, http: httpx.AsyncClient, url: str, key: str, redact: Redact = by_shape) -> None:
        self._http = http
        self._url = httpx.URL(f"{url}/images/generations")
        self._headers = httpx.Headers(http.headers)
        self._headers.update(
            {
                "Authorization": f"Bearer {key}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            }
        )
        self._redact = redact

    async def ask(self, model: Model, spec: ImageSpec, request_id: str, seconds: float) -> Answer:
        """Post one order and wait for its answer for at most `seconds`. Raises nothing."""
        request = self._request(json.dumps(model.order_body(spec)), request_id, seconds)
        try:
            async with asyncio.timeout(seconds):
                status, headers, body = await self._send(request, spec.count)
        # aiohttp's own errors come through the transport where it knows no word of httpx for them.
        except (BodyLost, httpx.HTTPError, aiohttp.ClientError, OSError) as error:
            return _judge_loss(error, seconds)
        decide = partial(
            judge,
            status,
            headers,
            body,
            model=model.id,
            prompt=spec.prompt,
            images=spec.count,
            redact=self._redact,
        )
        return await off_loop(len(body), decide)

    def _request(self, body: str, request_id: str, seconds: float) -> httpx.Request:
        connect = min(_CONNECT_SECONDS, seconds)
        headers = self._headers.copy()
        if _TOLERABLE_ID.fullmatch(request_id):
            headers["X-Client-Request-Id"] = request_id
        # json.dumps made ASCII of it: half a surrogate pair, which Discord lets through, has no UTF-8.
        timeout = httpx.Timeout(seconds, connect=connect, pool=connect)
        content = body.encode("ascii")
        extensions = {"timeout": timeout.as_dict()}
        return httpx.Request("POST", self._url, content=content, headers=headers, extensions=extensions)

    async def _send(self, request: httpx.Request, images: int) -> tuple[int, httpx.Headers, bytes]:
        response = await self._http.send(request, stream=True)
        try:
            most = min(LARGEST_ANSWER, images * LARGEST_PICTURE_IN_AN_ANSWER)
            body = (
                await read_body(response, most)
                if response.is_success
                else await read_body(response, ERROR_TEXT, beginning=True)
            )
        finally:
            await response.aclose()
        return response.status_code, response.headers, body


def _judge_loss(error: Exception, seconds: float) -> Answer:
    if was_never_sent(error):
        return Repeat(REPEATS_OF_BUSY, ApiUnavailable("no connection"))
    if isinstance(error, BodyLost):
        return FinalFailure(ResponseLost(str(error)))
    # The cause of a timeout is a cancellation, which says nothing.
    if isinstance(error, TimeoutError | httpx.TimeoutException) and not _was_cut(error):
        return FinalFailure(OutcomeUnknown(f"no answer within {seconds:.3g} s"))
    return FinalFailure(ResponseLost(type(error.__cause__ or error).__name__))


def _was_cut(error: BaseException) -> bool:
    """httpx-aiohttp 0.2 calls a connection that was cut after sending a timeout as well."""
    cause = error.__cause__
    return isinstance(cause, aiohttp.ClientConnectionError) and not isinstance(cause, TimeoutError)
