"""Faults of the image API that have been observed or must be expected, each by name."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from aiohttp import web

from sandbox.images import broken_images, chat, error_responses

Response = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]
"""From the request and the body of the correct response to the faulty response."""


class FaultPoint(Enum):
    ORDER = "the paid request"
    DOWNLOAD = "the download of a picture"
    CHAT = "the chat that revises a prompt"


@dataclass(frozen=True, slots=True)
class Fault:
    """`billed`: the look-alike counts the generation as paid for, although the caller may never learn of it."""

    description: str
    respond: Response
    point: FaultPoint = FaultPoint.ORDER
    billed: bool = False


def fixed(build: Callable[[], web.StreamResponse]) -> Response:
    """Always the same response, built anew."""

    async def respond(_request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
        return build()

    return respond


def altered(alter: Callable[[dict[str, Any]], Any]) -> Response:
    """A 200 with an altered body."""

    async def respond(_request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(alter(good))

    return respond


async def reset(request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    """Cut the connection without a byte of an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def hang(_request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    """Never answer; the handler is cancelled when the caller goes away."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def drip(request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    """Headers at once, then one space at a time, for ever: a read timeout alone never notices."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.02)


async def cut_short(request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    """Promise a longer body than is sent, then cut the connection."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b'{"data":[{"url":"http')
    return await reset(request, {})


async def flood(request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    """30 MB where a picture is expected; starts like one."""
    response = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
    await response.prepare(request)
    await response.write(b"\xff\xd8\xff\xe0")
    for _ in range(30):
        await response.write(bytes(1_000_000))
    return response


async def huge_response(_request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
    """30 MB of base64 in one picture."""
    return web.json_response({**good, "data": [{"url": None, "b64_json": "A" * 30_000_000}]})


async def endless_error(request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    """48 MB of an error's text."""
    response = web.StreamResponse(status=400, headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"message": "')
    for _ in range(48):
        await response.write(b"it goes on " * 95_000)
    return response


async def empty_rows(request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    """Three million rows with nothing in them."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"data": [{}')
    for _ in range(30):
        await response.write(b",{}" * 100_000)
    await response.write(b"]}")
    return response


async def created(_request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
    return web.json_response(good, status=201)


async def redirect_away(_request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    raise web.HTTPFound("http://127.0.0.1:9/elsewhere.jpeg")


async def redirect_to_itself(request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    raise web.HTTPFound(request.path)


def gzip_bomb() -> web.Response:
    """96 MB of spaces in 96 KB of gzip."""
    return web.Response(
        body=broken_images.gzip_of_spaces(96),
        headers={"Content-Encoding": "gzip"},
        content_type="application/json",
    )


async def escape_key(request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    """Repeat the caller's key in JSON escapes, in HTML entities, shortened and in base64."""
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    spelled = "".join(f"\\u{ord(sign):04x}" for sign in key)
    entities = "".join(f"&#{ord(sign)};" for sign in key)
    return error_responses.plain(
        400,
        f"Incorrect API key provided: {spelled} {entities} {key[:12]}... {base64.b64encode(key.encode()).decode()}",
    )


async def echo_key(request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    """Repeat the caller's key, as careless providers do."""
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return error_responses.problem(401, "Unauthorized", f"Incorrect API key provided: {key}.")


def renamed_data(name: str, row: Callable[[dict[str, Any]], Any] = dict) -> Callable[[dict[str, Any]], Any]:
    """The pictures under another name, each of them as `row` makes it."""
    return lambda good: {name: [row(one) for one in good["data"]]}


def too_many_rows(good: dict[str, Any]) -> dict[str, Any]:
    """Four hundred pictures, however many were asked for."""
    row = good["data"][0]
    return {**good, "data": [{**row, "url": f"{row['url']}?{number}"} for number in range(400)]}


def other_origin(good: dict[str, Any]) -> dict[str, Any]:
    """The same host by its other name, which is another origin."""
    rows = [{**row, "url": row["url"].replace("127.0.0.1", "localhost")} for row in good["data"]]
    return {**good, "data": rows}


def odd_numbers(good: dict[str, Any]) -> dict[str, Any]:
    usage = {"credits_used": float("nan"), "tokens_used": -(10**30), "usd_spent": "1e999"}
    return {**good, "created": 10**400, "meta": {"usage": usage}}


def odd_texts(good: dict[str, Any]) -> dict[str, Any]:
    """A lone surrogate in the URL, and characters that databases refuse in the revised prompt."""
    revised = "A\x00 \ud83e\x1b[31m fox" + "." * 100_000
    rows = [{**row, "url": f"{row['url']}#\ud83e", "revised_prompt": revised} for row in good["data"]]
    return {**good, "data": rows}


def with_data(data: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda good: {**good, "data": data}


def each_row(change: Mapping[str, Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda good: {**good, "data": [{**row, **change} for row in good["data"]]}


def bad_file(content: Callable[[], bytes], media_type: str = "image/png") -> Response:
    return fixed(lambda: web.Response(body=content(), content_type=media_type))


def _model_gone(status: int, message: str) -> Fault:
    return Fault(f"{status}: the model is gone", fixed(lambda: error_responses.plain(status, message)))


def _refusal(status: int, message: str, description: str) -> Fault:
    return Fault(f"{status}: {description}", fixed(lambda: error_responses.plain(status, message)))


_DEPRECATED = (
    "Model grok-2-image-1212 has been fully deprecated and is no longer available. "
    "Please use grok-imagine-image instead."
)
_MODERATED = "Generated image rejected by content moderation."

MODERATION: dict[str, Fault] = {
    "moderated_400": Fault(
        "400: moderation, in the API's envelope",
        fixed(lambda: error_responses.plain(400, _MODERATED)),
        billed=True,
    ),
    "moderated_400_code": Fault(
        "400: moderation, told by a code alone",
        fixed(lambda: error_responses.upstream(400, "Bad request", "imagine:content-moderated")),
        billed=True,
    ),
    "moderated_403": Fault(
        "403: moderation, in xAI's short envelope",
        fixed(
            lambda: error_responses.upstream_short(
                403,
                "The caller does not have permission to execute the specified operation",
                "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_DATA_LEAKAGE",
            )
        ),
    ),
    "moderated_500": Fault(
        "500: moderation, dressed up as a failure of the server",
        fixed(lambda: error_responses.problem(500, "Internal Server Error", _MODERATED)),
        billed=True,
    ),
    "moderated_input": Fault(
        "400: moderation of the prompt, with its category",
        fixed(
            lambda: error_responses.upstream(
                400,
                "Your request was rejected by the safety system. safety_violations=[sexual].",
                "moderation_blocked",
                moderation_details={"moderation_stage": "input", "categories": ["sexual"]},
            )
        ),
    ),
    "moderated_output": Fault(
        "400: moderation of the painted picture, with its categories",
        fixed(
            lambda: error_responses.upstream(
                400,
                "Your request was rejected by the safety system.",
                "moderation_blocked",
                moderation_details={"moderation_stage": "output", "categories": ["violence", "self-harm"]},
            )
        ),
        billed=True,
    ),
    "moderated_451": Fault(
        "451: moderation, by the status alone", fixed(lambda: error_responses.plain(451, "Unavailable"))
    ),
    "moderated_flag": Fault(
        "200: respect_moderation is false and the url is empty",
        altered(each_row({"url": "", "respect_moderation": False})),
        billed=True,
    ),
}

REFUSALS: dict[str, Fault] = {
    "invalid_request": _refusal(400, "Body validation error! prompt: Invalid", "it calls the request wrong"),
    "input_unreadable": Fault(
        "400: the picture that was given can't be read",
        fixed(
            lambda: error_responses.upstream(
                400,
                "Invalid image file or mode for image 1, please check your image file.",
                "invalid_image_file",
            )
        ),
    ),
    "prompt_too_long": _refusal(
        400,
        "Prompt len is larger than the maximum allowed length which is 1024",
        "it calls the prompt too long",
    ),
    "bad_key": Fault(
        "401: the key is wrong",
        fixed(lambda: error_responses.problem(401, "Unauthorized", "This request requires a valid API key.")),
    ),
    "key_echoed": Fault("401: the key is wrong, and repeated in the answer", echo_key),
    "no_credit": Fault(
        "403: the balance is used up",
        fixed(lambda: error_responses.problem(403, "Forbidden", "You've run out of credits. Please top up.")),
    ),
    "payment_required": Fault(
        "402: a payment is asked for",
        fixed(lambda: web.json_response({"detail": {"error": "Inference prohibited"}}, status=402)),
    ),
    "key_in_a_400": Fault(
        "400: the key is wrong, as xAI says it",
        fixed(
            lambda: error_responses.upstream_short(
                400, "Client specified an invalid argument", "Incorrect API key provided: sk-abc***."
            )
        ),
    ),
    "key_escaped": Fault("400: the key is wrong, and repeated in four disguises", escape_key),
    "hard_limit": Fault(
        "400: the account's hard limit is reached",
        fixed(
            lambda: error_responses.upstream(
                400, "Billing hard limit has been reached", "billing_hard_limit_reached"
            )
        ),
    ),
    "firewall": Fault(
        "403: a firewall's page in HTML", fixed(lambda: error_responses.html(403, "Just a moment..."))
    ),
    "permission_unclear": _refusal(403, "Forbidden", "and not a word of what"),
    "lost_404": Fault(
        "404: a path that is not there, in plain text",
        fixed(lambda: web.Response(status=404, text="404 page not found\n")),
    ),
    "gone_404": _model_gone(404, "Model grok-2-image not found"),
    "gone_503": _model_gone(503, "no available channels for model grok-2-image under group default"),
    "gone_400": _model_gone(400, "Model not found"),
    "gone_500": _model_gone(500, _DEPRECATED),
    "rate_limited": _refusal(429, "Too Many Requests", "too many requests, no Retry-After"),
    "rate_limited_briefly": Fault(
        "429: too many requests, Retry-After 1 s",
        fixed(lambda: error_responses.plain(429, "Too Many Requests", {"Retry-After": "1"})),
    ),
    "rate_limited_as_credit": _refusal(
        429, "Your team has used all available credits.", "too many requests, and words about credit"
    ),
    "rate_limited_in_words": _refusal(
        429,
        "Rate limit reached, limit 5 / min. Please try again in 1s.",
        "too many requests, the wait is in the text",
    ),
    "rate_limited_with_advice": Fault(
        "429: too many requests, Retry-After 1 s, and advice to pay more",
        fixed(
            lambda: error_responses.plain(
                429,
                "Rate limit reached. Add a payment method at https://platform.example.com/account/billing "
                "to have more credit.",
                {"Retry-After": "1"},
            )
        ),
    ),
    "rate_limited_for_an_hour": Fault(
        "429: too many requests, Retry-After 3600 s",
        fixed(lambda: error_responses.plain(429, "Too Many Requests", {"Retry-After": "3600"})),
    ),
}

OUTAGES: dict[str, Fault] = {
    "internal_error": _refusal(500, "Internal server error", "something broke"),
    "maintenance": _refusal(500, "The model is under maintenance. Please, try again later.", "maintenance"),
    "bad_gateway": Fault(
        "502: a proxy's page in HTML", fixed(lambda: error_responses.html(502, "Bad Gateway"))
    ),
    "billed_bad_gateway": Fault(
        "502: a proxy's page in HTML, and it was billed",
        fixed(lambda: error_responses.html(502, "Bad Gateway")),
        billed=True,
    ),
    "unavailable": Fault(
        "503: a proxy's page in HTML",
        fixed(lambda: error_responses.html(503, "Service Temporarily Unavailable")),
    ),
    "gateway_timeout": Fault(
        "504: the generation took too long, and was billed",
        fixed(lambda: error_responses.plain(504, "Generation timeout")),
        billed=True,
    ),
    "reset": Fault("the connection is reset after the request, which was billed", reset, billed=True),
    "hang": Fault("no answer ever comes, and it was billed", hang, billed=True),
    "drip": Fault("the answer drips for ever, and it was billed", drip, billed=True),
    "cut_short": Fault("the answer is cut in the middle, and it was billed", cut_short, billed=True),
    "html": Fault("200: a page in HTML", fixed(lambda: error_responses.html(200, "Welcome")), billed=True),
    "broken_json": Fault("200: JSON cut short", fixed(lambda: error_responses.broken_json(200)), billed=True),
    "empty_rows": Fault("200: 9 MB of empty rows", empty_rows, billed=True),
    "packed_bomb": Fault("200: 96 KB that unpack to 96 MB", fixed(gzip_bomb), billed=True),
    "endless_error": Fault("400: 48 MB of text", endless_error),
    "data_null": Fault("200: data is null", altered(with_data(None)), billed=True),
    "data_empty": Fault("200: data is empty", altered(with_data([])), billed=True),
    "no_image": Fault(
        "200: url and b64_json are null", altered(each_row({"url": None, "b64_json": None})), billed=True
    ),
    "error_in_a_200": Fault(
        "200: an error that names nothing",
        altered(lambda _good: {"error": {"message": "The operation did not complete."}}),
        billed=True,
    ),
    "job": Fault(
        "202: a job, whose picture would have to be asked for",
        fixed(lambda: web.json_response({"id": "job-1", "status": "queued"}, status=202)),
        billed=True,
    ),
    "huge_answer": Fault("200: 30 MB of base64", huge_response, billed=True),
}

ODDITIES: dict[str, Fault] = {
    "created": Fault(
        "201 in place of 200, as older documents have it",
        created,
        billed=True,
    ),
    "images_for_data": Fault("200: images in place of data", altered(renamed_data("images")), billed=True),
    "output_of_addresses": Fault(
        "200: a list of addresses, called output",
        altered(renamed_data("output", lambda row: row["url"])),
        billed=True,
    ),
    "many_pictures": Fault("200: 400 pictures", altered(too_many_rows), billed=True),
    "twice": Fault(
        "200: each picture is there twice",
        altered(lambda good: {**good, "data": good["data"] * 2}),
        billed=True,
    ),
    "odd_numbers": Fault("200: costs that are no numbers", altered(odd_numbers), billed=True),
    "odd_texts": Fault("200: texts that no database takes", altered(odd_texts), billed=True),
    "no_meta": Fault("200: meta is null", altered(lambda good: {**good, "meta": None}), billed=True),
    "no_usage": Fault(
        "200: usage is null", altered(lambda good: {**good, "meta": {"usage": None}}), billed=True
    ),
    "empty_revised_prompt": Fault(
        "200: the revised prompt is empty", altered(each_row({"revised_prompt": ""})), billed=True
    ),
    "forbidden_origin": Fault(
        "200: the picture is said to be at an origin that nobody allowed",
        altered(other_origin),
        billed=True,
    ),
}


def _download_fault(description: str, respond: Response) -> Fault:
    return Fault(description, respond, FaultPoint.DOWNLOAD)


DOWNLOADS: dict[str, Fault] = {
    "picture_missing": _download_fault("404 for the picture", fixed(lambda: web.Response(status=404))),
    "picture_error": _download_fault("500 for the picture", fixed(lambda: web.Response(status=500))),
    "picture_reset": _download_fault("the download is reset", reset),
    "picture_hang": _download_fault("the download never answers", hang),
    "picture_drip": _download_fault("the download drips for ever", drip),
    "picture_truncated": _download_fault("half a picture", bad_file(broken_images.truncated, "image/jpeg")),
    "picture_html": _download_fault(
        "a page in place of the picture", fixed(lambda: error_responses.html(200, "Sign in"))
    ),
    "picture_empty": _download_fault("no bytes at all", bad_file(bytes)),
    "picture_bomb": _download_fault(
        "9 KB that are 9000×9000 pixels", bad_file(broken_images.decompression_bomb)
    ),
    "picture_of_chunks": _download_fault("25 MB in two million pieces", bad_file(broken_images.empty_chunks)),
    "picture_huge": _download_fault("30 MB", flood),
    "picture_redirect_away": _download_fault("a redirect to an origin that nobody allowed", redirect_away),
    "picture_redirect_around": _download_fault("a redirect to itself", redirect_to_itself),
}


def _chat_fault(description: str, respond: Response) -> Fault:
    return Fault(description, respond, FaultPoint.CHAT)


def _says(content: str | None, finish_reason: str = "stop", refusal: str | None = None) -> Response:
    return altered(lambda _good: chat.completion(content, finish_reason, refusal))


async def huge_chat(_request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    """30 MB of words."""
    return web.json_response(chat.completion("it goes on " * 2_800_000))


async def recite(request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    """Answer with what the model was told in confidence, as one that was talked out of its role."""
    body = await request.json()
    return web.json_response(chat.completion("Sure! I was told: " + str(body["messages"][0]["content"])))


async def model_gone_from_chat(request: web.Request, _good: dict[str, Any]) -> web.StreamResponse:
    return error_responses.plain(404, f"Model {(await request.json()).get('model')} not found")


def wrapped(good: dict[str, Any]) -> dict[str, Any]:
    """The same words as chat models like to put them: with an introduction, and in quotation marks."""
    return chat.completion(
        f'Sure! Here is the revised prompt:\n\n"{good["choices"][0]["message"]["content"]}"'
    )


CHAT: dict[str, Fault] = {
    "chat_refused": _chat_fault(
        "the chat refuses, in its own field", _says(None, refusal="I can't help with that.")
    ),
    "chat_refused_in_words": _chat_fault(
        "the chat refuses, in words", _says("I'm sorry, but I can't help with that request.")
    ),
    "chat_filtered": _chat_fault("the chat's filter has cut in", _says("", "content_filter")),
    "chat_cut": _chat_fault("the chat stops in the middle of a sentence", _says("A fox in the", "length")),
    "chat_empty": _chat_fault("the chat says nothing", _says("")),
    "chat_null": _chat_fault("the chat's content is null", _says(None)),
    "chat_no_choices": _chat_fault("the chat has no choices", altered(lambda good: {**good, "choices": []})),
    "chat_too_long": _chat_fault("the chat writes a novel", _says("A fox, and then another fox. " * 400)),
    "chat_recites": _chat_fault("the chat repeats its instructions", recite),
    "chat_wrapped": _chat_fault("the chat is polite", altered(wrapped)),
    "chat_gone": _chat_fault("404: the chat model is gone", model_gone_from_chat),
    "chat_lost": _chat_fault(
        "404: there is no chat here", fixed(lambda: error_responses.plain(404, "Not Found"))
    ),
    "chat_bad_key": _chat_fault(
        "401: the chat does not take the key",
        fixed(
            lambda: error_responses.problem(
                401, "Unauthorized", "Incorrect API key provided: sandbox-image-key"
            )
        ),
    ),
    "chat_rate_limited": _chat_fault(
        "429: too many chats", fixed(lambda: error_responses.plain(429, "Too Many Requests"))
    ),
    "chat_unavailable": _chat_fault(
        "503 for the chat", fixed(lambda: error_responses.html(503, "Service Temporarily Unavailable"))
    ),
    "chat_html": _chat_fault("200: a page for the chat", fixed(lambda: error_responses.html(200, "Welcome"))),
    "chat_broken_json": _chat_fault("200: JSON cut short", fixed(lambda: error_responses.broken_json(200))),
    "chat_huge": _chat_fault("200: 30 MB of words", huge_chat),
    "chat_reset": _chat_fault("the chat is reset", reset),
    "chat_hang": _chat_fault("the chat never answers", hang),
    "chat_drip": _chat_fault("the chat drips for ever", drip),
}

ALL: dict[str, Fault] = {**MODERATION, **REFUSALS, **OUTAGES, **ODDITIES, **DOWNLOADS, **CHAT}
