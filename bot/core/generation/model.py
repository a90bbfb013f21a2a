"""What one `/imagine` is made of, from the request to the pictures, and the states it goes through."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.core.limits.styles import Style
from bot.core.place import Caller, Place


class State(StrEnum):
    """How far a generation has come; written to its row before each step that costs something."""

    RESERVED = "reserved"  # its images are on the meters
    ACKNOWLEDGED = "acknowledged"  # Discord shows "thinking…"
    SUBMITTED = "submitted"  # the paid request may be on its way
    PAID = "paid"  # the API has answered
    DELIVERED = "delivered"  # final: the member sees at least one picture
    REFUNDED = "refunded"  # final: given back, nothing was bought
    UNDELIVERED = "kept"  # final: paid, and there was no place to show it; it waits in /gallery
    UNKNOWN = "unknown"  # final: given back, but the operator may have paid


FINAL_STATES = frozenset({State.DELIVERED, State.REFUNDED, State.UNDELIVERED, State.UNKNOWN})

DISCORDS_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)


def created_at(snowflake: int) -> datetime:
    """When Discord made that id, by its own clock: the upper 42 bits are milliseconds since 2015."""
    return DISCORDS_EPOCH + timedelta(milliseconds=snowflake >> 22)


class Shape(StrEnum):
    """What a picture's sides are like, roughly: each model has the nearest that it takes. A stored format."""

    SQUARE = "square"  # 1:1
    PORTRAIT = "portrait"  # 3:4
    LANDSCAPE = "landscape"  # 4:3
    WIDE = "wide"  # 16:9
    TALL = "tall"  # 9:16


EPHEMERAL_FOLDER = "/ephemeral-attachments/"
ATTACHMENT_FOLDERS = ("/attachments/", EPHEMERAL_FOLDER)
"""Where Discord keeps what was uploaded to it: to a message, and with a command.
https://docs.discord.com/developers/reference#signed-attachment-cdn-urls
"""


@dataclass(frozen=True, slots=True)
class InputImage:
    """A picture that is to be changed: Discord's link to it, good for about a day, its type, as image/png, and its size
    in pixels, 0 as long as nobody has looked at it.

    `content` is the file, while a request has to hold it; it is never stored.
    """

    url: str = field(repr=False)
    media_type: str
    width: int = 0
    height: int = 0
    content: bytes = field(default=b"", repr=False, compare=False)

    @property
    def is_in_a_message(self) -> bool:
        """Whether it is a picture of a message. Discord has another place for what is given to a command."""
        return EPHEMERAL_FOLDER not in self.url

    def has_expired(self, now: datetime) -> bool:
        """By what the link itself says; False where it says nothing.
        https://docs.discord.com/developers/reference#signed-attachment-cdn-urls
        """
        found = re.search(r"[?&]ex=([0-9a-fA-F]{1,12})(?:&|$)", self.url)
        return found is not None and int(found[1], 16) < now.timestamp()


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """What is asked for: `count` images, at least 1, of what `prompt` describes; made of `inputs`, where there are any.

    `prompt` is what the member wrote, and what is shown to people; `painted` what is painted.

    `model` is the id of the one that the member chose; None: whichever the operator has in service. Each image counts
    as `weight` on every meter, at least 1. `revise`: whether a chat model may revise the prompt before it is painted.
    `private`: only the member sees the pictures; `spoiler`: they are hidden until somebody clicks on them.
    """

    prompt: str
    count: int = 1
    shape: Shape | None = None
    inputs: tuple[InputImage, ...] = ()
    model: str | None = None
    weight: int = 1
    revise: bool = True
    style: Style | None = None
    private: bool = False
    spoiler: bool = False

    @property
    def painted(self) -> str:
        """The prompt in its style."""
        return self.style.applied_to(self.prompt) if self.style else self.prompt

    @property
    def counted(self) -> int:
        """Images that it takes from each meter."""
        return self.count * self.weight

    @property
    def needs_other_models(self) -> bool:
        """Whether others than the operator's own, that paint a prompt where nobody chooses, are asked for it."""
        return self.model is not None or bool(self.inputs)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a member likes where a server offers it, and does without elsewhere: the name of a `style`, a `spoiler`."""

    style: str | None = None
    spoiler: bool = False


NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Request:
    """One `/imagine`. `id` is the interaction's snowflake.

    `token` is what speaks for the interaction of `application` for 15 minutes, from any process; a secret.
    `idea_by`: the member whose picture is painted once more, where that is somebody else. `named`: the reply says who
    asked, because Discord says nothing above its answer to a button or a form. `wishes` are not stored: what has become
    of them stands in the `spec` that is reserved for. `waited`: seconds that are gone of the time for reserving.
    """

    id: int
    caller: Caller[Place]
    spec: ImageSpec
    application: int = 0
    token: str = field(default="", repr=False)
    idea_by: int | None = None
    named: bool = False
    wishes: Wishes = NO_WISHES
    waited: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class PromptRevision:
    """What came of asking a chat model for a better `prompt`: None where the member's own was painted all the same.

    `credits` is None where the API does not say what it cost.
    """

    prompt: str | None
    credits: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where one paid picture is: at `url`, or already here as `content` (bytes).

    `stored`: the position under which the journal keeps its content, which is read only when it is needed.
    """

    url: str | None = None
    content: bytes | None = field(default=None, repr=False)
    revised_prompt: str | None = None
    stored: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What the image API has sold, in one answer or several.

    `credits` is None where the API says nothing, else what so many images have cost that were asked for: `priced`, or
    all of them (None).
    """

    model: str
    sources: tuple[Source, ...]
    credits: int | None = None
    priced: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, whole: `content` in bytes, `media_type` one of image/png, image/jpeg, image/webp."""

    content: bytes = field(repr=False)
    media_type: str
    revised_prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Painting:
    """What is delivered: at least one picture, `model` that painted them, `missing` ones that nobody painted or that
    were lost.

    `original` is a small copy of the picture that was changed, where it was one; `revision` what came of asking a chat
    model to revise the prompt, where it was asked.
    """

    pictures: tuple[Picture, ...]
    model: str
    missing: int = 0
    original: Picture | None = None
    revision: PromptRevision | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What the pictures of a generation have cost; `estimated` where the image API has not said so of every attempt."""

    credits: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class Generation:
    """One `/imagine` as it is on record. An empty prompt was erased; the `caller` of an erased member is member 0.

    `refunded` images were given back. `model`, `credits` and `sources` are those of its order, where there is one;
    `sources` are kept until the pictures are delivered. `pending_notice`: what the member has yet to be told of it.
    `attempts`: requests that may have left for the image API. `revision`: what came of asking a chat model to revise
    the prompt, where it was asked; erased with the prompt, but for what it cost. `cost` of the pictures, where it is
    known. `deleted_at`: when its pictures were deleted, so that nobody sees them any more. `model_prompt`: what the
    image model says it made of the prompt; erased with it.
    """

    request: Request
    state: State
    reserved_at: datetime
    settled_at: datetime | None = None
    refunded: int = 0
    model: str | None = None
    credits: int | None = None
    message: int | None = None
    sources: tuple[Source, ...] = ()
    pending_notice: str | None = None
    attempts: int = 0
    revision: PromptRevision | None = None
    cost: Cost | None = None
    deleted_at: datetime | None = None
    model_prompt: str | None = None

    @property
    def id(self) -> int:
        return self.request.id

    @property
    def order(self) -> Order:
        return Order(self.model or "", self.sources, self.credits)
