"""Sentences that people read, found by a code and a locale in catalogues of GNU gettext.

`bot/ui/locales/en/LC_MESSAGES/bot.po` has the English of every code; what runs is the compiled `bot.mo` beside it
(`pybabel compile -d bot/ui/locales -D bot`). Another language is another folder: nothing here knows which there are.
Numbers, dates, spans of time and lists are written here alone. What the operator reads in a terminal (the log, `check`)
is English by design, and stands where it is said.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property, lru_cache, reduce
from pathlib import Path
from typing import Literal, TypeAlias

from discord.utils import format_dt

LOCALES = Path(__file__).parent / "locales"
DOMAIN = "bot"
ENGLISH = "en"
MOST_LOCALES = 64
"""Discord knows 34; whatever else somebody sends has no catalogue."""

PlaceValue: TypeAlias = str | int | Decimal | date
"""What stands in a named place: text as it is, a number, a day, or a moment, drawn by Discord in the reader's time."""


class Sentences:
    """The sentences of one locale (as Discord writes it: `de`, `pt-BR`), read when the first is asked for.

    What a language has not got yet is said in English.
    """

    def __init__(self, locale: str = ENGLISH, folder: Path = LOCALES) -> None:
        self.locale = locale
        self._folder = folder

    @cached_property
    def _catalogue(self) -> gettext.NullTranslations:
        return gettext.translation(DOMAIN, self._folder, [self.locale.replace("-", "_"), ENGLISH])

    def __call__(self, code: str, /, **places: PlaceValue) -> str:
        """The sentence of `code` with its places filled; `count` is what its plural forms go by."""
        count = places.get("count")
        found = self._catalogue.ngettext(code, code, count) if isinstance(count, int) else code
        if found == code:
            found = self._catalogue.gettext(code)
        written: dict[str, object] = {}
        for name, value in places.items():
            match value:
                case datetime():
                    written[name] = _Moment(value)
                case date():
                    month = self(f"month.{value:%m}")
                    written[name] = self("date", day=str(value.day), month=month, year=str(value.year))
                case int():
                    written[name] = f"{value:,}".replace(",", self._catalogue.gettext("number.group"))
                case Decimal():
                    point, group = (self._catalogue.gettext(f"number.{of}") for of in ("point", "group"))
                    written[name] = f"{value:,}".translate({ord("."): point, ord(","): group})
                case _:
                    written[name] = value
        return found.format_map(written)

    def knows(self, code: str) -> bool:
        """Whether there is such a sentence, with plural forms or without."""
        return {code} != {self._catalogue.gettext(code), self._catalogue.ngettext(code, code, 1)}

    def text(self, *sentences: str) -> str:
        """Those that there are, one after the other."""
        return self._joined("text.next", [one for one in sentences if one])

    def listed(
        self,
        items: Iterable[str],
        last: Literal["comma", "and", "or"] = "comma",
        most: int | None = None,
    ) -> str:
        """`a, b and c`; of more than `most`, how many more there are."""
        everything = list(items)
        shown = everything if most is None else everything[:most]
        if more := len(everything) - len(shown):
            return self("list.more", items=self._joined("list.comma", shown), count=more)
        if last == "comma" or len(shown) < 2:
            return self._joined("list.comma", shown)
        before, after = self._joined("list.comma", shown[:-1]), shown[-1]
        return self("list.and" if last == "and" else "list.or", before=before, after=after)

    def duration(self, seconds: int) -> str:
        """`1 h 30 min`, `45 s`; `none` for no time at all."""
        hours, rest = divmod(seconds, 3600)
        minutes, rest = divmod(rest, 60)
        units = (("hours", hours), ("minutes", minutes), ("seconds", rest))
        parts = [self(f"duration.{unit}", count=number) for unit, number in units if number]
        return self._joined("list.units", parts) or self("duration.none")

    def _joined(self, code: str, parts: Sequence[str]) -> str:
        return reduce(lambda before, after: self(code, before=before, after=after), parts or [""])


class _Moment:
    """`{until:R}` in a sentence: https://docs.discord.com/developers/reference#message-formatting-timestamp-styles"""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def __format__(self, style: str) -> str:
        return format_dt(self._moment, style)  # type: ignore[arg-type]  # one of Discord's letters: a test holds it


@cache
def languages(folder: Path = LOCALES) -> tuple[str, ...]:
    """The locales that there are catalogues of, as Discord writes them."""
    found = folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")
    return tuple(sorted(one.parent.parent.name.replace("_", "-") for one in found))


sentences_in = lru_cache(MOST_LOCALES)(Sentences)
"""The sentences of a locale, kept: so that each catalogue is read once."""

IN_ENGLISH = sentences_in(ENGLISH)
