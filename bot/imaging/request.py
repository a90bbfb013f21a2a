"""The body of a paid request, and where it is sent: what a model takes of what was asked for, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.core.generation.model import ImageSpec, InputImage, Shape
from bot.imaging.family import Edit, Form, Route, nearest_shape
from bot.imaging.models import Model
from bot.imaging.servers import Server

# One for one, so that no prompt becomes longer. They mean nothing in a description, but a command to some server:
# stable-diffusion.cpp reads `<sd_cpp_extra_args>…` and `<lora:…>`, and LocalAI takes what follows a `|` for what must
# not be in the picture.
_COMMANDS = str.maketrans({"<": "‹", ">": "›", "|": "¦"})


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """`route` below the base URL; `content` is the whole body, of the type `content_type`."""

    route: Route
    content: bytes = field(repr=False)
    content_type: str


def request_for(model: Model, spec: ImageSpec, server: Server) -> ImageRequest:
    """What `server` is sent for `spec`, to be painted by `model` with one request.

    The inputs have their content, where the model's `Edit.needs_content`. Raises ValueError where the model can't do
    it: a picture is never sent to what would ignore it and bill.
    """
    family, edit = model.family, model.family.edit if spec.inputs else None
    count = family.count_for(editing=edit is not None)
    if reason := why_impossible(model, spec):
        raise ValueError(f"{model.id} {reason}")
    if spec.count > count.most:
        raise ValueError(f"{model.id} can't make {spec.count} pictures at once, but {count.most}")
    fields: dict[str, Any] = {"model": model.id}
    if family.takes_prompt:
        fields["prompt"] = prompt_at(server, spec.prompt)
    fields |= {**family.fixed, **family.fields_for(_shape(spec, edit))}
    if count.name and spec.count > 1:  # one is the default everywhere
        fields[count.name] = spec.count
    if family.response_format:
        fields["response_format"] = family.response_format
    if edit is None:
        return _as_json(Route.GENERATIONS, fields)
    fields |= edit.fixed
    if edit.form is Form.FILES:
        return _as_multipart(edit, fields, spec.inputs)
    links = [picture.url for picture in spec.inputs]
    return _as_json(edit.route, fields | _picture_fields(edit, links))


def why_impossible(model: Model, spec: ImageSpec) -> str | None:
    """What keeps `model` from painting `spec`, however many requests it takes; None where nothing does."""
    family = model.family
    if spec.inputs and family.edit is None:
        return "can't change a picture"
    if spec.inputs and family.edit and len(spec.inputs) > family.edit.most:
        return f"can't change {len(spec.inputs)} pictures at once, but {family.edit.most}"
    if not spec.inputs and not family.generates:
        return "needs a picture to change"
    return None


def has_shape(spec: ImageSpec, model: Model) -> bool:
    """Whether `model` can be told the shape of `spec`, or the nearest to it; True where none is asked for."""
    return spec.shape is None or bool(model.family.shapes)


def _shape(spec: ImageSpec, edit: Edit | None) -> Shape | None:
    """A changed picture has the shape that it had, unless another is asked for."""
    if spec.shape is not None or edit is None or edit.follows_input:
        return spec.shape
    first = spec.inputs[0]
    return nearest_shape(first.width, first.height) if first.width and first.height else None


def prompt_at(server: Server, prompt: str) -> str:
    """The prompt as that server may be given it: what could be a command there has lost what makes it one."""
    return prompt if server.is_known else prompt.translate(_COMMANDS)


def _picture_fields(edit: Edit, links: Sequence[str]) -> dict[str, Any]:
    alone = len(links) == 1
    match edit.form:
        case Form.LINK:
            return {edit.name: links[0]}
        case Form.LINK_OR_LINKS if alone:
            return {edit.name: links[0]}
        case Form.SOURCE_AND_LINKS:
            source = {edit.name.removesuffix("s"): links[0]}
            return source if alone else source | {edit.name: list(links[1:])}
        case Form.OBJECTS:
            objects = [{"url": link, "type": "image_url"} for link in links]
            return {edit.name: objects[0]} if alone else {f"{edit.name}s": objects}
        case _:
            return {edit.name: list(links)}


def _as_json(route: Route, fields: dict[str, Any]) -> ImageRequest:
    # ASCII, so that no text is refused: half a surrogate pair, which Discord lets through, has no UTF-8.
    return ImageRequest(route, json.dumps(fields).encode("ascii"), "application/json")


def _as_multipart(edit: Edit, fields: dict[str, Any], pictures: Sequence[InputImage]) -> ImageRequest:
    data = {name: str(value).encode("utf-8", "replace") for name, value in fields.items()}
    files = [
        (edit.name, (f"picture-{at}.{one.media_type.rpartition('/')[2]}", one.content, one.media_type))
        for at, one in enumerate(pictures, start=1)
    ]
    encoded = httpx.Request("POST", "http://none.invalid", data=data, files=files)
    return ImageRequest(edit.route, encoded.read(), encoded.headers["Content-Type"])
