"""What can be learned of the image API without buying anything, and which model is in service by that."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import aiohttp
import httpx

from bot.core.generation.errors import ImageApiTrouble, KeyRejected
from bot.core.generation.model import CREDITS_PER_DOLLAR
from bot.core.health.image_api_monitor import Balance
from bot.imaging.http import CATALOGUE, ERROR_TEXT, BodyLost, off_loop, parse_json, read_body
from bot.imaging.models import Model, ModelChoice, bare_name
from bot.imaging.order_parser import amount_of, number_of, sentence
from bot.imaging.response import rule_of
from bot.imaging.response_text import Text, read_text

log = logging.getLogger(__name__)

_FAILED = {"failed", "failure", "error", "errored", "rejected", "refused", "denied", "cancelled", "canceled"}
_NOTHING_THERE = {301, 302, 303, 307, 308, 404, 405, 410}
LONGEST_WORD = 60  # characters of a currency, a status or a date
TIMEOUT_SECONDS = 5.0  # a start must not wait for the image API
PRICE_OF_AN_ORDER = 0.10
"""US dollars, about: with less there is no use in trying."""


class KeyState(StrEnum):
    WORKS = "works"
    REJECTED = "rejected"
    UNKNOWN = "unknown"  # this API has no way to ask, or did not answer


@dataclass(frozen=True, slots=True)
class Deprecation:
    """The API's notice for one model. `status`: deprecated, superseded or withdrawn; `shutdown_at` in ISO 8601."""

    status: str
    shutdown_at: str | None = None


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """`served` is None where it is unknown."""

    id: str
    served: bool | None
    deprecation: Deprecation | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """`reachable`: anything at all answered. `models` are those that were asked about, in their order."""

    reachable: bool
    key: KeyState
    balance: Balance | None
    models: tuple[ModelStatus, ...]

    @property
    def has_credit(self) -> bool | None:
        """Whether the balance is enough for an order; None where the API does not say."""
        return None if self.balance is None else self.balance.amount >= PRICE_OF_AN_ORDER


@dataclass(frozen=True, slots=True)
class Reading:
    """One GET: `status` is None where nothing answered, `content` None where it was no JSON object."""

    status: int | None
    content: Mapping[str, Any] | None
    text: Text | None = None


class Inspector:
    """Asks; never raises, and never takes longer than `TIMEOUT_SECONDS` for one question."""

    def __init__(self, http: httpx.AsyncClient, url: str, key: str) -> None:
        self._http = http
        self.url = url.rstrip("/")
        self._key = key

    async def inspect(self, models: Sequence[str]) -> Inspection:
        """Everything, asked at once."""
        billing, announced, served = await asyncio.gather(
            self._get(self._account_url("billing"), {"Authorization": f"Bearer {self._key}"}),
            self._get(f"{self.url}/models/deprecations"),
            asyncio.gather(*map(self.served, models)),
        )
        key, balance = KeyState.UNKNOWN, None
        if billing.status == httpx.codes.OK:
            key, amount = KeyState.WORKS, number_of((billing.content or {}).get("current_balance"))
            if billing.content is not None and amount is not None:
                currency = sentence(billing.content.get("currency"), LONGEST_WORD) or "USD"
                balance = Balance(amount, currency)
        elif (
            billing.status is not None
            and billing.text is not None
            and rule_of(billing.status, billing.text).error is KeyRejected  # a firewall's 403 is not
        ):
            key = KeyState.REJECTED
        return Inspection(
            reachable=billing.status is not None or announced.status is not None,
            key=key,
            balance=balance,
            models=tuple(
                ModelStatus(model, is_served, _deprecation(announced.content, model))
                for model, is_served in zip(models, served, strict=True)
            ),
        )

    async def served(self, model: str) -> bool | None:
        """Whether the model can be bought now; needs no key."""
        reading = await self._get(f"{self.url}/models", params={"id": model})
        rows = _rows(reading.content) if reading.status == httpx.codes.OK else None
        if rows is None:
            return None
        if any(_is(row, model) for row in rows):
            return True
        # Other models only: this API has not understood the question.
        return None if rows else False

    async def has_catalogue(self) -> bool | None:
        """Whether there is a list of models where one has to be; None where that is unknown.

        Where there is none, the address is wrong: every API of this kind has one beside its orders.
        """
        reading = await self._get(f"{self.url}/models", params={"id": "x"})
        if reading.status == httpx.codes.OK:
            return reading.content is not None
        return False if reading.status in _NOTHING_THERE else None

    async def logged_cost(self, request_id: str, attempts: int) -> int | None:
        """What the API's own log says that the `attempts` of that id have cost together, in credits.

        None where it does not say so of each: an attempt may not be logged yet, or not any more.
        """
        reading = await self._get(self._account_url("logs"), {"Authorization": f"Bearer {self._key}"})
        rows = _rows(reading.content) if reading.status == httpx.codes.OK else None
        costs = [_cost(row) for row in rows or () if row.get("client_request_id") == request_id]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) == attempts > 0 else None

    def _account_url(self, name: str) -> str:
        return str(httpx.URL(self.url).copy_with(raw_path=f"/v2/{name}".encode()))

    async def _get(
        self, url: str, headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None
    ) -> Reading:
        status: int | None = None
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                request = self._http.build_request("GET", url, headers=headers, params=params)
                async with aclosing(await self._http.send(request, stream=True)) as response:
                    status = response.status_code
                    if status != httpx.codes.OK:
                        body = await read_body(response, ERROR_TEXT, beginning=True)
                        return Reading(status, None, read_text(body, model="", prompt=""))
                    body = await read_body(response, CATALOGUE)
                content = await off_loop(len(body), partial(parse_json, body))
        except (ValueError, RecursionError):
            return Reading(status, None)
        except (BodyLost, httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError):
            return Reading(None, None)
        return Reading(status, content if isinstance(content, dict) else None)


