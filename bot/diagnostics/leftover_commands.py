"""Commands that older bots of the same application left in single servers: members see them, and they don't work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

SERVERS_PER_PAGE = 200  # servers at a time, the most that Discord tells
MOST_LOOKED_AT = 60
"""Servers that `python -m bot check` looks into: Discord takes 50 requests a second."""
MOST_REQUESTS_AT_ONCE = 8
LONGEST_WAIT_SECONDS = 60.0
RETRIES = 4


class UnexpectedAnswer(Exception):
    """Discord answered something else than what was asked for; its text says what."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """The `names` of commands in the server called `server`; this bot registers none in single servers."""

    server_id: int
    server: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.server} ({self.server_id}): {', '.join(self.names)}"


class Servers:
    """Asks Discord as the bot about its servers, one request after the other, at the pace of its rate limits."""

    def __init__(self, http: httpx.AsyncClient, api_url: str, headers: Mapping[str, str]) -> None:
        self._http, self._api_url, self._headers = http, api_url, dict(headers)

    async def leftovers(self, application: str, most: int | None = None) -> list[Leftover]:
        """In up to `most` servers. Raises UnexpectedAnswer, and what httpx raises."""
        servers = list[tuple[int, str]]()
        while most is None or len(servers) < most:
            last = servers[-1][0] if servers else 0
            page = _objects(
                await self._ask("GET", f"/users/@me/guilds?limit={SERVERS_PER_PAGE}&after={last}")
            )
            servers += [(int(one["id"]), str(one.get("name"))) for one in page]
            if len(page) < SERVERS_PER_PAGE:
                break
        slots = asyncio.Semaphore(MOST_REQUESTS_AT_ONCE)

        async def of(server: tuple[int, str]) -> Leftover:
            async with slots:
                found = await self._ask("GET", f"/applications/{application}/guilds/{server[0]}/commands")
            return Leftover(*server, tuple(str(one.get("name")) for one in _objects(found)))

        return [found for found in await asyncio.gather(*map(of, servers[:most])) if found.names]

    async def registered(self, application: str) -> list[Mapping[str, Any]]:
        """The commands that hold in all servers. Raises UnexpectedAnswer, and what httpx raises."""
        return _objects(
            await self._ask("GET", f"/applications/{application}/commands?with_localizations=true")
        )

    async def clear(self, application: str, left: Leftover) -> None:
        """Raises UnexpectedAnswer, and what httpx raises."""
        await self._ask("PUT", f"/applications/{application}/guilds/{left.server_id}/commands", [])

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        url, given = f"{self._api_url}{path}", {} if body is None else {"json": body}
        answer = await self._http.request(method, url, headers=self._headers, **given)  # type: ignore[arg-type]  # JSON
        for _ in range(RETRIES):
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            await asyncio.sleep(min(_seconds(answer.headers.get("Retry-After")), LONGEST_WAIT_SECONDS))
            answer = await self._http.request(method, url, headers=self._headers, **given)  # type: ignore[arg-type]
        if not answer.is_success:
            raise UnexpectedAnswer(f"HTTP {answer.status_code}")
        try:
            return json.loads(answer.content)
        except ValueError:
            raise UnexpectedAnswer("no JSON") from None


def _objects(answer: object) -> list[Mapping[str, Any]]:
    if not isinstance(answer, list) or not all(isinstance(one, Mapping) for one in answer):
        raise UnexpectedAnswer("not a list")
    return answer


def _seconds(text: str | None) -> float:
    try:
        return max(0.1, float(text or 1))
    except ValueError:
        return 1.0
