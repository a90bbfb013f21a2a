"""How a generation ends, and what a process does with one that another has abandoned: decided here and nowhere else.

`docs/outcomes.md` has all of it as two tables, which a test holds against these functions.
"""

from __future__ import annotations

from asyncio import CancelledError
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TypeAlias

from bot.core.errors import AlreadyAcknowledged, BotError, UnforeseenFailure
from bot.core.generation.errors import (
    AcknowledgementPending,
    AcknowledgementUnclear,
    DeliveryFailed,
    GenerationTimedOut,
    LeaseLost,
    PictureOriginNotAllowed,
    PicturesUnavailable,
    PictureUndelivered,
)
from bot.core.generation.model import FINAL_STATES, State
from bot.core.generation.reply import ReplyState, Shown

RETRY_SECONDS = 10.0
"""Before the next attempt at a delivery that Discord did not take, or a download that the pictures' host refused."""
RETRY_UNFORESEEN_SECONDS = 60.0

START_WITHIN = timedelta(minutes=14)
"""Discord takes answers for 15 minutes; what would be begun later could not be shown."""
FETCH_FOR = timedelta(minutes=10)
"""How long the download of a paid picture is tried; what is left of 15 minutes is for saying that it failed."""
DELIVER_FOR = timedelta(hours=1)
"""How long the delivery of a paid picture is tried while Discord does not take it."""
NOTIFY_FOR = timedelta(hours=2)
"""How long the delivery of a notice is tried: longer than that of a picture, the end of which may be a notice."""


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """So many `pictures` are where `shown` says; None: there was no place left where they could be shown."""

    pictures: int
    shown: Shown | None


@dataclass(frozen=True, slots=True)
class Unexamined:
    """`error` kept this process from finding out how far an abandoned generation has come, or from its next step."""

    error: Exception


End: TypeAlias = DeliveryResult | Unexamined | BaseException | None
"""How the work on a generation ended. None: nobody waits for it any more, or its notice has been delivered."""


@dataclass(frozen=True, slots=True)
class Settle:
    """The final `state`; `refund`: images that go back to the meters; `spent`: images that the operator may pay for.

    `notice` is what the member has yet to be told: by this process, or, after `notify_after` seconds, by whichever
    process looks at the reply first. `keep_pictures`: they may be had later, from `/gallery`.
    """

    state: State
    refund: int
    spent: int
    notice: BotError | None = None
    notify_after: float | None = None
    keep_pictures: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """Released: after so many `seconds`, or when this process has stopped, any process tries again."""

    seconds: float


class NoticeDone(Enum):
    """The notice has been delivered, or is given up: it is erased, and with it the interaction's token."""

    DELIVERED = "delivered"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class NotOurs:
    """Another process has the generation by now: nothing is written, delivered or told."""


Outcome: TypeAlias = Settle | Retry | NoticeDone | NotOurs


def outcome_of(state: State, end: End, age: timedelta, images: int, bought: int, spent: int) -> Outcome:
    """What becomes of a generation of so many `images`, the work on which has ended in `end`.

    `state` is how far it came: PAID as soon as the image API has answered, if for a part of it, and a final one where
    only the notice was left to be delivered. `age`: since the command was given. `bought`: images that the API's
    answers hold. `spent`: images that the operator may have to pay for, those of all attempts together.
    """
    if isinstance(end, LeaseLost):
        return NotOurs()
    if isinstance(end, CancelledError):
        return Retry(0.0)
    if state in FINAL_STATES:
        return _outcome_of_notice(end, age)
    if (seconds := _retry_after(state, end, age)) is not None:
        return Retry(seconds)
    match end:
        case DeliveryResult(pictures, Shown()):
            return Settle(State.DELIVERED, images - pictures, spent)
        case DeliveryResult(pictures):
            return Settle(
                State.UNDELIVERED, images - pictures, spent, PictureUndelivered(), keep_pictures=True
            )
        case DeliveryFailed() | GenerationTimedOut() if state is State.PAID:
            # It may stand in the channel all the same: the notice waits for a look at the reply.
            return Settle(
                State.UNDELIVERED,
                images - bought,
                spent,
                PictureUndelivered(),
                RETRY_SECONDS,
                keep_pictures=True,
            )
    final = State.UNKNOWN if spent else State.REFUNDED
    notice = end if isinstance(end, BotError) and not isinstance(end, AlreadyAcknowledged) else None
    later = isinstance(end, PicturesUnavailable | UnforeseenFailure | Unexamined) and spent > 0
    return Settle(final, images, spent, notice, keep_pictures=later)


