"""The use case behind *Delete* below a picture and *Delete for good* in `/gallery`: pictures that nobody is to see any
more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.core.clock import Clock
from bot.core.generation.errors import NotYourPicture, PictureOutOfReach, StillPainting
from bot.core.generation.model import Generation


class PictureMessage(Protocol):
    """The message in Discord that shows the pictures of a generation."""

    async def delete(self) -> bool:
        """Whether it is gone now, whoever deleted it; False where the bot can't reach it.

        Raises DeliveryFailed where Discord has to be asked again later, and MenuForgotten where it takes another press.
        """
        ...


class DeletionStore(Protocol):
    """Raises DatabaseUnavailable."""

    async def delete(self, generation: int, now: datetime, *, for_good: bool) -> None:
        """Record that its pictures were deleted, the first time that they were, and drop what is kept of them.

        `for_good`: the prompt is erased, too, and what was made of it. What is not settled stays as it is.
        """
        ...


def require_say(asked_by: int | None, member: int, *, moderates: bool) -> None:
    """Raises NotYourPicture for whoever may not decide about a picture that `asked_by` asked for (None: unknown)."""
    if not moderates and member != asked_by:
        raise NotYourPicture


class Deletions:
    """Deletes pictures: first in Discord, then on record. Either may be repeated, and so is what was cut off between
    them.
    """

    def __init__(self, store: DeletionStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def delete(
        self, generation: int, found: Generation | None, message: PictureMessage, message_id: int
    ) -> None:
        """For whoever may, by `require_say`. `found`: the generation on record, where there still is one.

        A message that only shows once more what stands in another one is deleted alone. Raises StillPainting,
        PictureOutOfReach, DeliveryFailed, DatabaseUnavailable.
        """
        _require_settled(found)
        if not await message.delete():
            raise PictureOutOfReach
        if found is not None and found.message not in {None, message_id}:
            return
        await self._store.delete(generation, self._clock(), for_good=False)

    async def delete_for_good(self, found: Generation, message: PictureMessage | None, member: int) -> bool:
        """Also the prompt, for whoever asked for it. False where a message stays that the bot can't reach.

        Raises NotYourPicture, StillPainting, DeliveryFailed, DatabaseUnavailable.
        """
        require_say(found.request.caller.member, member, moderates=False)
        _require_settled(found)
        gone = message is None or await message.delete()
        await self._store.delete(found.id, self._clock(), for_good=True)
        return gone


def _require_settled(found: Generation | None) -> None:
    """As long as a process may still deliver the pictures, it would do so once more after they were deleted."""
    if found is not None and found.settled_at is None:
        raise StillPainting
