"""What is repeated, and after which pauses."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.retries import TABLE, Backoff, Retries

RELIABILITY = (Path(__file__).parents[2] / "docs/RELIABILITY.md").read_text(encoding="utf-8")


class Attempts:
    """Fails so many times before it succeeds; remembers the pauses, and takes none."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.made = 0
        self.pauses: list[float] = []

    async def make(self) -> str:
        self.made += 1
        if self.made <= self.failures:
            raise ConnectionError
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def retries(*, jitter: bool = False) -> Retries:
    return Retries("a call", "cut", "harmless", (1.0, 2.0), jitter)


async def test_what_fails_is_repeated_until_it_succeeds_with_a_pause_before_each_repeat() -> None:
    attempts = Attempts(2)
    assert await retries()(attempts.make, lambda _: True, sleep=attempts.sleep) == "done"
    assert attempts.pauses == [1.0, 2.0]


async def test_what_fails_once_more_than_there_are_pauses_is_given_up_with_its_own_error() -> None:
    attempts = Attempts(3)
    with pytest.raises(ConnectionError):
        await retries()(attempts.make, lambda _: True, sleep=attempts.sleep)
    assert attempts.made == 3


async def test_what_may_not_be_repeated_is_not() -> None:
    attempts = Attempts(1)
    with pytest.raises(ConnectionError):
        await retries()(attempts.make, lambda error: isinstance(error, ValueError), sleep=attempts.sleep)
    assert attempts.made == 1
    assert attempts.pauses == []


async def test_jitter_shortens_a_pause_by_up_to_half() -> None:
    attempts = Attempts(2)
    await retries(jitter=True)(attempts.make, lambda _: True, sleep=attempts.sleep, random=lambda: 1.0)
    assert attempts.pauses == [0.5, 1.0]


def test_a_backoff_doubles_up_to_the_longest_and_starts_over_after_a_success() -> None:
    backoff = Backoff(2, 10)
    assert [backoff.pause() for _ in range(5)] == [2, 4, 8, 10, 10]
    backoff.reset()
    assert backoff.pause() == 2


def test_the_document_says_what_the_table_says() -> None:
    section = RELIABILITY.split("## What is repeated\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines()[6:]]
    said = [row for row in rows if len(row) == 4]
    jitter = ", each shortened at random by up to half"
    assert said == [
        [it.what, it.where, it.why, ", ".join(f"{one:g}" for one in it.pauses) + jitter * it.jitter]
        for it in TABLE
    ]
