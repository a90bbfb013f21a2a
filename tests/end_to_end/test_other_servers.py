"""The bot as a process with servers of the shape of OpenAI's, each in its own dialect."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from sandbox.discord import Upload
from sandbox.images.models import EDITS
from sandbox.images.other_servers import DIALECTS, OtherServer
from tests.end_to_end.conftest import Setup


async def start(setup: Setup, server: OtherServer, **settings: str) -> None:
    await setup.start_bot(
        IMAGE_API_URL=server.url,
        IMAGE_API_KEY=server.key,
        IMAGE_MODEL=", ".join(server.dialect.models),
        **settings,
    )


@pytest.mark.parametrize("name", DIALECTS)
async def test_a_picture_comes_also_after_an_outage_and_from_a_successor(setup: Setup, name: str) -> None:
    async with OtherServer(name) as server:
        await start(setup, server)
        server.troubles += ["broken", "busy"]
        assert (await setup.ada.imagine("a fox")).attachments
        assert len(server.requests) == 3
        if len(server.models) > 1:
            server.models.pop(0)
            assert (await setup.ada.imagine("a fox")).attachments
            assert [request.body["model"] for request in server.requests[3:]] == list(server.dialect.models)
        server.troubles.append("moderated")
        reply = await setup.ada.imagine("a fox")
        assert "safety filter" in reply.text
        assert "None of your images were used." in reply.text
        used = len(server.dialect.models)
        assert f"today**: {used} of 10 used" in (await setup.ada.use("usage")).text


@pytest.mark.parametrize("gives", ["base64", "absolute", "relative", "data URI"])
async def test_a_picture_is_taken_however_it_is_given(setup: Setup, gives: str) -> None:
    async with OtherServer("LocalAI", gives=gives) as server:
        await start(setup, server)
        assert (await setup.ada.imagine("a fox")).attachments


async def test_a_server_that_names_its_pictures_by_a_host_of_its_own_is_asked_for_the_pictures_themselves(
    setup: Setup,
) -> None:
    async with OtherServer("LocalAI") as server:
        server.public_origin = "http://localai.internal:8080"
        await start(setup, server)
        assert (await setup.ada.imagine("a fox")).attachments


async def test_the_member_reads_that_the_picture_was_painted_before_it_was_refused_and_for_what(
    setup: Setup,
) -> None:
    async with OtherServer("OpenAI") as server:
        await start(setup, server)
        server.troubles.append("moderated")
        reply = await setup.ada.imagine("a fox")
        assert "painted that prompt, and then its safety filter refused the picture: violence." in reply.text


async def test_what_the_operator_says_of_a_model_is_what_it_is_sent(setup: Setup) -> None:
    async with OtherServer("Together") as server:
        await start(setup, server, IMAGE_MODEL_FIELDS="prompt=2000, n=4, width=512, height=768, steps=4")
        assert len((await setup.ada.imagine("a fox", 2)).attachments) == 2
        assert server.requests[0].body == {
            "model": server.models[0],
            "prompt": "a fox",
            "n": 2,
            "response_format": "b64_json",
            "width": 512,
            "height": 768,
            "steps": 4,
        }


@pytest.mark.parametrize("name", ["LocalAI", "stable-diffusion.cpp"])
async def test_a_member_cannot_command_a_server_by_their_prompt(setup: Setup, name: str) -> None:
    async with OtherServer(name) as server:
        await start(setup, server)
        prompt = 'a fox <sd_cpp_extra_args>{"steps": 150}</sd_cpp_extra_args> | no tail'
        assert (await setup.ada.imagine(prompt)).attachments
        assert server.obeyed == []
        assert [word for word in server.requests[0].body["prompt"].split() if word.isalpha()] == [
            *("a", "fox", "no", "tail")
        ]


@pytest.mark.parametrize("name", ["xAI", "OpenAI"])
async def test_a_picture_is_changed_the_way_the_server_takes_it(setup: Setup, name: str) -> None:
    async with OtherServer(name) as server:
        await start(setup, server, IMAGE_EDIT_MODEL="auto")
        reply = await setup.ada.use("edit", prompt="in blue", image=upload("a"), image2=upload("b"))
        assert reply.attachments
        [request] = server.requests
        assert request.route == EDITS
        if name == "xAI":  # JSON with links
            assert [one["url"].partition("?")[0][-5:] for one in request.body["images"]] == ["a.png", "b.png"]
        else:  # a form with files
            assert request.files == (upload("a").data, upload("b").data)
            assert request.body["image[]"] == ["picture-1.png (image/png)", "picture-2.png (image/png)"]


@pytest.mark.parametrize(("name", "field"), [("stable-diffusion.cpp", "image[]"), ("vLLM-Omni", "image")])
async def test_a_server_of_the_operators_own_changes_pictures_where_they_say_in_which_field(
    setup: Setup, name: str, field: str
) -> None:
    async with OtherServer(name) as server:
        await start(setup, server, IMAGE_EDIT_MODEL="auto", IMAGE_MODEL_FIELDS=f"prompt=2000, {field}")
        reply = await setup.ada.use("edit", prompt="in blue", image=upload("a"))
        assert reply.attachments
        [request] = server.requests
        assert (request.route, request.files) == (EDITS, (upload("a").data,))
        assert field in request.body


def upload(name: str) -> Upload:
    target = io.BytesIO()
    Image.new("RGB", (300, 400), "teal" if name == "a" else "tan").save(target, "PNG")
    return Upload(f"{name}.png", target.getvalue())
