"""The rules: one row for each step of their precedence, and what holds whatever was decided."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Refusal
from bot.core.limits.errors import (
    ChannelNotAgeRestricted,
    ChannelNotAllowed,
    ChannelUnknown,
    ChoiceNotAllowed,
    DirectUseOff,
    MemberBlocked,
    ServerNotAllowed,
    TooManyImages,
)
from bot.core.limits.meters import (
    Limit,
    MeterReading,
    Origin,
    Period,
    Ruling,
    Scope,
    member_today,
)
from bot.core.limits.policy import (
    NOTHING_DECIDED,
    Block,
    ChannelMode,
    ChannelRule,
    CounterReset,
    Policy,
    Setting,
    TopUp,
)
from bot.core.limits.rules import check_served, meters_for, rulings, terms_for
from bot.core.place import Caller, Direct, Place, ServerCaller
from bot.core.word_filter.errors import ForbiddenWord
from bot.core.word_filter.word_list import WordList
from tests.core.factories import CHOICES, DETAILED, FAST, NOON, caller, meter, operator

ADA = caller(roles=frozenset({71, 72}))


def in_roles(roles: frozenset[int]) -> ServerCaller:
    return replace(ADA, place=replace(ADA.place, roles=roles))


ONLY_9 = ChannelRule(ChannelMode.ONLY, frozenset({9}))
BLOCKED = {ADA.member: Block(None)}


def decided(
    *, daily: Limit = 5, roles: dict[int, Limit] | None = None, members: dict[int, Limit] | None = None
) -> Policy:
    return Policy(numbers={Setting.DAILY: daily}, roles=roles or {}, members=members or {})


def daily(policy: Policy, who: ServerCaller = ADA, ceiling: Limit = None) -> Ruling:
    return terms_for(policy, operator(10, ceiling=ceiling), who, NOON).meters[0].ruling


@pytest.mark.parametrize(
    ("policy", "refusal"),
    [
        pytest.param(Policy(blocks=BLOCKED, channels=ONLY_9), MemberBlocked, id="blocked before channel"),
        pytest.param(
            Policy(channels=ONLY_9, words=WordList(("fox",))), ChannelNotAllowed, id="channel before words"
        ),
        pytest.param(
            replace(decided(daily=0), words=WordList(("fox",))), ForbiddenWord, id="words before limits"
        ),
    ],
)
def test_the_first_rule_that_says_no_is_the_one_that_is_told(policy: Policy, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        terms_for(policy, operator(), ADA, NOON).check("fox", 1)


@pytest.mark.parametrize(
    ("policy", "ruling"),
    [
        pytest.param(NOTHING_DECIDED, Ruling(10, Origin.OPERATOR), id="operator"),
        pytest.param(decided(daily=5), Ruling(5, Origin.SERVER), id="server before operator"),
        pytest.param(decided(roles={71: 2}), Ruling(2, Origin.ROLE, 71), id="role before server"),
        pytest.param(decided(roles={71: 2, 72: 8}), Ruling(8, Origin.ROLE, 72), id="the best role"),
        pytest.param(decided(roles={71: None, 72: 8}), Ruling(None, Origin.ROLE, 71), id="unlimited is best"),
        pytest.param(decided(roles={99: 50}), Ruling(5, Origin.SERVER), id="a role of others"),
        pytest.param(
            decided(roles={71: 50}, members={2: 1}), Ruling(1, Origin.MEMBER), id="member before role"
        ),
        pytest.param(decided(members={3: 1}), Ruling(5, Origin.SERVER), id="another member"),
        pytest.param(decided(daily=None), Ruling(None, Origin.SERVER), id="unlimited is a decision"),
        pytest.param(decided(daily=0), Ruling(0, Origin.SERVER), id="switched off"),
    ],
)
def test_who_decides_a_members_images_for_the_day(policy: Policy, ruling: Ruling) -> None:
    assert daily(policy) == ruling


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(NOTHING_DECIDED, id="operator"),
        pytest.param(decided(daily=None), id="server"),
        pytest.param(decided(roles={71: 100}), id="role"),
        pytest.param(decided(members={2: None}), id="member"),
        pytest.param(replace(decided(), top_ups={2: TopUp("2026-11-23", 50)}), id="top-up"),
    ],
)
def test_the_ceiling_caps_whoever_decided(policy: Policy) -> None:
    assert daily(policy, ceiling=7).value == 7
    assert daily(policy, ceiling=7).capped


def test_everything_decided_is_explained_and_the_first_counts() -> None:
    policy = decided(daily=5, roles={71: 2, 72: 8}, members={2: 1})
    assert [(it.origin, it.value) for it in rulings(policy, operator(10), Setting.DAILY, ADA)] == [
        (Origin.MEMBER, 1),
        (Origin.ROLE, 8),
        (Origin.ROLE, 2),
        (Origin.SERVER, 5),
        (Origin.OPERATOR, 10),
    ]


@pytest.mark.parametrize(("day", "limit"), [("2026-11-23", 8), ("2026-11-22", 5)])
def test_a_top_up_is_for_its_day(day: str, limit: int) -> None:
    assert daily(replace(decided(daily=5), top_ups={2: TopUp(day, 3)})).value == limit


def test_a_top_up_of_no_limit_is_no_limit() -> None:
    assert daily(replace(decided(daily=None), top_ups={2: TopUp("2026-11-23", 3)})).value is None


def test_a_counter_that_was_reset_counts_in_a_window_of_its_own_and_on_the_whole_day() -> None:
    policy = Policy(counter_resets={2: CounterReset("2026-11-23", 2)})
    mine, whole, *others = meters_for(policy, operator(10, ceiling=30), ADA, NOON)
    assert (mine.window.key, mine.limit) == ("2026-11-23~2", 10)
    assert (whole.name, whole.window.key, whole.limit) == (mine.name, "2026-11-23", 30)
    assert others == list(meters_for(Policy(), operator(10, ceiling=30), ADA, NOON)[1:])


def test_yesterdays_reset_is_over() -> None:
    policy = Policy(counter_resets={2: CounterReset("2026-11-22", 2)})
    assert meters_for(policy, operator(), ADA, NOON) == meters_for(Policy(), operator(), ADA, NOON)


@pytest.mark.parametrize(
    ("until", "blocked"),
    [
        pytest.param(None, True, id="for good"),
        pytest.param(NOON + timedelta(seconds=1), True, id="still"),
        pytest.param(NOON, False, id="over"),
    ],
)
def test_a_block_ends_when_it_said(until: datetime | None, blocked: bool) -> None:
    policy = Policy(blocks={2: Block(until)})
    assert isinstance(terms_for(policy, operator(), ADA, NOON).obstacle, MemberBlocked) is blocked
    assert terms_for(policy, operator(), caller(5), NOON).obstacle is None


@pytest.mark.parametrize(
    ("rule", "here", "refusal"),
    [
        pytest.param(ChannelRule(), (4,), None, id="everywhere"),
        pytest.param(
            ChannelRule(ChannelMode.EVERYWHERE, frozenset({4})), (4,), None, id="a list without effect"
        ),
        pytest.param(ONLY_9, (9,), None, id="only there"),
        pytest.param(ONLY_9, (4, 9), None, id="in a thread or a category of it"),
        pytest.param(ONLY_9, (4,), ChannelNotAllowed, id="only elsewhere"),
        pytest.param(ChannelRule(ChannelMode.ONLY), (4,), ChannelNotAllowed, id="only nowhere"),
        pytest.param(ChannelRule(ChannelMode.EXCEPT, frozenset({9})), (4,), None, id="except elsewhere"),
        pytest.param(
            ChannelRule(ChannelMode.EXCEPT, frozenset({9})), (4, 9), ChannelNotAllowed, id="except here"
        ),
        pytest.param(
            ChannelRule(age_restricted_only=True), (4,), ChannelNotAgeRestricted, id="age-restricted only"
        ),
    ],
)
def test_where_images_may_be_asked_for(
    rule: ChannelRule, here: tuple[int, ...], refusal: type[Refusal] | None
) -> None:
    found = terms_for(Policy(channels=rule), operator(), caller(channels=here), NOON).obstacle
    assert type(found) is (refusal or type(None))


@pytest.mark.parametrize(
    ("rule", "channels", "refusal"),
    [
        pytest.param(ChannelRule(), (4,), None, id="everywhere"),
        pytest.param(ONLY_9, (4, 9), None, id="only here"),
        pytest.param(ONLY_9, (4,), ChannelUnknown, id="only elsewhere, perhaps here"),
        pytest.param(ChannelRule(ChannelMode.ONLY), (4,), ChannelNotAllowed, id="only nowhere"),
        pytest.param(
            ChannelRule(ChannelMode.EXCEPT, frozenset({9})), (4,), ChannelUnknown, id="perhaps not here"
        ),
        pytest.param(
            ChannelRule(ChannelMode.EXCEPT, frozenset({9})), (4, 9), ChannelNotAllowed, id="except here"
        ),
        pytest.param(ChannelRule(ChannelMode.EXCEPT), (4,), None, id="except nowhere"),
        pytest.param(ChannelRule(age_restricted_only=True), (4,), ChannelUnknown, id="age-restricted only"),
    ],
)
def test_what_is_not_known_of_a_place_is_taken_for_what_is_forbidden(
    rule: ChannelRule, channels: tuple[int, ...], refusal: type[Refusal] | None
) -> None:
    asked = caller(channels=channels, place_known=False)
    found = terms_for(Policy(channels=rule), operator(), asked, NOON).obstacle
    assert (type(found) if found else None) is refusal


def test_an_age_restricted_channel_is_one() -> None:
    rule = Policy(channels=ChannelRule(age_restricted_only=True))
    assert terms_for(rule, operator(), caller(age_restricted=True), NOON).obstacle is None


def test_more_images_than_a_prompt_may_have_are_refused() -> None:
    terms = terms_for(Policy(numbers={Setting.PER_PROMPT: 2}), operator(per_prompt=4), ADA, NOON)
    terms.check(None, 2)
    with pytest.raises(TooManyImages) as caught:
        terms.check(None, 3)
    assert caught.value.ruling.value == 2


@pytest.mark.parametrize(
    ("own", "seconds"), [({}, 30), ({Setting.COOLDOWN: 60}, 60), ({Setting.COOLDOWN: 0}, 30)]
)
def test_a_server_can_make_the_cooldown_longer_not_shorter(own: dict[Setting, Limit], seconds: int) -> None:
    assert terms_for(Policy(numbers=own), operator(cooldown=30), ADA, NOON).cooldown.value == seconds


def test_an_image_counts_for_the_member_the_server_and_the_bot() -> None:
    policy = Policy(numbers={Setting.MONTHLY: 70, Setting.SERVER_DAILY: 90}, zone=ZoneInfo("Asia/Kolkata"))
    now = NOON.replace(hour=20)
    assert [
        (it.name, it.scope, it.period, it.limit, it.window.key)
        for it in meters_for(policy, operator(), ADA, now)
    ] == [
        ("member/3/2", Scope.MEMBER, Period.DAY, 10, "2026-11-24"),
        ("member/3/2", Scope.MEMBER, Period.MONTH, 70, "2026-11"),
        ("server/3", Scope.SERVER, Period.DAY, 90, "2026-11-24"),
        ("server/3", Scope.SERVER, Period.MONTH, None, "2026-11"),
        # Whatever a server's day is, the bot's is the operator's.
        ("bot", Scope.BOT, Period.DAY, 200, "2026-11-23"),
    ]


def test_a_member_has_a_meter_in_each_server() -> None:
    here, there = (
        meters_for(NOTHING_DECIDED, operator(), it, NOON)[0] for it in (caller(23, 1), caller(3, 12))
    )
    assert here.name != there.name


def test_a_member_is_shown_the_counter_that_was_set_back_to_zero() -> None:
    policy = Policy(counter_resets={2: CounterReset("2026-11-23", 2)})
    meters = meters_for(policy, operator(), ADA, NOON)
    assert member_today(MeterReading(it, 0) for it in meters).meter is meters[0]


@pytest.mark.parametrize(("limit", "used", "left"), [(10, 3, 7), (10, 12, 0), (None, 12, None)])
def test_what_is_left_is_never_less_than_nothing(limit: Limit, used: int, left: Limit) -> None:
    assert MeterReading(meter(limit=limit), used).left == left


LIMITS = st.none() | st.integers(0, 100_000)
ROLES = st.integers(70, 75)
POLICIES = st.builds(
    Policy,
    numbers=st.dictionaries(st.sampled_from(Setting), LIMITS),
    roles=st.dictionaries(ROLES, LIMITS),
    members=st.dictionaries(st.integers(1, 3), LIMITS),
    top_ups=st.dictionaries(st.integers(1, 3), st.builds(TopUp, st.just("2026-11-23"), st.integers(0, 50))),
)


def generosity(limit: Limit) -> float:
    return float("inf") if limit is None else limit


@given(POLICIES, st.frozensets(ROLES), st.frozensets(ROLES))
def test_more_roles_never_give_less(policy: Policy, some: frozenset[int], more: frozenset[int]) -> None:
    """Of roles that say something: one that does takes the place of what everybody has, for better or worse."""
    if not some & policy.roles.keys():
        return
    few = daily(policy, in_roles(some))
    many = daily(policy, in_roles(some | more))
    assert generosity(many.value) >= generosity(few.value)


@given(POLICIES, st.frozensets(ROLES), LIMITS)
def test_the_ceiling_is_never_passed(policy: Policy, roles: frozenset[int], ceiling: Limit) -> None:
    bounded = operator(ceiling=ceiling, per_prompt=4, at_once=3, cooldown=20)
    terms = terms_for(policy, bounded, in_roles(roles), NOON)
    assert generosity(terms.meters[0].limit) <= generosity(ceiling)
    assert generosity(terms.per_prompt.value) <= 4
    assert generosity(terms.at_once.value) <= 3
    assert (terms.cooldown.value or 0) >= 20


@pytest.mark.parametrize(
    ("off", "model", "refused"),
    [
        (set(), None, None),
        (set(), DETAILED.model, None),
        ({"Detailed"}, None, None),
        ({"Detailed"}, FAST.model, None),
        ({"Detailed"}, DETAILED.model, ("Detailed", ("Fast",))),
        ({"Detailed", "Fast"}, FAST.model, ("Fast", ())),
        ({"Gone"}, "openai/gone", ("", ("Fast", "Detailed"))),
    ],
)
def test_a_model_can_be_chosen_where_the_operator_offers_it_and_the_moderators_allow_it(
    off: set[str], model: str | None, refused: tuple[str, tuple[str, ...]] | None
) -> None:
    terms = terms_for(Policy(choices_off=frozenset(off)), operator(choices=CHOICES), ADA, NOON)
    told = None
    try:
        terms.check(None, 1, model)
    except ChoiceNotAllowed as refusal:
        told = refusal.name, refusal.allowed
    assert told == refused


@pytest.mark.parametrize(("operators", "servers"), [(True, True), (True, False), (False, True)])
def test_prompts_are_revised_where_neither_the_operator_nor_the_moderators_are_against_it(
    operators: bool, servers: bool
) -> None:
    terms = terms_for(Policy(revise=servers), operator(revises=operators), ADA, NOON)
    assert terms.revise is (operators and servers)


def test_in_every_direct_place_a_member_has_the_same_meter_and_no_servers() -> None:
    decides = replace(operator(), direct_daily=7)
    places = (Direct(5), Direct(6, with_bot=False, server=77))
    here, there = (meters_for(NOTHING_DECIDED, decides, Caller(2, place), NOON) for place in places)
    assert here == there
    assert [(it.name, it.limit) for it in here] == [("direct/2", 7), ("bot", 200)]
    assert here[0].ruling.origin is Origin.BOT


def test_in_a_direct_place_the_operators_other_numbers_hold_and_are_the_bots_own() -> None:
    decides = replace(operator(per_prompt=3, cooldown=9), direct_daily=7)
    terms = terms_for(NOTHING_DECIDED, decides, Caller(2, Direct(5)), NOON)
    assert [terms.per_prompt, terms.cooldown] == [Ruling(3, Origin.BOT), Ruling(9, Origin.BOT)]
    assert terms.obstacle is None


@pytest.mark.parametrize(
    ("allowed", "direct", "place", "refused"),
    [
        (None, 0, Direct(5), DirectUseOff),
        (None, 1, Direct(5), None),
        (None, None, Direct(5, with_bot=False, server=77), None),
        ({3}, None, Direct(5), None),
        ({3}, None, Direct(5, with_bot=False, server=77), ServerNotAllowed),
        ({3}, 0, Direct(5, with_bot=False, server=3), DirectUseOff),
        ({3}, 0, ADA.place, None),
        ({4}, 1, ADA.place, ServerNotAllowed),
    ],
)
def test_where_anybody_may_spend_is_the_operators_word(
    allowed: set[int] | None, direct: Limit, place: Place, refused: type[Refusal] | None
) -> None:
    decides = replace(
        operator(), direct_daily=direct, allowed_servers=None if allowed is None else frozenset(allowed)
    )
    with pytest.raises(refused) if refused else nullcontext():
        check_served(decides, place)
