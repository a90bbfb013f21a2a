"""An operator is told which models there are, what each costs and takes, and what to set for an unknown one."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.app import image_client
from bot.core.generation.model import ImageSpec, InputImage, Shape
from bot.diagnostics.check import check
from bot.diagnostics.model_list import list_models, only_image_settings
from bot.diagnostics.models import dollars
from bot.imaging.model_schema import described_model
from bot.imaging.models import lookup
from bot.imaging.request import request_for
from bot.imaging.servers import Server
from bot.settings.model_fields import model_fields
from bot.settings.settings import Settings, read_settings
from sandbox.bot_process import python_environment
from sandbox.discord import Discord
from sandbox.images import ImageApi
from sandbox.images.models import GENERATIONS, MODELS, Model, openapi, validation_error
from sandbox.images.other_servers import DIALECTS, OtherServer
from tests.imaging.conftest import serving

Row = Mapping[str, Any]
PAINTER = "maker/painter-9"


@asynccontextmanager
async def listing(*rows: Row, documents: Mapping[str, Any] | None = None) -> AsyncIterator[str]:
    """The base URL of an API with that list of models, and their descriptions by path."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/v1/models":
            wanted = request.query.get("id")
            origin = f"http://{request.host}"
            shown = [row for row in rows if wanted in (None, row["id"])]
            text = json.dumps({"data": shown}).replace("ORIGIN", origin)
            return web.Response(text=text, content_type="application/json")
        if request.path in (documents or {}):
            return web.json_response((documents or {})[request.path])
        return web.Response(status=404, text="not found")

    async with serving(answer) as origin:
        yield f"{origin}/v1"


def row(model: str, **more: Any) -> Row:
    return {"id": model, "object": "model", "type": "openai/image-generations", **more}


def settings(url: str, **given: str) -> Settings:
    return read_settings(
        {"IMAGE_API_URL": url, "IMAGE_API_KEY": "a-key", "DISCORD_TOKEN": "a-token", **given}
    )


async def listed(settings: Settings) -> list[str]:
    lines = list[str]()
    assert await list_models(settings, lines.append) == 0
    return lines


async def checked(settings: Settings) -> Callable[[str], list[str]]:
    """What `check` says of a subject."""
    lines = list[str]()
    await check(settings, lines.append)
    return lambda subject: [line for line in lines if line[6:].startswith(subject)]


DOCUMENT = {
    "paths": {
        "/v1/images/generations": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "required": ["model", "prompt", "style"],
                                "properties": {
                                    "prompt": {"type": "string", "maxLength": 900},
                                    "num_images": {"maximum": 3},
                                    "aspect_ratio": {"enum": ["1:1", "16:9"]},
                                    "style": {},
                                },
                            }
                        }
                    }
                }
            }
        }
    }
}


async def test_every_model_has_a_line_with_what_it_costs_and_takes() -> None:
    async with ImageApi(style="plain") as images:
        images.retired.add("x-ai/grok-2-image")
        lines = await listed(settings(images.url))

    def line(model: str) -> list[str]:
        (found,) = [line for line in lines if line[3:].startswith(f"{model} ")]
        return [cell.strip() for cell in found.split("  ") if cell.strip()]

    assert line("x-ai/grok-imagine-image") == [
        "*",
        "x-ai/grok-imagine-image",
        "$0.026",
        "all",
        "10",
        "no",
        "known",
    ]
    assert line("openai/gpt-image-2")[2:] == ["square, portrait, landscape", "1", "yes, up to 16", "known"]
    assert line("flux/dev")[4] == "flux/dev/image-to-image"
    assert line("flux/dev/image-to-image")[-1] == "known, for changing pictures only"
    assert line("topaz-labs/sharpen")[-1] == "not usable: it takes no prompt"
    assert "x-ai/grok-2-image, which is in use, isn't served: withdrawn" in lines


