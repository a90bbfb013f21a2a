"""The reports that wait for a server's moderators, in pages, each picture once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import ui

from bot.core.moderator_log.reports import WaitingReport
from bot.ui.embeds import COLOUR
from bot.ui.limits.panel_parts import Note, paging_row, reports_id
from bot.ui.outgoing_message import layout_of
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import cut, disarm

PICTURES_PER_PAGE = 5
"""Pictures, with all that is said about them: a layout has 4,000 characters."""
REASON_SHOWN = 60
REPORTERS_SHOWN = 2


def dismiss_id(message: int | str, page: int | str) -> str:
    return f"limits:dismiss:{message}:{page}"


def dismiss_all_id(until: int | str) -> str:
    """Up to that instant, in epoch milliseconds."""
    return f"limits:dismiss-all:{until}"


def reports_layout(
    server: int,
    reports: Sequence[WaitingReport],
    page: int,
    note: Note | None = None,
    say: Sentences = IN_ENGLISH,
) -> ui.LayoutView:
    """The picture that was reported first, first. Counted from 0; beyond the last page, the last."""
    by_picture = dict[int, list[WaitingReport]]()
    for report in reports:
        by_picture.setdefault(report.message, []).append(report)
    pictures = list(by_picture.items())
    last = max(0, len(pictures) - 1) // PICTURES_PER_PAGE
    page = min(page, last)
    head = [say("reports.title", number=len(reports)) if reports else say("reports.none")]
    head += [say("list.page", page=page + 1, last=last + 1)] if last else []
    container: ui.Container[Any] = ui.Container(ui.TextDisplay("\n".join(head)), accent_colour=COLOUR)
    for item in note.items() if note else ():
        container.add_item(item)
    for message, about in pictures[page * PICTURES_PER_PAGE : (page + 1) * PICTURES_PER_PAGE]:
        button: ui.Button[Any] = ui.Button(label=say("button.dismiss"), custom_id=dismiss_id(message, page))
        container.add_item(ui.Section(_about(server, about, say), accessory=button))
    row = paging_row(page, last, reports_id, say)
    if reports:
        until = round(max(one.at for one in reports).timestamp() * 1000)
        row.add_item(ui.Button(label=say("button.dismiss_all"), custom_id=dismiss_all_id(until)))
    return layout_of(container, row)


def _about(server: int, reports: Sequence[WaitingReport], say: Sentences) -> str:
    first, more = reports[0], len(reports) - REPORTERS_SHOWN
    lines = [
        say(
            "reports.picture.owned" if first.owner else "reports.picture",
            link=f"https://discord.com/channels/{server}/{first.channel}/{first.message}",
            channel=f"<#{first.channel}>",
            owner=f"<@{first.owner}>",
        )
    ]
    for report in reports[:REPORTERS_SHOWN]:
        reason = disarm(cut(report.reason, REASON_SHOWN)) or say("reports.no_reason")
        lines.append(say("reports.by", member=f"<@{report.by}>", at=report.at, reason=reason))
    return "\n".join([*lines, say("reports.more", count=more)] if more > 0 else lines)
