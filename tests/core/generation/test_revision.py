"""When a chat model is asked for a better prompt, and that a picture never waits long or fails for it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from bot.core.generation.model import ImageSpec, InputImage, PromptRevision, Request
from bot.core.generation.revision import (
    FAILURES_IN_A_ROW,
    FIRST_PAUSE_SECONDS,
    UNUSABLE_IN_A_ROW,
    ChatAnswer,
    Revisions,
    WhenToRevise,
    Wording,
)
from bot.core.generation.revision_text import LONGEST_TO_REVISE, RevisionFailed, RevisionRefused
from bot.core.word_filter.search import WordSearch
from bot.core.word_filter.word_list import WordList
from tests.core.factories import caller, word_list
from tests.patience import PATIENCE

FOX = Request(1, caller(), ImageSpec("a fox"))
BETTER = "A red fox at dawn."
NONE = WordList()


class FakeChat:
    """Answers with `text`, or fails with `error`; a `gate` holds it back."""

    def __init__(self) -> None:
        self.text = BETTER
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.asked: list[tuple[str, str]] = []
        self.at_once = self.most_at_once = 0

    async def answer(self, instruction: str, message: str) -> ChatAnswer:
        self.asked.append((instruction, message))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await (self.gate.wait() if self.gate else asyncio.sleep(0))
        finally:
            self.at_once -= 1
        if self.error:
            raise self.error
        return ChatAnswer(self.text, 204)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class RevisionSetup:
    """`Revisions` with a chat model that can be told what to do."""

    def __init__(
        self,
        when: WhenToRevise = WhenToRevise.AUTO,
        concurrency: int = 4,
        seconds: float = PATIENCE,
        answer_within: float = PATIENCE,
    ) -> None:
        self.chat, self.clock = FakeChat(), Clock()
        self.revisions = Revisions(
            self.chat,
            when,
            WordSearch(1.0),
            concurrency=concurrency,
            clock=self.clock,
            answer_within=answer_within,
            seconds=seconds,
        )

    async def prompt_for(
        self,
        request: Request = FOX,
        *,
        words: WordList = NONE,
        longest: int = 1000,
        revises: bool = False,
        allowed: bool = True,
    ) -> tuple[str, PromptRevision | None]:
        wording = self.revisions.wording_of(request, words, allowed=allowed)
        if wording is None:
            return request.spec.prompt, None
        return await wording.prompt_for(longest, revises=revises), wording.revision

    def wording(self) -> Wording:
        found = self.revisions.wording_of(FOX, NONE)
        assert found is not None
        return found

    async def fail(self, times: int, error: Exception | None = None) -> None:
        self.chat.error = error or RevisionFailed("it broke")
        for _ in range(times):
            assert (await self.prompt_for())[0] == "a fox"
        self.chat.error = None


@pytest.fixture
def setup() -> RevisionSetup:
    return RevisionSetup()


async def test_what_is_painted_is_the_chat_models_and_its_cost_is_known(setup: RevisionSetup) -> None:
    assert await setup.prompt_for() == (BETTER, PromptRevision(BETTER, 204))


@pytest.mark.parametrize(
    ("when", "revises", "asked"),
    [
        (WhenToRevise.AUTO, False, True),
        (WhenToRevise.AUTO, True, False),
        (WhenToRevise.ALWAYS, False, True),
        (WhenToRevise.ALWAYS, True, True),
        (WhenToRevise.NEVER, False, False),
        (WhenToRevise.NEVER, True, False),
    ],
)
async def test_whether_it_is_asked_is_the_operators_decision_and_the_models(
    when: WhenToRevise, revises: bool, asked: bool
) -> None:
    setup = RevisionSetup(when)
    expected = (BETTER, PromptRevision(BETTER, 204)) if asked else ("a fox", None)
    assert await setup.prompt_for(revises=revises) == expected
    assert bool(setup.chat.asked) is asked


async def test_a_server_and_a_member_can_do_without_it(setup: RevisionSetup) -> None:
    unwanted = replace(FOX, spec=replace(FOX.spec, revise=False))
    assert await setup.prompt_for(unwanted) == ("a fox", None)
    assert await setup.prompt_for(allowed=False) == ("a fox", None)
    assert not setup.chat.asked


async def test_an_edit_is_asked_about_as_one(setup: RevisionSetup) -> None:
    await setup.prompt_for()
    await setup.prompt_for(replace(FOX, spec=replace(FOX.spec, inputs=(InputImage("u", "image/png"),))))
    told = [instruction for instruction, _ in setup.chat.asked]
    assert ["all else stays" in it for it in told] == [False, True]


async def test_no_more_characters_are_asked_for_than_the_model_takes(setup: RevisionSetup) -> None:
    await setup.prompt_for(longest=400)
    assert "at most 400 characters" in setup.chat.asked[0][0]


@pytest.mark.parametrize(
    "error",
    [
        RevisionFailed("it broke", 204),
        RevisionRefused("no", 204),
        TimeoutError(),
        ZeroDivisionError(),
    ],
)
async def test_whatever_goes_wrong_the_members_own_prompt_is_painted_and_this_is_known(
    setup: RevisionSetup, error: Exception
) -> None:
    setup.chat.error = error
    text, revision = await setup.prompt_for()
    assert text == "a fox"
    assert revision == PromptRevision(None, getattr(error, "credits", None))


async def test_an_answer_that_cannot_be_used_has_cost_all_the_same(setup: RevisionSetup) -> None:
    setup.chat.text = "x" * 2000
    assert await setup.prompt_for() == ("a fox", PromptRevision(None, 204))


async def test_a_word_that_the_moderators_block_is_not_painted_when_the_chat_model_says_it(
    setup: RevisionSetup,
) -> None:
    assert await setup.prompt_for(words=word_list("dawn")) == ("a fox", PromptRevision(None, 204))
    assert await setup.prompt_for(words=word_list("dusk")) == (BETTER, PromptRevision(BETTER, 204))


async def test_a_prompt_of_many_words_is_not_sent_to_be_shortened(setup: RevisionSetup) -> None:
    long = replace(FOX, spec=ImageSpec("a fox " * (LONGEST_TO_REVISE // 6 + 1)))
    assert await setup.prompt_for(long, longest=8000) == (long.spec.prompt, PromptRevision(None))
    assert not setup.chat.asked


async def test_nobody_waits_longer_than_a_revision_may_take() -> None:
    setup = RevisionSetup(seconds=0.02)
    setup.chat.gate = asyncio.Event()
    assert await setup.prompt_for() == ("a fox", PromptRevision(None))
    await asyncio.sleep(0)
    assert setup.chat.at_once == 0


async def test_a_chat_model_that_is_too_slow_is_left_alone_like_one_that_fails() -> None:
    setup = RevisionSetup(answer_within=0.01)
    setup.chat.gate = asyncio.Event()
    for _ in range(FAILURES_IN_A_ROW + 2):
        assert await setup.prompt_for() == ("a fox", PromptRevision(None))
    assert len(setup.chat.asked) == FAILURES_IN_A_ROW


async def test_nobody_waits_for_those_who_wait_for_their_turn_at_the_chat_model() -> None:
    setup = RevisionSetup(concurrency=1, seconds=0.05)
    setup.chat.gate = asyncio.Event()
    asked = await asyncio.gather(*(setup.prompt_for(replace(FOX, id=n)) for n in range(5)))
    assert {text for text, _ in asked} == {"a fox"}
    assert setup.chat.most_at_once == 1


async def test_what_was_begun_early_is_not_asked_for_again(setup: RevisionSetup) -> None:
    wording = setup.wording()
    wording.begin(1000, revises=False)
    wording.begin(1000, revises=False)
    assert await wording.prompt_for(1000, revises=False) == BETTER
    assert await wording.prompt_for(1000, revises=False) == BETTER
    assert len(setup.chat.asked) == 1


async def test_a_successor_that_takes_less_paints_what_was_typed(setup: RevisionSetup) -> None:
    wording = setup.wording()
    assert await wording.prompt_for(1000, revises=False) == BETTER
    assert await wording.prompt_for(len(BETTER) - 1, revises=False) == "a fox"
    assert wording.revision == PromptRevision(None, 204)


async def test_a_successor_that_revises_by_itself_gets_what_was_typed(setup: RevisionSetup) -> None:
    wording = setup.wording()
    assert await wording.prompt_for(1000, revises=False) == BETTER
    assert await wording.prompt_for(1000, revises=True) == "a fox"
    assert wording.revision is None


async def test_nothing_runs_on_for_a_picture_that_nobody_waits_for(setup: RevisionSetup) -> None:
    setup.chat.gate = asyncio.Event()
    wording = setup.wording()
    wording.begin(1000, revises=False)
    await asyncio.sleep(0)
    wording.close()
    await asyncio.sleep(0)
    assert setup.chat.at_once == 0
    assert await wording.prompt_for(1000, revises=False) == "a fox"


async def test_what_keeps_failing_is_left_alone_and_then_tried_with_one_prompt(
    setup: RevisionSetup, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "bot.core.generation.revision"):
        await setup.fail(FAILURES_IN_A_ROW)
        assert await setup.prompt_for() == ("a fox", PromptRevision(None))
        assert len(setup.chat.asked) == FAILURES_IN_A_ROW

        setup.clock.now += FIRST_PAUSE_SECONDS
        await setup.fail(3)
        assert len(setup.chat.asked) == FAILURES_IN_A_ROW + 1

        setup.clock.now += FIRST_PAUSE_SECONDS
        assert await setup.prompt_for() == ("a fox", PromptRevision(None))  # twice as long, now
        setup.clock.now += FIRST_PAUSE_SECONDS
        assert await setup.prompt_for() == (BETTER, PromptRevision(BETTER, 204))
        assert await setup.prompt_for() == (BETTER, PromptRevision(BETTER, 204))

    told = [it.getMessage() for it in caplog.records if "painted as it is" not in it.getMessage()]
    assert ["keeps failing" in it for it in told] == [True, False]
    assert "answers again" in told[1]


async def test_a_success_in_between_is_no_outage(setup: RevisionSetup) -> None:
    for _ in range(3):
        await setup.fail(FAILURES_IN_A_ROW - 1)
        assert (await setup.prompt_for())[0] == BETTER


async def test_prompts_that_are_refused_end_it_for_nobody(setup: RevisionSetup) -> None:
    await setup.fail(3 * UNUSABLE_IN_A_ROW, RevisionRefused("no"))
    assert (await setup.prompt_for())[0] == BETTER


async def test_a_model_that_never_says_anything_usable_is_left_alone_later(setup: RevisionSetup) -> None:
    setup.chat.text = ""
    for _ in range(UNUSABLE_IN_A_ROW + 5):
        await setup.prompt_for()
    assert len(setup.chat.asked) == UNUSABLE_IN_A_ROW


async def test_without_a_chat_model_nobody_is_asked() -> None:
    revisions = Revisions(None, WhenToRevise.ALWAYS, WordSearch(1.0))
    assert revisions.wording_of(FOX, NONE) is None
