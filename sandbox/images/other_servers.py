"""Servers of the shape of OpenAI's that are not AI/ML API: how each answers, what it refuses, and its oddities.

Written from their documents and sources, as of 2026: xAI https://docs.x.ai/docs/guides/image-generations, OpenAI
https://platform.openai.com/docs/api-reference/images, LiteLLM https://docs.litellm.ai/docs/image_generation, LocalAI
https://localai.io/features/image-generation/, stable-diffusion.cpp's `sd-server`
https://github.com/leejet/stable-diffusion.cpp, vLLM-Omni https://docs.vllm.ai/projects/vllm-omni, DeepInfra
https://deepinfra.com/docs, Together https://docs.together.ai/docs/images-overview, new-api
https://github.com/QuantumNous/new-api.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal, Self

from aiohttp import web

from sandbox.images.models import EDITS, GENERATIONS
from sandbox.images.painter import Painter
from sandbox.images.request_bodies import PictureUnreadable, pictures_of, read_body
from sandbox.images.schema import Schema, body_error, ids_of, schemas_of
from sandbox.images.server import LARGEST_BODY, RecordedRequest

Trouble = Literal["moderated", "gone", "broken", "busy", "invalid", "unauthorized", "no credit"]
"""What an order can be answered with in place of pictures."""
Row = dict[str, Any]

_BASE64 = frozenset({"model", "prompt", "n", "size", "response_format"})
_EXTRA_ARGS = re.compile(r"<sd_cpp_extra_args>(.*?)</sd_cpp_extra_args>")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of server speaks. `takes` are the fields of an order, `ignores` further ones; others are refused.

    `gives`: a picture as base64, at an absolute or at a relative address, or as a data URI, whatever was asked for;
    `as asked` obeys `response_format`. `row` is what else a picture has, and `around` puts around all of them what else
    an answer has. `pictures`: the part of a form that pictures to be changed are in. `schemas`, where it publishes
    some, are exacter than `takes`, and say which models change pictures. `errors`: the status and the body for each
    trouble, in which {model} is the one that was asked for.
    """

    models: tuple[str, ...]
    takes: frozenset[str]
    gives: Literal["base64", "absolute", "relative", "data URI", "as asked"]
    around: Callable[[list[Row], str], Row]
    errors: Mapping[Trouble, tuple[int, Any]]
    ignores: frozenset[str] = frozenset()
    schemas: tuple[Schema, ...] = ()
    row: Row | None = None
    pictures: str | None = None
    largest_n: int = 10

    @property
    def changes_pictures(self) -> bool:
        return self.pictures is not None or any(schema["route"] == EDITS for schema in self.schemas)


def _openai_error(message: str, kind: str | None, code: object = None, **more: object) -> Row:
    return {"error": {"message": message, "type": kind, "param": None, "code": code, **more}}


def _created(rows: list[Row], _model: str) -> Row:
    return {"created": 1_764_000_000, "data": rows}


XAI = Dialect(
    models=("grok-imagine-image", "grok-imagine-image-2.0"),
    takes=frozenset(
        {"model", "prompt", "n", "aspect_ratio", "resolution", "response_format", "user", "quality"}
    ),
    schemas=schemas_of("xai"),
    gives="as asked",
    row={"mime_type": "image/jpeg", "revised_prompt": ""},
    around=lambda rows, model: {
        "data": rows,
        "model": model,
        "usage": {"cost_in_usd_ticks": 200_000_000 * len(rows)},
    },
    errors={
        "moderated": (
            400,
            {
                "code": "Client specified an invalid argument",
                "error": "Generated image rejected by content moderation.",
            },
        ),
        "gone": (
            404,
            {
                "code": "Some requested entity was not found",
                "error": "The model {model} does not exist or your team 0 does not have access to it.",
            },
        ),
        "broken": (500, {"code": "The service encountered an internal error", "error": "Internal error"}),
        "busy": (
            429,
            {
                "code": "Some resource has been exhausted",
                "error": "Too many requests for team 0: rate limit.",
            },
        ),
        "invalid": (
            422,
            {
                "code": "Client specified an invalid argument",
                "error": "Argument not supported: quality",
            },
        ),
        "unauthorized": (
            400,
            {
                "code": "Client specified an invalid argument",
                "error": "Incorrect API key provided: xa***1b. You can obtain an API key from https://console.x.ai.",
            },
        ),
        "no credit": (
            403,
            {
                "code": "The caller does not have permission to execute the specified operation",
                "error": "Your team has used all available credits or reached its monthly spending limit.",
            },
        ),
    },
)

