"""The list of reports: each picture once, everything on some page, and never more than Discord takes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.moderator_log.reports import MOST_WAITING, WaitingReport
from bot.ui.limits.panel_parts import NOTE_LENGTH, Note
from bot.ui.moderator_log.report_list import PICTURES_PER_PAGE, reports_layout
from sandbox.discord.limits.components import check_components
from sandbox.discord.limits.form_errors import FormErrors
from tests.core.factories import NOON
from tests.ui.limits.test_list_pages import custom_ids
from tests.ui.limits.test_panel import text_of

FIRST = 1_200_000_000_000_000_000


def waiting(message: int, by: int = 2, owner: int | None = 9, reason: str = "*ugly*") -> WaitingReport:
    return WaitingReport(message, 4, by, owner, reason, NOON)


def test_a_report_says_whose_picture_where_by_whom_when_and_why() -> None:
    text = text_of(reports_layout(3, [waiting(7), waiting(8, owner=None, reason="")], 0))
    assert text == (
        "## Reports waiting (2)\n"
        "**[Picture](https://discord.com/channels/3/4/7)** in <#4>: <@9>'s picture\n"
        "<@2> <t:1795435200:R>: \\*ugly\\*\n"
        "**[Picture](https://discord.com/channels/3/4/8)** in <#4>: a picture\n"
        "<@2> <t:1795435200:R>: no reason given"
    )


def test_a_picture_that_many_reported_is_listed_once() -> None:
    layout = reports_layout(3, [waiting(7, by=by) for by in range(2, 7)], 0)
    assert text_of(layout).count("discord.com") == 1
    assert text_of(layout).endswith("and 3 more")
    assert [one for one in custom_ids(layout) if "dismiss:" in one] == ["limits:dismiss:7:0"]


def test_where_none_wait_there_is_nothing_to_dismiss() -> None:
    layout = reports_layout(3, [], 5)
    assert "None are waiting" in text_of(layout)
    assert custom_ids(layout) == {"limits:refresh"}


@pytest.mark.parametrize("page", [0, 1, MOST_WAITING // PICTURES_PER_PAGE - 1, 999])
def test_no_page_is_too_much_for_discord(page: int) -> None:
    long = [
        WaitingReport(
            FIRST + number // 3, FIRST, FIRST + number % 3, FIRST, "*" * 300, NOON + timedelta(seconds=number)
        )
        for number in range(3 * MOST_WAITING)
    ]
    layout = reports_layout(FIRST, long, page, Note("_" * NOTE_LENGTH))
    problems = FormErrors()
    check_components(problems, [item.to_component_dict() for item in layout.children], is_v2=True)
    problems.raise_if_any()


def test_every_report_is_on_some_page() -> None:
    reports = [waiting(message) for message in range(FIRST, FIRST + 50)]
    shown = "".join(text_of(reports_layout(3, reports, page)) for page in range(10))
    assert all(f"/{report.message})" in shown for report in reports)
