"""The guard around discord.py's REST: what discord.py has begun is never cancelled, whoever gives up waiting for it.

Where Discord answers one request with a global 429, discord.py (2.7.1) closes a gate for all of them, sleeps, and opens
it again. Cancelled in that sleep, it leaves the gate closed for good; the lock of an interaction's token stays closed
the same way. So each request runs in a task of its own. It ends by the deadlines that it carries itself, in a way that
discord.py tidies up after.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from os import SEEK_END
from typing import Any, TypeVar

import aiohttp
import discord
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.ui.discord_clock import DiscordClock

log = logging.getLogger(__name__)

T = TypeVar("T")

# Discord's codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10003, 10008, 10015, 10062
TOO_LARGE, ALREADY_ANSWERED, MISSING_ACCESS = 40005, 40060, 50001

# discord.py repeats what Discord answers with 5xx, but not a connection that was cut. RuntimeError is what aiohttp
# says of a session that was closed, as it is after Discord has refused the gateway for good.
CUT_OFF = (aiohttp.ClientError, TimeoutError, OSError, RuntimeError)

PASSING = {408, 413, 429}
"""Of the 4xx: whatever else Discord calls our mistake it calls so the next time too."""

ATTEMPTS = 3
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
"""From the last byte that was sent to the first of the answer."""
SLOWEST_UPLINK = 32 * 1024
"""Bytes a second: a quarter of what ADSL sends (1 Mbit/s in ITU-T G.992.1), for four uploads at a time."""
LONGEST_UPLOAD_SECONDS = 300.0
MOST_ABANDONED = 500
"""Requests that go on although nobody waits for them any more."""
GATE_SLACK_SECONDS = 2.0
GATE_SECONDS = 60.0
"""How long the gate may be closed where Discord has not been seen to say so."""


class TooManyAbandoned(TimeoutError):
    """So many requests go on at Discord with nobody waiting for them that no other is begun."""


class Requests:
    """Each runs in a task of its own, and goes on when whoever waits for it is cancelled."""

    def __init__(self, most_abandoned: int = MOST_ABANDONED) -> None:
        self._most_abandoned = most_abandoned
        self._running: set[asyncio.Task[Any]] = set()
        self._abandoned: set[asyncio.Task[Any]] = set()

    async def run(self, request: Coroutine[Any, Any, T]) -> T:
        """Raises what `request` raises, and TooManyAbandoned."""
        if len(self._abandoned) >= self._most_abandoned:
            request.close()
            raise TooManyAbandoned
        task = asyncio.create_task(request, name="request to Discord")
        self._running.add(task)
        task.add_done_callback(self._ended)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            self._abandoned.add(task)
            raise
        return task.result()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task in self._abandoned:
            self._abandoned.discard(task)
            error = None if task.cancelled() else task.exception()
            log.debug("a request that nobody waited for any more has ended: %s", type(error).__name__)

    async def close(self) -> None:
        """Once the session is closed, and nobody uses the gate again."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


class RestGuard:
    """Stands before one client's requests with the bot's token; `trace` is to be given to that client."""

    def __init__(self, clock: DiscordClock, gate_slack: float = GATE_SLACK_SECONDS) -> None:
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_end.append(self._answered)
        self._clock = clock
        self._gate_slack = gate_slack
        self._requests = Requests()
        self._opens_at = 0.0

    def guard(self, http: HTTPClient) -> None:
        """discord.py has no setting for it: every route goes through this one method, which is replaced."""
        unguarded = http.request

        async def request(
            route: Route,
            *,
            files: Sequence[discord.File] | None = None,
            form: Iterable[dict[str, Any]] | None = None,
            **options: Any,
        ) -> Any:
            await self._gate(http)
            options.setdefault("timeout", deadlines(_size(files)))
            return await self._requests.run(unguarded(route, files=files, form=form, **options))

        http.request = request  # type: ignore[method-assign]

    async def close(self) -> None:
        """After the client is closed."""
        await self._requests.close()

    async def _gate(self, http: HTTPClient) -> None:
        gate: Any = http._global_over
        if not isinstance(gate, asyncio.Event) or gate.is_set():  # before the login there is none
            return
        now = asyncio.get_running_loop().time()
        told = self._opens_at - now if self._opens_at > now else GATE_SECONDS
        try:
            async with asyncio.timeout(told + self._gate_slack):
                await gate.wait()
        except TimeoutError:
            log.error("requests to Discord were held back for longer than Discord asked for: going on")
            gate.set()

    async def _answered(self, _session: object, _context: object, end: aiohttp.TraceRequestEndParams) -> None:
        headers = end.response.headers
        self._clock.heard(headers.get("Date"))
        if end.response.status == 429 and "X-RateLimit-Global" in headers:
            try:
                wait = float(headers.get("Retry-After", GATE_SECONDS))
            except ValueError:
                wait = GATE_SECONDS
            self._opens_at = max(self._opens_at, asyncio.get_running_loop().time() + wait)


