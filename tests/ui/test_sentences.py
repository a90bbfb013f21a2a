"""The catalogues: what the code asks for is there, what is there is asked for, and every language says the same."""

from __future__ import annotations

import ast
import gettext
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.ui.sentences import ENGLISH, LOCALES, Sentences
from tests.core.factories import NOON
from tests.ui.error_examples import kinds

ROOT = Path(__file__).parents[2]
SOURCES = sorted(LOCALES.glob("*/LC_MESSAGES/bot.po"))
OF_ERRORS = ("refused", "undone", "failed", "advice", "reason", "left_out")
"""What `bot.ui.error_messages` puts before the code of an error."""
ASKING = {"say", "IN_ENGLISH", "described", "self", "_joined", "gettext"}
JOINING = {"_joined", "gettext"}
SPEAKING = ("bot/ui", "bot/interactions", "bot/client", "cogs")
ANY = "\0"


def catalogue(source: Path) -> Catalog:
    with source.open(encoding="utf-8") as file:
        return read_po(file)


def code_of(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else str(message.id)


def forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, tuple) else (str(message.string),)


def places(text: str) -> set[str]:
    found = [(name, style) for _, name, style, _ in Formatter().parse(text) if name is not None]
    return {f"{name}:{style}" if style else name for name, style in found}


@cache
def english() -> dict[str, Message]:
    return {code_of(one): one for one in catalogue(LOCALES / ENGLISH / "LC_MESSAGES" / "bot.po") if one.id}


def asked_for(node: ast.expr) -> Iterator[str]:
    """The codes that an argument can be, with ANY for what is known only when it runs."""
    match node:
        case ast.Constant(value=str(code)):
            yield code
        case ast.JoinedStr(values=parts):
            found = [""]
            for part in parts:
                ends = list(asked_for(part.value if isinstance(part, ast.FormattedValue) else part))
                found = [begun + end for begun in found for end in ends]
            yield from found
        case ast.IfExp(body=one, orelse=other):
            yield from asked_for(one)
            yield from asked_for(other)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from (a + b for a in asked_for(left) for b in asked_for(right))
        case _:
            yield ANY


def calls() -> Iterator[tuple[str, str, set[str] | None]]:
    """Where a sentence is asked for, its code, and the places that are filled (None: not known)."""
    for path in (path for folder in SPEAKING for path in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            function = node.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            if name in ASKING:
                names = {keyword.arg for keyword in node.keywords}
                given = {str(one) for one in names}
                for code in asked_for(node.args[0]):
                    known = name not in JOINING and None not in names
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", code, given if known else None


@cache
def matching(code: str) -> list[str]:
    if ANY not in code:
        return [code] if code in english() else []
    pattern = re.compile("[^.]+".join(map(re.escape, code.split(ANY))))
    return [known for known in english() if pattern.fullmatch(known)]


def strings() -> set[str]:
    """The codes of errors, and all that a code could be, wherever it is asked for."""
    found = {
        code
        for folder in SPEAKING
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.expr)
        for code in asked_for(node)
    }
    return {code for code in found if code.strip(ANY + ".") and " " not in code} | {
        one.code for one in kinds()
    }


def test_every_sentence_that_is_asked_for_is_in_the_catalogue() -> None:
    assert [(where, code) for where, code, _ in calls() if code != ANY and not matching(code)] == []


def test_every_place_of_a_sentence_is_filled() -> None:
    missing = [
        (where, one, need - given)
        for where, code, given in calls()
        if given is not None and code.strip(ANY)
        for one in matching(code)
        if not (need := {name.partition(":")[0] for text in forms(english()[one]) for name in places(text)})
        <= given
    ]
    assert missing == []


def test_every_sentence_in_the_catalogue_is_asked_for() -> None:
    asked = {known for _, code, _ in calls() if code.strip(ANY) for known in matching(code)}
    for code in strings():
        asked.update(matching(code))
        for kind in OF_ERRORS:
            parts = code.split(".")
            shorter = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
            asked.update(known for one in shorter for known in matching(f"{kind}.{one}"))
    assert sorted(set(english()) - asked) == []


