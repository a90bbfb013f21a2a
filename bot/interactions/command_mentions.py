"""Commands that people read of, to be clicked: `/gallery` in code becomes Discord's mention of the command."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import discord

# As our sentences write it. What people typed was disarmed, and has no backtick that is not escaped.
_IN_CODE = re.compile(r"(?<!\\)`/([a-z]{1,32})((?: [a-z_]{1,32}){0,2})`")


class CommandMentions:
    """The ids that Discord gave the bot's commands, once it has told them; until then nothing is changed."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def learn(self, commands: Iterable[Mapping[str, Any]]) -> None:
        """Of commands as Discord's API lists them."""
        self._ids = {one["name"]: str(one["id"]) for one in commands if one.get("name") and one.get("id")}

    def clickable(self, text: str) -> str:
        """`text` with each `/command` in code that is known as a mention, `</command:id>`."""
        return _IN_CODE.sub(self._mention, text)

    def clickable_embed(self, embed: discord.Embed) -> discord.Embed:
        """A copy of it; Discord draws mentions in the description and in fields' values."""
        copied = embed.copy()
        if copied.description:
            copied.description = self.clickable(copied.description)
        for place, field in enumerate(embed.fields):
            value = self.clickable(field.value or "")
            copied.set_field_at(place, name=field.name, value=value, inline=bool(field.inline))
        return copied

    def _mention(self, found: re.Match[str]) -> str:
        identity = self._ids.get(found[1])
        return f"</{found[1]}{found[2]}:{identity}>" if identity else found[0]


_NONE_KNOWN = CommandMentions()


def mentions_of(client: discord.Client) -> CommandMentions:
    """The bot's; a client that registers no commands knows none."""
    known: CommandMentions = getattr(client, "command_mentions", _NONE_KNOWN)
    return known
