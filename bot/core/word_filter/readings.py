"""Every way in which a person may read a text, in plain letters and the signs of `alphabets`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.core.word_filter.alphabets import LATER_DIGITS, MAYBE, NUMERALS, REPEATED, SPACED, VOWEL_SIGNS
from bot.core.word_filter.confusables import WITHIN, in_one_alphabet, plain_letters
from bot.core.word_filter.letter_styles import other_readings
from bot.core.word_filter.prompt_text import UNSEEN

# Inside of a character class: what a word consists of.
_WORD = rf"\w{VOWEL_SIGNS}"
# Signs and emoji that are drawn as letters or digits: flags, buttons (🅰️ ℹ️ 🈚), keycaps.
_ENCLOSING = "ℹ\u24b6-\u24e9\u3200-\u33ff\U0001f110-\U0001f2ff"
_DRAWN_LETTER = re.compile(f"([0-9])\ufe0f?\u20e3|[{_ENCLOSING}]")
DRAWN = "\U000f0000"
"""From here on (a private plane) an emoji that is drawn as a letter stands for nothing but itself."""
_FLAG = re.compile("[\U000ff1e6-\U000ff1ff]{2}")
_UNIT = "st|nd|rd|th|s|am|pm|k|d|m|p|x|w|v|f|c|h|g|l|in|ft|mm|cm|km|px|fps|mg|kg|ml|mp|mb|gb|tb|hz|mph|yo|yr|yrs|min"
_NUMBER = re.compile(rf"(?<![{_WORD}{WITHIN}])[0-9]+(?:[{WITHIN}]+[0-9]+)*(?:{_UNIT})?(?![{_WORD}{WITHIN}])")
_NUMERAL = str.maketrans(NUMERALS)
_LATER_DIGIT = re.compile("(?<=[0-9])[0-9]")
_REPETITION = re.compile(rf"([^\W\d_])(?:[{WITHIN}]*\1){{2,}}")
_WITHIN = re.compile(f"[{WITHIN}]")
# By then there are neither digits in a row nor underscores.
_PLAIN_REPETITION = re.compile(r"(\w)\1\1+")

# Letters that are written one by one, with up to so many other characters between any two of them: f u c k, f.u.c.k,
# $ h ! t. A sign is one of the letters, or it is what stands between them; between all of them, if no gap does.
_LONGEST_GAP = 6
# So many gaps are no coincidence even where they differ (a %s: %s).
_SURE = 3
_LETTER_OR_SIGN = rf"{_WORD}@$!|+"
_SIGN_AHEAD = f"(?=[^{_WORD}]{{0,{_LONGEST_GAP - 1}}}[@$!|+])"
_SPACED = re.compile(
    rf"(?<![{_WORD}])(?:"
    rf"[{_LETTER_OR_SIGN}](?:[^{_LETTER_OR_SIGN}]{{1,{_LONGEST_GAP}}}[{_LETTER_OR_SIGN}](?![{_WORD}])){{2,}}"
    rf"|[{_WORD}](?:{_SIGN_AHEAD}[^{_WORD}]{{1,{_LONGEST_GAP}}}[{_WORD}](?![{_WORD}])){{2,}})"
)
_BETWEEN = re.compile(f"[^{_LETTER_OR_SIGN}]+")
# Of others, a letter may be a word of its own alphabet, and what stands between them a sign or an emoji.
_PLAIN_RUNS = re.compile(r"[\w .,;:!?'\"()\[\]/&@$|+-]*", re.ASCII)


def readings(text: str) -> Iterator[str]:
    """`text` as `fold` writes it, and in every other way in which a person may read it."""
    text = UNSEEN.sub("", text)
    letters = plain_letters(text)
    runs = "".join(run[0] for run in _SPACED.finditer(letters))
    together = _together(letters)
    yield together
    if _DRAWN_LETTER.search(text):
        yield as_drawn(text)
    # Signs may go, as what stands between one letter and itself: a$a$a is aaa, and may be meant as it is.
    elif not _PLAIN_RUNS.fullmatch(runs) or any(
        runs.count(sign) > together.count(maybe) for sign, maybe in MAYBE.items() if sign in runs
    ):
        yield _counted(in_one_alphabet(letters))
    for other in other_readings(text):
        yield _together(plain_letters(other))


def _together(letters: str) -> str:
    """With those marked that are written one by one."""
    return _counted(in_one_alphabet(_SPACED.sub(_one_by_one, letters)))


def _one_by_one(run: re.Match[str]) -> str:
    together = _BETWEEN.sub(SPACED, run[0])
    if together.count(SPACED) < _SURE and len(set(_BETWEEN.findall(run[0]))) > 1:
        return run[0]
    for sign, maybe in MAYBE.items():
        together = together.replace(sign, maybe)
    return together


def fold(text: str) -> str:
    """`text` in plain letters, each word in the one alphabet in which it can be read."""
    return _counted(in_one_alphabet(plain_letters(text)))


def as_written(text: str) -> str:
    """`text` as `fold` writes it, but with each letter left in its alphabet."""
    return _counted(plain_letters(text))


def is_drawn(text: str) -> bool:
    """Whether `text` is nothing but emoji that are drawn as letters."""
    return bool(_DRAWN_LETTER.search(text)) and not plain_letters(_DRAWN_LETTER.sub("", text)).strip("* ")


def as_drawn(text: str) -> str:
    """`text` as `fold` writes it, but emoji that are drawn as letters are emoji, and each flag stands by itself."""
    return _FLAG.sub(r" \g<0> ", fold(_DRAWN_LETTER.sub(_as_itself, text)))


def _as_itself(drawn: re.Match[str]) -> str:
    code = ord(drawn[1] or drawn[0])
    return chr(code + (0xE0000 if code > 0xFFFF else 0xF0000))


def _counted(letters: str) -> str:
    """Numbers are no letters, and what is written three times or more is written often."""
    letters = _NUMBER.sub(lambda number: number[0].translate(_NUMERAL), letters)
    letters = _LATER_DIGIT.sub(lambda digit: LATER_DIGITS[digit[0]], letters)
    repetition = _REPETITION if _WITHIN.search(letters) else _PLAIN_REPETITION
    return repetition.sub(rf"\1{REPEATED}", letters)
