"""From a request to its response: recording, faults, authorisation, JSON."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.kit import errors
from sandbox.discord.kit.errors import Json, RestError
from sandbox.discord.kit.request_body import RequestBody, parse
from sandbox.discord.rest.faults import Fault, Faults
from sandbox.discord.rest.traffic import RecordedRequest, Traffic

ResponseBody: TypeAlias = Json | list[Json] | None


@dataclass(frozen=True)
class ApiRequest:
    """What a handler needs of a request. `now`: when it arrived, on the event loop's clock."""

    body: RequestBody
    query: dict[str, str]
    params: dict[str, str]
    now: float

    def snowflake(self, name: str) -> int:
        text = self.params[name]
        if not text.isdigit():
            message = f'Value "{text}" is not snowflake.'
            problem = {name: {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": message}]}}
            raise RestError(400, 50035, "Invalid Form Body", problem)
        return int(text)

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() in ("1", "true")


Handler: TypeAlias = Callable[[ApiRequest], ResponseBody]


@dataclass(frozen=True)
class Route:
    """`name` identifies it in faults and traffic; `path` is below /api/v10."""

    method: str
    path: str
    name: str
    handler: Handler
    authorised: bool = True


class RestApi:
    """Serves every REST route, and the gateway's websocket: authorises, records, injects faults."""

    def __init__(self, token: str, faults: Faults, traffic: Traffic, gateway: Gateway) -> None:
        self._token, self._faults, self._traffic, self._gateway = token, faults, traffic, gateway

    def route_def(self, route: Route) -> web.RouteDef:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._respond(route, request)

        return web.route(route.method, f"/api/v10{route.path}", handle)

    async def serve_gateway(self, request: web.Request) -> web.StreamResponse:
        """The gateway, unless a fault was injected into the route "websocket"."""
        fault = self._faults.take("websocket")
        if fault is not None:
            await apply_delay(fault)
            if replaces(fault):
                return fault_response(fault, request)
        return await self._gateway.serve(request)

    async def _respond(self, route: Route, request: web.Request) -> web.StreamResponse:
        now = asyncio.get_running_loop().time()
        fault = self._faults.take(route.name)
        body = await read_body(request, fault)
        recorded = RecordedRequest(route.name, request.method, request.path, now, dict(request.headers))
        self._traffic.append(recorded)
        self._traffic.changes.notify()
        if fault is not None:
            await apply_delay(fault)
        if fault is not None and replaces(fault):
            response = fault_response(fault, request)
        else:
            response = self._serve(route, request, body, recorded)
            if fault is not None and fault.after_effect:
                response = fault_response(fault, request)
        cut = fault is not None and fault.cut
        recorded.status = None if cut else response.status
        recorded.answered_at = asyncio.get_running_loop().time()
        self._traffic.changes.notify()
        return response

    def _serve(
        self, route: Route, request: web.Request, body: bytes, recorded: RecordedRequest
    ) -> web.Response:
        try:
            if route.authorised and request.headers.get("Authorization") != f"Bot {self._token}":
                raise errors.unauthorized()
            parsed = parse(request.headers.get("Content-Type", ""), body)
            recorded.body = parsed.payload if parsed.items is None else parsed.items
            recorded.files = [upload.filename for upload in parsed.files.values()]
            now = asyncio.get_running_loop().time()
            call = ApiRequest(parsed, dict(request.query), dict(request.match_info), now)
            return json_response(200, route.handler(call))
        except RestError as error:
            return json_response(error.status, error.as_json())
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            problem = {"_errors": [{"code": "MODEL_TYPE_CONVERT", "message": repr(error)}]}
            return json_response(400, RestError(400, 50035, "Invalid Form Body", problem).as_json())


def json_response(status: int, body: ResponseBody, headers: dict[str, str] | None = None) -> web.Response:
    """Discord's content type is exactly application/json, and clients compare it so."""
    sent = {"Via": "1.1 google", **(headers or {})}
    if body is None:
        return web.Response(status=204, headers=sent)
    return web.Response(
        status=status, body=json.dumps(body).encode(), content_type="application/json", headers=sent
    )


async def read_body(request: web.Request, fault: Fault | None) -> bytes:
    """The whole body, no faster than the fault allows."""
    if fault is None or fault.bytes_per_second is None:
        return await request.read()
    body, loop = bytearray(), asyncio.get_running_loop()
    begun = loop.time()
    async for piece in request.content.iter_any():
        body += piece
        await asyncio.sleep(begun + len(body) / fault.bytes_per_second - loop.time())
    return bytes(body)


async def apply_delay(fault: Fault) -> None:
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.held is not None:
        await fault.held.wait()


def replaces(fault: Fault) -> bool:
    return not fault.after_effect and (fault.cut or fault.status is not None)


def fault_response(fault: Fault, request: web.Request) -> web.Response:
    """The response in place of the correct one; after a cut it reaches nobody."""
    if fault.cut:
        if request.transport is not None:
            request.transport.close()
        return web.Response(status=500)
    if fault.body is not None:
        return web.Response(
            status=fault.status or 200,
            body=fault.body,
            content_type=fault.content_type,
            headers={"Via": "1.1 google"},
        )
    if fault.retry_after is not None:
        return _rate_limited(fault)
    message = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}
    status = fault.status or 500
    return json_response(status, {"message": f"{status}: {message.get(status, 'Error')}", "code": fault.code})


def _rate_limited(fault: Fault) -> web.Response:
    wait = fault.retry_after or 0.0
    if not fault.via:
        # The ban of an address comes from the proxy in front of Discord: no Via, no JSON.
        body = "error code: 1015"
        return web.Response(status=429, text=body, headers={"Retry-After": str(int(wait) or 1)})
    headers = {
        "Retry-After": str(max(1, round(wait))),
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": f"{time.time() + wait:.3f}",
        "X-RateLimit-Reset-After": f"{wait:.3f}",
        "X-RateLimit-Bucket": "sandbox",
        "X-RateLimit-Scope": "global" if fault.is_global else "user",
    }
    if fault.is_global:
        headers["X-RateLimit-Global"] = "true"
    limited = {"message": "You are being rate limited.", "retry_after": wait, "global": fault.is_global}
    return json_response(429, limited, headers)
