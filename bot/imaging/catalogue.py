"""What the image API serves, by its own list of models, and what it says of those that it withdraws."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from time import monotonic
from typing import Any

import httpx

from bot.imaging.http import (
    CATALOGUE,
    REQUEST_FAILURES,
    BodyLost,
    BodyTooLarge,
    exchange,
    off_loop,
    parse_json,
)
from bot.imaging.models import bare_name
from bot.imaging.order_parser import sentence
from bot.imaging.prices import listed_prices
from bot.imaging.response_text import Text, read_text
from bot.imaging.servers import Server, server_of

TIMEOUT_SECONDS = 5.0  # a start must not wait for the image API
FRESH_SECONDS = 60.0
"""For so long a list is good: AI/ML API's own `Cache-Control: max-age=60`."""
DEPRECATIONS_SECONDS = 300.0
"""The same of its feed of deprecations: `max-age=300`."""
AFTER_A_FAILURE_SECONDS = 5.0
LONGEST_WORD = 60  # characters of a currency, a status or a date
_LONGEST_ID = 200
_MOST_MODELS = 20_000
_MOST_ALIASES = 20
_NOTHING_THERE = frozenset({301, 302, 303, 307, 308, 404, 405, 410})
_NEEDS_A_KEY = frozenset({401, 403})
# The list is asked for without them where an API takes no such question, or says too much to be read.
_WITHOUT_PRICES = frozenset({200, 400, 422})
_ETAG = r"[!-~]{1,200}"
_WITHDRAWN = "withdrawn"
_NEXT_PAGE = ("has_more", "next_page", "next_page_token", "nextPageToken", "next_cursor", "next")
# xAI's list of all models is without aliases and prices; that of image models has both.
# https://docs.x.ai/docs/api-reference#list-image-generation-models
_PATHS = {Server.XAI: ("models", "image-generation-models")}


@dataclass(frozen=True, slots=True)
class JsonResponse:
    """One GET: `status` is None where nothing answered, `content` None where it was no JSON object or list."""

    status: int | None
    content: Mapping[str, Any] | Sequence[Any] | None
    text: Text | None = None
    etag: str | None = None

    @property
    def is_first_page(self) -> bool:
        """Whether more rows would have to be asked for."""
        content = self.content if isinstance(self.content, dict) else {}
        return any(content.get(name) for name in _NEXT_PAGE)

    @property
    def rows(self) -> list[Mapping[str, Any]] | None:
        """The rows of a list, whichever way it is wrapped, also of ids alone; None where there is none."""
        rows: Any = self.content if self.status == httpx.codes.OK else None
        if isinstance(rows, dict):
            rows = rows.get("data", rows.get("models"))
        if not isinstance(rows, list):
            return None
        named = ({"id": row} if isinstance(row, str) else row for row in rows)
        return [row for row in named if isinstance(row, dict)]


@dataclass(frozen=True, slots=True)
class Deprecation:
    """What the API says of a model that it gives up.

    `status`: deprecated, superseded or withdrawn; `shutdown_at` in ISO 8601. `replaced_by` is the id of another model,
    where it names one.
    """

    status: str
    shutdown_at: str | None = None
    replaced_by: str | None = None

    @property
    def is_withdrawn(self) -> bool:
        """Requests are refused by now. A date that can't be read counts as past."""
        if self.status.lower() != _WITHDRAWN:
            return False
        try:
            shutdown = datetime.fromisoformat(self.shutdown_at or "")
        except ValueError:
            return True
        return (shutdown if shutdown.tzinfo else shutdown.replace(tzinfo=UTC)) <= datetime.now(UTC)


@dataclass(frozen=True)
class ListedModel:
    """One row of the list, under the name that it is listed by; `row` is the whole of it, as it came."""

    id: str
    row: Mapping[str, Any] = field(repr=False)

    @cached_property
    def prices(self) -> tuple[float, float] | None:
        """The lowest and the highest price of one picture, in US dollars; None where it names none.

        Read once: each reservation asks for it.
        """
        return listed_prices(self.row)

    @property
    def docs_json(self) -> str | None:
        """Where its own OpenAPI document is, which names the fields that it takes."""
        info = self.row.get("info")
        url = info.get("docsJson") if isinstance(info, dict) else None
        try:
            readable = isinstance(url, str) and httpx.URL(url).scheme in ("https", "http")
        except (httpx.InvalidURL, ValueError):
            return None
        return url if readable else None

    @property
    def takes_images(self) -> bool | None:
        """Whether it can be given pictures; None where that isn't said."""
        return _has_image(self._modalities("input"))

    @property
    def makes_images(self) -> bool | None:
        """Whether it answers with pictures; None where that isn't said."""
        kind = self.row.get("type")
        if isinstance(kind, str) and "image" in kind.lower():
            return True
        return _has_image(self._modalities("output"))

    def _modalities(self, which: str) -> object:
        """As AI/ML API (`modalities`), OpenRouter (`architecture`) and xAI (the row itself) say it."""
        for place in (self.row.get("modalities"), self.row.get("architecture"), self.row):
            if isinstance(place, dict):
                for name in (which, f"{which}s", f"{which}_modalities", f"{which}Modalities"):
                    if isinstance(place.get(name), list):
                        return place[name]
        return None


