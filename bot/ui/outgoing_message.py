"""A message that the bot sends, as one value: `bot/interactions/sending.py` gives it to discord.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from discord import AllowedMentions, Embed, ui

Components: TypeAlias = ui.View | ui.LayoutView
"""Buttons, menus and layouts. They remember nothing: whatever they are about stands in their custom ids."""
NO_MENTIONS = AllowedMentions.none()
"""Nobody is notified of their name in a message."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be attached: `content` in bytes, `alt` as screen readers say it, at most 1024 characters.

    `spoiler`: it is blurred until somebody clicks on it. Where an embed draws it, Discord shows it all the same.
    """

    name: str
    content: bytes
    alt: str | None = None
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that a message has already: what is said of it from now on. All else about it can't be changed."""

    id: int
    alt: str = ""
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class MessageUpdate:
    """What is drawn in another way in a message: its embeds, and which of its files it keeps. All else stays."""

    embeds: tuple[Embed, ...]
    files: tuple[KeptFile, ...]


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What a message shows. Where it takes the place of another, nothing of the other is left.

    A layout among the components stands instead of content and embeds. `silent`: nobody's client announces it. Who sees
    it is no part of it: an answer is private or public by how its interaction was first answered.
    """

    content: str | None = None
    embeds: tuple[Embed, ...] = ()
    files: tuple[Upload, ...] = ()
    components: Components | None = None
    silent: bool = False

    @property
    def upload_size(self) -> int:
        """Bytes of all files."""
        return sum(len(file.content) for file in self.files)


def layout_of(*items: ui.Item[Any]) -> ui.LayoutView:
    """Its buttons work for as long as they are to be seen."""
    layout = ui.LayoutView(timeout=None)
    for item in items:
        layout.add_item(item)
    return layout
