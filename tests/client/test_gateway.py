"""Whatever comes over the gateway: the process lives, and the next command is answered."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.state import ConnectionState
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.client import gateway
from bot.client.bot import ImagineBot
from bot.client.gateway import Disconnection, ReconnectPlan, RepeatedWarnings, run_gateway
from bot.connection import stay_connected
from sandbox.discord import Discord, Member
from tests.core.factories import operator
from tests.core.services import services
from tests.patience import PATIENCE
from tests.sandbox.discord.discord_py_client import pointed_at


class KeepsNothing:
    async def get(self, name: str) -> str | None:
        return None

    async def put(self, name: str, value: str) -> None:
        """It is asked for again by the next bot."""


class Bot(ImagineBot):
    """The real client, which tries again at once."""

    def __init__(self) -> None:
        super().__init__(services(operator()), KeepsNothing())
        self.tree.add_command(ping)

    async def connect(self, *, reconnect: bool = True) -> None:
        await run_gateway(self, jitter=lambda: 0.0)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without the 5 seconds."""


@app_commands.command(description="Answers")
async def ping(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("pong")


class Scene:
    """A client on the look-alike's gateway."""

    def __init__(self, discord: Discord) -> None:
        self.discord = discord
        self.server = discord.server("Tea House")
        self.ada: Member = self.server.member("Ada")

    async def answers(self) -> bool:
        """Whether the next command is answered; one that is sent into a break arrives when the session is resumed."""
        await self.discord.bot_connected(PATIENCE)
        return (await self.ada.use("ping")).text == "pong"

    def alter(self, changes: dict[str, Any]) -> None:
        """Interactions are sent with `changes` from now on."""

        def altered(payload: dict[str, Any]) -> dict[str, Any]:
            return {name: value for name, value in {**payload, **changes}.items() if value is not MISSING}

        self.discord.interactions.alter_payload = altered


MISSING = object()


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        yield await started(stack)


async def started(stack: AsyncExitStack) -> Scene:
    look_alike = await stack.enter_async_context(Discord())
    look_alike.reply_timeout = PATIENCE
    stack.enter_context(pointed_at(look_alike))
    bot = await stack.enter_async_context(Bot())
    running = asyncio.create_task(bot.start(look_alike.token))

    async def stopped() -> None:
        assert not running.done(), running
        await bot.close()
        await running

    stack.push_async_callback(stopped)
    await look_alike.bot_ready(PATIENCE)
    return Scene(look_alike)


# What is decided when a connection ends.

CALM = Disconnection("x", lasted=gateway.CALM_SECONDS)
STEADY = Disconnection("x", lasted=gateway.STEADY_SECONDS)
BRIEF = Disconnection("x", lasted=0.1)
NEVER = Disconnection("x")


@pytest.mark.parametrize(
    ("endings", "resumes", "pause"),
    [
        ([CALM], True, 0),
        ([BRIEF], True, 0),
        ([BRIEF] * 3, True, 0),
        ([BRIEF] * 4, True, 2),
        ([BRIEF] * 6, True, 8),
        ([BRIEF, BRIEF, BRIEF, CALM], True, 0),
        ([NEVER, NEVER], True, 2),
        ([NEVER, NEVER, NEVER], False, 4),
        ([NEVER, NEVER, BRIEF, NEVER], True, 8),
        ([Disconnection("x", 4007, lasted=999)], False, 0),
        ([Disconnection("x", 4009, lasted=999)], False, 0),
        ([Disconnection("x", resumable=False, lasted=gateway.STEADY_SECONDS)] * 3, False, 0),
        ([Disconnection("x", resumable=False, lasted=gateway.CALM_SECONDS)] * 3, False, 4),
        ([Disconnection("x", 4000, lasted=999)], True, 0),
        ([BRIEF] * 40, True, 300),
    ],
)
def test_a_session_is_resumed_at_once_or_later_and_given_up_in_the_end(
    endings: list[Disconnection], resumes: bool, pause: float
) -> None:
    course = ReconnectPlan()
    for ending in endings:
        course = course.after(ending)
    assert (course.resume, course.pause) == (resumes, pause)


@given(
    st.lists(
        st.sampled_from([BRIEF, NEVER, CALM, STEADY, Disconnection("x", 4009, lasted=130.0)]), max_size=3000
    )
)
def test_there_are_never_more_than_a_days_identifies(endings: list[Disconnection]) -> None:
    course, now, identifies = ReconnectPlan(), 0.0, []
    for ending in endings:
        now += ending.lasted or 0.0
        course = course.after(ending)
        now += course.pause * 0.75  # the least that is left by the jitter
        if not course.resume:
            identifies.append(now)
    assert all(len([at for at in identifies if begin <= at < begin + 86_400]) <= 1000 for begin in identifies)


def test_the_same_line_again_and_again_is_a_number(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    folded = RepeatedWarnings(lambda: now, every=60)
    for _ in range(5):
        folded.warn("an event could not be read", KeyError("a secret"))
    now = 61.0
    folded.warn("an event could not be read", KeyError("a secret"))
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "an event could not be read: KeyError",
        "an event could not be read: KeyError (4 more of these since the last such line)",
    ]


def test_the_installed_library_has_what_the_adapter_builds_on() -> None:
    assert gateway.incompatibility() is None
    assert discord.__version__ == gateway.WRITTEN_FOR


# Over a real connection.


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "no JSON",
        "[]",
        "null",
        "[" * 100_000,
        '{"op": 0, "t": 5}',
        '{"op": "x"}',
        '{"op": 0, "t": [], "s": "x"}',
    ],
)
async def test_a_message_that_is_none_is_skipped(scene: Scene, frame: str) -> None:
    scene.discord.gateway.send_frame(frame)
    assert await scene.answers()
    assert (scene.discord.gateway.identifies, scene.discord.gateway.resumes) == (1, 0)


