"""Work that is done again and again goes on, whatever becomes of it, and says so once."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.core.background import repeat
from bot.core.errors import DatabaseUnavailable

log = logging.getLogger(__name__)


async def told_of(
    ends: list[Exception | None], caplog: pytest.LogCaptureFixture
) -> tuple[list[bool], list[str]]:
    """What `rest` was told after each end of the work, and the lines of the log."""
    rests = list[bool]()

    async def work() -> None:
        if error := ends[len(rests)]:
            raise error

    async def rest(failing: bool) -> None:
        rests.append(failing)
        if len(rests) == len(ends):
            raise asyncio.CancelledError

    with caplog.at_level(logging.INFO), pytest.raises(asyncio.CancelledError):
        await repeat(work, rest, log, "it can't be done")
    return rests, [line.getMessage() for line in caplog.records]


async def test_what_fails_for_a_while_is_told_once_until_it_goes_well_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    down = DatabaseUnavailable("down")
    rests, lines = await told_of([None, down, down, None, down], caplog)
    assert rests == [False, True, True, False, True]
    assert lines == ["it can't be done: down"] * 2


async def test_a_mistake_of_ours_ends_nothing_and_is_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rests, lines = await told_of([KeyError("x"), None], caplog)
    assert rests == [True, False]
    assert lines == ["it can't be done: unforeseen failure"]
    assert caplog.records[0].exc_info