def _has_image(modalities: object) -> bool | None:
    if not isinstance(modalities, list):
        return None
    return any(isinstance(one, str) and "image" in one.lower() for one in modalities)


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """`served` is None where it is unknown."""

    id: str
    served: bool | None
    deprecation: Deprecation | None = None


@dataclass(frozen=True, slots=True)
class Listings:
    """What the API has said at one moment: `status` of its list (None: it did not answer), the models in it and the
    deprecations, by their bare names. `patterns` are those of the models whose id ends in `*`.

    `is_complete`: what the list does not have is not served.
    """

    status: int | None = None
    models: Mapping[str, ListedModel] = field(default_factory=dict, repr=False)
    patterns: Sequence[ListedModel] = ()
    deprecations: Mapping[str, Deprecation] = field(default_factory=dict, repr=False)
    is_complete: bool = False

    @property
    def exists(self) -> bool | None:
        """Whether there is a list of models where one has to be; None where that is unknown.

        Where there is none, the address is wrong: every API of this kind has one beside its orders.
        """
        if self.status == httpx.codes.OK:
            return True
        return False if self.status in _NOTHING_THERE else None

    def find(self, model: str) -> ListedModel | None:
        """By its id or an alias, with or without its maker's name before it; or by how its id begins, as a LiteLLM
        proxy lists `openai/*`.

        The maker's name may be missing here or there, but is never another one.
        """
        name = bare_name(model)
        if (found := self.models.get(name)) is not None:
            return found
        found = self.models.get(name.partition("/")[2])
        if found is not None and "/" not in found.id:
            return found
        beginnings = (one for one in self.patterns if model.lower().startswith(one.id.lower()[:-1]))
        return next(beginnings, None)

    def prices_of(self, model: str) -> tuple[float, float] | None:
        """As `ListedModel.prices`; None also where it isn't listed."""
        found = self.find(model)
        return found.prices if found else None

    def deprecation(self, model: str) -> Deprecation | None:
        return self.deprecations.get(bare_name(model))

    def is_served(self, model: str) -> bool | None:
        """Whether it can be bought now; None where nobody says. Who lists it has taken back an older deprecation."""
        if self.find(model) is not None:
            return True
        return False if self.is_complete or self.is_withdrawn(model) else None

    def status_of(self, model: str) -> ModelStatus:
        return ModelStatus(model, self.is_served(model), self.deprecation(model))

    def is_withdrawn(self, model: str) -> bool:
        """Whether its deprecation says that requests are refused by now, whatever the list says."""
        known = self.deprecation(model)
        return known is not None and known.is_withdrawn


class Catalogue:
    """The API's list of models and its deprecations, kept for a minute; never raises.

    However many ask, one request is in flight. `ours` are the ids that the operator uses: a list that has one of them
    names models as we do, so what it lacks isn't served. Else, that takes an API which answers a question for one id:
    a server that paints with whatever it has loaded lists that, under a name of its own, and takes any.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        key: str,
        ours: Iterable[str] = (),
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._key = key
        self._ours = tuple(ours)
        self._clock = clock
        self._paths = _PATHS.get(server_of(self._url), ("models",))
        self._with_key = False
        self._answers_for_one: bool | None = None
        self._known = dict[str, JsonResponse]()  # what the API need not send again, by its ETag
        self._deprecations: Mapping[str, Deprecation] = {}
        self._deprecations_until = -math.inf
        self._read_at = -math.inf
        self._latest = Listings()
        self.last_listed = Listings()
        """The last list that came, however long ago: for a price, which need not be of this minute."""
        self._reading: asyncio.Task[Listings] | None = None

    def age(self) -> float:
        """Seconds since the API was asked last."""
        return self._clock() - self._read_at

    async def read(self, max_age: float = FRESH_SECONDS) -> Listings:
        """What the API says, as of at most `max_age` seconds ago."""
        failed = self._latest.status != httpx.codes.OK
        if self.age() < (min(max_age, AFTER_A_FAILURE_SECONDS) if failed else max_age):
            return self._latest
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(self._has_read)
        return await asyncio.shield(self._reading)

    async def close(self) -> None:
        """Ask no further."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def _has_read(self, _task: asyncio.Task[Listings]) -> None:
        self._reading = None

    async def _read(self) -> Listings:
        lists, deprecations = await asyncio.gather(
            asyncio.gather(*map(self._list, self._paths)), self._read_deprecations()
        )
        status = next((one.status for one in lists if one.status == httpx.codes.OK), lists[0].status)
        models = {name: model for one in lists for name, model in _named(one.rows or [])}
        is_whole = all(one.status == httpx.codes.OK and not one.is_first_page for one in lists)
        complete = is_whole and await self._is_complete(models)
        patterns = [one for name, one in models.items() if name.endswith("*")]
        self._latest = Listings(status, models, patterns, deprecations, complete)
        self._read_at = self._clock()
        if status == httpx.codes.OK:
            self.last_listed = self._latest
        return self._latest

    async def _list(self, path: str) -> JsonResponse:
        known = self._known.get(path)
        response = await self._ask(path, {"include": "all"}, known.etag if known else None)
        if response.status == httpx.codes.NOT_MODIFIED and known:
            return known
        self._known.pop(path, None)
        if response.rows is None and response.status in _WITHOUT_PRICES:
            response = await self._ask(path)
        if not _is_list_of_models(response.rows):
            is_something_else = response.status == httpx.codes.OK  # a page, or a list of whatever else
            return replace(response, status=httpx.codes.NOT_FOUND) if is_something_else else response
        if response.etag and re.fullmatch(_ETAG, response.etag):
            self._known[path] = response
        return response

    async def _is_complete(self, models: Mapping[str, ListedModel]) -> bool:
        """An empty list is none: a server that paints is not without models, but may not have them on its list."""
        if not models or any(bare_name(one) in models for one in self._ours):
            return bool(models)
        if self._answers_for_one is None and self._ours:
            response = await self._ask("models", {"id": self._ours[0]})
            if response.rows is not None:
                # Whoever answers with other models has not understood the question.
                self._answers_for_one = not response.rows
        return bool(self._answers_for_one)

    async def _read_deprecations(self) -> Mapping[str, Deprecation]:
        if self._clock() >= self._deprecations_until:
            response = await self._ask("models/deprecations")
            if response.rows is not None:
                self._deprecations = dict(_deprecations(response.rows))
            if response.status is not None:
                self._deprecations_until = self._clock() + DEPRECATIONS_SECONDS
        return self._deprecations

    async def _ask(
        self, path: str, params: Mapping[str, str] | None = None, etag: str | None = None
    ) -> JsonResponse:
        """Without the key, as long as that is enough."""
        headers = {"Authorization": f"Bearer {self._key}"} if self._with_key else {}
        if etag:
            headers["If-None-Match"] = etag
        response = await get(self._http, f"{self._url}/{path}", headers, params)
        if response.status in _NEEDS_A_KEY and not self._with_key:
            self._with_key = True
            return await self._ask(path, params, etag)
        return response


