"""The reply to one command, as the core needs it: a port, whichever process gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bot.core.errors import BotError
from bot.core.generation.ledger import AbandonedGeneration
from bot.core.generation.model import Painting, Request
from bot.core.limits.meters import MeterReading


@dataclass(frozen=True, slots=True)
class Shown:
    """Where pictures are now: on `message` in the channel, or (None) before the member alone."""

    message: int | None


class ReplyState(Enum):
    """What stands in the place of a reply."""

    NOTHING = "nothing: it was never acknowledged, or it is gone"
    THINKING = "the acknowledgement"
    WORDS = "a sentence"
    PICTURES = "the pictures"


@dataclass(frozen=True, slots=True)
class ReplyStatus:
    """`pictures` are how many are there."""

    state: ReplyState
    message: int | None = None
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a generation has come.

    `place` in the line for a slot at the image API, 1 is the next; None: it does not wait. `submitted`: the request may
    be on its way; `painted`: what was bought is fetched. `percent` of the `usual` seconds that have passed since it was
    submitted; None: nobody knows what is usual. `late`: it takes longer.
    """

    place: int | None = None
    submitted: bool = False
    painted: bool = False
    percent: int | None = None
    usual: int | None = None
    late: bool = False


class PublicReply(Protocol):
    """What stands in the channel for one command, whichever process acknowledged it."""

    async def show_progress(self, progress: Progress) -> float:
        """Try once to put it in the place of the acknowledgement.

        Returns for how many seconds nothing more is to be shown; infinite where nothing can be any more. Whatever is
        put there afterwards stays there, however late Discord carries this out.
        """
        ...

    async def deliver(
        self, prompt: str, painting: Painting, readings: Sequence[MeterReading]
    ) -> Shown | None:
        """Put the pictures in the place of the acknowledgement, or where else the member finds them; None: nowhere.

        Raises DeliveryFailed where it should be tried again later.
        """
        ...

    async def apologise(self, failure: BotError, *, returned: bool) -> int | None:
        """Tell the member how it ended, privately where that can be; `returned`: the images were given back.

        The id of the message where everybody sees it, else None. Raises DeliveryFailed where it should be tried
        again later.
        """
        ...


class Reply(PublicReply, Protocol):
    """The reply to a command that has just been given."""

    async def refuse(self, refusal: BotError) -> bool:
        """Answer privately that nothing will be painted, and why. False where another process has answered.

        Never raises.
        """
        ...

    async def acknowledge(self, request: Request) -> int | None:
        """Show that the bot is at it: the id of that message, where Discord says it.

        `request` as it was reserved, by which all that follows goes: where it is private, only the member sees it.
        Raises AlreadyAcknowledged, DeliveryFailed.
        """
        ...


class AbandonedReply(PublicReply, Protocol):
    """The reply to a command that another process has abandoned."""

    async def status(self) -> ReplyStatus:
        """Raises DeliveryFailed where Discord does not say."""
        ...


class Replies(Protocol):
    """The way to replies that other processes began."""

    async def ready(self) -> None:
        """Wait until Discord can be spoken to."""
        ...

    def to(self, abandoned: AbandonedGeneration) -> AbandonedReply:
        """Raises DeliveryFailed where there is no connection any more."""
        ...