@pytest.mark.parametrize(
    "frame", [b"no zlib\x00\x00\xff\xff", b"\x00\x00\xff\xff", b"half a message", zlib.compress(b"{}") * 2]
)
async def test_a_stream_that_is_broken_is_resumed_and_loses_nothing(scene: Scene, frame: bytes) -> None:
    scene.discord.gateway.send_frame(frame)
    assert await scene.answers()
    assert scene.discord.gateway.identifies == 1


async def test_a_huge_message_is_read(scene: Scene) -> None:
    scene.discord.gateway.dispatch("SOMETHING_NEW", {"text": "x" * 8_000_000}, None)
    assert await scene.answers()


async def test_nothing_but_unreadable_messages_ends_the_connection_and_resumes_the_session(
    scene: Scene,
) -> None:
    for _ in range(gateway.MOST_UNREADABLE):
        scene.discord.gateway.send_frame("no JSON")
    await scene.discord.gateway.changes.wait_for(lambda: scene.discord.gateway.resumes == 1, PATIENCE)
    assert await scene.answers()


@pytest.mark.parametrize(
    "changes",
    [
        {"entitlements": [{"shape": "new"}]},
        {"entitlements": None},
        {"version": MISSING, "attachment_size_limit": MISSING},
        {"authorizing_integration_owners": {"0": {"new": "shape"}}},
        {"guild": {"emojis": 7}},
        {"context": {}},
    ],
)
async def test_an_interaction_with_something_odd_that_nothing_depends_on_is_carried_out(
    scene: Scene, changes: dict[str, Any]
) -> None:
    scene.alter(changes)
    assert await scene.answers()


async def test_whoever_sent_an_interaction_that_cannot_be_read_is_told_so_alone(scene: Scene) -> None:
    oddities: list[dict[str, Any]] = [
        {"guild_id": "odd"},
        {"member": None},
        {"member": MISSING},
        {"channel": None},
        {"data": None},
        {"type": 77},
        {"type": []},
    ]
    asked = []
    for changes in oddities:
        scene.alter(changes)
        asked.append(scene.ada.begin("ping"))
    for changes, asking in zip(oddities, asked, strict=True):
        reply = await asking.finished()
        assert reply.ephemeral, changes
        assert "I couldn't read what Discord sent" in reply.text, changes
    scene.alter({})
    assert await scene.answers()
    assert (scene.discord.gateway.identifies, scene.discord.gateway.resumes) == (1, 0)


