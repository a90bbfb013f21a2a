"""What a model takes by its own description, as the operator would write it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.imaging.model_schema import DescribedModel, described_model
from bot.settings.model_fields import model_fields

MODEL = "maker/painter-9"
SIX = ["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
RATIOS = ["21:9", "1:1", "4:3", "3:4", "16:9", "9:16", "auto"]


def document(properties: dict[str, Any], route: str = "generations", **schema: Any) -> dict[str, Any]:
    body = {"type": "object", "properties": {"prompt": {"type": "string"}, **properties}, **schema}
    content = {"application/json": {"schema": body}}
    return {
        "openapi": "3.0.0",
        "paths": {f"/v1/images/{route}": {"post": {"requestBody": {"content": content}}}},
    }


def described(found: Any) -> DescribedModel:
    described = described_model(found, MODEL)
    assert described is not None
    return described


@pytest.mark.parametrize(
    ("properties", "written"),
    [
        ({}, ""),
        ({"prompt": {"type": "string", "maxLength": 4000}}, "prompt=4000"),
        ({"n": {"type": "integer", "minimum": 1, "maximum": 10}}, "n=10"),
        ({"num_images": {"type": "number", "maximum": 4}}, "num_images=4"),
        ({"n": {"type": "integer", "maximum": 900}}, "n=10"),
        ({"n": {"enum": [1]}}, "n=1"),
        ({"n": {"enum": [1, 2]}}, "n=2"),
        ({"aspect_ratio": {"enum": RATIOS}}, "aspect_ratio"),
        ({"aspect_ratio": {"enum": ["1:1", "2:3", "21:9", "3:2"]}}, "aspect_ratio=1:1 2:3 3:2"),
        ({"size": {"enum": ["1024x1024", "1024x1536", "auto"]}}, "size=1024x1024 1024x1536"),
        ({"image_size": {"anyOf": [{"enum": SIX}, {"type": "object"}]}}, "image_size"),
        (
            {
                "image_size": {
                    "oneOf": [
                        {"enum": ["2K", "4K"]},
                        {
                            "properties": {
                                "width": {"minimum": 1440, "maximum": 4096},
                                "height": {"minimum": 1440, "maximum": 4096},
                            }
                        },
                    ]
                }
            },
            "image_size=1440x1440 1440x1920 1920x1440 2560x1440 1440x2560",
        ),
        ({"width": {"type": "integer"}, "height": {"type": "integer"}}, "width, height"),
        ({"resolution": {"enum": ["1K", "2K", "4K"]}}, "resolution=1K"),
        ({"resolution": {"enum": ["2k", "4k"]}}, ""),
        ({"image_urls": {"type": "array", "maxItems": 3}}, "image_urls=3"),
        ({"image_url": {"type": "string"}}, "image_url=1"),
    ],
)
def test_each_field_is_read_from_the_schema(properties: dict[str, Any], written: str) -> None:
    found = described(document(properties))

    assert str(found.fields) == written
    if written:
        assert model_fields(written) == {"": found.fields}


def test_pictures_that_go_to_a_route_of_their_own_are_files() -> None:
    found = document({})
    found["paths"] |= document({"image": {"type": "array", "maxItems": 16}}, "edits")["paths"]

    assert str(described(found).fields) == "image=16"


def test_references_parts_and_alternatives_are_followed_to_the_schema_of_that_model() -> None:
    prompt = {"prompt": {"type": "string", "maxLength": 500}}
    found = document({})
    found["components"] = {
        "schemas": {
            "Other": {"properties": {"model": {"enum": ["maker/other"]}, "prompt": {}, "seed": {}}},
            "Common": {"properties": prompt, "required": ["prompt"]},
            "Painter": {
                "allOf": [
                    {"$ref": "#/components/schemas/Common"},
                    {"properties": {"model": {"const": MODEL}, "n": {"maximum": 4}}, "required": ["style"]},
                ]
            },
        }
    }
    schemas = [{"$ref": "#/components/schemas/Other"}, {"$ref": "#/components/schemas/Painter"}]
    [item] = found["paths"].values()
    item["post"]["requestBody"]["content"]["application/json"]["schema"] = {"oneOf": schemas}

    assert str(described(found).fields) == "prompt=500, n=4"
    assert described(found).required == ("style",)


def test_what_is_required_besides_is_named_unless_it_has_a_default() -> None:
    found = document(
        {"style": {}, "quality": {"default": "low"}, "n": {"maximum": 2}},
        required=["model", "prompt", "n", "style", "quality", "no name\n", "x" * 99, 7],
    )

    assert described(found).required == ("style",)


def test_a_model_that_only_changes_pictures_needs_them() -> None:
    urls = {"image_urls": {"maxItems": 3}}

    assert described(document(urls, required=["prompt", "image_urls"])).needs_pictures
    assert not described(document(urls, required=["prompt"])).needs_pictures


@pytest.mark.parametrize(
    "found", [None, [], {}, {"paths": None}, {"paths": {"/v1/chat/completions": {}}}, document({"prompt": 7})]
)
def test_a_document_that_describes_no_order_describes_none(found: Any) -> None:
    assert described_model(found, MODEL) is None


def test_references_in_a_circle_come_to_an_end() -> None:
    found = document({})
    found["components"] = {"a": {"allOf": [{"$ref": "#/components/a"}]}}
    [item] = found["paths"].values()
    item["post"]["requestBody"]["content"]["application/json"]["schema"] = {"$ref": "#/components/a"}

    assert described_model(found, MODEL) is None


def test_a_document_that_refers_to_itself_a_thousandfold_is_read_at_once() -> None:
    found = document({})
    many = [{"$ref": "#/components/a"}] * 200
    found["components"] = {"a": {"allOf": many, "properties": {"prompt": {"anyOf": many}}}}
    [item] = found["paths"].values()
    item["post"]["requestBody"]["content"]["application/json"]["schema"] = {"allOf": many, "oneOf": many}
    started = time.thread_time()

    described_model(found, MODEL)

    assert time.thread_time() - started < 2


NAMES = [
    "prompt",
    "n",
    "aspect_ratio",
    "size",
    "image_size",
    "resolution",
    "image_urls",
    "width",
    "height",
    "enum",
]
WORDS = [
    "anyOf",
    "allOf",
    "$ref",
    "maximum",
    "maxLength",
    "maxItems",
    "properties",
    "required",
    "const",
    "default",
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["1:1", "16:9", "9x9"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES + WORDS), inner, max_size=5)
    ),
    max_leaves=30,
)


@given(properties=st.dictionaries(st.sampled_from(NAMES), JSON), schema=JSON)
def test_whatever_stands_there_is_none_or_a_line_that_the_bot_reads(
    properties: dict[str, Any], schema: Any
) -> None:
    for one in (document(properties), document({}, components=schema), {"paths": schema}):
        json.dumps(one)
        found = described_model(one, MODEL)
        if found is not None and str(found.fields):
            assert model_fields(str(found.fields)) == {"": found.fields}
