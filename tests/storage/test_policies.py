"""What servers decide, on both engines: nothing is lost, and nobody's change undoes another's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.not_done import OutOfBounds
from bot.core.policy import (
    NOTHING_DECIDED,
    Block,
    ChannelMode,
    ChannelRule,
    FreshStart,
    Limit,
    LogLevel,
    LogRule,
    Policy,
    Setting,
    TopUp,
)
from bot.core.windows import Running
from bot.core.words import WordList
from bot.storage.documents import decode, encode
from bot.storage.policies import SqlPolicies
from bot.storage.transaction import Database
from tests.core.samples import NOON, THIS_MONTH, TODAY
from tests.storage.samples import SERVER

IDS = st.integers(1, 2**63 - 1)
LIMITS = st.none() | st.integers(0, 100_000)
DAYS = st.sampled_from(["2026-11-23", "2026-12-31"])
INSTANTS = st.integers(0, 2_000_000).map(lambda minutes: NOON + timedelta(minutes=minutes))
POLICIES = st.builds(
    Policy,
    numbers=st.dictionaries(st.sampled_from(Setting), LIMITS),
    roles=st.dictionaries(IDS, LIMITS),
    members=st.dictionaries(IDS, LIMITS),
    blocks=st.dictionaries(IDS, st.builds(Block, st.none() | INSTANTS, st.text(st.characters()))),
    top_ups=st.dictionaries(IDS, st.builds(TopUp, DAYS, st.integers(0, 100))),
    fresh_starts=st.dictionaries(IDS, st.builds(FreshStart, DAYS, st.integers(1, 9))),
    channels=st.builds(ChannelRule, st.sampled_from(ChannelMode), st.frozensets(IDS), st.booleans()),
    words=st.just(WordList(("spoiler*", "голод", "\U0001f98a"))),
    zone=st.sampled_from([None, ZoneInfo("Europe/Berlin")]),
    log=st.none() | st.builds(LogRule, IDS, st.sampled_from(LogLevel)),
)
EVERYTHING = Policy(
    numbers={Setting.DAILY: 7, Setting.MONTHLY: None, Setting.COOLDOWN: 0},
    roles={71: None},
    members={2: 0},
    blocks={2: Block(NOON, "spam \x00 <b>'; DROP TABLE policy; --"), 3: Block(None)},
    top_ups={2: TopUp("2026-11-23", 5)},
    fresh_starts={2: FreshStart("2026-11-23", 1)},
    running=Running(TODAY, THIS_MONTH),
    channels=ChannelRule(ChannelMode.ONLY, frozenset({4, 2**62}), age_restricted_only=True),
    words=WordList(("*fox*",)),
    zone=ZoneInfo("Asia/Kolkata"),
    log=LogRule(9, LogLevel.EVERYTHING),
)


@pytest.fixture
def policies(database: Database) -> SqlPolicies:
    return SqlPolicies(database)


@given(POLICIES)
def test_a_policy_survives_being_written(policy: Policy) -> None:
    assert decode(encode(policy)) == policy
    assert encode(decode(encode(policy))) == encode(policy)


@pytest.mark.parametrize("name", ["Atlantis/Poseidonis", "../etc/passwd", "Europe"])
def test_a_zone_that_this_machine_does_not_know_is_the_operators(name: str) -> None:
    written = encode(EVERYTHING).replace("Asia/Kolkata", name)
    assert decode(written) == replace(EVERYTHING, zone=None)


async def test_a_policy_survives_the_database(policies: SqlPolicies) -> None:
    assert await policies.change(1, lambda _: EVERYTHING, by=8, now=NOON) == (NOTHING_DECIDED, EVERYTHING)
    revision = await policies.of(1)
    assert (revision.number, revision.policy, revision.by, revision.at) == (1, EVERYTHING, 8, NOON)
    assert await policies.at(1, 1) == EVERYTHING


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policy=POLICIES)
async def test_any_policy_survives_the_database(policies: SqlPolicies, policy: Policy) -> None:
    await policies.change(1, lambda _: policy, by=8, now=NOON)
    assert (await policies.of(1)).policy == policy


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
        raise OutOfBounds(Setting.DAILY, 1000, 100)

    with pytest.raises(OutOfBounds):
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
