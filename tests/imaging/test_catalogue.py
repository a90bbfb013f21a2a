"""What the API serves, as its list of models and its deprecations say it: asked rarely, believed with care."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.imaging.catalogue import DEPRECATIONS_SECONDS, FRESH_SECONDS, Catalogue
from bot.imaging.http import CATALOGUE
from tests.imaging.conftest import serving

LISTED = {"data": [{"id": "x-ai/grok-imagine-image", "aliases": ["grok-imagine-image", "the-painter"]}]}
WITHDRAWN = {"id": "x-ai/grok-2-image", "aliases": ["grok-2-image"], "status": "withdrawn"}


@dataclass
class Api:
    """Has a list of models and a feed of deprecations, and remembers what it was asked for."""

    models: Any = field(default_factory=lambda: LISTED)
    deprecations: Any = None
    answers_for_one: bool = False
    etag: str | None = None
    key: str | None = None
    status: int = 200
    asked: list[str] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(request.path)
        response = self._response(request)
        self.answered.append(response.status)
        return response

    def _response(self, request: web.BaseRequest) -> web.Response:
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"message": "Unauthorized"}, status=401)
        if request.path.endswith("/deprecations"):
            found = self.deprecations is not None
            return web.json_response({"data": self.deprecations}) if found else web.Response(status=404)
        if "id" in request.query and self.answers_for_one:
            return web.json_response({"data": []})
        if self.etag and request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=304)
        text = self.models if isinstance(self.models, str) else json.dumps(self.models)
        return web.Response(text=text, status=self.status, headers={"ETag": self.etag} if self.etag else {})

    @property
    def lists(self) -> int:
        return self.asked.count("/v1/models")


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def catalogue_of(
    api: Callable[[web.BaseRequest], Any], *ours: str, clock: Callable[[], float] | None = None
) -> AsyncIterator[Catalogue]:
    async with serving(api) as origin, httpx.AsyncClient() as http:
        catalogue = Catalogue(http, f"{origin}/v1", "the-key", ours, clock or Time())
        yield catalogue
        await catalogue.close()


async def test_however_many_ask_the_list_is_read_once_a_minute() -> None:
    api, time = Api(), Time()
    async with catalogue_of(api, "x-ai/grok-imagine-image", clock=time) as catalogue:
        found = await asyncio.gather(*(catalogue.read() for _ in range(20)))
        time.now = FRESH_SECONDS - 1
        await catalogue.read()
        assert (len(set(map(id, found))), api.lists) == (1, 1)
        time.now = FRESH_SECONDS
        await asyncio.gather(*(catalogue.read() for _ in range(20)))
        assert api.lists == 2
        assert api.asked.count("/v1/models/deprecations") == 1
        time.now = DEPRECATIONS_SECONDS
        await catalogue.read()
        assert api.asked.count("/v1/models/deprecations") == 2


async def test_a_list_that_has_not_changed_is_not_sent_again() -> None:
    api, time = Api(etag='W/"5"'), Time()
    async with catalogue_of(api, "x-ai/grok-imagine-image", clock=time) as catalogue:
        for minute in range(3):
            time.now = minute * FRESH_SECONDS
            assert (await catalogue.read()).is_served("x-ai/grok-imagine-image") is True
        api.etag, api.models = 'W/"6"', {"data": [{"id": "other"}, {"id": "x-ai/grok-2-image"}]}
        time.now += FRESH_SECONDS
        assert (await catalogue.read()).is_served("x-ai/grok-imagine-image") is None
        assert (await catalogue.read()).is_served("x-ai/grok-2-image") is True
    lists = [status for path, status in zip(api.asked, api.answered, strict=True) if path == "/v1/models"]
    assert lists[:4] == [200, 304, 304, 200]


async def test_a_model_is_found_by_its_id_an_alias_or_a_pattern() -> None:
    models = [*LISTED["data"], {"id": "openai/*"}, {"id": 5}, "nothing"]
    async with catalogue_of(Api({"data": models})) as catalogue:
        listings = await catalogue.read()
        for name in ("x-ai/grok-imagine-image", "Grok-Imagine-Image", "the-painter", "x-ai/the-painter"):
            found = listings.find(name)
            assert found is not None
            assert found.id == "x-ai/grok-imagine-image"
        assert listings.find("openai/gpt-image-2") is not None
        assert listings.find("google/imagen4") is None


async def test_a_pattern_stands_for_those_whose_ids_begin_like_it_alone() -> None:
    async with catalogue_of(Api({"data": [{"id": "X-AI/*"}, {"id": "a/*b*/c*"}]})) as catalogue:
        listings = await catalogue.read()
    assert listings.find("x-ai/grok-imagine-image") is not None
    for other in ("openai/gpt-image-2", "a/b/c"):
        assert listings.find(other) is None


@pytest.mark.parametrize(
    ("ours", "listed", "served"),
    [
        ("gpt-image-2", "openai/gpt-image-2", True),
        ("openai/gpt-image-2", "gpt-image-2", True),
        ("openai/GPT-Image-2", "OpenAI/gpt-image-2", True),
        ("openai/gpt-image-2", "another/gpt-image-2", False),
        ("flux/dev/image-to-image", "flux/srpo/image-to-image", False),
        ("flux/dev", "dev/null", False),
    ],
)
async def test_a_model_may_be_listed_with_its_makers_name_or_without(
    ours: str, listed: str, served: bool
) -> None:
    models = {"data": [{"id": "x-ai/grok-imagine-image"}, {"id": listed}]}
    async with catalogue_of(Api(models), "x-ai/grok-imagine-image", ours) as catalogue:
        assert (await catalogue.read()).is_served(ours) is served


@pytest.mark.parametrize("answers_for_one", [True, False])
async def test_an_empty_list_proves_nothing(answers_for_one: bool) -> None:
    api = Api({"data": []}, answers_for_one=answers_for_one)
    async with catalogue_of(api, "x-ai/grok-imagine-image") as catalogue:
        listings = await catalogue.read()
        assert (listings.exists, listings.is_served("x-ai/grok-imagine-image")) == (True, None)


@pytest.mark.parametrize(
    "models",
    [
        *(LISTED, LISTED["data"], {"models": LISTED["data"]}, {"object": "list", **LISTED}),
        {"data": [row["id"] for row in LISTED["data"]]},
    ],
    ids=["data", "bare", "models", "OpenAI's", "ids"],
)
async def test_a_list_is_read_whichever_way_it_is_wrapped(models: object) -> None:
    async with catalogue_of(Api(models)) as catalogue:
        assert (await catalogue.read()).is_served("x-ai/grok-imagine-image") is True


async def test_what_a_list_lacks_is_not_served_where_it_has_another_of_ours() -> None:
    api = Api()
    async with catalogue_of(api, "x-ai/grok-2-image", "x-ai/grok-imagine-image") as catalogue:
        assert (await catalogue.read()).is_served("x-ai/grok-2-image") is False
    assert api.lists == 1


@pytest.mark.parametrize(("answers_for_one", "served"), [(True, False), (False, None)])
async def test_where_a_list_has_none_of_ours_it_is_asked_once_whether_it_knows_a_model_by_its_id(
    answers_for_one: bool, served: bool | None
) -> None:
    api, time = Api({"data": [{"id": "whatever-is-loaded"}]}, answers_for_one=answers_for_one), Time()
    async with catalogue_of(api, "my-model", clock=time) as catalogue:
        assert (await catalogue.read()).is_served("my-model") is served
        time.now = FRESH_SECONDS
        assert (await catalogue.read()).is_served("my-model") is served
    assert api.lists == 3


@pytest.mark.parametrize(
    ("deprecation", "served"),
    [
        ({}, False),
        ({"status": "WITHDRAWN", "shutdown_at": "2026-03-29T00:00:00.000Z"}, False),
        ({"shutdown_at": "2026-03-29"}, False),
        ({"shutdown_at": "soon"}, False),
        ({"shutdown_at": "2999-01-01T00:00:00.000Z"}, None),
        ({"status": "deprecated"}, None),
        ({"status": "superseded"}, None),
        ({"status": None}, None),
        ({"id": "x-ai/another", "aliases": []}, None),
    ],
)
async def test_a_model_is_gone_once_its_own_deprecation_calls_it_withdrawn(
    deprecation: Mapping[str, object], served: bool | None
) -> None:
    another = {"id": "openai/dall-e-2", "status": "withdrawn"}
    api = Api({"data": [{"id": "something-else"}]}, [another, {**WITHDRAWN, **deprecation}])
    async with catalogue_of(api, "x-ai/grok-2-image") as catalogue:
        assert (await catalogue.read()).is_served("x-ai/grok-2-image") is served


async def test_what_is_said_of_a_model_itself_comes_before_what_is_said_of_its_namesake() -> None:
    own = {"id": "x-ai/grok-2-image", "status": "deprecated"}
    another = {"id": "x-ai/grok-2-image-1212", "aliases": ["grok-2-image"], "status": "withdrawn"}
    async with catalogue_of(Api({"data": []}, [own, another]), "x-ai/grok-2-image") as catalogue:
        assert (await catalogue.read()).is_served("x-ai/grok-2-image") is None


async def test_a_model_that_is_listed_has_come_back_whatever_an_older_deprecation_says() -> None:
    api = Api({"data": [{"id": "x-ai/grok-2-image"}]}, [WITHDRAWN])
    async with catalogue_of(api) as catalogue:
        assert (await catalogue.read()).is_served("x-ai/grok-2-image") is True


async def test_the_key_goes_to_those_who_ask_for_it() -> None:
    api, time = Api(key="the-key"), Time()
    async with catalogue_of(api, "x-ai/grok-imagine-image", clock=time) as catalogue:
        assert (await catalogue.read()).is_served("x-ai/grok-imagine-image") is True
        time.now = FRESH_SECONDS
        await catalogue.read()
    assert api.answered.count(401) == 2  # of the list and of the feed, once each


@pytest.mark.parametrize(
    ("api", "exists"),
    [
        (Api(status=404), False),
        (Api(status=500), None),
        (Api(key="another"), None),
        (Api("<html>"), False),
        (Api("[" * 100_000), False),
        (Api({"data": None}), False),
        (Api({"data": []}), True),
        (Api(), True),
    ],
    ids=["404", "500", "wrong key", "a page", "too deep", "null", "empty", "a list"],
)
async def test_where_there_is_no_list_nothing_is_said_of_any_model(api: Api, exists: bool | None) -> None:
    async with catalogue_of(api) as catalogue:
        listings = await catalogue.read()
    assert listings.exists is exists
    if exists is not True:
        assert listings.is_served("x-ai/grok-imagine-image") is None


@pytest.mark.parametrize(
    ("answer", "text"),
    [(400, ""), (422, ""), (200, json.dumps({"data": [[]] * 200_000})), (200, " " * (CATALOGUE + 1))],
    ids=["refused", "not understood", "too much in it", "too large"],
)
async def test_where_prices_can_not_be_had_the_list_is_read_without_them(answer: int, text: str) -> None:
    async def no_prices(request: web.BaseRequest) -> web.StreamResponse:
        if "include" in request.query:
            return web.Response(status=answer, text=text)
        return web.json_response(LISTED)

    async with catalogue_of(no_prices) as catalogue:
        assert (await catalogue.read()).is_served("x-ai/grok-imagine-image") is True


@pytest.mark.parametrize(
    "more", [{"has_more": True}, {"next_page_token": "2"}, {"next": "/v1/models?page=2"}]
)
async def test_the_first_page_of_a_list_says_nothing_of_what_it_lacks(more: Mapping[str, object]) -> None:
    ours = ("x-ai/grok-imagine-image", "x-ai/grok-2-image")
    async with catalogue_of(Api({**LISTED, **more}), *ours) as catalogue:
        listings = await catalogue.read()
    assert (listings.is_served(ours[0]), listings.is_served(ours[1])) == (True, None)


@pytest.mark.parametrize("missing", ["/v1/models", "/v1/image-generation-models"])
async def test_at_xai_one_of_the_two_lists_says_nothing_of_what_it_lacks(missing: str) -> None:
    async def xai(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == missing:
            return web.Response(status=500)
        return web.json_response({"data": [{"id": "grok-imagine-image"}]})

    async with serving(xai) as origin, httpx.AsyncClient(proxy=origin) as http:
        catalogue = Catalogue(http, "http://api.x.ai/v1", "key", ["grok-imagine-image"])
        listings = await catalogue.read()
        await catalogue.close()

    assert listings.is_served("grok-imagine-image") is True
    assert listings.is_served("grok-4.3") is None


async def test_at_xai_the_list_of_image_models_adds_their_aliases() -> None:
    """Asked through a proxy on this machine: whose server it is follows from its name."""
    asked = list[str]()

    async def xai(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.path)
        if request.path.endswith("/image-generation-models"):
            row = {"id": "grok-imagine-image-2.0", "aliases": ["grok-imagine-image-pro"]}
            return web.json_response({"models": [row]})
        return web.json_response({"data": [{"id": "grok-imagine-image-2.0"}, {"id": "grok-4.3"}]})

    async with serving(xai) as origin, httpx.AsyncClient(proxy=origin) as http:
        catalogue = Catalogue(http, "http://api.x.ai/v1", "key", ["grok-4.3"])
        listings = await catalogue.read()
        await catalogue.close()

    assert listings.is_served("x-ai/grok-imagine-image-pro") is True
    assert listings.is_served("x-ai/grok-imagine-image") is False
    assert sorted(asked) == ["/v1/image-generation-models", "/v1/models", "/v1/models/deprecations"]


async def test_after_an_outage_the_last_list_is_still_good_for_a_price_and_proves_nothing() -> None:
    api, time = Api(), Time()
    async with catalogue_of(api, "x-ai/grok-imagine-image", clock=time) as catalogue:
        await catalogue.read()
        api.status, time.now = 503, FRESH_SECONDS
        assert (await catalogue.read()).is_served("x-ai/grok-imagine-image") is None
        assert catalogue.last_listed.find("x-ai/grok-imagine-image") is not None


def listed(row: Mapping[str, object]) -> Api:
    return Api({"data": [{"id": "m", **row}]})


@pytest.mark.parametrize(
    ("row", "takes", "makes"),
    [
        ({}, None, None),
        ({"type": "openai/image-generations"}, None, True),
        ({"modalities": {"input": ["text", "image"], "output": ["image"]}}, True, True),
        ({"architecture": {"input_modalities": ["text"], "output_modalities": ["text"]}}, False, False),
        ({"input_modalities": ["text"], "output_modalities": ["image"]}, False, True),
        ({"modalities": "image", "type": 5}, None, None),
    ],
)
async def test_what_goes_in_and_comes_out_is_read_as_each_api_says_it(
    row: Mapping[str, object], takes: bool | None, makes: bool | None
) -> None:
    async with catalogue_of(listed(row)) as catalogue:
        found = (await catalogue.read()).find("m")
    assert found is not None
    assert (found.takes_images, found.makes_images) == (takes, makes)


@pytest.mark.parametrize(
    ("info", "url"),
    [
        ({"docsJson": "https://api.example/docs-json?model=m"}, "https://api.example/docs-json?model=m"),
        ({"docsJson": "file:///etc/passwd"}, None),
        ({"docsJson": "https://api.example:port"}, None),
        ({"docsJson": 5}, None),
        (None, None),
    ],
)
async def test_where_a_models_own_document_is_said_to_be(info: object, url: str | None) -> None:
    async with catalogue_of(listed({"info": info})) as catalogue:
        found = (await catalogue.read()).find("m")
    assert found is not None
    assert found.docs_json == url
