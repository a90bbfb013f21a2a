"""What the operator says of a model is what it is sent, and nothing else."""

from __future__ import annotations

import pytest

from bot.core.generation.model import Shape
from bot.imaging.families import ASPECT, FIVE_SIZES, NAMED, UNKNOWN, UNKNOWN_AT, WIDTH_AND_HEIGHT
from bot.imaging.family import Count, Edit, Family, Form, Route
from bot.imaging.operator_fields import family_of
from bot.imaging.servers import Server
from bot.settings.model_fields import EVERY_OTHER, model_fields


def family(text: str, server: Server = Server.OTHER) -> Family:
    return family_of(model_fields(text)[EVERY_OTHER], UNKNOWN_AT.get(server, UNKNOWN))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prompt=4000, n, aspect_ratio", Family(4000, ASPECT, Count("n", 10))),
        ("n=1, size", Family(1024, FIVE_SIZES)),
        ("num_images=3, image_size, seed=7", Family(1024, NAMED, Count("num_images", 3), {"seed": 7})),
        ("width, height", Family(1024, WIDTH_AND_HEIGHT)),
        ("response_format=url", Family(1024, response_format="url")),
        ("image_url", Family(1024, edit=Edit("image_url", Form.LINK))),
        ("image_urls=3", Family(1024, edit=Edit("image_urls", Form.LINKS, 3))),
        ("image[]=4", Family(1024, edit=Edit("image[]", Form.FILES, 4, Route.EDITS))),
    ],
)
def test_a_list_becomes_what_the_model_takes(text: str, expected: Family) -> None:
    assert family(text) == expected


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        (
            "aspect_ratio=1:1 2:3 3:2 16:9",
            {
                Shape.SQUARE: {"aspect_ratio": "1:1"},
                Shape.PORTRAIT: {"aspect_ratio": "2:3"},
                Shape.LANDSCAPE: {"aspect_ratio": "3:2"},
                Shape.WIDE: {"aspect_ratio": "16:9"},
            },
        ),
        (
            "size=1024x1024 1536x864",
            {Shape.SQUARE: {"size": "1024x1024"}, Shape.WIDE: {"size": "1536x864"}},
        ),
        (
            "image_size=512x512 portrait_16_9",
            {
                Shape.SQUARE: {"image_size": {"width": 512, "height": 512}},
                Shape.TALL: {"image_size": "portrait_16_9"},
            },
        ),
        ("image_size=2k 4k", None),
        ("image_size=small_one big_one", {}),
    ],
)
def test_each_shape_is_the_nearest_of_the_values_and_one_that_none_is_near_is_not_there(
    text: str, shapes: dict[Shape, object] | None
) -> None:
    if shapes is None:
        with pytest.raises(Exception, match="image_size must have"):
            family(text)
    else:
        assert family(text).shapes == shapes


def test_what_is_not_said_is_as_at_any_model_of_that_server() -> None:
    assert family("n=2", Server.LOCAL) == Family(1024, count=Count("n", 2), response_format="b64_json")
    assert family("response_format=none", Server.LOCAL) == Family(1024)