async def test_a_list_that_names_all_kinds_of_models_is_searched_for_image_models() -> None:
    rows = [{"id": model} for model in ("gpt-5", "gpt-image-2", "my-flux", "odd-name")]
    reader = {"id": "image-reader", "modalities": {"input": ["image"], "output": ["text"]}}
    async with listing(*rows, reader) as url:
        lines = await listed(settings(url, IMAGE_MODEL="odd-name"))

    assert "serves 3 image models" in lines[0]
    assert [line.split()[0] for line in lines[2:5]] == ["gpt-image-2", "my-flux", "*"]
    assert "2 other models make no pictures, as far as the API says" in lines
    assert any(line.startswith("unknown fields") for line in lines)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "can't be read now (HTTP 401): check IMAGE_API_KEY"),
        (503, "can't be read now (HTTP 503)"),
        (404, "there's no list of models at"),
    ],
)
async def test_a_list_that_cannot_be_read_is_said_in_one_line(status: int, words: str) -> None:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status)

    lines = list[str]()
    async with serving(answer) as origin:
        assert await list_models(settings(f"{origin}/v1"), lines.append) == 1
    assert await list_models(settings(f"{origin}/v1"), lines.append) == 1
    assert len(lines) == 2
    assert words in lines[0]
    assert lines[1] == "nothing answers at 127.0.0.1: check the network and IMAGE_API_URL"


def test_no_mistake_in_the_other_settings_keeps_the_list_from_being_shown() -> None:
    found = read_settings(
        only_image_settings({"DAILY_LIMIT": "many", "IMAGE_MODEL": "a", "DISCORD_TOKEN": ""})
    )

    assert found.image_model == ("a",)


async def test_the_command_needs_no_token(tmp_path: Path) -> None:
    async with ImageApi(style="plain") as images:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "models"),
            cwd=tmp_path,
            env={**python_environment(), "IMAGE_API_URL": images.url},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, error = await process.communicate()
    assert (process.returncode, error) == (0, b"")
    assert f"serves {len(MODELS)} image models".encode() in out


async def test_check_says_what_each_model_in_use_costs_and_takes() -> None:
    async with ImageApi(style="plain") as images, Discord() as discord:
        said = await checked(
            settings(
                images.url,
                DISCORD_API_URL=discord.api_url,
                IMAGE_MODEL="x-ai/grok-imagine-image, nobody/has-that",
                IMAGE_CHOICES="Fast=flux/dev, Gone=nobody/has-it",
            )
        )

    details = said("Details")
    assert details[0].endswith(
        "x-ai/grok-imagine-image: $0.026 an image; prompts of up to 8,000 characters; shapes: square, portrait, "
        "landscape, wide, tall; 10 in a request; doesn't change pictures"
    )
    assert "flux/dev/image-to-image changes pictures" in details[1]
    assert said("Choices") == ["FAIL  Choices        Gone (nobody/has-it) isn't available; see IMAGE_CHOICES"]
    assert said("Fields") == []


async def test_check_says_what_a_day_costs_of_the_dearest_model_that_members_can_choose() -> None:
    async def spending(**more: str) -> list[str]:
        return (
            await checked(
                settings(
                    images.url, DISCORD_API_URL=discord.api_url, IMAGE_MODEL="x-ai/grok-imagine-image", **more
                )
            )
        )("Spending")

    async with ImageApi(style="plain") as images, Discord() as discord:
        usual = "$0.026 an image"
        assert usual in (await spending())[0]
        dear = await spending(IMAGE_CHOICES="Dear=google/nano-banana-pro")
        assert dear[0].endswith("at most about $31.60 a day, by BOT_DAILY_LIMIT and $0.158 the dearest image")
        assert usual in (await spending(IMAGE_CHOICES="Dear=google/nano-banana-pro*20"))[0]
        edits = await spending(IMAGE_EDIT_MODEL="reve/edit-image")
        assert "$0.105 the dearest image" in edits[0]


