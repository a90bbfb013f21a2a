"""The image models: what each family of them takes, the body of an order, and which model is in service."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from bot.core.generation.model import ImageSpec
from bot.core.retries import Backoff

log = logging.getLogger(__name__)

FIRST_PAUSE = 600.0
LONGEST_PAUSE = 86_400.0
"""Seconds until a model that has gone is asked for again. It costs nothing, and the API may have been mistaken."""


@dataclass(frozen=True, slots=True)
class Family:
    """What several models have in common: nothing is sent that one of them refuses.

    `longest_prompt` in characters; `extras` are sent beside model, prompt and n.
    """

    longest_prompt: int
    extras: Mapping[str, str] = field(default_factory=dict)


GROK_2_IMAGE = Family(longest_prompt=1024)
# Its default is a 2816×1536 PNG, which is too much for Discord and tells a member nothing more.
GROK_IMAGINE = Family(longest_prompt=8000, extras={"resolution": "1k"})
# The shortest limit of any known model, and no field that one of them refuses: a longer prompt would be turned
# down by some, a shorter limit only asks the member for fewer words.
UNKNOWN = Family(longest_prompt=1024)

_FAMILIES = {
    "grok-2-image": GROK_2_IMAGE,
    "grok-2-image-1212": GROK_2_IMAGE,
    "grok-2-image-latest": GROK_2_IMAGE,
    "grok-imagine-image": GROK_IMAGINE,
    "grok-imagine-image-pro": GROK_IMAGINE,
}


@dataclass(frozen=True, slots=True)
class Model:
    """`id` as the operator wrote it, which is how the API is asked for it."""

    id: str
    family: Family = field(compare=False)

    def order_body(self, spec: ImageSpec) -> dict[str, str | int]:
        """The body of the paid request. `n` is left out where it says what is the default anyway."""
        body: dict[str, str | int] = {"model": self.id, "prompt": spec.prompt, **self.family.extras}
        return body if spec.count == 1 else {**body, "n": spec.count}


def bare_name(model_id: str) -> str:
    """The id as its maker writes it: resellers put `x-ai/` before it."""
    return model_id.lower().removeprefix("x-ai/")


def lookup(model_id: str) -> Model:
    """The model with what is known of it, under either of its names."""
    return Model(model_id, _FAMILIES.get(bare_name(model_id), UNKNOWN))


class ModelChoice:
    """Which of `models` is in service: the first, until it is no longer served, then the next.

    Kept in this process; a change is logged once. `clock` in seconds.
    """

    def __init__(self, models: Iterable[Model], clock: Callable[[], float] = monotonic) -> None:
        self.configured = tuple(dict.fromkeys(models))
        self.current = self.configured[0]
        self._absences: dict[Model, tuple[Backoff, float]] = {}  # and until when it is not asked for
        self._clock = clock

    @property
    def candidates(self) -> tuple[Model, ...]:
        """The models to try for one order, in this order: those that have gone come last, for a while."""
        now = self._clock()
        gone = [model for model, (_, end) in self._absences.items() if end > now]
        return (*(model for model in self.configured if model not in gone), *gone)

    def mark_unserved(self, model: Model) -> None:
        """`model` is no longer served. Each time that it turns out so again, it is asked for more rarely."""
        now, new = self._clock(), (Backoff(FIRST_PAUSE, LONGEST_PAUSE), -math.inf)
        backoff, end = self._absences.get(model, new)
        if end <= now:
            self._absences[model] = backoff, now + backoff.pause()

    def use(self, model: Model) -> None:
        """`model` is served, and paints from now on."""
        self._absences.pop(model, None)
        if model != self.current:
            log.warning("the image model is now %s, instead of %s", model.id, self.current.id)
            self.current = model
