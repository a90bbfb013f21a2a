"""What operator and moderators decided for new pictures holds for what is made of them afterwards."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest

from bot.core.errors import BotError
from bot.core.generation.display_rules import DisplayRules
from bot.core.generation.errors import SpoilerRequired
from bot.core.limits.errors import SpoilerNotAllowed
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import Policy
from bot.core.word_filter.errors import ForbiddenWord
from bot.core.word_filter.search import WordSearch
from tests.core.factories import NOON, operator, word_list
from tests.core.fakes import FakePolicies
from tests.patience import PATIENCE

OPTIONAL, REQUIRED, FORBIDDEN = Requirement.OPTIONAL, Requirement.REQUIRED, Requirement.FORBIDDEN


async def rules(servers: Requirement, operators: Requirement = OPTIONAL) -> DisplayRules:
    policies = FakePolicies()
    decided = Policy(spoiler=servers, words=word_list("gore"))
    await policies.change(3, lambda _: decided, by=1, now=NOON)
    return DisplayRules(policies, replace(operator(), spoiler=operators), WordSearch(PATIENCE))


@pytest.mark.parametrize(
    ("servers", "operators", "moderates", "on", "off"),
    [
        (OPTIONAL, OPTIONAL, False, None, None),
        (REQUIRED, OPTIONAL, False, None, SpoilerRequired),
        (FORBIDDEN, OPTIONAL, False, SpoilerNotAllowed, None),
        (REQUIRED, OPTIONAL, True, None, None),
        (FORBIDDEN, OPTIONAL, True, None, None),
        (OPTIONAL, REQUIRED, True, None, SpoilerRequired),
        (REQUIRED, FORBIDDEN, True, SpoilerNotAllowed, None),
    ],
)
async def test_moderators_make_exceptions_of_what_they_decided_and_nobody_of_what_the_operator_did(
    servers: Requirement,
    operators: Requirement,
    moderates: bool,
    on: type[BotError] | None,
    off: type[BotError] | None,
) -> None:
    decided = await rules(servers, operators)
    for spoiler, refusal in ((True, on), (False, off)):
        with pytest.raises(refusal) if refusal else nullcontext():
            await decided.check_spoiler(3, spoiler=spoiler, moderates=moderates)


async def test_a_word_that_is_blocked_in_prompts_is_blocked_in_what_is_said_of_pictures() -> None:
    decided = await rules(OPTIONAL)
    with pytest.raises(ForbiddenWord):
        await decided.check_alt_texts(["a fox", "g o r e"], 3, 2)
    await decided.check_alt_texts(["a fox"], 3, 2)
    await decided.check_alt_texts(["gore"], None, 2)
