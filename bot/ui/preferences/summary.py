"""What a member prefers, as they are told. Pure."""

from __future__ import annotations

from discord import Embed

from bot.core.preferences.preferences import Preferences
from bot.ui.embeds import COLOUR
from bot.ui.sentences import IN_ENGLISH, Sentences, sentences_in
from bot.ui.text import disarm


def preferences_embed(
    preferences: Preferences, *, revises: bool, languages: bool, say: Sentences = IN_ENGLISH
) -> Embed:
    """`revises`: whether prompts are revised at all; `languages`: whether there are several."""
    shape, language = preferences.shape, preferences.language
    lines = [say("preferences.shape", shape=say(f"option.shape.{shape}" if shape else "preferences.any"))]
    lines.append(
        say(
            "preferences.style",
            style=disarm(preferences.style) if preferences.style else say("preferences.no_style"),
        )
    )
    lines.append(say("preferences.private.yes" if preferences.private else "preferences.private.no"))
    if preferences.spoiler:
        lines.append(say("preferences.spoiler"))
    if revises:
        lines.append(say("preferences.revise.yes" if preferences.revise else "preferences.revise.no"))
    if languages:
        lines.append(
            say("preferences.language", language=language_name(language))
            if language
            else say("preferences.language.discord")
        )
    lines.append(say("preferences.command_counts"))
    return Embed(colour=COLOUR, title=say("preferences.title"), description="\n".join(lines))


def language_name(locale: str) -> str:
    """As those call it who speak it."""
    return sentences_in(locale)("language")