async def test_check_says_which_model_counts_as_more_than_members_have() -> None:
    choices = "Fast=flux/dev*5, Detailed=google/nano-banana-pro*6"
    async with ImageApi(style="plain") as images, Discord() as discord:
        given = settings(images.url, DISCORD_API_URL=discord.api_url, IMAGE_CHOICES=choices, DAILY_LIMIT="5")
        said = await checked(given)
    assert said("Choices") == [
        "??    Choices        Detailed counts as 6 images, more than DAILY_LIMIT=5: "
        "nobody can choose that without a higher limit"
    ]


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({}, ["ok    /edit isn't offered: no model in use can change pictures; see IMAGE_EDIT_MODEL"]),
        ({"IMAGE_EDIT_MODEL": "none"}, ["ok    /edit is off: IMAGE_EDIT_MODEL is none"]),
        ({"IMAGE_MODEL": "flux/dev"}, ["ok    flux/dev/image-to-image is available"]),
        (
            {"IMAGE_EDIT_MODEL": "flux/schnell, google/nano-banana-edit"},
            [
                "FAIL  flux/schnell can't change pictures by a prompt, as far as is known; see IMAGE_EDIT_MODEL",
                "ok    google/nano-banana-edit is available",
            ],
        ),
        (
            {"IMAGE_EDIT_MODEL": "reve/edit-image, flux/kontext-pro/image-to-image"},
            [
                "ok    reve/edit-image is no longer available; flux/kontext-pro/image-to-image is available; "
                "flux/kontext-pro/image-to-image is used"
            ],
        ),
        (
            {"IMAGE_EDIT_MODEL": "reve/edit-image"},
            [
                "FAIL  reve/edit-image is no longer available; "
                "set IMAGE_EDIT_MODEL to one that is available, or to none"
            ],
        ),
    ],
)
async def test_check_says_which_model_changes_pictures(given: dict[str, str], lines: list[str]) -> None:
    async with ImageApi(style="plain") as images, Discord() as discord:
        images.retired.add("reve/edit-image")
        said = await checked(settings(images.url, DISCORD_API_URL=discord.api_url, **given))

    assert [line[:6] + line[21:] for line in said("Edits")] == lines


async def test_what_changes_pictures_is_in_use_too_and_has_its_own_price() -> None:
    async with ImageApi(style="plain") as images, Discord() as discord:
        chosen = settings(images.url, DISCORD_API_URL=discord.api_url, IMAGE_EDIT_MODEL="reve/edit-image")
        said, lines = await checked(chosen), await listed(chosen)

    assert said("Details")[-1].endswith(
        "reve/edit-image: $0.105 an image; prompts of up to 2,560 characters; shapes: none to choose from; "
        "1 in a request; changes pictures"
    )
    assert any(line.startswith("*  reve/edit-image ") for line in lines)


async def test_check_reads_what_an_unknown_edit_model_takes() -> None:
    described = row(PAINTER, info={"docsJson": "ORIGIN/docs-json"})
    async with listing(described, documents={"/docs-json": DOCUMENT}) as url, Discord() as discord:
        said = await checked(
            settings(url, DISCORD_API_URL=discord.api_url, IMAGE_MODEL="flux/dev", IMAGE_EDIT_MODEL=PAINTER)
        )

    assert f"so set IMAGE_MODEL_FIELDS={PAINTER}: prompt=900" in said("Fields")[-1]


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({"REVISE_PROMPTS": "never"}, []),
        (
            {"PROMPT_MODEL": "x-ai/grok-4.20-non-reasoning"},
            ["ok    x-ai/grok-4.20-non-reasoning is available"],
        ),
        (
            {"PROMPT_MODEL": "nobody/talks"},
            [
                "??    nobody/talks isn't available; prompts are painted as written; "
                "set PROMPT_MODEL to one that is available, or REVISE_PROMPTS to never"
            ],
        ),
    ],
)
async def test_check_says_which_model_revises_prompts(given: dict[str, str], lines: list[str]) -> None:
    async with ImageApi(style="plain") as images, Discord() as discord:
        said = await checked(settings(images.url, DISCORD_API_URL=discord.api_url, **given))

    assert [line[:6] + line[21:] for line in said("Prompts")] == lines


