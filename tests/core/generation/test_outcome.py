"""Every end of a generation, held against the tables of `docs/outcomes.md`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path

from bot.core import errors as core_errors
from bot.core.errors import BotError, UnforeseenFailure
from bot.core.generation import errors
from bot.core.generation.errors import (
    AcknowledgementPending,
    ImageApiTrouble,
    ModelRetired,
    OutOfService,
    PictureOriginNotAllowed,
    PictureUndelivered,
)
from bot.core.generation.model import FINAL_STATES, State
from bot.core.generation.outcome import (
    DELIVER_FOR,
    FETCH_FOR,
    NOTIFY_FOR,
    RETRY_SECONDS,
    START_WITHIN,
    DeliveryResult,
    End,
    NoticeDone,
    NotOurs,
    Outcome,
    Retry,
    Unexamined,
    next_step,
    outcome_of,
)
from bot.core.generation.reply import ReplyState, Shown

DOCUMENT = (Path(__file__).parents[3] / "docs/outcomes.md").read_text("utf-8")
IMAGES, BOUGHT = 3, 2
BOUNDS = (FETCH_FOR, START_WITHIN, DELIVER_FOR, NOTIFY_FOR)
MOMENT = timedelta(seconds=1)
AGES = [timedelta(0), *(bound + step for bound in BOUNDS for step in (-MOMENT, timedelta(0), MOMENT))]
UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1)}
NO_ERROR = {"the notice was delivered", "nobody waits for it"}
Row = tuple[str, ...]


def table(number: int) -> list[Row]:
    blocks = re.findall(r"(?:^\|.*\n)+", DOCUMENT, re.M)
    return [tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in blocks[number].splitlines()[2:]]


def raised() -> Iterator[BotError]:
    """One of each error that the core knows outside of limits and moderation."""
    made = {
        UnforeseenFailure: UnforeseenFailure("ref"),
        ModelRetired: ModelRetired("m"),
        OutOfService: OutOfService(ImageApiTrouble.DOWN),
        PictureOriginNotAllowed: PictureOriginNotAllowed("o"),
        AcknowledgementPending: AcknowledgementPending(2.5),
    }
    for module in (core_errors, errors):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, BotError) and kind.__module__ == module.__name__:
                try:
                    yield made.get(kind) or kind()
                except TypeError:
                    continue


def ends() -> Iterator[End]:
    yield from raised()
    yield from (Unexamined(error) for error in raised())
    yield from (None, asyncio.CancelledError(), Unexamined(ZeroDivisionError()))
    yield from (DeliveryResult(2, Shown(7)), DeliveryResult(3, Shown(None)), DeliveryResult(2, None))


def names(error: object) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def fits_age(cell: str, age: timedelta) -> bool:
    if cell == "any":
        return True
    relation, number, unit = cell.split()
    bound = int(number) * UNITS[unit]
    return {"<": age < bound, "≥": age >= bound, ">": age > bound}[relation]


def fits_state(cell: str, state: State) -> bool:
    settled = state in FINAL_STATES
    groups = {"any": True, "settled": settled, "unsettled": not settled}
    return groups[cell] if cell in groups else state.value in cell.split(", ")


def fits_end(cell: str, end: End) -> bool:
    classes = re.findall(r"`(\w+)`", cell)
    match end:
        case None:
            return cell in NO_ERROR
        case DeliveryResult(shown=shown):
            return cell == ("the pictures were shown" if shown else "there was no place to show them")
        case Unexamined(error):
            return classes[:1] == ["Unexamined"] and set(classes[1:]) <= names(error)
        case _:
            return "Unexamined" not in classes and bool(set(classes) & names(end))


def described(outcome: Outcome, end: End, spent: int) -> Row:
    match outcome:
        case NotOurs():
            return ("another process's", "", "", "")
        case NoticeDone():
            return ("notice erased", "", "", "")
        case Retry(seconds):
            at = {0.0: "at once", 2.5: "when it says"}.get(seconds, f"in {seconds:g} s")
            return (f"tried again {at}", "", "", "")
    failed = State.UNKNOWN if spent else State.REFUNDED
    missing = IMAGES - (end.pictures if isinstance(end, DeliveryResult) else BOUGHT)
    back = "the missing" if outcome.refund == missing else {IMAGES: "all"}[outcome.refund]
    notice = "none" if outcome.notice is None else "that error"
    if isinstance(outcome.notice, PictureUndelivered) and outcome.notice is not end:
        notice = "`PictureUndelivered`" + (
            f", after a look in {RETRY_SECONDS:g} s" if outcome.notify_after else ""
        )
    kept = "yes" if outcome.keep_pictures else "no"
    return ("failed" if outcome.state is failed else outcome.state.name.lower(), back, notice, kept)


def test_the_document_says_what_becomes_of_every_end_of_a_generation() -> None:
    rows, used = table(0), set()
    for state, end, age, spent in product(State, list(ends()), AGES, (0, IMAGES)):
        if isinstance(end, DeliveryResult) and state in FINAL_STATES:
            continue  # nothing is delivered of what is settled
        number, row = next(
            (number, row)
            for number, row in enumerate(rows)
            if fits_state(row[0], state) and fits_end(row[1], end) and fits_age(row[2], age)
        )
        used.add(number)
        *expected, kept = row[3:]
        expected.append({"where billed": "yes" if spent else "no"}.get(kept, kept))
        found = described(outcome_of(state, end, age, IMAGES, BOUGHT, spent), end, spent)
        assert found == tuple(expected), (state, end, age, spent, row)
    assert used == set(range(len(rows)))


def test_the_document_says_what_is_done_with_every_generation_that_is_claimed() -> None:
    rows, used = table(1), set()
    for state, reply, age in product(State, [None, *ReplyState], AGES):
        shown = reply.name.lower() if reply else "unknown"
        number, row = next(
            (number, row)
            for number, row in enumerate(rows)
            if fits_state(row[0], state) and row[1] in {shown, "anything"} and fits_age(row[2], age)
        )
        used.add(number)
        assert next_step(state, reply, age).name == row[3], (state, reply, age, row)
    assert used == set(range(len(rows)))


def test_what_may_be_looked_at_again_at_once_is_not_settled() -> None:
    pending = Unexamined(AcknowledgementPending(0.0))
    assert outcome_of(State.RESERVED, pending, timedelta(seconds=6), IMAGES, 0, 0) == Retry(0.0)
