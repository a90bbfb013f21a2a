"""Discord's gateway: who is connected, what it is told, and how it comes back after a break."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.discord.gateway.opcodes import (
    ALREADY_AUTHENTICATED,
    AUTHENTICATION_FAILED,
    EVENTS_A_MINUTE,
    GUILDS,
    IGNORED,
    INVALID_SEQUENCE,
    INVALID_VERSION,
    NOT_AUTHENTICATED,
    RATE_LIMITED,
    UNDECODABLE,
    UNKNOWN_OPCODE,
    Closing,
    Op,
    intents_of,
    shard_of,
)
from sandbox.discord.gateway.sessions import Connection, Session, packet
from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.notifier import Changes
from sandbox.discord.state.discord_state import DiscordState


class Gateway:
    """All sessions of the one application."""

    def __init__(self, state: DiscordState, token: str) -> None:
        self._state, self._token = state, token
        state.events.listener = self.dispatch
        self.url = ""
        self.heartbeat_seconds = 41.25
        self.greeting: Callable[[str, Any], Any] = lambda _event, data: data
        """What READY and RESUMED say instead of what is right: from the event's name and its data."""
        self.silent = False
        """Whether heartbeats get no answer."""
        self.privileged_intents = 0
        """Those switched on in the developer portal; asking for another one closes with 4014."""
        self.sessions: dict[str, Session] = {}
        self.identifies = 0
        self.resumes = 0
        self.heartbeats = 0
        self.changes = Changes()
        self.overheard: Callable[[str, str, Json], None] | None = None
        """Told of each packet that matters: who spoke ("gateway" or "bot"), the event's name, its data."""
        self._conversations: set[Conversation] = set()

    @property
    def connected(self) -> bool:
        return any(session.connected for session in self.sessions.values())

    def dispatch(self, event: str, data: Json, guild_id: int | None, intent: int = 0) -> None:
        asking = [one for one in self.sessions.values() if one.intents & intent == intent]
        for session in asking:
            if session.covers(guild_id):
                session.dispatch(event, data)
        if asking or not intent:
            self.note("gateway", event, data)

    def note(self, speaker: str, event: str, data: Json) -> None:
        if self.overheard is not None:
            self.overheard(speaker, event, data)

    def ask_to_reconnect(self) -> None:
        """Op 7, as Discord sends it when it moves a connection elsewhere."""
        self._post_all(packet(Op.RECONNECT, None))

    def invalidate(self, *, resumable: bool = False) -> None:
        if not resumable:
            self.forget_sessions()
        self._post_all(packet(Op.INVALID_SESSION, resumable))

    def forget_sessions(self) -> None:
        """The next RESUME is answered with INVALID_SESSION."""
        self.sessions.clear()

    def say(self, message: Any) -> None:
        """A message of any shape, to every connection, outside of the numbered events."""
        self._post_all(json.dumps(message))

    def send_frame(self, content: str | bytes) -> None:
        """Whatever it is, as one frame, to every connection."""
        for conversation in self._conversations:
            conversation.connection.post_frame(content)

    def drop(self) -> None:
        """Cut every connection without a word."""
        for conversation in list(self._conversations):
            conversation.connection.cut()

    async def close(self, code: int, reason: str = "") -> None:
        for conversation in list(self._conversations):
            await conversation.connection.close(code, reason)

    def _post_all(self, text: str) -> None:
        for conversation in self._conversations:
            conversation.connection.post(text)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=True, max_msg_size=4096 * 4)
        await socket.prepare(request)
        compressed = request.query.get("compress") == "zlib-stream"
        conversation = Conversation(self, Connection(socket, request, compressed=compressed))
        self._conversations.add(conversation)
        try:
            await conversation.hold(request.query.get("v", "10"))
        finally:
            self._conversations.discard(conversation)
            self._let_go(conversation, socket.close_code)
        return socket

    def _let_go(self, conversation: Conversation, close_code: int | None) -> None:
        session = conversation.session
        if session is not None and session.connection is conversation.connection:
            session.connection = None
            if close_code in (1000, 1001):
                # A bot that says goodbye gives its session up; any other end leaves it resumable.
                self.sessions.pop(session.id, None)
        self.changes.announce()

    def identify(self, data: Json, connection: Connection) -> Session:
        self._check_token(data)
        session = Session(intents_of(data, self.privileged_intents), shard_of(data))
        session.connection = connection
        self.sessions[session.id] = session
        self.identifies += 1
        self._greet(session, data)
        self.changes.announce()
        return session

    def _check_token(self, data: Json) -> None:
        token = str(data.get("token", "")).removeprefix("Bot ")
        if token != self._token:
            raise Closing(AUTHENTICATION_FAILED, "Authentication failed.")

    def _greet(self, session: Session, data: Json) -> None:
        guilds = [guild for guild in self._state.guilds.values() if guild.bot and session.covers(guild.id)]
        ready: Json = {
            "v": 10,
            "user": {**self._state.bot.as_json(), "verified": True, "mfa_enabled": False, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "application": {"id": str(self._state.bot.id), "flags": 0},
            "private_channels": [],
            "relationships": [],
            "user_settings": {},
            "_trace": [],
        }
        self.note("gateway", "READY", ready)
        ready = {**ready, "shard": data["shard"]} if "shard" in data else ready
        session.dispatch("READY", self.greeting("READY", ready))
        if session.intents & GUILDS:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", guild.create_json())

    def resume(self, data: Json, connection: Connection) -> Session | None:
        """The session, with what was missed sent again; None if it is gone."""
        self._check_token(data)
        session, sequence = self.sessions.get(str(data.get("session_id"))), int(data.get("seq") or 0)
        if session is not None and sequence > session.sequence:
            raise Closing(INVALID_SEQUENCE, "Invalid seq.")
        if session is None or not session.can_replay_after(sequence):
            return None
        session.connection = connection
        session.replay_after(sequence, connection)
        session.dispatch("RESUMED", self.greeting("RESUMED", {"_trace": []}))
        self.note("gateway", "RESUMED", {})
        self.resumes += 1
        self.changes.announce()
        return session


class Conversation:
    """One connection, from HELLO to its end."""

    def __init__(self, gateway: Gateway, connection: Connection) -> None:
        self._gateway = gateway
        self.connection = connection
        self.session: Session | None = None
        self._events: list[float] = []
        self._overdue: asyncio.TimerHandle | None = None

    async def hold(self, version: str) -> None:
        writing = asyncio.create_task(self.connection.write_all())
        interval = int(self._gateway.heartbeat_seconds * 1000)
        self.connection.post(packet(Op.HELLO, {"heartbeat_interval": interval, "_trace": []}))
        self._expect_heartbeat()
        try:
            if version not in ("9", "10"):
                raise Closing(INVALID_VERSION, "Invalid API version.")
            await self._listen()
        except Closing as closing:
            await self.connection.close(closing.code, closing.reason)
        finally:
            if self._overdue is not None:
                self._overdue.cancel()
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing

    def _expect_heartbeat(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
        patience = self._gateway.heartbeat_seconds * 2
        self._overdue = asyncio.get_running_loop().call_later(patience, self.connection.cut)

    async def _listen(self) -> None:
        async for message in self.connection.socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            self._count_event()
            try:
                said = json.loads(message.data)
                op, data = int(said["op"]), said.get("d")
            except (ValueError, KeyError, TypeError):
                raise Closing(UNDECODABLE, "Error while decoding payload.") from None
            self._hear(op, data)

    def _count_event(self) -> None:
        now = asyncio.get_running_loop().time()
        self._events = [*(at for at in self._events if at > now - 60), now]
        if len(self._events) > EVENTS_A_MINUTE:
            raise Closing(RATE_LIMITED, "You are being rate limited.")

    def _hear(self, op: int, data: Json) -> None:
        self._gateway.note("bot", Op(op).name if op in list(Op) else f"op {op}", {})
        if op == Op.HEARTBEAT:
            self._gateway.heartbeats += 1
            self._expect_heartbeat()
            if not self._gateway.silent:
                self.connection.post(packet(Op.HEARTBEAT_ACK, None))
        elif op in (Op.IDENTIFY, Op.RESUME):
            self._open(op, data)
        elif op not in IGNORED:
            raise Closing(UNKNOWN_OPCODE, "Unknown opcode.")
        elif self.session is None:
            raise Closing(NOT_AUTHENTICATED, "Not authenticated.")

    def _open(self, op: int, data: Json) -> None:
        if self.session is not None:
            raise Closing(ALREADY_AUTHENTICATED, "Already authenticated.")
        if op == Op.IDENTIFY:
            self.session = self._gateway.identify(data, self.connection)
            return
        self.session = self._gateway.resume(data, self.connection)
        if self.session is None:
            self.connection.post(packet(Op.INVALID_SESSION, False))
