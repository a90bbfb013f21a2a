"""One connection to Discord's gateway, which survives messages that it can't read.

discord.py 2.7.1 lets whatever a parser raises end the connection, and the process with it. Here, an event that can't be
read is lost alone, and only what makes a connection useless ends it; it is then resumed, which brings back what was
missed. Written for the internals of that version: `incompatibility` says in one sentence if another one lacks them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord
from discord.gateway import DiscordWebSocket, KeepAliveHandler, ReconnectWebSocket
from discord.http import HTTPClient
from discord.state import ConnectionState
from yarl import URL

from bot.core.retries import exponential_pause

log = logging.getLogger(__name__)

Json: TypeAlias = Mapping[str, Any]
Session: TypeAlias = dict[str, Any]
"""What `DiscordWebSocket.from_client` takes to resume a session; empty for a new one."""

WRITTEN_FOR = "2.7.1"

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
AUTHENTICATION_FAILED = 4004
FOR_GOOD = frozenset({AUTHENTICATION_FAILED, 4010, 4011, 4012, 4013, 4014})
SESSION_IS_OVER = frozenset({4003, 4007, 4009})
RESUMABLE = 4000  # what this side closes with, so that Discord keeps the session

OPEN_SECONDS = 60.0
USUAL_HEARTBEAT = 41_250
"""Milliseconds between heartbeats, as the two below: where Discord names none, or one beyond these two."""
SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT = 10, 600_000
MOST_UNREADABLE = 3
"""Unreadable messages in a row, before the connection is given up."""
MOST_RESUMES = 3
"""Connections in a row without READY or RESUMED, before a new session is asked for."""
CALM_SECONDS = 1.0
"""A connection that lasted so long is resumed at once, where its session can be resumed."""
PROMPT_RESUMES = 3
"""So many in a row are made at once even if none of them lasted: Discord may move a connection several times."""
STEADY_SECONDS = 120.0
"""Only after a connection that lasted so long, a new session is begun at once: Discord allows 1,000 a day."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2.0, 300.0
MOST_WARNINGS_COUNTED = 100
"""Kinds of warnings of which the repetitions are counted."""


class GatewayUnusable(Exception):
    """The connection can't be used any more. Its text says why, and holds nothing of what was sent."""


def incompatibility() -> str | None:
    """What the installed discord.py lacks of what this adapter builds on; None if nothing."""
    needed: dict[type, tuple[str, ...]] = {
        DiscordWebSocket: ("from_client", "poll_event", "received_message", "send_as_json", "close"),
        KeepAliveHandler: ("tick", "ack", "get_payload", "start", "stop"),
        ConnectionState: ("parse_ready", "parse_resumed", "parse_interaction_create", "_delay_ready"),
        HTTPClient: ("ws_connect", "static_login", "application_info", "request"),
    }
    lacking = [
        f"{kind.__name__}.{name}"
        for kind, names in needed.items()
        for name in names
        if not hasattr(kind, name)
    ]
    if not lacking:
        return None
    return (
        f"discord.py {discord.__version__} lacks {', '.join(lacking)}, which this bot builds on; "
        f"install {WRITTEN_FOR} with: pip install -r requirements.txt"
    )


class RepeatedWarnings:
    """A line in the log for the first of its kind; the others are counted, and logged after `every` seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, every: float = 600.0) -> None:
        self._clock, self._every = clock, every
        self._seen: dict[str, tuple[float, int]] = {}

    def warn(self, what: str, error: BaseException | None = None) -> None:
        """`what` holds no content and no token; of the error only its class and line are logged."""
        line = f"{what}: {kind_and_place(error)}" if error else what
        now = self._clock()
        since, more = self._seen.get(line, (-self._every, 0))
        if now - since < self._every:
            self._seen[line] = since, more + 1
            return
        if len(self._seen) >= MOST_WARNINGS_COUNTED:
            self._seen.clear()
        self._seen[line] = now, 0
        log.warning("%s%s", line, f" ({more} more of these since the last such line)" if more else "")


def kind_and_place(error: BaseException) -> str:
    """Its class and line, but not its message: that may contain what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    name = type(error).__name__
    return f"{name} in {frames[-1].name}, line {frames[-1].lineno}" if frames else name


