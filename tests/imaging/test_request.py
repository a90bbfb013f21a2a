"""For every model of the table, what it is sent is what its published schema accepts, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from itertools import product
from typing import Any

import pytest

from bot.core.generation.model import ImageSpec, InputImage, Shape
from bot.imaging.families import AIML_API, OPENAI, XAI
from bot.imaging.family import Route
from bot.imaging.models import Model, lookup
from bot.imaging.request import ImageRequest, prompt_at, request_for
from bot.imaging.servers import Server
from sandbox.images.schema import Schema, body_error, ids_of, schemas_of

LINK = "https://cdn.discordapp.com/attachments/1/2/fox.png?ex=1&is=2&hm=3"
PICTURE = b"\x89PNG\r\n\x1a\n--not-a-boundary\r\n\r\n\0\xff"
TABLES = {Server.AIML_API: ("aimlapi", AIML_API), Server.XAI: ("xai", XAI), Server.OPENAI: ("openai", OPENAI)}
MODELS = [(server, name) for server, (_, table) in TABLES.items() for name in table if not name.endswith("*")]
EVERY_FIELD = {
    field
    for server in ("aimlapi", "xai", "openai", "together", "deepinfra")
    for schema in schemas_of(server)
    for field in schema["properties"]
} | {"invented"}
COUNT_FIELDS = {"n", "num_images"}
SHAPE_FIELDS = {"aspect_ratio", "size", "image_size", "width", "height"}
PICTURE_FIELDS = {"image", "image[]", "images", "image_url", "image_urls"}

every_model = pytest.mark.parametrize(("server", "name"), MODELS, ids=[name for _, name in MODELS])


def schema_of(server: Server, name: str, route: Route) -> Schema:
    (found,) = (
        schema
        for schema in schemas_of(TABLES[server][0])
        if name in ids_of(schema) and schema["route"] == route
    )
    return found


def pictures(count: int) -> tuple[InputImage, ...]:
    return (InputImage(LINK, "image/png"),) * count


def fields_of(request: ImageRequest) -> dict[str, Any]:
    """What a server reads from the body."""
    if request.content_type == "application/json":
        body = json.loads(request.content)
        assert isinstance(body, dict)
        return body
    form = message_from_bytes(f"Content-Type: {request.content_type}\r\n\r\n".encode() + request.content)
    fields: dict[str, Any] = {}
    for part in form.get_payload():
        assert not isinstance(part, str)
        name = str(part.get_param("name", header="Content-Disposition"))
        value = part.get_payload(decode=True)
        assert isinstance(value, bytes)
        if part.get_filename():
            assert (value, part.get_content_type()) == (PICTURE, "image/png")
            fields.setdefault(name, []).append(part.get_filename())
        else:
            fields[name] = int(value) if value.isdigit() else value.decode()
    return fields


def asked(model: Model, spec: ImageSpec, images: int, server: Server) -> ImageRequest:
    inputs = tuple(replace(picture, content=PICTURE) for picture in spec.inputs)
    return request_for(model, replace(spec, count=images, inputs=inputs), server)


def requests_of(model: Model, server: Server) -> Iterator[ImageRequest]:
    """All that differ in more than the words: fewest and most pictures, each shape, made and changed."""
    family = model.family
    prompt = "a" * family.longest_prompt
    inputs = [0] if family.generates else []
    inputs += [1, family.edit.most] if family.edit else []
    for given, shape in product(inputs, (None, *Shape)):
        spec = ImageSpec(prompt, shape=shape, inputs=pictures(given))
        for images in {1, family.count_for(editing=given > 0).most}:
            yield asked(model, spec, images, server)


@every_model
def test_every_request_is_one_that_the_models_schema_accepts(server: Server, name: str) -> None:
    model = lookup(name, server)
    for request in requests_of(model, server):
        fields = fields_of(request)
        assert body_error(schema_of(server, name, request.route), fields) is None, fields


@every_model
def test_a_field_that_the_model_must_not_get_violates_its_schema(server: Server, name: str) -> None:
    model = lookup(name, server)
    values: dict[str, Any] = {"n": 2, "num_images": 2, "size": "1024x1024", "image_size": "square_hd"}
    for request in requests_of(model, server):
        schema, fields = schema_of(server, name, request.route), fields_of(request)
        for field in EVERY_FIELD - set(schema["properties"]):
            assert body_error(schema, {**fields, field: values.get(field, "1:1")}) is not None, field


@every_model
def test_the_table_takes_all_that_the_schema_allows_and_no_more(server: Server, name: str) -> None:
    family = lookup(name, server).family
    for editing in (False, True):
        if (editing and family.edit is None) or (not editing and not family.generates):
            continue
        route = family.edit.route if editing and family.edit else Route.GENERATIONS
        properties = schema_of(server, name, route)["properties"]
        count = family.count_for(editing=editing)
        counted = [properties[field].get("maximum", 1) for field in COUNT_FIELDS & set(properties)]
        assert [count.most] == (counted or [1]), "pictures of one request"
        assert not count.name or count.name in properties
        assert bool(family.shapes) == bool(SHAPE_FIELDS & set(properties)), "shapes"
        longest = properties.get("prompt", {}).get("maxLength")
        assert longest in (None, family.longest_prompt), "the longest prompt"
        if family.edit:
            assert bool(PICTURE_FIELDS & set(properties)) or not editing, "pictures to change"


@every_model
def test_as_many_pictures_are_given_as_the_schema_allows(server: Server, name: str) -> None:
    edit = lookup(name, server).family.edit
    if edit is None:
        return
    properties = schema_of(server, name, edit.route)["properties"]
    field = properties.get("images") or properties[edit.name]
    lists = [one["maxItems"] for one in (field, *field.get("anyOf", ())) if "maxItems" in one]
    assert [edit.most] == (lists or [1])


def test_every_schema_has_its_row() -> None:
    for server, (folder, table) in TABLES.items():
        assert {name for schema in schemas_of(folder) for name in ids_of(schema)} == {
            name for name in table if not name.endswith("*")
        }, server


def test_resolution_is_one_thousand_in_the_spelling_of_the_family() -> None:
    def resolution(name: str, server: Server) -> object:
        return fields_of(asked(lookup(name, server), ImageSpec("a fox"), 1, server)).get("resolution")

    assert resolution("x-ai/grok-imagine-image", Server.AIML_API) == "1k"
    assert resolution("google/nano-banana-pro", Server.AIML_API) == "1K"
    assert resolution("flux/dev", Server.AIML_API) is None


@pytest.mark.parametrize(
    ("server", "folder"), [(Server.TOGETHER, "together"), (Server.DEEPINFRA, "deepinfra")]
)
def test_a_seller_of_many_models_gets_the_fields_that_it_takes_for_all(server: Server, folder: str) -> None:
    (schema,) = schemas_of(folder)
    for request in requests_of(lookup("black-forest-labs/FLUX.1-schnell", server), server):
        assert body_error(schema, fields_of(request)) is None


def test_nothing_is_sent_beside_model_and_prompt_where_nothing_is_known() -> None:
    request = asked(lookup("nobody/knows", Server.OTHER), ImageSpec("a fox"), 1, Server.OTHER)

    assert fields_of(request) == {"model": "nobody/knows", "prompt": "a fox"}


def test_a_local_server_is_asked_for_base64() -> None:
    request = asked(lookup("nobody/knows", Server.LOCAL), ImageSpec("a fox"), 1, Server.LOCAL)

    assert fields_of(request)["response_format"] == "b64_json"


@pytest.mark.parametrize(
    ("name", "server", "given", "fields"),
    [
        ("grok-imagine-image", Server.XAI, 1, {"image": {"url": LINK, "type": "image_url"}}),
        ("grok-imagine-image", Server.XAI, 2, {"images": [{"url": LINK, "type": "image_url"}] * 2}),
        ("flux/kontext-pro/image-to-image", Server.AIML_API, 1, {"image_url": LINK}),
        ("flux/kontext-pro/image-to-image", Server.AIML_API, 2, {"image_url": [LINK, LINK]}),
        ("google/nano-banana-edit", Server.AIML_API, 1, {"image_urls": [LINK]}),
        ("alibaba/qwen-image-edit", Server.AIML_API, 1, {"image": LINK}),
        ("luma/uni-1", Server.AIML_API, 1, {"image_url": LINK, "type": "image_edit"}),
        ("luma/uni-1", Server.AIML_API, 3, {"image_url": LINK, "image_urls": [LINK, LINK]}),
        ("openai/gpt-image-2", Server.AIML_API, 2, {"image": ["picture-1.png", "picture-2.png"]}),
        ("gpt-image-2", Server.OPENAI, 1, {"image[]": ["picture-1.png"]}),
    ],
)
def test_the_pictures_stand_where_the_model_looks_for_them(
    name: str, server: Server, given: int, fields: dict[str, Any]
) -> None:
    request = asked(lookup(name, server), ImageSpec("blue", inputs=pictures(given)), 1, server)

    assert fields.items() <= fields_of(request).items()


@pytest.mark.parametrize(
    ("name", "shape", "fields"),
    [
        ("blackforestlabs/flux-2-edit", None, {"image_size": "portrait_16_9"}),  # else it would be landscape
        ("blackforestlabs/flux-2-edit", Shape.SQUARE, {"image_size": "square_hd"}),
        ("openai/gpt-image-2", None, {"size": "1024x1536"}),
        ("google/nano-banana-edit", None, {}),  # has the shape of the picture by itself
        ("google/nano-banana-edit", Shape.WIDE, {"aspect_ratio": "16:9"}),
    ],
)
def test_a_changed_picture_keeps_its_shape_unless_another_is_asked_for(
    name: str, shape: Shape | None, fields: dict[str, Any]
) -> None:
    screenshot = InputImage(LINK, "image/png", 1170, 2532)
    spec = ImageSpec("blue", shape=shape, inputs=(screenshot,))

    sent = fields_of(asked(lookup(name, Server.AIML_API), spec, 1, Server.AIML_API))

    assert {field: value for field, value in sent.items() if field in SHAPE_FIELDS} == fields


def test_a_picture_of_unknown_size_is_changed_in_the_models_usual_shape() -> None:
    spec = ImageSpec("blue", inputs=pictures(1))
    model = lookup("blackforestlabs/flux-2-edit", Server.AIML_API)
    sent = fields_of(asked(model, spec, 1, Server.AIML_API))

    assert "image_size" not in sent


@pytest.mark.parametrize(
    ("name", "spec", "images"),
    [
        (
            "x-ai/grok-imagine-image",
            ImageSpec("blue", inputs=pictures(1)),
            1,
        ),  # it would be ignored, and billed
        ("blackforestlabs/flux-2", ImageSpec("blue", inputs=pictures(1)), 1),
        ("blackforestlabs/flux-2-edit", ImageSpec("blue"), 1),
        ("blackforestlabs/flux-2-edit", ImageSpec("blue", inputs=pictures(4)), 1),
        ("blackforestlabs/flux-2", ImageSpec("blue"), 5),
        ("nobody/knows", ImageSpec("blue", inputs=pictures(1)), 1),
        ("nobody/knows", ImageSpec("blue"), 2),
    ],
)
def test_what_a_model_cannot_do_is_never_sent(name: str, spec: ImageSpec, images: int) -> None:
    with pytest.raises(ValueError, match=name):
        asked(lookup(name, Server.AIML_API), spec, images, Server.AIML_API)


@pytest.mark.parametrize("prompt", ["half a pair \ud83e", "🦊 <b>", 'quotes " \\ \n\0'])
def test_any_text_of_a_member_can_be_sent_either_way(prompt: str) -> None:
    as_json = asked(lookup("flux/dev", Server.AIML_API), ImageSpec(prompt), 1, Server.AIML_API)
    spec = ImageSpec(prompt, inputs=pictures(1))
    as_form = asked(lookup("gpt-image-2", Server.OPENAI), spec, 1, Server.OPENAI)

    assert fields_of(as_json)["prompt"] == prompt
    assert fields_of(as_form)["prompt"] == prompt.replace("\ud83e", "?")


COMMANDS = [
    'a fox <sd_cpp_extra_args>{"steps": 999}</sd_cpp_extra_args>',
    "a fox <lora:huge:99>",
    "a fox | without a tail",
    "a <fox",
]


@pytest.mark.parametrize("prompt", COMMANDS)
@pytest.mark.parametrize("server", [Server.LOCAL, Server.OTHER])
def test_what_would_be_a_command_to_a_server_loses_what_makes_it_one_and_keeps_its_words(
    prompt: str, server: Server
) -> None:
    sent = fields_of(asked(lookup("nobody/knows", server), ImageSpec(prompt), 1, server))["prompt"]

    assert not set(sent) & set("<>|")
    assert [word for word in prompt if word.isalnum()] == [word for word in sent if word.isalnum()]
    assert len(sent) == len(prompt)


@pytest.mark.parametrize("server", [server for server in Server if server.is_known])
def test_a_server_that_knows_no_commands_gets_the_prompt_as_it_is(server: Server) -> None:
    assert [prompt_at(server, prompt) for prompt in COMMANDS] == COMMANDS


def test_a_shape_takes_the_place_of_a_fixed_field() -> None:
    family = replace(AIML_API["bytedance/seedream-4-5"], fixed={"image_size": "2K"})
    model = Model("bytedance/seedream-4-5", family)

    tall = asked(model, ImageSpec("a fox", shape=Shape.TALL), 1, Server.AIML_API)

    assert fields_of(tall)["image_size"] == {"width": 1440, "height": 2560}
