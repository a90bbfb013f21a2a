"""Which model is asked first, and when one that had gone is asked again."""

from __future__ import annotations

from bot.imaging.models import FIRST_PAUSE, LONGEST_PAUSE, ModelSuccession, lookup

FIRST, SECOND = lookup("first"), lookup("second")


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_model_that_has_gone_is_asked_again_later_and_ever_more_rarely() -> None:
    time = Time()
    succession = ModelSuccession((FIRST, SECOND), time)
    pause = FIRST_PAUSE
    for _ in range(12):
        assert succession.candidates == (FIRST, SECOND)
        succession.gone(FIRST)
        succession.gone(FIRST)  # orders that were under way together say it together
        succession.settle_on(SECOND)
        assert (succession.current, succession.candidates) == (SECOND, (SECOND, FIRST))
        time.now += pause - 1
        assert succession.candidates == (SECOND, FIRST)
        time.now += 1
        pause = min(2 * pause, LONGEST_PAUSE)


def test_a_model_that_is_served_again_is_the_first_choice_as_before() -> None:
    time = Time()
    succession = ModelSuccession((FIRST, SECOND), time)
    succession.gone(FIRST)
    succession.settle_on(SECOND)
    time.now += FIRST_PAUSE
    succession.settle_on(FIRST)
    assert (succession.current, succession.candidates) == (FIRST, (FIRST, SECOND))


def test_without_a_fallback_there_is_one_candidate_always() -> None:
    succession = ModelSuccession((FIRST,), Time())
    succession.gone(FIRST)
    assert succession.candidates == (FIRST,)
