"""What moderators do with one member: the one list behind `/limits member` and the panel's form."""

from __future__ import annotations

from collections.abc import Mapping
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


TAKES = {
    Action.LIMIT: frozenset({Field.IMAGES}),
    Action.TOP_UP: frozenset({Field.IMAGES}),
    Action.BLOCK: frozenset({Field.SPAN, Field.REASON}),
}
IN_COMMAND = {action: f"option.action.{action.name.lower()}" for action in Action}
"""The codes of what the command calls them."""
IN_FORM = {
    "limit": Action.LIMIT,
    "top-up": Action.TOP_UP,
    "reset": Action.RESET_COUNTER,
    "block": Action.BLOCK,
    "unblock": Action.UNBLOCK,
}
"""By their values in the panel's form, which has the others as something to write as a limit."""


def require_applicable(action: Action, given: Mapping[Field, str], called: Mapping[Action, str]) -> None:
    """What an action does not take is not ignored. Raises FieldNotApplicable.

    `given`: the fields that were filled in, and `called`: the actions that are offered, with the codes of their names.
    """
    for field, name in given.items():
        if field not in TAKES.get(action, ()):
            takers = tuple(code for one, code in called.items() if field in TAKES.get(one, ()))
            raise FieldNotApplicable(name, takers)


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
