"""Everything that can go wrong, in the words of the domain; `bot.ui.error_messages` turns each into a sentence."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.core.limits.meters import FailedToday, Meter, Ruling
    from bot.core.limits.policy import Block


class BotError(Exception):
    """The root: whatever the bot foresaw.

    Each is named in the words of the domain, so that without a text its name is the words for the log.
    """

    def __str__(self) -> str:
        return super().__str__() or re.sub(r"\B(?=[A-Z])", " ", type(self).__name__).lower()


# Before anything was reserved: the member alone is told, nothing was counted.


class Refusal(BotError):
    """The command is not carried out."""


class EmptyPrompt(Refusal):
    """Nothing is left of the prompt once invisible characters and white space are gone."""


class PromptTooLong(Refusal):
    """`length` and `limit` in characters, as the model counts them."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"prompt of {length} characters, the model takes {limit}")
        self.length = length
        self.limit = limit


class Blocked(Refusal):
    """The moderators have blocked this member."""

    def __init__(self, block: Block) -> None:
        super().__init__("blocked by the moderators")
        self.block = block


class ChannelClosed(Refusal):
    """Not in this channel; in those of `open_channels`, where the moderators named such."""

    def __init__(self, open_channels: frozenset[int]) -> None:
        super().__init__("not in this channel")
        self.open_channels = open_channels


class NotAgeRestricted(Refusal):
    """The moderators allow images in age-restricted channels only, and this is none."""


class PlaceUnknown(Refusal):
    """The moderators allow images in some channels, and Discord does not say whether this is one (fail closed)."""


class ForbiddenWord(Refusal):
    """The prompt contains what the server's `pattern` forbids, which belongs to the moderators and into no log."""

    def __init__(self, pattern: str) -> None:
        super().__init__("a word that the server forbids")
        self.pattern = pattern


class TooManyImages(Refusal):
    """More images in one prompt than `ruling` allows here."""

    def __init__(self, asked: int, ruling: Ruling) -> None:
        super().__init__(f"{asked} images asked for, {ruling.value} allowed per prompt")
        self.asked = asked
        self.ruling = ruling

    @property
    def limit(self) -> int:
        return self.ruling.value or 0


class ServerNotServed(Refusal):
    """The operator has said which servers the bot works in, and this is none of them."""


class NotANumberOfImages(Refusal):
    """Fewer images than one, or more than any command can ask for."""


class LimitReached(Refusal):
    """`asked` images do not fit on `meter`, of which `used` are used."""

    def __init__(self, meter: Meter, used: int, asked: int) -> None:
        super().__init__(f"{meter.name}: {used} used, {asked} asked for, limit {meter.limit}")
        self.meter = meter
        self.used = used
        self.asked = asked


class CoolingDown(Refusal):
    """The member's last command is not as long ago as `ruling` asks; the next can be given `until` then."""

    def __init__(self, until: datetime, ruling: Ruling) -> None:
        super().__init__(f"cooling down until {until:%H:%M:%S}")
        self.until = until
        self.ruling = ruling


class TooManyAtOnce(Refusal):
    """`running` generations of this member are not finished; no more than `ruling` says may run at a time."""

    def __init__(self, running: int, ruling: Ruling) -> None:
        super().__init__(f"{running} generations run at once, limit {ruling.value}")
        self.running = running
        self.ruling = ruling


class TooManyFailed(Refusal):
    """So many images came to nothing today, though they may have been paid for, that no more may be tried.

    `failed` is whose; None where that is not known any more.
    """

    def __init__(self, failed: FailedToday | None = None) -> None:
        whose = f"{failed.scope}: {failed.used}, limit {failed.limit}" if failed else "too many"
        super().__init__(f"images that came to nothing today: {whose}")
        self.failed = failed


class Restarting(Refusal):
    """The bot has been asked to stop and takes no new work."""


class Trouble(StrEnum):
    """What keeps the image API from painting."""

    KEY = "key"
    CREDIT = "credit"
    MODEL = "model"
    PICTURES = "pictures"  # they are where the bot may not fetch them
    DOWN = "down"