class GuardedWebhooks(AsyncWebhookAdapter):
    """The same for what goes out by an interaction's token, first answers and later ones."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._requests = Requests()

    async def request(self, route: Route, session: aiohttp.ClientSession, **options: Any) -> Any:
        patient: Any = _PatientSession(session, deadlines(_size(options.get("files"))))
        if route.path.endswith("/callback"):
            patient.repeated_by_caller = True
        return await self._requests.run(super().request(route, patient, **options))

    async def close(self) -> None:
        await self._requests.close()


def guard_webhooks() -> GuardedWebhooks:
    """For every task that is created from here on. discord.py looks the adapter up in its context."""
    adapter = GuardedWebhooks()
    async_context.set(adapter)
    return adapter


class _PatientSession:
    """Gives each request its deadlines.

    A first answer that Discord meets with 5xx is not repeated by discord.py: its pause is a third of the 3 s that there
    are, and it hides whether an answer that "was given already" may have been this one.
    """

    def __init__(self, session: aiohttp.ClientSession, timeout: aiohttp.ClientTimeout) -> None:
        self._session = session
        self._timeout = timeout
        self.repeated_by_caller = False

    @asynccontextmanager
    async def request(self, method: str, url: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._session.request(method, url, timeout=self._timeout, **options) as response:
            if self.repeated_by_caller and response.status >= 500:
                raise discord.DiscordServerError(response, await response.text())
            yield response


def deadlines(upload: int) -> aiohttp.ClientTimeout:
    """For a request that carries `upload` bytes of files."""
    seconds = CONNECT_SECONDS + ANSWER_SECONDS + upload / SLOWEST_UPLINK
    return aiohttp.ClientTimeout(
        total=min(seconds, LONGEST_UPLOAD_SECONDS), sock_connect=CONNECT_SECONDS, sock_read=ANSWER_SECONDS
    )


def _size(files: Sequence[discord.File] | None) -> int:
    """In bytes."""
    size = 0
    for file in files or ():
        here = file.fp.tell()
        size += file.fp.seek(0, SEEK_END) - here
        file.fp.seek(here)
    return size


def reason(error: Exception) -> str:
    """Not the text of a connection error: it may hold the URL, and with it the interaction's token."""
    return str(error) if isinstance(error, discord.HTTPException) else type(error).__name__


async def persistently(call: Callable[[], Awaitable[T]], seconds: float) -> T:
    """For calls that have the same effect once or twice: one whose answer was lost is made again.

    So is one that came before Discord itself had heard of the acknowledgement (10015). `seconds` for each; after which
    it goes on without us, and is not made again.
    """
    attempt = 1
    while True:
        patience = asyncio.timeout(seconds)
        try:
            async with patience:
                return await call()
        except CUT_OFF:
            if attempt == ATTEMPTS or patience.expired():
                raise
        except discord.HTTPException as error:
            if attempt == ATTEMPTS or error.code != UNKNOWN_WEBHOOK:
                raise
        await asyncio.sleep(0.5 * attempt)
        attempt += 1


def is_final(error: discord.HTTPException) -> bool:
    """Whether Discord would say the same the next time, so that this way is closed."""
    return 400 <= error.status < 500 and error.status not in PASSING and error.code != TOO_LARGE