def _retry_after(state: State, end: End, age: timedelta) -> float | None:
    """Seconds until it is tried again; None where it is settled."""
    match end:
        case Unexamined(BotError() as error):
            return _pause_after(error)
        case Unexamined() if age < NOTIFY_FOR:
            return RETRY_UNFORESEEN_SECONDS
        case PictureOriginNotAllowed():
            return None  # the operator's matter: they may be had from the gallery afterwards
        case PicturesUnavailable() if age < FETCH_FOR:
            return RETRY_SECONDS
        case AcknowledgementUnclear():
            return RETRY_SECONDS
        case DeliveryFailed() | GenerationTimedOut() if state is State.PAID and age < DELIVER_FOR:
            return RETRY_SECONDS
    return None


def _outcome_of_notice(end: End, age: timedelta) -> Outcome:
    match end:
        case None:
            return NoticeDone.DELIVERED
        case Unexamined() if age >= NOTIFY_FOR:
            return NoticeDone.GIVEN_UP
        case Unexamined(BotError() as error) | (BotError() as error):
            return Retry(_pause_after(error))
        case _:
            return Retry(RETRY_UNFORESEEN_SECONDS)


def _pause_after(error: BotError) -> float:
    """RETRY_SECONDS, but for an acknowledgement that may still appear: its error says until when."""
    return error.seconds if isinstance(error, AcknowledgementPending) else RETRY_SECONDS


class NextStep(Enum):
    """What a process does with a generation that it has claimed."""

    RESUME = "buy the pictures and deliver them"
    DELIVER = "download what was paid and deliver it"
    FAIL = "return the images and tell the member"
    RETURN = "nobody waits for it: its images are returned"
    RECORD_DELIVERY = "it was delivered, and only has to be settled"
    NOTIFY = "tell the member how it ended"
    ERASE_NOTICE = "the pictures stand where the member was to be notified: the notice is erased"
    WAIT = "look again later"


def next_step(state: State, reply: ReplyState | None, age: timedelta) -> NextStep:
    """`state` as it is on record, a final one where a notice is pending; `reply`: None where Discord does not say."""
    match state:
        case State.RESERVED | State.ACKNOWLEDGED if age > START_WITHIN:
            return NextStep.FAIL
        case State.SUBMITTED | State.PAID if reply is None and age >= DELIVER_FOR:
            # For the last time, without knowing what stands there.
            return NextStep.FAIL if state is State.SUBMITTED else NextStep.DELIVER
    if reply is None:
        return NextStep.WAIT
    match state:
        case State.RESERVED | State.ACKNOWLEDGED:
            # Without "thinking…" Discord has told the member that nobody answered, or a refusal has.
            return NextStep.RESUME if reply is ReplyState.THINKING else NextStep.RETURN
        case State.SUBMITTED | State.PAID if reply is ReplyState.PICTURES:
            return NextStep.RECORD_DELIVERY
        case State.SUBMITTED:  # never bought again: it may have been paid for
            return NextStep.FAIL
        case State.PAID:
            return NextStep.DELIVER
        case _:
            return NextStep.ERASE_NOTICE if reply is ReplyState.PICTURES else NextStep.NOTIFY
