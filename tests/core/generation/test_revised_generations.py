"""One `/imagine` whose prompt a chat model is asked about, from the reservation to the picture."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.core.generation.model import ImageSpec, Painting, PromptRevision, Request, State
from bot.core.generation.reply import Shown
from bot.core.generation.revision import WhenToRevise
from bot.core.generation.revision_text import RevisionFailed
from bot.core.generation.service import DEADLINES, Deadlines, ImagineService
from bot.core.limits.meters import FailedToday, MeterReading, Scope
from bot.core.limits.policy import Policy
from tests.core.factories import NOIR, NOON, caller, operator, word_list
from tests.core.fakes import FakeEvents, FakeImageApi, FakeLedger, FakeReply, breaker, noon
from tests.core.generation.test_revision import BETTER, FakeChat
from tests.patience import until

FOX = Request(id=1, caller=caller(), spec=ImageSpec("a fox", 1))


class Revising:
    """An ImagineService with a chat model, and the reply to one command."""

    def __init__(self, concurrency: int = 8, deadlines: Deadlines = DEADLINES) -> None:
        self.chat, self.ledger, self.image_api = FakeChat(), FakeLedger(), FakeImageApi()
        self.reply = FakeReply()
        self.imagine_service = ImagineService(
            self.ledger,
            self.image_api,
            replace(operator(5), revises=True, styles=(NOIR,)),
            noon,
            breaker(),
            FakeEvents(),
            concurrency=concurrency,
            deadlines=deadlines,
            chat=self.chat,
            revise=WhenToRevise.AUTO,
        )

    async def imagine(self, request: Request = FOX) -> Painting:
        await self.imagine_service.imagine(request, self.reply)
        assert self.reply.painting is not None, self.reply.seen
        return self.reply.painting

    @property
    def painted(self) -> list[str]:
        return [prompt for prompt, _, _ in self.image_api.orders]


@pytest.fixture
def revising() -> Revising:
    return Revising()


async def test_what_the_chat_model_wrote_is_painted_and_shown(revising: Revising) -> None:
    assert (await revising.imagine()).revision == PromptRevision(BETTER, 204)
    assert revising.painted == [BETTER]


STYLED = replace(FOX.spec, style=NOIR)


async def test_a_prompt_is_painted_in_its_style(revising: Revising) -> None:
    await revising.imagine(replace(FOX, spec=replace(STYLED, revise=False)))
    assert revising.painted == ["film noir of a fox in black and white"]


async def test_a_prompt_is_revised_in_its_style(revising: Revising) -> None:
    await revising.imagine(replace(FOX, spec=STYLED))
    [(_, message)] = revising.chat.asked
    assert "film noir of a fox in black and white" in message
    assert revising.painted == [BETTER]


async def test_a_picture_comes_of_the_members_own_words_where_the_chat_model_fails(
    revising: Revising,
) -> None:
    revising.chat.error = RevisionFailed("it broke")
    assert (await revising.imagine()).revision == PromptRevision(None)
    assert revising.painted == ["a fox"]
    assert {used for _, used in revising.ledger.used.items()} == {1}


@pytest.mark.parametrize("how", ["the member", "the server", "the model"])
async def test_nobody_is_asked_where_it_is_not_wanted(revising: Revising, how: str) -> None:
    request = replace(FOX, spec=replace(FOX.spec, revise=how != "the member"))
    revising.ledger.policy = Policy(revise=how != "the server")
    revising.image_api.revising = how == "the model"
    assert (await revising.imagine(request)).revision is None
    assert revising.painted == ["a fox"]
    assert not revising.chat.asked


async def test_words_that_the_moderators_have_just_blocked_hold_for_the_revised_prompt(
    revising: Revising,
) -> None:
    revising.ledger.policy = Policy(words=word_list("dawn"))
    assert (await revising.imagine()).revision == PromptRevision(None, 204)
    assert revising.painted == ["a fox"]


async def test_a_refused_command_is_not_worth_a_question(revising: Revising) -> None:
    revising.ledger.policy = Policy(words=word_list("fox"))
    await revising.imagine_service.imagine(FOX, revising.reply)
    assert revising.reply.seen == ["refused"]
    assert not revising.chat.asked


async def test_the_member_sees_that_the_bot_thinks_before_the_chat_model_is_asked(revising: Revising) -> None:
    revising.chat.gate = asyncio.Event()
    imagining = asyncio.create_task(revising.imagine())
    await until(lambda: bool(revising.chat.asked))
    assert revising.reply.seen == ["thinking"]
    assert not revising.painted
    revising.chat.gate.set()
    await imagining
    assert revising.painted == [BETTER]


async def test_it_is_asked_while_the_order_waits_for_its_turn() -> None:
    revising = Revising(concurrency=1)
    revising.image_api.gate = asyncio.Event()
    first = asyncio.create_task(revising.imagine())
    await revising.image_api.painting.wait()
    other = FakeReply()
    second = asyncio.create_task(revising.imagine_service.imagine(replace(FOX, id=2), other))
    await until(lambda: len(revising.chat.asked) == 2)
    assert len(revising.painted) == 1  # the other one's turn has yet to come
    revising.image_api.gate.set()
    await asyncio.gather(first, second)
    assert other.painting is not None


async def test_nothing_runs_on_for_a_picture_that_is_not_painted_any_more(revising: Revising) -> None:
    revising.chat.gate = asyncio.Event()
    imagining = asyncio.create_task(revising.imagine())
    await until(lambda: bool(revising.chat.asked))
    await revising.imagine_service.in_flight.close(0)
    with pytest.raises(AssertionError):
        await imagining
    assert revising.chat.at_once == 0


class InLine(Revising):
    """The first order has the only slot, and others wait for it with prompts that may be asked about."""

    def __init__(self, deadlines: Deadlines = DEADLINES) -> None:
        super().__init__(concurrency=1, deadlines=deadlines)
        self.image_api.gate = asyncio.Event()
        self._running = list[asyncio.Task[None]]()

    async def order(self, id: int) -> asyncio.Task[None]:
        """Return once the first one is painted, or another one waits."""
        reply = FakeReply()
        imagining = asyncio.create_task(self.imagine_service.imagine(replace(FOX, id=id), reply))
        self._running.append(imagining)
        await until(
            lambda: State.ACKNOWLEDGED in self.ledger.states.get(id, ()) or (id == 1 and bool(self.painted))
        )
        return imagining

    async def asked(self, times: int) -> None:
        await until(lambda: len(self.chat.asked) == times)

    async def cancel(self, id: int) -> None:
        assert await self.ledger.cancel(id, NOON)
        await self.imagine_service.pipeline.abandon(id)

    async def finish(self) -> None:
        assert self.image_api.gate
        self.image_api.gate.set()
        await asyncio.gather(*self._running)


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "on its way"])
async def test_what_was_asked_for_an_order_that_is_cancelled_in_line_is_counted(*, answered: bool) -> None:
    line = InLine()
    await line.order(1)
    line.chat.gate = asyncio.Event()
    second = await line.order(2)
    await line.asked(2)
    if answered:
        line.chat.gate.set()
        await until(lambda: line.chat.at_once == 0)
    await line.cancel(2)
    if not answered:
        assert not (await asyncio.wait({second}, timeout=0.05))[0]
        line.chat.gate.set()
    await second
    assert line.ledger.revisions == {2: 204}
    await line.finish()
    assert line.ledger.revisions == {2: 204}  # of what is painted, it is written with the rest
    assert len(line.painted) == 1


async def test_what_was_asked_for_an_order_that_another_process_has_cancelled_is_counted() -> None:
    line = InLine()
    await line.order(1)
    await line.order(2)
    await line.asked(2)
    assert await line.ledger.cancel(2, NOON)
    await line.finish()
    assert line.ledger.revisions == {2: 204}


async def test_nobody_is_asked_any_more_for_an_order_that_was_cancelled_before() -> None:
    line = InLine()
    await line.order(1)
    line.chat.gate = asyncio.Event()
    await line.order(2)
    await line.asked(2)
    third = await line.order(3)
    await line.cancel(3)
    await third
    line.chat.gate.set()
    await line.finish()
    assert len(line.chat.asked) == 2
    assert line.ledger.revisions == {}


async def test_what_was_asked_for_an_order_that_could_not_be_submitted_is_counted(revising: Revising) -> None:
    revising.ledger.failed = (FailedToday(Scope.MEMBER, 5, 5, NOON),)
    await revising.imagine_service.imagine(FOX, revising.reply)
    assert revising.painted == []
    assert revising.ledger.revisions == {1: 204}


async def test_what_was_asked_for_an_order_that_is_given_up_meanwhile_is_counted() -> None:
    revising = Revising(deadlines=replace(DEADLINES, give_up=0.2))
    revising.chat.gate = asyncio.Event()
    imagining = asyncio.create_task(revising.imagine_service.imagine(FOX, revising.reply))
    await until(lambda: revising.ledger.refunds == {1: 1})
    revising.chat.gate.set()
    await imagining
    assert revising.painted == []
    assert revising.ledger.revisions == {1: 204}


async def test_what_was_asked_is_counted_as_soon_as_the_database_is_back() -> None:
    line = InLine(replace(DEADLINES, write_again=0.005))
    await line.order(1)
    second = await line.order(2)
    await line.asked(2)
    line.ledger.down.add("count revision")
    await line.cancel(2)
    await until(lambda: line.ledger.failed_steps.count("count revision") > 1)
    line.ledger.down.clear()
    await second
    assert line.ledger.revisions == {2: 204}
    await line.finish()


async def test_what_is_typed_is_shown_above_the_picture_and_searched_as_it_was(revising: Revising) -> None:
    """The revised prompt takes its place at the image API, and nowhere else."""
    shown = list[str]()

    class Remembering(FakeReply):
        async def deliver(
            self, prompt: str, painting: Painting, readings: Sequence[MeterReading]
        ) -> Shown | None:
            shown.append(prompt)
            return await super().deliver(prompt, painting, readings)

    await revising.imagine_service.imagine(FOX, Remembering())
    assert shown == ["a fox"]
