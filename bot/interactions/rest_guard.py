"""The guard around discord.py's REST: what discord.py has begun is never cancelled, whoever gives up waiting for it.

Where Discord answers one request with a global 429, discord.py (2.7.1) closes a gate for all of them, sleeps, and opens
it again. Cancelled in that sleep, it leaves the gate closed for good; the lock of an interaction's token stays closed
the same way. So each request runs in a task of its own. It ends by the deadlines that it carries itself, in a way that
discord.py tidies up after.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from os import SEEK_END
from types import SimpleNamespace
from typing import Any, TypeVar

import aiohttp
import discord
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.interactions.discord_errors import UNREADABLE
from bot.ui.text import snowflake

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_DETACHED = 500
"""Requests that go on although nobody waits for them any more; with so many, no other is begun."""
WORTH_SAYING = timedelta(seconds=30)
"""How far the host's clock may be off: Discord's header is cut to the second, and an answer may be long on its way."""
GATE_SLACK_SECONDS = 2.0
"""How much longer than Discord asked for the gate may stay closed before the guard opens it."""
GATE_SECONDS = 60.0
"""How long the gate may stay closed where the guard has seen no answer of Discord that says how long."""
LONGEST_GATE_SECONDS = 3600.0
"""How long the gate may stay closed, whatever Discord has said: after that, a request is made all the same."""
LONGEST_LIMIT_SECONDS = 30.0
"""How long discord.py waits out a limit of one route; a longer one is an answer, for there may be another way."""

_OF_MESSAGES = re.compile(
    r"/channels/\{channel_id\}/messages(?:/\{message_id\})?"
    r"|/webhooks/\{webhook_id\}/\{webhook_token\}(?:/messages/(?:\{message_id\}|@original))?"
)
_OF_MEDIA = ("url", "description")
_NOBODY = {"id": "0", "username": "", "discriminator": "0", "avatar": None}


@dataclass(frozen=True, slots=True)
class RequestTimeouts:
    """Of one request to Discord, in seconds; `answer` is from the last byte that was sent to the first that comes back.

    `slowest_uplink` is in bytes a second: a quarter of what ADSL sends (1 Mbit/s in ITU-T G.992.1), for four uploads at
    a time. aiohttp gives up after five minutes (`longest`) by itself.
    """

    connect: float = 10.0
    answer: float = 30.0
    slowest_uplink: float = 32 * 1024
    longest: float = 300.0

    def of(self, upload: int) -> aiohttp.ClientTimeout:
        """For a request that carries `upload` bytes of files."""
        total = self.connect + self.answer + upload / self.slowest_uplink
        return aiohttp.ClientTimeout(
            total=min(total, self.longest),
            sock_connect=self.connect,
            # Of an upload, megabytes wait in the system's buffers once the last byte was handed to it.
            sock_read=None if upload else self.answer,
        )


TIMEOUTS = RequestTimeouts()


class TooManyDetached(TimeoutError):
    """So many requests go on at Discord with nobody waiting for them that no other is begun."""


class UnreadableAnswer(OSError):
    """What came back is nothing that discord.py can read; whether it had an effect is not known."""


class DiscordClock:
    """What time it is by Discord, which made the ids of interactions; the host's own clock may be wrong by any amount.

    Set by the `Date` header of every answer, and carried on by a monotonic clock; until the first, the host's.
    """

    def __init__(self) -> None:
        self._last_known: tuple[datetime, float] | None = None
        self._last: str | None = None
        self._warned = False

    def synchronise(self, date: str | None) -> None:
        """`date` as HTTP writes it; what can't be read is passed over, and so is the same second once more."""
        if date == self._last:
            return
        self._last = date
        try:
            then = parsedate_to_datetime(date or "")
        except (ValueError, OverflowError):
            return
        if then.tzinfo is None:
            return
        self._last_known = then, time.monotonic()
        ahead = datetime.now(UTC) - then
        if not self._warned and abs(ahead) >= WORTH_SAYING:
            self._warned = True
            log.warning(
                "this machine's clock is %.0f s %s Discord's: days and resets begin at the wrong time until it is set",
                abs(ahead).total_seconds(),
                "ahead of" if ahead > timedelta() else "behind",
            )

    def now(self) -> datetime:
        if self._last_known is None:
            return datetime.now(UTC)
        then, at = self._last_known
        return then + timedelta(seconds=time.monotonic() - at)


