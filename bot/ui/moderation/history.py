"""A page of who changed what, from what, to what, and when. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from discord import Embed

from bot.core.limits.policy import Operator
from bot.core.moderation.service import HistoryEntry
from bot.ui.embeds import COLOUR
from bot.ui.limits.policy_text import fitting
from bot.ui.moderation.diff_text import describe
from bot.ui.sentences import IN_ENGLISH, Sentences

ENTRIES_PER_PAGE = 5
ENTRY_LIMIT = 780  # five of them, and what stands between, are a description


def history_embed(entries: Sequence[HistoryEntry], operator: Operator, say: Sentences = IN_ENGLISH) -> Embed:
    """Of a page of entries, the newest first."""
    shown = []
    for entry in entries[:ENTRIES_PER_PAGE]:
        revision = entry.revision
        head = say("history.entry", at=revision.at, member=f"<@{revision.by}>")
        lines = [describe(difference, operator, say) for difference in entry.differences]
        shown.append(fitting([head, *lines], ENTRY_LIMIT, say))
    description = "\n\n".join(shown) or say("history.empty")
    return Embed(colour=COLOUR, title=say("history.title"), description=description)


def older_than(entries: Sequence[HistoryEntry]) -> int | None:
    """The number of the revision that the page after this one goes back from; there is one if `entries` are more."""
    return entries[ENTRIES_PER_PAGE - 1].revision.number if len(entries) > ENTRIES_PER_PAGE else None


def newer_than(entries: Sequence[HistoryEntry], before: int | None) -> int | None:
    """The same for the page before this one, which was asked for with `before`; None on what must be the first."""
    newest = entries[0].revision.number if entries else 0
    return newest + ENTRIES_PER_PAGE + 1 if before is not None and newest == before - 1 else None
