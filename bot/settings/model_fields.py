"""`IMAGE_MODEL_FIELDS`: what image models take that the bot's own table does not know.

    prompt=4000, n=4, aspect_ratio, resolution=1k
    my-model: prompt=2000, size=1024x1024 1536x1024; prompt=1000

Fields stand between commas. A list for one model begins with its id and a colon, and ends with a semicolon; one without
an id holds for all others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.settings.parsers import Unreadable, model_id

FieldValue: TypeAlias = str | int | float | bool

LONGEST_PROMPT = 100_000  # characters
MOST_IMAGES, MOST_PICTURES = 10, 16
"""In one request: asked for, and given."""
_MOST_FIELDS, _MOST_VALUES = 40, 30
COUNTS: Mapping[str, int] = {"n": MOST_IMAGES, "num_images": 4, "num_outputs": 4, "batch_size": 4}
"""The fields that say for how many images a request asks, and the most where the operator gives none."""
SHAPES = ("aspect_ratio", "size", "image_size")
_WIDTH_AND_HEIGHT: tuple[str, tuple[str, ...]] = ("width", ())
PICTURES = ("image_url", "image_urls", "image", "image[]")
"""The fields that pictures are given in: the first two as links, the others as files, to `/images/edits`."""
# The bot's own business; a stream, or a job to be asked for later, is an answer that it doesn't read.
_OURS = frozenset({"model", "messages", "input", "stream", "partial_images", "async", "webhook"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}(?:\[\])?")
_VALUE = re.compile(r"[!-~]{1,100}")
_RATIO = re.compile(r"[0-9]{1,3}(?:\.[0-9])?:[0-9]{1,3}(?:\.[0-9])?")
_PIXELS = re.compile(r"[1-9][0-9]{1,4}[xX*][1-9][0-9]{1,4}")
_NAMED_SIZE = re.compile(r"[a-z][a-z0-9_]{2,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFields:
    """The fields that a model takes, besides its id; `str` of it is as the operator writes it.

    `longest_prompt` in characters; None: not said. `count`: the field for it, and the most. `shape`: the field for it,
    and its values (empty: the usual ones). `pictures`: the field that they are given in, and the most. `fixed` is sent
    with every request.
    """

    longest_prompt: int | None = None
    count: tuple[str, int] | None = None
    shape: tuple[str, tuple[str, ...]] | None = None
    pictures: tuple[str, int] | None = None
    fixed: Mapping[str, FieldValue] = field(default_factory=dict)

    def __str__(self) -> str:
        items = list[str]()
        if self.longest_prompt is not None:
            items.append(f"prompt={self.longest_prompt}")
        if self.count is not None:
            items.append(f"{self.count[0]}={self.count[1]}")
        if self.shape == _WIDTH_AND_HEIGHT:
            items += ["width", "height"]
        elif self.shape is not None:
            name, values = self.shape
            items.append(f"{name}={' '.join(values)}" if values else name)
        if self.pictures is not None:
            items.append(f"{self.pictures[0]}={self.pictures[1]}")
        items += [f"{name}={_written(value)}" for name, value in self.fixed.items()]
        return ", ".join(items)


EVERY_OTHER = ""
"""In the place of a model's id."""


def model_fields(text: str) -> Mapping[str, ModelFields]:
    """By the model's id in small letters, or EVERY_OTHER. Empty for `none`. Raises Unreadable."""
    if text.lower() == "none":
        return {}
    found = dict[str, ModelFields]()
    for part in filter(None, map(str.strip, text.split(";"))):
        model, separator, fields = part.partition(": ")
        model = model_id(model.strip()).lower() if separator else EVERY_OTHER
        if model in found:
            raise Unreadable("has two lists for the same model, or two for all others")
        found[model] = _read_list(fields if separator else part)
    if not found:
        raise Unreadable("must be the names of fields with commas between them, or the word none")
    return found


def _read_list(text: str) -> ModelFields:
    items = [item.strip() for item in text.split(",")]
    if len(items) > _MOST_FIELDS:
        raise Unreadable(f"must have at most {_MOST_FIELDS} fields for a model")
    read = _Fields()
    for number, item in enumerate(items, 1):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not _NAME.fullmatch(name) or (equals and not value):
            raise Unreadable(
                f"field {number} must be a NAME or NAME=VALUE; commas stand between fields, spaces between the values "
                "of one, and a colon and a space behind a model's ID"
            )
        if name in _OURS:
            raise Unreadable(f"{name} is the bot's own; leave it out")
        read.add(name, value or None, number)
    return read.done()


