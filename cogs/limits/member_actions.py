"""What moderators do with one member: the one list behind `/limits member` and the panel's form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.limits.policy import UNDECIDED, Block, Decision
from bot.core.moderation.edits import (
    BlockMember,
    Edit,
    ResetCounter,
    SetMember,
    TopUpMember,
    UnblockMember,
)
from bot.core.moderation.errors import FieldNotApplicable


class Action(StrEnum):
    """The value is that of the command's option."""

    LIMIT = "limit"
    UNLIMITED = "unlimited"
    LIKE_EVERYBODY = "like everybody"
    BLOCK = "block"
    UNBLOCK = "unblock"
    TOP_UP = "top up"
    RESET_COUNTER = "reset counter"


class Field(StrEnum):
    """What an action may take besides the member."""

    IMAGES = "images"
    SPAN = "span"
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class InForm:
    """How the panel's form offers an action."""

    value: str
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class ActionChoice:
    """`option`: how the command offers it. `in_form` is None where the form has it as something to write as a limit."""

    option: str
    in_form: InForm | None = None
    takes: frozenset[Field] = frozenset()


ACTIONS = {
    Action.LIMIT: ActionChoice(
        "Set images per day (with: images)",
        InForm("limit", "Own limit", "Images per day for this member, regardless of their roles"),
        frozenset({Field.IMAGES}),
    ),
    Action.UNLIMITED: ActionChoice("Unlimited images per day"),
    Action.LIKE_EVERYBODY: ActionChoice("Remove their own limit"),
    Action.BLOCK: ActionChoice(
        "Block (with: duration, reason)",
        InForm("block", "Block", "No images until the block ends or is lifted; the member sees the reason"),
        frozenset({Field.SPAN, Field.REASON}),
    ),
    Action.UNBLOCK: ActionChoice("Unblock", InForm("unblock", "Unblock", "Lift a block")),
    Action.TOP_UP: ActionChoice(
        "Top up for today (with: images)",
        InForm("top-up", "Top up today", "Extra images until the end of the day"),
        frozenset({Field.IMAGES}),
    ),
    Action.RESET_COUNTER: ActionChoice(
        "Reset today's counter",
        InForm("reset", "Reset today's counter", "The member's count for today goes back to 0"),
    ),
}
_FORM_ORDER = (Action.LIMIT, Action.TOP_UP, Action.RESET_COUNTER, Action.BLOCK, Action.UNBLOCK)
IN_FORM = tuple(one for action in _FORM_ORDER if (one := ACTIONS[action].in_form))


def action_in_form(value: str) -> Action:
    """Raises ValueError for what no form sends."""
    for action, choice in ACTIONS.items():
        if choice.in_form and choice.in_form.value == value:
            return action
    raise ValueError(f"no such action: {value!r}")


def require_applicable(
    action: Action, given: Mapping[Field, str], called: Callable[[ActionChoice], str | None]
) -> None:
    """What an action does not take is not ignored. Raises FieldNotApplicable.

    `given`: the fields that were filled in, with their names; `called` names an action, None where it is not offered.
    """
    for field, name in given.items():
        if field not in ACTIONS[action].takes:
            takers = (called(choice) for choice in ACTIONS.values() if field in choice.takes)
            raise FieldNotApplicable(name, tuple(filter(None, takers)))


def edit_for(
    action: Action,
    member: int,
    now: datetime,
    *,
    limit: Decision = UNDECIDED,
    images: int = 0,
    span: timedelta | None = None,
    reason: str = "",
) -> Edit:
    """`span` None: for ever."""
    match action:
        case Action.LIMIT:
            return SetMember(member, limit)
        case Action.UNLIMITED:
            return SetMember(member, None)
        case Action.LIKE_EVERYBODY:
            return SetMember(member, UNDECIDED)
        case Action.BLOCK:
            return BlockMember(member, Block(None if span is None else now + span, reason))
        case Action.UNBLOCK:
            return UnblockMember(member)
        case Action.TOP_UP:
            return TopUpMember(member, images)
        case Action.RESET_COUNTER:
            return ResetCounter(member)
