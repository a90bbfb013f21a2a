"""A gateway session and its connection; its events are kept, so that a bot can resume."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from collections import deque
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientConnectionResetError, web

from sandbox.discord.kit.errors import Json

REPLAY_LIMIT = 5000
DISPATCH = 0


@dataclass(frozen=True)
class Frame:
    """Text that is sent without being compressed."""

    text: str


class Connection:
    """One websocket: sends in order, compressed with zlib-stream if the bot requested it."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, *, compressed: bool) -> None:
        self.socket = socket
        self._request = request
        self._zlib = zlib.compressobj() if compressed else None
        self._outgoing: asyncio.Queue[str | bytes | Frame | None] = asyncio.Queue()

    def post(self, text: str) -> None:
        self._outgoing.put_nowait(text)

    def post_frame(self, content: str | bytes) -> None:
        """One frame of any content, uncompressed."""
        self._outgoing.put_nowait(Frame(content) if isinstance(content, str) else content)

    async def write_all(self) -> None:
        """Send what is posted until the connection is lost."""
        try:
            while (item := await self._outgoing.get()) is not None:
                if isinstance(item, bytes):
                    await self.socket.send_bytes(item)
                elif self._zlib is None or isinstance(item, Frame):
                    await self.socket.send_str(item.text if isinstance(item, Frame) else item)
                else:
                    compressed = self._zlib.compress(item.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
                    await self.socket.send_bytes(compressed)
        except (ClientConnectionResetError, ConnectionError):
            return

    async def close(self, code: int, reason: str = "") -> None:
        await self.socket.close(code=code, message=reason.encode())

    def cut(self) -> None:
        """Without a close frame."""
        if self._request.transport is not None:
            self._request.transport.abort()


class Session:
    """What is resumed after a connection was lost."""

    def __init__(self, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.intents, self.shard = intents, shard
        self.connection: Connection | None = None
        self.sequence = 0
        self._sent: deque[tuple[int, str]] = deque(maxlen=REPLAY_LIMIT)

    @property
    def connected(self) -> bool:
        return self.connection is not None

    def covers(self, guild_id: int | None) -> bool:
        number, total = self.shard
        return (0 if guild_id is None else (guild_id >> 22) % total) == number

    def dispatch(self, event: str, data: Json) -> None:
        self.sequence += 1
        text = gateway_payload(DISPATCH, data, s=self.sequence, t=event)
        self._sent.append((self.sequence, text))
        if self.connection is not None:
            self.connection.post(text)

    def can_replay_after(self, sequence: int) -> bool:
        oldest = self._sent[0][0] if self._sent else self.sequence + 1
        return oldest - 1 <= sequence <= self.sequence

    def replay_after(self, sequence: int, connection: Connection) -> None:
        for number, text in self._sent:
            if number > sequence:
                connection.post(text)


def gateway_payload(op: int, data: Any, **more: Any) -> str:
    return json.dumps({"op": op, "d": data, "s": None, "t": None, **more}, separators=(",", ":"))
