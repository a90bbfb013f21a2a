"""`/edit` and “Edit this picture”: a member's pictures, changed as they describe it.

Where no model in use changes pictures, there is neither.
"""

# ruff: noqa: N806 — the options' types are made here, with the bounds that the operator set.
# No postponed annotations here: discord.py reads the options' bounds from them while the function is made.
import re
from typing import TYPE_CHECKING, TypeAlias

import discord
from discord import app_commands

from bot.core.errors import InvalidOption
from bot.core.generation.errors import NoPictureThere
from bot.core.generation.model import ImageSpec, InputImage
from bot.interactions.command_places import offered_everywhere
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences
from bot.interactions.edit_form import chosen_of, edit_form
from bot.interactions.modals import Answers
from bot.interactions.picture_options import paint_as_preferred, picture_options, spec_of
from bot.interactions.prompt_suggestions import prompt_suggestions
from bot.interactions.responses import open_modal
from bot.interactions.services import Bot
from bot.ui.text import snowflake

FORM = r"edit:(\d{1,20})(:private)?(:spoiler)?"
IMAGES = ("image", "image2", "image3")
"""The options that are pictures; as many of them are registered as the models in use take."""


async def setup(bot: Bot) -> None:
    if bot.services.changes_pictures:
        add_command(bot)
        add_menu(bot)


def add_command(bot: Bot) -> None:
    """With the operator's bounds, so that Discord refuses bad input itself."""
    services, bounds = bot.services, bot.services.edit_bounds
    if TYPE_CHECKING:
        Prompt: TypeAlias = str
    else:
        Prompt = app_commands.Range[str, 1, bounds.longest_prompt]

    @bot.tree.command(description=described("command.edit"))
    @app_commands.describe(
        prompt=described("command.edit.prompt"),
        **{name: described(f"command.edit.{name}") for name in IMAGES[: bounds.most]},
    )
    @app_commands.autocomplete(prompt=prompt_suggestions(services.earlier_prompts, edits=True))
    @offered_everywhere(services.moderation.operator)
    @picture_options(services, bounds.shapes, "model", *IMAGES[bounds.most :])
    async def edit(
        interaction: discord.Interaction,
        /,
        prompt: Prompt,
        image: discord.Attachment,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        **chosen: str | None,
    ) -> None:
        prompt = await services.earlier_prompts.resolve(interaction.user.id, prompt)
        given = filter(None, (image, image2, image3))
        inputs = tuple(InputImage(one.url, one.content_type or "") for one in given)
        spec = spec_of(services, prompt, 1, inputs, **chosen)
        await paint_as_preferred(interaction, services, spec, chosen)


def add_menu(bot: Bot) -> None:
    """An entry of the menu of each message, and the form that it opens."""
    services = bot.services

    @bot.tree.context_menu(name=described("menu.edit"))
    @offered_everywhere(services.moderation.operator)
    async def edit_message(interaction: discord.Interaction, message: discord.Message) -> None:
        pictures = services.message_pictures.keep(interaction.user.id, message)
        if not pictures:
            raise NoPictureThere
        # What comes of a picture is shown as it was: to nobody else, or behind a spoiler.
        private = ":private" if message.flags.ephemeral else ""
        spoiler = ":spoiler" if any(one.is_spoiler() for one in message.attachments) else ""
        custom_id = f"edit:{message.id}{private}{spoiler}"
        await open_modal(
            interaction, edit_form(custom_id, pictures, services, private_sentences(interaction))
        )

    async def take(interaction: discord.Interaction, match: re.Match[str], answers: Answers) -> None:
        message = snowflake(match[1])
        if message is None or interaction.channel_id is None:
            raise InvalidOption("picture")
        pictures = await services.message_pictures.of(interaction, interaction.channel_id, message)
        inputs = chosen_of(answers, pictures, services.edit_bounds.most)
        spec = ImageSpec(answers.text("prompt"), inputs=inputs, private=bool(match[2]))
        await paint_as_preferred(interaction, services, spec, {}, spoiler=bool(match[3]))

    bot.forms.add(FORM, take)
