"""Which process works on a generation, and until when without a heartbeat; in SQL that both engines speak."""

from __future__ import annotations

import logging
from collections.abc import Collection

from bot.core.generation.ledger import AbandonedGeneration, Charge
from bot.core.generation.model import Generation, State
from bot.storage.engine.protocol import Transaction
from bot.storage.generations import COLUMNS, generation_of

log = logging.getLogger(__name__)

LONGEST_LEASE = 120_000
"""Milliseconds, twice the longest that anything is released for: a lease that ends later was written by a clock that
ran ahead, and has expired.
"""

# A generation is unfinished until it is settled and no notice (`untold`) is pending. Ids come as ",1,2,3,": the engines
# take lists as parameters in different ways, or not at all.
RENEW = """
UPDATE generation SET lease_until = epoch_millis() + :lease
WHERE owner = :owner AND (settled_at IS NULL OR untold IS NOT NULL) AND :ids LIKE '%,' || CAST(id AS TEXT) || ',%'
RETURNING id
"""
RELEASE = """
UPDATE generation SET lease_until = epoch_millis() + :after
WHERE id = :id AND owner = :owner AND (settled_at IS NULL OR untold IS NOT NULL)
"""
RELEASE_ALL = """
UPDATE generation SET lease_until = 0 WHERE owner = :owner AND (settled_at IS NULL OR untold IS NOT NULL)
"""
# The conditions stand there twice: of two processes that find the same row, the second one waits for the first, then
# asks again, and leaves it.
CLAIM_EXPIRED = f"""
UPDATE generation SET owner = :owner, lease_until = epoch_millis() + :lease
WHERE id IN (
    SELECT id FROM generation
    WHERE (settled_at IS NULL OR untold IS NOT NULL)
    AND (lease_until < epoch_millis() OR lease_until > epoch_millis() + :longest)
    AND :held NOT LIKE '%,' || CAST(id AS TEXT) || ',%'
    ORDER BY lease_until LIMIT :most
)
AND (settled_at IS NULL OR untold IS NOT NULL)
AND (lease_until < epoch_millis() OR lease_until > epoch_millis() + :longest)
RETURNING {COLUMNS}
"""  # noqa: S608 — the columns are a constant
UNFINISHED = "SELECT 1 FROM generation WHERE settled_at IS NULL OR untold IS NOT NULL LIMIT 1"
CHARGES = "SELECT meter, window_key, cap, images FROM charge WHERE generation = :generation ORDER BY position"


def claim_expired(
    owner: str, held: Collection[int], most: int, lease: int
) -> Transaction[tuple[AbandonedGeneration, ...]]:
    rows = yield (
        CLAIM_EXPIRED,
        {
            "owner": owner,
            "held": listed(held),
            "most": most,
            "lease": lease,
            "longest": max(2 * lease, LONGEST_LEASE),
        },
    )
    found = []
    for row in rows:
        charges = yield CHARGES, {"generation": row[0]}
        try:
            found.append(_abandoned(generation_of(row), tuple(Charge(*charge) for charge in charges)))
        except (ValueError, TypeError, KeyError):  # it must not keep all the others waiting
            log.exception("generation %d: what is on record of it can't be read", row[0])
    return tuple(found)


def _abandoned(found: Generation, charges: tuple[Charge, ...]) -> AbandonedGeneration:
    return AbandonedGeneration(
        found.request,
        found.state,
        found.reserved_at,
        found.message,
        found.order if found.state is State.PAID else None,
        charges,
        found.pending_notice,
        found.attempts,
        found.model,
    )


def listed(ids: Collection[int]) -> str:
    """Several ids as one parameter of the statements here: `,1,2,3,`."""
    return f",{','.join(map(str, ids))},"
