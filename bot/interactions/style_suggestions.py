"""What is offered while a member types the name of a style: those that are there, by what their names contain."""

from __future__ import annotations

from collections.abc import Iterable

import discord
from discord import app_commands

from bot.core.limits.styles import NO_STYLE, Style, style_key
from bot.core.limits.usage import UsageService
from bot.core.preferences.preferences import MemberPreferences
from bot.interactions.context import caller_of, private_sentences
from bot.interactions.error_handling import Suggest, Suggestions, routed_autocomplete

SUGGESTIONS = 25
"""https://docs.discord.com/developers/interactions/application-commands#autocomplete"""


def style_suggestions(usage_service: UsageService, preferences: MemberPreferences) -> Suggest:
    async def suggest(interaction: discord.Interaction, typed: str) -> Suggestions:
        offer = await usage_service.offer_in(caller_of(interaction).place)
        choices = style_choices(offer.styles, typed)
        preferred = (await preferences.of(interaction.user.id)).style
        if preferred is None or typed:
            return choices
        none = app_commands.Choice(
            name=private_sentences(interaction)("preferences.no_style"), value=NO_STYLE
        )
        return [*choices[: SUGGESTIONS - 1], none]

    return routed_autocomplete(suggest)


def style_choices(styles: Iterable[Style], typed: str) -> Suggestions:
    """Those whose names begin with what was typed come first."""
    wanted = style_key(typed)
    found = sorted(
        (style for style in styles if wanted in style.key), key=lambda one: one.key.find(wanted) > 0
    )
    return [app_commands.Choice(name=style.name, value=style.name) for style in found[:SUGGESTIONS]]
