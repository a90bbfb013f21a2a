"""What is kept no longer goes; what goes wrong with it is tried again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.core.errors import DatabaseUnavailable
from bot.core.limits.policy import NOTHING_DECIDED, Block, CounterReset, Policy, Setting, TopUp
from bot.core.preferences.preferences import MemberPreferences
from bot.core.privacy.service import KEEP_RECORDS, KEEP_REPORTS, Privacy, Retention, about_member
from tests.core.factories import NOON
from tests.core.fakes import noon
from tests.core.services import FakePreferenceStore, FakeRecords
from tests.patience import until


def keeping(records: FakeRecords, days: int = 30) -> Privacy:
    preferences = MemberPreferences(FakePreferenceStore(), noon)
    return Privacy(records, records, noon, keep_prompts=timedelta(days=days), preferences=preferences)


async def test_a_sweep_goes_on_until_nothing_is_left() -> None:
    records = FakeRecords()
    records.sweeps = [100, 100, 3]
    assert await keeping(records).sweep() == 203
    kept = Retention(NOON - timedelta(days=30), NOON - KEEP_RECORDS, NOON - KEEP_REPORTS)
    assert set(records.retentions) == {kept}


@pytest.mark.parametrize("days", [0, 3650])
async def test_prompts_are_kept_as_long_as_the_operator_says(days: int) -> None:
    records = FakeRecords()
    await keeping(records, days).sweep()
    assert records.retentions[0].prompts_before == NOON - timedelta(days=days)


async def test_a_database_that_is_down_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    records = FakeRecords()
    records.down = [DatabaseUnavailable("gone"), DatabaseUnavailable("gone")]
    sweeping = asyncio.create_task(keeping(records).keep_sweeping(seconds=0.01))
    await until(lambda: bool(records.retentions))
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    assert caplog.text.count("could not be erased yet: gone") == 1


def test_of_a_policy_only_what_is_about_the_member_is_shown() -> None:
    policy = Policy(
        numbers={Setting.DAILY: 5},
        members={2: 1, 3: 2},
        blocks={2: Block(None), 3: Block(None, "secret")},
        top_ups={2: TopUp("2026-11-23", 1), 3: TopUp("2026-11-23", 2)},
        counter_resets={3: CounterReset("2026-11-23", 1)},
    )
    mine = Policy(members={2: 1}, blocks={2: Block(None)}, top_ups={2: TopUp("2026-11-23", 1)})
    assert about_member(policy, 2) == mine
    assert about_member(policy, 4) == NOTHING_DECIDED
