"""The form that asks how to change the pictures of a message."""

from __future__ import annotations

import discord
from discord import ui

from bot.core.errors import InvalidOption
from bot.core.generation.model import InputImage
from bot.interactions.message_pictures import MessagePicture
from bot.interactions.modals import OPTION_LENGTH, TYPED_LIMIT, Answers, form
from bot.interactions.services import Services
from bot.ui.sentences import Sentences
from bot.ui.text import cut


def edit_form(
    custom_id: str, pictures: tuple[MessagePicture, ...], services: Services, say: Sentences
) -> ui.Modal:
    """With a menu where the message has several pictures."""
    prompt: ui.Label[ui.View] = ui.Label(
        text=say("field.prompt"),
        description=say("form.hint.edit"),
        component=ui.TextInput(
            custom_id="prompt",
            style=discord.TextStyle.paragraph,
            max_length=min(services.edit_bounds.longest_prompt, TYPED_LIMIT),
        ),
    )
    fields = [prompt]
    if len(pictures) > 1:
        options = [
            discord.SelectOption(
                label=cut(f"{number}. {picture.name}", OPTION_LENGTH), value=str(number), default=number == 1
            )
            for number, picture in enumerate(pictures, start=1)
        ]
        most = min(services.edit_bounds.most, len(pictures))
        menu: ui.Select[ui.View] = ui.Select(custom_id="pictures", options=options, max_values=most)
        hint = say("form.hint.pictures", count=most) if most > 1 else None
        fields.append(ui.Label(text=say("field.pictures"), description=hint, component=menu))
    return form(say("menu.edit"), custom_id, *fields)


def chosen_of(answers: Answers, pictures: tuple[MessagePicture, ...], most: int) -> tuple[InputImage, ...]:
    """Raises InvalidOption for what the form does not offer."""
    numbers = answers.given.get("pictures", ("1",))
    offered = {str(number): picture.image for number, picture in enumerate(pictures, start=1)}
    if not (offered.keys() >= set(numbers) and 1 <= len(set(numbers)) <= most):
        raise InvalidOption("pictures")
    return tuple(offered[number] for number in dict.fromkeys(numbers))
