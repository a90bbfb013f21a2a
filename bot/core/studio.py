"""The use case: reserve, acknowledge, paint, deliver, settle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.core.errors import BotError
from bot.core.generation import Order, Painting, Picture, Request, State
from bot.core.limits import Meter, Standing


class Ledger(Protocol):
    """The journal of generations and their meters. Every method is one transaction, or raises LedgerUnavailable."""

    async def reserve(self, request: Request, meters: Sequence[Meter], now: datetime) -> tuple[Standing, ...]:
        """Claim `request.id` and take its images from all `meters` or from none.

        Returns the standings after it, in the order of `meters`. Raises LimitReached, AlreadyClaimed.
        """
        ...

    async def advance(
        self, generation: int, state: State, now: datetime, *, model: str | None = None, credits: int | None = None
    ) -> None:
        """Write the state that a generation is about to enter, with what has become known."""
        ...

    async def settle(self, generation: int, state: State, now: datetime, *, refund: int) -> bool:
        """Close a generation in a final `state` and give `refund` images back to the meters they came from.

        Happens once: False where it was settled before, or never reserved.
        """
        ...

    async def usage(self, meters: Sequence[Meter]) -> tuple[Standing, ...]:
        """How much of each meter is used, in the order of `meters`."""
        ...

    async def history(self, meter: str, windows: Sequence[str]) -> dict[str, int]:
        """Images used on the meter of that name, by window key; a window without any is 0."""
        ...


class Painter(Protocol):
    """The image API."""

    @property
    def prompt_limit(self) -> int:
        """Characters that the model in service takes."""
        ...

    async def order(self, prompt: str, images: int, request_id: str) -> Order:
        """Buy `images` pictures, 1..10. Raises GenerationFailed."""
        ...

    async def fetch(self, order: Order) -> tuple[Picture, ...]:
        """The pictures of a paid order that could be fetched whole, at least one. Raises PicturesLost."""
        ...


class Reply(Protocol):
    """The answer to one command, as the member sees it."""

    async def refuse(self, error: BotError) -> None:
        """Answer privately that nothing will be painted, and why."""
        ...

    async def acknowledge(self) -> None:
        """Show everybody that the bot is at it. Raises AlreadyClaimed, DeliveryFailed."""
        ...

    async def deliver(self, painting: Painting, standings: Sequence[Standing]) -> None:
        """Put the pictures in the place of the acknowledgement. Raises DeliveryFailed."""
        ...

    async def apologise(self, error: BotError) -> None:
        """Put a sentence in the place of the acknowledgement."""
        ...


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        ...
