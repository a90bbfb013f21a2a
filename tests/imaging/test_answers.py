"""Each row of the table of answers, without a socket."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import (
    AnswerLost,
    ApiUnavailable,
    CreditExhausted,
    GenerationFailed,
    KeyRejected,
    NoPicture,
    OutcomeUnknown,
    PromptRejected,
    PromptTooLongForModel,
    RateLimited,
    RequestRejected,
)
from bot.core.generation import Order
from bot.imaging.answers import Answer, Failed, Gone, NotFound, Repeat, judge, retry_after

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MODEL = "x-ai/grok-2-image"


def judged(status: int, body: Any, headers: dict[str, str] | None = None, prompt: str = "a fox") -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return judge(status, headers or {}, raw, model=MODEL, prompt=prompt, now=NOW)


def plain(message: str) -> dict[str, Any]:
    return {"message": message, "path": "/v1/images/generations", "requestId": "r", "statusCode": "400"}


def problem(message: str) -> dict[str, Any]:
    return {
        "title": "Title",
        "status": 400,
        "message": message,
        "error": {"name": "Exception", "message": message},
    }


def picture(**change: Any) -> dict[str, Any]:
    row = {"url": "https://cdn.aimlapi.com/a.jpeg", "revised_prompt": "A fox."} | change
    return {"data": [row], "meta": {"usage": {"tokens_used": 147000}}}


MODERATED = "Generated image rejected by content moderation."
DEPRECATED = "`grok-2-image-1212` has been fully deprecated and is no longer available. Please use `grok-imagine-image`"

FINAL = [
    (400, plain(MODERATED), PromptRejected),
    (403, plain(MODERATED), PromptRejected),
    (500, problem(MODERATED), PromptRejected),
    (400, {"error": {"message": "Bad request", "code": "imagine:content-moderated"}}, PromptRejected),
    (403, {"code": "denied", "error": "Content violates usage guidelines."}, PromptRejected),
    (403, {"error": "Failed check: SAFETY_CHECK_TYPE_CSAM"}, PromptRejected),
    (200, {"data": None}, NoPicture),
    (200, {"data": []}, NoPicture),
    (200, picture(url=None, b64_json=None), NoPicture),
    (200, picture(respect_moderation=False), PromptRejected),
    (200, {"data": [None]}, NoPicture),
    (200, {"data": [], "finish_reason": "content_filter"}, PromptRejected),
    (200, {"images": [], "has_nsfw_concepts": [True]}, PromptRejected),
    (400, plain("Body validation error! prompt: Required"), RequestRejected),
    (400, {"error": "Argument not supported: quality"}, RequestRejected),
    (400, plain("Prompt len is larger than the maximum allowed length which is 1024"), PromptTooLongForModel),
    (302, b"", ApiUnavailable),
    (401, problem("This request requires a valid API key"), KeyRejected),
    (403, {"detail": "This api key lacks the permission"}, KeyRejected),
    (403, problem("You've run out of credits."), CreditExhausted),
    (403, b"", ApiUnavailable),
    (429, {"error": "Your team has used all available credits"}, CreditExhausted),
    (504, plain("Generation timeout"), OutcomeUnknown),
    (524, b"<html>A timeout occurred</html>", OutcomeUnknown),
    (200, b"<html>Welcome</html>", AnswerLost),
    (200, b'{"data": [{"ur', AnswerLost),
    (200, b"[" * 100_000, AnswerLost),
    (501, b"", ApiUnavailable),
]


@pytest.mark.parametrize(("status", "body", "error"), FINAL)
def test_a_final_answer_is_the_error_that_it_means(
    status: int, body: Any, error: type[GenerationFailed]
) -> None:
    answer = judged(status, body)

    assert isinstance(answer, Failed)
    assert type(answer.error) is error


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, plain("Model grok-2-image not found")),
        (404, b"model 'x-ai/grok-2-image' not found"),
        (403, {"error": "The team is not authorized to access the model grok-2-image"}),
        (503, {"error": {"message": "no available channels for model grok-2-image under group default"}}),
        (400, {"error": "Model not found"}),
        (400, {"error": {"message": "The model grok-2-image does not exist"}}),
        (500, plain(DEPRECATED)),
    ],
)
def test_a_retired_model_is_gone(status: int, body: Any) -> None:
    assert judged(status, body) == Gone()


@pytest.mark.parametrize("body", [plain("Not Found"), b"<html>", b"", b"404 page not found"])
@pytest.mark.parametrize("status", [404, 410])
def test_an_address_with_nothing_at_it_is_a_question_for_the_catalogue(status: int, body: Any) -> None:
    assert isinstance(judged(status, body), NotFound)


@pytest.mark.parametrize(
    ("status", "text"),
    [(400, "Argument `size` is deprecated"), (500, "upstream host not found"), (422, "field not found")],
)
def test_words_about_something_else_do_not_retire_the_model(status: int, text: str) -> None:
    assert not isinstance(judged(status, {"message": text}), Gone)


def test_a_rate_of_requests_is_not_a_matter_of_credit() -> None:
    assert isinstance(judged(429, {"message": "load balancer: quota of 5 requests per second"}), Repeat)


@pytest.mark.parametrize(
    ("status", "body", "times", "error"),
    [
        (429, plain("Too Many Requests"), None, RateLimited),
        (500, plain("Internal server error"), 2, ApiUnavailable),
        (500, plain("The model is under maintenance. Please, try again later."), 2, ApiUnavailable),
        (502, b"<html>Bad Gateway</html>", 2, ApiUnavailable),
        (503, b"", 4, ApiUnavailable),
    ],
)
def test_what_bought_nothing_may_be_asked_again(
    status: int, body: Any, times: int | None, error: type[GenerationFailed]
) -> None:
    answer = judged(status, body)

    assert isinstance(answer, Repeat)
    assert (answer.times, type(answer.otherwise), answer.after) == (times, error, None)


@pytest.mark.parametrize(
    ("status", "may_have_cost"),
    [
        (429, False),
        (500, False),
        (503, False),
        (425, False),
        (408, True),
        (502, True),
        (521, True),
        (522, True),
    ],
)
def test_a_repeat_says_whether_the_attempt_before_it_may_have_cost(status: int, may_have_cost: bool) -> None:
    answer = judged(status, b"")

    assert isinstance(answer, Repeat)
    assert answer.may_have_cost is answer.otherwise.may_have_cost is may_have_cost


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("Mon, 23 Nov 2026 12:00:20 GMT", 20.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("9" * 400, None),
    ],
)
def test_retry_after_is_read_as_seconds_and_as_a_date(header: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": header}, NOW) == seconds


def test_a_wait_beyond_a_members_patience_is_not_waited_for() -> None:
    answer = judged(429, plain("Too Many Requests"), {"Retry-After": "3600"})

    assert isinstance(answer, Failed)
    assert type(answer.error) is RateLimited


@pytest.mark.parametrize(
    "prompt", ["a sign that says model not found", "content moderation", "the model grok is deprecated"]
)
def test_a_prompt_echoed_in_an_error_is_not_taken_for_the_apis_words(prompt: str) -> None:
    answer = judged(400, plain(f"Body validation error! prompt: Invalid: {prompt}"), prompt=prompt)

    assert isinstance(answer, Failed)
    assert type(answer.error) is RequestRejected


@pytest.mark.parametrize(
    ("answer", "headers", "credits"),
    [
        ({"meta": {"usage": {"tokens_used": 147000}}}, {}, 147000),
        ({"meta": {"usage": {"credits_used": 52000, "tokens_used": 1}}}, {}, 52000),
        ({"meta": {"usage": {"credits_used": "52000"}}}, {}, 52000),
        ({"usage": {"cost_in_usd_ticks": 200_000_000}}, {}, 40_000),
        ({"meta": None}, {"X-AIMLAPI-Credits-Used": "147000"}, 147000),
        ({"meta": {"usage": None}}, {"x-aimlapi-usd-spent": "0.0735"}, 147000),
        ({"meta": {"usage": {"tokens_used": -5}}}, {}, None),
        ({"meta": {"usage": {"tokens_used": 1e300}}}, {}, None),
        ({"meta": {"usage": {"tokens_used": True}}}, {}, None),
        ({"meta": "none"}, {}, None),
        ({}, {}, None),
    ],
)
def test_credits_are_read_wherever_they_stand(
    answer: dict[str, Any], headers: dict[str, str], credits: int | None
) -> None:
    order = judged(201, {"data": picture()["data"], **answer}, headers)

    assert isinstance(order, Order)
    assert order.credits == credits


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_base64_is_taken_with_and_without_its_prefix(prefix: str) -> None:
    order = judged(200, picture(url=None, b64_json=prefix + "aGVsbG8="))

    assert isinstance(order, Order)
    assert order.sources[0].content == b"hello"


def test_broken_base64_counts_as_paid() -> None:
    order = judged(200, picture(url=None, b64_json="a"))

    assert isinstance(order, Order)
    assert order.sources[0].content == b""


def test_one_refused_picture_of_two_leaves_the_other() -> None:
    order = judged(200, {"data": [{"url": None}, *picture()["data"]]})

    assert isinstance(order, Order)
    assert [source.url for source in order.sources] == ["https://cdn.aimlapi.com/a.jpeg"]


@pytest.mark.parametrize(
    ("revised", "read"), [("", None), (None, None), (7, None), ("A \ud800 fox", "A ? fox")]
)
def test_a_revised_prompt_is_a_sentence_or_none(revised: Any, read: str | None) -> None:
    order = judged(200, picture(revised_prompt=revised))

    assert isinstance(order, Order)
    assert order.sources[0].revised_prompt == read


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "url",
                    "b64_json",
                    "meta",
                    "usage",
                    "tokens_used",
                    "credits_used",
                    "error",
                    "message",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(
    status=st.integers(100, 999),
    body=st.binary() | JSON.map(lambda value: json.dumps(value).encode()),
    headers=st.dictionaries(
        st.sampled_from(["Retry-After", "x-aimlapi-credits-used", "x-aimlapi-usd-spent"]), st.text()
    ),
    prompt=st.text(),
)
def test_no_answer_however_strange_raises(
    status: int, body: bytes, headers: dict[str, str], prompt: str
) -> None:
    answer = judge(status, headers, body, model=MODEL, prompt=prompt)

    assert isinstance(answer, Order | Failed | Gone | Repeat)