OPENAI = Dialect(
    models=("gpt-image-2", "gpt-image-1"),
    takes=frozenset(
        {"model", "prompt", "n", "size", "quality", "background", "output_format", "output_compression"}
        | {"moderation", "user"}
    ),
    schemas=schemas_of("openai"),
    gives="base64",
    around=lambda rows, _model: {
        "created": 1_764_000_000,
        "background": "opaque",
        "data": rows,
        "output_format": "png",
        "quality": "medium",
        "size": "1024x1024",
        "usage": {"input_tokens": 12, "output_tokens": 1056, "total_tokens": 1068},
    },
    errors={
        "moderated": (
            400,
            _openai_error(
                "Your request was rejected by the safety system. If you believe this is an error, contact us at "
                "help.openai.com and include the request ID req_1. safety_violations=[violence].",
                "image_generation_user_error",
                "moderation_blocked",
                moderation_details={"moderation_stage": "output", "categories": ["violence"]},
            ),
        ),
        "gone": (
            400,
            _openai_error("The model `{model}` does not exist.", "invalid_request_error", "model_not_found"),
        ),
        "broken": (
            500,
            _openai_error("The server had an error while processing your request. Sorry!", "server_error"),
        ),
        "busy": (
            429,
            _openai_error(
                "Rate limit reached for {model}: Limit 5, Used 5, Requested 1. Please try again in 1s.",
                "input-images",
                "rate_limit_exceeded",
            ),
        ),
        "invalid": (
            400,
            _openai_error("Unknown parameter: 'style'.", "invalid_request_error", "unknown_parameter"),
        ),
        "unauthorized": (
            401,
            _openai_error(
                "Incorrect API key provided: sk-abc***.", "invalid_request_error", "invalid_api_key"
            ),
        ),
        "no credit": (
            429,
            _openai_error(
                "You exceeded your current quota, please check your plan and billing details.",
                "insufficient_quota",
                "insufficient_quota",
            ),
        ),
    },
)

LITELLM = Dialect(
    models=("flux-schnell", "house-painter"),
    takes=_BASE64 | {"quality", "user"},
    gives="as asked",
    row={"revised_prompt": None},
    around=_created,
    errors={
        "moderated": (
            400,
            _openai_error(
                "litellm.ContentPolicyViolationError: litellm.BadRequestError: OpenAIException - refused",
                None,
                "400",
            ),
        ),
        "gone": (
            400,
            _openai_error(
                "/images/generations: Invalid model name passed in model={model}. "
                "Call `/v1/models` to view available models for your key.",
                "None",
                "400",
            ),
        ),
        "broken": (500, _openai_error("litellm.InternalServerError: Connection error", None, "500")),
        "busy": (
            429,
            _openai_error(
                "litellm.RateLimitError: No deployments available for selected model. Try again in 1 seconds.",
                "None",
                "429",
            ),
        ),
        "invalid": (400, _openai_error("litellm.UnsupportedParamsError: style", None, "400")),
        "unauthorized": (
            401,
            _openai_error(
                "Authentication Error, Invalid proxy server token passed.", "token_not_found_in_db", "401"
            ),
        ),
        "no credit": (
            400,
            _openai_error(
                "Budget has been exceeded! Current cost: 1.2, Max budget: 1.0", "budget_exceeded", "400"
            ),
        ),
    },
)