class Probe:
    """An `ImageApiProbe`, which decides on the model in service by what it learns.

    `allows` says of an origin whether pictures may be fetched from there.
    """

    def __init__(self, inspector: Inspector, models: ModelChoice, allows: Callable[[str], bool]) -> None:
        self._inspector = inspector
        self._models = models
        self.allows = allows

    async def inspect(self) -> Inspection:
        """Whether the key works and the models are served, and what is left of the balance. Never raises."""
        return await self._inspector.inspect([model.id for model in self._models.configured])

    async def balance(self) -> Balance | None:
        """What the operator has left; None where the API does not say. Never raises."""
        return (await self.inspect()).balance

    async def choose_model(self) -> bool:
        """Ask which model is served, and use the first that nobody says is not. Never raises.

        What is wrong with the address or the key is logged now, and not only after a member's first order.
        """
        catalogue, inspection = await asyncio.gather(self._inspector.has_catalogue(), self.inspect())
        if not inspection.reachable:
            log.error("IMAGE_API_URL: nothing answers at %s", self._inspector.url)
        elif catalogue is False:
            log.error("IMAGE_API_URL: there is no list of models at %s/models", self._inspector.url)
        elif inspection.key is KeyState.REJECTED:
            log.error("IMAGE_API_KEY isn't accepted at %s", self._inspector.url)
        for model, answer in await self._served():
            if answer is not False:
                self._models.use(model)
                return True
            self._models.mark_unserved(model)
        return False

    async def has_ended(self, trouble: ImageApiTrouble) -> bool | None:
        """Whether that trouble is over; None where only an order could tell. Never raises."""
        inspection = await self.inspect()
        if not inspection.reachable:
            return False
        match trouble:
            case ImageApiTrouble.KEY:
                return None if inspection.key is KeyState.UNKNOWN else inspection.key is KeyState.WORKS
            case ImageApiTrouble.CREDIT:
                return inspection.has_credit
            case ImageApiTrouble.MODEL:
                served = await self._served()
                for model, answer in served:
                    if answer:
                        self._models.use(model)
                        return True
                return None if any(answer is None for _, answer in served) else False
            case ImageApiTrouble.PICTURES | ImageApiTrouble.DOWN:
                return None

    async def _served(self) -> list[tuple[Model, bool | None]]:
        """The models to choose from, in their order, and whether each can be bought now."""
        candidates = self._models.candidates
        served = await asyncio.gather(*(self._inspector.served(model.id) for model in candidates))
        return list(zip(candidates, served, strict=True))


def _rows(content: Mapping[str, Any] | None) -> list[Mapping[str, Any]] | None:
    rows = content.get("data") if content else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None


def _cost(row: Mapping[str, Any]) -> int | None:
    """In credits. Nothing is only believed of an attempt that failed: whatever runs or went well may be billed yet."""
    cost, status = amount_of(row.get("cost"), CREDITS_PER_DOLLAR), row.get("status")
    if (number := number_of(status)) is not None:
        failed = number >= httpx.codes.BAD_REQUEST
    else:
        failed = status is None or (isinstance(status, str) and status.strip().lower() in _FAILED)
    return None if cost == 0 and not failed else cost


def _is(row: Mapping[str, Any], model: str) -> bool:
    aliases = row.get("aliases")
    names = [row.get("id"), *(aliases if isinstance(aliases, list) else [])]
    return any(isinstance(name, str) and bare_name(name) == bare_name(model) for name in names)


def _deprecation(content: Mapping[str, Any] | None, model: str) -> Deprecation | None:
    for row in _rows(content) or ():
        if _is(row, model):
            status = sentence(row.get("status"), LONGEST_WORD) or "deprecated"
            return Deprecation(status, sentence(row.get("shutdown_at"), LONGEST_WORD))
    return None
