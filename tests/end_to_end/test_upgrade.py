"""A database that an earlier version left in the middle of everything is finished by this one, as it was promised.

The members' commands and replies are made anew in the look-alike, the way the earlier version left them, and the dump's
ids, tokens and times are replaced by theirs.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest

from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Rows, Transaction
from sandbox.discord import PendingInteraction, Permission
from sandbox.discord.interactions.payloads import InteractionType
from tests.end_to_end.audit import RecordedState, settled_state
from tests.end_to_end.conftest import Setup

DUMP = (Path(__file__).parent.parent / "storage" / "databases" / "0010.sql").read_text("utf-8")
SERVER, CHANNEL, APPLICATION, MEMBERS = 9_000_001, 9_000_002, 9_000_004, 9_100_000
NOON_MILLIS = 1_795_435_200_000
AGO = 40_000
"""Milliseconds since the newest of it: more than a lease, and than an acknowledgement may take to arrive."""
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6260f8cf500f00"
    "00000300010005fe02fea7d5b4760000000049454e44ae426082"
)
SENTENCES = dict(re.findall(r"^-- notice (.*?): (.*)$", DUMP, re.M))
RESTARTED = "I was restarted while painting this. None of your images were used. Try again in a minute."
LOST = "The picture was painted, but I couldn't download it. None of your images were used. Try again."
PICTURE = "a picture"
ENDINGS = {
    "reserved, never acknowledged": ("refunded", ""),
    "reserved, thinking": ("delivered", PICTURE),
    "acknowledged": ("delivered", PICTURE),
    "acknowledged, member whose counter was reset": ("delivered", PICTURE),
    "submitted, never arrived": ("unknown", RESTARTED),
    "submitted, was billed": ("unknown", RESTARTED),
    "submitted, two attempts, nobody knows": ("unknown", RESTARTED),
    "submitted, pictures are there": ("delivered", PICTURE),
    "paid": ("delivered", PICTURE),
    "paid, pictures are there": ("delivered", PICTURE),
    "paid, came inside the answer": ("unknown", LOST),
    "of a member who wants to be erased": ("unknown", RESTARTED),
    "acknowledged two hours ago": ("refunded", RESTARTED),
    "paid two hours ago": ("delivered", PICTURE),
}
"""Of what was not settled: its last state, and what stands in the place of the reply."""
PAINTED = {"reserved, thinking", "acknowledged", "acknowledged, member whose counter was reset"}
"""What was not bought yet, and is asked for as it was typed then."""
ENDED = {
    "delivered, one of two was lost": "delivered",
    "kept, member knows": "kept",
    "unknown, member knows": "unknown",
    "refunded, member knows": "refunded",
}


@dataclass
class Left:
    """A generation in the dump, and the interaction that stands for it in the look-alike."""

    id: int
    member: int
    token: str | None
    message: int | None
    prompt: str
    state: str
    notice: str | None
    pending: PendingInteraction | None = None


def generations() -> list[Left]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(DUMP)
        rows = connection.execute(
            "SELECT id, member, token, message, prompt, state, untold FROM generation"
        ).fetchall()
    return [Left(*row) for row in rows]


class EarlierVersion:
    """What the process of the earlier version had done by the time it was gone."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.application = setup.discord.state.bot.id
        self.moderator = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
        self.members = {MEMBERS: setup.tea_house.member("Reset")}
        self.left = generations()
        self.replaced = {
            str(SERVER): str(setup.tea_house.id),
            str(CHANNEL): str(setup.tea_house.general.id),
            str(APPLICATION): str(self.application),
        }

    async def leave(self) -> None:
        async with httpx.AsyncClient(base_url=self.setup.discord.api_url) as discord:
            for one in self.left:
                member = self.members.setdefault(one.member, self.setup.tea_house.member(str(one.member)))
                self.replaced[str(one.member)] = str(member.id)
                if one.token:
                    await self._ask(discord, one)
        await self._buy()

    async def _ask(self, discord: httpx.AsyncClient, one: Left) -> None:
        command = {"id": "1", "name": "imagine", "type": 1}
        context = self.members[one.member].context(None)
        interaction = self.setup.discord.interactions.send(
            InteractionType.APPLICATION_COMMAND, command, context
        )
        one.pending = PendingInteraction(interaction, 30)
        self.replaced |= {str(one.id): str(interaction.id), str(one.token): interaction.token}
        if one.prompt == "reserved, never acknowledged":
            one.pending.miss_deadline()
            return
        callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
        (await discord.post(callback, json={"type": 5})).raise_for_status()
        if one.message and interaction.original:
            self.replaced[str(one.message)] = str(interaction.original.id)
        if one.prompt.endswith("pictures are there"):
            count = 2 if one.state == "submitted" else 1
            files = {f"files[{n}]": (f"{n}.png", PIXEL, "image/png") for n in range(count)}
            original = f"/webhooks/{self.application}/{interaction.token}/messages/@original"
            embeds = [{"image": {"url": f"attachment://{n}.png"}} for n in range(count)]
            payload = {"payload_json": json.dumps({"embeds": embeds})}
            (await discord.patch(original, data=payload, files=files)).raise_for_status()
        if one.prompt.endswith("two hours ago"):
            one.pending.expire_token()

    async def _buy(self) -> None:
        """A picture for each address in the dump, and the order that was billed without an answer."""
        images = self.setup.images
        billed = next(one for one in self.left if one.prompt == "submitted, was billed")
        asked = {"model": "grok-2-image", "prompt": "a fox", "n": 2}
        headers = {"Authorization": f"Bearer {images.key}"}
        async with httpx.AsyncClient(headers=headers) as client:
            order = await client.post(f"{images.url}/images/generations", json=asked)
            urls = [row["url"] for row in order.json()["data"]]
            for name, url in zip(("fox", "owl"), urls, strict=True):
                self.replaced[f"https://pictures.example/{name}.png"] = url
            request_id = self.replaced[str(billed.id)]
            bought = await client.post(
                f"{images.url}/images/generations", json=asked, headers={"X-Client-Request-Id": request_id}
            )
            bought.raise_for_status()

    def dump(self) -> str:
        """With the look-alike's ids, tokens and addresses, and as if its noon had been AGO."""
        later = round(time.time() * 1000) - AGO - NOON_MILLIS
        known = "|".join(sorted(map(re.escape, self.replaced), key=len, reverse=True))
        text = re.sub(rf"(?<![\w-])(?:{known})(?![\w-])", lambda found: self.replaced[found[0]], DUMP)
        return re.sub(r"\b179\d{10}\b", lambda millis: str(int(millis[0]) + later), text)


