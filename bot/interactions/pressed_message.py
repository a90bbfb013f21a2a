"""What a button, a menu, a form that a button opened, or an entry of the menu of messages says, and the message that it
came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import discord

from bot.core.errors import InvalidInteraction
from bot.ui.generation.picture_buttons import GENERATION, PROMPT_ID
from bot.ui.text import snowflake

_PROMPT = re.compile(PROMPT_ID.format(GENERATION))
_EMOJI = re.compile(r"<a?:(\w{2,32}):\d{1,20}>")
"""https://docs.discord.com/developers/reference#message-formatting-formats"""


def id_in(match: re.Match[str], name: str = "generation") -> int:
    """Of a custom id. Raises ValueError where it is none of Discord's ids."""
    found = snowflake(match[name])
    if found is None:
        raise ValueError(match.string)
    return found


def chosen_in(interaction: discord.Interaction[Any]) -> str | None:
    """The value that was chosen in a menu; None of one that Discord's client would not send."""
    values = dict[str, Any](interaction.data or {}).get("values")
    return values[0] if isinstance(values, list) and len(values) == 1 and isinstance(values[0], str) else None


def require_component(interaction: discord.Interaction[Any], custom_id: str | None = None) -> discord.Message:
    """The bot's own message that has the component of that custom id: for a press, its own.

    What a button is about stands in its custom id, and of a menu in what was chosen, which anybody could make up; what
    stands on a message of the bot it has put there itself. Raises InvalidInteraction.
    """
    data: Any = interaction.data
    wanted = custom_id or data.get("custom_id")
    message, own = interaction.message, interaction.client.user
    if message is None or own is None or message.author.id != own.id:
        raise InvalidInteraction
    used = next((one for one in _usable(message.components) if one.custom_id == wanted), None)
    if used is None:
        raise InvalidInteraction
    offered, chosen = [one.value for one in getattr(used, "options", ())], data.get("values")
    if offered and isinstance(chosen, list) and not all(one in offered for one in chosen):
        raise InvalidInteraction
    return message


def custom_ids_of(components: Any) -> Iterator[str]:
    """Of components, and of those inside of them."""
    return (one.custom_id for one in _usable(components))


def _usable(components: Any) -> Iterator[Any]:
    """Those that have a custom id."""
    for component in components or ():
        if getattr(component, "custom_id", None):
            yield component
        yield from _usable(getattr(component, "children", ()))
        if accessory := getattr(component, "accessory", None):
            yield from _usable((accessory,))


def generation_below(interaction: discord.Interaction[Any], message: discord.Message) -> int | None:
    """Whose buttons stand below it, where it is the bot's own."""
    own = interaction.client.user
    if own is None or message.author.id != own.id:
        return None
    found = (_PROMPT.fullmatch(one) for one in custom_ids_of(message.components))
    return next((snowflake(match["generation"]) for match in found if match), None)


def text_of(message: discord.Message) -> str:
    """What somebody wrote, with names where it mentions somebody, and those of emoji of a server."""
    return _EMOJI.sub(r"\1", message.clean_content)