def test_what_a_sentence_counts_has_plural_forms() -> None:
    counted = [
        code
        for code, message in english().items()
        if "count" in {name for text in forms(message) for name in places(text)}
        and not isinstance(message.id, tuple)
    ]
    assert counted == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.parts[-3])
def test_what_runs_is_compiled_from_what_is_read(source: Path) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(source))
    assert source.with_suffix(".mo").read_bytes() == compiled.getvalue(), (
        "run: pybabel compile -d bot/ui/locales -D bot"
    )


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.parts[-3])
def test_every_language_says_every_sentence_with_the_same_places(source: Path) -> None:
    translated = catalogue(source)
    assert {code_of(one) for one in translated if one.id} == set(english())
    for message in translated:
        if not message.id:
            continue
        original = english()[code_of(message)]
        assert all(forms(message)), message.id
        assert len(forms(message)) == (translated.num_plurals if message.pluralizable else 1)
        needed = places(forms(original)[-1])
        for text in forms(message):
            assert places(text) - {"count"} == needed - {"count"}, message.id
            assert all(re.fullmatch(r"[a-z_]+(:[fRdDtT])?", name) for name in places(text)), message.id


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.parts[-3])
def test_every_sentence_is_as_short_as_discord_wants_it(source: Path) -> None:
    for message in catalogue(source):
        for limit in re.findall(
            r"at most (\d+)", " ".join(english()[code_of(message)].auto_comments) if message.id else ""
        ):
            assert all(len(text) <= int(limit) for text in forms(message)), message.id


def test_numbers_moments_days_lists_and_spans_of_time_are_written_in_one_way() -> None:
    say = Sentences()
    assert say("refused.prompt_too_long", length=1500, limit=1024).startswith(
        "Your prompt is 1,500 characters"
    )
    assert say("confirm.dollars", amount=Decimal("1234.50")) == "$1,234.50"
    assert say("refused.reporting_too_fast", until=NOON).endswith(
        "another <t:1795435200:R>, or tell a moderator directly."
    )
    assert (
        say("refused.invalid_image_count", most=NOON.date())
        == "Ask for 1 to 23 November 2026 images. Nothing was counted."
    )
    assert [say.listed("abcd"[:length], "and") for length in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert say.listed(["a", "b", "c", "d"], "or", most=2) == "a, b and 2 more"
    assert [say.duration(seconds) for seconds in (0, 45, 5400)] == ["none", "45 s", "1 h 30 min"]


def test_a_language_without_a_catalogue_is_answered_in_english() -> None:
    assert Sentences("tlh")("refused.shutting_down") == Sentences()("refused.shutting_down")


def test_a_language_says_in_english_what_it_has_no_words_for(tmp_path: Path) -> None:
    german = Catalog("de")
    german.add("refused.shutting_down", "Ich starte neu.")
    german.add("confirm.dollars", "{amount} $")
    german.add(("duration.hours", "duration.hours"), ("{count} Stunde", "{count} Stunden"))
    german.add("number.group", ".")
    german.add("number.point", ",")
    german.add(("image.used", "image.used"), ("{count} Bild", "{count} Bilder"))
    for name, one in (("de", german), (ENGLISH, catalogue(LOCALES / ENGLISH / "LC_MESSAGES" / "bot.po"))):
        folder = tmp_path / name / "LC_MESSAGES"
        folder.mkdir(parents=True)
        with (folder / "bot.mo").open("wb") as file:
            write_mo(file, one)
    say = Sentences("de", tmp_path)
    assert say("refused.shutting_down") == "Ich starte neu."
    assert say("confirm.dollars", amount=Decimal("1234.50")) == "1.234,50 $"
    assert [say.duration(seconds) for seconds in (3660, 7200)] == ["1 Stunde 1 min", "2 Stunden"]
    assert [say("image.used", count=count) for count in (1, 2)] == ["1 Bild", "2 Bilder"]
    assert say("panel.words", count=2) == "2 entries"
    assert say.knows("refused.database_busy")
    assert not say.knows("refused.nothing")
    assert gettext.find("bot", str(tmp_path), ["fr"]) is None
