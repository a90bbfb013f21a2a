"""What a model accepts, as its published schema says, and the words in which the API refuses anything else.

The files in `sandbox/images/schemas/` are written from the APIs' own documents, one for each set of fields: a subset of
JSON Schema, and the `route` that it is for. https://docs.aimlapi.com has them of AI/ML API, as of August 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]

_FOLDER = Path(__file__).parent / "schemas"
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_ADDRESS = re.compile(r"(https?://[^\s/]+\S*|data:image/[a-z]+;base64,.+)", re.DOTALL)


@cache
def schemas_of(server: str) -> tuple[Schema, ...]:
    """All of one server: aimlapi, xai, openai, together or deepinfra."""
    return tuple(json.loads(file.read_text("utf-8")) for file in sorted((_FOLDER / server).glob("*.json")))


def ids_of(schema: Schema) -> tuple[str, ...]:
    """The models that it is the schema of; none where it is of any."""
    return tuple(schema["properties"]["model"].get("enum", ()))


def body_error(schema: Schema, body: Mapping[str, Any]) -> str | None:
    """What is wrong with the body of a request, or None."""
    properties = schema["properties"]
    if unknown := sorted(set(body) - set(properties)):
        return f"Argument not supported: {unknown[0]}"
    if missing := [name for name in schema["required"] if name not in body]:
        return f"Body validation error! {missing[0]}: Required"
    for name, value in body.items():
        longest = properties[name].get("maxLength") if name == "prompt" else None
        if longest and isinstance(value, str) and len(value) > longest:
            return f"Prompt len is larger than the maximum allowed length which is {longest}"
        if error := value_error(properties[name], value):
            return f"Body validation error! {name}: {error}"
    return None


def value_error(schema: Schema, value: Any) -> str | None:
    """What is wrong with one value, or None."""
    if "anyOf" in schema:
        errors = [value_error(one, value) for one in schema["anyOf"]]
        return None if None in errors else f"Invalid input: {' or '.join(filter(None, errors))}"
    if "enum" in schema:
        fits = any(value == one and type(value) is type(one) for one in schema["enum"])
        return None if fits else f"Invalid enum value. Expected {' | '.join(map(str, schema['enum']))}"
    kind = schema.get("type")
    if kind is not None and not _is(kind, value):
        return f"Expected {kind}, received {type(value).__name__}"
    match value:
        case str():
            return _text_error(schema, value)
        case int() | float():
            return _number_error(schema, value)
        case list():
            return _list_error(schema, value)
        case dict():
            return _object_error(schema, value)
    return None


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _text_error(schema: Schema, value: str) -> str | None:
    if not value.strip() and schema.get("minLength"):
        return "Required"
    if len(value) > schema.get("maxLength", len(value)):
        return f"String must contain at most {schema['maxLength']} character(s)"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return "Invalid"
    return "Invalid url" if schema.get("format") == "uri" and not _ADDRESS.fullmatch(value) else None


def _number_error(schema: Schema, value: float) -> str | None:
    least, most = schema.get("minimum", value), schema.get("maximum", value)
    return None if least <= value <= most else f"Number must be between {least} and {most}"


def _list_error(schema: Schema, value: list[Any]) -> str | None:
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
    if not least <= len(value) <= most:
        return f"Array must contain between {least} and {most} element(s)"
    return next(filter(None, (value_error(schema["items"], one) for one in value)), None)


def _object_error(schema: Schema, value: Mapping[str, Any]) -> str | None:
    properties = schema.get("properties", {})
    if unknown := sorted(set(value) - set(properties)):
        return f"Unrecognized key(s) in object: {unknown[0]}"
    if missing := [name for name in schema.get("required", ()) if name not in value]:
        return f"{missing[0]}: Required"
    return next(filter(None, (value_error(properties[name], one) for name, one in value.items())), None)
