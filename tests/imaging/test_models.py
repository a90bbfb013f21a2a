"""Which model is asked first, and when one that had gone is asked again."""

from __future__ import annotations

from bot.imaging.models import EDIT_MODELS, FIRST_PAUSE, LONGEST_PAUSE, ModelChoice, edit_models, lookup
from bot.imaging.servers import Server

FIRST, SECOND = lookup("first", Server.OTHER), lookup("second", Server.OTHER)


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_model_that_has_gone_is_asked_again_later_and_ever_more_rarely() -> None:
    time = Time()
    choice = ModelChoice((FIRST, SECOND), time)
    pause = FIRST_PAUSE
    for _ in range(12):
        assert choice.candidates == (FIRST, SECOND)
        choice.mark_unserved(FIRST)
        choice.mark_unserved(FIRST)  # orders that were under way together say it together
        choice.use(SECOND)
        assert (choice.current, choice.candidates) == (SECOND, (SECOND, FIRST))
        time.now += pause - 1
        assert choice.candidates == (SECOND, FIRST)
        time.now += 1
        pause = min(2 * pause, LONGEST_PAUSE)


def test_a_model_that_is_served_again_is_the_first_choice_as_before() -> None:
    time = Time()
    choice = ModelChoice((FIRST, SECOND), time)
    choice.mark_unserved(FIRST)
    choice.use(SECOND)
    time.now += FIRST_PAUSE
    choice.use(FIRST)
    assert (choice.current, choice.candidates) == (FIRST, (FIRST, SECOND))


def test_without_a_fallback_there_is_one_candidate_always() -> None:
    choice = ModelChoice((FIRST,), Time())
    choice.mark_unserved(FIRST)
    assert choice.candidates == (FIRST,)


def test_a_model_that_the_catalogue_lists_again_is_asked_again_at_once() -> None:
    choice = ModelChoice((FIRST, SECOND), Time())
    choice.mark_unserved(FIRST, is_listed=False)
    choice.find_returned(lambda _model: None)
    choice.find_returned(lambda _model: False)
    assert choice.candidates == (SECOND, FIRST)
    choice.find_returned({"first": True}.get)
    assert choice.candidates == (FIRST, SECOND)


def test_a_model_that_was_listed_all_along_is_not_asked_again_because_of_it() -> None:
    choice = ModelChoice((FIRST, SECOND), Time())
    choice.mark_unserved(FIRST, is_listed=True)
    choice.find_returned(lambda _model: True)
    assert choice.candidates == (SECOND, FIRST)


def test_pictures_are_changed_by_the_image_models_that_can_or_else_by_usual_ones() -> None:
    def found(server: Server, *models: str, wanted: tuple[str, ...] | None = None) -> list[str]:
        return [one.id for one in edit_models(wanted, [lookup(it, server) for it in models], server)]

    aiml, xai, other = Server.AIML_API, Server.XAI, Server.OTHER
    assert found(aiml, "x-ai/grok-2-image", "x-ai/grok-imagine-image") == list(EDIT_MODELS[aiml])
    assert found(aiml, "x-ai/grok-imagine-image", "google/nano-banana-2") == ["google/nano-banana-2"]
    assert found(aiml, "google/nano-banana-pro", "flux/schnell") == ["google/gemini-3-pro-image-edit"]
    assert found(xai, "x-ai/grok-imagine-image") == ["grok-imagine-image"]
    assert found(other, "nobody/knows-it") == []
    assert found(aiml, "flux/schnell", wanted=("google/nano-banana-2", "flux/schnell")) == [
        "google/nano-banana-2"
    ]
    assert found(aiml, "google/nano-banana-2", wanted=()) == []


def test_what_takes_no_prompt_changes_nothing_as_somebody_describes_it() -> None:
    assert edit_models(("topaz-labs/sharpen",), [], Server.AIML_API) == ()
