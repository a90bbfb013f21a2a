"""Taking an order back, against fakes of the ports; that the database decides is tested on the database."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.errors import BotError, DatabaseUnavailable
from bot.core.generation.cancellation import Cancellations
from bot.core.generation.errors import (
    Cancelled,
    DeliveryFailed,
    NothingToCancel,
    NotYourPicture,
    TooLateToCancel,
)
from bot.core.generation.ledger import LEASE_SECONDS
from bot.core.generation.model import Generation, State
from bot.core.generation.outcome import RETRY_SECONDS
from bot.core.limits.rules import terms_for
from tests.core.factories import NOON, caller, operator
from tests.core.fakes import FakeReply, noon
from tests.core.generation.test_progress import painting_setup
from tests.core.generation.test_recovery import FakeReplies
from tests.core.generation.test_service import FOX, ServiceSetup
from tests.core.services import FakeGenerations
from tests.patience import until

WAITING = replace(FOX, id=2, caller=caller(member=4711))
MEMBER = WAITING.caller.member
STRANGER = 99


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


class CancelSetup:
    """The fox has the only slot, and another order waits for it."""

    def __init__(self) -> None:
        self.setup: ServiceSetup = painting_setup(concurrency=1)
        self.generations = FakeGenerations()
        self.generations.generations = [Generation(WAITING, State.ACKNOWLEDGED, NOON)]
        self.replies = FakeReplies()
        self.shown = FakeReply()
        self.told = self.replies.made[WAITING.id] = FakeReply()
        self.cancellations = Cancellations(
            self.setup.ledger,
            self.generations,
            self.replies,
            self.setup.imagine_service.pipeline,
            self.setup.imagine_service.in_flight,
            noon,
        )
        self.first = asyncio.create_task(self.setup.imagine())

    async def wait_in_line(self) -> asyncio.Task[FakeReply]:
        await until(self.setup.image_api.painting.is_set)
        second = asyncio.create_task(self.setup.imagine(WAITING, self.shown))
        await until(lambda: bool(self.shown.progress))
        return second

    async def finish(self) -> None:
        assert self.setup.image_api.gate
        self.setup.image_api.gate.set()
        await self.first


async def test_who_cancels_has_their_images_back_at_once_and_leaves_the_line() -> None:
    made = CancelSetup()
    second = await made.wait_in_line()
    cancelled = await made.cancellations.cancel(WAITING.id, MEMBER, no)
    assert cancelled.request == WAITING
    await second
    assert made.setup.ledger.refunds == {WAITING.id: 1}
    assert isinstance(made.told.error, Cancelled)
    assert made.told.returned
    assert made.setup.ledger.notified == [WAITING.id]
    assert made.shown.seen.count("apology") == made.shown.seen.count("picture") == 0
    shown = len(made.shown.progress)
    await asyncio.sleep(0.05)
    assert len(made.shown.progress) == shown
    await made.finish()
    assert len(made.setup.image_api.orders) == 1


async def test_where_another_process_has_it_the_member_is_told_again_once_that_shows_no_progress_any_more() -> (
    None
):
    made, elsewhere = CancelSetup(), replace(WAITING, id=3)
    await made.setup.ledger.reserve(
        elsewhere, lambda policy: terms_for(policy, operator(), elsewhere.caller, NOON), NOON
    )
    made.generations.generations = [Generation(elsewhere, State.RESERVED, NOON)]
    await made.cancellations.cancel(elsewhere.id, MEMBER, no)
    assert made.replies.made[elsewhere.id].seen == ["apology"]
    assert made.setup.ledger.notified == []
    assert LEASE_SECONDS / 2 < made.setup.ledger.released[elsewhere.id] < LEASE_SECONDS
    await until(made.setup.image_api.painting.is_set)
    await made.finish()


async def test_nobody_hears_of_it_before_what_shows_progress_has_arrived() -> None:
    made = CancelSetup()
    made.shown.showing = asyncio.Event()
    await made.wait_in_line()
    cancelling = asyncio.create_task(made.cancellations.cancel(WAITING.id, MEMBER, no))
    await asyncio.sleep(0.05)
    assert made.told.seen == []
    made.shown.showing.set()
    await cancelling
    assert made.told.seen == ["apology"]
    await made.finish()


async def test_others_than_moderators_cancel_nothing_of_anybody_elses() -> None:
    made = CancelSetup()
    await made.wait_in_line()
    with pytest.raises(NotYourPicture):
        await made.cancellations.cancel(WAITING.id, STRANGER, no)
    assert made.setup.ledger.refunds == {}
    await made.cancellations.cancel(WAITING.id, STRANGER, yes)
    assert made.setup.ledger.refunds == {WAITING.id: 1}
    await made.finish()


@pytest.mark.parametrize(("settled", "error"), [(None, TooLateToCancel), (NOON, NothingToCancel)])
async def test_what_was_bought_or_has_ended_is_not_cancelled(settled: None, error: type[BotError]) -> None:
    made = CancelSetup()
    await until(made.setup.image_api.painting.is_set)
    made.generations.generations = [Generation(FOX, State.SUBMITTED, NOON, settled)]
    with pytest.raises(error):
        await made.cancellations.cancel(FOX.id, FOX.caller.member, no)
    with pytest.raises(NothingToCancel):
        await made.cancellations.cancel(7, MEMBER, yes)
    await made.finish()
    assert made.setup.ledger.refunds == {FOX.id: 0}


async def test_a_notice_that_cannot_be_given_is_left_to_whoever_claims_it() -> None:
    made = CancelSetup()
    await made.wait_in_line()
    made.told.apologise_error = DeliveryFailed()
    await made.cancellations.cancel(WAITING.id, MEMBER, no)
    assert made.setup.ledger.refunds == {WAITING.id: 1}
    assert made.setup.ledger.notified == []
    assert made.setup.ledger.released == {WAITING.id: RETRY_SECONDS}
    made.replies.broken = True
    await made.finish()


async def test_a_mistake_of_ours_while_telling_leaves_the_notice_as_well() -> None:
    made = CancelSetup()
    await made.wait_in_line()
    made.replies.broken = True
    await made.cancellations.cancel(WAITING.id, MEMBER, no)
    assert WAITING.id in made.setup.ledger.released
    await made.finish()


async def test_while_the_database_is_down_nothing_is_cancelled_and_it_goes_on() -> None:
    made = CancelSetup()
    second = await made.wait_in_line()
    made.setup.ledger.down.add("cancel")
    with pytest.raises(DatabaseUnavailable):
        await made.cancellations.cancel(WAITING.id, MEMBER, no)
    await made.finish()
    await second
    assert made.shown.seen[-1] == "picture"
