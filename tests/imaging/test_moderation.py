"""What an answer says of why a picture was refused, and what it can't make the bot say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.generation.errors import ModerationStage, PromptRejected
from bot.core.redaction import Redactor
from bot.imaging.moderation import LONGEST_CATEGORY, MOST_CATEGORIES, refusal_in
from bot.imaging.response import FinalFailure, judge
from bot.ui.error_messages import apology

INPUT, OUTPUT = ModerationStage.INPUT, ModerationStage.OUTPUT


def rejection(body: Any, prompt: str = "a fox", status: int = 400) -> PromptRejected:
    answer = judge(status, {}, json.dumps(body).encode(), model="gpt-image-2", prompt=prompt)
    assert isinstance(answer, FinalFailure)
    assert isinstance(answer.error, PromptRejected)
    return answer.error


def openai(stage: object, categories: object, message: str = "No.") -> dict[str, Any]:
    details = {"moderation_stage": stage, "categories": categories}
    return {"error": {"message": message, "code": "moderation_blocked", "moderation_details": details}}


@pytest.mark.parametrize(
    ("body", "stage", "categories"),
    [
        (openai("input", ["sexual"]), INPUT, ("sexual",)),
        (openai("output", ["violence/graphic", "self-harm"]), OUTPUT, ("violence_graphic", "self_harm")),
        (openai("output", {"violence": True, "hate": False}), OUTPUT, ("violence",)),
        (openai("later", None), None, ()),
        (
            {"error": {"message": "Rejected by the safety system. safety_violations=[sexual, violence]."}},
            None,
            ("sexual", "violence"),
        ),
        (
            {
                "error": {
                    "message": "x requires moderation",
                    "metadata": {"reasons": ["violence"], "flagged_input": ""},
                }
            },
            INPUT,
            ("violence",),
        ),
        (
            {
                "error": {
                    "code": "content_filter",
                    "inner_error": {
                        "content_filter_results": {
                            "hate": {"filtered": True},
                            "jailbreak": {"filtered": False},
                        }
                    },
                }
            },
            None,
            ("hate",),
        ),
        ({"error": "Failed check: SAFETY_CHECK_TYPE_CSAM"}, None, ("csam",)),
        ({"error": "Generated image rejected by content moderation."}, OUTPUT, ()),
        ({"error": "HARM_CATEGORY_HATE: content moderation"}, None, ()),
    ],
)
def test_the_stage_and_the_categories_are_read_wherever_they_stand(
    body: Any, stage: ModerationStage | None, categories: tuple[str, ...]
) -> None:
    error = rejection(body)

    assert (error.stage, error.categories) == (stage, categories)


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"url": "", "respect_moderation": False}]},
        {"images": [], "has_nsfw_concepts": [True]},
    ],
)
def test_a_flag_on_a_picture_says_that_it_was_painted(body: Any) -> None:
    assert rejection(body, status=200).stage is OUTPUT


def test_a_refusal_that_has_its_own_field_is_one_whatever_the_member_wrote() -> None:
    assert rejection(openai("input", ["violence"]), prompt="moderation blocked").categories == ("violence",)


@pytest.mark.parametrize(
    ("prompt", "message", "categories"),
    [
        # Words of the member, quoted by an API that calls them categories, are not said in the bot's name.
        ("join my cult", "No.", ["join my cult", "violence"]),
        ("safety_violations=[buy gold now]", "Refused: safety_violations=[buy gold now]", ["violence"]),
        ("violence", "No.", ["violence"]),
    ],
)
def test_a_member_does_not_write_the_categories(prompt: str, message: str, categories: list[str]) -> None:
    assert rejection(openai("input", categories, message), prompt=prompt).categories == ("violence",)


@pytest.mark.parametrize(
    ("said", "stage"), [("input", ModerationStage.INPUTS), ("output", OUTPUT), ("", ModerationStage.INPUTS)]
)
def test_where_a_picture_was_given_it_may_be_what_was_refused(said: str, stage: ModerationStage) -> None:
    body = json.dumps(openai(said, ["violence"])).encode()

    answer = judge(400, {}, body, model="m", prompt="a fox", editing=True)

    assert isinstance(answer, FinalFailure)
    assert isinstance(answer.error, PromptRejected)
    assert answer.error.stage is stage
    assert ("the prompt or the picture" in apology(answer.error, returned=True)) is (stage is not OUTPUT)


def test_the_member_reads_what_it_was_for_and_whether_it_had_been_painted() -> None:
    said = apology(rejection(openai("output", ["violence", "self-harm"])), returned=True)
    assert (
        "painted that prompt, and then its safety filter refused the picture: violence and self-harm." in said
    )

    said = apology(rejection(openai("input", ["sexual", "nudity"])), returned=True)
    assert "turned down by the image service's safety filter: sexual content." in said


def test_a_category_that_nobody_foresaw_is_shown_as_letters_and_digits() -> None:
    hostile = ["@everyone [free](https://x.example) **nitro**", "x" * 500, 7, None, *"abcdefgh"]

    error = rejection(openai("input", hostile))
    said = apology(error, returned=True)

    assert error.categories[0] == "everyone_free_https_x_example_nitro"
    assert "everyone free https x example nitro, xxx" in said
    assert not set("@[]()*") & set(said)
    assert len(error.categories) == MOST_CATEGORIES
    assert max(map(len, error.categories)) == LONGEST_CATEGORY


@pytest.mark.parametrize(
    "name", ["sk-canary-0123456789", "SK/CANARY/0123/456789", "key sk-canary-0123456789"]
)
def test_a_key_in_the_place_of_a_category_is_not_shown(name: str) -> None:
    body = json.dumps(openai("input", [name, "violence"])).encode()

    answer = judge(400, {}, body, model="m", redact=Redactor((), ["sk-canary-0123456789"]))

    assert isinstance(answer, FinalFailure)
    assert isinstance(answer.error, PromptRejected)
    assert answer.error.categories == ("violence",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "moderation_details",
                    "moderation_stage",
                    "categories",
                    "metadata",
                    "reasons",
                    "content_filter_results",
                ]
            )
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(value=JSON, words=st.text(), prompt=st.text())
def test_whatever_stands_there_is_bounded_and_raises_nothing(value: Any, words: str, prompt: str) -> None:
    refusal = refusal_in(value, words, prompt)

    assert len(refusal.categories) <= MOST_CATEGORIES
    for category in refusal.categories:
        assert len(category) <= LONGEST_CATEGORY
        assert category.replace("_", "a").isalnum()
