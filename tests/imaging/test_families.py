"""What is known of a model by its id and by whose server it is asked of."""

from __future__ import annotations

import pytest

from bot.core.generation.model import Shape
from bot.imaging.families import AIML_API, OPENAI, UNKNOWN, XAI
from bot.imaging.family import Family, Form, Route, nearest_shape
from bot.imaging.models import edit_model_of, lookup
from bot.imaging.servers import Server, server_of
from bot.settings.model_fields import model_fields


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://api.aimlapi.com/v1", Server.AIML_API),
        ("https://API.aimlapi.com:443/v1", Server.AIML_API),
        ("https://api.x.ai/v1", Server.XAI),
        ("https://us-east-1.api.x.ai/v1", Server.XAI),
        ("https://api.openai.com/v1", Server.OPENAI),
        ("https://api.together.xyz/v1", Server.TOGETHER),
        ("https://api.deepinfra.com/v1/openai", Server.DEEPINFRA),
        ("http://localhost:8080/v1", Server.LOCAL),
        ("http://127.0.0.1:8080/v1", Server.LOCAL),
        ("http://[::1]:8080/v1", Server.LOCAL),
        ("http://192.168.1.5/v1", Server.LOCAL),
        ("http://litellm:4000/v1", Server.LOCAL),
        ("http://painter.local/v1", Server.LOCAL),
        ("http://painter.svc.cluster.local./v1", Server.LOCAL),
        ("http://painter.corp.internal/v1", Server.LOCAL),
        ("https://images.example.com/v1", Server.OTHER),
        ("https://203.113.1.9/v1", Server.OTHER),
        ("https://api.x.ai.example.com/v1", Server.OTHER),  # a name that only begins like one that is known
        ("https://notx.ai/v1", Server.OTHER),
    ],
)
def test_whose_server_it_is_follows_from_the_host(url: str, server: Server) -> None:
    assert server_of(url) is server


@pytest.mark.parametrize(
    ("configured", "server", "asked_for"),
    [
        ("x-ai/grok-imagine-image", Server.XAI, "grok-imagine-image"),
        ("X-AI/grok-imagine-image", Server.XAI, "grok-imagine-image"),
        ("grok-imagine-image", Server.XAI, "grok-imagine-image"),
        ("openai/gpt-image-2", Server.OPENAI, "gpt-image-2"),
        ("x-ai/grok-imagine-image", Server.AIML_API, "x-ai/grok-imagine-image"),
        ("x-ai/grok-imagine-image", Server.OTHER, "x-ai/grok-imagine-image"),
    ],
)
def test_a_model_goes_by_its_makers_name_at_its_maker(
    configured: str, server: Server, asked_for: str
) -> None:
    assert lookup(configured, server).id == asked_for


@pytest.mark.parametrize(
    ("model", "server", "family"),
    [
        ("x-ai/grok-imagine-image", Server.AIML_API, AIML_API["x-ai/grok-imagine-image"]),
        ("grok-imagine-image", Server.AIML_API, AIML_API["x-ai/grok-imagine-image"]),
        ("x-ai/grok-imagine-image", Server.XAI, XAI["grok-imagine-image"]),
        ("Flux/Dev", Server.AIML_API, AIML_API["flux/dev"]),
        ("openai/gpt-image-2", Server.AIML_API, AIML_API["openai/gpt-image-2"]),
        ("openai/gpt-image-2", Server.OPENAI, OPENAI["gpt-image-2"]),
        ("gpt-image-2", Server.OTHER, OPENAI["gpt-image-2"]),
        ("openai/gpt-image-2", Server.OTHER, AIML_API["openai/gpt-image-2"]),
    ],
)
def test_a_known_model_is_found_by_its_name_at_that_server(
    model: str, server: Server, family: Family
) -> None:
    found = lookup(model, server, model_fields("prompt=77"))

    assert (found.family, found.known) == (family, True)


@pytest.mark.parametrize(
    ("model", "server", "row"),
    [
        ("x-ai/grok-imagine-image-3.0", Server.AIML_API, AIML_API["x-ai/grok-imagine*"]),
        ("grok-imagine-image-3.0", Server.AIML_API, AIML_API["x-ai/grok-imagine*"]),
        ("gpt-image-1.5", Server.AIML_API, AIML_API["openai/gpt-image-*"]),
        ("grok-2-image-1212", Server.XAI, XAI["grok-2-image*"]),
        ("gpt-image-3", Server.OPENAI, OPENAI["gpt-image-*"]),
        ("bytedance/seedream-6-0", Server.OTHER, AIML_API["bytedance/seedream-*"]),
    ],
)
def test_an_unknown_model_takes_what_those_take_whose_names_begin_like_its_own(
    model: str, server: Server, row: Family
) -> None:
    found = lookup(model, server)

    assert (found.family, found.known) == (row, False)


def test_the_operators_fields_come_before_those_of_similar_names_and_after_the_models_own() -> None:
    fields = model_fields("prompt=77")

    assert lookup("x-ai/grok-imagine-image-3.0", Server.AIML_API, fields).family == Family(77)
    assert lookup("x-ai/grok-imagine-image", Server.AIML_API, fields).family != Family(77)


