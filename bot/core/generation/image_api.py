"""The image API, as the core needs it: a port."""

from __future__ import annotations

from typing import Protocol

from bot.core.fair_limiter import Turn
from bot.core.generation.model import ImageSpec, Order, Picture, Shape


class Attempts(Protocol):
    """The requests of one order, each of which may cost: written down before it is sent."""

    async def prompt_for(self, spec: ImageSpec, longest: int, *, revises: bool) -> str:
        """The words that a model is asked to paint, which takes `longest` characters, and `revises` prompts by itself
        or does not: those of `spec`, or better ones of no more characters. They are the same for each request to one
        model. Raises nothing.
        """
        ...

    async def submitting(self, model: str, images: int) -> None:
        """Called right before each request of this order is sent, which asks `model` for so many images.

        Raises LeaseLost where another process has the generation by now, NoBudgetForRetry where an earlier request may
        have cost and another one does not fit on the bot's own limit, and FailureLimitReached.
        """
        ...

    def not_billed(self, images: int) -> None:
        """A request for so many images, announced before, has certainly cost nothing."""
        ...

    async def bought(self, order: Order) -> None:
        """What has been bought so far, while other requests of the same order are not answered yet: it is written down
        before they are waited for any longer.
        """
        ...


class ImageApi(Protocol):
    """What sells pictures."""

    @property
    def model(self) -> str:
        """The model in service."""
        ...

    @property
    def shapes(self) -> frozenset[Shape]:
        """Those that the model in service has."""
        ...

    @property
    def revises(self) -> bool:
        """Whether the model in service rewrites prompts itself, and says how."""
        ...

    @property
    def prompt_limit(self) -> int:
        """Characters that the model in service takes."""
        ...

    async def order(self, spec: ImageSpec, request_id: str, attempts: Attempts, turn: Turn) -> Order:
        """Buy the pictures that `spec` asks for, 1..10. Raises GenerationFailed, and what `attempts` raise.

        `turn` is the slot that the order holds, and says when a request may be sent. Right before that, each request
        is announced to `attempts`.
        """
        ...

    async def fetch(self, order: Order) -> tuple[Picture, ...]:
        """The pictures of a paid order that could be fetched whole, at least one. Raises PicturesLost."""
        ...

    async def logged_cost(self, request_id: str, attempts: int) -> int | None:
        """What the order of that id has cost with all of its `attempts`, in credits. Never raises.

        None where the API does not say, or does not know of every attempt yet.
        """
        ...
