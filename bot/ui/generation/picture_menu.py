"""The menu behind *⋯* below pictures: what one person may do there. Pure.

What it is about stands in the custom ids, all of them stored formats: the generation, the message with its pictures,
and whether only one member sees that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from discord import ButtonStyle, Embed, SelectOption, ui

from bot.core.generation.model import Picture
from bot.core.limits.offer import Requirement
from bot.ui.embeds import galleries
from bot.ui.generation.shown_pictures import ShownPictures
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import IN_ENGLISH, Sentences

MENU_ID, DELETE_ID = "picture:menu:{}", "picture:delete:{}"
ALT_ID = "picture:alt:{}:{}"
"""With the position of the first picture that is described."""
FIELDS = 5
"""Of a form: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal"""
PICTURE = r"(?P<generation>\d{1,19}):(?P<message>\d{1,19}):(?P<seen_by>[ap])"
"""What a custom id says of a `MenuTarget`, as an expression."""


@dataclass(frozen=True, slots=True)
class MenuTarget:
    """The pictures of a generation, on that message; `private`: only one member sees it."""

    generation: int
    message: int
    private: bool

    @property
    def code(self) -> str:
        return f"{self.generation}:{self.message}:{'p' if self.private else 'a'}"


class Action(StrEnum):
    """The values of the menu: a stored format."""

    COPY = "copy"
    HIDE = "hide"
    SHOW = "show"
    DESCRIBE = "describe"
    DESCRIBE_REST = "describe-rest"  # the pictures that the first form has no room for
    DELETE = "delete"
    REPORT = "report"


def actions_for(
    shown: ShownPictures, spoiler: Requirement, *, has_say: bool, can_report: bool
) -> tuple[Action, ...]:
    """`has_say`: they asked for the pictures, or moderate there; `spoiler`: what is decided of those for them."""
    actions = [Action.COPY]
    if has_say:
        if spoiler is not (Requirement.REQUIRED if shown.spoiler else Requirement.FORBIDDEN):
            actions.append(Action.SHOW if shown.spoiler else Action.HIDE)
        actions.append(Action.DESCRIBE)
        if len(shown.pictures) > FIELDS:
            actions.append(Action.DESCRIBE_REST)
        actions.append(Action.DELETE)
    if can_report:
        actions.append(Action.REPORT)
    return tuple(actions)


def menu_message(
    target: MenuTarget, actions: Sequence[Action], count: int, say: Sentences = IN_ENGLISH
) -> OutgoingMessage:
    """For `count` pictures."""
    options = [
        SelectOption(
            label=say(f"picture_menu.action.{action}", count=count),
            value=action.value,
            description=_hint(action, target, say),
        )
        for action in actions
    ]
    menu: ui.Select[Any] = ui.Select(
        custom_id=MENU_ID.format(target.code), placeholder=say("picture_menu.placeholder"), options=options
    )
    view = ui.View(timeout=None)
    view.add_item(menu)
    return OutgoingMessage(say("picture_menu.title", count=count), components=view)


def _hint(action: Action, target: MenuTarget, say: Sentences) -> str:
    if action is Action.DELETE and target.private:
        return say("picture_menu.action.delete.hint_private")
    return say(f"picture_menu.action.{action}.hint", first=FIELDS + 1)


def delete_question(target: MenuTarget, count: int, say: Sentences = IN_ENGLISH) -> OutgoingMessage:
    view = ui.View(timeout=None)
    yes: ui.Button[Any] = ui.Button(
        label=say("button.yes_delete"), style=ButtonStyle.danger, custom_id=DELETE_ID.format(target.code)
    )
    view.add_item(yes)
    question = "picture_menu.question_private" if target.private else "picture_menu.question"
    return OutgoingMessage(say(question, count=count), components=view)


def copy_message(
    embeds: Sequence[Embed],
    shown: ShownPictures,
    pictures: Sequence[Picture],
    link: str | None,
    say: Sentences = IN_ENGLISH,
) -> OutgoingMessage:
    """`pictures` once more, for somebody's direct messages; `embeds` are those of the message that shows them, and
    `link` leads there, where it can be seen.
    """
    alts = [one.alt for one in shown.pictures]
    own_link = link or "https://discord.com/channels/@me"
    [caption, *rest], files = galleries(pictures, alts, own_link, spoiler=shown.spoiler)
    if embeds:
        caption.description = embeds[0].description
        caption.set_footer(text=embeds[0].footer.text)
    if link:
        caption.add_field(name=say("picture_menu.copy_of"), value=link)
    return OutgoingMessage(embeds=(caption, *rest), files=tuple(files))
