"""The real bot in a network that only a proxy leads out of."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.diagnostics.check import check
from bot.settings.settings import read_settings
from tests.end_to_end.conftest import Setup

CERTIFICATE = Path(__file__).with_name("proxied.pem")
"""For names that end in .test, which nobody can own: https://www.rfc-editor.org/rfc/rfc2606"""
PASSWORD = "pass word"


class Proxy:
    """Takes CONNECT, and is itself what is found behind it: TLS, and then one of the look-alikes."""

    def __init__(self, setup: Setup) -> None:
        images, discord = urlsplit(setup.images.url).port or 0, urlsplit(setup.discord.url).port or 0
        self._ports = {"discord.test": discord, "gateway.discord.test": discord, "images.test": images}
        self._trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._trust.load_cert_chain(CERTIFICATE)
        self.url, self.turned_away = "", 0
        self.tunnels: list[str] = []

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.url = f"http://me:pass%20word@127.0.0.1:{port}"
        yield
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            host = head.split(" ")[1].partition(":")[0]
            if base64.b64encode(f"me:{PASSWORD}".encode()).decode() not in head:
                self.turned_away += 1
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            elif head.startswith("CONNECT "):
                self.tunnels.append(host)
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                await writer.start_tls(self._trust)
                inner_reader, inner = await asyncio.open_connection("127.0.0.1", self._ports[host])
                await asyncio.gather(_pipe(reader, inner), _pipe(inner_reader, writer))
        writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def settings(setup: Setup) -> dict[str, str]:
    return {
        "DISCORD_API_URL": "https://discord.test/api/v10",
        "DISCORD_GATEWAY_URL": "wss://gateway.discord.test/",
        "IMAGE_API_URL": f"https://images.test{urlsplit(setup.images.url).path}",
        "IMAGE_DOWNLOAD_ORIGINS": setup.images.url.removesuffix("/v1"),
        "SSL_CERT_FILE": str(CERTIFICATE),
    }


@pytest.fixture
async def proxy(setup: Setup) -> AsyncIterator[Proxy]:
    proxy = Proxy(setup)
    async with proxy.open():
        yield proxy


async def test_discord_and_the_image_api_are_reached_through_it(setup: Setup, proxy: Proxy) -> None:
    setup.discord.gateway.url = "wss://gateway.discord.test/"
    bot = await setup.start_bot(**settings(setup), HTTPS_PROXY=proxy.url)
    assert (await setup.ada.imagine("a fox")).attachments
    assert set(proxy.tunnels) == {"discord.test", "gateway.discord.test", "images.test"}
    assert proxy.turned_away == 0
    assert not [line for line in bot.log if "pass%20word" in line or PASSWORD in line]
    await bot.terminate()


async def test_a_check_goes_through_it_and_says_what_is_wrong_with_it(
    setup: Setup, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = settings(setup) | {"DISCORD_TOKEN": setup.discord.token, "IMAGE_API_KEY": setup.images.key}
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))

    async def line(url: str) -> str:
        monkeypatch.setenv("HTTPS_PROXY", url)
        lines: list[str] = []
        await check(read_settings({**known, "DATABASE_URL": setup.database_url}), lines.append)
        return next(line for line in lines if "Discord token" in line or "Network" in line)

    assert "works; the bot is called" in await line(proxy.url)
    assert "refuses (HTTP 407)" in await line(proxy.url.replace("me:", "you:"))
    assert "doesn't answer" in await line("http://127.0.0.1:9")
