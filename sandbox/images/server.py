"""The image API look-alike: an aiohttp server on loopback that records every request."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Self

from aiohttp import ETag, web

from sandbox.images import chat, error_responses, faults, models
from sandbox.images.faults import Fault, FaultPoint
from sandbox.images.painter import Painter, Size, Style, size_asked_for
from sandbox.images.prompt_revision import revised
from sandbox.images.request_bodies import Body, PictureUnreadable, pictures_of, read_body

LARGEST_BODY = 64 * 1024 * 1024  # bytes: several pictures in one request
_SIGNATURES = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png"}


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request, as a rule for pictures. `at` is on the monotonic clock, in seconds; `files` came along in a form."""

    body: Any
    headers: Mapping[str, str] = field(repr=False)
    at: float
    route: str = models.GENERATIONS
    files: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class _Painting:
    """A picture that can be downloaded: it is painted by then."""

    prompt: str
    variation: int
    model: models.Model
    size: Size | None
    inputs: tuple[bytes, ...] = field(repr=False)


class ImageApi:
    """`async with ImageApi() as images:` serves on `images.url` until the block ends.

    `latency` (seconds) is what a generation takes; `retired` holds ids of models that are gone, `withdrawn` and
    `without_channels` of those that are gone without a word of it in the list of models: with 404, and with the 503 of
    a gateway. What is in flight when its model goes ends like that, too, and unbilled. `balance` is in US dollars;
    `credits`, where set, is reported and billed for each picture in place of the model's price. `bills` is how often
    what came under which client's id was billed. `chats` are the requests to the chat route, and `chat_latency`
    (seconds) is what one takes. `catalogue_reads`: how often its list of models was asked for.
    With `pictures_inside` they come in the answer, as base64, whatever was asked for.
    """

    def __init__(self, *, style: Style = "pretty", latency: float = 0.0, port: int = 0) -> None:
        self.key = "sandbox-image-key"
        self.latency = latency
        self.chat_latency = 0.0
        self.retired: set[str] = set()
        self.withdrawn: set[str] = set()
        self.without_channels: set[str] = set()
        self.balance = 100.0
        self.catalogue_reads = 0
        self.credits: int | None = None
        self.credits_field = "credits_used"
        self.pictures_inside = False
        self.requests: list[RecordedRequest] = []
        self.downloads: list[RecordedRequest] = []
        self.chats: list[RecordedRequest] = []
        self.paid = 0
        self.paid_pictures = 0
        self.bills = Counter[str]()
        self.peak_concurrency = 0
        self._port = port
        self._running = 0
        self._painter = Painter(style)
        self._files: dict[str, _Painting] = {}
        self._numbers = itertools.count(1)
        self._queues: dict[FaultPoint, deque[Fault]] = {point: deque() for point in FaultPoint}
        self._log: list[dict[str, Any]] = []
        self._runner: web.AppRunner | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """What the bot takes as IMAGE_API_URL."""
        return f"{self.origin}/v1"

    @property
    def faults(self) -> dict[str, str]:
        """The description of each fault, by the name that `inject_fault` takes."""
        return {name: one.description for name, one in faults.ALL.items()}

    def inject_fault(self, name: str, times: int = 1) -> None:
        """The next `times` orders (or downloads, for `picture_…`) get this fault, after those injected before."""
        one = faults.ALL[name]
        self._queues[one.point].extend([one] * times)

    def clear_faults(self) -> None:
        """Drop every fault that has not happened yet."""
        for queue in self._queues.values():
            queue.clear()

    @property
    def pending_faults(self) -> int:
        """Faults that have not happened yet."""
        return sum(len(queue) for queue in self._queues.values())

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._close()

    @asynccontextmanager
    async def down(self) -> AsyncIterator[None]:
        """Connections are refused while the block runs."""
        await self._close()
        try:
            yield
        finally:
            await self._open()

    async def _open(self) -> None:
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_post(f"/v1{models.GENERATIONS}", self._generate)
        app.router.add_post(f"/v1{models.EDITS}", self._generate)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/v1/models/deprecations", self._deprecations)
        app.router.add_get("/docs-json", self._openapi)
        app.router.add_get("/v2/billing", self._billing)
        app.router.add_get("/v2/logs", self._logs)
        app.router.add_get("/files/{name}", self._file)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        body, route = await read_body(request), request.path.removeprefix("/v1")
        self.requests.append(RecordedRequest(body.fields, request.headers, monotonic(), route, body.files))
        self._running += 1
        self.peak_concurrency = max(self.peak_concurrency, self._running)
        try:
            return await self._checked_response(request, body, route)
        finally:
            self._running -= 1

    async def _checked_response(self, request: web.Request, body: Body, route: str) -> web.StreamResponse:
        if not self._authorised(request):
            return _unauthorized()
        if not isinstance(body.fields, dict):
            return error_responses.plain(400, "Body validation error! Expected object")
        model = models.find(body.fields.get("model"))
        if model is None:
            return error_responses.plain(404, f"Model {body.fields.get('model')} not found")
        if gone := self._gone(model):
            return gone
        if validation_error := models.validation_error(model, body.fields, route):
            return error_responses.plain(400, validation_error)
        if self.balance <= 0:
            return error_responses.problem(
                403, "Forbidden", "You've run out of credits. Please top up your balance."
            )
        try:
            inputs = await pictures_of(body)
            if inputs:  # now, for what is no picture is refused before it is billed
                await self._painter.picture("", 0, model.picture, None, inputs)
        except PictureUnreadable as error:
            return error_responses.plain(400, f"Failed to load the image. {error}")
        return await self._order(request, model, body.fields, inputs)

    async def _order(
        self, request: web.Request, model: models.Model, fields: dict[str, Any], inputs: tuple[bytes, ...]
    ) -> web.StreamResponse:
        fault = self._next_fault(FaultPoint.ORDER)
        if self.latency:
            await asyncio.sleep(self.latency)
        if gone := self._gone(model):
            return gone
        count = fields.get("n", fields.get("num_images", 1))
        if fault is None or fault.billed:
            self._bill(request, model, count)
        as_base64 = self.pictures_inside or fields.get("response_format") == "b64_json"
        paintings = [
            _Painting(fields.get("prompt", ""), variation, model, size_asked_for(fields), inputs)
            for variation in range(count)
        ]
        rows = [await self._row(painting, as_base64) for painting in paintings]
        good = {"data": rows, "meta": {"usage": {self.credits_field: self._price(model) * count}}}
        if fault is not None:
            return await fault.respond(request, good)
        return web.json_response(good, headers={"x-inference-id": f"look-alike-{self.paid}"})

    def _gone(self, model: models.Model) -> web.Response | None:
        if model.id in self.without_channels:
            return error_responses.plain(
                503, f"no available channels for model {model.id} under group default"
            )
        if model.id in self.retired | self.withdrawn:
            return error_responses.plain(404, f"Model {model.id} not found")
        return None

    def _next_fault(self, point: FaultPoint) -> Fault | None:
        queue = self._queues[point]
        return queue.popleft() if queue else None

    def _bill(self, request: web.Request, model: models.Model, pictures: int) -> None:
        self.paid += 1
        self.paid_pictures += pictures
        dollars = self._price(model) * pictures / models.CREDITS_PER_DOLLAR
        self.balance -= dollars
        client_id = request.headers.get("X-Client-Request-Id")
        self.bills[client_id or ""] += pictures
        self._log.append({"client_request_id": client_id, "model": model.id, "status": 200, "cost": dollars})

    def _price(self, model: models.Model) -> int:
        return model.credits if self.credits is None else self.credits

    async def _row(self, painting: _Painting, as_base64: bool) -> dict[str, Any]:
        model = painting.model
        row: dict[str, Any] = {"revised_prompt": revised(painting.prompt) if model.revises_prompt else ""}
        if as_base64:
            content = await self._paint(painting)
            return {**row, "url": None, "b64_json": base64.b64encode(content).decode()}
        name = f"xai-tmp-imgen-{next(self._numbers)}.{model.picture}"
        self._files[name] = painting
        return {**row, "url": f"{self.origin}/files/{name}"}

    async def _paint(self, it: _Painting) -> bytes:
        return await self._painter.picture(it.prompt, it.variation, it.model.picture, it.size, it.inputs)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
        except ValueError:
            body = None
        self.chats.append(RecordedRequest(body, request.headers, monotonic()))
        if not self._authorised(request):
            return _unauthorized()
        if not isinstance(body, dict):
            return error_responses.plain(400, "Body validation error! Expected object")
        if chat.find(body.get("model"), self.retired) is None:
            return error_responses.plain(404, f"Model {body.get('model')} not found")
        if validation_error := chat.validation_error(body):
            return error_responses.plain(400, validation_error)
        if self.balance <= 0:
            return error_responses.problem(403, "Forbidden", "You've run out of credits.")
        fault = self._next_fault(FaultPoint.CHAT)
        if self.chat_latency:
            await asyncio.sleep(self.chat_latency)
        good = chat.answer(body)
        if fault is not None:
            return await fault.respond(request, good)
        self.balance -= chat.CREDITS / models.CREDITS_PER_DOLLAR
        return web.json_response(good)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        self.downloads.append(RecordedRequest(None, request.headers, monotonic()))
        if fault := self._next_fault(FaultPoint.DOWNLOAD):
            return await fault.respond(request, {})
        known = self._files.get(request.match_info["name"])
        if known is None:
            raise web.HTTPNotFound
        content = await self._paint(known)
        return web.Response(body=content, content_type=_SIGNATURES[content[:2]])

    async def _models(self, request: web.Request) -> web.Response:
        self.catalogue_reads += 1
        wanted = request.query.get("id")
        served = [model for model in models.MODELS if model.id not in self.retired]
        rows = [
            models.model_row(model, self.origin)
            for model in served
            if wanted in (None, model.id, model.alias)
        ]
        rows += [
            chat.model_row(model)
            for model in chat.MODELS
            if model not in self.retired and wanted in (None, model, chat.alias(model))
        ]
        text = json.dumps({"object": "list", "data": rows})
        etag = ETag(hashlib.sha256(text.encode()).hexdigest()[:16])
        known = etag in (request.if_none_match or ())
        response = web.Response(status=304) if known else web.json_response(text=text)
        response.etag = etag
        response.headers["Cache-Control"] = "public, max-age=60"
        return response

    async def _openapi(self, request: web.Request) -> web.Response:
        model = models.find(request.query.get("model"))
        if model is None:
            raise web.HTTPNotFound
        return web.json_response(models.openapi(model))

    async def _deprecations(self, _request: web.Request) -> web.Response:
        rows = [models.deprecation_row(model) for model in models.MODELS if model.id in self.retired]
        return web.json_response({"object": "list", "data": rows})

    async def _billing(self, request: web.Request) -> web.Response:
        if not self._authorised(request):
            return _unauthorized()
        return web.json_response({"current_balance": round(self.balance, 4), "currency": "USD"})

    async def _logs(self, request: web.Request) -> web.Response:
        if not self._authorised(request):
            return _unauthorized()
        return web.json_response({"object": "list", "data": self._log})

    def _authorised(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.key}"


def _unauthorized() -> web.Response:
    return error_responses.problem(401, "Unauthorized", "This request requires a valid API key.")
