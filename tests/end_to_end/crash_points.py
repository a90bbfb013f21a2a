"""Where a bot can be killed: each point is reached by holding back Discord, the image API or the database."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg

from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Transaction
from sandbox.bot_process import BotProcess
from sandbox.discord.people.pending_interaction import PendingInteraction
from sandbox.discord.rest.traffic import RecordedRequest
from tests.end_to_end.conftest import Setup
from tests.patience import PATIENCE, until

LONG = 60.0
A_WHILE = 4.0
"""Seconds, of which progress is shown from the second one on."""
EXPIRE_LEASES = "UPDATE generation SET lease_until = 0 WHERE settled_at IS NULL OR untold IS NOT NULL"
AGE = "UPDATE generation SET reserved_at = reserved_at - :millis"
LOCK = "LOCK TABLE generation IN SHARE ROW EXCLUSIVE MODE"


@dataclass
class Crash:
    """One command of Ada's, in a bot that is about to be killed; `afterwards` is what happens without it."""

    setup: Setup
    url: str
    bot: BotProcess
    asking: PendingInteraction
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    async def wait_for_request(self, route: str) -> None:
        """Until Discord has been asked for that."""
        traffic = self.setup.discord.traffic
        await traffic.changes.wait_for(lambda: bool(traffic.of(route)), PATIENCE)

    async def kill(self) -> None:
        await self.bot.kill()
        for action in self.afterwards:
            action()
        await expire_leases(self.url)


Point = Callable[[Setup, str], Awaitable[Crash]]


async def begin_crash(setup: Setup, url: str, **settings: str) -> Crash:
    bot = await setup.start_bot(DATABASE_URL=url, **settings)
    return Crash(setup, url, bot, setup.begin())


async def checking_pictures(setup: Setup, url: str) -> Crash:
    """Discord has not handed out the picture that is to be changed, and nothing is reserved yet."""
    held = setup.discord.faults.hold("attachment")
    crash = await begin_crash(setup, url)
    await crash.wait_for_request("attachment")
    crash.afterwards += [held.set, crash.asking.miss_deadline]
    return crash


async def reserved(setup: Setup, url: str) -> Crash:
    """Before Discord has heard of it: the member reads that nobody answered."""
    setup.discord.faults.hold("callback")
    crash = await begin_crash(setup, url)
    await crash.wait_for_request("callback")
    crash.afterwards.append(crash.asking.miss_deadline)
    return crash


async def _response_lost(setup: Setup, url: str, route: str) -> Crash:
    """The response to the first such request comes only when the bot is dead."""
    held = setup.discord.faults.hold(route)
    crash = await begin_crash(setup, url)
    await crash.wait_for_request(route)
    crash.afterwards.append(held.set)
    return crash


async def _unrecorded(setup: Setup, url: str, route: str) -> Crash:
    """The first such request is answered, and from then on the database takes nothing."""
    held = setup.discord.faults.hold(route)
    crash = await begin_crash(setup, url)
    await crash.wait_for_request(route)
    crash.afterwards.append(await locked_database(url))
    held.set()
    return crash


async def acknowledged_response_lost(setup: Setup, url: str) -> Crash:
    """Discord shows "thinking…", and the bot never learns of it."""
    return await _response_lost(setup, url, "callback")


async def acknowledged_unrecorded(setup: Setup, url: str) -> Crash:
    """Discord shows "thinking…", and nothing of that could be written down."""
    crash = await _unrecorded(setup, url, "callback")
    await crash.asking.acknowledged()
    return crash


async def acknowledged(setup: Setup, url: str) -> Crash:
    """In the line behind somebody else's."""
    setup.images.inject_fault("hang")
    bot = await setup.start_bot(DATABASE_URL=url, IMAGE_CONCURRENCY="1")
    await first_in_line(setup)
    asking = setup.begin()
    await asking.acknowledged()
    await state_is(url, asking, "acknowledged")
    return Crash(setup, url, bot, asking)


async def in_line_in_progress(setup: Setup, url: str) -> Crash:
    """The member reads their place in the line."""
    crash = await acknowledged(setup, url)
    await crash.asking.wait_for(lambda reply: reply.state == "in progress")
    return crash