def test_the_operators_fields_for_one_model_come_before_its_own() -> None:
    fields = model_fields("x-ai/grok-imagine-image: prompt=77")

    assert lookup("x-ai/grok-imagine-image", Server.AIML_API, fields).family == Family(77)
    assert lookup("x-ai/grok-imagine-image", Server.XAI, fields).family == Family(77)
    assert lookup("x-ai/grok-imagine-image-pro", Server.AIML_API, fields).family != Family(77)


def test_what_anybody_may_call_a_model_says_nothing_of_it_but_at_the_server_that_calls_it_so() -> None:
    assert lookup("stable-diffusion-xl", Server.LOCAL).family.fixed == {}
    assert lookup("stable-diffusion-xl", Server.LOCAL).family.shapes == {}
    assert lookup("stable-diffusion-4", Server.AIML_API).family.shapes


@pytest.mark.parametrize(
    ("name", "server", "inputs", "dollars"),
    [
        ("openai/gpt-image-2", Server.AIML_API, 0, 0.054),
        ("openai/gpt-image-2", Server.AIML_API, 1, 0.095),
        ("grok-imagine-image", Server.XAI, 3, 0.026),
        ("grok-imagine-image-2.0", Server.XAI, 2, 0.08),
        ("blackforestlabs/flux-2-edit", Server.AIML_API, 2, 0.038),
        ("flux/dev", Server.AIML_API, 0, None),
        ("luma/uni-1", Server.AIML_API, 1, None),
    ],
)
def test_a_changed_picture_costs_what_it_is_made_of_too(
    name: str, server: Server, inputs: int, dollars: float | None
) -> None:
    assert lookup(name, server).family.dollars_for(inputs) == pytest.approx(dollars)


def test_a_model_that_nothing_is_known_of_gets_the_fewest_fields() -> None:
    assert lookup("nobody/knows-it", Server.AIML_API).family == Family(1024)
    assert lookup("nobody/knows-it", Server.OTHER).family == Family(1024)


def test_a_local_server_is_asked_for_the_pictures_themselves() -> None:
    assert lookup("nobody/knows-it", Server.LOCAL).family == Family(1024, response_format="b64_json")


def test_another_sellers_name_for_a_model_says_nothing_of_what_it_takes() -> None:
    assert lookup("google/imagen-4.0-fast-generate-001", Server.TOGETHER).family.count.name == "n"


@pytest.mark.parametrize("table", [AIML_API, XAI, OPENAI])
def test_every_model_says_how_a_picture_is_changed_or_who_changes_it(table: dict[str, Family]) -> None:
    for name, family in table.items():
        assert family.generates or family.edit, name
        assert not (family.edit and family.edited_by), name
        if name.endswith("*"):
            assert family.edit is None, f"{name}: nobody knows that it would not ignore a picture"
        if family.edited_by:
            assert table[family.edited_by].edit is not None, name


def test_a_model_that_cannot_change_pictures_names_the_one_that_can() -> None:
    def editor(model: str, server: Server) -> str | None:
        found = edit_model_of(lookup(model, server), server)
        return found.id if found else None

    assert editor("google/nano-banana-pro", Server.AIML_API) == "google/gemini-3-pro-image-edit"
    assert editor("google/nano-banana-2", Server.AIML_API) == "google/nano-banana-2"
    assert editor("x-ai/grok-imagine-image", Server.XAI) == "grok-imagine-image"
    assert editor("x-ai/grok-imagine-image", Server.AIML_API) is None


def test_only_xai_itself_changes_pictures_with_its_models() -> None:
    here, elsewhere = XAI["grok-imagine-image"].edit, AIML_API["x-ai/grok-imagine-image"].edit

    assert here is not None
    assert (here.route, here.form, elsewhere) == (Route.EDITS, Form.OBJECTS, None)


def test_a_shape_that_a_model_lacks_becomes_the_nearest_that_it_has() -> None:
    three = OPENAI["gpt-image-1"]

    assert set(three.shapes) == {Shape.SQUARE, Shape.PORTRAIT, Shape.LANDSCAPE}
    assert three.fields_for(Shape.WIDE) == three.fields_for(Shape.LANDSCAPE) == {"size": "1536x1024"}
    assert three.fields_for(Shape.TALL) == {"size": "1024x1536"}
    assert three.fields_for(None) == {}
    assert UNKNOWN.fields_for(Shape.WIDE) == {}


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((512, 512), Shape.SQUARE),
        ((1170, 2532), Shape.TALL),
        ((4000, 3000), Shape.LANDSCAPE),
        ((1920, 1080), Shape.WIDE),
        ((600, 800), Shape.PORTRAIT),
        ((9000, 10), Shape.WIDE),
    ],
)
def test_a_picture_has_the_shape_that_is_nearest_to_its_sides(size: tuple[int, int], shape: Shape) -> None:
    assert nearest_shape(*size) is shape