LOCALAI = Dialect(
    models=("stablediffusion", "flux.1-dev-ggml"),
    takes=_BASE64 | {"step", "file", "ref_images"},
    gives="as asked",
    row={"index": 0, "embedding": None},
    around=lambda rows, _model: {
        "created": 1_764_000_000,
        "id": "0b0c",
        "data": rows,
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    },
    errors={
        "moderated": (400, {"error": {"code": 400, "message": "NSFW content detected", "type": ""}}),
        "gone": (
            404,
            {"error": {"code": 404, "message": 'model "{model}" not found', "type": "invalid_request_error"}},
        ),
        "broken": (
            500,
            {
                "error": {
                    "code": 500,
                    "message": "rpc error: code = Unknown desc = Unexpected error",
                    "type": "",
                }
            },
        ),
        "busy": (503, {"error": {"code": 503, "message": "backend is busy", "type": ""}}),
        "invalid": (400, {"error": {"code": 400, "message": "invalid value for 'size'", "type": ""}}),
        "unauthorized": (
            401,
            {"error": {"code": 401, "message": "An authentication key is required", "type": ""}},
        ),
        "no credit": (402, {"error": {"code": 402, "message": "Quota used up", "type": ""}}),
    },
)

SD_SERVER = Dialect(
    models=("sd-cpp-local",),
    takes=frozenset({"prompt", "n", "size", "output_format", "output_compression"}),
    ignores=frozenset({"model", "response_format"}),
    pictures="image[]",
    gives="base64",
    around=lambda rows, _model: {"created": 1_764_000_000, "data": rows, "output_format": "png"},
    errors={
        "moderated": (400, {"error": "invalid_request", "message": "prohibited content"}),
        "gone": (404, "File Not Found"),
        "broken": (500, {"error": "server_error", "message": "generate_image returned no results"}),
        "busy": (503, "busy"),
        "invalid": (400, {"error": "prompt required"}),
        "unauthorized": (401, "Unauthorized"),
        "no credit": (402, "Payment Required"),
    },
    largest_n=8,
)

VLLM_OMNI = Dialect(
    models=("Qwen/Qwen-Image",),
    takes=_BASE64 | {"negative_prompt", "num_inference_steps", "guidance_scale", "seed", "user"},
    pictures="image",
    gives="base64",
    row={"revised_prompt": None},
    around=_created,
    errors={
        "moderated": (400, {"detail": "The prompt was flagged"}),
        "gone": (404, {"object": "error", "message": "The model `{model}` does not exist.", "code": 404}),
        "broken": (500, {"detail": "Image generation failed: CUDA out of memory"}),
        "busy": (503, {"detail": "Diffusion engine not initialized. Start server with a diffusion model."}),
        "invalid": (
            422,
            {
                "detail": [
                    {
                        "type": "less_than_equal",
                        "loc": ["body", "n"],
                        "msg": "Input should be less than or equal to 10",
                        "input": 11,
                    }
                ]
            },
        ),
        "unauthorized": (401, {"error": "Unauthorized"}),
        "no credit": (402, {"detail": "Payment Required"}),
    },
)

DEEPINFRA = Dialect(
    models=("black-forest-labs/FLUX-1-schnell", "ByteDance/Seedream-4"),
    takes=_BASE64 | {"user"},
    gives="base64",
    row={"revised_prompt": "an echo"},
    around=lambda rows, _model: {
        **_created(rows, ""),
        "inference_status": {"status": "succeeded", "cost": 0.0005 * len(rows)},
    },
    errors={
        "moderated": (400, {"detail": {"error": "The image was flagged as NSFW"}}),
        "gone": (404, {"detail": {"error": "Model is not available"}}),
        "broken": (500, {"detail": {"error": "inference failed"}}),
        "busy": (429, {"detail": {"error": "Model busy, retry later"}}),
        "invalid": (422, {"detail": [{"loc": ["body", "size"], "msg": "str type expected"}]}),
        "unauthorized": (401, {"detail": "User not authenticated"}),
        "no credit": (402, {"detail": {"error": "Inference prohibited, please enter a payment method"}}),
    },
)

