"""What servers decide, on both engines: nothing is lost, and nobody's change undoes another's."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Unpack
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.errors import AlreadyAcknowledged
from bot.core.limits.meters import Limit, Windows
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import (
    NOTHING_DECIDED,
    Block,
    ChannelMode,
    ChannelRule,
    CounterReset,
    LogLevel,
    LogRule,
    Policy,
    Setting,
    TopUp,
)
from bot.core.limits.styles import Style
from bot.core.moderation.errors import PolicyTooLarge, SettingOutOfBounds, TooManyPolicyChanges
from bot.core.privacy.service import MOST_REVISIONS
from bot.core.word_filter.word_list import WordList
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Database, Rows, RunOptions, T, Transaction, to_millis
from bot.storage.policies import SINCE, WRITE, SqlPolicies
from bot.storage.policy_document import decode, encode, read, undoing, undone
from tests.core.factories import NOIR, NOON, THIS_MONTH, TODAY
from tests.storage.factories import SERVER, RelayingDatabase

IDS = st.integers(1, 2**63 - 1)
LIMITS = st.none() | st.integers(0, 100_000)
DAYS = st.sampled_from(["2026-11-23", "2026-12-31"])
INSTANTS = st.integers(0, 2_000_000).map(lambda minutes: NOON + timedelta(minutes=minutes))
TEXTS = st.text(st.characters())
POLICIES = st.builds(
    Policy,
    numbers=st.dictionaries(st.sampled_from(Setting), LIMITS),
    roles=st.dictionaries(IDS, LIMITS),
    members=st.dictionaries(IDS, LIMITS),
    blocks=st.dictionaries(IDS, st.builds(Block, st.none() | INSTANTS, st.text(st.characters()))),
    top_ups=st.dictionaries(IDS, st.builds(TopUp, DAYS, st.integers(0, 100))),
    counter_resets=st.dictionaries(IDS, st.builds(CounterReset, DAYS, st.integers(1, 9))),
    channels=st.builds(ChannelRule, st.sampled_from(ChannelMode), st.frozensets(IDS), st.booleans()),
    words=st.just(WordList(("spoiler*", "голод", "\U0001f98a"))),
    zone=st.sampled_from([None, ZoneInfo("Europe/Berlin")]),
    log=st.none() | st.builds(LogRule, IDS, st.sampled_from(LogLevel)),
    choices_off=st.frozensets(st.text(st.characters(exclude_categories=["Cs"]), min_size=1)),
    revise=st.booleans(),
    styles=st.dictionaries(TEXTS, st.none() | st.builds(Style, TEXTS, TEXTS, TEXTS)),
    private=st.sampled_from(Requirement),
    spoiler=st.sampled_from(Requirement),
)
EVERYTHING = Policy(
    numbers={Setting.DAILY: 7, Setting.MONTHLY: None, Setting.COOLDOWN: 0},
    roles={71: None},
    members={2: 0},
    blocks={2: Block(NOON, "spam \x00 <b>'; DROP TABLE policy; --"), 3: Block(None)},
    top_ups={2: TopUp("2026-11-23", 5)},
    counter_resets={2: CounterReset("2026-11-23", 1)},
    running=Windows(TODAY, THIS_MONTH),
    channels=ChannelRule(ChannelMode.ONLY, frozenset({4, 2**62}), age_restricted_only=True),
    words=WordList(("*fox*",)),
    zone=ZoneInfo("Asia/Kolkata"),
    log=LogRule(9, LogLevel.EVERYTHING),
    choices_off=frozenset({"Detailed"}),
    revise=False,
    styles={NOIR.key: NOIR, "comic": None},
    private=Requirement.FORBIDDEN,
    spoiler=Requirement.REQUIRED,
)


@pytest.fixture
def policies(database: Database) -> SqlPolicies:
    return SqlPolicies(database)


@given(POLICIES)
def test_a_policy_survives_being_written(policy: Policy) -> None:
    assert decode(encode(policy)) == policy
    assert encode(decode(encode(policy))) == encode(policy)


@given(POLICIES, POLICIES)
def test_a_policy_is_found_again_from_the_next_one_and_what_was_different(
    older: Policy, newer: Policy
) -> None:
    kept = undoing(encode(newer), encode(older))
    assert read(undone(json.loads(encode(newer)), kept)) == older


@pytest.mark.parametrize("name", ["Atlantis/Poseidonis", "../etc/passwd", "Europe"])
def test_a_zone_that_this_machine_does_not_know_is_the_operators(name: str) -> None:
    written = encode(EVERYTHING).replace("Asia/Kolkata", name)
    assert decode(written) == replace(EVERYTHING, zone=None)


async def test_a_policy_survives_the_database(policies: SqlPolicies) -> None:
    assert await policies.change(1, lambda _: EVERYTHING, by=8, now=NOON) == (NOTHING_DECIDED, EVERYTHING)
    revision = await policies.of(1)
    assert (revision.number, revision.policy, revision.by, revision.at) == (1, EVERYTHING, 8, NOON)
    assert await policies.at(1, 1) == EVERYTHING


LATER = itertools.count()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policy=POLICIES)
async def test_any_policy_survives_the_database(policies: SqlPolicies, policy: Policy) -> None:
    later = NOON + next(LATER) * timedelta(hours=1)
    await policies.change(1, lambda _: policy, by=8, now=later)
    assert (await policies.of(1)).policy == policy


async def test_what_is_in_force_is_what_was_decided_last(policies: SqlPolicies) -> None:
    assert await policies.in_force(1) == NOTHING_DECIDED
    for policy in (EVERYTHING, Policy(roles={1: 2})):
        await policies.change(1, lambda _, policy=policy: policy, by=8, now=NOON)  # type: ignore[misc]
        assert await policies.in_force(1) == policy == await policies.in_force(1)


async def test_a_server_that_decided_nothing_has_an_empty_policy(policies: SqlPolicies) -> None:
    await policies.change(1, lambda _: EVERYTHING, by=8, now=NOON)
    assert (await policies.of(2)).policy == NOTHING_DECIDED
    assert (await policies.of(2)).number == 0
    assert await policies.at(2, 0) == NOTHING_DECIDED
    assert await policies.at(2, 1) is None


async def test_of_two_changes_at_once_none_is_lost(policies: SqlPolicies) -> None:
    def giving(role: int, policy: Policy) -> Policy:
        return replace(policy, roles={**policy.roles, role: role})

    await asyncio.gather(
        *(policies.change(1, partial(giving, role), by=role, now=NOON) for role in range(1, 9))
    )
    revision = await policies.of(1)
    assert dict(revision.policy.roles) == {role: role for role in range(1, 9)}
    assert revision.number == 8


async def test_a_change_that_changes_nothing_is_not_written(policies: SqlPolicies) -> None:
    await policies.change(1, lambda _: EVERYTHING, by=8, now=NOON)
    assert await policies.change(1, lambda policy: policy, by=9, now=NOON) == (EVERYTHING, EVERYTHING)
    assert (await policies.of(1)).number == 1


async def test_a_change_that_is_refused_changes_nothing(policies: SqlPolicies) -> None:
    def refused(_: Policy) -> Policy:
        raise SettingOutOfBounds(Setting.DAILY, 1000, 100)

    with pytest.raises(SettingOutOfBounds):
        await policies.change(1, refused, by=8, now=NOON)
    assert (await policies.of(1)).number == 0


async def test_earlier_policies_are_listed_newest_first(policies: SqlPolicies) -> None:
    def limit(images: Limit, _: Policy = NOTHING_DECIDED) -> Policy:
        return Policy(numbers={Setting.DAILY: images})

    for images in range(5):
        later = NOON + timedelta(minutes=images)
        await policies.change(1, partial(limit, images), by=images, now=later)
    newest = await policies.revisions(1, 2)
    assert [(it.number, it.policy, it.by) for it in newest] == [(5, limit(4), 4), (4, limit(3), 3)]
    assert [it.number for it in await policies.revisions(1, 10, before=3)] == [2, 1]


async def test_a_star_inside_of_an_entry_that_an_older_version_saved_is_taken_out_and_told(
    database: Database,
) -> None:
    policies = SqlPolicies(database)
    older = Policy(words=WordList(("*cat* dog", "fox*")))
    await policies.change(SERVER, lambda _: older, by=1, now=NOON)
    read = (await policies.of(SERVER)).policy.words
    assert read.patterns == ("*cat dog", "fox*")
    assert read.changed == (("*cat* dog", "*cat dog"),)
    first = await policies.at(SERVER, 1)
    assert first is not None
    assert first.words == read


FULL = Policy(
    roles=dict.fromkeys(range(2**60, 2**60 + 100), 10),
    members=dict.fromkeys(range(2**61, 2**61 + 500), 10),
    blocks=dict.fromkeys(range(2**62, 2**62 + 500), Block(None, "x" * 300)),
    channels=ChannelRule(ChannelMode.ONLY, frozenset(range(2**60, 2**60 + 100))),
)


def _with_limit(images: int, policy: Policy) -> Policy:
    return replace(policy, numbers={Setting.DAILY: images})


STORED = "SELECT COUNT(*), SUM(LENGTH(document)) FROM policy"


def _stored() -> Transaction[Rows]:
    return (yield STORED, {})


async def test_a_change_of_the_largest_policy_takes_no_more_room_than_what_is_different(
    policies: SqlPolicies, database: Database
) -> None:
    await policies.change(1, lambda _: FULL, by=8, now=NOON)
    for number in range(1, 41):
        later = NOON + number * timedelta(minutes=5)
        await policies.change(1, partial(_with_limit, number), by=8, now=later)
    rows, stored = (await database.run(_stored))[0]
    assert rows == 41
    assert stored < len(encode(FULL)) + 41 * 100
    history = await policies.revisions(1, 40)
    assert [it.policy.numbers[Setting.DAILY] for it in history] == list(range(40, 0, -1))
    assert all(it.policy.blocks == FULL.blocks for it in history)


async def test_of_the_oldest_revisions_none_is_kept_beyond_the_most(
    policies: SqlPolicies, database: Database
) -> None:
    def many() -> Transaction[None]:
        values: dict[str, str | int | None] = {
            "server": 1,
            "document": encode(NOTHING_DECIDED),
            "by": 8,
            "at": 0,
        }
        yield WRITE.partition("RETURNING")[0], [{**values, "revision": it} for it in range(1, 1001)]

    await database.run(many)
    await policies.change(1, lambda _: EVERYTHING, by=8, now=NOON)
    assert (await database.run(_stored))[0][0] == MOST_REVISIONS
    assert (await policies.of(1)).number == 1001


async def test_changes_are_refused_that_come_faster_than_people_make_them(policies: SqlPolicies) -> None:
    async def change(limit: int, at: datetime) -> None:
        await policies.change(1, lambda _: Policy(numbers={Setting.DAILY: limit}), by=limit % 2, now=at)

    for limit in range(30):
        await change(limit, NOON + timedelta(seconds=limit))
    with pytest.raises(TooManyPolicyChanges) as refused:
        await change(31, NOON + timedelta(seconds=59))
    assert refused.value.until == NOON + timedelta(minutes=1)
    await policies.change(2, lambda _: EVERYTHING, by=8, now=NOON)  # another server's are its own
    await change(31, NOON + timedelta(minutes=1))
    await change(32, NOON - timedelta(days=1))  # the clock was put back


async def test_one_moderator_leaves_the_others_room_to_put_things_right(policies: SqlPolicies) -> None:
    async def change(limit: int, by: int, seconds: int) -> None:
        decided = Policy(numbers={Setting.DAILY: limit})
        await policies.change(1, lambda _: decided, by=by, now=NOON + timedelta(seconds=seconds))

    for limit in range(20):
        await change(limit, 8, limit)
    with pytest.raises(TooManyPolicyChanges) as refused:
        await change(20, 8, 20)
    assert refused.value.by_one
    assert refused.value.until == NOON + timedelta(minutes=1)
    for limit in range(20, 30):
        await change(limit, 9, 20)
    with pytest.raises(TooManyPolicyChanges) as refused:
        await change(30, 7, 20)
    assert not refused.value.by_one
    await change(31, 8, 60)


async def test_a_day_has_room_for_so_many_changes(policies: SqlPolicies, database: Database) -> None:
    def many() -> Transaction[None]:
        values: dict[str, str | int | None] = {
            "server": 1,
            "document": encode(NOTHING_DECIDED),
            "by": 8,
            "at": to_millis(NOON),
        }
        yield WRITE.partition("RETURNING")[0], [{**values, "revision": it} for it in range(1, 451)]

    await database.run(many)
    with pytest.raises(TooManyPolicyChanges):
        await policies.change(1, lambda _: EVERYTHING, by=8, now=NOON + timedelta(hours=23))
    await policies.change(1, lambda _: EVERYTHING, by=8, now=NOON + timedelta(hours=24))


async def test_a_policy_that_is_too_large_can_only_become_smaller(policies: SqlPolicies) -> None:
    long = {member: Block(None, "\U0001f98a" * 300) for member in range(500)}
    with pytest.raises(PolicyTooLarge):
        await policies.change(1, lambda _: Policy(blocks=long), by=8, now=NOON)
    assert (await policies.of(1)).number == 0


def one_more(policy: Policy) -> Policy:
    top_up = policy.top_ups.get(7, TopUp("2026-11-23", 0))
    return Policy(top_ups={7: TopUp("2026-11-23", top_up.images + 1)})


async def test_an_interaction_changes_the_policy_once_whichever_processes_receive_it(
    policies: SqlPolicies,
) -> None:
    changes = (policies.change(1, one_more, by=8, now=NOON, interaction=id) for id in (5, 5, 6, 5, 6))
    ends = await asyncio.gather(*changes, return_exceptions=True)
    assert [type(end) for end in ends].count(AlreadyAcknowledged) == 3
    assert (await policies.of(1)).policy.top_ups == {7: TopUp("2026-11-23", 2)}
    await policies.change(2, one_more, by=8, now=NOON, interaction=5)


class LateDatabase(RelayingDatabase):
    """Keeps each transaction waiting for an advisory lock once it has read something."""

    async def run(self, transaction: Callable[[], Transaction[T]], **options: Unpack[RunOptions]) -> T:
        def late() -> Transaction[T]:
            statements = transaction()
            rows = yield next(statements)
            yield "SELECT 1 FROM pg_advisory_xact_lock(1)", {}
            try:
                while True:
                    rows = yield statements.send(rows)
            except StopIteration as end:
                result: T = end.value
                return result

        return await super().run(late, **options)


async def test_an_interaction_that_another_copy_carries_out_meanwhile_changes_nothing_again(
    postgres_url: str,
) -> None:
    async def is_waiting() -> bool:
        return bool(
            await other.fetchval("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        )

    async with open_database(postgres_url) as database:
        policies, late = SqlPolicies(database), SqlPolicies(LateDatabase(database))
        other = await asyncpg.connect(postgres_url)
        await other.execute("SELECT pg_advisory_lock(1)")
        changing = asyncio.create_task(late.change(1, one_more, by=8, now=NOON, interaction=5))
        while not await is_waiting():  # noqa: ASYNC110 — another connection
            await asyncio.sleep(0.01)
        await policies.change(1, one_more, by=8, now=NOON, interaction=5)
        await other.close()
        with pytest.raises(AlreadyAcknowledged):
            await changing
        assert (await policies.of(1)).policy.top_ups == {7: TopUp("2026-11-23", 1)}


async def test_no_more_letters_of_more_bytes_each_make_a_policy_too_large_either(
    policies: SqlPolicies,
) -> None:
    plain = {member: Block(None, "x" * 300) for member in range(500)}
    await policies.change(1, lambda _: Policy(blocks=plain), by=8, now=NOON)
    long = {member: Block(None, "\U0001f98a" * 300) for member in range(500)}
    with pytest.raises(PolicyTooLarge):
        await policies.change(1, lambda _: Policy(blocks=long), by=8, now=NOON)
    assert (await policies.of(1)).policy.blocks == plain


def _since(revision: int) -> Transaction[Rows]:
    return (yield SINCE, {"server": 1, "revision": revision})


async def test_documents_from_before_there_were_differences_are_read(
    policies: SqlPolicies, database: Database
) -> None:
    def older() -> Transaction[None]:
        for number in (1, 2, 3):
            document = encode(Policy(roles={1: number}))
            values = {"server": 1, "revision": number, "document": document, "by": 8, "at": 0}
            yield WRITE, values

    await database.run(older)
    await policies.change(1, lambda _: Policy(roles={1: 4}), by=8, now=NOON)
    await policies.change(1, lambda _: Policy(roles={1: 5}), by=8, now=NOON)
    assert [it.policy.roles for it in await policies.revisions(1, 9)] == [{1: it} for it in (5, 4, 3, 2, 1)]
    assert [it.number for it in await policies.revisions(1, 2, before=4)] == [3, 2]
    assert (await policies.at(1, 2)) == Policy(roles={1: 2})
    assert (await policies.at(1, 4)) == Policy(roles={1: 4})
    rows = await database.run(partial(_since, 2))
    assert [number for number, _ in rows] == [2]  # no more than it takes is read
