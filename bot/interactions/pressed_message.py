"""The message that a button, or the form that a button opened, came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord

from bot.core.errors import InvalidInteraction


def require_component(interaction: discord.Interaction[Any], custom_id: str | None = None) -> discord.Message:
    """The bot's own message that has the component of that custom id: for a press, its own.

    What a button is about stands in its custom id, which anybody could make up; what stands on a message of the bot it
    has put there itself. Raises InvalidInteraction.
    """
    data: Any = interaction.data
    wanted = custom_id or data.get("custom_id")
    message, own = interaction.message, interaction.client.user
    if message is None or own is None or message.author.id != own.id:
        raise InvalidInteraction
    if wanted not in custom_ids_of(message.components):
        raise InvalidInteraction
    return message


def custom_ids_of(components: Any) -> Iterator[str]:
    """Of components, and of those inside of them."""
    for component in components or ():
        if identity := getattr(component, "custom_id", None):
            yield identity
        yield from custom_ids_of(getattr(component, "children", ()))
        if accessory := getattr(component, "accessory", None):
            yield from custom_ids_of((accessory,))
