"""Everything that can go wrong, in the words of the domain; `bot.ui.messages` turns each into a sentence."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime

    from bot.core.limits import Meter, Ruling
    from bot.core.policy import Block, Limit, Setting


class BotError(Exception):
    """The root: whatever the bot foresaw."""

    def __str__(self) -> str:
        return super().__str__() or type(self).__name__


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


class Restarting(Refusal):
    """The bot has been asked to stop and takes no new work."""


class Trouble(StrEnum):
    """What keeps the image API from painting."""

    KEY = "key"
    CREDIT = "credit"
    MODEL = "model"
    DOWN = "down"


class OutOfService(Refusal):
    """The image API can't paint right now, and everybody who asks would only wait for nothing."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(f"out of service: {trouble}")
        self.trouble = trouble


class LedgerBusy(Refusal):
    """Reserving took longer than a member can be kept waiting for."""


class LedgerUnavailable(Refusal):
    """The database does not answer; without it nothing is painted (fail closed)."""


class NotDone(Refusal):
    """Something other than a picture was asked for, and nothing was done or changed."""


class OutOfBounds(NotDone):
    """A moderator's number that `setting` does not have, or that is beyond the operator's `ceiling`."""

    def __init__(self, setting: Setting, value: Limit, ceiling: Limit) -> None:
        super().__init__(f"{setting}: {value} is out of bounds (ceiling {ceiling})")
        self.setting = setting
        self.value = value
        self.ceiling = ceiling


class TooManyDecisions(NotDone):
    """A list of a policy has room for `most`; `what` says which, in words that people read."""

    def __init__(self, what: str, most: int) -> None:
        super().__init__(f"more than {most} {what}")
        self.what = what
        self.most = most


class Unreadable(NotDone):
    """A field of a form says `text`, and that is not `expected`."""

    def __init__(self, text: str, expected: str) -> None:
        super().__init__(f"not {expected}")
        self.text = text
        self.expected = expected


class NotAModerator(NotDone):
    """Whoever pressed or submitted this may not change the server's limits."""


class RightsUnknown(NotDone):
    """Discord does not say whether this person may moderate; so they may not (fail closed)."""


class LogChannelClosed(NotDone):
    """The bot can't write its log into `channel`: it lacks the permissions of the names `missing`."""

    def __init__(self, channel: int, missing: tuple[str, ...]) -> None:
        super().__init__(f"no permission to write into channel {channel}: {', '.join(missing)}")
        self.channel = channel
        self.missing = missing


class LogChannelUnfit(NotDone):
    """`channel` is gone, or it is none of this server's that takes messages."""

    def __init__(self, channel: int) -> None:
        super().__init__(f"channel {channel} takes no messages")
        self.channel = channel


class LogChannelUnknown(NotDone):
    """Discord does not say whether the bot may write there."""


class NotMyPicture(Refusal):
    """Only the bot's own pictures can be reported to it."""


class NobodyToTell(Refusal):
    """The moderators have no log, or the bot can't write into the channel that they have `chosen`."""

    def __init__(self, *, chosen: bool) -> None:
        super().__init__("no log that takes a report")
        self.chosen = chosen


class AlreadyReported(Refusal):
    """This member has reported this picture before."""


class TooManyReports(Refusal):
    """The member has reported one picture after the other; the next can be reported `until` then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"too many reports, until {until:%H:%M:%S}")
        self.until = until


class WordsOverLimit(NotDone):
    """Too many words, too long a word (in characters), or too long a list (in UTF-16 units, as Discord counts)."""

    What = Literal["words", "word", "list"]

    def __init__(self, what: What, given: int, limit: int) -> None:
        super().__init__(f"{what}: {given} given, limit {limit}")
        self.what = what
        self.given = given
        self.limit = limit


class WordUnusable(NotDone):
    """No prompt could ever contain `word`: there is nothing to look for in it."""

    def __init__(self, word: str) -> None:
        super().__init__("a word with nothing to look for in it")
        self.word = word


class Unclear(NotDone):
    """A command that says nothing, or things that don't go together: one of `options` is what it takes."""

    def __init__(self, options: tuple[str, ...]) -> None:
        super().__init__(f"one of {', '.join(options)} is needed")
        self.options = options


class UnknownZone(NotDone):
    """No time zone has that name; `nearest` are the names that are most like it."""

    def __init__(self, nearest: tuple[str, ...]) -> None:
        super().__init__("unknown time zone")
        self.nearest = nearest


class DayUnreadable(NotDone):
    """Not a day in ISO 8601."""

    def __init__(self, text: str) -> None:
        super().__init__("not a day")
        self.text = text


class PeriodBackwards(NotDone):
    """A period that ends before it begins."""

    def __init__(self, first: date, last: date) -> None:
        super().__init__(f"from {first} to {last}")
        self.first = first
        self.last = last


class PeriodTooLong(NotDone):
    """More than the `days` for which records are kept."""

    def __init__(self, days: int) -> None:
        super().__init__(f"more than {days} days")
        self.days = days


class ExportTooLarge(NotDone):
    """More than one answer can carry; `files` are the most that it can."""

    def __init__(self, files: int) -> None:
        super().__init__(f"more than {files} files")
        self.files = files


class NotYours(NotDone):
    """Somebody pressed a button that speaks for somebody else."""


class AlreadyClaimed(BotError):
    """Another process has taken this interaction: stay silent."""


class LeaseLost(BotError):
    """Another process has taken this generation over, or settled it: neither pay, nor deliver, nor tell."""


# After the reservation: the images are given back and the member is told so.


class GenerationFailed(BotError):
    """No picture came of it. `may_have_cost` says whether the operator may have paid all the same."""

    may_have_cost = False


class PromptRejected(GenerationFailed):
    """Moderation refused the prompt or the picture; a repeat may be billed and chance decides."""

    may_have_cost = True


class RequestRejected(GenerationFailed):
    """The image API calls our request wrong: a mistake of ours, or a model that we do not know."""


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
    """The image API is down or cannot be reached; nothing was bought."""


class OutcomeUnknown(GenerationFailed):
    """The request went out and no answer came back: it may have been billed."""

    may_have_cost = True


class PicturesLost(GenerationFailed):
    """The pictures were paid for, but none of them could be fetched whole."""

    may_have_cost = True


class GenerationTookTooLong(GenerationFailed):
    """Discord's 15 minutes for an answer are nearly over; the generation is given up while it can be said."""

    may_have_cost = True


class Interrupted(GenerationFailed):
    """The bot is being stopped in the middle of it."""

    may_have_cost = True


class DeliveryFailed(GenerationFailed):
    """Discord did not take the answer."""

    may_have_cost = True


class UnforeseenFailure(GenerationFailed):
    """Something nobody thought of; `reference` finds it in the log."""

    may_have_cost = True

    def __init__(self, reference: str) -> None:
        super().__init__(f"unforeseen failure {reference}")
        self.reference = reference
