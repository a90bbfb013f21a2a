"""What can be learned of the image API without buying anything, and which model is in service by that."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx

from bot.core.generation.errors import ImageApiTrouble, KeyRejected
from bot.core.health.image_api_monitor import Balance
from bot.core.limits.budgets import CREDITS_PER_DOLLAR
from bot.imaging.catalogue import FRESH_SECONDS, LONGEST_WORD, Catalogue, JsonResponse, ModelStatus, get
from bot.imaging.models import ModelChoice
from bot.imaging.order_parser import amount_of, number_of, sentence
from bot.imaging.response import rule_of

log = logging.getLogger(__name__)

_FAILED = {"failed", "failure", "error", "errored", "rejected", "refused", "denied", "cancelled", "canceled"}
PRICE_OF_AN_ORDER = 0.10
"""US dollars, about: with less there is no use in trying."""


class KeyState(StrEnum):
    WORKS = "works"
    REJECTED = "rejected"
    UNKNOWN = "unknown"  # this API has no way to ask, or did not answer


@dataclass(frozen=True, slots=True)
class Account:
    """`reachable`: anything at all answered."""

    reachable: bool
    key: KeyState
    balance: Balance | None

    @property
    def has_credit(self) -> bool | None:
        """Whether the balance is enough for an order; None where the API does not say."""
        return None if self.balance is None else self.balance.amount >= PRICE_OF_AN_ORDER


@dataclass(frozen=True, slots=True)
class Inspection(Account):
    """`models` are those that were asked about, in their order."""

    models: tuple[ModelStatus, ...]


class Inspector:
    """Asks; never raises. `catalogue` is of the same API."""

    def __init__(self, http: httpx.AsyncClient, url: str, key: str, catalogue: Catalogue) -> None:
        self._http = http
        self.url = url.rstrip("/")
        self._key = key
        self.catalogue = catalogue

    async def inspect(self, models: Sequence[str], max_age: float = FRESH_SECONDS) -> Inspection:
        """Everything, asked at once; of the list of models, as of at most `max_age` seconds ago."""
        account, listings = await asyncio.gather(self.account(), self.catalogue.read(max_age))
        if not account.reachable and listings.status is not None and max_age:
            listings = await self.catalogue.read(0)  # it did answer, and may be down by now
        return Inspection(
            reachable=account.reachable or listings.status is not None,
            key=account.key,
            balance=account.balance,
            models=tuple(map(listings.status_of, models)),
        )

    async def account(self) -> Account:
        """Whether the key works, and what is left of the balance."""
        billing, key, balance = await self._ask_account("billing"), KeyState.UNKNOWN, None
        if billing.status == httpx.codes.OK:
            said = billing.content if isinstance(billing.content, dict) else {}
            key, amount = KeyState.WORKS, number_of(said.get("current_balance"))
            if amount is not None:
                balance = Balance(amount, sentence(said.get("currency"), LONGEST_WORD) or "USD")
        elif (
            billing.status is not None
            and billing.text is not None
            and rule_of(billing.status, billing.text).error is KeyRejected  # a firewall's 403 is not
        ):
            key = KeyState.REJECTED
        return Account(reachable=billing.status is not None, key=key, balance=balance)

    async def logged_cost(self, request_id: str, attempts: int) -> int | None:
        """What the API's own log says that the `attempts` of that id have cost together, in credits.

        None where it does not say so of each: an attempt may not be logged yet, or not any more.
        """
        rows = (await self._ask_account("logs")).rows
        costs = [_cost(row) for row in rows or () if row.get("client_request_id") == request_id]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) == attempts > 0 else None

    async def _ask_account(self, name: str) -> JsonResponse:
        url = httpx.URL(self.url).copy_with(raw_path=f"/v2/{name}".encode())
        return await get(self._http, str(url), {"Authorization": f"Bearer {self._key}"})


class Probe:
    """An `ImageApiProbe`, which decides on the models in service by what it learns.

    `edit_models` need not be there. `allows` says of an origin whether pictures may be fetched from there.
    """

    def __init__(
        self,
        inspector: Inspector,
        models: ModelChoice,
        edit_models: ModelChoice | None,
        allows: Callable[[str], bool],
    ) -> None:
        self._inspector = inspector
        self._models = models
        self._edit_models = edit_models
        self.allows = allows

    async def inspect(self, max_age: float = FRESH_SECONDS) -> Inspection:
        """Whether the key works and the models are served, and what is left of the balance. Never raises."""
        return await self._inspector.inspect([model.id for model in self._models.configured], max_age)

    async def balance(self) -> Balance | None:
        """What the operator has left; None where the API does not say. Never raises."""
        return (await self._inspector.account()).balance

    async def choose_model(self) -> bool:
        """Ask which model is served, and use the first that nobody says is not. Never raises.

        What is wrong with the address or the key is logged now, and not only after a member's first order.
        """
        inspection = await self.inspect()
        listings = await self._inspector.catalogue.read()
        if not inspection.reachable:
            log.error("IMAGE_API_URL: nothing answers at %s", self._inspector.url)
        elif listings.exists is False:
            log.error("IMAGE_API_URL: there is no list of models at %s/models", self._inspector.url)
        elif inspection.key is KeyState.REJECTED:
            log.error("IMAGE_API_KEY isn't accepted at %s", self._inspector.url)
        if self._edit_models is not None:
            self._edit_models.choose(listings.is_served)
        return self._models.choose(listings.is_served)

    async def has_ended(self, trouble: ImageApiTrouble) -> bool | None:
        """Whether that trouble is over; None where only an order could tell. Never raises."""
        inspection = await self.inspect(0 if trouble is ImageApiTrouble.MODEL else FRESH_SECONDS)
        if not inspection.reachable:
            return False
        match trouble:
            case ImageApiTrouble.KEY:
                return None if inspection.key is KeyState.UNKNOWN else inspection.key is KeyState.WORKS
            case ImageApiTrouble.CREDIT:
                return inspection.has_credit
            case ImageApiTrouble.MODEL:
                served = {model.id: model.served for model in inspection.models}
                for candidate in self._models.candidates:
                    if served[candidate.id]:
                        self._models.use(candidate)
                        return True
                return None if None in served.values() else False
            case ImageApiTrouble.PICTURES | ImageApiTrouble.DOWN:
                return None


def _cost(row: Mapping[str, Any]) -> int | None:
    """In credits. Nothing is only believed of an attempt that failed: whatever runs or went well may be billed yet."""
    cost, status = amount_of(row.get("cost"), CREDITS_PER_DOLLAR), row.get("status")
    if (number := number_of(status)) is not None:
        failed = number >= httpx.codes.BAD_REQUEST
    else:
        failed = status is None or (isinstance(status, str) and status.strip().lower() in _FAILED)
    return None if cost == 0 and not failed else cost
