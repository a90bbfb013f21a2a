"""Why a report does not reach the moderators."""

from __future__ import annotations

from datetime import datetime

from bot.core.errors import Refusal, error


class NotABotPicture(Refusal):
    """Only the bot's own pictures can be reported to it."""

    code = "not_a_bot_picture"


@error
class ReportQueueFull(Refusal):
    """The moderators have not dealt with as many reports as are kept for them; `of_one`: of this member."""

    code = "report_queue_full"
    of_one: bool = False

    def __str__(self) -> str:
        return f"too many reports wait{' of one member' if self.of_one else ''}"


class AlreadyReported(Refusal):
    """This member has reported this picture before."""

    code = "already_reported"


@error
class ReportingTooFast(Refusal):
    """The member has reported one picture after the other; the next can be reported `until` then."""

    code = "reporting_too_fast"
    until: datetime

    def __str__(self) -> str:
        return f"too many reports, until {self.until:%H:%M:%S}"
