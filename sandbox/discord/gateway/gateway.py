"""Discord's gateway: the sessions, what each is sent, and how a bot resumes."""

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
    CloseConnection,
    Op,
    intents_of,
    shard_of,
)
from sandbox.discord.gateway.sessions import Connection, Session, gateway_payload
from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.notifier import Notifier
from sandbox.discord.state.discord_state import DiscordState


class Gateway:
    """All sessions of the one application."""

    def __init__(self, state: DiscordState, token: str) -> None:
        self._state, self._token = state, token
        state.events.listener = self.dispatch
        self.url = ""
        self.heartbeat_seconds = 41.25
        self.alter_ready: Callable[[str, Any], Any] = lambda _event, data: data
        """Returns what READY and RESUMED carry instead of the correct data, from the event's name and that data."""
        self.ignores_heartbeats = False
        """Whether heartbeats are not acknowledged."""
        self.privileged_intents = 0
        """Those switched on in the developer portal; recipients for another one closes with 4014."""
        self.sessions: dict[str, Session] = {}
        self.identifies = 0
        self.resumes = 0
        self.heartbeats = 0
        self.changes = Notifier()
        self.observer: Callable[[str, str, Json], None] | None = None
        """Called with each payload but heartbeats: its sender ("gateway" or "bot"), the event's name, its data."""
        self._handlers: set[ConnectionHandler] = set()

    @property
    def connected(self) -> bool:
        return any(session.connected for session in self.sessions.values())

    def dispatch(self, event: str, data: Json, guild_id: int | None, intent: int = 0) -> None:
        recipients = [session for session in self.sessions.values() if session.intents & intent == intent]
        for session in recipients:
            if session.covers(guild_id):
                session.dispatch(event, data)
        if recipients or not intent:
            self.observe("gateway", event, data)

    def observe(self, sender: str, event: str, data: Json) -> None:
        if self.observer is not None:
            self.observer(sender, event, data)

    def request_reconnect(self) -> None:
        """Opcode 7, as Discord sends it when it moves a connection to another server."""
        self._send_to_all(gateway_payload(Op.RECONNECT, None))

    def invalidate(self, *, resumable: bool = False) -> None:
        if not resumable:
            self.forget_sessions()
        self._send_to_all(gateway_payload(Op.INVALID_SESSION, resumable))

    def forget_sessions(self) -> None:
        """The next RESUME is answered with INVALID_SESSION."""
        self.sessions.clear()

    def send_json(self, message: Any) -> None:
        """Send any JSON to every connection, without a sequence number."""
        self._send_to_all(json.dumps(message))

    def send_frame(self, content: str | bytes) -> None:
        """Send one websocket frame, of any content, to every connection."""
        for handler in self._handlers:
            handler.connection.post_frame(content)

    def drop(self) -> None:
        """Cut every connection without a close frame."""
        for handler in list(self._handlers):
            handler.connection.cut()

    async def close(self, code: int, reason: str = "") -> None:
        for handler in list(self._handlers):
            await handler.connection.close(code, reason)

    def _send_to_all(self, text: str) -> None:
        for handler in self._handlers:
            handler.connection.post(text)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=True, max_msg_size=4096 * 4)
        await socket.prepare(request)
        compressed = request.query.get("compress") == "zlib-stream"
        handler = ConnectionHandler(self, Connection(socket, request, compressed=compressed))
        self._handlers.add(handler)
        try:
            await handler.run(request.query.get("v", "10"))
        finally:
            self._handlers.discard(handler)
            session = handler.session
            if session is not None and session.connection is handler.connection:
                session.connection = None
                if socket.close_code in (1000, 1001):
                    # Closing with one of these codes ends the session; after any other end it can be resumed.
                    self.sessions.pop(session.id, None)
            self.changes.notify()
        return socket

    def identify(self, data: Json, connection: Connection) -> Session:
        self._check_token(data)
        session = Session(intents_of(data, self.privileged_intents), shard_of(data))
        session.connection = connection
        self.sessions[session.id] = session
        self.identifies += 1
        self._send_ready(session, data)
        self.changes.notify()
        return session

    def _check_token(self, data: Json) -> None:
        token = str(data.get("token", "")).removeprefix("Bot ")
        if token != self._token:
            raise CloseConnection(AUTHENTICATION_FAILED, "Authentication failed.")

    def _send_ready(self, session: Session, data: Json) -> None:
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
        self.observe("gateway", "READY", ready)
        ready = {**ready, "shard": data["shard"]} if "shard" in data else ready
        session.dispatch("READY", self.alter_ready("READY", ready))
        if session.intents & GUILDS:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", guild.create_json())

    def resume(self, data: Json, connection: Connection) -> Session | None:
        """The session, after its missed events were sent again; None if it has ended."""
        self._check_token(data)
        session, sequence = self.sessions.get(str(data.get("session_id"))), int(data.get("seq") or 0)
        if session is not None and sequence > session.sequence:
            raise CloseConnection(INVALID_SEQUENCE, "Invalid seq.")
        if session is None or not session.can_replay_after(sequence):
            return None
        session.connection = connection
        session.replay_after(sequence, connection)
        session.dispatch("RESUMED", self.alter_ready("RESUMED", {"_trace": []}))
        self.observe("gateway", "RESUMED", {})
        self.resumes += 1
        self.changes.notify()
        return session