async def test_check_reads_what_an_unknown_model_takes_and_says_what_to_set() -> None:
    documents = {"/docs-json": DOCUMENT}
    described = row(PAINTER, info={"docsJson": "ORIGIN/docs-json"})
    async with listing(described, row("other"), documents=documents) as url, Discord() as discord:
        given = {"DISCORD_API_URL": discord.api_url, "IMAGE_MODEL": f"{PAINTER}, other"}
        said = await checked(settings(url, **given, IMAGE_MODEL_FIELDS="OLD: n=2"))
        line = said("Fields")[2].partition("IMAGE_MODEL_FIELDS=")[2]
        then = await checked(settings(url, **given, IMAGE_MODEL_FIELDS=line))

    assert [one[6:].removeprefix("Fields").strip() for one in said("Fields")] == [
        f"{PAINTER} isn't known to the bot, and is sent the model and the prompt only; by the API it takes prompt=900, "
        "num_images=3, aspect_ratio=1:1 16:9, and must have style, which only you can say",
        "other isn't known to the bot, and is sent the model and the prompt only; IMAGE_MODEL_FIELDS can say more",
        f"so set IMAGE_MODEL_FIELDS=old: n=2; {PAINTER}: prompt=900, num_images=3, aspect_ratio=1:1 16:9",
        "IMAGE_MODEL_FIELDS has a list for old, which is used nowhere",
    ]
    assert not any(PAINTER in one for one in then("Fields"))


async def test_a_description_at_no_address_costs_its_line_only() -> None:
    nowhere = row(PAINTER, info={"docsJson": "https://[not-a-host/docs-json"})
    async with listing(nowhere) as url, Discord() as discord:
        said = await checked(settings(url, DISCORD_API_URL=discord.api_url, IMAGE_MODEL=PAINTER))

    assert said("Fields")[0].endswith("IMAGE_MODEL_FIELDS can say more")


async def test_a_description_is_read_from_the_apis_own_host_only() -> None:
    async with listing(documents={"/docs-json": DOCUMENT}) as elsewhere:
        link = elsewhere.replace("127.0.0.1", "localhost").replace("/v1", "/docs-json")
        async with listing(row(PAINTER, info={"docsJson": link})) as url, Discord() as discord:
            said = await checked(settings(url, DISCORD_API_URL=discord.api_url, IMAGE_MODEL=PAINTER))

    assert said("Fields")[0].endswith("IMAGE_MODEL_FIELDS can say more")


@pytest.mark.parametrize("name", DIALECTS)
async def test_other_servers_are_checked_and_listed_and_sell_one_picture(name: str, tmp_path: Path) -> None:
    lines = list[str]()
    async with OtherServer(name) as server, Discord() as discord:
        given = {
            "IMAGE_API_KEY": server.key,
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api_url,
        }
        given |= {"DATABASE_URL": f"sqlite:///{tmp_path / 'imagine.db'}", "IMAGE_MODEL": server.models[0]}
        chosen = settings(server.url, **given)
        listing = await listed(chosen)
        assert await check(chosen, lines.append, buyer=image_client(chosen)) == 0

    assert f"serves {len(server.models)} image model" in listing[0]
    assert any(line.startswith(f"*  {server.models[0]} ") for line in listing)
    [order] = [line for line in lines if "Order" in line]
    assert f"a picture by {server.models[0]} arrived" in order


@pytest.mark.parametrize(
    ("amount", "written"),
    [(0.02, "0.02"), (0.026, "0.026"), (0.5, "0.50"), (3, "3.00"), (0.0005, "0.0005")],
)
def test_dollars_have_the_places_that_they_need(amount: float, written: str) -> None:
    assert dollars(amount) == written


PROMPTED = [one for one in MODELS if "prompt" in one.schemas.get(GENERATIONS, {}).get("properties", ())]


@pytest.mark.parametrize("model", PROMPTED, ids=lambda model: model.id)
def test_what_a_description_says_is_what_the_model_takes(model: Model) -> None:
    described = described_model(openapi(model), model.id)
    assert described is not None
    if described.required:  # as a link in the field `image`, which only qwen-image-edit takes
        assert (model.id, described.required) == ("alibaba/qwen-image-edit", ("image",))
        return
    found = lookup(model.id, Server.OTHER, model_fields(f"{model.id}: {described.fields}"))
    inputs = (InputImage("https://cdn.example/a.png", "image/png", content=b"picture"),)
    for shape in (None, *Shape):
        given = inputs if described.needs_pictures else ()
        spec = ImageSpec("a fox", found.family.count.most, shape, given)
        request = request_for(found, spec, Server.OTHER)
        if request.content_type == "application/json":
            assert validation_error(model, json.loads(request.content), request.route) is None
