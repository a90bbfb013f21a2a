"""The parts of the panel of `/limits show`: how their buttons are known, and what is said beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from discord import ButtonStyle, ui

from bot.core.limits.policy import Setting
from bot.core.moderation.edits import (
    BlockMember,
    ChangeChannels,
    ChangeLog,
    Edit,
    ResetCounter,
    SetChannels,
    SetChoices,
    SetLog,
    SetMember,
    SetNumbers,
    SetRevise,
    SetRole,
    SetVisibility,
    SetWords,
    SetZone,
    TopUpMember,
    UnblockMember,
)
from bot.ui.sentences import Sentences


class Part(StrEnum):
    """What a button of the panel changes."""

    EACH_MEMBER = "member-numbers"
    WHOLE_SERVER = "server-numbers"
    PACE = "pace"
    ROLE = "role"
    PERSON = "person"
    CHANNELS = "channels"
    WORDS = "words"
    ZONE = "zone"
    LOG = "log"
    PICTURES = "pictures"


NUMBERS = {
    Part.EACH_MEMBER: (Setting.DAILY, Setting.MONTHLY),
    Part.WHOLE_SERVER: (Setting.SERVER_DAILY, Setting.SERVER_MONTHLY),
    Part.PACE: (Setting.PER_PROMPT, Setting.AT_ONCE, Setting.COOLDOWN),
}
"""The settings of each part that is made of numbers, in the order in which they are shown and asked for."""


def edit_id(part: str) -> str:
    return f"limits:edit:{part}"


PARTS = "|".join(Part)
"""What can stand there, as an expression: whatever else is forged means nothing, and is not answered."""
REFRESH_ID = "limits:refresh"
STYLES_ID = "limits:styles:list"
NOTE_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Note:
    """What has just happened, said beside `part`; above everything where there is none.

    `fix` is the custom id of the button that opens the form again, and `label` what stands on it.
    """

    text: str
    part: Part | None = None
    fix: str = ""
    label: str = ""

    def items(self) -> list[ui.Item[Any]]:
        if not self.fix:
            return [ui.TextDisplay(self.text)]
        button: ui.Button[Any] = ui.Button(label=self.label, custom_id=self.fix, style=ButtonStyle.primary)
        return [ui.Section(self.text, accessory=button)]


def part_of(edit: Edit) -> Part | None:
    """The part of the panel that shows what an edit changes."""
    match edit:
        case SetNumbers(numbers=numbers):
            first = next(iter(numbers), None)
            return next((part for part, settings in NUMBERS.items() if first in settings), None)
        case SetRole():
            return Part.ROLE
        case SetMember() | BlockMember() | UnblockMember() | TopUpMember() | ResetCounter():
            return Part.PERSON
        case SetChannels() | ChangeChannels():
            return Part.CHANNELS
        case SetWords():
            return Part.WORDS
        case SetZone():
            return Part.ZONE
        case SetLog() | ChangeLog():
            return Part.LOG
        case SetChoices() | SetRevise() | SetVisibility():
            return Part.PICTURES
        case _:
            return None


def reports_id(page: int | str) -> str:
    return f"limits:reports:{page}"


def paging_row(page: int, last: int, page_id: Callable[[int], str], say: Sentences) -> ui.ActionRow[Any]:
    """Back to the panel, and to the pages before and after this one."""
    row: ui.ActionRow[Any] = ui.ActionRow(ui.Button(label=say("button.all_settings"), custom_id=REFRESH_ID))
    if page > 0:
        row.add_item(ui.Button(label=say("button.previous"), custom_id=page_id(page - 1)))
    if page < last:
        row.add_item(ui.Button(label=say("button.next"), custom_id=page_id(page + 1)))
    return row
