"""The form that asks for a picture, filled in with what is known of it: from a button, or from a message's text."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import discord
from discord import CheckboxGroupOption, ui

from bot.core.errors import DatabaseBusy, DatabaseUnavailable, InvalidOption
from bot.core.generation.model import ImageSpec, Shape, Wishes
from bot.core.limits.offer import Offer, Requirement
from bot.core.limits.styles import LONGEST_STYLE_NAME, Style, style_key
from bot.core.place import Place
from bot.interactions.modals import MOST_OPTIONS, TYPED_LIMIT, Answers, form, menu_field
from bot.interactions.services import CommandBounds, Services
from bot.ui.sentences import Sentences
from bot.ui.text import units

ANY = "any"
"""Stands in a menu for whichever shape, and for no style."""
OFFER_SECONDS = 0.5
"""Of the 3 s in which the form has to be opened."""

Field = ui.Label[ui.View]


async def open_offer(services: Services, place: Place) -> Offer | None:
    """What the form has menus for; None where the database does not say it in time: then all of that stays as it is."""
    try:
        async with asyncio.timeout(OFFER_SECONDS):
            return await services.usage_service.offer_in(place)
    except (TimeoutError, DatabaseBusy, DatabaseUnavailable):
        return None


def prompt_form(
    title: str, custom_id: str, spec: ImageSpec, bounds: CommandBounds, offer: Offer | None, say: Sentences
) -> ui.Modal:
    """Of the prompt as much as the form has room for; a picture that changes others has no number."""
    fields = [_prompt(spec.prompt, min(bounds.longest_prompt, TYPED_LIMIT), say)]
    if bounds.most > 1 and not spec.inputs:
        chosen = str(min(spec.count, bounds.most))
        numbers = {str(number): say("image.used", count=number) for number in range(1, bounds.most + 1)}
        fields.append(menu_field("images", say("field.how_many"), numbers, chosen))
    if bounds.shapes:
        shapes = {
            ANY: say("option.shape.any"),
            **{shape.value: say(f"option.shape.{shape}") for shape in Shape if shape in bounds.shapes},
        }
        fields.append(menu_field("shape", say("field.shape"), shapes, spec.shape or ANY))
    if offer:
        fields += _offered(spec, offer, say)
    return form(title, custom_id, *fields)


def filled_in(spec: ImageSpec, answers: Answers, services: Services) -> ImageSpec:
    """`spec` with what the form has asked for; raises InvalidOption for what it does not offer.

    Of styles, and of who may see the picture, the rules have the say.
    """
    bounds = bounds_of(spec, services)
    count = "1" if spec.inputs else answers.text("images") or str(min(spec.count, bounds.most))
    shape = answers.text("shape") or ANY
    if count not in map(str, range(1, bounds.most + 1)):
        raise InvalidOption("images")
    if shape != ANY and shape not in bounds.shapes:
        raise InvalidOption("shape")
    spec = replace(
        spec,
        prompt=answers.text("prompt"),
        count=int(count),
        shape=None if shape == ANY else Shape(shape),
    )
    if style := answers.text("style"):
        if len(style) > LONGEST_STYLE_NAME:
            raise InvalidOption("style")
        same = spec.style is not None and spec.style.name == style
        spec = spec if same else replace(spec, style=None if style == ANY else Style(style))
    if (shown := answers.given.get("shown")) is not None:
        spec = replace(spec, private="private" in shown, spoiler="spoiler" in shown)
    return spec


def wished_for(spec: ImageSpec, wishes: Wishes) -> ImageSpec:
    """What the form is filled in with: there it is to be seen, and may be changed."""
    style = Style(wishes.style) if wishes.style else None
    return replace(spec, style=spec.style or style, spoiler=spec.spoiler or wishes.spoiler)


def still_wished_for(wishes: Wishes, answers: Answers) -> Wishes:
    """What the form did not ask for."""
    style = None if "style" in answers.given else wishes.style
    return Wishes(style, wishes.spoiler and "shown" not in answers.given)


def bounds_of(spec: ImageSpec, services: Services) -> CommandBounds:
    return services.edit_bounds if spec.inputs else services.imagine_bounds


def _prompt(prompt: str, room: int, say: Sentences) -> Field:
    fits = prompt
    while units(fits) > room:
        fits = fits[: len(fits) - (units(fits) - room + 1) // 2]
    hint = say("form.hint.too_long", count=room) if fits != prompt else None
    field: ui.TextInput[ui.View] = ui.TextInput(
        custom_id="prompt", style=discord.TextStyle.paragraph, default=fits, max_length=room
    )
    return ui.Label(text=say("field.what_to_paint"), description=hint, component=field)


def _offered(spec: ImageSpec, offer: Offer, say: Sentences) -> Iterator[Field]:
    """Of styles as many as a menu has room for, the chosen one among them. What was chosen and is forbidden by now is
    there to be taken away: nothing becomes public unseen.
    """
    if styles := offer.styles:
        key = style_key(spec.style.name) if spec.style else None
        first = sorted(styles, key=lambda style: style.key != key)[: MOST_OPTIONS - 1]
        names = {style.name: style.name for style in styles if style in first}
        chosen = next((style.name for style in first if style.key == key), ANY)
        yield menu_field("style", say("field.style"), {ANY: say("option.style.none"), **names}, chosen)
    asked = {"private": (offer.private, spec.private), "spoiler": (offer.spoiler, spec.spoiler)}
    boxes = [
        CheckboxGroupOption(label=say(f"form.shown.{name}"), value=name, default=chosen)
        for name, (requirement, chosen) in asked.items()
        if requirement is Requirement.OPTIONAL or (chosen and requirement is Requirement.FORBIDDEN)
    ]
    if boxes:
        group: ui.CheckboxGroup[ui.View] = ui.CheckboxGroup(
            custom_id="shown", options=boxes, min_values=0, max_values=len(boxes), required=False
        )
        yield ui.Label(text=say("field.shown"), component=group)
