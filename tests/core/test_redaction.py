"""Secrets, in every disguise in which somebody else's text has them."""

from __future__ import annotations

import base64
import html
import json
import re
import string
import sys
import textwrap
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.redaction import MASK, Redactor, by_shape

KEY = "xai-Zq3/8hB+kfPw02LmNdYt5uVc"
PASSWORD = "pass/word"
NOT_ASCII = "p\u00e4ss\u20acword"
redact = Redactor((PASSWORD,), (KEY,))


def every_sign(form: str, text: str = KEY) -> str:
    return "".join(form.format(ord(sign)) for sign in text)


DISGUISES = {
    "as it is": KEY,
    "in capitals": KEY.upper(),
    "in a URL": quote(KEY, safe=""),
    "every sign in a URL": every_sign("%{:02x}"),
    "JSON escapes": every_sign("\\u{:04x}"),
    "JSON within JSON": json.dumps(json.dumps(every_sign("\\u{:04x}"))),
    "an escaped slash": KEY.replace("/", "\\/"),
    "HTML entities": every_sign("&#{};"),
    "HTML entities in hexadecimal": every_sign("&#x{:x};"),
    "entities within a URL": quote(every_sign("&#{};"), safe=""),
    "bytes as Python shows them": every_sign("\\x{:02x}"),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 of more than the key": base64.b64encode(f"a:{KEY}:b".encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(f"x{KEY}".encode()).decode(),
    "hexadecimal": KEY.encode().hex(),
    "hexadecimal in capitals": KEY.encode().hex().upper(),
    "hexadecimal with spaces": KEY.encode().hex(" "),
    "quoted-printable": every_sign("={:02X}"),
    "base32": base64.b32encode(KEY.encode()).decode(),
    "base64 in lines": "\n".join(textwrap.wrap(base64.b64encode(KEY.encode()).decode(), 8)),
    "sign by sign": " ".join(KEY),
    "with hyphens that nobody sees": "\u00ad".join(KEY),
    "in short lines": "\n".join(textwrap.wrap(KEY, 5)),
    "UTF-16": KEY.encode("utf-16-le").decode(),
    "in wide letters": "".join(chr(ord(sign) + 0xFEE0) for sign in KEY),
    "eight digits": every_sign("\\U{:08x}"),
    "in braces": every_sign("\\u{{{:x}}}"),
    "octal": every_sign("\\{:03o}"),
    "a list of bytes": str(list(KEY.encode())),
    "a list of bytes in hexadecimal": ", ".join(map(hex, KEY.encode())),
    "HTML entities without an end": every_sign("&#{} "),
    "HTML entities with zeros": every_sign("&#{:09d};"),
    "its first half": KEY[:14] + "...",
    "its last half": "..." + KEY[14:],
    "some letters escaped": KEY.replace("a", "\\u0061").replace("8", "%38"),
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES.keys())
def test_a_key_is_taken_out_in_every_disguise(disguise: str) -> None:
    said = redact(f"Incorrect API key provided: {disguise}, sorry")

    assert said.startswith("Incorrect API key provided: ")
    assert MASK in said
    assert said.endswith(", sorry")
    told = html.unescape(said).lower()
    assert not any(disguise.lower()[at : at + 12] in told for at in range(len(disguise) - 11))


@pytest.mark.parametrize(
    "disguise",
    [
        quote(NOT_ASCII, safe=""),
        quote(NOT_ASCII, safe="").lower(),
        quote(quote(NOT_ASCII, safe=""), safe="").lower(),
        repr(NOT_ASCII.encode())[2:-1],
        NOT_ASCII.encode().decode("latin-1"),
    ],
)
def test_a_password_that_is_not_ascii_is_taken_out_however_its_bytes_are_written(disguise: str) -> None:
    assert Redactor((NOT_ASCII,))(f"no way in with {disguise}") == f"no way in with {MASK}"


@pytest.mark.parametrize(
    "said",
    [
        "https:\\/\\/discord.com\\/api\\/webhooks\\/123\\/aW50ZXJhY3Rpb246MTIzOm",
        "the token is aW50ZXJhY3Rpb246MTIzNDU2Nzg5OmFiY2RlZg",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789AB",
        "postgres://me:s3cret@host/imagine",
    ],
)
def test_what_nobody_named_is_known_by_its_shape(said: str) -> None:
    assert MASK in by_shape(said)