@pytest.mark.parametrize("changes", [{"id": None}, {"token": "../.."}, {"token": MISSING}])
async def test_an_interaction_that_nobody_can_answer_is_skipped(
    scene: Scene, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    scene.alter(changes)
    scene.ada.begin("ping")
    scene.alter({})
    assert await scene.answers()
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    "odd",
    [
        lambda ready: {**ready, "guilds": [{"id": "x"}]},
        lambda ready: {**ready, "guilds": None},
        lambda ready: {**ready, "user": None},
        lambda ready: {name: value for name, value in ready.items() if name != "resume_gateway_url"},
        lambda ready: {**ready, "resume_gateway_url": 5, "application": []},
    ],
)
async def test_a_greeting_with_the_name_of_a_session_is_enough(scene: Scene, odd: Any) -> None:
    scene.discord.gateway.alter_ready = lambda _event, data: odd(data)
    scene.discord.gateway.invalidate()
    await scene.discord.bot_gone(PATIENCE)
    assert await scene.answers()
    assert scene.discord.gateway.identifies == 2


async def test_a_greeting_without_a_session_is_asked_for_again(scene: Scene) -> None:
    odd = iter([{}, None, {"session_id": 7}])
    scene.discord.gateway.alter_ready = lambda _event, data: next(odd, data)
    scene.discord.gateway.invalidate()
    await scene.discord.bot_gone(PATIENCE)
    await scene.discord.gateway.changes.wait_for(lambda: scene.discord.gateway.identifies == 5, PATIENCE)
    assert await scene.answers()


async def test_a_resumption_that_says_nothing_is_one(scene: Scene) -> None:
    scene.discord.gateway.alter_ready = lambda _event, _data: None
    scene.discord.gateway.drop()
    await scene.discord.bot_gone(PATIENCE)
    assert await scene.answers()
    assert (scene.discord.gateway.identifies, scene.discord.gateway.resumes) == (1, 1)


async def test_a_heartbeat_that_is_answered_at_once_is_not_late() -> None:
    """Not one to the heartbeat before: the installed library takes it for that, and says that it can't keep up."""

    class Socket:
        HEARTBEAT, sequence, thread_id, _max_heartbeat_timeout = 1, 7, 0, 60.0

    beat = gateway.Heartbeat(ws=Socket(), interval=41.25)  # type: ignore[arg-type]  # all that it asks of one
    beat._last_send -= 41.25
    assert beat.get_payload() == {"op": 1, "d": 7}
    beat.ack()
    assert beat.latency < 1


# Discord's REST while a bot starts.

ODD_ANSWERS = [
    b"",
    b"null",
    b"{}",
    b"[]",
    b'"odd"',
    b'{"id": null}',
    b'{"id": "x"}',
    b"<html>Just a moment...</html>",
]


@pytest.mark.parametrize("status", [200, 403, 503])
@pytest.mark.parametrize("route", ["current_user", "application", "list_commands"])
async def test_odd_answers_at_the_start_are_waited_out(route: str, status: int) -> None:
    async with Discord() as look_alike:
        stop = asyncio.Event()
        bodies = ODD_ANSWERS if status == 200 else [b"<html>"]
        for body in bodies:
            kind = "text/html" if body.startswith(b"<") else "application/json"
            look_alike.faults.respond(route, body, status=status, content_type=kind)
        with pointed_at(look_alike):
            staying = asyncio.create_task(
                stay_connected(Bot, look_alike.token, stop, before_closing=nothing, first_wait=0.001)
            )
            await look_alike.bot_connected(PATIENCE)
            stop.set()
            await staying


async def nothing() -> None:
    """Is done before closing."""


async def test_what_the_application_is_may_be_told_in_part() -> None:
    async with Discord() as look_alike, Bot() as bot:
        body = json.dumps({"id": str(look_alike.state.bot.id), "new": "shape"}).encode()
        look_alike.faults.respond("application", body)
        with pointed_at(look_alike):
            await bot.login(look_alike.token)
        assert bot.application_id == look_alike.state.bot.id


# Anything at all.

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [MISSING, None, "", "odd", "\ud800", -1, 10**30, True, 1.5, [], {}, [None], {"id": None}, "9" * 5000]
)
WORDS = st.sampled_from(["id", "guild_id", "channel_id", "user", "member", "type", "name", "roles", "new"])
ANYTHING = st.recursive(
    ODD.filter(lambda one: one is not MISSING),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=8,
)
PARSED = sorted(name[6:].upper() for name in dir(ConnectionState) if name.startswith("parse_"))
EVENTS = st.sampled_from([one for one in PARSED if one not in ("READY", "RESUMED")]) | st.just("NEW_KIND")
FRAMES = st.sampled_from(
    ["", "{", "7", b"", b"odd", b"odd\x00\x00\xff\xff", '{"op":0}', '{"op":10,"d":null}']
)


