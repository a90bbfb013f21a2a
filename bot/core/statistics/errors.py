"""Why a server's usage can't be exported as it was asked for."""

from __future__ import annotations

from datetime import date

from bot.core.errors import RequestRefused, error


@error
class InvalidDate(RequestRefused):
    """`text` is not a day in ISO 8601."""

    code = "invalid_date"
    text: str


@error
class PeriodReversed(RequestRefused):
    """A period that ends before it begins."""

    code = "period_reversed"
    first: date
    last: date

    def __str__(self) -> str:
        return f"from {self.first} to {self.last}"


@error
class PeriodTooLong(RequestRefused):
    """More than the `days` for which records are kept."""

    code = "period_too_long"
    days: int

    def __str__(self) -> str:
        return f"more than {self.days} days"


@error
class ExportTooLarge(RequestRefused):
    """A server's usage is more than one answer can carry; `files` are the most that it can."""

    code = "export_too_large"
    files: int

    def __str__(self) -> str:
        return f"more than {self.files} files"
