"""Where the policies of servers are kept: a port."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.limits.policy import Policy


@dataclass(frozen=True, slots=True)
class Revision:
    """A server's policy as `by` left it at that instant; number 0 is where nothing was decided yet."""

    number: int
    policy: Policy
    by: int
    at: datetime


class PolicyStore(Protocol):
    """What each server decided, every version of it. Raises DatabaseUnavailable."""

    async def of(self, server: int) -> Revision:
        """The one in force."""
        ...

    async def in_force(self, server: int) -> Policy:
        """As `of`, for what is asked often, as while somebody types."""
        ...

    async def at(self, server: int, number: int) -> Policy | None:
        """An earlier one; None where it is kept no longer."""
        ...

    async def change(
        self,
        server: int,
        edit: Callable[[Policy], Policy],
        by: int,
        now: datetime,
        interaction: int | None = None,
    ) -> tuple[Policy, Policy]:
        """Apply `edit` to the policy in force, in one transaction: before and after. Raises what `edit` raises.

        `edit` may be called again where another change came first. One that changes nothing is not written. An
        `interaction` changes it once, whichever processes received it: the others raise AlreadyAcknowledged.
        Raises TooManyPolicyChanges, PolicyTooLarge.
        """
        ...

    async def revisions(self, server: int, count: int, before: int | None = None) -> Sequence[Revision]:
        """The newest `count`, newest first; those older than number `before` where it is given."""
        ...
