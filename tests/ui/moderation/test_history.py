"""The pages of the history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.limits.policy import NOTHING_DECIDED, Policy, Setting
from bot.core.limits.policy_store import Revision
from bot.core.moderation.diff import differences
from bot.core.moderation.edits import ResetAll, apply
from bot.core.moderation.service import HistoryEntry
from bot.ui.moderation.history import ENTRIES_PER_PAGE, history_embed, newer_than, older_than
from bot.ui.sentences import IN_ENGLISH
from bot.ui.text import units
from tests.core.factories import NOON, operator


def entry(number: int, before: Policy = NOTHING_DECIDED, after: Policy | None = None) -> HistoryEntry:
    edited = after or Policy({Setting.DAILY: number})
    return HistoryEntry(Revision(number, edited, 42, NOON), differences(before, edited))


def page(newest: int, before: int | None = None) -> list[HistoryEntry]:
    """What is read for a page of a server with revisions 1 to `newest`: one more than is shown."""
    first = newest if before is None else min(newest, before - 1)
    return [entry(number) for number in range(first, max(0, first - ENTRIES_PER_PAGE - 1), -1)]


def test_an_entry_says_when_who_and_what() -> None:
    embed = history_embed([entry(3)], operator())
    assert embed.description == (
        "<t:1795435200:f> (<t:1795435200:R>) by <@42>\n**Images per member per day**: default (10) → 3"
    )


def test_where_nothing_was_changed_it_says_so() -> None:
    assert history_embed([], operator()).description == IN_ENGLISH("history.empty")
    assert (newer_than([], None), older_than([])) == (None, None)


@given(st.integers(1, 40))
def test_turning_every_page_shows_every_change_once_and_leads_back(newest: int) -> None:
    before: int | None = None
    seen: list[int] = []
    turned: list[int | None] = []
    while True:
        entries = page(newest, before)
        seen += [one.revision.number for one in entries[:ENTRIES_PER_PAGE]]
        turned.append(before)
        if (older := older_than(entries)) is None:
            break
        before = older
    assert seen == list(range(newest, 0, -1))
    for _ in turned[1:]:
        newer = newer_than(page(newest, before), before)
        assert newer is not None
        before = newer
    assert [one.revision.number for one in page(newest, before)] == [
        one.revision.number for one in page(newest)
    ]


def test_a_page_of_the_longest_changes_fits() -> None:
    full = Policy(
        roles={10**18 + role: role for role in range(100)},
        members={10**18 + member: member for member in range(500)},
    )
    entries = [entry(number, full, apply(ResetAll(), full, operator(), NOON)) for number in range(9, 3, -1)]
    assert units(str(history_embed(entries, operator()).description)) <= 4096