class Requests:
    """Each runs in a task of its own, and goes on when whoever waits for it is cancelled."""

    def __init__(self, most_detached: int = MOST_DETACHED) -> None:
        self._most_detached = most_detached
        self._running: set[asyncio.Task[Any]] = set()
        self._detached: set[asyncio.Task[Any]] = set()

    async def run(self, request: Coroutine[Any, Any, T]) -> T:
        """Raises what `request` raises, TooManyDetached, and UnreadableAnswer for what discord.py can't read."""
        if len(self._detached) >= self._most_detached:
            request.close()
            raise TooManyDetached
        task = asyncio.create_task(request, name="request to Discord")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            self._detached.add(task)
            task.add_done_callback(self._detached_ended)
            raise
        try:
            return task.result()
        except UNREADABLE as error:
            raise UnreadableAnswer(type(error).__name__) from error

    def _detached_ended(self, task: asyncio.Task[Any]) -> None:
        self._detached.discard(task)
        error = None if task.cancelled() else task.exception()
        log.debug("a request that nobody waited for any more has ended: %s", type(error).__name__)

    async def close(self) -> None:
        """Cancel what still runs: once the session is closed, nobody uses the gate again."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


class RestGuard:
    """Stands before one client's requests with the bot's token."""

    def __init__(
        self,
        clock: DiscordClock,
        gate_slack: float = GATE_SLACK_SECONDS,
        longest_gate: float = LONGEST_GATE_SECONDS,
    ) -> None:
        self._clock = clock
        self._gate_slack = gate_slack
        self._longest_gate = longest_gate
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
            await self._wait_for_gate(http)
            options.setdefault("timeout", TIMEOUTS.of(_size(files)))
            # aiohttp calls it with each answer.
            options["raise_for_status"] = self._answered
            answer = await self._requests.run(unguarded(route, files=files, form=form, **options))
            return _readable(route, answer)

        http.request = request  # type: ignore[method-assign]

    async def close(self) -> None:
        """After the client is closed."""
        await self._requests.close()

    async def _wait_for_gate(self, http: HTTPClient) -> None:
        gate: Any = http._global_over
        if not isinstance(gate, asyncio.Event) or gate.is_set():  # before the login there is none
            return
        now = asyncio.get_running_loop().time()
        asked_for = self._opens_at - now if self._opens_at > now else GATE_SECONDS
        try:
            async with asyncio.timeout(asked_for + self._gate_slack):
                await gate.wait()
        except TimeoutError:
            log.error("requests to Discord were held back for longer than Discord asked for: going on")
            gate.set()

    async def _answered(self, response: aiohttp.ClientResponse) -> None:
        headers = response.headers
        self._clock.synchronise(headers.get("Date"))
        if response.status == 429 and "X-RateLimit-Global" in headers:
            try:
                wait = float(headers.get("Retry-After", GATE_SECONDS))
            except ValueError:
                wait = GATE_SECONDS
            wait = min(wait, self._longest_gate)
            self._opens_at = max(self._opens_at, asyncio.get_running_loop().time() + wait)
        elif response.status == 429:
            await _refuse_long_limit(response)


class GuardedWebhooks(AsyncWebhookAdapter):
    """Stands before the requests with an interaction's token: first answers and later ones."""

    def __init__(self, clock: DiscordClock, timeouts: RequestTimeouts = TIMEOUTS) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._clock = clock
        self._timeouts = timeouts
        self._requests = Requests()

    async def request(self, route: Route, session: aiohttp.ClientSession, **options: Any) -> Any:
        first = route.path.endswith("/callback")

        async def answered(response: aiohttp.ClientResponse) -> None:
            self._clock.synchronise(response.headers.get("Date"))
            # A first answer that Discord meets with 5xx is repeated by whoever gives it: discord.py's pause is a third
            # of the 3 s that there are, and hides whether an answer that "was given already" may have been this one.
            if first and response.status >= 500:
                raise discord.DiscordServerError(response, await response.text())
            if response.status == 429:
                await _refuse_long_limit(response)

        # discord.py passes no timeout on, and calls only this method of the session that it is given.
        timeout = self._timeouts.of(_size(options.get("files")))
        timed: Any = SimpleNamespace(
            request=partial(session.request, timeout=timeout, raise_for_status=answered)
        )
        answer = await self._requests.run(super().request(route, timed, **options))
        return _readable_callback(answer) if first else _readable(route, answer)

    async def request_once(
        self,
        route: Route,
        session: aiohttp.ClientSession,
        payload: Mapping[str, Any],
        *,
        timeout: aiohttp.ClientTimeout,
        proxy: str | None = None,
    ) -> tuple[int, float]:
        """One attempt, whatever comes of it; other requests of the same interaction don't wait for it.

        Discord's status, and after how many seconds it wants to be asked again, where it says so. Raises aiohttp's
        errors and TimeoutError.
        """
        async with session.request(
            route.method, route.url, json=payload, timeout=timeout, proxy=proxy
        ) as response:
            self._clock.synchronise(response.headers.get("Date"))
            try:
                seconds = float(response.headers.get("Retry-After", 0.0))
            except ValueError:
                seconds = 0.0
            return response.status, seconds if math.isfinite(seconds) else 0.0

    async def close(self) -> None:
        await self._requests.close()


def guard_webhooks(clock: DiscordClock) -> GuardedWebhooks:
    """For every task that is created from here on. discord.py looks the adapter up in its context."""
    adapter = GuardedWebhooks(clock)
    async_context.set(adapter)
    return adapter