TOGETHER = Dialect(
    models=("black-forest-labs/FLUX.1-schnell", "black-forest-labs/FLUX.2-dev"),
    takes=frozenset({"model", "prompt", "n", "width", "height", "steps", "response_format", "image_url"}),
    gives="as asked",
    row={"index": 0, "timings": {"inference": 0.4}},
    around=lambda rows, model: {"id": "o1", "model": model, "object": "list", "data": rows},
    errors={
        "moderated": (
            422,
            {"id": "o1", **_openai_error("The image contains NSFW content", "nsfw_content", "nsfw_content")},
        ),
        "gone": (
            404,
            {
                "id": "o1",
                **_openai_error(
                    "Unable to access model {model}. Please visit https://api.together.ai/models to view the list of "
                    "supported models.",
                    "invalid_request_error",
                    "model_not_available",
                ),
            },
        ),
        "broken": (500, {"id": "o1", **_openai_error("Internal server error", "server_error")}),
        "busy": (
            429,
            {
                "id": "o1",
                **_openai_error("You have reached the rate limit specific to this model", "rate_limit"),
            },
        ),
        "invalid": (
            400,
            {"id": "o1", **_openai_error("steps must be between 1 and 4", "invalid_request_error")},
        ),
        "unauthorized": (
            401,
            {
                "id": "o1",
                **_openai_error("Invalid API key provided.", "invalid_request_error", "invalid_api_key"),
            },
        ),
        "no credit": (
            402,
            {
                "id": "o1",
                **_openai_error("Credit limit exceeded, please navigate to billing", "credit_limit"),
            },
        ),
    },
    largest_n=4,
)

NEW_API = Dialect(
    models=("grok-imagine-image", "gpt-image-2"),
    takes=_BASE64 | {"aspect_ratio", "resolution", "quality"},
    gives="as asked",
    around=_created,
    errors={
        "moderated": (
            400,
            _openai_error("sensitive words detected", "new_api_error", "sensitive_words_detected"),
        ),
        "gone": (
            503,
            _openai_error(
                "No available channel for model {model} under group default (distributor)", "new_api_error"
            ),
        ),
        "broken": (
            500,
            _openai_error("upstream error: do request failed", "new_api_error", "do_request_failed"),
        ),
        "busy": (429, _openai_error("The upstream load of this group is saturated", "upstream_error")),
        "invalid": (400, _openai_error("field prompt is required", "new_api_error", "invalid_request")),
        "unauthorized": (401, _openai_error("Invalid token (request id: 1)", "new_api_error")),
        "no credit": (
            403,
            _openai_error("user quota is not enough", "new_api_error", "insufficient_user_quota"),
        ),
    },
)

DIALECTS: Mapping[str, Dialect] = {
    "xAI": XAI,
    "OpenAI": OPENAI,
    "LiteLLM": LITELLM,
    "LocalAI": LOCALAI,
    "stable-diffusion.cpp": SD_SERVER,
    "vLLM-Omni": VLLM_OMNI,
    "DeepInfra": DEEPINFRA,
    "Together": TOGETHER,
    "new-api": NEW_API,
}


