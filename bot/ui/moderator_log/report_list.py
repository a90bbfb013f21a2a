"""The reports that wait for a server's moderators, in pages, each picture once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from discord import ui
from discord.utils import format_dt

from bot.core.moderator_log.reports import Waiting
from bot.ui.embeds import COLOUR
from bot.ui.limits.panel_parts import REFRESH_ID, Note, kept_by_nobody, reports_id
from bot.ui.text import cut, disarm

PAGE = 5
"""Pictures, with all that is said about them: a layout has 4,000 characters."""
REASON_SHOWN = 60
REPORTERS_SHOWN = 2


def dismiss_id(message: int | str, page: int | str) -> str:
    return f"limits:dismiss:{message}:{page}"


def dismiss_all_id(until: int | str) -> str:
    """Up to that instant, in epoch milliseconds."""
    return f"limits:dismiss-all:{until}"


def reports_layout(
    server: int, reports: Sequence[Waiting], page: int, note: Note | None = None
) -> ui.LayoutView:
    """The picture that was reported first, first. Counted from 0; beyond the last page, the last."""
    pictures = list(by_picture(reports).items())
    last = max(0, len(pictures) - 1) // PAGE
    page = min(page, last)
    pages = f"\nPage {page + 1} of {last + 1}." if last else ""
    head = f"## Reports waiting ({len(reports):,}){pages}" if reports else "## Reports\nNone are waiting."
    container: ui.Container[Any] = ui.Container(ui.TextDisplay(head), accent_colour=COLOUR)
    for item in note.items() if note else ():
        container.add_item(item)
    for message, about in pictures[page * PAGE : (page + 1) * PAGE]:
        button: ui.Button[Any] = ui.Button(label="Dismiss", custom_id=dismiss_id(message, page))
        container.add_item(ui.Section(_about(server, about), accessory=button))
    return kept_by_nobody(container, _ways(page, last, max((one.at for one in reports), default=None)))


def by_picture(reports: Sequence[Waiting]) -> Mapping[int, list[Waiting]]:
    found: dict[int, list[Waiting]] = {}
    for report in reports:
        found.setdefault(report.message, []).append(report)
    return found


def _about(server: int, reports: Sequence[Waiting]) -> str:
    first = reports[0]
    whose = f"<@{first.owner}>'s picture" if first.owner else "a picture"
    link = f"https://discord.com/channels/{server}/{first.channel}/{first.message}"
    lines = [f"**[Picture]({link})** in <#{first.channel}>: {whose}"]
    lines += [_said(report) for report in reports[:REPORTERS_SHOWN]]
    more = len(reports) - REPORTERS_SHOWN
    return "\n".join([*lines, f"and {more:,} more"] if more > 0 else lines)


def _said(report: Waiting) -> str:
    why = disarm(cut(report.reason, REASON_SHOWN)) if report.reason else "no reason given"
    return f"<@{report.by}> {format_dt(report.at, 'R')}: {why}"


def _ways(page: int, last: int, newest: datetime | None) -> ui.ActionRow[Any]:
    row: ui.ActionRow[Any] = ui.ActionRow()
    row.add_item(ui.Button(label="All settings", custom_id=REFRESH_ID))
    for label, to in (("Previous", page - 1), ("Next", page + 1)):
        if 0 <= to <= last:
            row.add_item(ui.Button(label=label, custom_id=reports_id(to)))
    if newest:
        until = round(newest.timestamp() * 1000)
        row.add_item(ui.Button(label="Dismiss all", custom_id=dismiss_all_id(until)))
    return row
