"""The models that the look-alike serves: what each takes, on which route, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from sandbox.images.schema import Schema, body_error, ids_of, schemas_of

GENERATIONS, EDITS = "/images/generations", "/images/edits"
RETIRED_ON = "2026-03-29T00:00:00.000Z"
CREDITS_PER_DOLLAR = 2_000_000
IMAGINE = "x-ai/grok-imagine-image"
# AI/ML API's own list does not have it, though others sell it under this name.
_UNLISTED = {"x-ai/grok-imagine-image-2.0"}
# US dollars a picture, where the documents' examples say so.
_PRICES = {
    "x-ai/grok-2-image": 0.0735,
    IMAGINE: 0.026,
    "x-ai/grok-imagine-image-pro": 0.0735,
    "openai/gpt-image-2": 0.054,
    "google/imagen-4.0-fast-generate-001": 0.021,
    "google/imagen-4.0-generate-001": 0.042,
    "google/imagen-4.0-ultra-generate-001": 0.063,
    "google/nano-banana-pro": 0.158,
    "google/gemini-3-pro-image-preview": 0.158,
    "google/nano-banana-2": 0.09,
    "google/gemini-3-1-flash-image-preview": 0.09,
    "blackforestlabs/flux-2": 0.0126,
    "blackforestlabs/flux-2-edit": 0.038,
    "blackforestlabs/flux-2-pro": 0.0315,
    "blackforestlabs/flux-2-pro-edit": 0.0945,
    "bytedance/seedream-4-5": 0.042,
    "alibaba/z-image-turbo": 0.005,
    "reve/create-image": 0.063,
    "reve/edit-image": 0.105,
}
_USUAL_PRICE = 0.04


@dataclass(frozen=True, slots=True)
class Model:
    """A served model. `credits` a picture; 2,000,000 are 1 US dollar. `schemas`: what it takes, by route."""

    id: str
    credits: int
    picture: Literal["jpeg", "png"]
    revises_prompt: bool
    schemas: Mapping[str, Schema]

    @property
    def alias(self) -> str:
        return self.id.rpartition("/")[2] if self.id.startswith(("x-ai/", "openai/")) else self.id

    @property
    def takes_pictures(self) -> bool:
        """Whether it changes them."""
        fields = {name for schema in self.schemas.values() for name in schema["properties"]}
        return bool(fields & {"image", "image_url", "image_urls"})


def _served() -> tuple[Model, ...]:
    by_id: dict[str, dict[str, Schema]] = {}
    for schema in schemas_of("aimlapi"):
        for one in ids_of(schema):
            by_id.setdefault(one, {})[schema["route"]] = schema
    return tuple(
        Model(
            one,
            round(_PRICES.get(one, _USUAL_PRICE) * CREDITS_PER_DOLLAR),
            "png" if one.startswith(IMAGINE) else "jpeg",
            revises_prompt=one == "x-ai/grok-2-image",
            schemas=schemas,
        )
        for one, schemas in by_id.items()
        if one not in _UNLISTED
    )


MODELS = _served()
_BY_NAME = {model.alias: model for model in MODELS} | {model.id: model for model in MODELS}


def find(name: object) -> Model | None:
    """The model of that id or alias."""
    return _BY_NAME.get(name) if isinstance(name, str) else None


def validation_error(model: Model, body: Mapping[str, Any], route: str = GENERATIONS) -> str | None:
    """What is wrong with the body of a request to that route, or None."""
    schema = model.schemas.get(route)
    if schema is None:
        there = [one.id for one in MODELS if route in one.schemas]
        return f"Body validation error! model: Invalid enum value. Expected {' | '.join(there)}"
    return body_error(schema, {**body, "model": model.id})


def model_row(model: Model, origin: str = "") -> dict[str, Any]:
    """A row of GET /v1/models?include=all."""
    dollars = model.credits / CREDITS_PER_DOLLAR
    units = [{"name": "image", "measure": "output", "price": dollars, "per": 1}]
    return {
        "id": model.id,
        "aliases": [model.alias],
        "object": "model",
        "type": "openai/image-generations",
        "info": {"name": model.alias, "docsJson": f"{origin}/docs-json?model={quote(model.id, safe='')}"},
        "modalities": {
            "input": ["text", "image"] if model.takes_pictures else ["text"],
            "output": ["image"],
        },
        "pricing": {"kind": "fixed", "currency": "USD", "units": units},
    }


def openapi(model: Model) -> dict[str, Any]:
    """What is found under a row's `docsJson`."""
    paths = {
        f"/v1{route}": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "multipart/form-data" if route == EDITS else "application/json": {
                            "schema": {
                                "type": "object",
                                "required": schema["required"],
                                "properties": {**schema["properties"], "model": {"enum": [model.id]}},
                            }
                        }
                    },
                }
            }
        }
        for route, schema in model.schemas.items()
    }
    return {"openapi": "3.0.0", "info": {"title": model.id, "version": "1.0.0"}, "paths": paths}


def deprecation_row(model: Model) -> dict[str, Any]:
    """A row of GET /v1/models/deprecations."""
    return {
        "id": model.id,
        "aliases": [model.alias],
        "status": "withdrawn",
        "deprecated_at": "2026-02-24T00:00:00.000Z",
        "shutdown_at": RETIRED_ON,
        "replaced_by": IMAGINE,
        "reason": "Retired by its provider.",
    }
