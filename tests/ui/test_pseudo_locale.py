"""A language in which every sentence is marked and longer: nothing is missed, nothing glued, and it all still fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from bot.ui.embeds import DESCRIPTION_LIMIT
from bot.ui.limits.panel import TEXT_LIMIT
from bot.ui.sentences import ENGLISH, LOCALES, PlaceValue, Sentences
from bot.ui.text import units
from tests.ui.error_examples import examples
from tests.ui.examples import drawings, texts
from tests.ui.test_error_messages import sentences
from tests.ui.test_sentences import SOURCES, catalogue, code_of, forms, places

LONGER = 1.4
INNERMOST = re.compile(r"«[^«»]*»")
NAMES = re.compile(
    r"<[@#t][^>]*>|`[^`]*`|\|\|[^|]*\|\||“[^“”]*”|https?://[^ )]+"
    r"|A fox|Fast|Detailed|grok-2-image|UTC|Europe/Berlin|Berlin|spam|x{60,}"
)
"""What is not the bot's to translate: names, and what people wrote."""
LIMITS = {
    "title": 256,
    "description": DESCRIPTION_LIMIT,
    "name": 256,
    "value": 1024,
    "text": 2048,
    "label": 100,
    "placeholder": 150,
    "content": TEXT_LIMIT,
}
JOINING = ("list.comma", "list.and", "list.or", "list.units", "text.next")
"""What is between sentences, and between the items of a list."""


LISTS = ("list.", "text.next")
NAMES_AND_QUANTITIES = (
    *("amount.", "duration.", "date", "month.", "weekday.", "confirm.dollars"),
    *("field.", "gone.", "permission.", "setting."),
)
"""What a sentence can be written around: names, numbers, days, spans of time and money."""
APART = r"(?m)(?:^|[:→·] |[(])(?:[⛔➜❌] )?(?:\*\*)?\{PLACE\}(?:\*\*)?(?=$|[).:,;]| [→·(])"
"""A place at the beginning of a line, after a colon, an arrow or a dot, or in brackets."""


class Watched(Sentences):
    """Takes down where the words of one entry stand in another: all but names, quantities, and lists of those."""

    def __init__(self, folder: Path) -> None:
        super().__init__(ENGLISH, folder)
        self._words: dict[int, str] = {}  # by identity: “none” of a list is not “none” of a span of time
        self.inside: set[tuple[str, str]] = set()

    def __call__(self, code: str, /, **places: PlaceValue) -> str:
        said = super().__call__(code, **places)
        words = {name for name, value in places.items() if id(value) in self._words}
        if not code.startswith(LISTS):
            self.inside |= {(code, name) for name in words}
        if words or not code.startswith((*LISTS, *NAMES_AND_QUANTITIES)):
            self._words[id(said)] = said
        return said


def marked(text: str, code: str, room: int | None) -> str:
    """`text` between marks and longer, as far as Discord has room for it."""
    if code.startswith("number."):
        return text
    lines = text.split("\n")
    room = 10**6 if room is None else room - len(text) - 2 * len(lines)
    longer = (
        0 if code.startswith(JOINING) else max(0, min(room, round(len(text) * (LONGER - 1)) - 2 * len(lines)))
    )
    lines[-1] += "~" * longer
    return "\n".join(f"«{line}»" for line in lines) if room >= 0 else text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locales")
    english = catalogue(LOCALES / ENGLISH / "LC_MESSAGES" / "bot.po")
    pseudo = Catalog(ENGLISH)
    for message in english:
        if message.id:
            code = code_of(message)
            found = re.search(r"at most (\d+)", " ".join(message.auto_comments))
            room = int(found[1]) if found else None
            string = (
                tuple(marked(one, code, room) for one in message.string)
                if isinstance(message.string, tuple)
                else marked(str(message.string), code, room)
            )
            pseudo.add(message.id, string)
    (folder / ENGLISH / "LC_MESSAGES").mkdir(parents=True)
    with (folder / ENGLISH / "LC_MESSAGES" / "bot.mo").open("wb") as file:
        write_mo(file, pseudo)
    return folder


@pytest.fixture(scope="module")
def say(folder: Path) -> Sentences:
    return Sentences(ENGLISH, folder)


def missed(text: str) -> Iterator[str]:
    """Lines of which a part does not stand in any sentence of the catalogue."""
    for line in text.splitlines():
        left = NAMES.sub("", line)
        while INNERMOST.search(left):
            left = INNERMOST.sub("", left)
        if re.search(r"[^\W\d_]", left):
            yield line


def glued(text: str) -> Iterator[str]:
    """Lines that are put together from several sentences outside of the catalogue."""
    for line in text.splitlines():
        depth = sentences_beside = 0
        for character in line:
            sentences_beside += character == "«" and depth == 0
            depth += (character == "«") - (character == "»")
        if sentences_beside > 1:
            yield line


def test_nothing_that_is_drawn_was_missed(say: Sentences) -> None:
    left = {
        (name, line) for name, drawn in drawings(say) for _, text in texts(drawn) for line in missed(text)
    }
    assert sorted({line for _, line in left}) == []


def test_nothing_that_is_drawn_is_longer_than_discord_takes(say: Sentences) -> None:
    for name, drawn in drawings(say):
        found = list(texts(drawn))
        for place, text in found:
            assert units(text) <= LIMITS.get(place, DESCRIPTION_LIMIT), (name, place, text)
        assert sum(units(text) for place, text in found if place == "content") <= TEXT_LIMIT, name


def test_no_line_that_is_drawn_is_put_together_from_several_sentences(say: Sentences) -> None:
    assert (
        sorted({line for _, drawn in drawings(say) for _, text in texts(drawn) for line in glued(text)}) == []
    )


def test_nothing_that_is_said_of_an_error_was_missed(say: Sentences) -> None:
    said = (text for error in examples().values() for text in sentences(error, say).values())
    assert sorted({line for text in said for line in missed(text)}) == []


def test_words_of_one_entry_stand_apart_where_they_are_put_into_another(folder: Path) -> None:
    watched = Watched(folder)
    for _ in drawings(watched):
        pass
    for error in examples().values():
        sentences(error, watched)
    assert ("diff.line", "before") in watched.inside
    within = [
        (code, place, text)
        for message in (message for source in SOURCES for message in catalogue(source) if message.id)
        for code, place in sorted(watched.inside)
        for text in (forms(message) if code == code_of(message) else ())
        if place in places(text) and not re.search(APART.replace("PLACE", place), text)
    ]
    assert within == [], "a translator can't decline it for the sentence around it: write the sentence whole"