class Heartbeat(KeepAliveHandler):
    """Measures from the moment a heartbeat leaves.

    discord.py 2.7.1 notes it only afterwards, and takes an answer that comes at once for one to the heartbeat before:
    "can't keep up, 41.3s behind".
    """

    def get_payload(self) -> dict[str, Any]:
        self._last_send = time.perf_counter()
        return super().get_payload()


class GatewaySocket(DiscordWebSocket):
    """One websocket. `established` from READY or RESUMED on."""

    established = False
    established_at = 0.0
    warnings = RepeatedWarnings()
    """For all connections of the process: what can't be read will come again."""
    _unreadable_in_a_row = 0

    async def poll_event(self) -> None:
        try:
            await super().poll_event()
        except (ReconnectWebSocket, discord.ConnectionClosed):
            raise
        except Exception:  # also before `from_client` has returned it
            await self.close(RESUMABLE)
            raise

    async def received_message(self, msg: Any, /) -> None:
        """Never raises because of what an event holds. Raises GatewayUnusable, and what discord.py reconnects on."""
        message = self._decoded(msg)
        if message is None:
            return
        if self._keep_alive:
            self._keep_alive.tick()
        op, data = message.get("op"), message.get("d")
        if op == self.DISPATCH:
            self._take_event(message.get("t"), data, message.get("s"))
        elif op == self.HELLO:
            said = data.get("heartbeat_interval") if isinstance(data, dict) else None
            number = isinstance(said, int | float) and SHORTEST_HEARTBEAT <= said <= LONGEST_HEARTBEAT
            milliseconds = said if number and said else USUAL_HEARTBEAT
            if self._keep_alive:
                self._keep_alive.stop()
            self._keep_alive = Heartbeat(ws=self, interval=milliseconds / 1000, shard_id=self.shard_id)
            await self.send_as_json(self._keep_alive.get_payload())
            self._keep_alive.start()
        elif op in (self.HEARTBEAT, self.HEARTBEAT_ACK, self.RECONNECT, self.INVALIDATE_SESSION):
            await super().received_message(json.dumps({"op": op, "d": data}))
        else:
            self.warnings.warn("a gateway message with an unknown opcode was skipped")

    def _decoded(self, msg: Any) -> Json | None:
        """None where nothing is to be done: for the first part of a message, and for one that can't be read."""
        try:
            text = self._decompressor.decompress(msg) if isinstance(msg, bytes) else msg
            message = {} if text is None else json.loads(text)
            if not isinstance(message, dict):
                raise TypeError
        except (TypeError, ValueError, RecursionError) as error:
            self._unreadable_in_a_row += 1
            if self._unreadable_in_a_row >= MOST_UNREADABLE:
                raise GatewayUnusable(
                    f"{self._unreadable_in_a_row} unreadable gateway messages in a row"
                ) from None
            self.warnings.warn("an unreadable gateway message was skipped", error)
            return None
        except Exception as error:  # noqa: BLE001  # whatever the decompressor calls it: what follows is lost, too
            raise GatewayUnusable(
                f"a gateway message could not be decompressed: {type(error).__name__}"
            ) from None
        if message:
            self._unreadable_in_a_row = 0
        return message or None

    def _take_event(self, event: object, data: Any, sequence: object) -> None:
        # Noted before anything is read: a resumed session must not bring the same unreadable event again and again.
        if isinstance(sequence, int) and not isinstance(sequence, bool) and 0 <= sequence < 2**53:
            self.sequence = sequence
        if event == "READY":
            self._note_session(data)
        elif event == "RESUMED":
            data = {}  # nothing in it is of use
        parse = self._discord_parsers.get(event) if isinstance(event, str) else None
        if parse is not None:
            try:
                parse(data)
            except Exception as error:  # noqa: BLE001  # of all kinds; it costs this event, and no other
                is_name = isinstance(event, str) and re.fullmatch(r"[A-Z_]{1,60}", event)
                name = event if is_name else "without a name"
                self.warnings.warn(f"the gateway event {name} could not be read", error)
                if event == "READY":
                    raise GatewayUnusable("READY could not be read") from None
        if event in ("READY", "RESUMED"):
            self.established, self.established_at = True, time.monotonic()

    def _note_session(self, data: object) -> None:
        session = data.get("session_id") if isinstance(data, dict) else None
        if not isinstance(session, str) or not session:
            raise GatewayUnusable("READY names no session")
        self.session_id = session
        try:
            url = URL(data["resume_gateway_url"])  # type: ignore[index]  # it is a dict, or there were no session
        except (KeyError, TypeError, ValueError):
            return
        if url.scheme in ("ws", "wss") and url.host:
            self.gateway = url


