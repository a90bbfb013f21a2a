"""The one redactor: takes secrets out of whatever is logged, posted, shown or kept, however they are written there."""

from __future__ import annotations

import base64
import html
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
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
    (marks, re.compile(pattern, re.IGNORECASE))
    for pattern, *marks in (
        (r"/(?:webhooks|interactions)/\d{1,20}/(?P<secret>[^\s/?#'\"]+)", "/webhooks/", "/interactions/"),
        # "interaction:" in base64: such a token, wherever it stands
        (r"\b(?P<secret>aW50ZXJhY3Rpb246[\w+/=.-]{8,})", "aw50zxjhy3rpb246"),
        (r"\b(?P<secret>[\w-]{23,30}\.[\w-]{6}\.[\w-]{27,40})\b", "."),  # a bot's token
        (r"://[^\s/:@]*:(?P<secret>[^\s/]+)(?=@)", "://"),
        (
            r"authorization(?:\\?['\"]\s*[:=,]|\s*[:=])\s*b?\\?['\"]?(?:\w+\s+)?(?P<secret>[^\s'\",)}\]]+)",
            "authorization",
        ),
        (
            r"\b(?:bearer|bot|basic)\s+(?=[\w.~+/=-]{0,40}\d)(?P<secret>[\w.~+/=-]{20,})",
            *("bearer", "bot", "basic"),
        ),
        (r"\bpassword=(?P<secret>[^\s&'\"]+)", "password="),
    )
)
"""Patterns, each after its marks: one of these stands, in small letters, in every ASCII text that the pattern fits."""
_MAYBE_ESCAPE = re.compile(r"[\\%&]")
_ESCAPE = re.compile(
    r"\\+u[0-9a-fA-F]{4}|\\+u\{[0-9a-fA-F]{1,6}\}|\\+U[0-9a-fA-F]{8}|\\+x[0-9a-fA-F]{2}|\\+[0-3][0-7]{2}|\\+[/\"'\\]"
    r"|%[0-9a-fA-F]{2}|&#0{0,20}[0-9]{1,7};?|&#[xX]0{0,20}[0-9a-fA-F]{1,6};?|&[a-z]{2,6};"
)
_BETWEEN = re.compile("[^0-9a-z]+")


def redactor(secrets: Iterable[str], credentials: Iterable[str] = ()) -> Redact:
    """A function that takes out the secrets, however they are escaped, and whatever is shaped like one.

    Of `credentials`, which are random, any eight characters in a row are taken out as well: providers quote a part of
    a key. So are twelve letters and digits of one, or of its encodings, whatever stands between them. Its time is
    linear in the text.
    """
    credentials = tuple(credentials)
    known = {form for secret in (*secrets, *credentials) for form in _forms(secret)}
    known = {form for form in known if len(form) >= SHORTEST_SECRET}
    # The longest first: a secret may begin with another one.
    pattern = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True)))) if known else None
    parts = _Parts(map(str.lower, credentials), SHORTEST_PART)
    encoded = (form for credential in credentials for form in _forms(credential))
    apart = _Parts((_bare(form) for form in encoded), SHORTEST_APART)

    def redact(text: str) -> str:
        layer: _Layer | None = _Layer(text, None)
        hidden = list[tuple[int, int]]()
        for _ in range(_MOST_LAYERS + 1):
            if layer is None:
                break
            hidden += [layer.span(*span) for span in _found(layer.text, pattern, parts, apart)]
            layer = layer.decoded()
        if not hidden:
            return text
        # Spans that touch or overlap are one.
        pieces, at = list[str](), 0
        for start, stop in sorted(hidden):
            if start > at or not pieces:
                pieces += (text[at:start], MASK)
            at = max(at, stop)
        return "".join((*pieces, text[at:]))

    return redact


def _forms(secret: str) -> Iterator[str]:
    """The ways to write `secret`: plain, in a URL, a repr or JSON, in hex, base32, or a longer text's base64."""
    yield from (secret, quote(secret, safe=""), repr(secret)[1:-1], json.dumps(secret)[1:-1])
    raw = secret.encode("utf-8", "surrogatepass")
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


def _found(
    text: str, pattern: re.Pattern[str] | None, parts: _Parts, apart: _Parts
) -> Iterator[tuple[int, int]]:
    if pattern:
        yield from (found.span() for found in pattern.finditer(text))
    lower, is_ascii = text.lower(), text.isascii()
    for marks, shape in SHAPES:
        # Without regard to case, some letters outside of ASCII count as these.
        if not is_ascii or any(mark in lower for mark in marks):
            yield from (found.span("secret") for found in shape.finditer(text))
    if len(lower) == len(text):  # some capital letters are two small ones
        yield from parts.found_in(lower)
    if found_apart := apart.found_in(_bare(text)):
        offsets = [at for at, sign in enumerate(text) for _ in _bare(sign)]
        yield from ((offsets[start], offsets[stop - 1] + 1) for start, stop in found_apart)


def _bare(text: str) -> str:
    """Only the letters a to z and the digits of `text`, lower-cased, after compatibility normalisation."""
    if not text.isascii():
        text = "".join(unicodedata.normalize("NFKC", sign) for sign in text)
    return _BETWEEN.sub("", text.lower())


class _Parts:
    """Finds any `length` characters in a row of one of the credentials, in time that is linear in the text."""

    _STEP = 4

    def __init__(self, credentials: Iterable[str], length: int) -> None:
        self._length = length
        self._piece = length - self._STEP + 1
        self._whole = {
            credential[at : at + length]
            for credential in credentials
            for at in range(len(credential) - length + 1)
        }
        self._pieces = {part[at : at + self._piece] for part in self._whole for at in range(self._STEP)}

    def found_in(self, text: str) -> list[tuple[int, int]]:
        # Quickly: wherever a part stands, it covers a piece that begins at a multiple of the step.
        some = [text[at : at + self._piece] for at in range(0, len(text) - self._piece + 1, self._STEP)]
        if self._pieces.isdisjoint(some):
            return []
        ends = range(self._length, len(text) + 1)
        return [(end - self._length, end) for end in ends if text[end - self._length : end] in self._whole]


@dataclass(frozen=True, slots=True)
class _Layer:
    """A text after some layers of escapes were decoded; `offsets`: where in the original its characters begin and end.

    None: this is the original.
    """

    text: str
    offsets: tuple[list[int], list[int]] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        if self.offsets is None:
            return start, end
        begins, ends = self.offsets
        return begins[start], ends[end - 1]

    def decoded(self) -> _Layer | None:
        """The text with one more layer of escapes decoded; None where it has no escapes."""
        if not _MAYBE_ESCAPE.search(self.text):
            return None
        signs, begins, ends = list[str](), list[int](), list[int]()
        at = 0

        def keep(until: int) -> None:
            signs.extend(self.text[at:until])
            begins.extend(range(at, until) if self.offsets is None else self.offsets[0][at:until])
            ends.extend(range(at + 1, until + 1) if self.offsets is None else self.offsets[1][at:until])

        for escape in _ESCAPE.finditer(self.text):
            keep(escape.start())
            start, end = self.span(*escape.span())
            # A named entity may be two characters.
            for sign in _unescaped(escape[0]):
                signs.append(sign)
                begins.append(start)
                ends.append(end)
            at = escape.end()
        if not at:
            return None
        keep(len(self.text))
        return _Layer("".join(signs), (begins, ends))


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


by_shape: Redact = redactor(())
"""Without any known secret: masks only what is shaped like one."""
