"""A picture is shown once more by the rules of the place, and by no counter."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.core.errors import Refusal
from bot.core.gallery.showing import SHOWN_EVERY, Showings
from bot.core.generation.errors import NotYourPicture, PromptErased
from bot.core.generation.model import Generation, ImageSpec, Request, State
from bot.core.limits.errors import (
    ChannelNotAllowed,
    DirectUseOff,
    MemberBlocked,
    OnCooldown,
    OnlyPrivateHere,
    ServerNotAllowed,
    SpoilerNotAllowed,
)
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import NOTHING_DECIDED, Block, ChannelMode, ChannelRule, Policy
from bot.core.limits.policy_store import Revision
from bot.core.place import Caller, Direct
from bot.core.word_filter.errors import ForbiddenWord
from bot.core.word_filter.search import WordSearch
from tests.core.factories import NOON, caller, operator, word_list
from tests.core.fakes import FakePolicies, noon


def painted(
    prompt: str = "a fox", *, spoiler: bool = False, private: bool = False, member: int = 2
) -> Generation:
    spec = ImageSpec(prompt, spoiler=spoiler, private=private)
    return Generation(Request(1, caller(member, server=99), spec), State.DELIVERED, NOON)


def showings(policy: Policy = NOTHING_DECIDED, daily: int = 10) -> Showings:
    policies = FakePolicies()
    policies.written[3] = [Revision(1, policy, 1, NOON)]
    return Showings(policies, operator(daily), WordSearch(5), noon)


@pytest.mark.parametrize(
    ("policy", "picture", "refusal"),
    [
        (Policy(), painted(member=5), NotYourPicture),
        (Policy(words=word_list("fox")), painted(), ForbiddenWord),
        (Policy(words=word_list("owl")), painted(""), PromptErased),
        (Policy(blocks={2: Block(None)}), painted(), MemberBlocked),
        (Policy(channels=ChannelRule(ChannelMode.EXCEPT, frozenset({4}))), painted(), ChannelNotAllowed),
        (Policy(private=Requirement.REQUIRED), painted(), OnlyPrivateHere),
        (Policy(spoiler=Requirement.FORBIDDEN), painted(spoiler=True), SpoilerNotAllowed),
    ],
)
async def test_what_would_not_be_painted_there_is_not_shown_there(
    policy: Policy, picture: Generation, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await showings(policy).allow(picture, caller())


@pytest.mark.parametrize(
    ("required", "picture", "hidden"),
    [
        (Requirement.OPTIONAL, painted(), False),
        (Requirement.OPTIONAL, painted(spoiler=True), True),
        (Requirement.REQUIRED, painted(), True),
        (Requirement.OPTIONAL, painted(private=True), False),
        (Requirement.OPTIONAL, painted(""), False),
    ],
)
async def test_it_is_hidden_where_the_server_or_whoever_asked_wants_that(
    required: Requirement, picture: Generation, hidden: bool
) -> None:
    assert await showings(Policy(spoiler=required)).allow(picture, caller()) is hidden


async def test_nobody_needs_an_image_left_to_show_what_they_have() -> None:
    assert not await showings(daily=0).allow(painted(), caller())


async def test_where_the_operator_serves_nobody_nothing_is_shown() -> None:
    with pytest.raises(DirectUseOff):
        await showings().allow(painted(), Caller(2, Direct(7)))
    elsewhere = Showings(
        FakePolicies(), replace(operator(), allowed_servers=frozenset({1})), WordSearch(5), noon
    )
    with pytest.raises(ServerNotAllowed):
        await elsewhere.allow(painted(), caller())


async def test_what_moderators_decided_holds_no_more_where_their_server_has_the_bot_no_more() -> None:
    policies = FakePolicies()
    policies.written[3] = [Revision(1, Policy(words=word_list("fox")), 1, NOON)]
    directly = Showings(policies, replace(operator(), direct_daily=7), WordSearch(5), noon)
    assert not await directly.allow(painted(), Caller(2, Direct(7, with_bot=False, server=3)))


async def test_a_member_shows_one_in_ten_seconds_and_who_was_refused_waits_for_nothing() -> None:
    now = NOON

    def clock() -> datetime:
        return now

    policies = FakePolicies()
    allowing = Showings(policies, operator(), WordSearch(5), clock)
    policies.written[3] = [Revision(1, Policy(private=Requirement.REQUIRED), 1, NOON)]
    with pytest.raises(OnlyPrivateHere):
        await allowing.allow(painted(), caller())
    policies.written.clear()
    await allowing.allow(painted(), caller())
    with pytest.raises(OnCooldown) as refused:
        await allowing.allow(painted(), caller())
    assert refused.value.until == NOON + SHOWN_EVERY
    await allowing.allow(painted(member=5), caller(5))
    now = NOON + SHOWN_EVERY
    await allowing.allow(painted(), caller())
