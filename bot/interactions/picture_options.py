"""What every command that paints has in common: how it is carried out, and the options for the shape, the style, who
sees the pictures, the model, and whether the prompt is revised.

An option is registered only where there is something to choose.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from inspect import Parameter
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.core.errors import InvalidOption
from bot.core.generation.earlier_pictures import Idea
from bot.core.generation.model import NO_WISHES, ImageSpec, InputImage, Request, Shape, Wishes
from bot.core.limits.offer import Requirement
from bot.core.limits.styles import LONGEST_STYLE_NAME, NO_STYLE, Style, style_key
from bot.core.place import Caller, Place
from bot.core.preferences.preferences import NO_PREFERENCES, Preferences
from bot.interactions.command_text import described
from bot.interactions.interaction_reply import InteractionReply
from bot.interactions.services import Services
from bot.interactions.style_suggestions import style_suggestions
from bot.ui.limits.policy_text import choice_label

YES, NO = "yes", "no"
STYLE_NAME: Any = app_commands.Range[str, 1, LONGEST_STYLE_NAME] | None

Callback = TypeVar("Callback", bound=Callable[..., Awaitable[None]])


def picture_options(
    services: Services, shapes: frozenset[Shape], *without: str
) -> Callable[[Callback], Callback]:
    """Gives a command, in the place of its `**chosen`, those of the options that are offered; `spec_of` reads them.

    `shapes` are those to choose from; `without` are options that it is not to have, its own among them.
    """
    operator = services.moderation.operator
    suggested = {"style": style_suggestions(services.usage_service, services.preferences)}
    offered = {
        "shape": [
            app_commands.Choice(name=described(f"option.shape.{shape}"), value=shape.value)
            for shape in Shape
            if shape in shapes
        ],
        "style": [],
        "private": _yes_or_no("private") if operator.private is Requirement.OPTIONAL else [],
        "spoiler": _yes_or_no("spoiler") if operator.spoiler is Requirement.OPTIONAL else [],
        "model": [app_commands.Choice(name=choice_label(one), value=one.name) for one in operator.choices],
        "revise": _yes_or_no("revise") if operator.revises else [],
    }
    given = [name for name, found in offered.items() if (found or name in suggested) and name not in without]

    def add(callback: Callback) -> Callback:
        signature = inspect.signature(callback)
        own = [
            one
            for one in signature.parameters.values()
            if one.kind is not Parameter.VAR_KEYWORD and one.name not in without
        ]
        options = [
            Parameter(
                name,
                Parameter.KEYWORD_ONLY,
                default=None,
                annotation=STYLE_NAME if name == "style" else str | None,
            )
            for name in given
        ]
        # What discord.py reads a command's options from.
        callback.__signature__ = signature.replace(parameters=[*own, *options])  # type: ignore[attr-defined]
        app_commands.describe(**{name: described(f"command.picture.{name}") for name in given})(callback)
        app_commands.autocomplete(**suggested)(callback)
        return app_commands.choices(**{name: offered[name] for name in given if offered[name]})(callback)

    return add


def _yes_or_no(option: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=described(f"option.{option}.{one}"), value=one) for one in (YES, NO)]


def spec_of(
    services: Services, prompt: str, count: int, inputs: tuple[InputImage, ...] = (), /, **chosen: str | None
) -> ImageSpec:
    """What is asked for; what was `chosen` are the values of the options, None of one that was not given.

    Raises InvalidOption for a model that is not offered.
    """
    models, shape, style = services.moderation.operator.choices, chosen.get("shape"), chosen.get("style")
    model = next((one for one in models if one.name == chosen.get("model")), None)
    if chosen.get("model") is not None and model is None:
        raise InvalidOption("model", tuple(one.name for one in models))
    return ImageSpec(
        prompt,
        count,
        Shape(shape) if shape else None,
        inputs,
        model=model.model if model else None,
        weight=model.weight if model else 1,
        revise=chosen.get("revise") != NO,
        style=Style(style) if style and style_key(style) != NO_STYLE else None,
        private=chosen.get("private") == YES,
        spoiler=chosen.get("spoiler") == YES,
    )


def with_preferences(
    services: Services, spec: ImageSpec, preferences: Preferences, chosen: Mapping[str, str | None]
) -> ImageSpec:
    """`spec` with what the member prefers, where they have `chosen` nothing; the rest are `wishes_of` them.

    A shape that is not offered is left away, and a picture that is changed keeps its own. What is to be private never
    becomes public: where private pictures are not allowed, it is refused.
    """
    if preferences == NO_PREFERENCES:
        return spec
    if chosen.get("private") is None:
        spec = replace(spec, private=spec.private or preferences.private)
    if services.moderation.operator.revises and chosen.get("revise") is None:
        spec = replace(spec, revise=preferences.revise)
    if preferences.shape and chosen.get("shape") is None and not spec.inputs:
        shaped = replace(spec, shape=preferences.shape)
        if preferences.shape in services.imagine_service.shapes_for(shaped):
            return shaped
    return spec


def wishes_of(spec: ImageSpec, preferences: Preferences, chosen: Mapping[str, str | None]) -> Wishes:
    """What depends on the server of what the member prefers. A picture that is changed keeps its style."""
    if preferences == NO_PREFERENCES:
        return NO_WISHES
    return Wishes(
        preferences.style if chosen.get("style") is None and not spec.inputs else None,
        preferences.spoiler and chosen.get("spoiler") is None,
    )


async def preferences_of(services: Services, member: int) -> tuple[Preferences, float]:
    """And the seconds that reading them took. Raises DatabaseUnavailable, DatabaseBusy."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    return await services.preferences.of(member), clock() - begun


async def paint_as_preferred(
    interaction: discord.Interaction[Any],
    services: Services,
    spec: ImageSpec,
    chosen: Mapping[str, str | None],
    *,
    spoiler: bool = False,
    caller: Caller[Place] | None = None,
    idea_by: int | None = None,
) -> None:
    """As `paint`, with what the member prefers where they have `chosen` nothing; a `spoiler` in any case, where that is
    offered.
    """
    preferences, waited = await preferences_of(services, interaction.user.id)
    wishes = wishes_of(spec, preferences, chosen)
    if spoiler:
        wishes = replace(wishes, spoiler=True)
    spec = with_preferences(services, spec, preferences, chosen)
    await paint(interaction, services, Idea(spec, idea_by, wishes), caller, waited)


async def paint(
    interaction: discord.Interaction[Any],
    services: Services,
    idea: Idea,
    caller: Caller[Place] | None = None,
    waited: float = 0.0,
) -> None:
    """Carry out a command, a form, or a button, to its end; `caller` is whoever gave it, where that was found out.

    The database has taken `waited` seconds for it before.
    """
    request = Request(
        id=interaction.id,
        caller=caller or await services.callers.of(interaction),
        spec=idea.spec,
        application=interaction.application_id,
        token=interaction.token,
        idea_by=idea.by,
        named=interaction.type is not discord.InteractionType.application_command,
        wishes=idea.wishes,
        waited=waited,
    )
    reply = InteractionReply(
        interaction,
        request,
        services.fit,
        services.upload_budget,
        services.refused_orders,
        changes=services.changes_pictures,
    )
    await services.imagine_service.imagine(request, reply)
