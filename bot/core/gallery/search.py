"""Delivered pictures on record, found by whoever may see them: a port."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.core.gallery.words import NO_WORDS, SearchedWords
from bot.core.generation.model import Generation

MODEL_KEY_LENGTH = 24


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
    """`words` of the prompt; `model`: the id of the one that painted them, or its `model_key`; None for any."""

    whose: Whose
    words: SearchedWords = NO_WORDS
    model: str | None = None


def model_key(model: str) -> str:
    """What pictures are found by, of a model's id: short enough to stand in a button, and its own key."""
    return re.sub("[^a-z0-9]", "", model.lower())[-MODEL_KEY_LENGTH:]


class PictureIndex(Protocol):
    """Raises DatabaseUnavailable."""

    async def find(
        self, search: GallerySearch, count: int, beside: int | None = None, *, newer: bool = False
    ) -> Sequence[Generation]:
        """Up to `count` whose pictures were delivered, and not deleted since; the newest first.

        They are the next older ones than the generation `beside`, or the next `newer` ones.
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

    async def shown(self, generation: Generation, channel: int, message: int) -> None:
        """All that could not be posted before is to be seen there now: nothing more is kept of it, and it is added.

        Where more has come of it meanwhile, that waits as before; and what was deleted stays so.
        """
        ...
