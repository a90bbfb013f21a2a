"""A bot without a library: it sends the look-alike exactly what a test wants sent."""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from sandbox.discord import Discord
from tests.patience import PATIENCE


@dataclass(frozen=True)
class NoImages:
    """For bots that paint by themselves."""

    url: str = "http://127.0.0.1:9/v1"
    key: str = "none"


class RawSocket:
    """One gateway connection, decompressed where it has to be."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._inflate = zlib.decompressobj()
        self.sequence = 0

    async def hear(self) -> dict[str, Any]:
        """The next payload; a closed connection shows as {"closed": code}."""
        async with asyncio.timeout(PATIENCE):
            message = await self.socket.receive()
        if message.type == aiohttp.WSMsgType.BINARY:
            said = json.loads(self._inflate.decompress(message.data))
        elif message.type == aiohttp.WSMsgType.TEXT:
            said = json.loads(message.data)
        else:
            return {"op": None, "closed": self.socket.close_code}
        self.sequence = said["s"] or self.sequence
        return dict(said)

    async def hear_event(self, name: str) -> dict[str, Any]:
        while (said := await self.hear())["op"] is not None:
            if said["t"] == name:
                return dict(said["d"])
        raise AssertionError(f"closed with {said['closed']} before {name}")

    async def say(self, op: int, data: Any) -> None:
        await self.socket.send_json({"op": op, "d": data})


class RawBot:
    def __init__(self, discord: Discord) -> None:
        self.discord = discord
        self._session = aiohttp.ClientSession()
        self._sockets: list[RawSocket] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._sockets:
            await one.socket.close()
        await self._session.close()

    async def open(self, query: str = "?v=10&encoding=json") -> RawSocket:
        self._sockets.append(RawSocket(await self._session.ws_connect(self.discord.gateway_url + query)))
        return self._sockets[-1]

    async def identify(self, query: str = "?v=10&encoding=json", **more: Any) -> RawSocket:
        """Open, hear HELLO, IDENTIFY."""
        socket = await self.open(query)
        assert (await socket.hear())["op"] == 10
        await socket.say(2, {"token": self.discord.token, "intents": 0, "properties": {}, **more})
        return socket

    async def call(
        self, method: str, path: str, json: Any = None, *, token: str | None = None, data: Any = None
    ) -> tuple[int, Any]:
        status, _, body = await self.call_fully(method, path, json, token=token, data=data)
        return status, body

    async def call_fully(
        self, method: str, path: str, json: Any = None, *, token: str | None = None, data: Any = None
    ) -> tuple[int, dict[str, str], Any]:
        headers = {"Authorization": f"Bot {token or self.discord.token}"}
        url = self.discord.api_url + path
        async with self._session.request(method, url, json=json, data=data, headers=headers) as response:
            is_json = response.headers.get("Content-Type") == "application/json"
            body = await response.json() if is_json else await response.read()
            return response.status, dict(response.headers), body

    async def fetch(self, url: str) -> tuple[str, bytes]:
        async with self._session.get(url) as response:
            return response.content_type, await response.read()

    async def register(self, *commands: dict[str, Any]) -> tuple[int, Any]:
        return await self.call("PUT", f"/applications/{self.id}/commands", list(commands))

    @property
    def id(self) -> int:
        return self.discord.state.bot.id

    async def respond(self, event: dict[str, Any], kind: int, **data: Any) -> tuple[int, Any]:
        path = f"/interactions/{event['id']}/{event['token']}/callback?with_response=1"
        return await self.call("POST", path, {"type": kind, "data": data})

    def original(self, event: dict[str, Any]) -> str:
        return f"/webhooks/{self.id}/{event['token']}/messages/@original"

    async def edit(self, event: dict[str, Any], **data: Any) -> tuple[int, Any]:
        return await self.call("PATCH", self.original(event), data)


def command(name: str, *options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "description": f"About {name}", "options": list(options), **more}


def option(name: str, kind: int = 3, **more: Any) -> dict[str, Any]:
    return {"name": name, "description": f"The {name}", "type": kind, **more}
