"""The one redactor: takes secrets out of whatever is logged, posted, shown or kept, however they are written there."""

from __future__ import annotations

import base64
import html
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias
from urllib.parse import quote

SHORTEST_SECRET = 4  # taking out every "a" because a password is "a" would hide nothing and ruin every line
SHORTEST_PART = 8
"""Of a credential, in characters. Fewer give nothing away, and would be found in ordinary words."""
SHORTEST_APART = 12
"""Of a credential or an encoding of it, in letters and digits, with whatever else between them."""
MASK = "[hidden]"
_MOST_LAYERS = 3  # a message within JSON within JSON

Redact: TypeAlias = Callable[[str], str]

SHAPES = tuple(
    (re.compile(mark), re.compile(pattern, re.IGNORECASE))
    for mark, pattern in (
        ("/webhooks/|/interactions/", r"/(?:webhooks|interactions)/\d{1,20}/(?P<secret>[^\s/?#'\"]+)"),
        # "interaction:" in base64: such a token, wherever it stands
        ("aw50zxjhy3rpb246", r"\b(?P<secret>aW50ZXJhY3Rpb246[\w+/=.-]{8,})"),
        (r"\.[\w-]{6}\.", r"\b(?P<secret>[\w-]{23,30}\.[\w-]{6}\.[\w-]{27,40})\b"),  # a bot's token
        ("://", r"://[^\s/:@]*:(?P<secret>[^\s/]+)(?=@)"),
        (
            "authorization",
            r"authorization(?:\\?['\"]\s*[:=,]|\s*[:=])\s*b?\\?['\"]?(?:\w+\s+)?(?P<secret>[^\s'\",)}\]]+)",
        ),
        (
            "bearer|bot|basic",
            r"\b(?:bearer|bot|basic)\s+(?=[\w.~+/=-]{0,40}\d)(?P<secret>[\w.~+/=-]{20,})",
        ),
        ("password=", r"\bpassword=(?P<secret>[^\s&'\"]+)"),
    )
)
"""Each pattern after a quicker one, which fits the text in small letters wherever the pattern itself fits."""
_MAYBE_ESCAPE = re.compile(r"[\\%&]")
_ESCAPE = re.compile(
    r"\\+u[0-9a-fA-F]{4}|\\+u\{[0-9a-fA-F]{1,6}\}|\\+U[0-9a-fA-F]{8}|\\+x[0-9a-fA-F]{2}|\\+[0-3][0-7]{2}|\\+[/\"'\\]"
    r"|%[0-9a-fA-F]{2}|&#0{0,20}[0-9]{1,7};?|&#[xX]0{0,20}[0-9a-fA-F]{1,6};?|&[a-z]{2,6};"
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_NO_BARE_SIGN = bytes(set(range(128)) - set(b"abcdefghijklmnopqrstuvwxyz0123456789"))
_STEP = 4
_PIECE = SHORTEST_PART - _STEP + 1
"""So long that each part covers one that begins at a multiple of the step."""


class Redactor:
    """Takes out the secrets, however they are escaped, and whatever is shaped like one.

    Of `credentials`, which are random, any eight characters in a row are taken out as well: providers quote a part of
    a key. So are twelve letters and digits of one, or of its encodings, whatever stands between them. Its time is
    linear in the text.
    """

    def __init__(self, secrets: Iterable[str], credentials: Iterable[str] = ()) -> None:
        credentials = tuple(credentials)
        known = {form for secret in (*secrets, *credentials) for form in _forms(secret)}
        longest_first = sorted(known, key=len, reverse=True)  # a secret may begin with another one
        patterns = [re.escape(form) for form in longest_first if len(form) >= SHORTEST_SECRET]
        self._known = re.compile("|".join(patterns) or "(?!)")  # which fits nothing
        self._parts = _parts_of(map(_lower, credentials), SHORTEST_PART)
        encoded = (form for one in credentials for form in (*_forms(one), *_lists_of_bytes(one)))
        self._parts_apart = _parts_of(map(_bare, encoded), SHORTEST_APART)
        parts = self._parts | self._parts_apart
        self._pieces = {part[at : at + _PIECE] for part in parts for at in range(_STEP)}

    def __call__(self, text: str) -> str:
        hidden = self._found(text)
        if _MAYBE_ESCAPE.search(text):
            hidden += self._found_escaped(text)
        if not hidden:
            return text
        # Spans that touch or overlap are one.
        pieces, at = list[str](), 0
        for start, stop in sorted(hidden):
            if start > at or not pieces:
                pieces += (text[at:start], MASK)
            at = max(at, stop)
        return "".join((*pieces, text[at:]))

    def _found(self, text: str) -> list[tuple[int, int]]:
        """Where a secret stands in `text` as it is; the spans may overlap."""
        spans = [found.span() for found in self._known.finditer(text)]
        lower, bare = _lower(text), _bare(text)
        for mark, shape in SHAPES:
            if mark.search(lower):
                spans += [found.span("secret") for found in shape.finditer(text)]
        both = f"{lower} {bare}"
        if self._pieces.isdisjoint([both[at : at + _PIECE] for at in range(0, len(both), _STEP)]):
            return spans  # nearly always, and much sooner than by looking for each part
        ends = range(SHORTEST_PART, len(lower) + 1)
        spans += [
            (end - SHORTEST_PART, end) for end in ends if lower[end - SHORTEST_PART : end] in self._parts
        ]
        ends = range(SHORTEST_APART, len(bare) + 1)
        if apart := [end for end in ends if bare[end - SHORTEST_APART : end] in self._parts_apart]:
            offsets = [at for at, sign in enumerate(text) for _ in _bare(sign)]
            spans += [(offsets[end - SHORTEST_APART], offsets[end - 1] + 1) for end in apart]
        return spans

    def _found_escaped(self, text: str) -> Iterator[tuple[int, int]]:
        """Where one stands in `text` once some layers of its escapes are decoded."""
        # Where in the original each character of the decoded text begins and ends.
        begins: Sequence[int] = range(len(text))
        ends: Sequence[int] = range(1, len(text) + 1)
        for _ in range(_MOST_LAYERS):
            decoded, new_begins, new_ends, at = list[str](), list[int](), list[int](), 0
            for escape in _ESCAPE.finditer(text):
                start, stop = escape.span()
                signs = _unescaped(escape[0])  # a named entity may be two
                decoded += (text[at:start], signs)
                new_begins += (*begins[at:start], *[begins[start]] * len(signs))
                new_ends += (*ends[at:start], *[ends[stop - 1]] * len(signs))
                at = stop
            if not at:
                return
            text = "".join((*decoded, text[at:]))
            begins, ends = [*new_begins, *begins[at:]], [*new_ends, *ends[at:]]
            for start, stop in self._found(text):
                yield begins[start], ends[stop - 1]


def _forms(secret: str) -> Iterator[str]:
    """The ways to write `secret`: plain, in a URL, a repr or JSON, in hex, base32, or a longer text's base64."""
    yield from (secret, quote(secret, safe=""), repr(secret)[1:-1], json.dumps(secret)[1:-1])
    raw = secret.encode("utf-8", "surrogatepass")
    # What `%c3%a4` and `\xc3\xa4` are decoded to, character by character, wherever the secret is not ASCII.
    yield raw.decode("latin-1")
    if len(raw) < SHORTEST_PART:
        return
    yield from (raw.hex(), base64.b32encode(raw).decode().rstrip("="))
    for before in range(3):
        # The sign at each end depends on what stands beside the secret as well.
        first, last = (before * 4 + 2) // 3 if before else 0, (8 * (before + len(raw))) // 6
        yield from (
            encode(b"\0" * before + raw).decode()[first:last]
            for encode in (base64.b64encode, base64.urlsafe_b64encode)
        )


def _lists_of_bytes(secret: str) -> Iterator[str]:
    """The bytes of `secret` as numbers: `[120, 97]` in JSON, and `{0x78, 0x61}` in Go."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield from (" ".join(map(str, raw)), " ".join(map(hex, raw)))


def _parts_of(texts: Iterable[str], length: int) -> set[str]:
    return {text[end - length : end] for text in texts for end in range(length, len(text) + 1)}


def _lower(text: str) -> str:
    """Sign by sign, and with those outside of ASCII that count as one of its letters without regard to case."""
    return text.replace("İ", "i").replace("ı", "i").replace("ſ", "s").lower()


def _bare(text: str) -> str:
    """Only the letters a to z and the digits of `text`, lower-cased, after compatibility normalisation."""
    if not text.isascii():
        text = _BEYOND_ASCII.sub(lambda sign: unicodedata.normalize("NFKC", sign[0]), text)
    return text.lower().encode("ascii", "ignore").translate(None, _NO_BARE_SIGN).decode()


def _unescaped(escape: str) -> str:
    if escape.startswith("&"):
        return html.unescape(escape)
    if escape.startswith("%"):
        return chr(int(escape[1:], 16))
    bare = escape.lstrip("\\")
    if bare[:1] in ("u", "U", "x"):
        code = int(bare[1:].strip("{}"), 16)
        return chr(code) if code <= sys.maxunicode else escape
    return chr(int(bare, 8)) if len(bare) == 3 else bare or "\\"


by_shape: Redact = Redactor(())
"""Without any known secret: masks only what is shaped like one."""