class OutOfService(Refusal):
    """The image API can't paint right now, and everybody who asks would only wait for nothing."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(f"out of service: {trouble}")
        self.trouble = trouble


class LedgerBusy(Refusal):
    """Reserving took longer than a member can be kept waiting for."""


class PromptCheckBusy(Refusal):
    """Too many prompts wait to be searched for blocked words; nothing is painted that was not searched."""


class DatabaseTrouble(StrEnum):
    """What keeps the database from being used."""

    UNREACHABLE = "nobody answers at its address"
    STARTING = "it is starting, or being shut down"
    BUSY = "it is locked, or takes too long"
    CONNECTIONS = "all its connections are in use"
    FULL = "it has no room left"
    READ_ONLY = "its server takes no writes"
    LOGIN = "name or password are wrong"
    NO_DATABASE = "there is no database of that name"
    NO_CONNECT = "the role may not connect to it"
    NO_PRIVILEGES = "the role may not do what the bot has to do"
    NO_SCHEMA = "its search path names no schema that there is"
    TAKEN = "it has tables of somebody else's, of the same names"
    ENCRYPTION = "the two sides do not agree on encryption"
    POOLER = "a pooler in front of it refuses parameters in the URL"
    NO_FILE = "its file can't be opened"
    FILE_READ_ONLY = "its file can't be written to"
    NOT_A_DATABASE = "its file is something else"
    FILE_SYSTEM = "its file system has no locks, as most that are mounted over a network"
    OTHER = "something else"


class LedgerUnavailable(Refusal):
    """The database does not answer; without it nothing is painted (fail closed)."""

    def __init__(self, text: str = "", trouble: DatabaseTrouble = DatabaseTrouble.OTHER) -> None:
        super().__init__(text)
        self.trouble = trouble


def is_trouble(error: BotError) -> bool:
    """Whether something is wrong with the bot, and not only with what it was asked for."""
    return not isinstance(error, Refusal) or isinstance(
        error, LedgerBusy | PromptCheckBusy | LedgerUnavailable
    )


class AlreadyClaimed(BotError):
    """Another process has taken this interaction: stay silent."""


class PictureKept(BotError):
    """Paid, and there was no place left to show it: it waits for whoever asked for it."""


class LeaseLost(BotError):
    """Another process has taken this generation over, or settled it: neither pay, nor deliver, nor tell."""


# After the reservation: the images are given back and the member is told so.


class GenerationFailed(BotError):
    """No picture came of it. `may_have_cost` says whether the operator may have paid all the same.

    Each class has its usual answer; one that came after an attempt of unknown end is told so when it is made.
    """

    may_have_cost = False

    def __init__(self, *said: object, may_have_cost: bool | None = None) -> None:
        super().__init__(*said)
        if may_have_cost is not None:
            self.may_have_cost = may_have_cost


class PromptRejected(GenerationFailed):
    """Moderation refused the prompt or the picture; a repeat may be billed and chance decides."""

    may_have_cost = True


class RequestRejected(GenerationFailed):
    """The image API calls our request wrong: a mistake of ours, or a model that we do not know."""


class PromptTooLongForModel(RequestRejected):
    """The image API says that the prompt has more characters, or tokens, than the model takes."""


class KeyRejected(GenerationFailed):
    """The operator's key is wrong."""


class CreditExhausted(GenerationFailed):
    """The operator's balance is used up."""


class ModelGone(GenerationFailed):
    """`model` is no longer served, and no fallback is left."""

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} is no longer served")
        self.model = model


class RateLimited(GenerationFailed):
    """The image API asked to slow down, and went on asking."""


class ApiUnavailable(GenerationFailed):
    """The image API is down or cannot be reached; where only a proxy says so, it may have been billed."""


class NoRoomToRepeat(ApiUnavailable):
    """An attempt failed that may have been billed, and another one does not fit on what the operator pays in a day."""


class OutcomeUnknown(GenerationFailed):
    """The request went out and no answer came back: it may have been billed."""

    may_have_cost = True


class AnswerLost(OutcomeUnknown):
    """An answer came and got lost: the connection was cut, or the body is too large or can't be read."""


class NoPicture(OutcomeUnknown):
    """A success without a picture, and without a word of why."""


class PicturesLost(GenerationFailed):
    """The pictures were paid for, but none of them could be fetched whole."""

    may_have_cost = True


class PicturesOutOfReach(PicturesLost):
    """Paid for, and their host does not hand them out right now: they may be had in a while."""


class PicturesNotAllowed(PicturesOutOfReach):
    """Paid for, and at `origin`, which is none that the operator allows: all others would be there as well."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"the pictures are at {origin}, which IMAGE_DOWNLOAD_ORIGINS doesn't allow")
        self.origin = origin


class GenerationTookTooLong(GenerationFailed):
    """Discord's 15 minutes for an answer are nearly over; the generation is given up while it can be said."""

    may_have_cost = True


class Interrupted(GenerationFailed):
    """The bot is being stopped in the middle of it."""

    may_have_cost = True


class DeliveryFailed(GenerationFailed):
    """Discord did not take the answer."""

    may_have_cost = True


class AcknowledgementUnclear(DeliveryFailed):
    """Discord has a first answer already, and does not say whose."""


class AcknowledgementPending(DeliveryFailed):
    """For so many `seconds` an acknowledgement may still be on its way: what stands there can't be told before."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__("it may be acknowledged yet")
        self.seconds = seconds


class UnforeseenFailure(GenerationFailed):
    """Something nobody thought of; `reference` finds it in the log."""

    may_have_cost = True

    def __init__(self, reference: str) -> None:
        super().__init__(f"unforeseen failure {reference}")
        self.reference = reference