async def submitted_in_progress(setup: Setup, url: str) -> Crash:
    """The member sees that it is being painted."""
    setup.images.latency = LONG
    crash = await begin_crash(setup, url)
    await crash.asking.wait_for(lambda reply: reply.state == "in progress")
    setup.images.latency = 0
    return crash


async def delivering_over_progress(setup: Setup, url: str) -> Crash:
    """The picture is on its way to Discord, where the member still sees the progress."""
    setup.images.latency = A_WHILE
    crash = await begin_crash(setup, url)
    await crash.asking.wait_for(lambda reply: reply.state == "in progress")
    held = setup.discord.faults.hold("edit_original", times=None)

    def edits() -> list[RecordedRequest]:
        return setup.discord.traffic.of("edit_original")

    await until(lambda: any(one.headers.get("Content-Type", "").startswith("multipart") for one in edits()))
    setup.images.latency = 0
    setup.discord.faults.clear()
    crash.afterwards.append(held.set)
    return crash


async def submitted(setup: Setup, url: str) -> Crash:
    """On its way to the image API, which has not billed it."""
    setup.images.latency = LONG
    crash = await begin_crash(setup, url)
    await until(lambda: bool(setup.images.requests))
    setup.images.latency = 0
    return crash


async def billed(setup: Setup, url: str) -> Crash:
    """Billed, and no answer came."""
    setup.images.inject_fault("hang")
    crash = await begin_crash(setup, url)
    await until(lambda: setup.images.paid == 1)
    return crash


async def paid_unrecorded(setup: Setup, url: str) -> Crash:
    """The answer is there, and could not be written down."""
    setup.images.latency = 1.0
    crash = await begin_crash(setup, url)
    await until(lambda: bool(setup.images.requests))
    crash.afterwards.append(await locked_database(url))
    await until(lambda: setup.images.paid == 1)
    return crash


async def paid(setup: Setup, url: str) -> Crash:
    """Written down, and the picture is being fetched."""
    setup.images.inject_fault("picture_hang")
    crash = await begin_crash(setup, url)
    await until(lambda: bool(setup.images.downloads))
    return crash


async def paid_inside(setup: Setup, url: str) -> Crash:
    """Written down with the picture, and Discord has not been touched yet."""
    setup.discord.faults.hold("edit_original")
    crash = await begin_crash(setup, url)
    await crash.wait_for_request("edit_original")
    return crash


async def delivering(setup: Setup, url: str) -> Crash:
    """The picture is on its way to Discord, and gets lost."""
    setup.discord.faults.cut("edit_original", times=1)
    setup.discord.faults.hold("edit_original")
    crash = await begin_crash(setup, url)
    traffic = setup.discord.traffic
    await traffic.changes.wait_for(lambda: len(traffic.of("edit_original")) == 2, PATIENCE)
    return crash


async def delivered_response_lost(setup: Setup, url: str) -> Crash:
    """Discord shows the picture, and the bot never learns of it."""
    return await _response_lost(setup, url, "edit_original")


async def delivered_unrecorded(setup: Setup, url: str) -> Crash:
    """Discord shows the picture, and that could not be written down."""
    crash = await _unrecorded(setup, url, "edit_original")
    await crash.asking.finished()
    return crash


async def settled(setup: Setup, url: str) -> Crash:
    """It is over."""
    crash = await begin_crash(setup, url)
    await crash.asking.finished()
    await state_is(url, crash.asking, "delivered")
    return crash


async def refunded_notice_lost(setup: Setup, url: str) -> Crash:
    """Given back, and the sentence that says so is on its way to Discord, and gets lost."""
    setup.images.inject_fault("moderated_400")
    return await delivering(setup, url)


async def refunded_response_lost(setup: Setup, url: str) -> Crash:
    """Discord shows the sentence, and the bot never learns of it."""
    setup.images.inject_fault("moderated_400")
    return await delivered_response_lost(setup, url)


async def _begin_in_parts(setup: Setup, url: str, **settings: str) -> Crash:
    """Three pictures of a model that paints one for each request."""
    setup.options = {**setup.options, "images": 3}
    model = {"IMAGE_MODEL": "blackforestlabs/flux-2-pro", "REVISE_PROMPTS": "never"}
    return await begin_crash(setup, url, **model, **settings)


