"""Discord's modals without state: the custom id says which form it is, so any process can handle its submission."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.core.errors import AlreadyAcknowledged, BotError, InvalidInteraction, InvalidOption
from bot.interactions.context import private_sentences
from bot.interactions.discord_errors import UNREADABLE
from bot.interactions.error_handling import answer_error, log_error
from bot.interactions.responses import answer_privately, log_faster_process
from bot.ui import error_messages
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import Sentences
from bot.ui.text import clean, cut, snowflake

log = logging.getLogger(__name__)

TYPED_LIMIT = 4000
MOST_OPTIONS, OPTION_LENGTH = 25, 100
"""Of a menu, and characters of each: https://docs.discord.com/developers/components/reference#string-select"""
TEXT_INPUT = discord.ComponentType.text_input.value


@dataclass(frozen=True, slots=True)
class Answers:
    """What was filled in, by the custom ids of the fields; `typed` are those that were written by hand."""

    given: Mapping[str, Sequence[str]]
    typed: Mapping[str, str]

    def text(self, field: str) -> str:
        """What was written, or the one thing that was chosen; empty where nothing was."""
        return next(iter(self.given.get(field, ())), "")

    def ids(self, field: str) -> frozenset[int]:
        """Of what was chosen in a menu. Raises InvalidOption."""
        chosen = self.given.get(field, ())
        if not all(map(snowflake, chosen)):
            raise InvalidOption(field)
        return frozenset(map(int, chosen))

    def ticked(self, field: str) -> bool:
        return self.text(field) == "true"


OnSubmit = Callable[[discord.Interaction, re.Match[str], Answers], Awaitable[None]]
OnRefused = Callable[[discord.Interaction, re.Match[str], Answers, BotError], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _FormKind:
    template: re.Pattern[str]
    on_submit: OnSubmit
    on_refused: OnRefused | None


class Forms:
    """Which handler a submitted form goes to, by its custom id."""

    def __init__(self) -> None:
        self._kinds: list[_FormKind] = []

    def add(self, template: str, on_submit: OnSubmit, on_refused: OnRefused | None = None) -> None:
        """Forms whose custom id matches `template` in full go to `on_submit`; what it raises is answered and logged.

        What it raises after its acknowledgement goes to `on_refused`, where there is one.
        """
        self._kinds.append(_FormKind(re.compile(template), on_submit, on_refused))

    async def handle(self, interaction: discord.Interaction) -> bool:
        """Call the handler of a submitted form. False where there is none."""
        data: Mapping[str, Any] = dict(interaction.data or {})
        custom_id = str(data.get("custom_id"))
        for kind in self._kinds:
            if match := kind.template.fullmatch(custom_id):
                break
        else:
            return False
        try:
            answers = read(data.get("components", ()))
        except UNREADABLE:
            await answer_error(interaction, InvalidInteraction())
            return True
        try:
            await kind.on_submit(interaction, match, answers)
        except AlreadyAcknowledged as error:
            log_faster_process(interaction, error)
        except Exception as error:  # noqa: BLE001 — the boundary: every error gets an answer
            failure = log_error(interaction, error)
            if kind.on_refused and interaction.response.is_done():
                try:
                    await kind.on_refused(interaction, match, answers, failure)
                except Exception as another:  # noqa: BLE001 — then the general answer below is sent
                    log_error(interaction, another)
                else:
                    return True
            say = private_sentences(interaction)
            words = error_messages.not_carried_out(failure, say)
            await answer_privately(interaction, OutgoingMessage(words, _typed(answers, say)))
        return True


def form(title: str, custom_id: str, *fields: ui.Label[Any]) -> ui.Modal:
    """At most five fields."""
    modal = ui.Modal(title=title, custom_id=custom_id, timeout=None)
    for field in fields:
        modal.add_item(field)
    modal.stop()  # so that discord.py keeps none: one modal with that custom id would receive the submissions of all
    return modal


def menu_field(custom_id: str, label: str, options: Mapping[str, str], chosen: str) -> ui.Label[ui.View]:
    """A menu of which one is chosen; `options` are texts by their values."""
    menu: ui.Select[ui.View] = ui.Select(
        custom_id=custom_id,
        options=[
            discord.SelectOption(label=cut(text, OPTION_LENGTH), value=value, default=value == chosen)
            for value, text in options.items()
        ],
        required=True,
    )
    return ui.Label(text=label, component=menu)


def refill(modal: ui.Modal, answers: Answers) -> None:
    """Fill every field with `answers`, and those without any with nothing."""
    for label in modal.children:
        field = label.component if isinstance(label, ui.Label) else None
        match field:
            case ui.TextInput():
                field.default = cut(answers.text(field.custom_id), field.max_length or TYPED_LIMIT)
            case ui.Checkbox():
                field.default = answers.ticked(field.custom_id)
            case ui.CheckboxGroup() if field.custom_id in answers.given:
                for one in field.options:
                    one.default = one.value in answers.given[field.custom_id]
            case ui.RadioGroup():
                for option in field.options:
                    option.default = option.value == answers.text(field.custom_id)
            case ui.ChannelSelect() | ui.RoleSelect() | ui.UserSelect():
                kind = _CHOSEN[type(field)]
                chosen = sorted(answers.ids(field.custom_id))
                field.default_values = [discord.SelectDefaultValue(id=it, type=kind) for it in chosen]
            case _:
                pass


_CHOSEN: dict[type[ui.Item[Any]], discord.SelectDefaultValueType] = {
    ui.ChannelSelect: discord.SelectDefaultValueType.channel,
    ui.RoleSelect: discord.SelectDefaultValueType.role,
    ui.UserSelect: discord.SelectDefaultValueType.user,
}


def read(components: Sequence[Mapping[str, Any]]) -> Answers:
    """From Discord's payload of a submitted modal: a text or a choice is a `value`, a tick true or false, a menu has
    `values`.
    """
    given: dict[str, tuple[str, ...]] = {}
    typed: dict[str, str] = {}
    for field in _fields(components):
        value = field.get("value")
        if isinstance(value, bool):
            value = str(value).lower()
        values = field["values"] or () if "values" in field else () if value is None else (value,)
        given[field["custom_id"]] = texts = tuple(
            clean(it[:TYPED_LIMIT]) if isinstance(it, str) else "" for it in values
        )
        if field["type"] == TEXT_INPUT:
            typed[field["custom_id"]] = "".join(texts)
    return Answers(given, typed)


def _fields(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Out of their labels and rows."""
    for component in components:
        inner = [component["component"]] if "component" in component else component.get("components", ())
        if inner:
            yield from _fields(inner)
        elif "custom_id" in component:
            yield component


def _typed(answers: Answers, say: Sentences) -> tuple[discord.Embed, ...]:
    """What was typed, to be copied into the next attempt: a refused form is gone from the screen."""
    texts = {name: text for name, text in answers.typed.items() if text}
    if not texts:
        return ()
    lines = []
    for name, text in texts.items():
        codes = (code for code in (f"setting.{name}", f"field.{name}") if say.knows(code))
        # A field of several alike has a number for a name.
        label = next(codes, "") if len(answers.typed) > 1 else ""
        lines.append(f"{say(label)}: {text}" if label else text)
    written = "\n".join(lines).replace("```", "'''")
    embed = discord.Embed(
        title=say("note.what_you_typed"), description=f"```\n{cut(written, TYPED_LIMIT)}\n```"
    )
    return (embed,)
