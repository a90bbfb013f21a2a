"""Generations on record, for whoever reads them: a port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from bot.core.generation.model import Generation, Source


@dataclass(frozen=True, slots=True)
class OfMember:
    """All of a member's, in every server; the oldest first."""

    member: int


@dataclass(frozen=True, slots=True)
class OfServer:
    """Those of a server that were reserved from `since` to before `until`; the oldest first."""

    server: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A member's paid ones that were never shown, of one server, or (None) of all direct places; the newest first."""

    member: int
    server: int | None


Filter: TypeAlias = OfMember | OfServer | Undelivered
"""Each has an index: whoever adds one adds it there, too."""


@dataclass(frozen=True, slots=True)
class Page:
    """Up to `count` generations that come `after` that one."""

    count: int
    after: Generation | None = None


class Generations(Protocol):
    """Raises DatabaseUnavailable."""

    async def get(self, id: int) -> Generation | None:
        """The one with that id, which a custom id can carry; None where there is none, or none any more."""
        ...

    async def find(self, which: Filter, page: Page) -> Sequence[Generation]:
        """Those of a page, in the order that `which` says; none after the last."""
        ...

    async def load(self, generation: int, source: Source) -> Source:
        """A source with its content, where the journal keeps it: empty where it was erased meanwhile."""
        ...
