"""Words in the styles of “fancy text” pages: Latin letters by their shapes, whatever script these are from.

Such a word is read as one in a reading of its own, so that nothing of what is written in other scripts gets lost.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from bot.core.word_filter.confusables import as_letters, latin_letter
from bot.core.word_filter.confusables_table import CONFUSABLES

# Whole alphabets as such pages have them, a to z.
_ALPHABETS = (
    "αв¢∂єƒgнιנкℓмησρqяѕтυνωχуz",
    "ąცƈɖɛʄɠɧıʝƙƖɱŋơ℘զཞʂɬų۷ῳҳყʑ",
    "ค๒ς๔єŦﻮђเןкl๓ภ๏קợгรtยשฬץאz",
    "ค๖¢໓ēfງhiวkl๓ຖ໐p๑rŞtนงຟxฯຊ",
    "卂乃匚ᗪ乇千Ꮆ卄丨ﾌҜㄥ爪几ㄖ卩Ɋ尺丂ㄒㄩᐯ山乂ㄚ乙",
    "ﾑ乃ᄃりモｷムんﾉﾌズﾚﾶ刀のｱゐ尺ㄎｲひ√WﾒﾘZ",
    "ልጌርዕቿቻኗዘጎጋጕረጠክዐየዒዪነፕሁሀሠሸሃጊ",
    "ᏗᏰፈᎴᏋᎦᎶᏂᎥᏠᏦᏝᎷᏁᎧᎮᎤᏒᏕᏖᏬᏉᏇጀᎩፚ",
    "ąҍçժҽƒցհìʝҟӀʍղօքզɾʂէմѵաҳվՀ",
    "ΛБᄃDΣFGΉIJKᄂMПӨPQЯƧƬЦVЩЖЧZ",
    "₳฿₵ĐɆ₣₲ⱧłJ₭Ⱡ₥₦Ø₱QⱤ₴₮ɄV₩ӾɎⱫ",
    "ᗩᗷᑕᗪEᖴGᕼIᒍKᒪᗰᑎOᑭᑫᖇᔕTᑌᐯᗯ᙭Yᘔ",
    "ᗩᗷᑢᕲᘿᖴᘜᕼᓰᒚᖽᒪᘻᘉᓍᕵᕴᖇSᖶᑘᐺᘺ᙭ᖻᗱ",
    "ꍏꌃꉓꀸꍟꎇꁅꃅꀤꀭꀘ꒒ꂵꈤꂦꉣꆰꋪꌗ꓄ꀎꃴꅏꊼꌩꁴ",
    "ꋬꍗꏳꂟꏂꄟꍌꃬ꒐꒻ꀘ꒒ꂵꋊꄲꉣꆰꋪꇙ꓅꒤꒦ꅐꉧꌦꁴ",
    "ꁲꃳꏸꀷꑾꎇꁅꃄꊛꀰꀗꁡꁒꁹꆂꉣꁸꌅꌚꋖꐇꀰꅏꇒꐞꁴ",
    "ǟɮƈɖɛʄɢɦɨʝӄʟʍռօքզʀֆȶʊʋաӼʏʐ",
    "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz",
    "ɒbɔbɘꟻǫʜiꞁʞlmᴎoqpɿƨƚuvwxγz",
    "ȺɃȻĐɆFǤĦƗɈꝀŁMNØⱣꝖɌSŦᵾVWXɎƵ",
    "ᥲᑲᥴძᥱƒᧁһเʝƙᥣɱᥒ᥆ρᑫɾ᥉ƚᥙ᥎ᥕꪎᥡᤁ",
    "ꪖ᥇ᥴᦔꫀᠻᧁꫝ꠸᧒ƙꪶꪑꪀꪮρᧁ᥅ꪊꪻꪊꪜ᭙᥊ꪗɀ",
    "Åβ¢ÐΞ₣GĦÎJҜĿMИФPǪЯ§†ЏV₩ЖҰZ",
    "ДѢᑕძ૯ՔᎶꮋꭵյᏦㄥ爪ηØ₱ᑫ૨ՏէມⴸШ᙮ყƶ",
)
# One more of a letter that the alphabets have otherwise.
_OTHERS = (
    ("a", "ɐ∀ªД闩∆Δⲁ𐌀"), ("b", "ƃ♭ც乃ᙠⲃ"), ("c", "ↄⒸ©℃"), ("d", "∂ᗡ₫ძδⲇ𐌃"), ("e", "ә∃эёΞ∑૯🝗ɞɜᗴⲉ𐌄"),
    ("f", "ʃ∱"), ("g", "₲ց"), ("h", "♄ћђⲏ"), ("i", "ΐỉ¡"), ("k", "Ҝ₭𐌊"), ("|", "⅃˥└𐌋│┃ㅣ"), ("m", "♏₥"),
    ("n", "₦ภήИй𐌍"), ("o", "⊙☉◯○●◎⓪⭕ФⓞΘө"),
    ("p", "₱ᑭρ"), ("q", "ǫϙ"), ("r", "૨ЯᖇཞⱤгΓ®ꞅ𐌓"), ("s", "§∫₴ƨⲋ"), ("t", "†┴✝₮ŧ☨"), ("u", "∪Цմцⳙ"), ("v", "√∨Λ"),
    ("w", "ψѡЩщᗯⲱ"), ("x", "☓✕✖❌╳×ж"), ("y", "¥⅄ϓ"), ("z", "ʒⲍ"),
)  # fmt: skip
# What the plain reading has as another letter: a q among small capitals.
_BESIDES = {"ǫ": "q"}
_UPSIDE_DOWN = dict(
    zip(
        "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz∀ꓭƆᗡƎℲ⅁HIſꓘ⅂WNOԀΌᴚS⊥∩ΛMX⅄Z∀𐐒ƆꓷƎℲפHIꓩ⋊˥WNOꓒQꓤS┴ꓵꓥMX⅄Z",
        string.ascii_lowercase * 3,
        strict=True,
    )
)
_MIRRORED = dict(zip("ɒdɔbɘꟻǫʜiꞁʞlmᴎoqpɿƨƚuvwxγz", string.ascii_lowercase, strict=True))
_ONLY_TURNED = re.compile("[∀ꓭ𐐒ƆᗡꓷƎℲ⅁ꓩ⋊ꓘ⅂˥Ԁꓒᴚꓤ⊥┴∩ꓵꓥ⅄ɐǝɟƃɥᴉɯɹʇʌʍʎʞɒɘꟻɿƨᴎ]")
# Of words with such letters, so many characters are read: more than any prompt with them has.
_MOST_UNUSUAL = 1500
# I and l look the same: a capital among small letters (kiIl), a small one among capitals (KlLL). And no word begins
# with ß, which looks like a b there.
_MISPLACED = re.compile(r"(?=[Ilß])(?:(?<=[^\W_A-Z])I+|(?<=[A-Z])l+(?![a-z])|\bß)")
_EITHER = "|"

# Alphabets of living languages with look-alikes of Latin letters, each with its sign: a word in one of them is no Latin
# one.
_LIVING = dict(
    zip(
        "defghijklmn",
        (
            *((0x370, 0x3FF), (0x400, 0x52F), (0x530, 0x58F), (0x590, 0x5FF), (0x600, 0x8FF), (0x900, 0xDFF)),
            *((0xE00, 0xE7F), (0xE80, 0xEFF), (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1780, 0x17FF)),
        ),
        strict=True,
    )
)
# Written without gaps, so what looks like a word may be part of a sentence.
_WITHOUT_GAPS = ((0x1100, 0x11FF), (0x2E80, 0xA4CF), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0xFF66, 0xFFDC))
_NO_SCRIPT, _LATIN_OR_RARE, _CJK = "abc"
# Of the kinds of characters: words with a shape, which are not all in one living alphabet.
_ONE_LIVING = "|".join(f"[aA]*+[{it}{it.upper()}][aA{it}{it.upper()}]*+" for it in _LIVING)
_STYLED = re.compile(f"(?<![a-zA-Z])(?!(?:[a-z]++|{_ONE_LIVING})(?![a-zA-Z]))[a-zA-Z]+")
# What words in the styles may have beside the shapes: Latin letters in all their forms, those of alphabets that are
# read as Latin anyway, digits, signs, marks.
_BESIDE = tuple(
    range(ord(first), ord(last) + 1)
    for first, last in (
        *("AZ", "az", "09", "@@", "$$", "!!", "||", "++", "\u00c0\u02af", "\u0300\u058f", "\u13a0\u13ff"),
        *("\u1d00\u1eff", "\u20d0\u214f", "\u2460\u24ff", "\u2c60\u2c7f", "\ua4d0\ua4ff", "\ua720\ua7ff"),
        *("\uff21\uff5a", "\U0001d400\U0001d7ff", "\U0001f100\U0001f1ff"),
    )
)
_READ_AS_LATIN = "\u00a0-\u02ff\u2070-\u218f\u3200-\u33ff\uab30-\uabbf\ufb00-\ufb06"
_SHORTEST_WITHOUT_GAPS = 3


class _Styles(NamedTuple):
    """Tables from shapes to letters, and what words in them may consist of.

    Where pages, or the plain reading, see one letter in a character of `ambiguous` and Unicode another, `by_unicode`
    has Unicode's. A word in a style consists of characters that have `kinds`; a `word` may have signs, and
    letters that are read as Latin anyway, inside.
    """

    by_pages: Mapping[str, str]
    by_unicode: Mapping[str, str]
    ambiguous: re.Pattern[str]
    shapes: frozenset[str]
    kinds: Mapping[str, str]
    word: re.Pattern[str]


@lru_cache(maxsize=1)  # it takes a moment, which the start of the bot need not wait for
def _styles() -> _Styles:
    listed = {other: letter for letter, others in CONFUSABLES.items() for other in others}
    lower = {other.lower(): letter for other, letter in listed.items() if len(other.lower()) == 1}
    # I and l are one shape, and `|` is read as either of them.
    of_unicode = {it: _EITHER if letter == "l" else letter for it, letter in (lower | listed).items()}
    shapes = dict[str, str]()
    for alphabet in _ALPHABETS:
        shapes = dict(zip(alphabet, string.ascii_lowercase, strict=True)) | shapes
    for letter, others in _OTHERS:
        shapes = dict.fromkeys(others, letter) | shapes
    plain = {it: latin_letter(it) for it in (of_unicode | shapes)}
    shapes = {it: letter for it, letter in (of_unicode | shapes).items() if plain[it] is None} | _BESIDES
    different = {
        it: letter
        for it, letter in of_unicode.items()
        if len(letter) == 1 and letter not in as_letters(shapes.get(it) or plain[it] or letter)
    }
    known = frozenset(shapes).union(different)
    kinds = {it: _kind(it, known) for it in known.union(map(chr, chain.from_iterable(_BESIDE)))}
    return _Styles(
        shapes,
        shapes | different,
        re.compile(f"[{_ranges(different)}]"),
        known,
        kinds,
        re.compile(rf"[{_ranges({*kinds, *_UPSIDE_DOWN, *_MIRRORED})}{_READ_AS_LATIN}\W]+"),
    )


def _ranges(characters: Iterable[str]) -> str:
    """For inside of a character class, of which `re` looks one by one at what is beyond the first plane of Unicode."""
    codes = sorted(map(ord, characters))
    firsts = [code for before, code in pairwise([-2, *codes]) if code - before > 1]
    lasts = [code for code, after in pairwise([*codes, 0x110001]) if after - code > 1]
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in zip(firsts, lasts, strict=True))


def other_readings(text: str) -> Iterator[str]:
    """`text` with styled words as Latin ones, and the words that are turned round the right way round."""
    styles = _styles()
    other = _MISPLACED.sub(lambda found: "b" if found[0] == "ß" else _EITHER * len(found[0]), text)
    if not styles.shapes.isdisjoint(other):
        other = _styled_as_latin(other, styles, styles.by_pages)
    if other != text:
        yield other
    if ambiguous := _words_with(styles.ambiguous, text):
        yield _styled_as_latin(ambiguous, styles, styles.by_unicode)
    if turned := _words_with(_ONLY_TURNED, text):
        for table in (_UPSIDE_DOWN, _MIRRORED):
            upright = "".join([table.get(character, character) for character in turned])
            yield f"{upright[::-1]} {upright}"


def _words_with(characters: re.Pattern[str], text: str) -> str:
    if not characters.search(text):
        return ""
    typed = filter(characters.search, text.split())
    words = chain.from_iterable(map(_styles().word.findall, typed))
    return " ".join(filter(characters.search, words))[:_MOST_UNUSUAL]


def _styled_as_latin(text: str, styles: _Styles, table: Mapping[str, str]) -> str:
    kinds = "".join([styles.kinds.get(character, " ") for character in text])
    pieces, end = list[str](), 0
    for run in _STYLED.finditer(kinds):
        start, stop = run.span()
        if _CJK in run[0].lower():
            alone = not text[start - 1 : start].isalnum() and not text[stop : stop + 1].isalnum()
            if stop - start < _SHORTEST_WITHOUT_GAPS or not alone:
                continue
        pieces.append(text[end:start])
        pieces += [table.get(character, character) for character in text[start:stop]]
        end = stop
    return "".join((*pieces, text[end:]))


def _kind(character: str, shapes: Collection[str]) -> str:
    """The sign of its script, as a capital letter where it is a shape."""
    code = ord(character)
    if any(first <= code <= last for first, last in _WITHOUT_GAPS):
        script = _CJK
    else:
        otherwise = _LATIN_OR_RARE if character.isalpha() or character in shapes else _NO_SCRIPT
        living = (sign for sign, (first, last) in _LIVING.items() if first <= code <= last)
        script = next(living, otherwise)
    return script.upper() if character in shapes else script
