"""A `Family` out of `IMAGE_MODEL_FIELDS`: what the operator says of models that the table does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.core.generation.model import Shape
from bot.imaging.families import ASPECT, FIVE_SIZES, NAMED, NO_SHAPES, WIDTH_AND_HEIGHT
from bot.imaging.family import RATIOS, Count, Edit, Family, Fields, Form, Route, Value, distance
from bot.settings.model_fields import ModelFields

FARTHEST = 0.15
"""How far a ratio may be from a shape to be it, by the logarithm: 3:2 is near enough to 4:3, and 1:1 is not."""
_USUAL: Mapping[str, Mapping[Shape, Fields]] = {
    "aspect_ratio": ASPECT,
    "size": FIVE_SIZES,
    "image_size": NAMED,
    "width": WIDTH_AND_HEIGHT,
}
_NAMED_RATIOS = {
    "square": 1.0,
    "square_hd": 1.0,
    "portrait_4_3": 3 / 4,
    "portrait_3_4": 3 / 4,
    "portrait_16_9": 9 / 16,
    "portrait_9_16": 9 / 16,
    "landscape_4_3": 4 / 3,
    "landscape_16_9": 16 / 9,
}
_FORMS = {"image_url": Form.LINK, "image_urls": Form.LINKS, "image": Form.FILES, "image[]": Form.FILES}
NOT_SENT = "none"
"""As `response_format`: the field is left out."""


def family_of(fields: ModelFields, smallest: Family) -> Family:
    """What a model takes by that list. `smallest` is what is sent to one of which nothing is known, at this server."""
    fixed = dict(fields.fixed)
    response_format = str(fixed.pop("response_format", smallest.response_format or NOT_SENT))
    edit = None
    if fields.pictures is not None:
        name, most = fields.pictures
        form = _FORMS[name]
        edit = Edit(name, form, most, Route.EDITS if form is Form.FILES else Route.GENERATIONS)
    return replace(
        smallest,
        longest_prompt=fields.longest_prompt or smallest.longest_prompt,
        shapes=_shapes_of(fields),
        count=Count(*fields.count) if fields.count and fields.count[1] > 1 else Count(),
        fixed=fixed,
        response_format=None if response_format == NOT_SENT else response_format,
        edit=edit,
    )


def _shapes_of(fields: ModelFields) -> Mapping[Shape, Fields]:
    if fields.shape is None:
        return NO_SHAPES
    name, values = fields.shape
    return shapes_among(name, values) if values else _USUAL[name]


def shapes_among(name: str, values: Sequence[str]) -> Mapping[Shape, Fields]:
    """The nearest of the `values` of that field for each shape that one of them is near enough to."""
    ratios = {value: ratio for value in values if (ratio := ratio_of(value))}
    found = dict[Shape, Fields]()
    for shape, wanted in RATIOS.items() if ratios else ():
        nearest = min(ratios, key=lambda value: distance(ratios[value], wanted))
        if distance(ratios[nearest], wanted) <= FARTHEST:
            found[shape] = {name: sent(name, nearest)}
    return found


def ratio_of(value: str) -> float | None:
    """Width divided by height: of 16:9, of 1536x1024, and of some names."""
    if found := re.fullmatch(r"(\d+(?:\.\d+)?)[:xX*](\d+(?:\.\d+)?)", value):
        width, height = float(found[1]), float(found[2])
        return width / height if width and height else None
    return _NAMED_RATIOS.get(value)


def sent(name: str, value: str) -> Value:
    """A size in pixels is an object in `image_size`, and a text elsewhere."""
    if name == "image_size" and (pixels := re.fullmatch(r"(\d+)[xX*](\d+)", value)):
        return {"width": int(pixels[1]), "height": int(pixels[2])}
    return value
