"""What is offered while a member types a prompt: their own earlier ones that match."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import discord
from discord import app_commands

from bot.core.clock import RESERVE_SECONDS
from bot.core.errors import DatabaseUnavailable
from bot.core.generation.earlier_prompts import EarlierPrompt, EarlierPrompts
from bot.interactions.error_handling import CHOICE_LENGTH, Suggest, Suggestions, routed_autocomplete
from bot.ui.text import cut, plain, units

log = logging.getLogger(__name__)

SUGGESTIONS = 25
"""https://docs.discord.com/developers/interactions/application-commands#autocomplete"""


def prompt_suggestions(earlier: EarlierPrompts, *, edits: bool = False) -> Suggest:
    """An autocompletion of a prompt; of `edits`, with what was asked for of other pictures."""

    async def suggest(interaction: discord.Interaction, typed: str) -> Suggestions:
        if units(typed) > CHOICE_LENGTH:  # what is typed itself has to be among them
            return []
        try:
            async with asyncio.timeout(RESERVE_SECONDS):
                found = await earlier.matching(interaction.user.id, typed, SUGGESTIONS, edits=edits)
        except (DatabaseUnavailable, TimeoutError) as error:
            # No suggestion says so: pressing Enter would paint it.
            log.info("interaction %d: no prompt could be suggested: %s", interaction.id, type(error).__name__)
            return []
        return prompt_choices(typed, found)

    return routed_autocomplete(suggest)


def prompt_choices(typed: str, earlier: Sequence[EarlierPrompt]) -> Suggestions:
    """`typed`, of at most CHOICE_LENGTH, stands first: Discord's client takes the first one where Enter is pressed.

    What a choice has no room for is sent as a reference to it.
    """
    choices = dict[str, app_commands.Choice[str]]()
    if (own := plain(typed)) and earlier:
        choices[own] = app_commands.Choice(name=own, value=typed)
    for one in earlier:
        name = cut(plain(one.text), CHOICE_LENGTH)
        value = one.text if name == one.text else one.reference
        choices.setdefault(name, app_commands.Choice(name=name, value=value))
    return list(choices.values())[:SUGGESTIONS]
