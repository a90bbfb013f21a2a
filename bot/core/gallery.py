"""The use case behind `/gallery`: paid pictures that found no place to be shown, for whoever asked for them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.errors import PicturesLost
from bot.core.generation import Order, Picture
from bot.core.limits import Caller
from bot.core.workshop import Painter

MOST_SHOWN = 4
"""Generations at a time, the newest first."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A paid order that was never shown."""

    prompt: str
    reserved_at: datetime
    order: Order


@dataclass(frozen=True, slots=True)
class Exhibit:
    """`pictures` are empty where the addresses have expired."""

    kept: Kept
    pictures: tuple[Picture, ...]


class Shelf(Protocol):
    """Where paid orders are that were never shown."""

    async def kept_for(self, caller: Caller, most: int) -> tuple[Kept, ...]:
        """The caller's, in their server, the newest first. Raises LedgerUnavailable."""
        ...


class Gallery:
    """Fetches what is kept, whenever somebody wants to see it."""

    def __init__(self, shelf: Shelf, painter: Painter) -> None:
        self._shelf = shelf
        self._painter = painter

    async def of(self, caller: Caller) -> tuple[Exhibit, ...]:
        """Raises LedgerUnavailable."""
        kept = await self._shelf.kept_for(caller, MOST_SHOWN)
        return tuple(await asyncio.gather(*map(self._fetched, kept)))

    async def _fetched(self, kept: Kept) -> Exhibit:
        try:
            return Exhibit(kept, await self._painter.fetch(kept.order))
        except PicturesLost:
            return Exhibit(kept, ())