async def no_part_paid(setup: Setup, url: str) -> Crash:
    """Three requests are billed, and none is answered."""
    setup.images.inject_fault("hang", 3)
    crash = await _begin_in_parts(setup, url)
    await until(lambda: setup.images.paid == 3)
    return crash


async def one_part_paid(setup: Setup, url: str, **settings: str) -> Crash:
    """Of three requests that were billed one is answered, which is written down."""
    setup.images.inject_fault("hang", 2)
    crash = await _begin_in_parts(setup, url, **settings)
    await until(lambda: setup.images.paid == 3)
    await state_is(url, crash.asking, "paid")
    return crash


async def one_part_paid_and_one_billed(setup: Setup, url: str) -> Crash:
    """With one request at a time: the first of three is answered, the second one billed, the third one not sent."""
    setup.images.latency = 1.0
    crash = await _begin_in_parts(setup, url, IMAGE_CONCURRENCY="1")
    await until(lambda: len(setup.images.requests) == 1)
    setup.images.inject_fault("hang")
    await until(lambda: setup.images.paid == 2)
    setup.images.latency = 0
    return crash


async def second_part_unrecorded(setup: Setup, url: str) -> Crash:
    """With one request at a time: two of three are answered, and only the first of these could be written down."""
    setup.images.latency = 1.0
    crash = await _begin_in_parts(setup, url, IMAGE_CONCURRENCY="1")
    await until(lambda: len(setup.images.requests) == 2)
    crash.afterwards.append(await locked_database(url))
    await until(lambda: setup.images.paid == 2)
    return crash


async def parts_delivering(setup: Setup, url: str) -> Crash:
    """All three are written down, and on their way to Discord."""
    setup.discord.faults.hold("edit_original")
    crash = await _begin_in_parts(setup, url)
    await crash.wait_for_request("edit_original")
    return crash


async def two_parts_delivered_response_lost(setup: Setup, url: str) -> Crash:
    """One of three came without a picture, the others are shown by Discord, and the bot never learns of it."""
    setup.images.inject_fault("no_image")
    held = setup.discord.faults.hold("edit_original")
    crash = await _begin_in_parts(setup, url)
    await crash.wait_for_request("edit_original")
    crash.afterwards.append(held.set)
    return crash


async def first_in_line(setup: Setup) -> None:
    setup.tea_house.member("Bob").begin("imagine", prompt="a cat")
    await until(lambda: setup.images.paid == 1)


async def state_is(url: str, asking: PendingInteraction, state: str) -> None:
    def steps() -> Transaction[str]:
        rows = yield "SELECT state FROM generation WHERE id = :id", {"id": asking.interaction.id}
        return str(rows[0][0]) if rows else ""

    async with asyncio.timeout(PATIENCE), open_database(url, migrating=False) as database:
        while await database.run(steps) != state:  # noqa: ASYNC110 — another process writes it
            await asyncio.sleep(0.02)


async def pictures_on_record(url: str) -> int:
    """How many pictures of whatever generations are kept."""

    def steps() -> Transaction[int]:
        rows = yield "SELECT COUNT(*) FROM picture", {}
        return int(rows[0][0])

    async with open_database(url, migrating=False) as database:
        return await database.run(steps)


async def locked_database(url: str) -> Callable[[], None]:
    """Nobody else writes generations, until what this returns is called."""
    if url.startswith("sqlite"):
        file = sqlite3.connect(urlsplit(url).path[1:], isolation_level=None)
        file.execute("BEGIN IMMEDIATE")
        return file.close
    connection = await asyncpg.connect(url)
    await connection.execute(f"BEGIN; {LOCK}")
    return connection.terminate


async def expire_leases(url: str) -> None:
    """As if half a minute had passed."""

    def steps() -> Transaction[None]:
        yield EXPIRE_LEASES, {}

    async with open_database(url, migrating=False) as database:
        await database.run(steps)


async def age(url: str, by: timedelta) -> None:
    """As if everything had been asked for so much earlier."""

    def steps() -> Transaction[None]:
        yield AGE, {"millis": by // timedelta(milliseconds=1)}

    async with open_database(url, migrating=False) as database:
        await database.run(steps)
