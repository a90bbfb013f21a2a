"""The form that asks for a picture, filled in with what is known of it: from a button, or from a message's text."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import ui

from bot.core.errors import InvalidOption
from bot.core.generation.model import ImageSpec, Shape
from bot.interactions.modals import TYPED_LIMIT, Answers, form
from bot.interactions.services import CommandBounds, Services
from bot.ui.sentences import Sentences
from bot.ui.text import units

ANY = "any"
"""Stands in the menu for a picture of whichever shape."""


def prompt_form(title: str, custom_id: str, spec: ImageSpec, services: Services, say: Sentences) -> ui.Modal:
    """Of the prompt as much as the form has room for; a picture that changes others has no number."""
    bounds = bounds_of(spec, services)
    room = min(bounds.longest_prompt, TYPED_LIMIT)
    typed = spec.prompt
    while units(typed) > room:
        typed = typed[: len(typed) - (units(typed) - room + 1) // 2]
    hint = say("form.hint.too_long", count=room) if typed != spec.prompt else None
    prompt: ui.TextInput[ui.View] = ui.TextInput(
        custom_id="prompt", style=discord.TextStyle.paragraph, default=typed, max_length=room
    )
    fields: list[ui.Label[ui.View]] = [
        ui.Label(text=say("field.what_to_paint"), description=hint, component=prompt)
    ]
    if bounds.most > 1 and not spec.inputs:
        counts = [
            discord.SelectOption(
                label=say("image.used", count=number),
                value=str(number),
                default=number == min(spec.count, bounds.most),
            )
            for number in range(1, bounds.most + 1)
        ]
        menu: ui.Select[ui.View] = ui.Select(custom_id="images", options=counts)
        fields.append(ui.Label(text=say("field.how_many"), component=menu))
    if bounds.shapes:
        chosen = spec.shape if spec.shape in bounds.shapes else None
        shapes = [
            discord.SelectOption(
                label=say(f"option.shape.{shape or ANY}"), value=shape or ANY, default=shape == chosen
            )
            for shape in (None, *Shape)
            if shape is None or shape in bounds.shapes
        ]
        menu = ui.Select(custom_id="shape", options=shapes)
        fields.append(ui.Label(text=say("field.shape"), component=menu))
    return form(title, custom_id, *fields)


def filled_in(spec: ImageSpec, answers: Answers, services: Services) -> ImageSpec:
    """`spec` with what the form has asked for; raises InvalidOption for what it does not offer."""
    bounds = bounds_of(spec, services)
    count, shape = answers.text("images") or str(spec.count), answers.text("shape") or ANY
    if spec.inputs:
        count = "1"
    if count not in map(str, range(1, bounds.most + 1)):
        raise InvalidOption("images")
    if shape != ANY and shape not in bounds.shapes:
        raise InvalidOption("shape")
    return replace(
        spec,
        prompt=answers.text("prompt"),
        count=int(count),
        shape=None if shape == ANY else Shape(shape),
    )


def bounds_of(spec: ImageSpec, services: Services) -> CommandBounds:
    return services.edit_bounds if spec.inputs else services.imagine_bounds