@dataclass(frozen=True, slots=True)
class Disconnection:
    """How a connection ended: `code` where it was closed; `lasted`: seconds since READY or RESUMED, None without."""

    why: str
    code: int | None = None
    resumable: bool = True
    lasted: float | None = None


@dataclass(frozen=True, slots=True)
class ReconnectPlan:
    """What comes next: whether the session is resumed, and in how many seconds."""

    resume: bool = False
    pause: float = 0.0
    failures: int = 0
    """In a row: connections that did not last."""
    fruitless: int = 0
    """In a row: connections that got neither READY nor RESUMED."""

    def after(self, ending: Disconnection) -> ReconnectPlan:
        fruitless = self.fruitless + 1 if ending.lasted is None else 0
        resume = ending.resumable and ending.code not in SESSION_IS_OVER and fruitless < MOST_RESUMES
        enough = CALM_SECONDS if resume else STEADY_SECONDS
        lasted = ending.lasted is not None and ending.lasted >= enough
        failures = 0 if lasted else self.failures + 1
        prompt = PROMPT_RESUMES if resume and ending.lasted is not None else 1
        waits = failures - prompt
        pause = exponential_pause(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, waits - 1) if waits > 0 else 0.0
        return ReconnectPlan(resume, pause, failures, fruitless)


async def run_gateway(
    client: discord.Client, *, jitter: Callable[[], float] = lambda: random.uniform(0.75, 1.0)
) -> None:
    """Keep `client` on the gateway until it is closed: resumed where it can be, with a new session where not.

    Raises discord.ConnectionClosed for the codes in FOR_GOOD, and nothing else.
    """
    session: Session = {}
    plan, initial = ReconnectPlan(), True
    while not client.is_closed():
        socket, ending = await _connect_once(client, session, initial=initial)
        if client.is_closed():
            return
        client.dispatch("disconnect")
        plan, initial = plan.after(ending), initial and socket is None
        if not plan.resume or (socket is not None and socket.session_id is None):
            session = {}
        elif socket is not None:
            session = {
                "resume": True,
                "session": socket.session_id,
                "sequence": socket.sequence,
                "gateway": socket.gateway,
            }
        pause = plan.pause * jitter()
        next_one = "resuming it" if session else "a new session"
        level = logging.WARNING if pause else logging.INFO
        log.log(level, "the connection to Discord ended (%s); %s in %.0f s", ending.why, next_one, pause)
        await asyncio.sleep(pause)


async def _connect_once(
    client: discord.Client, session: Session, *, initial: bool
) -> tuple[GatewaySocket | None, Disconnection]:
    """From the first byte to the end of one connection; no socket where there never was one."""
    socket: GatewaySocket | None = None
    try:
        opening = GatewaySocket.from_client(client, initial=initial, **session)
        client.ws = socket = await asyncio.wait_for(opening, OPEN_SECONDS)
        while True:
            await socket.poll_event()
    except ReconnectWebSocket as asked:
        code = socket.socket.close_code if socket else None
        why = f"closed with {code}" if code else f"Discord asked to {asked.op}"
        return socket, Disconnection(why, code, asked.resume, _lasted(socket))
    except discord.ConnectionClosed as closed:
        if closed.code in FOR_GOOD and not client.is_closed():
            raise
        return socket, Disconnection(f"closed with {closed.code}", closed.code, lasted=_lasted(socket))
    except Exception as error:  # noqa: BLE001  # whatever it is, another connection may do better
        why = str(error) if isinstance(error, GatewayUnusable) else kind_and_place(error)
        return socket, Disconnection(why, lasted=_lasted(socket))


def _lasted(socket: GatewaySocket | None) -> float | None:
    return time.monotonic() - socket.established_at if socket and socket.established else None
