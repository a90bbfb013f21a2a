"""A page of who changed what, from what, to what, and when. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from discord import Embed
from discord.utils import format_dt

from bot.core.limits.policy import Operator
from bot.core.moderation.service import HistoryEntry
from bot.ui.embeds import COLOUR
from bot.ui.limits.policy_text import fitting
from bot.ui.moderation.diff_text import changed

PAGE = 5
ENTRY_LIMIT = 780  # five of them, and what stands between, are a description
EMPTY = "Nothing has been changed here yet; the defaults apply."


def history_embed(entries: Sequence[HistoryEntry], operator: Operator) -> Embed:
    """Of a page of entries, the newest first."""
    told = "\n\n".join(_told(entry, operator) for entry in entries[:PAGE])
    return Embed(colour=COLOUR, title="Change history", description=told or EMPTY)


def older_than(entries: Sequence[HistoryEntry]) -> int | None:
    """The number of the revision that the page after this one goes back from; there is one if `entries` are more."""
    return entries[PAGE - 1].revision.number if len(entries) > PAGE else None


def newer_than(entries: Sequence[HistoryEntry], before: int | None) -> int | None:
    """The same for the page before this one, which was asked for with `before`; None on what must be the first."""
    newest = entries[0].revision.number if entries else 0
    return newest + PAGE + 1 if before is not None and newest == before - 1 else None


def _told(entry: HistoryEntry, operator: Operator) -> str:
    at, by = entry.revision.at, entry.revision.by
    head = f"{format_dt(at, 'f')} ({format_dt(at, 'R')}) by <@{by}>"
    return fitting([head, *changed(entry.differences, operator)], ENTRY_LIMIT)
