"""What becomes of what a process left behind, against fakes of the ports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import BotError, DatabaseUnavailable
from bot.core.generation.errors import (
    AcknowledgementPending,
    DeliveryFailed,
    Interrupted,
    PictureOriginNotAllowed,
    PicturesLost,
    PicturesUnavailable,
    PictureUndelivered,
    PromptRejected,
)
from bot.core.generation.events import Delivered, Failed
from bot.core.generation.in_flight import IdlePolling
from bot.core.generation.ledger import AbandonedGeneration, Charge, Settlement
from bot.core.generation.model import DISCORDS_EPOCH, Cost, ImageSpec, Order, Request, Source, State
from bot.core.generation.notices import notice_of
from bot.core.generation.outcome import (
    DELIVER_FOR,
    FETCH_FOR,
    NOTIFY_FOR,
    RETRY_SECONDS,
    RETRY_UNFORESEEN_SECONDS,
    START_WITHIN,
)
from bot.core.generation.recovery import BATCH, Recovery
from bot.core.generation.reply import ReplyState, ReplyStatus, Shown
from bot.core.generation.service import ImagineService
from bot.core.limits.budgets import USUAL_PRICE
from bot.core.limits.meters import BOT_METER
from bot.core.limits.policy import NOTHING_DECIDED
from bot.core.limits.rules import meters_for
from bot.core.limits.usage import UsageService
from tests.core.factories import NOON, caller, operator
from tests.core.fakes import (
    MESSAGE,
    FakeEvents,
    FakeImageApi,
    FakeLedger,
    FakePolicies,
    FakeReply,
    breaker,
    noon,
)
from tests.patience import PATIENCE, until

OPERATOR = operator(5, bot_daily=100, per_prompt=4)
FOX = Request(id=1, caller=caller(), spec=ImageSpec("a fox", 2), token="t")
ORDER = Order("fake-model", (Source("http://pictures/0"), Source("http://pictures/1")), 147_000)
PAUSE = 0.1
NEVER = 1000.0
"""Seconds: a pause that outlasts any test."""
CROWD = [replace(FOX, id=id) for id in range(1, 3 * BATCH + 6)]
UNPAID = [State.RESERVED, State.ACKNOWLEDGED]


class FakeReplies:
    """One reply for each generation."""

    def __init__(self) -> None:
        self.made: dict[int, FakeReply] = {}
        self.connected = asyncio.Event()
        self.connected.set()
        self.broken = False

    async def ready(self) -> None:
        await self.connected.wait()

    def to(self, left: AbandonedGeneration) -> FakeReply:
        if self.broken:
            raise ZeroDivisionError
        return self.made.setdefault(left.request.id, FakeReply())


class RecoverySetup:
    """A process that has just started, and what others have left."""

    def __init__(self) -> None:
        self.behind = timedelta()  # the host's clock
        self.ledger = FakeLedger()
        self.image_api = FakeImageApi()
        self.published = FakeEvents()
        self.replies = FakeReplies()
        self.reply = self.replies.made[FOX.id] = FakeReply()
        self.breaker = breaker()
        self.imagine_service = ImagineService(
            self.ledger, self.image_api, OPERATOR, noon, self.breaker, self.published, concurrency=2
        )
        self.recovery = Recovery(
            self.ledger,
            self.image_api,
            UsageService(self.ledger, FakePolicies(), OPERATOR, noon),
            lambda: NOON - self.behind,
            noon,
            self.replies,
            self.imagine_service.pipeline,
            self.imagine_service.in_flight,
        )

    async def after(
        self, state: State, *, ago: timedelta = timedelta(seconds=40), pending_notice: str | None = None
    ) -> FakeReply:
        """What becomes of the fox, that was left in `state`."""
        self.leave(FOX, state, ago, pending_notice)
        await self.finish()
        return self.reply

    def leave(
        self,
        request: Request,
        state: State,
        ago: timedelta = timedelta(seconds=40),
        pending_notice: str | None = None,
    ) -> None:
        meters = meters_for(NOTHING_DECIDED, OPERATOR, request.caller, NOON - ago)
        caps = [7 if it.limit == 5 else it.limit for it in meters]
        charges = tuple(
            Charge(it.name, it.window.key, cap, request.spec.count)
            for it, cap in zip(meters, caps, strict=True)
        )
        order = ORDER if state is State.PAID else None
        self.ledger.leave(
            AbandonedGeneration(
                request,
                state,
                NOON - ago,
                MESSAGE,
                order,
                charges,
                pending_notice,
                model="fake-model",
                spent=request.spec.count,
            )
        )

    async def finish(self) -> None:
        await self.recovery.claim()
        while self.imagine_service.in_flight.generations:  # noqa: ASYNC110 — nothing here takes time
            await asyncio.sleep(0)

    def leave_crowd(self, state: State) -> None:
        for request in CROWD:
            self.leave(request, state)

    @asynccontextmanager
    async def running(self, pause: float = PAUSE) -> AsyncIterator[None]:
        recovering = asyncio.create_task(self.recovery.run(pause))
        try:
            yield
        finally:
            recovering.cancel()
            await asyncio.gather(recovering, return_exceptions=True)

    async def taken_over(self, number: int) -> None:
        """Until so many are no longer left, and whatever would follow at once has followed."""
        async with asyncio.timeout(PATIENCE):
            while len(CROWD) - len(self.ledger.unfinished) < number:  # noqa: ASYNC110 — nobody announces it
                await asyncio.sleep(0)
        for _ in range(100):
            await asyncio.sleep(0)

    @property
    def ending(self) -> Settlement | None:
        return self.ledger.endings.get(FOX.id)

    @property
    def counted(self) -> set[int]:
        return {used for (name, _), used in self.ledger.used.items() if name != BOT_METER}


@pytest.fixture
def setup() -> RecoverySetup:
    return RecoverySetup()


@pytest.mark.parametrize("state", UNPAID)
async def test_what_was_not_bought_is_painted_while_somebody_waits_for_it(
    setup: RecoverySetup, state: State
) -> None:
    reply = await setup.after(state)
    assert reply.seen == ["picture"]
    assert setup.image_api.orders == [("a fox", 2, "1")]
    assert setup.ending == Settlement(State.DELIVERED, 0, spent=2)
    assert setup.counted == {2}


@pytest.mark.parametrize("state", UNPAID)
async def test_what_was_not_bought_is_given_back_once_discord_takes_no_answer(
    setup: RecoverySetup, state: State
) -> None:
    reply = await setup.after(state, ago=START_WITHIN + timedelta(seconds=1))
    assert reply.seen == ["apology"]
    assert isinstance(reply.error, Interrupted)
    assert reply.returned is True
    assert setup.ending == Settlement(State.REFUNDED, 2, pending_notice="interrupted", spent=0)
    assert not setup.image_api.orders


@pytest.mark.parametrize("shown", [ReplyState.NOTHING, ReplyState.WORDS])
async def test_what_nobody_waits_for_any_more_is_given_back_without_a_word(
    setup: RecoverySetup, shown: ReplyState
) -> None:
    setup.reply.there = ReplyStatus(shown)
    reply = await setup.after(State.RESERVED)
    assert reply.seen == []
    assert setup.ending == Settlement(State.REFUNDED, 2, spent=0)
    assert setup.counted == {0}


def part_of(sources: tuple[Source, ...]) -> AbandonedGeneration:
    charges = tuple(
        Charge(it.name, it.window.key, it.limit, 2)
        for it in meters_for(NOTHING_DECIDED, OPERATOR, FOX.caller, NOON)
    )
    order = Order("fake-model", sources, 147_000)
    return AbandonedGeneration(
        FOX, State.PAID, NOON, MESSAGE, order, charges, attempts=2, model="fake-model", spent=1
    )


async def test_of_an_order_that_was_bought_in_part_the_part_is_delivered_and_the_rest_given_back(
    setup: RecoverySetup,
) -> None:
    setup.ledger.leave(part_of(ORDER.sources[:1]))
    await setup.finish()
    assert setup.reply.painting
    assert (len(setup.reply.painting.pictures), setup.reply.painting.missing) == (1, 1)
    assert setup.ending == Settlement(State.DELIVERED, 1, spent=1)
    assert not setup.image_api.orders


async def test_pictures_that_the_journal_keeps_are_read_and_delivered(setup: RecoverySetup) -> None:
    setup.ledger.pictures[FOX.id, 1] = b"kept"
    setup.ledger.leave(part_of((ORDER.sources[0], Source(stored=1, revised_prompt="a fox"))))
    await setup.finish()
    [fetched] = setup.image_api.fetched
    assert [it.content for it in fetched.sources] == [None, b"kept"]
    assert setup.ending == Settlement(State.DELIVERED, 0, spent=1)


async def test_pictures_that_can_not_be_read_yet_are_read_later(setup: RecoverySetup) -> None:
    setup.ledger.down.add("load")
    setup.ledger.leave(part_of((Source(stored=0),)))
    await setup.finish()
    assert setup.ending is None
    assert setup.ledger.released == {FOX.id: RETRY_SECONDS}


async def test_what_was_submitted_is_never_bought_again(setup: RecoverySetup) -> None:
    reply = await setup.after(State.SUBMITTED)
    assert reply.seen == ["apology"]
    assert isinstance(reply.error, Interrupted)
    assert reply.returned is True
    assert not setup.image_api.orders
    assert setup.ending == Settlement(State.UNKNOWN, 2, pending_notice="interrupted", spent=2)
    assert setup.counted == {0}
    assert setup.ledger.used[BOT_METER, "2026-11-23"] == 2


@pytest.mark.parametrize(("cost", "state", "bots"), [(0, State.REFUNDED, 0), (294_000, State.UNKNOWN, 2)])
async def test_what_the_image_api_says_of_a_lost_order_is_booked(
    setup: RecoverySetup, cost: int, state: State, bots: int
) -> None:
    setup.image_api.costs = {"1": cost}
    await setup.after(State.SUBMITTED)
    assert setup.ending == Settlement(state, 2, cost, pending_notice="interrupted", spent=bots)
    assert setup.ledger.used[BOT_METER, "2026-11-23"] == bots


async def test_of_an_order_that_cost_nothing_in_the_end_every_attempt_is_given_back(
    setup: RecoverySetup,
) -> None:
    setup.leave(FOX, State.SUBMITTED)
    [left] = setup.ledger.unfinished
    charges = tuple(replace(it, images=6) if it.meter == BOT_METER else it for it in left.charges)
    setup.ledger.unfinished = [replace(left, charges=charges, attempts=3, spent=6)]
    await setup.finish()
    assert setup.ending == Settlement(State.UNKNOWN, 2, pending_notice="interrupted", spent=6)


@pytest.mark.parametrize(
    ("hours", "ending"),
    [
        (0.5, None),
        (2, Settlement(State.UNDELIVERED, 0, pending_notice="picture_kept", keep_pictures=True, spent=2)),
    ],
)
@pytest.mark.parametrize("behind", [timedelta(), timedelta(days=1)])
async def test_the_age_of_what_a_clock_reserved_that_ran_ahead_is_discords(
    setup: RecoverySetup, hours: float, ending: Settlement | None, behind: timedelta
) -> None:
    setup.behind = behind
    ago = timedelta(hours=hours)
    made = replace(FOX, id=(NOON - ago - DISCORDS_EPOCH) // timedelta(milliseconds=1) << 22)
    setup.replies.made[made.id] = FakeReply()
    setup.replies.made[made.id].deliver_error = DeliveryFailed()
    setup.leave(made, State.PAID, ago=timedelta(hours=-3))
    await setup.finish()
    assert setup.ledger.endings.get(made.id) == ending


@pytest.mark.parametrize(
    ("state", "ending"),
    [
        (State.ACKNOWLEDGED, Settlement(State.REFUNDED, 2, spent=0)),
        (State.SUBMITTED, Settlement(State.UNKNOWN, 2, keep_pictures=True, spent=2)),
        (State.PAID, Settlement(State.UNKNOWN, 2, keep_pictures=True, spent=2)),
    ],
)
async def test_what_fails_for_hours_in_a_way_that_nobody_foresaw_is_given_up(
    setup: RecoverySetup, state: State, ending: Settlement
) -> None:
    setup.replies.broken = True
    await setup.after(state)
    assert setup.ledger.endings == {}
    assert setup.ledger.released == {FOX.id: RETRY_UNFORESEEN_SECONDS}
    await setup.after(state, ago=NOTIFY_FOR)
    assert setup.ending == ending


async def test_a_notice_that_fails_for_hours_in_a_way_that_nobody_foresaw_is_given_up(
    setup: RecoverySetup,
) -> None:
    setup.replies.broken = True
    await setup.after(State.UNKNOWN, pending_notice="prompt_rejected")
    assert setup.ledger.released == {FOX.id: RETRY_UNFORESEEN_SECONDS}
    await setup.after(State.UNKNOWN, pending_notice="prompt_rejected", ago=NOTIFY_FOR)
    assert setup.ledger.notified == [FOX.id]


async def test_what_was_paid_is_delivered_and_not_bought_again(setup: RecoverySetup) -> None:
    reply = await setup.after(State.PAID, ago=timedelta(minutes=40))
    assert reply.seen == ["picture"]
    assert not setup.image_api.orders
    assert setup.ending == Settlement(State.DELIVERED, 0, spent=2)
    assert setup.counted == {2}


async def test_where_the_pictures_are_is_on_record_once_they_were_posted_anew(setup: RecoverySetup) -> None:
    setup.reply.shown = Shown(MESSAGE + 1)
    await setup.after(State.PAID, ago=timedelta(minutes=40))
    assert list(setup.ledger.messages.values()) == [MESSAGE + 1]


@pytest.mark.parametrize("state", [State.SUBMITTED, State.PAID])
async def test_what_has_arrived_already_is_only_settled(setup: RecoverySetup, state: State) -> None:
    """Submitted: where the ledger did not answer between the order and the delivery."""
    setup.reply.there = ReplyStatus(ReplyState.PICTURES, MESSAGE, pictures=1)
    reply = await setup.after(state)
    assert reply.seen == []
    assert setup.ending == Settlement(State.DELIVERED, 1, spent=2)
    assert setup.counted == {1}
    cost = Cost(147_000, estimated=False) if state is State.PAID else Cost(2 * USUAL_PRICE, estimated=True)
    assert setup.published.events == [Delivered(FOX, 1, 1, "fake-model", cost, MESSAGE)]


async def test_pictures_of_earlier_that_may_not_be_fetched_stop_nobody(setup: RecoverySetup) -> None:
    """Their address may have expired, and lead anywhere."""
    setup.image_api.fetch_error = PictureOriginNotAllowed("https://elsewhere.example")
    await setup.after(State.PAID)
    assert setup.breaker.outage is None


async def test_a_paid_picture_that_is_gone_from_its_address_is_given_back(setup: RecoverySetup) -> None:
    setup.image_api.fetch_error = PicturesLost()
    reply = await setup.after(State.PAID)
    assert reply.seen == ["apology"]
    assert setup.ending == Settlement(State.UNKNOWN, 2, pending_notice="pictures_lost", spent=2)


async def test_a_paid_picture_whose_host_does_not_hand_it_out_is_asked_for_again_and_in_the_end_told(
    setup: RecoverySetup,
) -> None:
    setup.image_api.fetch_error = PicturesUnavailable()
    reply = await setup.after(State.PAID)
    assert reply.seen == []
    assert setup.ledger.released == {FOX.id: RETRY_SECONDS}
    setup = RecoverySetup()
    setup.image_api.fetch_error = PicturesUnavailable()
    reply = await setup.after(State.PAID, ago=FETCH_FOR + timedelta(seconds=1))
    assert reply.seen == ["apology"]
    assert setup.ending == Settlement(
        State.UNKNOWN, 2, pending_notice="pictures_unavailable", keep_pictures=True, spent=2
    )
    assert setup.counted == {0}


async def test_a_paid_picture_that_fails_in_a_way_nobody_foresaw_stays_in_the_gallery(
    setup: RecoverySetup,
) -> None:
    setup.reply.deliver_error = ZeroDivisionError()
    reply = await setup.after(State.PAID)
    assert reply.seen == ["apology"]
    assert setup.ending is not None
    assert setup.ending.keep_pictures
    assert setup.counted == {0}


async def test_a_paid_picture_that_discord_does_not_take_is_tried_again_and_in_the_end_kept(
    setup: RecoverySetup,
) -> None:
    setup.reply.deliver_error = DeliveryFailed()
    await setup.after(State.PAID)
    assert setup.ledger.released == {FOX.id: RETRY_SECONDS}
    assert setup.ending is None
    setup = RecoverySetup()
    setup.reply.deliver_error = DeliveryFailed()
    reply = await setup.after(State.PAID, ago=DELIVER_FOR + timedelta(seconds=1))
    assert setup.ending == Settlement(
        State.UNDELIVERED, 0, pending_notice="picture_kept", keep_pictures=True, spent=2
    )
    assert reply.seen == []
    # So that it is looked at before a word is said.
    assert setup.ledger.released == {FOX.id: RETRY_SECONDS}
    [noted] = setup.published.events
    assert isinstance(noted, Failed)
    assert (noted.counted, noted.message) == (2, None)


@pytest.mark.parametrize("there", [ReplyStatus(ReplyState.THINKING, MESSAGE), DeliveryFailed()])
async def test_after_hours_without_a_process_a_paid_picture_is_still_brought(
    setup: RecoverySetup, there: ReplyStatus | DeliveryFailed
) -> None:
    setup.reply.there = there
    reply = await setup.after(State.PAID, ago=timedelta(hours=5))
    assert reply.seen == ["picture"]
    assert setup.ending == Settlement(State.DELIVERED, 0, spent=2)


@pytest.mark.parametrize(
    ("state", "failure"), [(State.UNKNOWN, PromptRejected), (State.UNDELIVERED, PictureUndelivered)]
)
async def test_how_it_ended_is_told_by_whoever_finds_that_it_was_not(
    setup: RecoverySetup, state: State, failure: type[BotError]
) -> None:
    reply = await setup.after(state, pending_notice=notice_of(failure()))
    assert reply.seen == ["apology"]
    assert type(reply.error) is failure
    assert setup.ledger.notified == [FOX.id]
    assert setup.ending is None
    assert not setup.image_api.orders


async def test_no_sentence_takes_the_place_of_a_picture_that_is_there_after_all(
    setup: RecoverySetup,
) -> None:
    setup.reply.there = ReplyStatus(ReplyState.PICTURES, MESSAGE, 1)
    reply = await setup.after(State.UNDELIVERED, pending_notice="picture_kept")
    assert reply.seen == []
    assert setup.ledger.notified == [FOX.id]


async def test_a_sentence_that_discord_does_not_take_is_tried_again_and_in_the_end_given_up(
    setup: RecoverySetup,
) -> None:
    setup.reply.apologise_error = DeliveryFailed()
    await setup.after(State.UNKNOWN, pending_notice="prompt_rejected")
    assert setup.ledger.released == {FOX.id: RETRY_SECONDS}
    assert setup.ledger.notified == []
    setup = RecoverySetup()
    setup.reply.apologise_error = DeliveryFailed()
    await setup.after(State.UNKNOWN, pending_notice="prompt_rejected", ago=NOTIFY_FOR)
    assert setup.ledger.notified == [FOX.id]


async def test_a_paid_picture_whose_place_is_gone_is_kept(setup: RecoverySetup) -> None:
    setup.reply.shown = None
    reply = await setup.after(State.PAID)
    assert setup.ending == Settlement(
        State.UNDELIVERED, 0, pending_notice="picture_kept", keep_pictures=True, spent=2
    )
    assert isinstance(reply.error, PictureUndelivered)


@pytest.mark.parametrize("state", [State.RESERVED, State.SUBMITTED, State.PAID])
async def test_while_discord_does_not_say_how_it_stands_nothing_is_done(
    setup: RecoverySetup, state: State
) -> None:
    setup.reply.there = DeliveryFailed()
    reply = await setup.after(state)
    assert reply.seen == []
    assert setup.ending is None
    assert setup.ledger.released == {FOX.id: RETRY_SECONDS}
    assert not setup.image_api.orders


async def test_the_counter_has_the_limit_that_held_when_it_was_asked_for(setup: RecoverySetup) -> None:
    reply = await setup.after(State.PAID)
    assert (reply.readings[0].used, reply.readings[0].meter.limit) == (2, 7)


async def test_what_is_lost_to_yet_another_process_is_let_be(setup: RecoverySetup) -> None:
    setup.ledger.lost = {FOX.id}
    for state in (State.ACKNOWLEDGED, State.PAID):
        reply = await setup.after(state)
        assert reply.seen == []
        assert setup.ending is None
    assert not setup.image_api.orders


async def test_the_last_word_on_a_generation_that_another_process_has_settled_is_theirs(
    setup: RecoverySetup,
) -> None:
    setup.ledger.lost = {FOX.id}
    reply = await setup.after(State.SUBMITTED)
    assert reply.seen == []


async def test_one_that_cannot_be_finished_stops_none_of_the_others(setup: RecoverySetup) -> None:
    other = replace(FOX, id=9)
    setup.leave(FOX, State.PAID)
    setup.leave(other, State.ACKNOWLEDGED)
    setup.reply.there = DeliveryFailed()
    await setup.finish()
    assert setup.replies.made[other.id].seen == ["picture"]


async def test_a_stopping_process_takes_nothing_over(setup: RecoverySetup) -> None:
    await setup.imagine_service.in_flight.close(grace=PATIENCE)
    await setup.after(State.PAID)
    assert setup.ledger.unfinished
    assert setup.ending is None


async def test_what_is_claimed_while_the_process_is_asked_to_stop_is_left_to_the_next(
    setup: RecoverySetup,
) -> None:
    setup.ledger.claiming = asyncio.Event()
    setup.leave(FOX, State.ACKNOWLEDGED)
    claiming = asyncio.create_task(setup.recovery.claim())
    await asyncio.sleep(0)
    await setup.imagine_service.in_flight.close(grace=PATIENCE)
    setup.ledger.claiming.set()
    assert not await claiming
    assert not setup.imagine_service.in_flight.generations
    assert setup.ledger.released == {FOX.id: 0}
    assert not setup.image_api.orders


async def test_what_is_being_finished_is_left_to_the_next_when_this_one_is_stopped_too(
    setup: RecoverySetup,
) -> None:
    setup.image_api.gate = asyncio.Event()
    setup.leave(FOX, State.ACKNOWLEDGED)
    await setup.recovery.claim()
    await setup.image_api.painting.wait()
    await setup.imagine_service.in_flight.close(grace=0.01)
    assert setup.reply.seen == []
    assert setup.ending is None
    assert setup.ledger.released == {FOX.id: 0}


async def test_looking_goes_on_after_a_database_that_did_not_answer(setup: RecoverySetup) -> None:
    setup.leave(FOX, State.PAID)
    setup.ledger.down = {"claim expired"}
    with pytest.raises(DatabaseUnavailable):
        await setup.recovery.claim()
    setup.ledger.down = set()
    await setup.finish()
    assert setup.reply.seen == ["picture"]


async def test_nothing_is_taken_over_before_discord_can_be_spoken_to(setup: RecoverySetup) -> None:
    setup.replies.connected.clear()
    setup.leave(FOX, State.PAID)
    async with setup.running():
        await asyncio.sleep(0)
        assert setup.ledger.unfinished
        setup.replies.connected.set()
        while not setup.reply.seen:  # noqa: ASYNC110 — nothing here takes time
            await asyncio.sleep(0)
    assert setup.reply.seen == ["picture"]


async def test_of_a_crowd_that_was_left_nobody_waits_for_the_next_look(setup: RecoverySetup) -> None:
    setup.leave_crowd(State.PAID)
    async with setup.running(NEVER):
        await setup.taken_over(len(CROWD))
    assert set(setup.ledger.endings) == {request.id for request in CROWD}


async def test_what_a_process_cannot_carry_yet_is_left_to_others_until_the_next_look(
    setup: RecoverySetup,
) -> None:
    setup.image_api.gate = asyncio.Event()
    setup.leave_crowd(State.ACKNOWLEDGED)
    async with setup.running(NEVER):
        await setup.taken_over(1)
        assert len(CROWD) - len(setup.ledger.unfinished) == BATCH
    begun = asyncio.get_running_loop().time()
    async with setup.running():
        await setup.taken_over(len(CROWD))
    assert asyncio.get_running_loop().time() - begun >= 2 * PAUSE
    await setup.imagine_service.in_flight.close(grace=0)


async def test_while_anything_is_unfinished_anywhere_looking_does_not_become_rarer(
    setup: RecoverySetup,
) -> None:
    now = 0.0
    idle_polling = setup.imagine_service.in_flight.idle_polling = IdlePolling(lambda: now)
    setup.ledger.leased_elsewhere = True
    async with setup.running():
        now = 3600.0
        await _asked(setup, 1)
        assert not idle_polling.is_slow


async def test_in_an_hour_that_nobody_uses_it_the_database_is_left_alone(setup: RecoverySetup) -> None:
    now = 0.0
    idle_polling = setup.imagine_service.in_flight.idle_polling = IdlePolling(lambda: now)
    async with setup.running():
        now = 3600.0
        await _asked(setup, 1)
        assert idle_polling.is_slow
        await asyncio.sleep(2 * PAUSE)
        assert setup.ledger.polls == 1
        setup.leave(FOX, State.PAID)
        idle_polling.end()
        await until(lambda: not setup.ledger.unfinished)


async def _asked(setup: RecoverySetup, times: int) -> None:
    await until(lambda: setup.ledger.polls >= times)


async def test_what_may_be_acknowledged_yet_is_looked_at_again_as_soon_as_that_is_over(
    setup: RecoverySetup,
) -> None:
    setup.reply.there = AcknowledgementPending(1.5)
    await setup.after(State.RESERVED)
    assert setup.ledger.released == {FOX.id: 1.5}
    assert setup.ending is None