class OtherServer:
    """`async with OtherServer("LocalAI") as server:` serves on `server.url` until the block ends, and serves `models`.

    `troubles` holds what the next orders are answered with. `public_origin`, where set, is the origin in the addresses
    of its pictures, as of a server that knows itself by another name than its callers do. Of each order it is on record
    what was asked for (`requests`), and what the server took for commands inside the prompt (`obeyed`).
    """

    def __init__(self, name: str, *, gives: str | None = None) -> None:
        self.dialect = DIALECTS[name]
        self.key = "sandbox-other-key"
        self.models = list(self.dialect.models)
        self.requests: list[RecordedRequest] = []
        self.obeyed: list[str] = []
        self.troubles: list[Trouble] = []
        self.public_origin: str | None = None
        self._gives = gives or self.dialect.gives
        self._painter = Painter("plain")
        self._numbers = itertools.count(1)
        self._files: dict[str, bytes] = {}
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """What the bot takes as IMAGE_API_URL."""
        return f"{self.origin}/v1"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_post(f"/v1{GENERATIONS}", self._generate)
        if self.dialect.changes_pictures:
            app.router.add_post(f"/v1{EDITS}", self._generate)
        app.router.add_get("/v1/models", self._list)
        app.router.add_get("/generated-images/{name}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        whole, route = await read_body(request), request.path.removeprefix("/v1")
        body = whole.fields
        self.requests.append(RecordedRequest(body, request.headers, monotonic(), route, whole.files))
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return self._error("unauthorized", body)
        if self.troubles:
            return self._error(self.troubles.pop(0), body)
        if "model" in self.dialect.takes and body.get("model") not in self.models:
            return self._error("gone", body)
        if not self._accepts(body, route):
            return self._error("invalid", body)
        try:
            inputs = await pictures_of(whole) if route == EDITS else ()
        except PictureUnreadable:
            return self._error("invalid", body)
        prompt = self._without_commands(body["prompt"])
        form = self._gives
        if form == "as asked":
            form = "base64" if body.get("response_format") == "b64_json" else "absolute"
        rows = [
            {**(self.dialect.row or {}), **await self._picture(prompt, form, inputs)}
            for _ in range(body.get("n", 1))
        ]
        return web.json_response(self.dialect.around(rows, str(body.get("model"))))

    def _accepts(self, body: Any, route: str) -> bool:
        if self.dialect.schemas:
            fitting = [one for one in self.dialect.schemas if body.get("model") in ids_of(one)]
            errors = [body_error(one, body) for one in fitting if one["route"] == route]
            return errors == [None]
        taken = self.dialect.takes | self.dialect.ignores
        if route == EDITS and self.dialect.pictures:
            taken |= {self.dialect.pictures}
        known = set(body) <= taken
        return (
            known and isinstance(body.get("prompt"), str) and 1 <= body.get("n", 1) <= self.dialect.largest_n
        )

    def _without_commands(self, prompt: str) -> str:
        """Two servers take a part of the prompt for commands."""
        if self.dialect is SD_SERVER:
            self.obeyed += [found[1] for found in _EXTRA_ARGS.finditer(prompt)]
            return _EXTRA_ARGS.sub("", prompt)
        if self.dialect is LOCALAI:
            prompt, separator, negative = prompt.partition("|")
            self.obeyed += [negative] if separator else []
        return prompt

    async def _picture(self, prompt: str, form: str, inputs: tuple[bytes, ...]) -> Row:
        number = next(self._numbers)
        content = _numbered(await self._painter.picture(prompt, number, "jpeg", inputs=inputs), number)
        self._files[str(number)] = content
        encoded = base64.b64encode(content).decode()
        match form:
            case "base64":
                return {"b64_json": encoded}
            case "data URI":
                return {"url": f"data:image/jpeg;base64,{encoded}"}
            case "relative":
                return {"url": f"/generated-images/{number}.jpg"}
        return {"url": f"{self.public_origin or self.origin}/generated-images/{number}.jpg"}

    def _error(self, trouble: Trouble, body: Any) -> web.Response:
        status, content = self.dialect.errors[trouble]
        model = str(body.get("model")) if isinstance(body, dict) else ""
        if isinstance(content, str):
            return web.Response(status=status, text=content)
        text = json.dumps(content).replace("{model}", json.dumps(model)[1:-1])
        return web.Response(status=status, text=text, content_type="application/json")

    async def _list(self, _request: web.Request) -> web.Response:
        """Whole, whatever was asked for: none of these servers knows the filters of AI/ML API."""
        rows = [
            {"id": model, "object": "model", "created": 0, "owned_by": "sandbox"} for model in self.models
        ]
        return web.json_response({"object": "list", "data": rows})

    async def _file(self, request: web.Request) -> web.Response:
        content = self._files.get(request.match_info["name"].removesuffix(".jpg"))
        if content is None:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type="image/jpeg")


def _numbered(jpeg: bytes, number: int) -> bytes:
    """The same picture with another comment, so that no two have the same bytes."""
    comment = str(number).encode()
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]
