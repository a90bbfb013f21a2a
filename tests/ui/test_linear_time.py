"""Whatever people type is read in time that grows as their text does: nobody holds the bot up with it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest

from bot.core.errors import RequestRefused
from bot.core.gallery.words import searched_words, stored_words
from bot.core.limits.policy import Setting
from bot.core.limits.time_zones import names_one_zone, suggested_zones, zone_named
from bot.core.redaction import Redactor
from bot.core.word_filter.prompt_text import visible_text
from bot.core.word_filter.word_list import sort_words
from bot.ui.limits.number_input import read_count, read_decision, read_span, suggested_spans
from bot.ui.moderation.edit_ids import decode
from bot.ui.text import cut, disarm, plain, quote
from tests.core.word_filter.hostile_words import prompt_of

READERS: dict[str, Callable[[str], object]] = {
    "a prompt": visible_text,
    "the words of a prompt": stored_words,
    "the words of a search": searched_words,
    "a list of words": sort_words,
    "a time zone": zone_named,
    "the beginning of a time zone": suggested_zones,
    "whether it is one time zone": names_one_zone,
    "a number": read_count,
    "a limit": lambda text: read_decision(Setting.DAILY, text),
    "a span of time": read_span,
    "the beginning of a span of time": suggested_spans,
    "a custom id": decode,
    "a text that is quoted": lambda text: quote(text, 1000),
    "a text that is shown": lambda text: (cut(disarm(text), 1000), plain(text)),
    "a text with secrets": Redactor(["a secret of ours", "another"]),
}
REPEATED = (
    *(
        "a",
        "1",
        "1 ",
        "1,",
        "1.",
        "1h",
        "a ",
        " ",
        "*",
        "\\",
        "<@1>",
        "[a](",
        "👩\u200d",
        "\u0301",
        "\ufe0f",
        "1.\n",
        "- ",
    ),
    *("sk-", "Bearer ", "://", "\\u0041", "utc+", "an ", "ﷺ", "%41", "\U000e0061", "🏴\U000e0061", "\n"),
)


@pytest.mark.parametrize("what", READERS)
def test_a_long_text_is_read_in_no_time(what: str) -> None:
    read = READERS[what]
    for repeated in REPEATED:
        text = prompt_of(repeated)
        begun = time.thread_time()
        with contextlib.suppress(RequestRefused, ValueError):
            read(text)
        # Some milliseconds; what tries again for each character would take seconds.
        assert time.thread_time() - begun < 0.3, repeated
