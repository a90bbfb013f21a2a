"""What a model takes by its own description: from the OpenAPI document of one model to `ModelFields`. Pure.

AI/ML API links such a document from each row of its list (`info.docsJson`): https://docs.aimlapi.com/api-references/models
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.imaging.families import ASPECT, NAMED
from bot.imaging.family import RATIOS, distance
from bot.imaging.operator_fields import FARTHEST, sent, shapes_among
from bot.settings.model_fields import (
    COUNTS,
    LONGEST_PROMPT,
    MOST_IMAGES,
    MOST_PICTURES,
    FieldValue,
    ModelFields,
    model_fields,
)
from bot.settings.parsers import Unreadable

_DEEPEST = 8
_MOST = 200  # of paths, of fields, of values
_MOST_STEPS = 2000  # from a schema to one that it refers to
# Of a schema, what is looked at.
_READ = (
    *("properties", "required", "oneOf", "anyOf", "enum", "const", "default"),
    *("minimum", "maximum", "maxLength", "maxItems"),
)
_SMALL = 1024  # pixels of a side: what all models can paint in, and Discord shows at its best
_STEP = 16
_NAME = re.compile(r"\w{1,40}(?:\[\])?", re.ASCII)
_GENERATIONS, _EDITS = "/images/generations", "/images/edits"

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DescribedModel:
    """`fields` as the operator would write them; `required`: further ones without which the model refuses.

    `needs_pictures`: it makes none of a prompt alone.
    """

    fields: ModelFields
    required: tuple[str, ...] = ()
    needs_pictures: bool = False


def described_model(document: Any, model: str) -> DescribedModel | None:
    """What the OpenAPI `document` says of a request to `model`; None where it describes none."""
    if not isinstance(document, dict):
        return None
    described = _Document(document)
    body = described.body(_GENERATIONS, model)
    properties = described.properties(body)
    if "prompt" not in properties:
        return None
    files = described.properties(described.body(_EDITS, model))
    fixed = _fixed(properties)
    fields = ModelFields(
        longest_prompt=_bound(properties["prompt"].get("maxLength"), LONGEST_PROMPT),
        count=_count(properties),
        shape=_shape(properties, fixed),
        pictures=_pictures(properties, "image_urls", "image_url") or _pictures(files, "image[]", "image"),
        fixed=fixed,
    )
    written = str(fields)
    try:
        if written and model_fields(f"{model}: {written}") != {model.lower(): fields}:
            return None
    except Unreadable:  # whoever wrote the document
        return None
    handled = {"model", "prompt", *(item.partition("=")[0] for item in written.split(", "))}
    required = [one for one in _list(body.get("required")) if isinstance(one, str) and _NAME.fullmatch(one)]
    return DescribedModel(
        fields,
        tuple(one for one in required if one not in handled and "default" not in properties.get(one, {})),
        needs_pictures=fields.pictures is not None and fields.pictures[0] in required,
    )


class _Document:
    """An OpenAPI document, whose references may lead in circles, and to more than anybody needs."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._left = _MOST_STEPS

    def body(self, path: str, model: str) -> Schema:
        """The schema of what is posted to that path; empty where there is none."""
        for name, item in _some(self._root.get("paths")):
            if not str(name).rstrip("/").endswith(path):
                continue
            match item:
                case {"post": {"requestBody": {"content": dict(content)}}}:
                    for _, kind in _some(content):
                        schema = kind.get("schema") if isinstance(kind, dict) else None
                        if isinstance(schema, dict):
                            return self._of_model(schema, model)
        return {}

    def properties(self, schema: Schema) -> dict[str, Schema]:
        rows = _some(schema.get("properties"))
        return {str(name): self._merged(one, 3) for name, one in rows if isinstance(one, dict)}

    def _of_model(self, schema: Schema, model: str) -> Schema:
        """Of several alternatives the one for that model, else the first."""
        found = self._merged(schema)
        variants = [*_list(found.get("oneOf")), *_list(found.get("anyOf"))]
        merged = [self._merged(one) for one in variants if isinstance(one, dict)]
        names = (model.lower(), model.lower().rpartition("/")[2])
        fitting = (
            one
            for one in merged
            if any(value.lower() in names for value in _values(self.properties(one).get("model", {})))
        )
        return next(fitting, merged[0] if merged else found)

    def _merged(self, schema: Schema, deeper: int = _DEEPEST) -> Schema:
        """The schema with what it refers to, and with all parts of an `allOf`."""
        self._left -= 1
        if not deeper or self._left < 0:
            return {}
        if isinstance(reference := schema.get("$ref"), str):
            place: Any = self._root
            for part in reference.removeprefix("#/").split("/", maxsplit=_DEEPEST):
                place = place.get(part) if isinstance(place, dict) else None
            return self._merged(place, deeper - 1) if isinstance(place, dict) else {}
        found = {name: schema[name] for name in _READ if name in schema}
        for part in _list(schema.get("allOf")):
            if isinstance(part, dict):
                other = self._merged(part, deeper - 1)
                properties = dict(_some(found.get("properties"))) | dict(_some(other.get("properties")))
                required = [*_list(found.get("required")), *_list(other.get("required"))]
                found |= {**other, "properties": properties, "required": required}
        return found