async def _refuse_long_limit(response: aiohttp.ClientResponse) -> None:
    """Raises discord.HTTPException for a 429 that discord.py would sleep through for longer than anybody waits.

    It holds the lock of the route meanwhile, so that a picture could not be delivered by any later attempt, either.
    """
    try:
        said = await response.json(content_type=None)
        is_long = float(said["retry_after"]) > LONGEST_LIMIT_SECONDS
    except UNREADABLE:  # discord.py can't read it, either
        return
    if is_long:
        raise discord.HTTPException(response, said)


def _readable_callback(answer: Any) -> dict[str, Any]:
    """What Discord says of a first answer that it has taken: the id of the message that is there now, where it says so.

    Of any shape: what discord.py can't read of it must not make a failure of it.
    """
    said = answer.get("interaction") if isinstance(answer, Mapping) else None
    message = snowflake(said.get("response_message_id")) if isinstance(said, Mapping) else None
    return {"interaction": {"id": "0", "response_message_id": message and str(message)}}


def _readable(route: Route, answer: Any) -> Any:
    """A message, or the messages of a channel, with what the bot reads of them; every other answer as it is.

    discord.py (2.7.1) gives up a whole message for one field of a new shape: a picture that stands there would be taken
    for one that does not. Raises UnreadableAnswer where the message's id is missing: it may not be there.
    """
    if route.method == "DELETE" or not _OF_MESSAGES.fullmatch(route.path):
        return answer
    if route.method == "GET" and isinstance(answer, list):
        return [readable_message(one) for one in answer if _has_id(one)]
    if not _has_id(answer):
        raise UnreadableAnswer("no message")
    # Of what it has just sent, the bot reads little; each picture is sent once at least.
    return readable_message(answer, whole=route.method == "GET")


def _has_id(answer: object) -> bool:
    return isinstance(answer, Mapping) and snowflake(answer.get("id")) is not None


def readable_message(message: Mapping[str, Any], *, whole: bool = True) -> dict[str, Any]:
    """Its id, whether it says "thinking…", its embeds, files and custom ids, and the command that it belongs to.

    Whoever draws a message anew has to find here all that it is to keep.
    """
    flags, command = message.get("flags"), message.get("interaction_metadata")
    kept: dict[str, Any] = {
        "id": str(message["id"]),
        "channel_id": str(snowflake(message.get("channel_id")) or 0),
        "type": 0,
        "content": "",
        "flags": flags if isinstance(flags, int) and 0 <= flags < 2**53 else 0,
        "embeds": [_readable_embed(one) for one in _listed(message, "embeds")] if whole else [],
        "attachments": [_readable_attachment(one) for one in _listed(message, "attachments") if _has_id(one)],
    }
    if whole:
        kept["components"] = [_readable_button(one) for one in _custom_ids(message)]
    if isinstance(command, Mapping) and _has_id(command):
        user = command.get("user")
        by = {**_NOBODY, "id": str(user["id"])} if isinstance(user, Mapping) and _has_id(user) else _NOBODY
        kept["interaction_metadata"] = {"id": str(command["id"]), "type": 2, "user": by}
    return kept


def _readable_embed(embed: object) -> dict[str, Any]:
    """What `painting_message` puts into one."""
    if not isinstance(embed, Mapping):
        return {}
    kept = _texts(embed, "description", "url")
    if isinstance(colour := embed.get("color"), int):
        kept["color"] = colour
    for name, wanted in (("footer", ("text",)), ("image", _OF_MEDIA), ("thumbnail", _OF_MEDIA)):
        if isinstance(part := embed.get(name), Mapping) and (read := _texts(part, *wanted)):
            kept[name] = read
    fields = [
        {**texts, "inline": one.get("inline") is True}
        for one in _listed(embed, "fields")
        if isinstance(one, Mapping) and len(texts := _texts(one, "name", "value")) == 2
    ]
    return {**kept, "fields": fields} if fields else kept


def _texts(part: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: text for name in names if isinstance(text := part.get(name), str)}


def _readable_attachment(file: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"filename": "", "url": "", "content_type": ""}
    kept |= _texts(file, "filename", "url", "content_type", "description")
    flags = file.get("flags")
    return {
        **kept,
        "id": str(file["id"]),
        "proxy_url": kept["url"],
        "size": 0,
        "flags": flags if isinstance(flags, int) else 0,
    }


def _custom_ids(part: Mapping[str, Any]) -> Iterator[str]:
    for component in _listed(part, "components"):
        if isinstance(component, Mapping):
            yield from _texts(component, "custom_id").values()
            yield from _custom_ids(component)


def _readable_button(custom_id: str) -> dict[str, Any]:
    """Whatever has that custom id."""
    return {"type": 1, "components": [{"type": 2, "style": 2, "label": "", "custom_id": custom_id}]}


def _listed(message: Mapping[str, Any], name: str) -> list[Any]:
    value = message.get(name)
    return value if isinstance(value, list) else []


def _size(files: Sequence[discord.File] | None) -> int:
    """In bytes."""
    size = 0
    for file in files or ():
        here = file.fp.tell()
        size += file.fp.seek(0, SEEK_END) - here
        file.fp.seek(here)
    return size