@st.composite
def odd_interactions(draw: st.DrawFn) -> Any:
    """Up to three changes somewhere in what Discord sends, as paths of keys and what stands there then."""
    return draw(
        st.lists(st.tuples(st.lists(st.integers(0, 30), min_size=1, max_size=5), ODD), min_size=1, max_size=3)
    )


def with_changes(payload: Any, changes: list[tuple[list[int], Any]]) -> Any:
    for path, odd in changes:
        payload = _changed(payload, path, odd)
    return payload


def _changed(value: Any, path: list[int], odd: Any) -> Any:
    if not path or not isinstance(value, dict) or not value:
        return value if odd is MISSING else odd
    name = sorted(value)[path[0] % len(value)]
    if len(path) == 1 and odd is MISSING:
        return {key: one for key, one in value.items() if key != name}
    return {**value, name: _changed(value[name], path[1:], odd)}


class Loop:
    """A scene whose loop runs only while an example is tried."""

    def __init__(self) -> None:
        self._runner, self._stack = asyncio.Runner(), AsyncExitStack()
        self.scene = self._runner.run(started(self._stack))
        self.scene.ada.permit(manage_guild=True)
        self.unseen: list[dict[str, Any]] = []
        self._runner.get_loop().set_exception_handler(lambda _loop, what: self.unseen.append(what))

    def run(self, trial: Any) -> Any:
        return self._runner.run(trial)

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    logging.getLogger("bot").setLevel(logging.CRITICAL)
    loop = Loop()
    yield loop
    loop.close()
    gc.collect()  # a task whose error nobody saw says so when it is forgotten
    logging.getLogger("bot").setLevel(logging.NOTSET)  # first, or later tests would see no log
    assert not loop.unseen


FEW = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "40")), suppress_health_check=list(HealthCheck)
)


@FEW
@given(events=st.lists(st.tuples(EVENTS, ANYTHING), min_size=5, max_size=20))
def test_any_event_of_any_shape_is_outlived(loop: Loop, events: list[tuple[str, Any]]) -> None:
    async def tried() -> bool:
        for name, data in events:
            loop.scene.discord.gateway.dispatch(name, data, None)
        return await loop.scene.answers()

    assert loop.run(tried())


@FEW
@given(changes=st.lists(odd_interactions(), min_size=5, max_size=20))
def test_any_interaction_of_any_shape_is_outlived(loop: Loop, changes: list[Any]) -> None:
    async def tried() -> bool:
        scene = loop.scene
        for one in changes:
            scene.discord.interactions.alter_payload = partial(with_changes, changes=one)
            scene.ada.begin("ping")
            scene.ada.begin("imagine", prompt="a fox")
            scene.ada.begin_forged_press("panel:nothing")
            scene.ada.begin_typing("limits set", "time_zone", "ber")
        scene.discord.interactions.alter_payload = lambda payload: payload
        return await scene.answers()

    assert loop.run(tried())


@pytest.mark.parametrize("options", [7, [7], [{"name": "prompt"}], {"prompt": "a fox"}])
def test_a_command_with_options_of_any_shape_is_outlived(loop: Loop, options: object) -> None:
    """What nobody saw fails when the module ends."""

    async def tried() -> bool:
        scene = loop.scene
        scene.discord.interactions.alter_payload = lambda payload: {
            **payload,
            "data": {**payload["data"], "options": options},
        }
        scene.ada.begin("imagine", prompt="a fox")
        scene.discord.interactions.alter_payload = lambda payload: payload
        return await scene.answers()

    assert loop.run(tried())


@FEW
@given(frames=st.lists(FRAMES, min_size=1, max_size=4))
def test_any_frame_is_outlived(loop: Loop, frames: list[str | bytes]) -> None:
    async def tried() -> bool:
        for frame in frames:
            loop.scene.discord.gateway.send_frame(frame)
        return await loop.scene.answers()

    assert loop.run(tried())
