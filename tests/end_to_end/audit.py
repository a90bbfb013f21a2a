"""Audits the database against the image API's bill and against what members saw, whatever went wrong before."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bot.core.generation.model import FINAL_STATES
from bot.core.limits.meters import BOT_METER, BUDGET_METER
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Rows, Transaction
from sandbox.discord import Discord
from sandbox.images import ImageApi
from tests.patience import PATIENCE

GENERATIONS = """
SELECT id, state, images, refunded, attempts, spent, member, server, reserved_at / 86400000, token,
    settled_at
FROM generation
"""
COSTS = "SELECT budget_day, budget_month, cost, cost_estimated FROM generation WHERE budget_day IS NOT NULL"
METERS = "SELECT name, window_key, used FROM meter"
CHARGES = "SELECT generation, meter, window_key, images, cap FROM charge"


@dataclass(frozen=True, slots=True)
class FailureLimits:
    """Images that may come to nothing in a day though they may have been paid for; None where there is no limit."""

    of_member: int | None = None
    of_server: int | None = None


class RecordedState:
    """Every generation, meter, charge and cost of a database; `audit` fails where they do not add up."""

    def __init__(self, generations: Rows, meters: Rows, charges: Rows, costs: Rows) -> None:
        self.states = {id: state for id, state, *_ in generations}
        self.images = {id: (images, refunded) for id, _, images, refunded, *_ in generations}
        self.attempts = {id: attempts for id, _, _, _, attempts, *_ in generations}
        self.spent = {id: spent for id, _, _, _, _, spent, *_ in generations}
        self.failed_of_member, self.failed_of_server = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
        for _, _, taken, refunded, _, spent, member, server, day, *_ in generations:
            failed = min(refunded, max(0, spent - (taken - refunded)))
            self.failed_of_member[member, day] += failed
            self.failed_of_server[server, day] += failed
        # What is settled keeps its token until the member knows how it ended.
        self.unsettled = [id for id, *_, token, settled in generations if settled is None or token]
        self.used = {(name, window): int(used) for name, window, used in meters}
        self.charges = charges
        self.costs = costs

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(self.states.values())

    def audit(self, images: ImageApi, failure_limits: FailureLimits = FailureLimits()) -> None:
        """Each generation is in exactly one final state, no meter is over its limit or short of what was taken.

        The image API saw no request that is not on record, and billed none that is not on the bot's meter.
        """
        assert self.unsettled == []
        assert set(self.states.values()) <= {state.value for state in FINAL_STATES}
        assert all(0 <= refunded <= taken for taken, refunded in self.images.values())
        assert images.paid_pictures <= sum(self.spent.values())
        asked = Counter(request.headers.get("X-Client-Request-Id") for request in images.requests)
        for id, spent in self.spent.items():
            assert asked[str(id)] <= self.attempts[id]  # one that was written down may not have left
            assert images.bills[str(id)] <= spent
        self._audit_failures(failure_limits)
        self._audit_meters()

    def _audit_failures(self, most: FailureLimits) -> None:
        for failed, limit in (
            (self.failed_of_member, most.of_member),
            (self.failed_of_server, most.of_server),
        ):
            assert limit is None or max(failed.values(), default=0) <= limit

    def _audit_meters(self) -> None:
        taken, caps = Counter[tuple[str, str]](), dict[tuple[str, str], int | None]()
        for generation, meter, window, count, cap in self.charges:
            refunded = self.images[generation][1]
            taken[meter, window] += self.spent[generation] if meter == BOT_METER else count - refunded
            caps[meter, window] = cap
        for *windows, cost, estimated in self.costs:
            assert estimated is not None  # else it still counts by what was expected when it was reserved
            for window in windows:
                taken[BUDGET_METER, window] += cost
        assert {key: used for key, used in self.used.items() if used} == {
            key: used for key, used in taken.items() if used
        }
        assert [key for key, cap in caps.items() if cap is not None and not 0 <= self.used[key] <= cap] == []


async def settled_state(url: str) -> RecordedState:
    """The recorded state, once no generation is in flight."""
    async with asyncio.timeout(PATIENCE), open_database(url, migrating=False) as database:
        while True:
            rows = [
                await database.run(_query(statement)) for statement in (GENERATIONS, METERS, CHARGES, COSTS)
            ]
            recorded = RecordedState(*rows)
            if not recorded.unsettled:
                return recorded
            await asyncio.sleep(0.05)  # another process writes them


async def audited_state(
    url: str,
    images: ImageApi,
    discord: Discord,
    failure_limits: FailureLimits = FailureLimits(),
) -> RecordedState:
    """The recorded state after its audit; every interaction has been answered."""
    recorded = await settled_state(url)
    recorded.audit(images, failure_limits)
    assert [
        one
        for one in discord.interactions.all
        if one.state in {"waiting", "thinking", "in progress", "no answer"}
    ] == []
    return recorded


def _query(statement: str) -> Callable[[], Transaction[Rows]]:
    def steps() -> Transaction[Rows]:
        return (yield statement, {})

    return steps
