"""`/preferences`: what a member wants wherever a command does not say otherwise, for themselves alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import discord
from discord import CheckboxGroupOption, ui

from bot.core.errors import InvalidOption
from bot.core.generation.model import Shape
from bot.core.limits.offer import Offer, Requirement
from bot.core.limits.styles import LONGEST_STYLE_NAME, style_key
from bot.core.preferences.preferences import Preferences
from bot.interactions.command_places import offered_as_own
from bot.interactions.command_text import described
from bot.interactions.context import caller_of, private_sentences
from bot.interactions.modals import MOST_OPTIONS, Answers, form, menu_field
from bot.interactions.responses import acknowledge, edit, open_modal
from bot.interactions.services import Bot, Services
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.preferences.summary import language_name, preferences_embed
from bot.ui.sentences import IN_ENGLISH, Sentences, languages

FORM = "preferences"
NONE = "none"
"""What is chosen where nothing is preferred."""


class Wish(StrEnum):
    """What is ticked, or not."""

    PRIVATE = "private"
    SPOILER = "spoiler"
    AS_WRITTEN = "as_written"


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from, where the member is."""

    shapes: frozenset[Shape]
    offer: Offer
    revises: bool
    languages: tuple[str, ...]

    def wishes(self, before: Preferences) -> list[Wish]:
        """What is settled already is nothing to wish for; but what was wished for can be taken back."""
        offered = {
            Wish.PRIVATE: before.private or self.offer.private is Requirement.OPTIONAL,
            Wish.SPOILER: before.spoiler or self.offer.spoiler is Requirement.OPTIONAL,
            Wish.AS_WRITTEN: self.revises,
        }
        return [wish for wish in Wish if offered[wish]]

    def styles(self, before: Preferences) -> list[str]:
        """The one that is preferred may be another server's."""
        names = [style.name for style in self.offer.styles]
        elsewhere = before.style is not None and self.offer.style(before.style) is None
        return [before.style, *names] if elsewhere and before.style else names


async def choices_in(interaction: discord.Interaction, services: Services) -> Choices:
    """Raises DatabaseUnavailable, and DatabaseBusy where it would come too late for Discord."""
    return Choices(
        services.imagine_bounds.shapes,
        await services.usage_service.offer_in(caller_of(interaction).place),
        services.moderation.operator.revises,
        languages(),
    )


def preferences_form(before: Preferences, choices: Choices, say: Sentences = IN_ENGLISH) -> ui.Modal:
    """Filled with what is preferred now; with a field for each thing that there is to choose."""
    fields: list[ui.Label[ui.View]] = []
    if choices.shapes:
        shapes = {shape.value: say(f"option.shape.{shape}") for shape in Shape if shape in choices.shapes}
        fields.append(_menu("shape", shapes, before.shape, say("preferences.any"), say))
    names = choices.styles(before)
    if 0 < len(names) < MOST_OPTIONS:
        styles = {name: name for name in names}
        chosen = before.style and next((it for it in names if style_key(it) == style_key(before.style)), None)
        fields.append(_menu("style", styles, chosen, say("preferences.no_style"), say))
    elif names:
        typed: ui.TextInput[ui.View] = ui.TextInput(
            custom_id="style", default=before.style, required=False, max_length=LONGEST_STYLE_NAME
        )
        hint = say("form.hint.preferred_style")
        fields.append(ui.Label(text=say("field.style"), description=hint, component=typed))
    if wishes := choices.wishes(before):
        wished = {
            Wish.PRIVATE: before.private,
            Wish.SPOILER: before.spoiler,
            Wish.AS_WRITTEN: not before.revise,
        }
        options = [
            CheckboxGroupOption(label=say(f"preferences.wish.{it}"), value=it.value, default=wished[it])
            for it in wishes
        ]
        group: ui.CheckboxGroup[ui.View] = ui.CheckboxGroup(
            custom_id="wishes", options=options, min_values=0, max_values=len(options), required=False
        )
        fields.append(ui.Label(text=say("field.wishes"), component=group))
    if len(choices.languages) > 1:
        names_of = {locale: language_name(locale) for locale in choices.languages}
        fields.append(_menu("language", names_of, before.language, say("preferences.language.discord"), say))
    return form(say("form.title.preferences"), FORM, *fields)


def _menu(
    name: str, labels: Mapping[str, str], chosen: str | None, none: str, say: Sentences
) -> ui.Label[ui.View]:
    """`labels` by their values; the first of its options is `none` of them."""
    options = {NONE: none, **labels}
    return menu_field(name, say(f"field.{name}"), options, chosen if chosen and chosen in labels else NONE)


def filled_in(before: Preferences, answers: Answers, choices: Choices) -> Preferences:
    """What the form does not ask for stays as it was. Raises InvalidOption."""
    after = before
    if "shape" in answers.given:
        shapes = {shape.value: shape for shape in choices.shapes}
        shape = _chosen("shape", answers, shapes)
        after = replace(after, shape=shapes[shape] if shape else None)
    if "style" in answers.given:
        names = choices.styles(before)
        style = _chosen("style", answers, {style_key(name): name for name in names}, style_key)
        after = replace(after, style=next((name for name in names if style_key(name) == style), None))
    if "wishes" in answers.given:
        offered, ticked = choices.wishes(before), answers.given["wishes"]
        if not set(ticked).issubset(offered):
            raise InvalidOption("wishes")
        after = replace(
            after,
            private=Wish.PRIVATE in ticked,
            spoiler=Wish.SPOILER in ticked,
            revise=Wish.AS_WRITTEN not in ticked if Wish.AS_WRITTEN in offered else before.revise,
        )
    if "language" in answers.given:
        after = replace(after, language=_chosen("language", answers, dict.fromkeys(choices.languages, "")))
    return after


def _chosen(
    name: str, answers: Answers, offered: Mapping[str, str], key: Callable[[str], str] = str
) -> str | None:
    """None where none is chosen. Raises InvalidOption for what is not offered."""
    chosen = key(answers.text(name)) or NONE
    if chosen == NONE:
        return None
    if chosen not in offered:
        raise InvalidOption(name, tuple(filter(None, offered.values())))
    return chosen


async def setup(bot: Bot) -> None:
    services = bot.services

    @bot.tree.command(description=described("command.preferences"))
    @offered_as_own(services.moderation.operator)
    async def preferences(interaction: discord.Interaction) -> None:
        choices = await choices_in(interaction, services)
        now = await services.preferences.of(interaction.user.id)
        await open_modal(interaction, preferences_form(now, choices, private_sentences(interaction)))

    async def take(interaction: discord.Interaction, _: re.Match[str], answers: Answers) -> None:
        member = interaction.user.id
        # Also where another process is faster, which then changes them.
        services.preferences.forget(member)
        await acknowledge(interaction)
        choices = await choices_in(interaction, services)
        after = filled_in(await services.preferences.of(member), answers, choices)
        await services.preferences.change(member, after)
        embed = preferences_embed(
            after,
            revises=choices.revises,
            languages=len(choices.languages) > 1,
            say=private_sentences(interaction),
        )
        await edit(interaction, OutgoingMessage(embeds=(embed,)))

    bot.forms.add(FORM, take)
