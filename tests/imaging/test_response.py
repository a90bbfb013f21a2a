"""Each row of the table of answers, without a socket."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import GenerationFailed
from bot.core.generation.errors import (
    ApiUnavailable,
    CreditExhausted,
    InputRejected,
    KeyRejected,
    ModelRetired,
    NoPicture,
    OutcomeUnknown,
    PromptRejected,
    PromptTooLongForModel,
    RateLimited,
    RequestRejected,
    ResponseLost,
)
from bot.core.generation.model import Order
from bot.core.redaction import MASK, Redactor
from bot.imaging.response import Answer, FinalFailure, NotFound, Repeat, judge, retry_after

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
    (451, {"detail": "Unavailable"}, PromptRejected),
    (451, b"", PromptRejected),
    (451, b"<html>Not in your country</html>", ApiUnavailable),
    (402, {"detail": {"error": "Inference prohibited"}}, CreditExhausted),
    (402, b"<html>Payment</html>", ApiUnavailable),
    (422, {"detail": [{"loc": ["body", "n"], "msg": "Input should be less than 5"}]}, RequestRejected),
    (504, plain("Generation timeout"), OutcomeUnknown),
    (524, b"<html>A timeout occurred</html>", OutcomeUnknown),
    (200, b"<html>Welcome</html>", ResponseLost),
    (200, b'{"data": [{"ur', ResponseLost),
    (200, b"[" * 100_000, ResponseLost),
    (501, b"", ApiUnavailable),
]


@pytest.mark.parametrize(("status", "body", "error"), FINAL)
def test_a_final_answer_is_the_error_that_it_means(
    status: int, body: Any, error: type[GenerationFailed]
) -> None:
    answer = judged(status, body)

    assert isinstance(answer, FinalFailure)
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
        (400, {"error": {"message": "x-ai/grok-2-image is not a valid model ID"}}),
        (404, {"error": {"message": "Unable to access model grok-2-image. Please visit …"}}),
        (401, {"error": {"message": "key not allowed to access model. This key can only access ['flux']"}}),
        (403, {"error": {"message": "Your organization must be verified to use the model `grok-2-image`"}}),
        (503, {"error": {"message": "当前分组 default 下对于模型 grok-2-image 无可用渠道"}}),
        (500, plain(DEPRECATED)),
    ],
)
def test_a_retired_model_is_gone(status: int, body: Any) -> None:
    answer = judged(status, body)

    assert isinstance(answer, FinalFailure)
    assert isinstance(answer.error, ModelRetired)
    assert not answer.error.may_have_cost


@pytest.mark.parametrize("body", [plain("Not Found"), b"<html>", b"", b"404 page not found"])
@pytest.mark.parametrize("status", [404, 410])
def test_an_address_with_nothing_at_it_is_a_question_for_the_catalogue(status: int, body: Any) -> None:
    assert isinstance(judged(status, body), NotFound)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "Argument `size` is deprecated"),
        (500, "upstream host not found"),
        (422, "field not found"),
        (400, "steps is not a valid model parameter"),
        (503, "Model not available right now. Please try again later."),
    ],
)
def test_words_about_something_else_do_not_retire_the_model(status: int, text: str) -> None:
    assert error_of(judged(status, {"message": text})) is not ModelRetired


def test_a_rate_of_requests_is_not_a_matter_of_credit() -> None:
    assert isinstance(judged(429, {"message": "load balancer: quota of 5 requests per second"}), Repeat)


def edited(status: int, body: Any) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return judge(status, {}, raw, model=MODEL, prompt="a fox is NSFW", editing=True)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"message": "Invalid image file or mode for image 1", "code": "invalid_image_file"}}),
        (400, {"error": {"message": "Error while downloading file", "code": "invalid_image_url"}}),
        (400, {"error": "Unable to fetch the image from the given URL"}),
        (
            400,
            {"error": {"message": "Unsupported mimetype ('text/html')", "code": "unsupported_file_mimetype"}},
        ),
        (
            422,
            {"detail": [{"msg": "Failed to download the file. Please check", "type": "file_download_error"}]},
        ),
        (422, {"detail": [{"type": "image_load_error", "msg": "x"}]}),
        (404, {"message": "Could not fetch image_url"}),
        (413, {"message": "Payload Too Large"}),
        (413, b"<html><head><title>413 Request Entity Too Large</title></head></html>"),  # nginx
        (415, b""),
    ],
)
def test_a_picture_that_the_api_cannot_use_is_the_members_matter_where_one_was_given(
    status: int, body: Any
) -> None:
    answer = edited(status, body)

    assert isinstance(answer, FinalFailure)
    assert type(answer.error) is InputRejected
    assert not answer.error.may_have_cost
    assert error_of(judged(status, body)) is not InputRejected


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, plain("Body validation error! prompt: Required"), RequestRejected),
        (400, plain("Invalid image: rejected by content moderation"), PromptRejected),
        (400, plain("Invalid image: a fox is NSFW"), RequestRejected),
        (404, plain("Model grok-2-image not found: invalid image model"), ModelRetired),
        (401, plain("Invalid API key, invalid image"), KeyRejected),
        (500, plain("Failed to process image"), ApiUnavailable),
    ],
)
def test_what_is_said_of_something_else_stays_so_where_a_picture_was_given(
    status: int, body: Any, error: type[GenerationFailed]
) -> None:
    assert error_of(edited(status, body)) is error


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
    assert (answer.times, type(answer.error), answer.after) == (times, error, None)


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
    assert answer.error.may_have_cost is may_have_cost


def test_retry_after_is_read_by_the_clock_of_whoever_answers() -> None:
    asked = {"retry-after": "Sat, 01 Jan 2022 00:00:30 GMT", "date": "Sat, 01 Jan 2022 00:00:10 GMT"}
    assert retry_after(asked, NOW) == 20
    assert retry_after({**asked, "date": "some day"}, datetime(2022, 1, 1, tzinfo=UTC)) == 30


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

    assert isinstance(answer, FinalFailure)
    assert type(answer.error) is RateLimited


@pytest.mark.parametrize(
    "prompt", ["a sign that says model not found", "content moderation", "the model grok is deprecated"]
)
def test_a_prompt_echoed_in_an_error_is_not_taken_for_the_apis_words(prompt: str) -> None:
    answer = judged(400, plain(f"Body validation error! prompt: Invalid: {prompt}"), prompt=prompt)

    assert isinstance(answer, FinalFailure)
    assert type(answer.error) is RequestRejected


@pytest.mark.parametrize(
    ("answer", "headers", "credits"),
    [
        ({"meta": {"usage": {"tokens_used": 147000}}}, {}, 147000),
        ({"meta": {"usage": {"credits_used": 52000, "tokens_used": 1}}}, {}, 52000),
        ({"meta": {"usage": {"credits_used": "52000"}}}, {}, 52000),
        ({"usage": {"cost_in_usd_ticks": 200_000_000}}, {}, 40_000),
        ({"meta": {"usage": {"usd_spent": 0.026}}}, {}, 52_000),
        ({"usage": {"cost": 0.04}}, {}, 80_000),
        ({"usage": {"total_tokens": 100, "cost": None}}, {}, None),
        ({"inference_status": {"cost": 0.0005}}, {}, 1000),
        ({}, {"x-litellm-response-cost": "0.019"}, 38_000),
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


def test_an_address_in_the_place_of_base64_is_fetched_and_not_decoded() -> None:
    order = judged(200, {"data": [{"b64_json": "https://a.b/c.png", "url": None}]})

    assert isinstance(order, Order)
    assert (order.sources[0].url, order.sources[0].content) == ("https://a.b/c.png", None)


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


NAMES = [
    *(
        "data",
        "images",
        "output",
        "result",
        "url",
        "b64_json",
        "revised_prompt",
        "meta",
        "usage",
        "tokens_used",
    ),
    *("credits_used", "error", "message", "detail", "code", "status", "id", "title", "respect_moderation"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=20,
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Retry-After", "retry-after-ms", "WWW-Authenticate", "x-aimlapi-credits-used", "x-aimlapi-usd-spent"]
    ),
    st.text(),
)
PAGES = st.text().map(lambda text: f"<!doctype html><html><title>{text}</title></html>".encode())
BODIES = st.binary() | JSON.map(lambda value: json.dumps(value).encode()) | PAGES
STATUSES = st.integers(100, 999) | st.sampled_from([200, 202, 400, 401, 402, 403, 404, 429, 500, 502, 503])


def error_of(answer: Answer) -> type[GenerationFailed] | None:
    match answer:
        case FinalFailure(error=error) | Repeat(error=error):
            return type(error)
        case _:
            return None


@given(status=STATUSES, body=BODIES, headers=HEADERS, prompt=st.text(), images=st.integers(1, 10))
def test_no_answer_however_strange_raises(
    status: int, body: bytes, headers: dict[str, str], prompt: str, images: int
) -> None:
    answer = judge(status, headers, body, model=MODEL, prompt=prompt, images=images)

    assert isinstance(answer, Order | FinalFailure | NotFound | Repeat)
    if isinstance(answer, Order):
        assert 1 <= len(answer.sources) <= images
        for source in answer.sources:
            (source.url or "").encode()
            assert "\0" not in f"{source.url}{source.revised_prompt}"


def test_a_status_of_thousands_of_digits_within_a_success_is_none() -> None:
    answer = judged(200, {"error": {"message": "odd", "code": "000000500" + "0" * 5000}})

    assert isinstance(answer, FinalFailure)
    assert answer.error.may_have_cost


# None of them names the key, the credit, the model or moderation, though each has something to do with one of them.
HARMLESS = (
    *(
        "forbidden",
        "error",
        "bad",
        "gateway",
        "request",
        "not found",
        "page",
        "denied",
        "blocked",
        "access",
        "ray id",
    ),
    *(
        "your IP",
        "just a moment",
        "verify you are human",
        "cloudflare",
        "nginx",
        "internal",
        "unavailable",
        "bot",
    ),
    *(
        "https://platform.example.com/account/billing/api-keys",
        "example.com/models/deprecated",
        "invalid",
        "limit",
    ),
    *(
        "maximum",
        "policy",
        "prompt",
        "image",
        "picture",
        "safety",
        "quota",
        "payment",
        "plan",
        "upgrade",
        "balancer",
    ),
    *(
        "keyboard",
        "monkey",
        "remodeled",
        "moderately",
        "creditable",
        "0",
        "null",
        "{}",
        "<b>",
        "%20",
        "&amp;",
    ),
)


@given(
    # Two statuses say it themselves: a payment is asked for, or the law forbids it.
    status=STATUSES.filter(lambda status: not 200 <= status < 300 and status not in (402, 451)),
    # By itself it is a code of moderation.
    words=st.lists(st.sampled_from(HARMLESS), max_size=12).filter(lambda words: words != ["safety"]),
    shape=st.sampled_from(
        [plain, problem, lambda text: {"error": text}, lambda text: {"detail": [{"msg": text}]}, str]
    ),
)
def test_nobody_is_accused_without_a_word_that_names_them(
    status: int, words: list[str], shape: Callable[[str], Any]
) -> None:
    body = shape(", ".join(words))

    error = error_of(judged(status, body.encode() if isinstance(body, str) else body))

    assert error not in (KeyRejected, CreditExhausted, ModelRetired, PromptRejected)


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
@pytest.mark.parametrize(
    "text",
    [
        "It failed, see https://docs.example.com/errors/insufficient_quota/invalid_api_key/model_not_found",
        "It failed, see docs.example.com/content-policy/invalid_api_key",
        "<html><head><title>Blocked</title></head><body>Incorrect API key. Out of credits. NSFW</body></html>",
    ],
)
def test_neither_an_address_nor_a_page_within_a_text_accuses_anybody(status: int, text: str) -> None:
    assert error_of(judged(status, plain(text))) in (RequestRejected, ApiUnavailable, RateLimited)


SENTENCES = [
    "Incorrect API key provided",
    "You have run out of credits",
    "The model grok-2-image does not exist",
    "Rejected by our safety system",
    "Rate limit reached, retry in 5s",
]


@given(
    status=st.sampled_from([400, 403, 422, 500]),
    sentence=st.sampled_from(SENTENCES),
    before=st.text(max_size=20),
    cut=st.integers(0, 8),
    quoted=st.sampled_from([str, str.upper, json.dumps, html.escape]),
)
def test_a_member_who_writes_such_words_accuses_nobody(
    status: int, sentence: str, before: str, cut: int, quoted: Callable[[str], str]
) -> None:
    prompt = f"{before} a sign that says {sentence}, in neon"
    echo = quoted(prompt)[: len(prompt) - cut]

    error = error_of(judged(status, plain(f"Body validation error! prompt: Invalid ({echo}"), prompt=prompt))

    assert error in (RequestRejected, ApiUnavailable)


@pytest.mark.parametrize(
    ("prompt", "echo"),
    [
        ("the model www.example.org not found", "the model www.example.org not found"),
        ("no http://a.b/c credits and no d.e/f api key", "no http://a.b/c credits and no d.e/f api key"),
        ("!!! api key invalidated", "!!! api key invalid"),
        ("forinvalid api key", "invalid api key"),
        ("no credits left, a fox", "no credits"),
        ("ｉｎｖａｌｉｄ ａｐｉ ｋｅｙ", "invalid api key"),
    ],
)
def test_a_quotation_with_addresses_or_cut_within_a_word_accuses_nobody(prompt: str, echo: str) -> None:
    error = error_of(judged(400, plain(f"Body validation error! prompt: Invalid ({echo}"), prompt=prompt))

    assert error is RequestRejected


@pytest.mark.parametrize("status", [400, 403, 404, 422, 500, 503])
@pytest.mark.parametrize(
    "said", [MODERATED, "Rejected by the safety system", "Content violates usage guidelines."]
)
def test_a_member_who_writes_what_moderation_says_may_have_cost_and_is_not_tried_again(
    status: int, said: str
) -> None:
    answer = judged(status, plain(said), prompt=f"something vile, {said} that the model is unavailable")

    assert isinstance(answer, FinalFailure)
    assert answer.error.may_have_cost


def test_a_member_who_writes_a_page_of_html_is_turned_down_like_anybody_else() -> None:
    prompt = "a <script> and a <body> of something vile"
    for body in (plain(f"{prompt}: {MODERATED}"), f"{prompt}: {MODERATED}".encode()):
        assert error_of(judged(400, body, prompt=prompt)) is PromptRejected


@pytest.mark.parametrize(
    "said",
    [
        "PROHIBITED_CONTENT",
        "ResponsibleAIPolicyViolation",
        "Blocked for safety reasons",
        "Your prompt was flagged",
        "This request violates our terms",
        "The input may contain sexually explicit material",
    ],
)
def test_moderation_has_many_words(said: str) -> None:
    assert error_of(judged(400, plain(said))) is PromptRejected


URL = "https://cdn.aimlapi.com/a.jpeg"
PIXELS = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="
PICTURES = {
    "an address": URL,
    "a data URI": f"data:image/png;base64,{PIXELS}",
    "base64": PIXELS,
    "url": {"url": URL},
    "image_url": {"image_url": URL},
    "image_url.url": {"type": "image_url", "image_url": {"url": URL}},
    "uri": {"uri": URL},
    "download_url": {"download_url": URL},
    "b64_json": {"b64_json": PIXELS, "url": None},
    "base64 in a row": {"base64": PIXELS, "finishReason": "SUCCESS"},
    "bytesBase64Encoded": {"bytesBase64Encoded": PIXELS, "mimeType": "image/png"},
    "inline_data": {"inline_data": {"mime_type": "image/png", "data": PIXELS}},
    "url as a data URI": {"url": f"data:image/png;base64,{PIXELS}"},
    "image": {"image": PIXELS},
    "a path": {"url": "/files/a.png"},
    "a path without a slash": {"url": "files/a.png"},
}
SHELVES = {
    "data": lambda row: {"created": 1, "data": [row]},
    "data, one": lambda row: {"data": row},
    "images": lambda row: {"images": [row], "seed": 7, "has_nsfw_concepts": [False]},
    "output": lambda row: {"id": "p", "status": "succeeded", "output": [row], "error": None},
    "output, one": lambda row: {"output": row},
    "result.images": lambda row: {"code": 0, "result": {"images": [row]}},
    "data.images": lambda row: {"data": {"images": [row]}},
    "choices.message.images": lambda row: {
        "choices": [{"message": {"images": [row], "content": "Here you are"}}]
    },
    "candidates.content.parts": lambda row: {"candidates": [{"content": {"parts": [{"text": "Here"}, row]}}]},
    "artifacts": lambda row: {"artifacts": [row]},
    "predictions": lambda row: {"predictions": [row]},
    "a list": lambda row: [row],
    "a list of lists": lambda row: {"data": [[row]]},
    "a list of answers": lambda row: [{"data": [row]}],
    "beside an error": lambda row: {"data": [row], "error": {"message": "One picture of two was refused"}},
    "beside nothing": lambda row: {"data": [None, {}, {"url": None}, row]},
}


@pytest.mark.parametrize("row", PICTURES.values(), ids=PICTURES.keys())
@pytest.mark.parametrize("shelf", SHELVES.values(), ids=SHELVES.keys())
def test_a_picture_is_found_wherever_it_stands_and_however_it_is_called(
    shelf: Callable[[Any], Any], row: Any
) -> None:
    order = judged(200, shelf(row))

    assert isinstance(order, Order)
    (source,) = order.sources
    assert source.content or source.url in (URL, "/files/a.png", "files/a.png")


@given(junk=JSON, row=st.sampled_from(list(PICTURES.values())), status=st.integers(200, 299), headers=HEADERS)
def test_a_picture_is_found_whatever_stands_beside_it(
    junk: Any, row: Any, status: int, headers: dict[str, str]
) -> None:
    answer = {"error": junk, "meta": junk, "usage": junk, "message": junk, "data": [junk, row]}

    assert isinstance(judged(status, answer, headers), Order)


@pytest.mark.parametrize("tail", [b"", b"\n", b" trailing words", b"\0"])
@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf", b"\n  "])
def test_careless_json_is_read(head: bytes, tail: bytes) -> None:
    body = (
        b'{"data":[{"url":"https://a.b/c.png","revised_prompt":"line\none \x00 \xff"}],"n":'
        + b"9" * 5000
        + b"}"
    )

    order = judged(200, head + body + tail)

    assert isinstance(order, Order)
    assert order.sources[0].revised_prompt == "line\none   \ufffd"


def test_a_picture_in_place_of_json_is_the_picture() -> None:
    order = judged(200, base64.b64decode(PIXELS))

    assert isinstance(order, Order)
    assert order.sources[0].content == base64.b64decode(PIXELS)


@pytest.mark.parametrize(
    "answer",
    [
        {"message": "https://docs.example.com/errors"},
        {"message": "/v1/images/generations"},
        {"id": "job", "status": "queued", "url": "https://api.example.com/jobs/1"},
        {"error": {"message": "No"}, "url": "https://docs.example.com"},
        {"data": [], "links": ["https://docs.example.com"]},
        {"data": ["a sentence: with colons"]},
    ],
)
def test_an_address_that_is_no_pictures_is_not_taken_for_one(answer: Any) -> None:
    assert not isinstance(judged(200, answer), Order)


def test_no_more_pictures_are_taken_than_were_ordered_and_none_twice() -> None:
    rows = [{"url": f"{URL}?{number // 2}"} for number in range(400)]

    order = judge(200, {}, json.dumps({"data": rows}).encode(), model=MODEL, images=3)

    assert isinstance(order, Order)
    assert [source.url for source in order.sources] == [f"{URL}?0", f"{URL}?1", f"{URL}?2"]


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://a.b/c.png#\ud83e", "https://a.b/c.png#%EF%BF%BD"),
        ("https://a.b/c\0\r\n.png", "https://a.b/c.png"),
        (" https://a.b/a fox.png ", "https://a.b/a%20fox.png"),
        ("https://a.b/" + "c" * 20_000, None),
    ],
)
def test_an_address_is_one_that_every_database_takes(url: str, stored: str | None) -> None:
    order = judged(200, picture(url=url))

    assert isinstance(order, Order)
    assert order.sources[0].url == stored


@pytest.mark.parametrize(
    ("named", "painter"),
    [
        ("grok-imagine-image-2.0", "grok-imagine-image-2.0"),
        ("openai/gpt-image-2.6-flare", "openai/gpt-image-2.6-flare"),
        (MODEL, MODEL),
        (MODEL.removeprefix("x-ai/"), MODEL),
        (f"another/{MODEL.upper()}", MODEL),
        ("/models/flux.safetensors", MODEL),
        ("C:\\models\\flux.gguf", MODEL),
        ("a model\nand a line", MODEL),
        ("x" * 101, MODEL),
        ("sk-canary-key-0123456789", MODEL),
        ("", MODEL),
        (None, MODEL),
        (5, MODEL),
        (["grok"], MODEL),
    ],
)
def test_an_order_has_the_name_of_the_model_that_the_answer_says_has_painted(
    named: object, painter: str
) -> None:
    answer = json.dumps({**picture(), "model": named}).encode()
    order = judge(200, {}, answer, model=MODEL, redact=Redactor((), ["sk-canary-key-0123456789"]))
    assert isinstance(order, Order)
    assert order.model == painter


def test_a_key_in_a_revised_prompt_is_taken_out() -> None:
    answer = json.dumps(picture(revised_prompt="A fox named canary-key-0123456789")).encode()

    order = judge(200, {}, answer, model=MODEL, redact=Redactor((), ["canary-key-0123456789"]))

    assert isinstance(order, Order)
    assert order.sources[0].revised_prompt == f"A fox named {MASK}"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Please try again in 12s.", 12),
        ("try again in 1m30s", 90),
        ("Retry after 20 seconds", 20),
        ("wait 250ms", 0.25),
        ("available again in 2 minutes", 120),
        ("Limit 5, used 5. Try again later.", None),
        ("You may try 3 more pictures", None),
    ],
)
def test_a_wait_is_read_out_of_the_text(text: str, seconds: float | None) -> None:
    answer = judged(429, {"message": f"Rate limit reached. {text}"})

    if seconds is not None and seconds > 60:
        assert isinstance(answer, FinalFailure)
        assert f"after {seconds} s" in str(answer.error)
    else:
        assert isinstance(answer, Repeat)
        assert answer.after == seconds


@pytest.mark.parametrize(
    "text",
    [
        "moderation " * 9000,
        "safety_violations=[" * 5000,
        "model " * 9000,
        "your key " * 9000,
        "prompt " * 9000,
        "a.b/" * 9000,
        "account " * 9000,
        "{" * 60_000,
        '{"error":' * 9000,
        "\\" * 60_000,
        "&#" * 30_000,
        "9" * 64_000,
        "again 1m " * 9000,
        "model " + "( " * 4000,
        "model again 12m api key is ( " * 300,
        "prompt " + "… " * 4000,
        "account " + "- " * 4000,
    ],
)
def test_a_hostile_text_is_judged_at_once(text: str) -> None:
    for body in (text, json.dumps({"message": text}), f'{{"message":"{text}'):
        started = time.thread_time()
        judged(400, body.encode(), prompt="a fox " * 1000 + text[:300])
        assert time.thread_time() - started < 0.5
