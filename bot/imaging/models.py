"""The image models: what is known of each by its id, and which model is in service."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from types import MappingProxyType
from typing import TypeAlias

from bot.core.retries import Backoff
from bot.imaging.families import UNKNOWN, UNKNOWN_AT, by_prefix, exact
from bot.imaging.family import Family
from bot.imaging.operator_fields import family_of
from bot.imaging.servers import Server, id_at
from bot.settings.model_fields import EVERY_OTHER, ModelFields

OperatorFields: TypeAlias = Mapping[str, ModelFields]
"""What the operator says that models take, by their ids in small letters."""
NO_FIELDS: OperatorFields = MappingProxyType({})

log = logging.getLogger(__name__)

FIRST_PAUSE = 600.0
LONGEST_PAUSE = 86_400.0
"""Seconds until a model that has gone is asked for again. It costs nothing, and the API may have been mistaken."""


@dataclass(frozen=True, slots=True)
class Model:
    """`id` as the API is asked for it. `known`: whether what it takes is known of this very model."""

    id: str
    family: Family = field(compare=False)
    known: bool = field(default=True, compare=False)


def bare_name(model_id: str) -> str:
    """The id as its maker writes it: resellers put `x-ai/` before it."""
    return model_id.lower().removeprefix("x-ai/")


def lookup(model_id: str, server: Server, fields: OperatorFields = NO_FIELDS) -> Model:
    """The model, as `server` calls it, with what is known of it. `fields` are the operator's own lists.

    That is the operator's list for this very model, else its row, else the operator's list for all others, else what
    other models take whose names begin like it, else the smallest set of fields.
    """
    name = id_at(server, model_id)
    smallest = UNKNOWN_AT.get(server, UNKNOWN)
    if own := fields.get(name.lower()) or fields.get(model_id.lower()):
        return Model(name, family_of(own, smallest))
    if row := exact(name, server):
        return Model(name, row)
    if EVERY_OTHER in fields:
        return Model(name, family_of(fields[EVERY_OTHER], smallest), known=False)
    return Model(name, by_prefix(name, server) or smallest, known=False)


def edit_model_of(model: Model, server: Server, fields: OperatorFields = NO_FIELDS) -> Model | None:
    """The model that changes pictures where `model` makes them: itself, if it can; None where none is known."""
    if model.family.edit is not None:
        return model
    return lookup(model.family.edited_by, server, fields) if model.family.edited_by else None


@dataclass(slots=True)
class _Absence:
    """Of a model that has gone: not asked for until `end`. `is_listed`: whether the catalogue had it all the same."""

    backoff: Backoff
    end: float
    is_listed: bool | None


EDIT_MODELS = {Server.AIML_API: ("blackforestlabs/flux-2-edit", "google/nano-banana-edit")}
"""Those that change pictures where no model in use does, by server: from two makers, which won't go on the same day."""


def edit_models(
    wanted: Sequence[str] | None, models: Sequence[Model], server: Server, fields: OperatorFields = NO_FIELDS
) -> tuple[Model, ...]:
    """The models that change pictures, in order: those of the ids `wanted` that can; None: as the image `models` do it.

    One that takes no prompt changes nothing as somebody describes it.
    """
    chosen = models if wanted is None else [lookup(one, server, fields) for one in wanted]
    found = [edit_model_of(model, server, fields) for model in chosen]
    if wanted is None and not any(found):
        found = [lookup(one, server, fields) for one in EDIT_MODELS.get(server, ())]
    able = (one for one in found if one and one.family.edit and one.family.takes_prompt)
    return tuple(dict.fromkeys(able))


class ModelChoice:
    """Which of `models` is in service: the first, until it is no longer served, then the next.

    Kept in this process; a change is logged once, as one of `what`. `clock` in seconds.
    """

    def __init__(
        self, models: Iterable[Model], clock: Callable[[], float] = monotonic, what: str = "image model"
    ) -> None:
        self.configured = tuple(dict.fromkeys(models))
        self.current = self.configured[0]
        self._absences: dict[Model, _Absence] = {}
        self._clock = clock
        self._what = what

    @property
    def candidates(self) -> tuple[Model, ...]:
        """The models to try for one order, in this order: those that have gone come last, for a while."""
        return self.preferring(lambda _: True)

    def preferring(self, wanted: Callable[[Model], bool]) -> tuple[Model, ...]:
        """The `candidates`, with those that are `wanted` first; none that has gone comes before one that has not."""
        now = self._clock()
        gone = [model for model, absence in self._absences.items() if absence.end > now]
        there = [model for model in self.configured if model not in gone]
        return tuple(one for part in (there, gone) for one in sorted(part, key=lambda it: not wanted(it)))

    def mark_unserved(self, model: Model, *, is_listed: bool | None = None) -> None:
        """`model` is no longer served. Each time that it turns out so again, it is asked for more rarely.

        `is_listed`: what the catalogue says of it.
        """
        now = self._clock()
        absence = self._absences.get(model) or _Absence(Backoff(FIRST_PAUSE, LONGEST_PAUSE), -math.inf, None)
        if absence.end <= now:
            self._absences[model] = _Absence(absence.backoff, now + absence.backoff.pause(), is_listed)

    def choose(self, is_served: Callable[[str], bool | None]) -> bool:
        """Use the first that nobody says is not served; whether there is one."""
        for model in self.candidates:
            if is_served(model.id) is not False:
                self.use(model)
                return True
            self.mark_unserved(model, is_listed=False)
        return False

    def find_returned(self, is_listed: Callable[[str], bool | None]) -> None:
        """Ask again for those that the catalogue lists, and did not list when they had gone."""
        for model, absence in [*self._absences.items()]:
            if absence.is_listed is False and is_listed(model.id):
                del self._absences[model]

    def use(self, model: Model) -> None:
        """`model` is served, and paints from now on."""
        self._absences.pop(model, None)
        if model != self.current:
            log.warning("the %s is now %s, instead of %s", self._what, model.id, self.current.id)
            self.current = model
