"""What is not done for whoever asks about limits, words, exports, reports or their data; beside `bot.core.errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from bot.core.errors import Refusal

if TYPE_CHECKING:
    from datetime import date, datetime

    from bot.core.limits.policy import Limit, Setting


class NotDone(Refusal):
    """Something other than a picture was asked for, and nothing was done or changed."""


Piece: TypeAlias = Literal["command", "button", "form"]


class Outdated(NotDone):
    """A command, button or form of another version of the bot."""

    def __init__(self, what: Piece) -> None:
        super().__init__(f"{what} of another version")
        self.what = what


class Incomprehensible(NotDone):
    """What Discord sent along lacks something, or has it in a shape that nobody knows."""


class OutOfBounds(NotDone):
    """A moderator's number that `setting` does not have, or that is beyond the operator's `ceiling`."""

    def __init__(self, setting: Setting, value: Limit, ceiling: Limit) -> None:
        super().__init__(f"{setting}: {value} is out of bounds (ceiling {ceiling})")
        self.setting = setting
        self.value = value
        self.ceiling = ceiling


class OptionImpossible(NotDone):
    """A value of the command's `option`, or of a form's field, that no client of Discord sends."""

    def __init__(self, option: str) -> None:
        super().__init__("an option of a kind that can't be")
        self.option = option


class TooManyDecisions(NotDone):
    """A list of a policy has room for `most`; `what` says which."""

    What = Literal["roles", "members", "blocks", "top_ups", "fresh_starts", "channels"]

    def __init__(self, what: What, most: int) -> None:
        super().__init__(f"more than {most} {what}")
        self.what = what
        self.most = most


class TooManyChanges(NotDone):
    """This server's settings were changed very often in a short time; they can be changed again `until` then.

    `by_one`: by the one who asks; the other moderators can change them all the same.
    """

    def __init__(self, until: datetime, *, by_one: bool = False) -> None:
        super().__init__(f"too many changes{' by one moderator' if by_one else ''}, until {until:%H:%M:%S}")
        self.until = until
        self.by_one = by_one


class PolicyTooLarge(NotDone):
    """All that a server's moderators decided takes more room than there is."""


class Unreadable(NotDone):
    """A field of a form, or an option, says `text`, and that is not `expected`; `field` is what people call it."""

    def __init__(self, text: str, expected: str, field: str = "") -> None:
        super().__init__(f"{field or 'a field'}: not {expected}")
        self.text = text
        self.expected = expected
        self.field = field


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


class TooManyWaiting(Refusal):
    """The moderators have not dealt with as many reports as are kept for them; `of_one`: of this member."""

    def __init__(self, *, of_one: bool = False) -> None:
        super().__init__(f"too many reports wait{' of one member' if of_one else ''}")
        self.of_one = of_one


class AlreadyReported(Refusal):
    """This member has reported this picture before."""


class TooManyReports(Refusal):
    """The member has reported one picture after the other; the next can be reported `until` then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"too many reports, until {until:%H:%M:%S}")
        self.until = until


class WordsOverLimit(NotDone):
    """Too many words, or too long a list (in UTF-16 units, as Discord counts)."""

    What = Literal["words", "list"]

    def __init__(self, what: What, given: int, limit: int) -> None:
        super().__init__(f"{what}: {given} given, limit {limit}")
        self.what = what
        self.given = given
        self.limit = limit


class UnusableEntry(NotDone):
    """`word`, as it was typed, can't be on a list of blocked words."""

    def __init__(self, word: str) -> None:
        super().__init__("an entry that can't be looked for")
        self.word = word


class WordUnusable(UnusableEntry):
    """No prompt could ever contain it: there is nothing to look for in it."""


class StarInside(UnusableEntry):
    """It has a `*` where it is not at one of its ends."""


class WordTooLong(UnusableEntry):
    """More than `limit` characters."""

    def __init__(self, word: str, limit: int) -> None:
        super().__init__(word)
        self.limit = limit


class Unclear(NotDone):
    """A command that says nothing, or things that don't go together: one of `options` is what it takes."""

    def __init__(self, options: tuple[str, ...]) -> None:
        super().__init__(f"one of {', '.join(options)} is needed")
        self.options = options


class Misplaced(NotDone):
    """`field` was filled in, and only goes with one of `takers`: people's names for them."""

    def __init__(self, field: str, takers: tuple[str, ...]) -> None:
        super().__init__(f"{field} goes with {', '.join(takers)} only")
        self.field = field
        self.takers = takers


class NowhereLeft(NotDone):
    """Images in the listed channels only, and none is listed."""


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
    """A server's usage is more than one answer can carry; `files` are the most that it can."""

    def __init__(self, files: int) -> None:
        super().__init__(f"more than {files} files")
        self.files = files


class StillBusyForYou(NotDone):
    """The same person's last command that moves much is not done yet."""


class DossierTooLarge(NotDone):
    """What is kept about a member is more than one answer can carry."""


class NotYours(NotDone):
    """Somebody pressed a button that speaks for somebody else."""
