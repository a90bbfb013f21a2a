"""`/limits styles`: the styles that members can choose; each is added, changed or removed in a form."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Self

import discord
from discord import RadioGroupOption, app_commands, ui

from bot.core.errors import BotError, DatabaseBusy, InvalidOption, OutdatedInteraction
from bot.core.limits.offer import Offer
from bot.core.limits.policy import offer_of
from bot.core.limits.styles import LONGEST_STYLE_NAME, LONGEST_STYLE_TEXT, Style
from bot.core.moderation.edits import Edit, RemoveStyle, ResetStyle, SetStyle
from bot.core.moderation.service import Panel
from bot.core.word_filter.errors import PromptCheckBusy
from bot.interactions import responses
from bot.interactions.command_text import described
from bot.interactions.context import caller_of, private_sentences, server_of
from bot.interactions.drafts import CODE
from bot.interactions.error_handling import Suggestions, routed_autocomplete
from bot.interactions.modals import Answers, form, refill
from bot.interactions.moderator_components import ModeratorItem, require_moderator
from bot.interactions.pressed_message import chosen_in
from bot.interactions.responses import acknowledge_in_place
from bot.interactions.services import services_of
from bot.interactions.style_suggestions import style_choices
from bot.ui.error_messages import not_carried_out
from bot.ui.limits.panel import note_layout
from bot.ui.limits.panel_parts import NOTE_LENGTH, STYLES_ID, Note
from bot.ui.limits.policy_text import spoiler
from bot.ui.limits.style_list import NEW_STYLE_ID, STYLES_MENU_ID, styles_layout
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import cut
from cogs.limits.change import carry_out, change_note
from cogs.limits.panel import FORM_SECONDS
from cogs.limits.refused_forms import CUSTOM_ID_LENGTH

STYLE_FORM_ID = "limits:style:{revision}:{was}"
STYLE_FORM = r"limits:style:(?P<revision>\d{1,18}):(?P<was>(?s:.{0,32}))"
FIX_STYLE_ID = "limits:style-fix:{revision}:{code}"
OFFER, SWITCH_OFF, DISCARD, DEFAULT = "offer", "switch_off", "discard", "default"
WAS = "was"
"""Beside the answers of a form that was refused: the name of the style that it was about."""


async def suggest(interaction: discord.Interaction, typed: str) -> Suggestions:
    """Those that are switched off as well."""
    offer = await services_of(interaction).usage_service.offer_in(caller_of(interaction).place)
    return style_choices((*offer.styles, *offer.styles_off), typed)


@app_commands.command(description=described("command.limits.styles"))
@app_commands.describe(style=described("command.limits.styles.style"))
@app_commands.autocomplete(style=routed_autocomplete(suggest))
async def styles(
    interaction: discord.Interaction,
    style: app_commands.Range[str, 1, LONGEST_STYLE_NAME] | None = None,
) -> None:
    if style is None:
        await require_moderator(interaction)
        await show_styles(interaction)
    else:
        await services_of(interaction).permissions.require(interaction)
        await open_style(interaction, style)


async def show_styles(interaction: discord.Interaction, note: Note | None = None) -> None:
    """In the place that was acknowledged."""
    panel = await services_of(interaction).moderation.panel(server_of(interaction))
    layout = styles_layout(panel, note, private_sentences(interaction))
    await responses.edit(interaction, OutgoingMessage(components=layout))


async def open_style(
    interaction: discord.Interaction, name: str, answers: Answers | None = None, revision: int | None = None
) -> None:
    """The form of the style of that name, or of a new one, filled with what holds now or with `answers`, which are to
    be compared with that revision. Raises DatabaseBusy where it would come too late for Discord.
    """
    try:
        async with asyncio.timeout(FORM_SECONDS):
            panel = await services_of(interaction).moderation.panel(server_of(interaction))
    except TimeoutError:
        raise DatabaseBusy from None
    modal = style_form(panel, name, private_sentences(interaction))
    if answers is not None:
        refill(modal, answers)
        modal.custom_id = STYLE_FORM_ID.format(revision=revision, was=answers.text(WAS))
    await responses.open_modal(interaction, modal)


def style_form(panel: Panel, name: str, say: Sentences = IN_ENGLISH) -> ui.Modal:
    """Its custom id has the revision that it was filled from, and the name of the style, which is none of a new one."""
    offer = offer_of(panel.policy, panel.operator)
    known = offer.style(name) or offer.default_of(name)
    shown = known or Style(name)
    fields = [_text("style_name", LONGEST_STYLE_NAME, shown.name, say, required=True)]
    for field, text in (("before", shown.before), ("after", shown.after)):
        fields.append(_text(field, LONGEST_STYLE_TEXT, text, say))
    if known:
        state: ui.RadioGroup[Any] = ui.RadioGroup(
            custom_id="state",
            options=[
                RadioGroupOption(
                    label=say(f"form.choice.{one}"),
                    value=one,
                    description=say(f"form.choice.{one}.why"),
                    default=number == 0,
                )
                for number, one in enumerate(_states(offer, known))
            ],
        )
        fields.append(ui.Label(text=say("field.state"), component=state))
    title = say("form.title.style" if known else "form.title.new_style")
    was = known.name if known else ""
    return form(title, STYLE_FORM_ID.format(revision=panel.revision.number, was=was), *fields)


def _states(offer: Offer, style: Style) -> tuple[str, ...]:
    """What may become of it; how it is comes first."""
    if offer.default_of(style.name) is None:
        return OFFER, DISCARD
    if offer.style(style.name) is None:
        return SWITCH_OFF, OFFER
    return (OFFER, SWITCH_OFF, DEFAULT) if style.key in offer.own else (OFFER, SWITCH_OFF)


def _text(field: str, most: int, text: str, say: Sentences, *, required: bool = False) -> ui.Label[Any]:
    typed: ui.TextInput[Any] = ui.TextInput(
        custom_id=field,
        style=discord.TextStyle.short if required else discord.TextStyle.paragraph,
        required=required,
        max_length=most,
        default=cut(text, most) or None,
    )
    hint = None if required else say("form.hint.style_text")
    return ui.Label(text=say(f"field.{field}"), description=hint, component=typed)


async def submitted(interaction: discord.Interaction, match: re.Match[str], answers: Answers) -> None:
    await acknowledge_in_place(interaction)
    moderation = services_of(interaction).moderation
    shown = await moderation.at(server_of(interaction), int(match["revision"]))
    offer = offer_of(shown, moderation.operator) if shown else None
    lines = await carry_out(interaction, *edits_of(answers, match["was"], offer))
    if lines is None:
        return
    say = private_sentences(interaction)
    warning = await blocked_word_in(interaction, answers.text("style_name")) if lines else None
    note = [
        change_note(lines, say),
        *([say("styles.blocked_word", word=spoiler(warning))] if warning else []),
    ]
    await show_styles(interaction, Note("\n".join(note)))


async def blocked_word_in(interaction: discord.Interaction, name: str) -> str | None:
    """The blocked word in the text of the style, which would be found in every prompt with it; None as well where
    there is no time to look for it.
    """
    services, server = services_of(interaction), server_of(interaction)
    policy = (await services.moderation.panel(server)).policy
    style = offer_of(policy, services.moderation.operator).style(name)
    try:
        searched = style.applied_to("") if style else ""
        return await services.imagine_service.search.first_in(
            searched, policy.words, server, interaction.user.id
        )
    except PromptCheckBusy:
        return None


def edits_of(answers: Answers, was: str, shown: Offer | None) -> tuple[Edit, ...]:
    """None where nothing was changed of what was `shown`: another moderator may have changed it meanwhile.

    Raises InvalidOption for what no form sends.
    """
    style = Style(answers.text("style_name"), answers.text("before"), answers.text("after"))
    before = (shown and was and (shown.style(was) or shown.default_of(was))) or None
    state = answers.text("state") or OFFER
    if shown and before and style == before and state == _states(shown, before)[0]:
        return ()
    match state:
        case "offer":
            return (SetStyle(style, was),)
        case "switch_off" | "discard" if was:
            return (RemoveStyle(was),)
        case "default" if was:
            return (ResetStyle(was),)
        case _:
            raise InvalidOption("state")


async def refused(
    interaction: discord.Interaction, match: re.Match[str], answers: Answers, failure: BotError
) -> None:
    """Say it above the styles, with a button that opens the form again as it was submitted."""
    say = private_sentences(interaction)
    held = Answers({**answers.given, WAS: (match["was"],)}, {})
    begun = FIX_STYLE_ID.format(revision=match["revision"], code="")
    code = services_of(interaction).drafts.keep(interaction.user.id, held, CUSTOM_ID_LENGTH - len(begun))
    words = cut(say("note.refused", what=not_carried_out(failure, say)), NOTE_LENGTH)
    label = say("button.try_again" if failure.is_fault else "button.fix")
    note = Note(words, None, begun + code, label)
    if failure.is_fault:  # nobody waits for styles that can't be read either
        await responses.edit(interaction, OutgoingMessage(components=note_layout(note, say)))
    else:
        await show_styles(interaction, note)


class StylesMenu(ModeratorItem[ui.Select[Any]], template=STYLES_MENU_ID):
    """Opens the form of the style that was chosen."""

    def __init__(self) -> None:
        super().__init__(ui.Select(custom_id=STYLES_MENU_ID))

    @classmethod
    def read(cls, _match: re.Match[str]) -> Self:
        return cls()

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        name = chosen_in(interaction)
        if name is None or len(name) > LONGEST_STYLE_NAME:
            raise InvalidOption("style")
        await open_style(interaction, name)


class StylesButton(ModeratorItem[ui.Button[Any]], template=STYLES_ID):
    """Opens the list from the panel."""

    def __init__(self) -> None:
        super().__init__(ui.Button(custom_id=STYLES_ID))

    @classmethod
    def read(cls, _match: re.Match[str]) -> Self:
        return cls()

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge_in_place(interaction)
        await show_styles(interaction)


class NewStyleButton(ModeratorItem[ui.Button[Any]], template=NEW_STYLE_ID):
    """Opens the form of a new one."""

    def __init__(self) -> None:
        super().__init__(ui.Button(custom_id=NEW_STYLE_ID))

    @classmethod
    def read(cls, _match: re.Match[str]) -> Self:
        return cls()

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await open_style(interaction, "")


class FixStyleButton(
    ModeratorItem[ui.Button[Any]],
    template=FIX_STYLE_ID.format(revision=r"(?P<revision>\d{1,18})", code=f"(?P<code>{CODE})"),
):
    """Opens the form as it was submitted."""

    def __init__(self, revision: int, code: str) -> None:
        super().__init__(ui.Button(custom_id=FIX_STYLE_ID.format(revision=revision, code=code)))
        self.revision, self.code = revision, code

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["revision"]), match["code"])

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        answers = services_of(interaction).drafts.find(interaction.user.id, self.code)
        if answers is None:
            raise OutdatedInteraction("button")
        await open_style(interaction, answers.text(WAS), answers, self.revision)
