"""The page's web server: on loopback, for same-origin requests only, with a strict content security policy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from sandbox.discord import RefusedByDiscord, ReplyTimeout
from sandbox.page.actions import Actions
from sandbox.page.environment import Environment
from sandbox.page.faults import FaultActions
from sandbox.page.feed import Feed

HOST = "127.0.0.1"
STATIC = Path(__file__).parent / "static"
LARGEST_UPLOAD = 64 * 1024 * 1024
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",  # a chosen file is shown before it is sent
        "connect-src 'self' ws://{host}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page:
    """Serves one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._actions, self._fault_actions = Actions(environment), FaultActions(environment)
        self._table = {**self._actions.table(), **self._fault_actions.table()}
        self._sockets: set[web.WebSocketResponse] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/"

    @asynccontextmanager
    async def served(self, port: int = 0) -> AsyncIterator[Page]:
        app = web.Application(middlewares=[self._guard], client_max_size=LARGEST_UPLOAD)
        app.router.add_get("/", self._index)
        app.router.add_get("/feed", self._feed)
        app.router.add_post("/actions/{name}", self._act)
        app.router.add_post("/uploads", self._upload)
        app.router.add_get("/attachments/{channel}/{id}/{name}", self._attachment)
        app.router.add_static("/static", STATIC)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, port).start()
            self.port = runner.addresses[0][1]
            yield self
        finally:
            for socket in list(self._sockets):
                await socket.close(code=1001)
            await runner.cleanup()
            await self._fault_actions.close()

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Another site's script may reach this port, by a name of its own or from its own page: neither is let in."""
        own = {f"{name}:{self.port}" for name in (HOST, "localhost")}
        origin = request.headers.get("Origin")
        needed = request.method != "GET" or request.path == "/feed"
        if (
            request.host not in own
            or (origin is None and needed)
            or origin not in (None, f"http://{request.host}")
        ):
            return web.Response(status=403, text="This page answers only to itself.")
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(_headers(request.host))
            raise
        if not response.prepared:
            response.headers.update(_headers(request.host))
        return response

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            await Feed(self._environment, self._fault_actions, socket).serve()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._sockets.discard(socket)
        return socket

    async def _act(self, request: web.Request) -> web.StreamResponse:
        action = self._table.get(request.match_info["name"])
        if action is None or request.content_type != "application/json":
            raise web.HTTPNotFound
        try:
            return web.json_response(await action(await request.json()))
        except (RefusedByDiscord, ReplyTimeout) as refused:
            # Not an error of the page's: a browser would complain of another status in its console.
            return web.json_response({"refused": str(refused)})
        except (KeyError, TypeError, ValueError, StopIteration) as problem:
            return web.json_response({"refused": f"Not understood: {problem!r}"}, status=400)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        try:
            name = json.loads(request.headers.get("X-File-Name", '"file"'))
        except ValueError:
            raise web.HTTPBadRequest(text="X-File-Name is not JSON") from None
        return web.json_response(self._actions.take_upload(str(name), await request.read()))

    async def _attachment(self, request: web.Request) -> web.StreamResponse:
        identity = request.match_info["id"]
        file = self._environment.discord.messages.files.get(int(identity)) if identity.isdigit() else None
        if file is None:
            raise web.HTTPNotFound
        shown = file.content_type.startswith("image/") and "svg" not in file.content_type
        kind = file.content_type if shown else "application/octet-stream"
        # An attachment never changes: the browser may keep it.
        return web.Response(body=file.data, content_type=kind)


def _headers(host: str) -> dict[str, str]:
    return {**HEADERS, "Content-Security-Policy": _POLICY.format(host=host)}
