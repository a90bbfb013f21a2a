"""What every command that paints has in common: how it is carried out, and the options for the shape, the model, and
whether the prompt is revised.

An option is registered only where there is something to choose.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from inspect import Parameter
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.core.errors import InvalidOption
from bot.core.generation.model import ImageSpec, InputImage, Request, Shape
from bot.core.place import Caller, Place
from bot.core.preferences.preferences import NO_PREFERENCES, Preferences
from bot.interactions.command_text import described
from bot.interactions.replies import InteractionReply
from bot.interactions.services import Services
from bot.ui.limits.policy_text import choice_label

YES, NO = "yes", "no"

Callback = TypeVar("Callback", bound=Callable[..., Awaitable[None]])


def picture_options(
    services: Services, shapes: frozenset[Shape], *without: str
) -> Callable[[Callback], Callback]:
    """Gives a command, in the place of its `**chosen`, those of the options that are offered; `spec_of` reads them.

    `shapes` are those to choose from; `without` are options that it is not to have, its own among them.
    """
    operator = services.moderation.operator
    offered = {
        "shape": [
            app_commands.Choice(name=described(f"option.shape.{shape}"), value=shape.value)
            for shape in Shape
            if shape in shapes
        ],
        "model": [app_commands.Choice(name=choice_label(one), value=one.name) for one in operator.choices],
        "revise": [
            app_commands.Choice(name=described(f"option.revise.{one}"), value=one)
            for one in (YES, NO)
            if operator.revises
        ],
    }
    given = {name: found for name, found in offered.items() if found and name not in without}

    def add(callback: Callback) -> Callback:
        signature = inspect.signature(callback)
        own = [
            one
            for one in signature.parameters.values()
            if one.kind is not Parameter.VAR_KEYWORD and one.name not in without
        ]
        options = [
            Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=str | None) for name in given
        ]
        # What discord.py reads a command's options from.
        callback.__signature__ = signature.replace(parameters=[*own, *options])  # type: ignore[attr-defined]
        app_commands.describe(**{name: described(f"command.picture.{name}") for name in given})(callback)
        return app_commands.choices(**given)(callback)

    return add


def spec_of(
    services: Services,
    prompt: str,
    count: int,
    inputs: tuple[InputImage, ...] = (),
    /,
    *,
    shape: str | None = None,
    model: str | None = None,
    revise: str | None = None,
) -> ImageSpec:
    """What is asked for, by the values of the options. Raises InvalidOption for a model that is not offered."""
    offered = services.moderation.operator.choices
    choice = next((one for one in offered if one.name == model), None)
    if model is not None and choice is None:
        raise InvalidOption("model", tuple(one.name for one in offered))
    return ImageSpec(
        prompt,
        count,
        Shape(shape) if shape else None,
        inputs,
        model=choice.model if choice else None,
        weight=choice.weight if choice else 1,
        revise=revise != NO,
    )


def with_preferences(
    services: Services, spec: ImageSpec, preferences: Preferences, chosen: Mapping[str, str | None]
) -> ImageSpec:
    """`spec` with what the member prefers, as far as it is offered, where they have `chosen` nothing.

    A picture that is changed keeps its shape.
    """
    if preferences == NO_PREFERENCES:
        return spec
    if services.moderation.operator.revises and chosen.get("revise") is None:
        spec = replace(spec, revise=preferences.revise)
    if preferences.shape and spec.shape is None and not spec.inputs:
        shaped = replace(spec, shape=preferences.shape)
        if preferences.shape in services.imagine_service.shapes_for(shaped):
            return shaped
    return spec


async def paint(
    interaction: discord.Interaction[Any],
    services: Services,
    spec: ImageSpec,
    *,
    caller: Caller[Place] | None = None,
    idea_by: int | None = None,
) -> None:
    """Carry out a command, a form, or a button, to its end; `caller` is whoever gave it, where that was found out."""
    request = Request(
        id=interaction.id,
        caller=caller or await services.callers.of(interaction),
        spec=spec,
        application=interaction.application_id,
        token=interaction.token,
        idea_by=idea_by,
        named=interaction.type is not discord.InteractionType.application_command,
    )
    reply = InteractionReply(
        interaction,
        request,
        services.fit,
        services.upload_budget,
        changes=services.edit_bounds.most > 0,
    )
    await services.imagine_service.imagine(request, reply)
