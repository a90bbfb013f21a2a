"""The image API, as the core needs it: a port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.fair_limiter import Turn
from bot.core.generation.model import ImageSpec, InputImage, Order, Picture, Shape
from bot.core.limits.budgets import Estimate
from bot.core.place import Caller, Place

LARGEST_INPUT = 20 * 1024 * 1024
"""Bytes of a picture that is to be changed. Members without Nitro upload 10 MiB at most; models take 20 and more."""
MOST_PIXELS = 40_000_000
"""Of any picture."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can do.

    It takes `longest_prompt` characters. `shapes` are those that can be asked for: where there are any, it takes the
    nearest for another. `revises`: it revises prompts itself, and says how.
    """

    longest_prompt: int
    shapes: frozenset[Shape]
    revises: bool


class Attempts(Protocol):
    """The requests of one order, each of which may cost: written down before it is sent."""

    async def prompt_for(self, spec: ImageSpec, longest: int, *, revises: bool) -> str:
        """The words that a model is asked to paint, which takes `longest` characters, and `revises` prompts by itself
        or does not: those of `spec`, or revised ones of no more characters. They are the same for each request to one
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

        Raises LeaseLost where another process has the generation by now: no more requests are to be sent, but what the
        others bring that are out already is reported all the same, and kept for the member.
        """
        ...


class ImageApi(Protocol):
    """What sells pictures."""

    @property
    def model(self) -> str:
        """The model in service."""
        ...

    def capabilities(self, spec: ImageSpec) -> Capabilities:
        """Of the model that would paint `spec` now. Raises EditsOff."""
        ...

    @property
    def edit_inputs(self) -> int:
        """How many pictures can be changed into one, at most; 0 where no model changes any."""
        ...

    def estimate(self, spec: ImageSpec) -> Estimate:
        """What one picture of `spec` will probably cost, by the model that would paint it now. Raises EditsOff."""
        ...

    async def check_inputs(
        self, inputs: Sequence[InputImage], caller: Caller[Place]
    ) -> tuple[InputImage, ...]:
        """The same pictures, each with the type and the size that its bytes have. Raises InputRefused for one that
        can't be changed, in time for the first answer to `caller`.
        """
        ...

    async def small_copy(self, image: InputImage) -> Picture | None:
        """A picture that was changed, to be shown beside the result; None where it can't be had. Never raises."""
        ...

    async def shown(self, url: str) -> Picture:
        """A picture that a message in Discord shows, whole, by its signed link. Raises CopyUnavailable."""
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
