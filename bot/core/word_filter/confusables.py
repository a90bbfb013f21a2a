"""Reads a text as a person sees it: look-alikes, decoration and invisible characters come down to plain letters.

Whoever evades a word list writes the same shapes with other characters. What Unicode itself calls compatible (full
width, mathematical, enclosed letters, ligatures) is decomposed; the rest is a selection by hand of what Unicode calls
confusable (UTS #39, confusables.txt), in either case of the letter.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain

from bot.core.word_filter.alphabets import BLANK, EURO, MAYBE, SPACED, TWO_SHAPES
from bot.core.word_filter.prompt_text import GAPS


def _pairs(listed: str) -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in listed.split()}


# Letters of other alphabets, each with the Latin letter that it looks like as a capital or as a small letter.
_CYRILLIC = _pairs("аa вb сc ԁd еe ғf ԍg нh һh іi јj кk ӏl мm оo рp ԛq ѕs тt ѵv ԝw хx уy үy")
_GREEK = _pairs("αa βb εe ιi ϳj κk οo ρp τt ωw χx ζz")
_ARMENIAN = _pairs("ցg հh յj ոn օo զq տs սu աw")
_CHEROKEE = _pairs("Ꭺa Ᏼb Ꮯc Ꭰd Ꭼe Ꮐg Ꮋh Ꭵi Ꭻj Ꮶk Ꮮl Ꮇm Ꮲp Ꮢr Ꮪs Ꭲt Ꮩv Ꮃw Ꭹy Ꮓz")
# As above, in words that are Latin for sure: each of them is at home in ordinary Cyrillic words.
_CYRILLIC_IN_LATIN = _pairs("гr пn иu яr шw ьb ъb")
_FOREIGN = _CYRILLIC | _GREEK | _ARMENIAN | _CHEROKEE
# Greek letters whose capital looks like another Latin letter than the small one: their signs stand for both.
_TWO_SHAPES = dict(zip("νηυμγ", TWO_SHAPES, strict=True))
EITHER = {"v": "\x80", "n": "\x80\x81", "h": "\x81", "u": "\x82\x83", "y": "\x82\x84", "m": "\x83"}

# Latin letters that Unicode doesn't decompose: small capitals, phonetic letters, letters with a stroke or a hook.
_LATIN = _pairs(
    "ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ꞯq ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz "
    "ɑa ɓb ƀb ƈc ɗd đd ðd ɛe ǝe əe ƒf ɡg ɠg ɦh ħh ɨi ıi ȷj ƙk łl ɫl ɭl ɱm ɲn ŋn øo ɵo þp ƥp ʠq ɾr ʂs ŧt ƭt ʈt ʉu ʋv ʍw "
    "ƴy ʐz ƶz æae œoe"
)
# Lisu letters are Latin capitals by their shape.
_LISU = _pairs("ꓮa ꓐb ꓚc ꓓd ꓰe ꓝf ꓖg ꓧh ꓲi ꓙj ꓗk ꓡl ꓟm ꓠn ꓳo ꓑp ꓣr ꓢs ꓔt ꓴu ꓦv ꓪw ꓫx ꓬy ꓜz")
# Enclosed letters without a decomposition: white on black circles and squares, and the letters of flags.
_ENCLOSED = {
    chr(first + offset): letter
    for first in (0x1F150, 0x1F170, 0x1F1E6)
    for offset, letter in enumerate(string.ascii_lowercase)
}
# Letters of one shape, or nearly, that Arabic, Persian, Urdu and Uyghur keyboards have at different places.
_ARABIC = _pairs("کك یي ىي ەه ہه ھه")
_PLAIN = _LATIN | _LISU | _ENCLOSED | _ARABIC | {"_": " ", "€": EURO}

_TO_LATIN = _FOREIGN | _TWO_SHAPES
_TO_LATIN_AT_ANY_RATE = _TO_LATIN | _CYRILLIC_IN_LATIN
_TO_CYRILLIC = {latin: letter for letter, latin in _CYRILLIC.items() if letter in "авсенкмортух"}
_LATIN_FOR_SURE = frozenset(string.ascii_lowercase)
_LATIN_READABLE = frozenset(string.ascii_lowercase).union(_FOREIGN, _TWO_SHAPES)
_CYRILLIC_READABLE = frozenset(map(chr, range(0x400, 0x530))).union(_TO_CYRILLIC)

_ASCII = str.maketrans({"_": " "} | {chr(code): " " for code in (*range(0x20), 0x7F)})
# Signs behind a word, not letters of it; two ligatures of a whole sentence; and lunate sigma, which is no sigma to see.
# And units of six letters: Japanese ones, and those per second.
_SIGNS = str.maketrans(
    {"™": " ", "℠": " ", "\ufdfa": " ", "\ufdfb": " ", "ϲ": "c", "Ϲ": "c"}
    | {chr(code): " " for code in (*range(0x3300, 0x3358), *range(0x33A7, 0x33B0))}
)
_SIGN = re.compile(f"[{''.join(map(chr, _SIGNS))}]+")
# Marks that decorate, as opposed to the vowel signs of Indic scripts and the sound marks of Japanese: accents,
# strokes and enclosures, Cyrillic titlo, Hebrew points, Arabic vowels and the line that stretches a word.
_DECORATION = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef\u180b-\u180f]"
)


# Where Unicode has characters that are not plain: in the first two planes, outside of the blocks of Chinese, Hangul and
# Tangut; and tags.
_NOT_PLAIN = (
    *(range(0x3400), range(0xA000, 0xAC00), range(0xD7A4, 0x17000), range(0x18D00, 0x20000)),
    range(0xE0000, 0xE0200),
)

# Inside of character classes: letters; signs that may stand for letters between them; what stands between the letters
# of one word. A cluster is one word, or several with signs between them.
_ALPHABETIC = "a-z0-9\u0370-\u058f\u13a0-\u13fd"
_SIGNS_INSIDE = "@$!|+¢£¥©®§×"
WITHIN = BLANK + SPACED + "".join(MAYBE.values())
_PART = re.compile(f"[@$]?[{_ALPHABETIC}]+")
_CLUSTER = re.compile(f"[@$]?[{_ALPHABETIC}]+(?:(?:[{_SIGNS_INSIDE}]|[{WITHIN}]+)[{_ALPHABETIC}]+)*")
_NO_LETTERS = re.escape(_SIGNS_INSIDE + WITHIN + string.digits)
_HAS_SIGN = re.compile(f"[{re.escape(_SIGNS_INSIDE)}]")
_HAS_LATIN = re.compile("[a-z]")
_HAS_NO_LATIN = re.compile(f"[^{''.join(_LATIN_READABLE)}{_NO_LETTERS}]")
_HAS_NO_CYRILLIC = re.compile(f"[^{''.join(_CYRILLIC_READABLE)}{_NO_LETTERS}]")
_HAS_CYRILLIC = re.compile(f"[{''.join(_CYRILLIC_READABLE - _LATIN_READABLE)}]")
_SHORTEST = 3
_SHORT = 16
# Before a character that stands above or below a letter: with a Latin one, it is decoration wherever it comes from.
_MARK = "\x1f"
_MARKED = re.compile(f"([a-z0-9])(?:{_MARK}.)+")
_GAPS = re.compile(f"  +|{BLANK}{BLANK}+")
_NAMED = re.compile(
    "(?:SQUARED |NEGATIVE SQUARED |NEGATIVE CIRCLED |CROSSED NEGATIVE SQUARED )?LATIN (?:SMALL |CAPITAL )?LETTER "
    "(?:SMALL CAPITAL |TURNED |REVERSED |SIDEWAYS |OPEN |BARRED |INVERTED |SCRIPT |BLACKLETTER |STIRRUP |TAILLESS "
    "|BROKEN |CLOSED |LONG-LEGGED |HALF |TOP HALF |BOTTOM HALF )*([A-Z])(?: WITH .+)?"
)


def in_one_alphabet(letters: str) -> str:
    """Each word of a text of `plain_letters` in the one alphabet in which it can be read."""
    return letters if letters.isascii() else _CLUSTER.sub(_unmixed, letters)


def _unmixed(cluster: re.Match[str]) -> str:
    text = cluster[0]
    if text.isascii():
        return text
    # The readings of a text have most of its words in common.
    return _of_short(text) if len(text) <= _SHORT else _in_one(text)


def latin_letter(character: str) -> str | None:
    """The letter, or its sign, that it is beside a Latin letter; None where it is none."""
    read = in_one_alphabet("a" + plain_letters(character))[1:]
    return read if read and all(it in _LATIN_FOR_SURE or it in TWO_SHAPES for it in read) else None


def as_letters(read: str) -> str:
    """All that a letter or a sign of `latin_letter` stands for, and `|` where that is i or l."""
    letters = read + "".join(letter for letter, signs in EITHER.items() if read in signs)
    return f"{letters}|" if read in {"i", "l"} else letters


def plain_letters(text: str) -> str:
    if text.isascii():
        return _GAPS.sub(" ", text.lower().translate(_ASCII))
    text = _SIGN.sub(lambda signs: signs[0].translate(_SIGNS), text)
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", decomposed)
    table = _unicode()
    # Not by `translate`, which takes its time over each character that is not in the table.
    plain = "".join([table.get(character, character) for character in decomposed])
    plain = _MARKED.sub(r"\1", plain).replace(_MARK, "")
    # Together again what belongs together: Hangul syllables, kana with their sound marks.
    return _GAPS.sub(lambda gap: gap[0][0], unicodedata.normalize("NFC", plain))


@lru_cache(maxsize=1)  # a tenth of a second, so that no prompt has to wait for what its characters are
def _unicode() -> Mapping[str, str]:
    """Every character that is not plain by itself with what it is; and each mark behind `_MARK`."""
    characters = map(chr, chain.from_iterable(_NOT_PLAIN))
    return {it: plain for it in characters if (plain := _plain(it)) != it}


def _plain(character: str) -> str:
    if character in GAPS:
        return BLANK
    if _DECORATION.match(character):
        return ""
    match unicodedata.category(character):
        case "Cf" | "Cs":
            return ""
        case "Cc" | "Zs" | "Zl" | "Zp":
            return " "
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Mn" | "Me":
            return _MARK + character
        case _:
            # Unicode names many a letter with a hook, a stroke or a turn, which it does not take apart.
            named = _NAMED.fullmatch(unicodedata.name(character, ""))
            return _PLAIN.get(character) or (named[1].lower() if named else character)


def _in_one(cluster: str) -> str:
    """Of several parts each long one is a word by itself, and the short ones go with them.

    Short ones alone are one word together; but between signs, and without any Latin letter, they are several.
    """
    parts = _PART.findall(cluster)
    if len(parts) == 1:
        return _read(cluster, _table(cluster))
    words = [part for part in parts if len(part) >= _SHORTEST]
    if words:
        # How to read a letter or two that stand beside such words.
        if any(_HAS_LATIN.search(word) and _table(word) is _TO_LATIN_AT_ANY_RATE for word in words):
            beside = _TO_LATIN_AT_ANY_RATE
        else:
            beside = _TO_CYRILLIC if any(map(_HAS_CYRILLIC.search, words)) else {}
        return _PART.sub(
            lambda part: _read(part[0], _table(part[0]) if len(part[0]) >= _SHORTEST else beside), cluster
        )
    if _HAS_LATIN.search(cluster) is None and _HAS_SIGN.search(cluster, 1):
        return cluster
    return _read(cluster, _table("".join(parts)))


_of_short = lru_cache(maxsize=8192)(_in_one)


def _read(word: str, table: Mapping[str, str]) -> str:
    return "".join([table.get(letter, letter) for letter in word]) if table else word


def _table(word: str) -> Mapping[str, str]:
    """A word is Cyrillic if one letter can't be Latin and none can't be Cyrillic; the other way round it is Latin.

    A word without any Latin letter stays as it is if one of them can't be Latin, or if it is too short to tell.
    """
    if _HAS_LATIN.search(word) is None:
        return _TO_LATIN if len(word) >= _SHORTEST and _HAS_NO_LATIN.search(word) is None else {}
    if _HAS_NO_LATIN.search(word) and _HAS_NO_CYRILLIC.search(word) is None:
        return _TO_CYRILLIC
    return _TO_LATIN_AT_ANY_RATE