class ConnectionHandler:
    """One connection, from HELLO to its end."""

    def __init__(self, gateway: Gateway, connection: Connection) -> None:
        self._gateway = gateway
        self.connection = connection
        self.session: Session | None = None
        self._events: list[float] = []
        self._heartbeat_timer: asyncio.TimerHandle | None = None

    async def run(self, version: str) -> None:
        writing = asyncio.create_task(self.connection.write_all())
        interval = int(self._gateway.heartbeat_seconds * 1000)
        self.connection.post(gateway_payload(Op.HELLO, {"heartbeat_interval": interval, "_trace": []}))
        self._expect_heartbeat()
        try:
            if version not in ("9", "10"):
                raise CloseConnection(INVALID_VERSION, "Invalid API version.")
            await self._receive_all()
        except CloseConnection as closing:
            await self.connection.close(closing.code, closing.reason)
        finally:
            if self._heartbeat_timer is not None:
                self._heartbeat_timer.cancel()
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing

    def _expect_heartbeat(self) -> None:
        if self._heartbeat_timer is not None:
            self._heartbeat_timer.cancel()
        allowed_seconds = self._gateway.heartbeat_seconds * 2
        self._heartbeat_timer = asyncio.get_running_loop().call_later(allowed_seconds, self.connection.cut)

    async def _receive_all(self) -> None:
        async for message in self.connection.socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            now = asyncio.get_running_loop().time()
            self._events = [*(at for at in self._events if at > now - 60), now]
            if len(self._events) > EVENTS_A_MINUTE:
                raise CloseConnection(RATE_LIMITED, "You are being rate limited.")
            try:
                payload = json.loads(message.data)
                op, data = int(payload["op"]), payload.get("d")
            except (ValueError, KeyError, TypeError):
                raise CloseConnection(UNDECODABLE, "Error while decoding payload.") from None
            self._handle(op, data)

    def _handle(self, op: int, data: Json) -> None:
        self._gateway.observe("bot", Op(op).name if op in list(Op) else f"op {op}", {})
        if op == Op.HEARTBEAT:
            self._gateway.heartbeats += 1
            self._expect_heartbeat()
            if not self._gateway.ignores_heartbeats:
                self.connection.post(gateway_payload(Op.HEARTBEAT_ACK, None))
        elif op in (Op.IDENTIFY, Op.RESUME):
            self._start_session(op, data)
        elif op not in IGNORED:
            raise CloseConnection(UNKNOWN_OPCODE, "Unknown opcode.")
        elif self.session is None:
            raise CloseConnection(NOT_AUTHENTICATED, "Not authenticated.")

    def _start_session(self, op: int, data: Json) -> None:
        if self.session is not None:
            raise CloseConnection(ALREADY_AUTHENTICATED, "Already authenticated.")
        if op == Op.IDENTIFY:
            self.session = self._gateway.identify(data, self.connection)
            return
        self.session = self._gateway.resume(data, self.connection)
        if self.session is None:
            self.connection.post(gateway_payload(Op.INVALID_SESSION, False))
