"""The use case behind `/limits`: before and after, a second look, the history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from bot.core.limits.meters import Limit, Origin, Period, Scope
from bot.core.limits.policy import NOTHING_DECIDED, UNDECIDED, Block, Policy, Setting
from bot.core.moderation.diff import Aspect, Difference, differences, fingerprint
from bot.core.moderation.edits import (
    BlockMember,
    Edit,
    ResetAll,
    ResetCounter,
    SetMember,
    SetNumbers,
    SetRole,
    SetZone,
    TopUpMember,
    UnblockMember,
)
from bot.core.moderation.errors import SettingOutOfBounds
from bot.core.moderation.service import Moderation
from tests.core.factories import NOON, caller, operator
from tests.core.fakes import FakeLedger, FakePolicies, noon

SERVER, MODERATOR = 3, 8
TOKYO = ZoneInfo("Asia/Tokyo")


class ModerationSetup:
    """A moderation with its surroundings."""

    def __init__(self) -> None:
        self.policies = FakePolicies()
        self.ledger = FakeLedger()
        self.moderation = Moderation(self.policies, self.ledger, operator(10, ceiling=None), noon)

    async def change(
        self, *edits: Edit, agreed_fingerprint: str | None = None
    ) -> tuple[bool, tuple[Difference, ...]]:
        outcome = await self.moderation.change(
            SERVER, MODERATOR, *edits, agreed_fingerprint=agreed_fingerprint
        )
        return outcome.needs_confirmation, outcome.differences

    async def policy(self) -> Policy:
        return (await self.policies.of(SERVER)).policy


@pytest.fixture
def setup() -> ModerationSetup:
    return ModerationSetup()


async def test_a_change_says_what_was_before_and_what_is_after(setup: ModerationSetup) -> None:
    await setup.change(SetNumbers({Setting.DAILY: 20}))
    pending, found = await setup.change(SetNumbers({Setting.DAILY: 30, Setting.COOLDOWN: 60}))
    assert not pending
    assert found == (
        Difference(Aspect.NUMBER, Setting.DAILY, 20, 30),
        Difference(Aspect.NUMBER, Setting.COOLDOWN, UNDECIDED, 60),
    )


async def test_a_change_that_changes_nothing_says_so(setup: ModerationSetup) -> None:
    await setup.change(SetNumbers({Setting.DAILY: 20}))
    assert await setup.change(SetNumbers({Setting.DAILY: 20})) == (False, ())


@pytest.mark.parametrize(
    ("edit", "pending"),
    [
        (SetNumbers({Setting.DAILY: 59}), False),
        (SetNumbers({Setting.DAILY: 99}), True),
        (SetNumbers({Setting.DAILY: 0}), True),
        (SetNumbers({Setting.SERVER_MONTHLY: 0}), True),
        (SetMember(2, 0), False),
        (SetNumbers({Setting.DAILY: 100}), True),
        (SetNumbers({Setting.DAILY: None}), True),
        (SetNumbers({Setting.SERVER_DAILY: None}), False),
        (SetNumbers({Setting.COOLDOWN: 86_400}), False),
        (SetRole(71, 100), True),
        (SetRole(71, 20), False),
        (SetMember(2, None), True),
        (SetMember(2, 5), False),
        (TopUpMember(2, 49), False),
        (TopUpMember(2, 90), True),
    ],
)
async def test_far_more_than_held_before_and_nothing_for_everybody_ask_for_a_second_look(
    setup: ModerationSetup, edit: Edit, pending: bool
) -> None:
    asked, found = await setup.change(edit)
    assert asked is pending
    assert len(found) == 1
    assert (await setup.policy() == NOTHING_DECIDED) is pending
    if pending:
        assert await setup.change(edit, agreed_fingerprint=fingerprint(found)) == (False, found)
    assert await setup.policy() != NOTHING_DECIDED


async def test_a_top_up_is_compared_with_what_the_member_has_today(setup: ModerationSetup) -> None:
    await setup.change(SetMember(2, 50))
    assert not (await setup.change(TopUpMember(2, 199)))[0]
    assert not (await setup.change(TopUpMember(2, 700)))[0]
    assert (await setup.change(TopUpMember(3, 100)))[0]


async def test_a_yes_that_is_said_twice_does_not_top_up_twice(setup: ModerationSetup) -> None:
    _, shown = await setup.change(TopUpMember(2, 100))
    assert await setup.change(TopUpMember(2, 100), agreed_fingerprint=fingerprint(shown)) == (False, shown)
    again, _ = await setup.change(TopUpMember(2, 100), agreed_fingerprint=fingerprint(shown))
    assert again
    assert (await setup.policy()).top_ups[2].images == 100


async def test_a_yes_to_another_step_than_was_shown_is_asked_about_anew(setup: ModerationSetup) -> None:
    edit = SetNumbers({Setting.DAILY: 100})
    _, shown = await setup.change(edit)
    await setup.change(SetNumbers({Setting.DAILY: 5}))
    outcome = await setup.moderation.change(SERVER, MODERATOR, edit, agreed_fingerprint=fingerprint(shown))
    assert (outcome.needs_confirmation, outcome.overtaken) == (True, True)
    assert outcome.differences == (Difference(Aspect.NUMBER, Setting.DAILY, 5, 100),)
    assert await setup.change(edit, agreed_fingerprint=fingerprint(outcome.differences)) == (
        False,
        outcome.differences,
    )


async def test_edits_of_one_command_are_one_change(setup: ModerationSetup) -> None:
    pending, found = await setup.change(SetNumbers({Setting.DAILY: 20}), SetZone(TOKYO))
    assert not pending
    assert [one.aspect for one in found] == [Aspect.NUMBER, Aspect.ZONE]
    [revision] = await setup.policies.revisions(SERVER, 10)
    assert (revision.policy.numbers, revision.policy.zone) == ({Setting.DAILY: 20}, TOKYO)


@pytest.mark.parametrize("edits", [*permutations([SetNumbers({Setting.PER_PROMPT: 200}), SetZone(TOKYO)])])
async def test_where_one_edit_is_refused_the_others_change_nothing(
    setup: ModerationSetup, edits: tuple[Edit, ...]
) -> None:
    with pytest.raises(SettingOutOfBounds):
        await setup.change(*edits)
    assert await setup.policies.revisions(SERVER, 10) == []


async def test_all_edits_of_a_command_wait_for_one_yes(setup: ModerationSetup) -> None:
    edits = SetNumbers({Setting.DAILY: None}), SetZone(TOKYO)
    pending, found = await setup.change(*edits)
    assert pending
    assert [one.aspect for one in found] == [Aspect.NUMBER, Aspect.ZONE]
    assert await setup.policy() == NOTHING_DECIDED
    assert await setup.change(*edits, agreed_fingerprint=fingerprint(found)) == (False, found)
    assert len(await setup.policies.revisions(SERVER, 10)) == 1


async def test_a_reset_of_everything_is_asked_about_unless_there_is_nothing_to_reset(
    setup: ModerationSetup,
) -> None:
    assert await setup.change(ResetAll()) == (False, ())
    await setup.change(SetNumbers({Setting.DAILY: 20}))
    pending, found = await setup.change(ResetAll())
    assert pending
    assert await setup.change(ResetAll(), agreed_fingerprint=fingerprint(found)) == (False, found)
    assert (await setup.policy()).numbers == {}


async def test_a_yes_to_what_holds_already_changes_nothing(setup: ModerationSetup) -> None:
    edit = SetNumbers({Setting.DAILY: 100})
    _, shown = await setup.change(edit)
    await setup.change(edit, agreed_fingerprint=fingerprint(shown))
    assert await setup.change(edit, agreed_fingerprint=fingerprint(shown)) == (False, ())


@pytest.mark.parametrize(("low", "pending"), [(1, True), (2, False)])
async def test_taking_a_decision_back_can_be_drastic_too(
    setup: ModerationSetup, low: Limit, pending: bool
) -> None:
    await setup.change(SetNumbers({Setting.DAILY: low}))
    asked, _ = await setup.change(SetNumbers({Setting.DAILY: UNDECIDED}))
    assert asked is pending


async def test_what_is_refused_is_not_written(setup: ModerationSetup) -> None:
    with pytest.raises(SettingOutOfBounds):
        await setup.change(SetNumbers({Setting.PER_PROMPT: 99}))
    assert await setup.policy() == NOTHING_DECIDED


async def test_the_panel_shows_the_servers_own_figures(setup: ModerationSetup) -> None:
    setup.ledger.used = {
        ("server/3", "2026-11-23"): 4,
        ("server/3", "2026-11"): 40,
        ("server/4", "2026-11"): 9,
    }
    panel = await setup.moderation.panel(SERVER)
    assert [(it.meter.scope, it.meter.period, it.used) for it in panel.readings] == [
        (Scope.SERVER, Period.DAY, 4),
        (Scope.SERVER, Period.MONTH, 40),
    ]


async def test_an_explanation_has_every_rule_and_the_first_counts(setup: ModerationSetup) -> None:
    for edit in (SetNumbers({Setting.DAILY: 5}), SetRole(71, 8), SetMember(2, 3)):
        await setup.change(edit)
    explained = await setup.moderation.explain(caller(2, roles=frozenset({71})))
    assert [(it.origin, it.value) for it in explained.daily] == [
        (Origin.MEMBER, 3),
        (Origin.ROLE, 8),
        (Origin.SERVER, 5),
        (Origin.OPERATOR, 10),
    ]
    assert explained.terms.meters[0].limit == 3
    assert explained.readings[0].used == 0


async def test_the_history_goes_back_to_the_first_change_page_by_page(setup: ModerationSetup) -> None:
    for edit in (SetNumbers({Setting.DAILY: 5}), SetRole(71, 8), SetMember(2, 3)):
        await setup.change(edit)
    newest = await setup.moderation.history(SERVER, 2)
    assert [[it.aspect for it in entry.differences] for entry in newest] == [[Aspect.MEMBER], [Aspect.ROLE]]
    assert [entry.revision.by for entry in newest] == [MODERATOR, MODERATOR]
    [first] = await setup.moderation.history(SERVER, 2, before=newest[-1].revision.number)
    assert first.differences == (Difference(Aspect.NUMBER, Setting.DAILY, UNDECIDED, 5),)
    assert await setup.moderation.history(SERVER, 2, before=first.revision.number) == ()


async def test_servers_decide_for_themselves_alone(setup: ModerationSetup) -> None:
    await setup.change(SetZone(None))
    await setup.change(BlockMember(2, Block(None)))
    assert (await setup.moderation.explain(caller(2, server=4))).terms.obstacle is None
    assert await setup.moderation.history(4, 5) == ()


def test_the_difference_of_the_same_is_nothing() -> None:
    policy = Policy(numbers={Setting.DAILY: 1}, roles={71: None})
    assert differences(policy, replace(policy)) == ()


async def test_a_zone_that_calls_today_otherwise_is_the_only_difference(setup: ModerationSetup) -> None:
    for edit in (TopUpMember(2, 5), ResetCounter(2)):
        await setup.change(edit)
    _, found = await setup.change(SetZone(ZoneInfo("Pacific/Kiritimati")))
    assert [(one.aspect, one.since) for one in found] == [
        (Aspect.ZONE, NOON.replace(hour=0) + timedelta(days=1))
    ]


async def test_a_block_that_ran_out_is_nobodys_doing(setup: ModerationSetup) -> None:
    await setup.change(BlockMember(2, Block(NOON - timedelta(hours=1))))
    await setup.change(BlockMember(3, Block(NOON + timedelta(hours=1))))
    _, found = await setup.change(BlockMember(4, Block(None)))
    assert [one.key for one in found] == [4]
    [entry, *_] = await setup.moderation.history(SERVER, 3)
    assert [one.key for one in entry.differences] == [4]
    _, found = await setup.change(UnblockMember(3))
    assert [one.key for one in found] == [3]
