"""The operator's own list of what a model takes, from its text and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings.model_fields import ModelFields, model_fields
from bot.settings.parsers import Unreadable


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "prompt=4000, n, aspect_ratio, resolution=1k",
            ModelFields(
                longest_prompt=4000,
                count=("n", 10),
                shape=("aspect_ratio", ()),
                fixed={"resolution": "1k"},
            ),
        ),
        ("num_images=2,image_size", ModelFields(count=("num_images", 2), shape=("image_size", ()))),
        ("size=1024x1024 1536x1024", ModelFields(shape=("size", ("1024x1024", "1536x1024")))),
        ("aspect_ratio=1:1 16:9 9:19.5", ModelFields(shape=("aspect_ratio", ("1:1", "16:9", "9:19.5")))),
        ("width, height, steps=4", ModelFields(shape=("width", ()), fixed={"steps": 4})),
        ("width=512, height=768", ModelFields(fixed={"width": 512, "height": 768})),
        ("size=1024x1024", ModelFields(fixed={"size": "1024x1024"})),
        ("image_urls=3", ModelFields(pictures=("image_urls", 3))),
        ("image[]", ModelFields(pictures=("image[]", 1))),
        (
            'watermark=false, guidance_scale=3.5, safety_tolerance="5", seed=-1, raw=TRUE',
            ModelFields(
                fixed={
                    "watermark": False,
                    "guidance_scale": 3.5,
                    "safety_tolerance": "5",
                    "seed": -1,
                    "raw": True,
                }
            ),
        ),
        ("response_format=b64_json", ModelFields(fixed={"response_format": "b64_json"})),
    ],
)
def test_a_list_is_read_and_written_as_the_same(text: str, fields: ModelFields) -> None:
    assert model_fields(text) == {"": fields}
    assert model_fields(str(fields)) == {"": fields}


def test_each_model_can_have_a_list_of_its_own() -> None:
    assert model_fields("Me/My-Model:7b: n=2 ; prompt=900") == {
        "me/my-model:7b": ModelFields(count=("n", 2)),
        "": ModelFields(longest_prompt=900),
    }
    assert model_fields("none") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prompt", "prompt must have a whole number from 1 to 100000"),
        ("prompt=lots", "prompt must have a whole number"),
        ("n=11", "n must have a whole number from 1 to 10"),
        ("n, num_images", "says the number of images twice"),
        ("size, aspect_ratio", "says the shape twice"),
        ("width, height, size", "says the shape twice"),
        ("size, width, height", "says the shape twice"),
        ("width", "width and height go together"),
        ("image_url, image_urls", "says pictures twice"),
        ("seed", "field 1 needs a value"),
        ("n, seed=a b", "field 2 needs a value"),
        ("seed=1, seed=2", "names field 2 twice"),
        ("n, n", "names n twice"),
        ("n, ", "field 2 must be a NAME or NAME=VALUE"),
        ("n=", "field 1 must be"),
        ("two words=1", "field 1 must be"),
        ("aspect_ratio=1:1,16:9", "field 2 must be a NAME or NAME=VALUE; commas stand between fields"),
        ("my-model:n", "a colon and a space behind a model's ID"),
        ("model=x", "model is the bot's own"),
        ("stream=true", "stream is the bot's own"),
        ("size=big small", "size must have sizes such as"),
        ("aspect_ratio=1:1 wide", "aspect_ratio must have ratios such as"),
        ("m: n; m: n", "two lists for the same model"),
        ("n; prompt=5", "two lists"),
        (";", "must be the names of fields"),
        ("not a model: n", "must be the ID of a model"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(text: str, words: str) -> None:
    with pytest.raises(Unreadable) as caught:
        model_fields(text)
    assert words in str(caught.value)


@given(text=st.text() | st.text(alphabet='n=,;: "size1x0'))
def test_a_text_is_read_as_a_list_that_reads_the_same_again_or_refused(text: str) -> None:
    try:
        found = model_fields(text)
    except Unreadable:
        return
    for model, fields in found.items():
        if str(fields):
            assert model_fields(f"{model}: {fields}" if model else str(fields)) == {model: fields}
