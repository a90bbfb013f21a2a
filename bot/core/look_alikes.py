"""Reads a text as a person sees it: look-alikes, decoration and invisible characters come down to plain letters.

Whoever evades a word list writes the same shapes with other characters. What Unicode itself calls compatible (full
width, mathematical, enclosed letters, ligatures) is decomposed; the rest is a selection by hand of what Unicode calls
confusable (UTS #39, confusables.txt), in either case of the letter.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from bot.core.prompts import BLANKS

# Stands after a letter that is written three times or more; no word of any language needs to tell three from four.
REPEATED = "\x02"
# Digits of a number (7 cats at 5, 35mm), which stand for no letter. Like the signs for Greek letters below they are
# control characters, of which none is left in a folded text, from the first 256: expressions are smaller by that.
NUMERALS = "\x90-\x99"
# What a word consists of, inside of a character class: letters, digits, and the vowel signs of Indic scripts.
VOWEL_SIGNS = r"\u0900-\u109f\u1780-\u17ff"
WORD = rf"\w{VOWEL_SIGNS}"


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
_TWO_SHAPES = {"ν": "\x80", "η": "\x81", "υ": "\x82", "μ": "\x83", "γ": "\x84"}
TWO_SHAPES = "\x80-\x84"
EITHER = {"v": "\x80", "n": "\x80\x81", "h": "\x81", "u": "\x82\x83", "y": "\x82\x84", "m": "\x83"}
EURO = "\x85"

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
    chr(first + place): letter
    for first in (0x1F150, 0x1F170, 0x1F1E6)
    for place, letter in enumerate(string.ascii_lowercase)
}
# Letters of one shape, or nearly, that Arabic, Persian, Urdu and Uyghur keyboards have at different places.
_ARABIC = _pairs("کك یي ىي ەه ہه ھه")
_PLAIN = _LATIN | _LISU | _ENCLOSED | _ARABIC | {"_": " ", "€": EURO}

_TO_LATIN = str.maketrans(_FOREIGN | _TWO_SHAPES)
_TO_LATIN_AT_ANY_RATE = str.maketrans(_FOREIGN | _TWO_SHAPES | _CYRILLIC_IN_LATIN)
_TO_CYRILLIC = str.maketrans(
    {latin: letter for letter, latin in _CYRILLIC.items() if letter in "авсенкмортух"}
)
_LATIN_READABLE = frozenset(string.ascii_lowercase).union(_FOREIGN, _TWO_SHAPES)
_CYRILLIC_READABLE = frozenset(chr(code) for code in (*range(0x400, 0x530), *_TO_CYRILLIC))

_ASCII = str.maketrans({"_": " "} | {chr(code): " " for code in (*range(0x20), 0x7F)})
_AS_GAPS = str.maketrans(dict.fromkeys(BLANKS, " "))
# Signs behind a word, not letters of it; two ligatures of a whole sentence; and lunate sigma, which is no sigma to see.
_SIGNS = str.maketrans({"™": " ", "℠": " ", "\ufdfa": " ", "\ufdfb": " ", "ϲ": "c", "Ϲ": "c"})
# Marks that decorate, as opposed to the vowel signs of Indic scripts and the sound marks of Japanese: accents,
# strokes and enclosures, Cyrillic titlo, Hebrew points, Arabic vowels and the line that stretches a word.
_DECORATION = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef\u180b-\u180f]"
)

# Letters and digits; signs may stand for letters before and between them.
_ALPHABETIC = "[a-z0-9\u0370-\u058f\u13a0-\u13fd]"
_IN_ANOTHER_ALPHABET = re.compile(f"{_ALPHABETIC}+")
_WITH_SIGNS = re.compile(f"[@$]?{_ALPHABETIC}+(?:[@$!|+¢£¥©®§×]{_ALPHABETIC}+)*")
_SIGNS_AND_DIGITS = "@$!|+¢£¥©®§×" + string.digits
# Signs and emoji that are drawn as letters or digits: flags, buttons (🅰️ ℹ️ 🈚), keycaps.
_ENCLOSING = "ℹ\u24b6-\u24e9\u3200-\u33ff\U0001f110-\U0001f2ff"
_DRAWN_LETTER = re.compile(f"[0-9]\ufe0f?\u20e3|[{_ENCLOSING}]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_UNIT = "st|nd|rd|th|s|am|pm|k|d|m|p|x|w|v|f|c|h|g|l|in|ft|mm|cm|km|px|fps|mg|kg|ml|mp|mb|gb|tb|hz|mph|yo|yr|yrs|min"
_NUMBER = re.compile(rf"(?<![{WORD}])[0-9]+(?:{_UNIT})?(?![{WORD}])")
_NUMERAL = str.maketrans({str(digit): chr(0x90 + digit) for digit in range(10)})
_REPETITION = re.compile(r"([^\W\d_])\1{2,}")

# Single letters with the same gap between any two of them: f u c k, f.u.c.k, $ h ! t.
_SPACED = re.compile(
    rf"(?<![{WORD}])[{WORD}@$!|+]([^{WORD}]{{1,3}}?)[{WORD}@$!|+](?:\1[{WORD}@$!|+])+(?![{WORD}])"
)
_ONE_LETTER_WORDS = frozenset("aiur")
_MOST_BEFORE = 3
_SHORTEST = 3


def readings(text: str) -> Iterator[str]:
    """Every way in which a person may read `text`, each as `fold` would write it."""
    yield from _read(text)
    if _DRAWN_LETTER.search(text):
        yield as_drawn(text)
    if not BLANKS.isdisjoint(text):
        yield from _read(text.translate(_AS_GAPS))


def is_drawn(text: str) -> bool:
    """Whether `text` is nothing but emoji that are drawn as letters."""
    return bool(_DRAWN_LETTER.search(text)) and not _letters(_DRAWN_LETTER.sub("", text)).strip("* ")


def as_drawn(text: str) -> str:
    """`text` as `fold` writes it, but emoji that are drawn as letters are emoji, and each flag stands by itself."""
    plain = iter(_DRAWN_LETTER.split(text))
    drawn = (found[0].replace("\ufe0f", "") for found in _DRAWN_LETTER.finditer(text))
    joined = "".join(f"{fold(before)}{sign}" for before, sign in zip(plain, (*drawn, ""), strict=True))
    return _FLAG.sub(r" \g<0> ", joined)


def fold(text: str) -> str:
    """`text` in plain letters, each word in the one alphabet in which it can be read."""
    return _finish(_letters(text))


def as_written(text: str) -> str:
    """`text` as `fold` writes it, but with each letter left in its alphabet."""
    return _counted(_letters(text))


def _read(text: str) -> Iterator[str]:
    letters = _letters(text)
    yield _finish(letters)
    if not letters.isascii():
        yield _finish(letters, _WITH_SIGNS)
    if _SPACED.search(letters):
        joined = (_joined(letters, before) for before in range(_MOST_BEFORE + 1))
        yield from map(_finish, dict.fromkeys(joined))


def _joined(letters: str, before: int) -> str:
    """With spaced-out words put together; up to `before` one-letter words stay in front (u r a f o x)."""

    def join(run: re.Match[str]) -> str:
        word = run[0][:: 1 + len(run[1])]
        if len(word) - before < _SHORTEST or not _ONE_LETTER_WORDS.issuperset(word[:before]):
            return word
        return " ".join((*word[:before], word[before:]))

    return _SPACED.sub(join, letters)


def _letters(text: str) -> str:
    if text.isascii():
        return text.lower().translate(_ASCII)
    decomposed = unicodedata.normalize("NFKD", text.translate(_SIGNS)).casefold()
    decomposed = unicodedata.normalize("NFKD", decomposed)
    plain = decomposed.translate({ord(character): _plain(character) for character in set(decomposed)})
    # Together again what belongs together: Hangul syllables, kana with their sound marks.
    return unicodedata.normalize("NFC", plain)


@lru_cache(maxsize=8192)
def _plain(character: str) -> str:
    if character in BLANKS or _DECORATION.match(character):
        return ""
    match unicodedata.category(character):
        case "Cf" | "Cs":
            return ""
        case "Cc" | "Zs" | "Zl" | "Zp":
            return " "
        case "Nd":
            return str(unicodedata.decimal(character))
        case _:
            return _PLAIN.get(character, character)


def _finish(letters: str, words: re.Pattern[str] = _IN_ANOTHER_ALPHABET) -> str:
    if not letters.isascii():
        letters = words.sub(_in_one_alphabet, letters)
    return _counted(letters)


def _counted(letters: str) -> str:
    letters = _NUMBER.sub(lambda number: number[0].translate(_NUMERAL), letters)
    return _REPETITION.sub(rf"\1{REPEATED}", letters)


def _in_one_alphabet(match: re.Match[str]) -> str:
    """A word is Cyrillic if one letter can't be Latin and none can't be Cyrillic; the other way round it is Latin.

    Where there is nothing Latin, signs stand between two words.
    """
    word = match[0]
    if word.isascii():
        return word
    letters = frozenset(word).difference(_SIGNS_AND_DIGITS)
    if letters.isdisjoint(string.ascii_lowercase):
        return _IN_ANOTHER_ALPHABET.sub(_in_latin_or_not, word)
    if letters <= _CYRILLIC_READABLE and not letters <= _LATIN_READABLE:
        return word.translate(_TO_CYRILLIC)
    return word.translate(_TO_LATIN_AT_ANY_RATE)


def _in_latin_or_not(match: re.Match[str]) -> str:
    """A word without any Latin letter; what is too short may be a word of its own alphabet."""
    word = match[0]
    length = len(word) + match.string[: match.start()].endswith(("@", "$"))
    if length >= _SHORTEST and frozenset(word).difference(string.digits) <= _LATIN_READABLE:
        return word.translate(_TO_LATIN)
    return word