def _is_list_of_models(rows: Sequence[Mapping[str, Any]] | None) -> bool:
    """An empty one is."""
    return rows is not None and (not rows or any(isinstance(row.get("id"), str) for row in rows))


def _named(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ListedModel]]:
    """Each model by each of its names: its own id comes before another's alias, and that before a name that lacks its
    maker's.
    """
    models = [
        ListedModel(id, row)
        for row in rows[:_MOST_MODELS]
        if (id := sentence(row.get("id"), _LONGEST_ID)) is not None
    ]
    for model in models:
        if "/" in model.id:
            yield model.id.lower().partition("/")[2], model
    for model in models:
        for alias in _aliases(model.row):
            yield bare_name(alias), model
    for model in models:
        yield bare_name(model.id), model


def _deprecations(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Deprecation]]:
    """Every row by its names, whichever were asked for: a feed may ignore a filter that it doesn't know. What is said
    of a model itself comes before what is said of another with its name as an alias.
    """
    found = [
        Deprecation(
            sentence(row.get("status"), LONGEST_WORD) or "deprecated",
            sentence(row.get("shutdown_at"), LONGEST_WORD),
            sentence(row.get("replaced_by"), _LONGEST_ID),
        )
        for row in rows[:_MOST_MODELS]
    ]
    for row, deprecation in zip(rows, found, strict=False):
        for alias in _aliases(row):
            yield bare_name(alias), deprecation
    for row, deprecation in zip(rows, found, strict=False):
        if isinstance(id := row.get("id"), str):
            yield bare_name(id), deprecation


def _aliases(row: Mapping[str, Any]) -> list[str]:
    aliases = row.get("aliases")
    found = aliases[:_MOST_ALIASES] if isinstance(aliases, list) else []
    return [alias[:_LONGEST_ID] for alias in found if isinstance(alias, str)]


async def get(
    http: httpx.AsyncClient,
    url: str,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> JsonResponse:
    """Ask for some JSON; never raises, and never takes longer than `TIMEOUT_SECONDS`."""
    status: int | None = None
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            request = http.build_request("GET", url, headers=headers, params=params)
            response, body = await exchange(http, request, CATALOGUE)
            status = response.status_code
            if status != httpx.codes.OK:
                return JsonResponse(status, None, read_text(body, model="", prompt=""))
            content = await off_loop(len(body), partial(parse_json, body))
    except (ValueError, RecursionError):
        return JsonResponse(status, None)
    except BodyTooLarge:  # of a success: of an error the beginning is read
        return JsonResponse(httpx.codes.OK, None)
    except (BodyLost, httpx.InvalidURL, *REQUEST_FAILURES):
        return JsonResponse(None, None)
    etag = response.headers.get("ETag")
    return JsonResponse(status, content if isinstance(content, dict | list) else None, etag=etag)
