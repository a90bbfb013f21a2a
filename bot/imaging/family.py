"""How it is said what a model takes: shapes, counts, fixed fields, and how it is given pictures to change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

from bot.core.generation.model import Shape

Value = str | int | float | Mapping[str, int]
Fields = Mapping[str, Value]

RATIOS: Mapping[Shape, float] = {
    Shape.SQUARE: 1,
    Shape.PORTRAIT: 3 / 4,
    Shape.LANDSCAPE: 4 / 3,
    Shape.WIDE: 16 / 9,
    Shape.TALL: 9 / 16,
}
"""Width divided by height."""


class Route(StrEnum):
    """Where a request is sent, below the base URL."""

    GENERATIONS = "/images/generations"
    EDITS = "/images/edits"


class Form(Enum):
    """How the pictures that are to be changed stand in a request."""

    LINK = auto()  # the link to the only one
    LINKS = auto()  # a list of links
    LINK_OR_LINKS = auto()  # the link itself where there is one, else a list
    SOURCE_AND_LINKS = (
        auto()
    )  # Luma's: the one to be changed in `image_url`, those to go by in a list, `image_urls`
    OBJECTS = auto()  # xAI's: {"url", "type": "image_url"} in `image`, several in `images`
    FILES = auto()  # multipart/form-data, a part for each


@dataclass(frozen=True, slots=True)
class Edit:
    """How a model is given pictures to change: in the field `name`, `most` of them at once.

    `follows_input`: the result has the first picture's shape where no shape is asked for. `fixed` is sent beside the
    family's, `count` stands in for the family's. `dollars`: of one result, where it is another price than without a
    picture; `dollars_per_input` on top.
    """

    name: str
    form: Form
    most: int = 1
    route: Route = Route.GENERATIONS
    follows_input: bool = True
    fixed: Fields = field(default_factory=dict)
    count: Count | None = None
    dollars: float | None = None
    dollars_per_input: float = 0.0

    @property
    def needs_content(self) -> bool:
        """Whether the pictures themselves are sent, instead of Discord's links to them."""
        return self.form is Form.FILES


@dataclass(frozen=True, slots=True)
class Count:
    """How a request says for how many pictures it asks: in the field `name`, `most` of them; without it, for one."""

    name: str | None = None
    most: int = 1


@dataclass(frozen=True, slots=True)
class Family:
    """What models have in common. Nothing is sent that is not listed here.

    `longest_prompt` in characters; `shapes`: the fields that say each shape; `fixed` is always sent, and a shape's
    fields take its place. `response_format`: what is asked for in the field of that name; None: it isn't sent.
    `takes_prompt`: no for what only improves a picture; `generates`: no for what needs a picture. `revises`: whether
    it revises prompts itself, and says how. `edit`: how it is given pictures; None: it would ignore them, or refuse.
    `edited_by`: the id of the model that changes pictures in its place. `dollars` an image, roughly; None: unknown.
    """

    longest_prompt: int
    shapes: Mapping[Shape, Fields] = field(default_factory=dict)
    count: Count = Count()
    fixed: Fields = field(default_factory=dict)
    edit: Edit | None = field(default=None, kw_only=True)
    edited_by: str | None = field(default=None, kw_only=True)
    generates: bool = field(default=True, kw_only=True)
    takes_prompt: bool = field(default=True, kw_only=True)
    revises: bool = field(default=False, kw_only=True)
    response_format: str | None = field(default=None, kw_only=True)
    dollars: float | None = field(default=None, kw_only=True)

    def count_for(self, *, editing: bool) -> Count:
        """How it is asked for several pictures, and for how many at once."""
        return (self.edit.count if editing and self.edit else None) or self.count

    def dollars_for(self, inputs: int) -> float | None:
        """Of one picture, roughly, that is made of so many others; None where that isn't known."""
        if not inputs or self.edit is None:
            return self.dollars
        each = self.edit.dollars or self.dollars
        return None if each is None else each + inputs * self.edit.dollars_per_input

    def fields_for(self, shape: Shape | None) -> Fields:
        """The fields that ask for the nearest shape that it has; none where it has none, or none is asked for."""
        if shape is None or not self.shapes:
            return {}
        return self.shapes[min(self.shapes, key=lambda one: distance(RATIOS[one], RATIOS[shape]))]


def nearest_shape(width: int, height: int) -> Shape:
    """The shape that a picture of that size has, roughly."""
    return min(Shape, key=lambda shape: distance(RATIOS[shape], width / height))


def distance(ratio: float, other: float) -> float:
    """How much one has to be stretched to have the other, whichever is the wider: 0 where they are the same."""
    return abs(math.log(ratio / other))
