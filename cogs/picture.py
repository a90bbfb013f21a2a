"""The buttons below delivered pictures: the same once more, and what is on record of them."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import ui

from bot.core.place import Caller, Place
from bot.interactions.context import private_sentences
from bot.interactions.error_handling import RoutedItem
from bot.interactions.picture_options import paint
from bot.interactions.pressed_message import require_component
from bot.interactions.responses import respond
from bot.interactions.services import Bot, services_of
from bot.ui.embeds import revised_in
from bot.ui.generation.details import details_message
from bot.ui.generation.picture_buttons import AGAIN_ID, DETAILS_ID, GENERATION
from bot.ui.text import snowflake


class PictureButton(RoutedItem[ui.Button[Any]], template=r"(?!)"):
    """A kind of it does its work in `pressed`, on the message with the pictures of `generation`."""

    def __init__(self, generation: int, custom_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self.generation = generation

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        generation = snowflake(match["generation"])
        if generation is None:
            raise ValueError(match.string)
        return cls(generation, match.string)

    async def used(self, interaction: discord.Interaction[Any]) -> None:
        message = require_component(interaction)
        await self.pressed(interaction, await services_of(interaction).callers.of(interaction), message)

    async def pressed(
        self, interaction: discord.Interaction[Any], caller: Caller[Place], message: discord.Message
    ) -> None:
        raise NotImplementedError


class AgainButton(PictureButton, template=AGAIN_ID.format(GENERATION)):
    """Whoever presses it asks for the same, and it counts as theirs."""

    async def pressed(
        self,
        interaction: discord.Interaction[Any],
        caller: Caller[Place],
        message: discord.Message,  # noqa: ARG002 — it stays as it is
    ) -> None:
        services = services_of(interaction)
        idea = await services.earlier_pictures.idea(self.generation, caller)
        await paint(interaction, services, idea.spec, caller=caller, idea_by=idea.by)


class DetailsButton(PictureButton, template=DETAILS_ID.format(GENERATION)):
    """All that is on record, for whoever presses it alone."""

    async def pressed(
        self, interaction: discord.Interaction[Any], caller: Caller[Place], message: discord.Message
    ) -> None:
        services = services_of(interaction)
        found = await services.earlier_pictures.get(self.generation, caller)
        # What an image model made of the prompt stands below its pictures alone.
        revised = (found.revision and found.revision.prompt) or revised_in(message.embeds)
        say = private_sentences(interaction)
        await respond(interaction, details_message(found, revised, say, shows_cost=services.shows_costs))


async def setup(bot: Bot) -> None:
    bot.add_dynamic_items(AgainButton, DetailsButton)
