"""What is left of a prompt once the characters that nobody can see are dealt with."""

from __future__ import annotations

import unicodedata

from bot.core.errors import EmptyPrompt, PromptTooLong

# They turn the text around them about (Unicode Bidirectional Algorithm, UAX #9): a prompt that reads as another.
BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters, marks and symbols by category, blank to the eye: Hangul fillers, vowels of Khmer that are not written, the
# empty Braille cell, and what stands for an object that is not there.
BLANKS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")


def clean_prompt(text: str, limit: int) -> str:
    """The prompt as the model gets it, at most `limit` characters. Raises EmptyPrompt, PromptTooLong."""
    prompt = visible_text(text)
    if not any(_visible(character) for character in prompt):
        raise EmptyPrompt
    if len(prompt) > limit:
        raise PromptTooLong(len(prompt), limit)
    return prompt


def visible_text(text: str) -> str:
    """One line without the characters that turn text about or that can't be sent."""
    return " ".join("".join(_kept(character) for character in text).split())


def _kept(character: str) -> str:
    if character in BIDI_CONTROLS or unicodedata.category(character) == "Cs":
        return ""
    return " " if unicodedata.category(character) == "Cc" else character


def _visible(character: str) -> bool:
    # Joiners and variation selectors belong to emoji and scripts, but are nothing by themselves.
    return unicodedata.category(character)[0] not in "CZM" and character not in BLANKS
