"""The question before a change that lets the operator pay for much more, or that stops everybody."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from discord import ButtonStyle, ui

from bot.core.limits.budgets import CREDITS_PER_DOLLAR
from bot.core.limits.policy import Operator, Setting
from bot.core.moderation.diff import DrasticChange, fingerprint
from bot.core.moderation.edits import Edit, ResetAll
from bot.core.moderation.service import ChangeResult
from bot.ui.embeds import COLOUR
from bot.ui.limits.panel_parts import REFRESH_ID
from bot.ui.limits.policy_text import fitting
from bot.ui.moderation import edit_ids
from bot.ui.moderation.diff_text import describe
from bot.ui.outgoing_message import layout_of
from bot.ui.sentences import IN_ENGLISH, Sentences

CONFIRM_ID = "limits:confirm:{fingerprint}:{edit}"
LINES_LENGTH = 3000


def confirmation_layout(
    edits: Sequence[Edit], result: ChangeResult, operator: Operator, say: Sentences = IN_ENGLISH
) -> ui.LayoutView:
    """The custom id of its button has the fingerprint of what is shown, so that nothing else is carried out."""
    code = CONFIRM_ID.format(fingerprint=fingerprint(result.differences), edit=edit_ids.encode(*edits))
    yes: ui.Button[Any] = ui.Button(label=say("button.yes_change"), style=ButtonStyle.danger, custom_id=code)
    cancel: ui.Button[Any] = ui.Button(label=say("button.cancel"), custom_id=REFRESH_ID)
    kind = "reset" if ResetAll() in edits else "change"
    changes, lines = {change.difference: change for change in result.drastic_changes}, []
    for difference in result.differences:
        lines.append(describe(difference, operator, say, today=True))
        if change := changes.get(difference):
            lines.append(f"-# {consequence(change, operator, result.price, say)}")
    asked: ui.Container[Any] = ui.Container(
        ui.TextDisplay(say(f"confirm.question.{'overtaken' if result.overtaken else kind}")),
        ui.TextDisplay(fitting(lines, LINES_LENGTH, say)),
        accent_colour=COLOUR,
    )
    return layout_of(asked, ui.ActionRow(yes, cancel))


def consequence(change: DrasticChange, operator: Operator, price: int, say: Sentences = IN_ENGLISH) -> str:
    """What the change may cost, or whom it stops. `price` in credits of a picture."""
    difference, images = change.difference, change.after
    if difference.key is Setting.AT_ONCE:
        return say("confirm.at_once.unlimited") if images is None else say("confirm.at_once", count=images)
    if images == 0:
        return say("confirm.nobody")
    what = difference.key if isinstance(difference.key, Setting) else difference.aspect
    if images is None:
        return say.text(say(f"confirm.no_limit.{what}"), _what_remains(operator, price, say))
    each = f"{price / CREDITS_PER_DOLLAR:.4f}".rstrip("0")  # with as many places as it takes, two at least
    shown = say("confirm.dollars", amount=Decimal(each.ljust(each.index(".") + 3, "0")))
    return say(f"confirm.cost.{what}", price=shown, cost=dollars(images * price, say))


def _what_remains(operator: Operator, price: int, say: Sentences) -> str:
    """The limit of a day that holds for the whole bot: of images, or where there is none, of money."""
    most, budget = operator.bot_daily, operator.daily_budget
    if most is not None:
        cost = most * price if budget is None else min(most * price, budget)
        return say("confirm.bot_limit", count=most, cost=dollars(cost, say))
    return (
        say("confirm.bot_unlimited")
        if budget is None
        else say("confirm.bot_budget", cost=dollars(budget, say))
    )


def dollars(credits: int, say: Sentences = IN_ENGLISH) -> str:
    cost = credits / CREDITS_PER_DOLLAR
    return say("confirm.dollars", amount=round(cost) if cost >= 10 else Decimal(f"{cost:.2f}"))
