"""A word is found in every style of “fancy text” pages, and whatever invisible stands between its letters."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest

from bot.core.word_filter.prompt_text import visible_text
from tests.core.factories import word_list

WORD = "bread"
LISTED = word_list(WORD)


def by_first(first: int) -> Callable[[str], str]:
    """The letters of an alphabet whose a is `first`."""
    return lambda word: "".join(chr(first + ord(letter) - ord("a")) for letter in word)


def by_alphabet(alphabet: str) -> Callable[[str], str]:
    return lambda word: word.translate(str.maketrans(string.ascii_lowercase, alphabet))


def with_each(mark: str) -> Callable[[str], str]:
    return lambda word: "".join(letter + mark for letter in word)


STYLES: dict[str, Callable[[str], str]] = {
    **{
        name: by_first(first)
        for name, first in {
            "bold": 0x1D41A,
            "bold capitals": 0x1D400,
            "italic": 0x1D44E,
            "bold italic": 0x1D482,
            "bold script": 0x1D4EA,
            "fraktur": 0x1D51E,
            "bold fraktur": 0x1D586,
            "double-struck": 0x1D552,
            "sans": 0x1D5BA,
            "sans bold": 0x1D5EE,
            "sans italic": 0x1D622,
            "monospace": 0x1D68A,
            "circled": 0x24D0,
            "circled capitals": 0x24B6,
            "parenthesised": 0x249C,
            "parenthesised capitals": 0x1F110,
            "squared": 0x1F130,
            "negative circled": 0x1F150,
            "negative squared": 0x1F170,
            "regional indicators": 0x1F1E6,
            "full width": 0xFF41,
            "full width capitals": 0xFF21,
        }.items()
    },
    "script": by_alphabet("𝒶𝒷𝒸𝒹ℯ𝒻ℊ𝒽𝒾𝒿𝓀𝓁𝓂𝓃ℴ𝓅𝓆𝓇𝓈𝓉𝓊𝓋𝓌𝓍𝓎𝓏"),
    "script capitals": by_alphabet("𝒜ℬ𝒞𝒟ℰℱ𝒢ℋℐ𝒥𝒦ℒℳ𝒩𝒪𝒫𝒬ℛ𝒮𝒯𝒰𝒱𝒲𝒳𝒴𝒵"),
    "fraktur capitals": by_alphabet("𝔄𝔅ℭ𝔇𝔈𝔉𝔊ℌℑ𝔍𝔎𝔏𝔐𝔑𝔒𝔓𝔔ℜ𝔖𝔗𝔘𝔙𝔚𝔛𝔜ℨ"),
    "double-struck capitals": by_alphabet("𝔸𝔹ℂ𝔻𝔼𝔽𝔾ℍ𝕀𝕁𝕂𝕃𝕄ℕ𝕆ℙℚℝ𝕊𝕋𝕌𝕍𝕎𝕏𝕐ℤ"),
    "small capitals": by_alphabet("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡxʏᴢ"),
    "superscript": by_alphabet("ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖᑫʳˢᵗᵘᵛʷˣʸᶻ"),
    "superscript capitals": by_alphabet("ᴬᴮᶜᴰᴱᶠᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾQᴿˢᵀᵁⱽᵂˣʸᶻ"),
    "subscript": by_alphabet("ₐᵦcdₑfgₕᵢⱼₖₗₘₙₒₚqᵣₛₜᵤᵥwₓyz"),
    "upside down": lambda word: by_alphabet("ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz")(word)[::-1],
    "upside down in place": by_alphabet("ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz"),
    "upside-down capitals": lambda word: by_alphabet("∀ꓭƆᗡƎℲ⅁HIſꓘ⅂WNOԀΌᴚS⊥∩ΛMX⅄Z")(word)[::-1],
    "other upside-down capitals": lambda word: by_alphabet("∀𐐒ƆᗡƎℲ⅁HIſ⋊˥WNOԀΌᴚS┴∩ΛMX⅄Z")(word)[::-1],
    "mirrored": lambda word: by_alphabet("ɒdɔbɘꟻǫʜiꞁʞlmᴎoqpɿƨƚuvwxγz")(word)[::-1],
    "digits": lambda word: word.translate(str.maketrans("bea", "834")),
    "digits and signs": lambda word: word.translate(str.maketrans("ea", "3@")),
    "Cyrillic": lambda word: word.translate(str.maketrans("bea", "ьеа")),
    "Greek": lambda word: word.translate(str.maketrans("bea", "βεα")),
    "zalgo": with_each("\u0317\u0324\u0335\u0358\u035c\u0361\u0313\u0334"),
    "struck through": with_each("\u0336"),
    **{f"marked {ord(mark):x}": with_each(mark) for mark in "\u0332\u0337\u0338\u0303\u20dd\u20e0\u0489\ufe20\u1ab0"},
    **{f"between {sign}": sign.join for sign in " .-*/♥≋░\u00a0\u3000"},
    "in brackets": lambda word: "".join(f"【{letter}】" for letter in word),
}  # fmt: skip

INVISIBLE = {
    "zero-width space": "\u200b",
    "zero-width non-joiner": "\u200c",
    "zero-width joiner": "\u200d",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "grapheme joiner": "\u034f",
    "tag": "\U000e0062",
    "end of tags": "\U000e007f",
    "first variation selector": "\ufe00",
    "emoji variation selector": "\ufe0f",
    "later variation selector": "\U000e0100",
    "Mongolian variation selector": "\u180b",
    "Mongolian vowel separator": "\u180e",
    "private use": "\ue000",
    "private plane": "\U00100001",
    "Hangul filler": "\u3164",
    "Hangul initial filler": "\u115f",
    "Hangul medial filler": "\u1160",
    "half-width Hangul filler": "\uffa0",
    "empty Braille cell": "\u2800",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "byte order mark": "\ufeff",
    "invisible times": "\u2062",
    "annotation": "\ufff9",
    "object replacement": "\ufffc",
    "musical null": "\U0001d159",
    "noncharacter": "\ufdd0",
}


def is_found(written: str) -> bool:
    """As it was typed, and as the model gets it, alone and among other words."""
    prompts = (written, f"a {written} on a table", f"look: {written}!")
    return all(LISTED.found_in(it) for prompt in prompts for it in (prompt, visible_text(prompt)))


@pytest.mark.parametrize("style", STYLES)
def test_a_word_is_found_in_every_style_of_fancy_text(style: str) -> None:
    assert is_found(STYLES[style](WORD))


@pytest.mark.parametrize("name", INVISIBLE)
@pytest.mark.parametrize("times", [1, 3])
def test_a_word_is_found_whatever_invisible_stands_between_its_letters(name: str, times: int) -> None:
    assert is_found((INVISIBLE[name] * times).join(WORD))