def _alternatives(field: Schema) -> Iterator[Schema]:
    yield field
    for name in ("anyOf", "oneOf"):
        yield from (one for one in _list(field.get(name)) if isinstance(one, dict))


def _values(field: Schema) -> list[str]:
    """The texts that a field can have, where they are listed."""
    found = list[object]()
    for one in _alternatives(field):
        found += _list(one.get("enum"))
        found += [one["const"]] if "const" in one else []
    return list(dict.fromkeys(value for value in found if isinstance(value, str)))


def _bound(value: object, most: int) -> int | None:
    return min(int(value), most) if isinstance(value, int | float) and 1 <= value < 10**9 else None


def _count(properties: Mapping[str, Schema]) -> tuple[str, int] | None:
    for name, usual in COUNTS.items():
        if name in properties:
            values = [value for one in _alternatives(properties[name]) for value in _list(one.get("enum"))]
            listed = max((value for value in values if isinstance(value, int)), default=None)
            return name, _bound(properties[name].get("maximum", listed), MOST_IMAGES) or usual
    return None


def _shape(
    properties: Mapping[str, Schema], fixed: Mapping[str, FieldValue]
) -> tuple[str, tuple[str, ...]] | None:
    for name, usual in (("aspect_ratio", ASPECT), ("image_size", NAMED), ("size", None)):
        if name not in properties or name in fixed:
            continue
        values = _values(properties[name])
        if usual and all(fields[name] in values for fields in usual.values()):
            return name, ()
        nearest = shapes_among(name, values).values()
        chosen = tuple(value for value in values if {name: sent(name, value)} in nearest)
        if len(chosen) > 1:
            return name, chosen
        if sizes := _sizes(properties[name]):
            return name, sizes
    return ("width", ()) if {"width", "height"} <= properties.keys() - fixed.keys() else None


def _sizes(field: Schema) -> tuple[str, ...]:
    """Sizes in pixels for each shape, within the bounds of an object {width, height}."""
    for one in _alternatives(field):
        sides = _dict(one.get("properties"))
        if {"width", "height"} <= sides.keys():
            bounds = [_dict(sides[side]) for side in ("width", "height")]
            least = max(_bound(side.get("minimum"), 10_000) or 64 for side in bounds)
            most = min(_bound(side.get("maximum"), 10_000) or 2048 for side in bounds)
            return tuple(f"{width}x{height}" for width, height in _within(least, most))
    return ()


def _within(least: int, most: int) -> Iterator[tuple[int, int]]:
    for ratio in RATIOS.values():
        shorter = max(least, min(_SMALL, most))
        longer = min(most, round(shorter * max(ratio, 1 / ratio) / _STEP) * _STEP)
        if longer < shorter:
            return
        width, height = (longer, shorter) if ratio > 1 else (shorter, longer)
        if distance(width / height, ratio) <= FARTHEST:
            yield width, height


def _pictures(properties: Mapping[str, Schema], *names: str) -> tuple[str, int] | None:
    """The first of the fields `names` that there is, and how many pictures it takes."""
    for name in names:
        if name in properties:
            most = (_bound(one.get("maxItems"), MOST_PICTURES) for one in _alternatives(properties[name]))
            return name, 1 if name == "image_url" else next(filter(None, most), 1)
    return None


def _fixed(properties: Mapping[str, Schema]) -> dict[str, FieldValue]:
    """The smallest resolution: the default may be five times as large, and Discord shows no more."""
    values = _values(properties.get("resolution", {}))
    smallest = next((value for value in values if value.lower() == "1k"), None)
    return {"resolution": smallest} if smallest else {}


def _list(value: object) -> Sequence[Any]:
    return value[:_MOST] if isinstance(value, list) else ()


def _some(value: object) -> list[tuple[Any, Any]]:
    """Of a mapping, as many rows as are looked at."""
    return list(islice(value.items(), _MOST)) if isinstance(value, dict) else []


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