async def load(url: str, dump: str) -> None:
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(dump)
        return
    connected = await asyncpg.connect(url)
    await connected.execute(dump)
    await connected.close()


async def query(url: str, statement: str) -> Rows:
    def steps() -> Transaction[Rows]:
        return (yield statement, {})

    async with open_database(url, migrating=False) as database:
        return await database.run(steps)


@pytest.fixture
async def earlier(setup: Setup, database_url: str) -> EarlierVersion:
    setup.left_open = "one command was never acknowledged, and two have no token any more"
    earlier = EarlierVersion(setup)
    await earlier.leave()
    setup.discord.advance_clock(AGO / 1000)
    await load(database_url, earlier.dump())
    await query(database_url, "DELETE FROM note WHERE name = 'pictures out of reach at'")
    await setup.start_bot(DATABASE_URL=database_url, SERVER_FAILED_DAILY_LIMIT="unlimited")
    return earlier


async def test_a_database_of_an_earlier_version_is_finished(
    setup: Setup, database_url: str, earlier: EarlierVersion
) -> None:
    recorded = await settled_state(database_url)
    states = {
        one.prompt: recorded.states[int(earlier.replaced.get(str(one.id), one.id))] for one in earlier.left
    }
    assert {prompt: states[prompt] for prompt in ENDINGS} == {
        prompt: state for prompt, (state, _) in ENDINGS.items()
    }
    assert {prompt: states[prompt] for prompt in ENDED} == ENDED
    for one in earlier.left:
        if one.pending is not None:
            assert_seen(one)
    recorded.audit(setup.images)
    painted = {request.body["prompt"] for request in setup.images.requests} - {"a fox"}
    assert painted == PAINTED
    assert_counted(recorded, earlier)
    await assert_members_and_moderators_find_what_was_theirs(database_url, earlier)


def assert_seen(one: Left) -> None:
    assert one.pending is not None
    reply = one.pending.reply
    expected = SENTENCES[one.notice] if one.notice else ENDINGS[one.prompt][1]
    if expected == PICTURE:
        assert reply.attachments, one
        assert reply.edits == 1, one  # those that were there are not posted again
    elif expected:
        # Commands are shown as links once the bot knows their ids.
        assert re.sub(r"</(\w+):\d+>", r"`/\1`", reply.text) == expected, one
    else:
        assert not reply.attachments, one


def assert_counted(recorded: RecordedState, earlier: EarlierVersion) -> None:
    """What was given back is on no member's meter; the member whose counter was reset counts on both."""
    server, member = (earlier.replaced[str(it)] for it in (SERVER, MEMBERS))
    reset = f"member/{server}/{member}"
    assert {window: used for (name, window), used in recorded.used.items() if name == reset} == {
        "2026-11-23~1": 1,
        "2026-11-23": 1,
        "2026-11": 1,
    }
    lost = next(one for one in earlier.left if one.prompt.startswith("delivered, one of two"))
    assert recorded.used[f"member/{server}/{earlier.replaced[str(lost.member)]}", "2026-11-23"] == 1


async def assert_members_and_moderators_find_what_was_theirs(url: str, earlier: EarlierVersion) -> None:
    kept = next(one for one in earlier.left if one.prompt == "kept, member knows")
    gallery = await earlier.members[kept.member].use("gallery")
    assert len(gallery.attachments) == 1
    panel = await earlier.moderator.use("limits show")
    assert "1 report waiting" in panel.text
    assert "**20** a day" in panel.text
    assert len(await query(url, "SELECT member FROM erasure")) == 1


async def test_the_button_of_a_question_that_an_earlier_version_asked_is_answered_and_changes_nothing(
    database_url: str, earlier: EarlierVersion
) -> None:
    [button] = re.findall(r"^-- button of an open question: (.*)$", DUMP, re.M)
    before = await query(database_url, "SELECT server, revision, document FROM policy ORDER BY revision")
    reply = await earlier.moderator.forge_press(button)
    assert reply.ephemeral
    assert reply.text == (
        "This button is from another version of me. Use the command again to get a new one."
    )
    after = await query(database_url, "SELECT server, revision, document FROM policy ORDER BY revision")
    assert list(after) == list(before)
