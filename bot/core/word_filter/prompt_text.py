"""What is left of a prompt once the characters that nobody can see are dealt with.

A model reads all of a prompt, and people only what is drawn: what can't be seen is taken out before anybody looks at
the prompt, counts its length or sends it on.
"""

from __future__ import annotations

import re
import unicodedata

from bot.core.word_filter.errors import EmptyPrompt, PromptTooLong

# They turn the text around them about (Unicode Bidirectional Algorithm, UAX #9): a prompt that reads as another.
BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters and symbols by category, blank to the eye: Hangul fillers, the empty Braille cell, a note without a head.
GAPS = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
# Nothing at all to the eye: vowels of Khmer that are not written, and what stands for an object that is not there.
NOTHING = frozenset("\u17b4\u17b5\ufffc")

JOINERS = "\u200c\u200d"
# Text or emoji: the two variation selectors that change what is drawn.
_PRESENTATION = "\ufe0e\ufe0f"
# Default_Ignorable_Code_Point of DerivedCoreProperties.txt (Unicode 17), annotations, private use, lone surrogates
# and noncharacters; without the joiners and the selectors above, which are looked at one by one.
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0d\ufeff"
    "\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\U000f0000-\U0010ffff"
    + "".join(f"{chr(plane | 0xFFFE)}{chr(plane | 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
# A flag of a part of a country (UTS #51, ED-14a): a black flag, its code in tag characters, and their end;
# a group, so that `split` leaves it between the parts.
_FLAG = re.compile(
    "(\U0001f3f4[\U000e0061-\U000e007a]{2}[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,4}\U000e007f)"
)
_DEPENDENT = frozenset(JOINERS + _PRESENTATION)
# And control characters: all of the category Cc.
_GAP = re.compile(f"[\x00-\x1f\x7f-\x9f{''.join(sorted(GAPS))}]")
# Scripts whose letters are joined, or kept from it, by joiners: Arabic, Syriac, N'Ko and their neighbours; the Indic
# ones, Tibetan and Burmese; Khmer and Mongolian; Balinese and others of Indonesia; Meetei Mayek and Brahmi's family.
_JOINED = re.compile(
    "[\u0600-\u109f\u1780-\u18af\u1900-\u1aad\u1b00-\u1c4f\ua840-\ua8ff\ua900-\ua9df\uaa00-\uaa5f\uaae0-\uabff"
    "\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00010d3f\U00011000-\U00011fff\U0001e900-\U0001e95f]"
)
_VIRAMA = 9  # the canonical combining class of what joins a consonant to the next
_EMOJI_BY_OTHER_CATEGORIES = frozenset("0123456789#*‼⁉〰〽ℹ©®™")
_EMOJI_PLANES = range(0x1F000, 0x1FB00)  # also those that this Python's Unicode does not know yet


def check_prompt(prompt: str, limit: int) -> None:
    """Whether a model that takes `limit` characters can paint that. Raises EmptyPrompt, PromptTooLong."""
    # Joiners and marks belong to emoji and scripts, but are nothing by themselves.
    if all(unicodedata.category(it)[0] in "CZM" and ord(it) not in _EMOJI_PLANES for it in prompt):
        raise EmptyPrompt
    if len(prompt) > limit:
        raise PromptTooLong(len(prompt), limit)


def visible_text(text: str) -> str:
    """One line of what can be seen of `text`: also what emoji and scripts need to be drawn as they are."""
    if not text.isascii():
        parts = _FLAG.split(text)
        parts[::2] = [UNSEEN.sub("", between_flags) for between_flags in parts[::2]]
        text = "".join(parts)
        if not _DEPENDENT.isdisjoint(text):
            kept = list[str]()
            for character, following in zip(text, text[1:] + " ", strict=True):
                if character not in _DEPENDENT or _is_needed(character, kept, following):
                    kept.append(character)
            text = "".join(kept)
    return " ".join(_GAP.sub(" ", text).split())


def _is_needed(dependent: str, before: list[str], following: str) -> bool:
    """Whether it changes how the characters beside it are drawn."""
    last = before[-1] if before else " "
    if dependent in _PRESENTATION:
        return _is_emoji(last) or last in _EMOJI_BY_OTHER_CATEGORIES
    if _JOINED.match(last):
        return (
            dependent == "\u200d" or unicodedata.combining(last) == _VIRAMA or bool(_JOINED.match(following))
        )
    if last == "\ufe0f" and len(before) > 1:
        last = before[-2]
    return dependent == "\u200d" and _is_emoji(last) and _is_emoji(following)


def _is_emoji(character: str) -> bool:
    return unicodedata.category(character) in {"So", "Sm", "Sk"} or ord(character) in _EMOJI_PLANES
