"""Delivered pictures on record, found by whoever may see them: a port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.core.gallery.words import NO_WORDS, SearchedWords
from bot.core.generation.model import Generation


@dataclass(frozen=True, slots=True)
class OwnPictures:
    """All that a member asked for: everywhere, or in one `server`."""

    member: int
    server: int | None = None


@dataclass(frozen=True, slots=True)
class ServerPictures:
    """All that a server's members asked for, but for what only they may see."""

    server: int


Whose: TypeAlias = OwnPictures | ServerPictures


@dataclass(frozen=True, slots=True)
class GallerySearch:
    """`words` of the prompt; `model`: the id of the one that painted them, None for any."""

    whose: Whose
    words: SearchedWords = NO_WORDS
    model: str | None = None


class PictureIndex(Protocol):
    """Raises DatabaseUnavailable."""

    async def find(
        self, search: GallerySearch, count: int, before: int | None = None
    ) -> Sequence[Generation]:
        """Up to `count` whose pictures were delivered, and not deleted since; the newest first, all older than the
        generation `before`.
        """
        ...

    async def catch_up(self, whose: Whose) -> None:
        """Add what was delivered since the last `index_next`, so that `find` knows the newest."""
        ...

    async def index_next(self, until: int, count: int) -> int:
        """Add what was delivered of the next `count` generations with an id below `until`, the oldest first. How many
        there were.

        It comes to none that is newer than one which is not settled.
        """
        ...
