"""A served page, a tab that is connected to it over real sockets, and a raw bot in the same environment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

from sandbox.page.demo_servers import DemoUser
from sandbox.page.environment import Environment, run_environment
from sandbox.page.server import Page
from tests.patience import PATIENCE
from tests.sandbox.discord.raw_bot import RawBot, RawSocket, command, option


class Tab:
    """What a browser does, without the browser; `seen` holds the last update of each kind."""

    def __init__(self, url: str, client: ClientSession) -> None:
        self.url, self._client = url.rstrip("/"), client
        self.seen: dict[str, Any] = {}
        self.messages: dict[str, dict[str, Any]] = {}
        self._socket: ClientWebSocketResponse | None = None

    @property
    def own(self) -> dict[str, str]:
        return {"Origin": self.url}

    async def look(self, person: DemoUser, drawer: str = "") -> None:
        if self._socket is None:
            self._socket = await self._client.ws_connect(f"{self.url}/feed", headers=self.own)
        self.messages.clear()
        wish = {"person": str(person.user.id), "channel": str(person.home.id), "drawer": drawer}
        await self._socket.send_json(wish)
        await self.until(lambda: self.seen.get("view", {}).get("person") == wish["person"])

    async def wish(self, wish: dict[str, str]) -> None:
        assert self._socket is not None
        await self._socket.send_json(wish)

    async def until(self, holds: Any) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                assert self._socket is not None
                self._hear(json.loads((await self._socket.receive()).data))

    def _hear(self, update: dict[str, Any]) -> None:
        self.seen |= update
        told = update.get("messages", {})
        self.messages |= {one["id"]: one for one in told.get("changed", [])}
        for identity in told.get("deleted", []):
            self.messages.pop(identity, None)

    async def act(self, name: str, person: DemoUser, /, **body: Any) -> tuple[int, dict[str, Any]]:
        sent = {"person": str(person.user.id), "channel": str(person.home.id), **body}
        async with self._client.post(f"{self.url}/actions/{name}", json=sent, headers=self.own) as answer:
            return answer.status, await answer.json()

    async def status(self, method: str, path: str, **headers: str) -> int:
        async with self._client.request(method, self.url + path, headers=headers, json={}) as answer:
            return answer.status

    async def fetch(self, path: str) -> tuple[dict[str, str], str]:
        async with self._client.get(self.url + path) as answer:
            return dict(answer.headers), await answer.text()

    async def upload(self, name: str, data: bytes) -> str:
        headers = {**self.own, "X-File-Name": json.dumps(name)}
        async with self._client.post(f"{self.url}/uploads", data=data, headers=headers) as answer:
            return str((await answer.json())["upload"])


@dataclass
class Scene:
    environment: Environment
    tab: Tab
    bot: RawBot
    socket: RawSocket

    def person(self, name: str) -> DemoUser:
        return next(one for one in self.environment.demo.people if one.user.name == name)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with (
        run_environment() as environment,
        Page(environment).served() as page,
        ClientSession() as client,
        RawBot(environment.discord) as bot,
    ):
        socket = await bot.identify()
        prompt = option("prompt", required=True, max_length=100)
        reign = command("reign", default_member_permissions="32")
        show = command("show", option("file", 11), option("to", 6), option("times", 4, max_value=3))
        await bot.register(command("imagine", prompt), reign, show)
        await socket.hear_event("READY")
        yield Scene(environment, Tab(page.url, client), bot, socket)
