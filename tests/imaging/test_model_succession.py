"""Which model is asked first, and when one that had gone is asked again."""

from __future__ import annotations

from bot.imaging.model_succession import FIRST_PAUSE, LONGEST_PAUSE, ModelSuccession


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_model_that_has_gone_is_asked_again_later_and_ever_more_rarely() -> None:
    time = Time()
    succession = ModelSuccession("first", "second", time)
    pause = FIRST_PAUSE
    for _ in range(12):
        assert succession.candidates == ("first", "second")
        succession.gone("first")
        succession.gone("first")  # orders that were under way together say it together
        succession.settle_on("second")
        assert (succession.current, succession.candidates) == ("second", ("second", "first"))
        time.now += pause - 1
        assert succession.candidates == ("second", "first")
        time.now += 1
        pause = min(2 * pause, LONGEST_PAUSE)


def test_a_model_that_is_served_again_is_the_first_choice_as_before() -> None:
    time = Time()
    succession = ModelSuccession("first", "second", time)
    succession.gone("first")
    succession.settle_on("second")
    time.now += FIRST_PAUSE
    succession.settle_on("first")
    assert (succession.current, succession.candidates) == ("first", ("first", "second"))


def test_without_a_fallback_there_is_one_candidate_always() -> None:
    succession = ModelSuccession("first", None, Time())
    succession.gone("first")
    assert succession.candidates == ("first",)
