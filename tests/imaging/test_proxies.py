"""Where only a proxy leads out: the image API and its pictures are reached through it, this machine never."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from bot.imaging.http import open_client, was_never_sent
from bot.settings.proxies import proxy_for
from sandbox.images import ImageApi


@dataclass
class Proxy:
    """Remembers what it was asked for, and answers as `answer` does."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


@asynccontextmanager
async def proxy(answer: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[Proxy]:
    found = Proxy()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found.asked.append(head.split(b"\r\n")[0].decode())
        await answer(writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        found.url = "http://{}:{}".format(*server.sockets[0].getsockname())
        yield found


async def hello(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
    await writer.drain()


async def refuse(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()


async def test_an_address_outside_is_reached_through_the_proxy() -> None:
    async with proxy(hello) as way:
        environment = {"HTTP_PROXY": way.url}
        async with open_client(1, lambda url: proxy_for(url, environment)) as http:
            answer = await http.get("http://images.example/v1/models")

    assert answer.text == "hello"
    assert way.asked == ["GET http://images.example/v1/models HTTP/1.1"]


async def test_a_proxy_that_lets_nothing_through_has_sent_nothing_on() -> None:
    async with proxy(refuse) as way:
        environment = {"https_proxy": way.url}
        async with open_client(1, lambda url: proxy_for(url, environment)) as http:
            with pytest.raises(httpx.HTTPError) as caught:
                await http.post("https://images.example/v1/images/generations", content=b"{}")

    assert way.asked == ["CONNECT images.example:443 HTTP/1.1"]
    assert was_never_sent(caught.value)


@pytest.mark.parametrize("exempt", ["", "*"])
async def test_this_machine_is_never_reached_through_a_proxy(images: ImageApi, exempt: str) -> None:
    async with proxy(hello) as way:
        environment = {"HTTP_PROXY": way.url, "ALL_PROXY": way.url, "NO_PROXY": exempt}
        async with open_client(1, lambda url: proxy_for(url, environment)) as http:
            answer = await http.get(f"{images.url}/models")

    assert answer.json()["object"] == "list"
    assert way.asked == []
