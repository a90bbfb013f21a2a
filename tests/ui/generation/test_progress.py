"""What stands in the place of pictures while they are painted."""

from __future__ import annotations

import pytest

from bot.core.generation.reply import Progress
from bot.ui.generation.progress import EMPTY, FULL, SEGMENTS, progress_embed

BAR = Progress(submitted=True, percent=50, usual=12)


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress(), "Your order is about to begin."),
        (Progress(place=1), "Next in line."),
        (Progress(place=7), "Number 7 in line."),
        (Progress(submitted=True), "Being painted."),
        (BAR, "50 % of the usual 12 seconds"),
        (
            Progress(submitted=True, percent=95, usual=12, late=True),
            "This takes longer than the usual 12 seconds.",
        ),
        (Progress(submitted=True, percent=5, usual=1), "5 % of the usual second"),
        (Progress(submitted=True, painted=True), "Painted: it will be here in a moment."),
    ],
)
def test_it_says_in_words_how_far_it_has_come_and_of_what(progress: Progress, said: str) -> None:
    description = progress_embed("a fox", progress).description or ""
    assert description.startswith("> a fox\n")
    assert description.endswith(said)


def test_a_bar_is_as_long_as_it_is_full() -> None:
    bar = (progress_embed("a fox", BAR).description or "").splitlines()[-2]
    assert bar == FULL * (SEGMENTS // 2) + EMPTY * (SEGMENTS // 2)


def test_a_prompt_can_do_no_harm_there_and_who_asked_is_named_where_discord_does_not() -> None:
    embed = progress_embed("@everyone **a** " + "fox " * 2000, BAR, credit="\n-# for <@1>")
    description = embed.description or ""
    assert "@everyone" not in description.replace("\\@", "")
    assert "\n-# for <@1>\n" in description
    assert len(embed) < 600
    assert embed.image.url is None
