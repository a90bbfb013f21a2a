"""The image models that the operator's settings name, and what members can ask of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from bot.core.generation.model import Shape
from bot.imaging.models import Model, edit_models, lookup
from bot.imaging.servers import server_of
from bot.settings.settings import Settings

LONGEST_PROMPT = 4000
"""Characters: as many as a text field of Discord's forms takes, though an option would take 6,000. So whatever was
asked for can be put into a form again, and the search for blocked words has less to go through at the worst.
https://docs.discord.com/developers/components/reference#text-input"""


@dataclass(frozen=True, slots=True)
class ModelsInUse:
    """As the server calls them, and each list in its order: the operator's own `image_models`, the `choices` that
    members have, and the `edit_models`, which change pictures.
    """

    image_models: tuple[Model, ...]
    choices: tuple[Model, ...]
    edit_models: tuple[Model, ...]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        server, fields = server_of(settings.image_api_url), settings.image_model_fields
        image_models = tuple(lookup(model, server, fields) for model in settings.image_model)
        return cls(
            image_models,
            tuple(lookup(choice.model, server, fields) for choice in settings.image_choices),
            edit_models(settings.image_edit_model, image_models, server, fields),
        )

    @property
    def painting(self) -> tuple[Model, ...]:
        """Every one that may get the prompt of an `/imagine`, each once."""
        return tuple(dict.fromkeys((*self.image_models, *self.choices)))


def longest_prompt(models: Iterable[Model]) -> int:
    """Characters of a prompt: enough for whichever of them is in service, and no more than Discord can carry."""
    return min(LONGEST_PROMPT, max((model.family.longest_prompt for model in models), default=LONGEST_PROMPT))


def offered_shapes(models: Iterable[Model]) -> frozenset[Shape]:
    """Those that any of them has; one that does not have the shape takes the nearest."""
    return frozenset(shape for model in models for shape in model.family.shapes)


def unable_edit_models(settings: Settings) -> str | None:
    """A sentence about those of IMAGE_EDIT_MODEL that the bot leaves out."""
    server, fields = server_of(settings.image_api_url), settings.image_model_fields
    wanted = settings.image_edit_model or ()
    unable = [model for model in wanted if not edit_models([model], (), server, fields)]
    if not unable:
        return None
    return f"{', '.join(unable)} can't change pictures by a prompt, as far as is known; see IMAGE_EDIT_MODEL"


def misplaced_models(settings: Settings) -> tuple[str, ...]:
    """A sentence for each setting with a model that needs a picture to change, and can't paint without one."""
    in_use = ModelsInUse.of(settings)
    ids = {
        "IMAGE_MODEL": zip(settings.image_model, in_use.image_models, strict=True),
        "IMAGE_CHOICES": zip([one.model for one in settings.image_choices], in_use.choices, strict=True),
    }
    return tuple(
        f"{name}: {id} only changes pictures; it can stand in IMAGE_EDIT_MODEL"
        if model.family.takes_prompt
        else f"{name}: {id} takes no prompt, so the bot has no use for it"
        for name, models in ids.items()
        for id, model in models
        if not model.family.generates
    )
