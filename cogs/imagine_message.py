"""“Imagine this”, in the menu of each message: its text becomes a prompt; that of the bot's own pictures once more."""

from __future__ import annotations

import re
from dataclasses import replace

import discord

from bot.core.generation.earlier_pictures import Idea
from bot.core.generation.errors import NoTextThere
from bot.core.generation.model import ImageSpec
from bot.core.word_filter.prompt_text import visible_text
from bot.interactions.command_places import offered_everywhere
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences
from bot.interactions.modals import Answers
from bot.interactions.picture_options import paint, preferences_of, wishes_of, with_preferences
from bot.interactions.pressed_message import generation_below, text_of
from bot.interactions.prompt_form import filled_in, open_offer, prompt_form, still_wished_for, wished_for
from bot.interactions.responses import open_modal
from bot.interactions.services import Bot

FORM = "imagine"


async def setup(bot: Bot) -> None:
    services = bot.services

    @bot.tree.context_menu(name=described("menu.imagine"))
    @offered_everywhere(services.moderation.operator)
    async def imagine_message(interaction: discord.Interaction, message: discord.Message) -> None:
        caller, say = await services.callers.of(interaction), private_sentences(interaction)
        if generation := generation_below(interaction, message):
            spec = (await services.earlier_pictures.idea(generation, caller)).spec
            # A form of no button knows no pictures that were changed.
            spec = replace(spec, inputs=())
        elif visible_text(text := text_of(message)):
            preferences = await services.preferences.of(caller.member)
            spec = with_preferences(services, ImageSpec(text), preferences, {})
            spec = wished_for(spec, wishes_of(spec, preferences, {}))
        else:
            raise NoTextThere
        offer = await open_offer(services, caller.place)
        title = say("menu.imagine")
        await open_modal(interaction, prompt_form(title, FORM, spec, services.imagine_bounds, offer, say))

    async def take(interaction: discord.Interaction, _match: re.Match[str], answers: Answers) -> None:
        preferences, waited = await preferences_of(services, interaction.user.id)
        spec = filled_in(with_preferences(services, ImageSpec(""), preferences, {}), answers, services)
        wishes = still_wished_for(wishes_of(spec, preferences, {}), answers)
        await paint(interaction, services, Idea(spec, wishes=wishes), waited=waited)

    bot.forms.add(FORM, take)
