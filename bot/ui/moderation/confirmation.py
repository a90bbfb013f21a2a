"""The question before a change that lets the operator pay for much more, or that stops everybody."""

from __future__ import annotations

from typing import Any

from discord import ButtonStyle, ui

from bot.core.limits.policy import DOLLARS_PER_IMAGE, Operator, Setting
from bot.core.moderation.diff import Aspect, Step, fingerprint
from bot.core.moderation.edits import Edit, ResetAll
from bot.core.moderation.service import Outcome
from bot.ui.embeds import COLOUR
from bot.ui.limits.panel_parts import REFRESH_ID, kept_by_nobody
from bot.ui.limits.policy_text import amount, fitting
from bot.ui.moderation import edit_ids
from bot.ui.moderation.diff_text import describe

CONFIRM_ID = "limits:confirm:{fingerprint}:{edit}"
LINES_LENGTH = 3000
QUESTION = "## Change this?\nNothing has changed yet."
RESET_QUESTION = (
    "## Reset everything?\nThis removes everything that was set here; the defaults will apply. Blocks and "
    "today's top-ups stay. Nothing has changed yet."
)
OVERTAKEN_QUESTION = (
    "## Change this?\nSomething else was changed after you were asked, so this would now be a different step. "
    "It hasn't been applied yet."
)


def confirmation_layout(edit: Edit, outcome: Outcome, operator: Operator) -> ui.LayoutView:
    """The button knows what was shown, so that nothing else is carried out."""
    code = CONFIRM_ID.format(fingerprint=fingerprint(outcome.differences), edit=edit_ids.encode(edit))
    yes: ui.Button[Any] = ui.Button(label="Yes, change it", style=ButtonStyle.danger, custom_id=code)
    cancel: ui.Button[Any] = ui.Button(label="Cancel", custom_id=REFRESH_ID)
    asked: ui.Container[Any] = ui.Container(
        ui.TextDisplay(_question(edit, outcome)),
        ui.TextDisplay(fitting(_lines(outcome, operator), LINES_LENGTH)),
        accent_colour=COLOUR,
    )
    return kept_by_nobody(asked, ui.ActionRow(yes, cancel))


def _lines(outcome: Outcome, operator: Operator) -> list[str]:
    """From what to what; and under what is worth the question, what comes of it."""
    steps = {step.difference: step for step in outcome.steps}
    lines = []
    for difference in outcome.differences:
        lines.append(describe(difference, operator, today=True))
        if step := steps.get(difference):
            lines.append(f"-# {consequence(step, operator)}")
    return lines


def consequence(step: Step, operator: Operator) -> str:
    """What the change may cost, or whom it stops."""
    difference, images = step.difference, step.after
    if difference.key is Setting.AT_ONCE:
        return f"A member can have {amount(images)} prompts running at the same time."
    what = _EACH.get(difference.key) if isinstance(difference.key, Setting) else _OF[difference.aspect]
    if images == 0:
        return "Nobody here can make images then."
    if images is None:
        return f"The cost {what} has no limit then. {_remaining(operator)}"
    return f"At about ${DOLLARS_PER_IMAGE:.2f} an image, that may cost up to {dollars(images)} {what}."


def dollars(images: int) -> str:
    cost = images * DOLLARS_PER_IMAGE
    return f"${cost:,.0f}" if cost >= 10 else f"${cost:,.2f}"


def _remaining(operator: Operator) -> str:
    if operator.bot_daily is None:
        return "The whole bot has none either."
    most = operator.bot_daily
    return f"The whole bot's limit remains: {most:,} images a day, about {dollars(most)}."


_EACH = {
    Setting.DAILY: "a day for each member",
    Setting.MONTHLY: "a month for each member",
    Setting.SERVER_DAILY: "a day for the whole server",
    Setting.SERVER_MONTHLY: "a month for the whole server",
    Setting.PER_PROMPT: "for each prompt",
}
_OF = {
    Aspect.ROLE: "a day for each member with the role",
    Aspect.MEMBER: "a day for this member",
    Aspect.TOP_UP: "today for this member",
}


def _question(edit: Edit, outcome: Outcome) -> str:
    if outcome.overtaken:
        return OVERTAKEN_QUESTION
    return RESET_QUESTION if isinstance(edit, ResetAll) else QUESTION
