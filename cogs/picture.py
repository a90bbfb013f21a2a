"""The buttons below delivered pictures, and below a sentence in their place."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self

import discord
from discord import ui

from bot.core.errors import NotYourButton
from bot.core.generation.earlier_pictures import Idea
from bot.core.generation.errors import (
    EditsOff,
    GenerationForgotten,
    InputRefused,
    InputTrouble,
    NoPictureThere,
    OrderForgotten,
    PromptErased,
)
from bot.core.generation.model import ImageSpec
from bot.core.place import Caller, Place
from bot.interactions.context import private_sentences
from bot.interactions.edit_form import chosen_of, edit_form
from bot.interactions.error_handling import OTHERS_FIRST_SECONDS, RoutedItem
from bot.interactions.message_pictures import offered
from bot.interactions.modals import Answers
from bot.interactions.picture_options import paint, paint_as_preferred
from bot.interactions.pressed_message import id_in, require_component
from bot.interactions.prompt_form import (
    bounds_of,
    filled_in,
    open_offer,
    prompt_form,
    still_wished_for,
    wished_for,
)
from bot.interactions.responses import open_modal, respond
from bot.interactions.services import Bot, Services, services_of
from bot.ui.embeds import revised_in
from bot.ui.generation.details import details_message
from bot.ui.generation.picture_buttons import AGAIN_ID, CHANGE_ID, DETAILS_ID, GENERATION, PROMPT_ID, RETRY_ID
from bot.ui.generation.shown_pictures import pictures_shown


async def asked_for(services: Services, generation: int, caller: Caller[Place]) -> Idea:
    """What was delivered, or failed, or was refused within the last hour. Raises as `EarlierPictures.idea`."""
    refused = services.refused_orders.find(caller.member, generation)
    try:
        return refused or await services.earlier_pictures.idea(generation, caller)
    except GenerationForgotten:
        await asyncio.sleep(OTHERS_FIRST_SECONDS)
        raise


async def require_command(interaction: discord.Interaction[Any], spec: ImageSpec) -> None:
    """Raises CommandWithheld where the admins keep from whoever pressed what would paint it."""
    await services_of(interaction).usable_commands.require(interaction, "edit" if spec.inputs else "imagine")


async def paint_idea(interaction: discord.Interaction[Any], idea: Idea, caller: Caller[Place]) -> None:
    """Raises CommandWithheld."""
    await require_command(interaction, idea.spec)
    await paint(interaction, services_of(interaction), idea, caller)


def as_shown(idea: Idea, message: discord.Message) -> Idea:
    """What somebody has made a spoiler since stays one when it is painted once more."""
    spoiler = idea.spec.spoiler or pictures_shown(message.embeds, message.attachments).spoiler
    return replace(idea, spec=replace(idea.spec, spoiler=spoiler))


class PictureButton(RoutedItem[ui.Button[Any]], template=r"(?!)"):
    """A kind of it does its work in `pressed`, on the message with the pictures of `generation`."""

    def __init__(self, generation: int, custom_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self.generation = generation

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(id_in(match), match.string)

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
        message: discord.Message,
    ) -> None:
        services = services_of(interaction)
        idea = await services.earlier_pictures.idea(self.generation, caller)
        await paint_idea(interaction, as_shown(idea, message), caller)


class PromptButton(PictureButton, template=PROMPT_ID.format(GENERATION)):
    """A form with the prompt, to be changed; what is asked for in it counts as whose it is that submits it."""

    async def pressed(
        self,
        interaction: discord.Interaction[Any],
        caller: Caller[Place],
        message: discord.Message,
    ) -> None:
        services, say = services_of(interaction), private_sentences(interaction)
        idea = as_shown(await asked_for(services, self.generation, caller), message)
        await require_command(interaction, idea.spec)
        if any(one.has_expired(interaction.created_at) for one in idea.spec.inputs):
            raise InputRefused(InputTrouble.GONE)  # before anybody writes a prompt in vain
        offer, spec = await open_offer(services, caller.place), wished_for(idea.spec, idea.wishes)
        title, custom_id = say("button.edit_prompt"), PROMPT_ID.format(self.generation)
        await open_modal(
            interaction, prompt_form(title, custom_id, spec, bounds_of(spec, services), offer, say)
        )

    @staticmethod
    async def submitted(interaction: discord.Interaction, match: re.Match[str], answers: Answers) -> None:
        message = require_component(interaction, match.string)
        services = services_of(interaction)
        caller = await services.callers.of(interaction)
        idea = as_shown(await asked_for(services, id_in(match), caller), message)
        filled = filled_in(idea.spec, answers, services)
        await paint_idea(interaction, Idea(filled, idea.by, still_wished_for(idea.wishes, answers)), caller)


class ChangeButton(PictureButton, template=CHANGE_ID.format(GENERATION)):
    """A form that asks how to change the pictures that are on the message now: with it come links that are good."""

    async def pressed(
        self,
        interaction: discord.Interaction[Any],
        caller: Caller[Place],  # noqa: ARG002 — nothing is counted before the form is submitted
        message: discord.Message,
    ) -> None:
        services, say = services_of(interaction), private_sentences(interaction)
        if not services.changes_pictures:
            raise EditsOff
        pictures = offered(message)
        if not pictures:
            raise NoPictureThere
        await services.usable_commands.require(interaction, "edit")
        await open_modal(interaction, edit_form(CHANGE_ID.format(self.generation), pictures, services, say))

    @staticmethod
    async def submitted(interaction: discord.Interaction, match: re.Match[str], answers: Answers) -> None:
        services = services_of(interaction)
        if not services.changes_pictures:
            raise EditsOff
        message = require_component(interaction, match.string)
        inputs = chosen_of(answers, offered(message), services.edit_bounds.most)
        caller = await services.callers.of(interaction)
        # Where no record says any more who may see it, the message does.
        idea = Idea(ImageSpec(answers.text("prompt"), inputs=inputs, private=message.flags.ephemeral))
        with suppress(GenerationForgotten, PromptErased):  # the picture itself is still there
            before = await services.earlier_pictures.idea(id_in(match), caller)
            private, spoiler = before.spec.private, before.spec.spoiler
            idea = Idea(replace(idea.spec, private=private, spoiler=spoiler), before.by)
        idea = as_shown(idea, message)
        await require_command(interaction, idea.spec)
        # Its form asks for nothing but the prompt, and for which pictures.
        await paint_as_preferred(interaction, services, idea.spec, {}, caller=caller, idea_by=idea.by)


class RetryButton(PictureButton, template=RETRY_ID.format(GENERATION)):
    """Below the sentence that came in the place of a picture, for whoever had asked for it."""

    async def pressed(
        self,
        interaction: discord.Interaction[Any],
        caller: Caller[Place],
        message: discord.Message,  # noqa: ARG002 — it stays as it is
    ) -> None:
        services = services_of(interaction)
        idea = services.refused_orders.take(caller.member, self.generation)
        if idea is None:
            try:
                found = await services.earlier_pictures.get(self.generation, caller)
            except GenerationForgotten:
                await asyncio.sleep(OTHERS_FIRST_SECONDS)
                raise OrderForgotten from None
            if found.request.caller.member != caller.member:
                raise NotYourButton
            idea = await services.earlier_pictures.idea(self.generation, caller)
        await paint_idea(interaction, idea, caller)


class DetailsButton(PictureButton, template=DETAILS_ID.format(GENERATION)):
    """All that is on record, for whoever presses it alone."""

    async def pressed(
        self, interaction: discord.Interaction[Any], caller: Caller[Place], message: discord.Message
    ) -> None:
        services = services_of(interaction)
        found = await services.earlier_pictures.get(self.generation, caller)
        # What an image model made of the prompt stands below its pictures alone.
        revised = (
            found.model_prompt or (found.revision and found.revision.prompt) or revised_in(message.embeds)
        )
        say = private_sentences(interaction)
        await respond(interaction, details_message(found, revised, say, shows_cost=services.shows_costs))


async def setup(bot: Bot) -> None:
    bot.add_dynamic_items(AgainButton, PromptButton, ChangeButton, DetailsButton, RetryButton)
    bot.forms.add(PROMPT_ID.format(GENERATION), PromptButton.submitted)
    # Also where no model changes pictures any more: the button stays below those of before.
    bot.forms.add(CHANGE_ID.format(GENERATION), ChangeButton.submitted)