class _Fields:
    """One list, field by field."""

    def __init__(self) -> None:
        self._names = set[str]()
        self._prompt: int | None = None
        self._count: tuple[str, int] | None = None
        self._shape: tuple[str, tuple[str, ...]] | None = None
        self._pictures: tuple[str, int] | None = None
        self._fixed = dict[str, FieldValue]()

    def add(self, name: str, value: str | None, number: int) -> None:
        if name in self._names:
            raise Unreadable(f"names {name if name in _KNOWN else f'field {number}'} twice")
        self._names.add(name)
        if name == "prompt":
            self._prompt = _number(name, value, LONGEST_PROMPT, LONGEST_PROMPT)
        elif name in COUNTS:
            self._only_one(self._count, "the number of images", *COUNTS)
            self._count = name, _number(name, value, MOST_IMAGES, COUNTS[name])
        elif name in PICTURES:
            self._only_one(self._pictures, "pictures", *PICTURES)
            self._pictures = name, _number(name, value, MOST_PICTURES, 1)
        elif name in SHAPES and (value is None or len(set(value.split())) > 1):
            self._only_one(self._shape, "the shape", *SHAPES, "width")
            self._shape = name, _shape_values(name, value)
        elif name in ("width", "height") and value is None:
            self._only_one(
                None if self._shape == _WIDTH_AND_HEIGHT else self._shape, "the shape", *SHAPES, "width"
            )
            self._shape = _WIDTH_AND_HEIGHT
        elif value is None or not _VALUE.fullmatch(value):
            raise Unreadable(
                f"field {number} needs a value without spaces to be sent with, as in seed=7; without one there can be "
                f"{', '.join(sorted(_BARE))}"
            )
        else:
            self._fixed[name] = _value(value)

    def done(self) -> ModelFields:
        if self._shape == _WIDTH_AND_HEIGHT and not {"width", "height"} <= self._names:
            raise Unreadable("width and height go together")
        return ModelFields(
            longest_prompt=self._prompt,
            count=self._count,
            shape=self._shape,
            pictures=self._pictures,
            fixed=self._fixed,
        )

    @staticmethod
    def _only_one(found: object, what: str, *names: str) -> None:
        if found is not None:
            raise Unreadable(f"says {what} twice: there can be one of {', '.join(names)}")


_BARE = {*COUNTS, *SHAPES, *PICTURES, "width", "height"}
_KNOWN = {*_BARE, "prompt", "response_format", "resolution"}
_SHAPE_VALUES: Mapping[str, tuple[Callable[[str], object], str]] = {
    "aspect_ratio": (_RATIO.fullmatch, "ratios such as 1:1 16:9"),
    "size": (_PIXELS.fullmatch, "sizes such as 1024x1024 1536x1024"),
    "image_size": (
        lambda text: _PIXELS.fullmatch(text) or _NAMED_SIZE.fullmatch(text),
        "sizes such as 1024x1024 1536x1024, or names such as square_hd landscape_4_3",
    ),
}


def _number(name: str, value: str | None, most: int, default: int) -> int:
    if value is None and name in _BARE:
        return default
    if value is None or not re.fullmatch(r"[0-9]{1,6}", value) or not 1 <= int(value) <= most:
        raise Unreadable(
            f"{name} must have a whole number from 1 to {most} behind it, as in {name}={default}"
        )
    return int(value)


def _shape_values(name: str, value: str | None) -> tuple[str, ...]:
    values = tuple(dict.fromkeys((value or "").split()))
    fits, expected = _SHAPE_VALUES[name]
    if len(values) > _MOST_VALUES or not all(map(fits, values)):
        raise Unreadable(f"{name} must have {expected} behind it, with spaces between them")
    return values


def _value(text: str) -> FieldValue:
    """As JSON has it: a number or a truth value where it looks like one; in quotation marks, a text all the same."""
    if len(text) > 2 and text[0] == text[-1] == '"':
        return text[1:-1]
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,14})", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,15}", text) else text


def _written(value: FieldValue) -> str:
    if isinstance(value, str):
        return value if _value(value) == value else f'"{value}"'
    return str(value).lower()