@pytest.mark.parametrize("before", range(9))
@pytest.mark.parametrize("at", range(len(KEY) - 7))
def test_eight_signs_in_a_row_of_a_key_are_taken_out_wherever_they_stand(at: int, before: int) -> None:
    part = KEY[at : at + 8].swapcase()

    assert redact(f"{' ' * before}{part}") == f"{' ' * before}{MASK}"
    assert redact(f"{' ' * before}{part}: not {part}") == f"{' ' * before}{MASK}: not {MASK}"


def test_a_part_of_a_key_is_taken_out_also_where_its_letters_count_as_others() -> None:
    key = "k\u0131\u017f\u0130\u212a-0123456789"

    assert Redactor((), (key,))(f"{key[:8]}, in short") == f"{MASK}, in short"


@pytest.mark.parametrize(
    "said",
    [
        "GET /Interactions/1/{}/callback",
        "POST /WEBHOOKS/1/{}",
        "POSTGRES://me:{}@host",
        "AUTHORIZATION: {}",
        "a Bearer {}",
        "a BA\u017fIC {}",
        "Pa\u017f\u017fword={}",
    ],
)
def test_a_shape_is_known_in_any_case_even_by_letters_that_only_count_as_others(said: str) -> None:
    secret = "kept-from-everybody-1234567890"

    assert secret not in by_shape(said.format(secret))


def test_no_letter_of_unicode_that_counts_as_another_hides_a_shape() -> None:
    everything = "".join(map(chr, range(128, sys.maxunicode + 1)))
    secret = "kept-from-everybody-1234567890"
    for plain in string.ascii_lowercase:
        for letter in re.findall(plain, everything, re.IGNORECASE):
            for word in ("/interactions/1/", "/webhooks/1/", "authorization: ", "basic ", "password="):
                assert secret not in by_shape(f"{word.replace(plain, letter)}{secret}"), (letter, word)


def test_what_is_no_secret_is_left_as_it_was() -> None:
    said = 'C:\\temp\\new 100% &amp; "\\u00e9" https://x.ai/a%20b, xai and pass'

    assert redact(said) == said


# Nearly every text is found to hold nothing by a quick look. Whatever makes the redactor look closely, which is a part
# of a key and each word that a shape has, must change nothing about the text that follows it.
MARKS = ":// /webhooks/ /interactions/ aw50zxjhy3rpb246 .abcdef. authorization basic password="
ODDITIES = [
    "/webhooks/12/aW50",
    "/Interactions/1/aW50/callback",
    "aW50ZXJhY3Rpb246MTIz",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.",
    "abcdefghijklmnopqrstuvwxyz01234567",
    "authorization: ",
    "basic 0123456789abcdefghijkl",
    "password=",
    "1234567890 a lighthouse",
    *("://a:", "@", "bot ", " ", "\\", "%", "&", "&#", "\u0130", "\u017f", "\u212a"),
]
PIECES = st.one_of(
    st.text(max_size=5),
    st.sampled_from(ODDITIES),
    st.builds(
        lambda disguise, start, length: disguise[start : start + length],
        st.sampled_from([PASSWORD, *DISGUISES.values()]),
        st.integers(0, 60),
        st.integers(4, 80),
    ),
)


@given(st.lists(PIECES, max_size=6).map("".join))
def test_a_quick_look_finds_whatever_a_close_one_finds(text: str) -> None:
    # A text may go on with what the words before it end with: not with both of these.
    assert any(
        redact(f"{MARKS} {KEY[:8]} {between} {text}") == f"{MARKS} {MASK} {between} {redact(text)}"
        for between in ("j" * 12, "9" * 12)
    )


@given(st.text())
def test_a_text_without_a_secret_is_left_as_it_was(said: str) -> None:
    assert Redactor(("a secret that nobody says",))(said) == said or MASK in by_shape(said)


@given(
    before=st.text(), after=st.text(), escaped=st.lists(st.booleans(), min_size=len(KEY), max_size=len(KEY))
)
def test_no_choice_of_escapes_hides_a_key(before: str, after: str, escaped: list[bool]) -> None:
    spelled = "".join(
        f"\\u{ord(sign):04x}" if hidden else sign for sign, hidden in zip(KEY, escaped, strict=True)
    )

    assert spelled not in redact(f"{before}{spelled}{after}")


@pytest.mark.parametrize(
    "piece",
    ["\\", "\\u00", "%2", "&#", "://a:", "authorization: ", "password=", "aW50ZXJhY3Rpb246", KEY, KEY[:9]],
)
def test_its_time_is_linear_in_a_hostile_text(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    started = time.thread_time()

    redact(text)

    assert time.thread_time() - started < 4
