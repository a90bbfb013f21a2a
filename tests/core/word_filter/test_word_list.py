"""The words a server forbids: found behind every disguise, and in no innocent word."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.core.word_filter.errors import (
    EntryTooLong,
    EntryWithoutLetters,
    ForbiddenWord,
    InvalidEntry,
    MisplacedWildcard,
    WordListTooLong,
)
from bot.core.word_filter.prompt_text import BIDI_CONTROLS, GAPS, NOTHING
from bot.core.word_filter.word_list import LONGEST_LIST, LONGEST_WORD, MOST_WORDS, WordList, merge, sort_words
from tests.core.factories import word_list

INVISIBLE = [
    *sorted(BIDI_CONTROLS),
    *"\u200b\u200c\u200d\u2060\u00ad\ufe0f\U000e0061\U000e0100\u034f\ufeff\u180e\ue000\U000fffff\U0010fffd\ufdd0\u2065",
]
words = st.text(string.ascii_lowercase, min_size=3, max_size=8)
prompts = st.text(st.sampled_from("abcdeiklorstu 0135$@!.-*abcсаохуй猫"), max_size=40)
listings = st.text(st.sampled_from("abcABC*!$19 \nсхä猫🍆,-"), max_size=60)


def found(pattern: str, prompt: str) -> bool:
    return word_list(pattern).found_in(prompt) is not None


def parsed(text: str) -> WordList:
    try:
        return word_list(text)
    except InvalidEntry:
        assume(False)
        raise


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("cat", "a CAT!", "cats"),
        ("cat", "don't (cat)", "concatenate"),
        ("cat*", "caterpillar", "bobcat"),
        ("*cat", "bobcat", "bobcats"),
        ("*cat*", "concatenate", "coat"),
        ("cat*", "one cat", "scatter"),
        ("big cat", "a big --  CAT", "a bigcat"),
        ("big cat", "big, cat", "big black cat"),
        ("big cat*", "big cats", "big black cats"),
        ("*cat dog", "bobcat dog", "concatenation dog"),
        ("dog cat*", "dog caterpillar", "hotdog cat"),
        ("kick ass", "kick @ss", "kick assembly"),
        ("🍆", "a 🍆 b c", "a 🍅 b c"),
        ("i ♥ u", "so i ♥ u a b", "so i ♥ a b"),
        ("18+", "18+ only", "118+"),
        ("69", "６９!", "1969"),
        ("88", "٨٨", "880"),
        ("4chan", "from 4chan", "24chan"),
        ("c++", "in c++", "in c"),
        ("🍆", "an 🍆🏽 here", "an 🍅"),
        ("🇺🇸", "🇩🇪🇺🇸!", "🇺🇦 🇩🇪"),
        ("🇺🇸 🇩🇪", "🇺🇸🇩🇪", "🇩🇪🇺🇸"),
        ("🅰️", "group 🅰", "group 🅱️"),
        ("1️⃣", "no 1\u20e3 here", "2️⃣"),
        ("ℹ️", "an ℹ here", "an i"),
    ],
)
def test_a_pattern_means_what_it_means_in_automod(pattern: str, inside: str, outside: str) -> None:
    assert found(pattern, inside)
    assert not found(pattern, outside)


@pytest.mark.parametrize(
    ("pattern", "prompt"),
    [
        ("fuck", "ＦＵＣＫ"),
        ("fuck", "𝖋𝖚𝖈𝖐 𝒾𝓉"),
        ("fuck", "ⓕⓤⓒⓚ"),
        ("fuck", "🅵🆄🅲🅺"),
        ("fuck", "🇫🇺🇨🇰"),
        ("fuck", "ᶠᵘᶜᵏ"),
        ("fuck", "ꜰᴜᴄᴋ"),
        ("fuck", "f̶u̷c̈k͜"),
        ("fuck", "f\u200bu\u00adc\u2060k\ufe0f"),
        ("fuck", "fu\U000e0063ck"),
        ("fuck", "fu\u3164ck"),
        ("ass", "nice\u3164ass"),
        ("fuck", "fuсk"),
        ("fuck", "ғυϲκ"),
        ("cock", "СОСК"),
        ("whore", "ꓪꓧꓳꓣꓰ"),
        ("dick", "ᎠᎥᏟᏦ"),
        ("fuck", "fuuuuck"),
        ("fuck", "fuuck"),
        ("fuck", "FFFUUUCCCKKK"),
        ("nigger", "nigggger"),
        ("fuck", "f.u.c.k"),
        ("fuck", "f u c k you"),
        ("fuck", "what a f-u-c-k"),
        ("fuck", "f🔥u🔥c🔥k"),
        ("cunt", "u r a c u n t"),
        ("ass", "a $ $"),
        ("fuck", "f u с k"),
        ("shit", "$h!t"),
        ("shit", "5h17"),
        ("shit", "sh|t"),
        ("kill", "k1ll"),
        ("kill", "ki11"),
        ("kill", "k111"),
        ("ass", "@$$"),
        ("porn", "p0rn"),
        ("fuck", "f*ck"),
        ("fuck", "f##k"),
        ("hello", "HELL0"),
        ("fuck", "fuck你"),
        ("fuck", "dog!fuck!cat"),
        ("fuck", "snake_fuck_case"),
        ("fuck*", "fuсkать"),
        ("fuck", "fu¢к"),
        ("cock", "да!cock"),
        ("shit", "sh!т"),
        ("ass", "@ѕѕ"),
        ("porn", "рогn"),
        ("fuck", "fu\ufffcck"),
        ("fuck", "f\u17b4uc\u17b5k"),
        ("قرد", "قـــرد"),
        ("كلب", "کلب"),
        ("علی", "علي"),
        ("ایرانی", "ايرانى"),
        ("ده", "دە"),
        ("strasse", "STRAẞE"),
        ("straße", "strasse"),
        ("istanbul", "İSTANBUL ıstanbul"),
        ("figs", "ﬁgs"),
        ("cafe", "CAFÉ"),
    ],
)
def test_a_disguise_is_seen_through(pattern: str, prompt: str) -> None:
    assert found(pattern, prompt)


@pytest.mark.parametrize(
    ("pattern", "prompt"),
    [
        ("ass", "pass the salt, classic assessment of a glass class"),
        ("cunt", "Scunthorpe"),
        ("sex", "Essex"),
        ("tit", "a title for Titus"),
        ("scat", "7 cats at 5"),
        ("sam", "5am"),
        ("ass", "455 people"),
        ("ed", "in 3d"),
        ("sob", "room 250B2"),
        ("ass", "x0455 and 10455z"),
        ("god", "good"),
        ("rape*", "a rapper"),
        ("kkk", "k"),
        ("xxx", "xx"),
        ("ass", "c l a s s"),
        ("ass", "from a %s: %s"),
        ("ass", "pas s, gla s s, as s embly"),
        ("fuck", "fu ckoo"),
        ("ss", "$$"),
        ("i", "hi!"),
        ("cat", "(at the beach)"),
        ("cop*", "сорочка"),
        ("ho", "но она"),
        ("cat", "категория"),
        ("pot", "Рота идёт"),
        ("tov", "τόπος"),
        ("cat", "cat\u0338alogue"),
        ("ho", "но! не он"),
        ("ho", "он!но"),
        ("ropa", "гора"),
        ("push*", "пуш"),
        ("fuck", "fu.ck, fu-ck"),
        ("🇺🇸", "paint us a cat"),
        ("🇺🇸", "🇦🇺🇸🇪"),
        ("🅰️", "a fox"),
        ("1️⃣", "1 fox, 21 foxes"),
        ("ℹ️", "i see"),
        ("㊙️", "秘密"),
    ],
)
def test_an_innocent_prompt_is_left_alone(pattern: str, prompt: str) -> None:
    assert not found(pattern, prompt)


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("хуй", "ХУЙ", "хуже"),
        ("хуй", "xyй", "xyz"),
        ("хуй", "х у й", "х у"),
        ("хер*", "херня", "мехер"),
        ("хер", "хер", "херес"),
        ("пизда", "пи3да", "пи3"),
        ("κακό", "ΚΑΚΟ", "κακός"),
        ("猫", "黑猫在睡觉", "狗在睡觉"),
        ("パン", "ﾊﾟﾝ", "ハン"),
        ("가", "가방", "각"),
        ("แมว", "รูปแมวดำ", "รูปหมา"),
        ("قط", "قِط", "قطار"),
        ("बिल", "एक बिल है", "बिल्ली"),
        ("חתול", "חָתוּל", "חתולים"),
        ("बिल", "यह बिल है। बिल।", "बिल्ली।"),
        ("بلی", "ایک بلی۔", "بلیاں۔"),
        ("ድመት", "ቀይ፡ድመት።", "ድመቶች።"),
    ],
)
def test_every_script_has_its_own_idea_of_a_word(pattern: str, inside: str, outside: str) -> None:
    assert found(pattern, inside)
    assert not found(pattern, outside)


@given(words, prompts, st.sampled_from(INVISIBLE), st.integers(0, 60))
def test_invisible_characters_never_change_the_verdict(word: str, text: str, unseen: str, at: int) -> None:
    prompt = f"{text} {word[:2]} {text}"
    assert found(word[:2], prompt[:at] + unseen + prompt[at:]) == found(word[:2], prompt)


@given(words, prompts, st.sampled_from(sorted(GAPS | NOTHING)), st.integers(0, 60))
def test_blanks_never_hide_a_word(word: str, text: str, blank: str, at: int) -> None:
    prompt = f"{text} {word} {text}"
    assert found(word, prompt[:at] + blank + prompt[at:])


@given(words, prompts)
def test_capitals_never_change_the_verdict(word: str, prompt: str) -> None:
    assert found(word, prompt.upper()) == found(word, prompt) == found(word.upper(), prompt.lower())


@given(listings)
@example("A$A$A")
def test_a_pattern_finds_itself(text: str) -> None:
    for pattern in parsed(text).patterns:
        assert found(pattern, " ".join(word.strip("*") for word in pattern.split())), pattern


@given(st.text(max_size=LONGEST_WORD), st.text(max_size=200))
def test_whatever_is_typed_a_list_can_be_made_and_asked(text: str, prompt: str) -> None:
    listed = parsed(text)
    assert listed.found_in(prompt) in (*listed.patterns, None)


@given(st.text(max_size=LONGEST_WORD))
def test_a_list_comes_back_from_its_text_as_it_was(text: str) -> None:
    listed = parsed(text)
    assert word_list(listed.text()) == listed


def test_a_list_is_trimmed_sorted_and_has_each_word_once_as_it_was_first_written() -> None:
    listed = word_list(" Zebra, cat*\n\nCAT*,ｃａｔ*\r\nbig   dog,cat")
    assert listed.patterns == ("big dog", "cat", "cat*", "Zebra")
    assert listed.text() == "big dog\ncat\ncat*\nZebra"
    assert word_list(" \n,") == WordList() == WordList(())
    assert WordList().found_in("anything") is None


def test_of_several_words_the_one_that_was_found_is_told() -> None:
    listed = word_list("cat*\n*dog\nfur\nхер*\nbird")
    assert [listed.found_in(prompt) for prompt in ("caterpillar", "hotdog", "bird", "херня", "fox")] == [
        *("cat*", "*dog", "bird", "хер*"),
        None,
    ]


@pytest.mark.parametrize(
    ("text", "what", "given_", "limit"),
    [
        ("\n".join(f"w{n}" for n in range(MOST_WORDS + 1)), "words", MOST_WORDS + 1, MOST_WORDS),
        (",".join(f"{n:03}{'🍆' * 30}" for n in range(64)), "list", 64 * 64 - 1, LONGEST_LIST),
    ],
)
def test_a_list_over_a_limit_is_refused_by_the_limits_name(
    text: str, what: str, given_: int, limit: int
) -> None:
    with pytest.raises(WordListTooLong) as refused:
        word_list(text)
    assert (refused.value.what, refused.value.given, refused.value.limit) == (what, given_, limit)


@pytest.mark.parametrize("nothing", ["*", "**", "!!!", "...", "* *", "-*-", "\u0301"])
def test_a_pattern_without_anything_to_look_for_is_refused(nothing: str) -> None:
    with pytest.raises(EntryWithoutLetters) as refused:
        word_list(f"cat\n{nothing}")
    assert refused.value.word == nothing
    assert nothing not in str(refused.value)


@pytest.mark.parametrize("entry", ["big* cat", "*big *cat*", "f*ck", "*a* b"])
def test_a_star_inside_of_an_entry_is_refused(entry: str) -> None:
    with pytest.raises(MisplacedWildcard) as refused:
        word_list(f"cat\n{entry}")
    assert refused.value.word == entry


def test_good_lines_are_kept_and_each_bad_one_is_named() -> None:
    listed, unusable = sort_words(f"cat*\n!!!\nf*ck\n{'x' * (LONGEST_WORD + 1)}\ndog")
    assert listed == WordList(("cat*", "dog"))
    assert [(type(one), one.word) for one in unusable] == [
        (EntryWithoutLetters, "!!!"),
        (MisplacedWildcard, "f*ck"),
        (EntryTooLong, "x" * (LONGEST_WORD + 1)),
    ]


@pytest.mark.parametrize(
    ("stored", "now", "inside", "outside"),
    [
        ("*cat* dog", "*cat dog", "a bobcat dog", "a caterpillar dog"),
        ("dog *cat*", "dog cat*", "a dog caterpillar", "a dog bobcat"),
        ("*d* *xy*", "*d xy*", "red xylophone", "a dog with a xylophone"),
        ("f*ck", "f#ck", "f*ck", "fack"),
        ("big * cat", "big cat", "a big cat", "a big black cat"),
    ],
)
def test_a_star_inside_of_a_stored_entry_goes_and_the_phrase_is_found_as_written(
    stored: str, now: str, inside: str, outside: str
) -> None:
    listed = WordList.stored((stored, "fox*"))
    assert listed.patterns == (now, "fox*")
    assert listed.changed == ((stored, now),)
    assert listed.found_in(inside) == now
    assert listed.found_in(outside) is None
    assert word_list(listed.text()).patterns == tuple(sorted(listed.patterns))


@given(st.lists(st.text(st.sampled_from("ab *!\u200b"), max_size=12)))
def test_whatever_was_stored_can_be_searched_for_and_saved_again(stored: list[str]) -> None:
    listed = WordList.stored(stored)
    assert listed.found_in("ab a b aa") in (*listed.patterns, None)
    saved, unusable = sort_words(listed.text())
    assert not any(isinstance(one, MisplacedWildcard) for one in unusable)
    assert WordList.stored(saved.patterns).changed == ()


def test_a_forbidden_word_stays_out_of_the_log() -> None:
    assert "secret" not in str(ForbiddenWord("secret*")) + repr(ForbiddenWord("secret*"))


def some_words(spread: int) -> st.SearchStrategy[WordList]:
    return st.sets(st.sampled_from([f"word{n}x" for n in range(spread)])).map(
        lambda chosen: word_list("\n".join(chosen))
    )


@given(some_words(6), some_words(6), some_words(6))
def test_a_merge_loses_no_ones_change(base: WordList, theirs: WordList, ours: WordList) -> None:
    was, left, right = set(base.patterns), set(theirs.patterns), set(ours.patterns)
    merged = set(merge(theirs, base, ours).patterns)
    assert merged == (left | right) - (was - left) - (was - right)
    assert merged == set(merge(ours, base, theirs).patterns)


def test_a_merge_takes_the_spelling_of_who_changed_it_and_keeps_to_the_limits() -> None:
    cat, capital = WordList(("cat",)), WordList(("CAT",))
    assert merge(cat, cat, capital) == merge(capital, cat, cat) == capital
    full = [word_list("\n".join(f"{side}{n}" for n in range(150))) for side in ("left", "right")]
    with pytest.raises(WordListTooLong):
        merge(full[0], WordList(), full[1])
