"""`/preferences`: what a member wants wherever a command does not say otherwise, for themselves alone."""

from __future__ import annotations

import re
from dataclasses import replace

import discord
from discord import CheckboxGroupOption, SelectOption, ui

from bot.core.errors import InvalidOption
from bot.core.generation.model import Shape
from bot.core.preferences.preferences import Preferences
from bot.interactions.command_places import contexts_of_own, installs
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences
from bot.interactions.modals import Answers, form
from bot.interactions.responses import acknowledge, edit, open_modal
from bot.interactions.services import Bot, Services
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.preferences.summary import language_name, preferences_embed
from bot.ui.sentences import IN_ENGLISH, Sentences, languages

FORM = "preferences"
NONE = "none"
"""What is chosen where nothing is preferred."""
AS_WRITTEN = "as_written"


def preferences_form(preferences: Preferences, services: Services, say: Sentences = IN_ENGLISH) -> ui.Modal:
    """Filled with what is preferred now; with a field for each thing that there is to choose."""
    fields = []
    if shapes := services.imagine_bounds.shapes:
        chosen = preferences.shape if preferences.shape in shapes else None
        options = [SelectOption(label=say("preferences.any"), value=NONE, default=chosen is None)]
        options += [
            SelectOption(label=say(f"option.shape.{one}"), value=one.value, default=one is chosen)
            for one in Shape
            if one in shapes
        ]
        fields.append(_menu("shape", options, say))
    if services.moderation.operator.revises:
        wishes = [
            CheckboxGroupOption(
                label=say("preferences.wish.as_written"), value=AS_WRITTEN, default=not preferences.revise
            )
        ]
        group: ui.CheckboxGroup[ui.View] = ui.CheckboxGroup(
            custom_id="wishes", options=wishes, min_values=0, max_values=len(wishes), required=False
        )
        fields.append(ui.Label(text=say("field.wishes"), component=group))
    if len(languages()) > 1:
        options = [
            SelectOption(
                label=say("preferences.language.discord"), value=NONE, default=not preferences.language
            )
        ]
        options += [
            SelectOption(label=language_name(one), value=one, default=one == preferences.language)
            for one in languages()
        ]
        fields.append(_menu("language", options, say))
    return form(say("form.title.preferences"), FORM, *fields)


def _menu(name: str, options: list[SelectOption], say: Sentences) -> ui.Label[ui.View]:
    menu: ui.Select[ui.View] = ui.Select(custom_id=name, options=options, required=True)
    return ui.Label(text=say(f"field.{name}"), component=menu)


def preferred(before: Preferences, answers: Answers, services: Services) -> Preferences:
    """What was filled in; what the form does not ask for stays as it was. Raises InvalidOption."""
    after = before
    if "shape" in answers.given:
        shape = answers.text("shape")
        offered = {one.value: one for one in services.imagine_bounds.shapes}
        if shape != NONE and shape not in offered:
            raise InvalidOption("shape")
        after = replace(after, shape=offered.get(shape))
    if "wishes" in answers.given:
        after = replace(after, revise=AS_WRITTEN not in answers.given["wishes"])
    if "language" in answers.given:
        language = answers.text("language")
        if language != NONE and language not in languages():
            raise InvalidOption("language")
        after = replace(after, language=None if language == NONE else language)
    return after


async def setup(bot: Bot) -> None:
    services = bot.services

    @bot.tree.command(description=described("command.preferences"))
    async def preferences(interaction: discord.Interaction) -> None:
        now = await services.preferences.of(interaction.user.id)
        await open_modal(interaction, preferences_form(now, services, private_sentences(interaction)))

    preferences.allowed_contexts = contexts_of_own(services.moderation.operator)
    preferences.allowed_installs = installs(services.moderation.operator)

    async def take(interaction: discord.Interaction, _: re.Match[str], answers: Answers) -> None:
        member = interaction.user.id
        # Also where another process is faster, which then changes them.
        services.preferences.forget(member)
        await acknowledge(interaction)
        after = preferred(await services.preferences.of(member), answers, services)
        await services.preferences.change(member, after)
        embed = preferences_embed(
            after,
            revises=services.moderation.operator.revises,
            languages=len(languages()) > 1,
            say=private_sentences(interaction),
        )
        await edit(interaction, OutgoingMessage(embeds=(embed,)))

    bot.forms.add(FORM, take)
