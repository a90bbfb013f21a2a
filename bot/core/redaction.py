"""The one redactor: takes secrets out of whatever is logged, posted, shown or kept, however they are written there."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

SHORTEST_SECRET = 4  # taking out every "a" because a password is "a" would hide nothing and ruin every line
SHORTEST_PART = 8
"""Of a credential, in characters. Fewer give nothing away, and would be found in ordinary words."""
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
"""Each behind the marks, in small letters, one of which stands in every ASCII text that it fits."""
_MAYBE_ESCAPE = re.compile(r"[\\%&]")
_ESCAPE = re.compile(
    r"\\+u[0-9a-fA-F]{4}|\\+x[0-9a-fA-F]{2}|\\+[/\"'\\]|%[0-9a-fA-F]{2}|&#[0-9]{1,7};|&#[xX][0-9a-fA-F]{1,6};|&[a-z]{2,6};"
)


def redactor(secrets: Iterable[str], credentials: Iterable[str] = ()) -> Redact:
    """A function that takes out the secrets, however they are escaped, and whatever is shaped like one.

    Of `credentials`, which are random, any eight characters in a row are taken out as well: providers quote a part of
    a key. Its time is linear in the text.
    """
    credentials = tuple(credentials)
    known = {form for secret in (*secrets, *credentials) for form in _forms(secret)}
    known = {form for form in known if len(form) >= SHORTEST_SECRET}
    # The longest first: a secret may begin with another one.
    pattern = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True)))) if known else None
    parts = _Parts(credentials)

    def redact(text: str) -> str:
        layer: _Layer | None = _Layer(text, None)
        hidden = list[tuple[int, int]]()
        for _ in range(_MOST_LAYERS + 1):
            if layer is None:
                break
            hidden += [layer.span(*span) for span in _found(layer.text, pattern, parts)]
            layer = layer.decoded()
        return _masked(text, hidden) if hidden else text

    return redact


def _forms(secret: str) -> Iterator[str]:
    """As it is, in a URL, in a repr, in JSON, and in base64, wherever in a longer text it stood."""
    yield from (secret, quote(secret, safe=""), repr(secret)[1:-1], json.dumps(secret)[1:-1])
    raw = secret.encode("utf-8", "surrogatepass")
    if len(raw) < SHORTEST_PART:
        return
    yield raw.hex()
    for before in range(3):
        # The sign at each end depends on what stands beside the secret as well.
        first, last = (before * 4 + 2) // 3 if before else 0, (8 * (before + len(raw))) // 6
        yield from (
            encode(b"\0" * before + raw).decode()[first:last]
            for encode in (base64.b64encode, base64.urlsafe_b64encode)
        )


def _found(text: str, pattern: re.Pattern[str] | None, parts: _Parts) -> Iterator[tuple[int, int]]:
    if pattern:
        yield from (found.span() for found in pattern.finditer(text))
    lower, is_ascii = text.lower(), text.isascii()
    for marks, shape in SHAPES:
        # Without regard to case, some letters outside of ASCII count as these.
        if not is_ascii or any(mark in lower for mark in marks):
            yield from (found.span("secret") for found in shape.finditer(text))
    if len(lower) == len(text) and parts.may_be_in(lower):  # some capital letters are two small ones
        yield from (
            (at, at + SHORTEST_PART)
            for at in range(len(lower) - SHORTEST_PART + 1)
            if lower[at : at + SHORTEST_PART] in parts.whole
        )


class _Parts:
    """Every `SHORTEST_PART` characters in a row of the credentials, in small letters."""

    _STEP = 4
    _PIECE = SHORTEST_PART - _STEP + 1

    def __init__(self, credentials: Iterable[str]) -> None:
        self.whole = {
            credential.lower()[at : at + SHORTEST_PART]
            for credential in credentials
            for at in range(len(credential) - SHORTEST_PART + 1)
        }
        self._pieces = {part[at : at + self._PIECE] for part in self.whole for at in range(self._STEP)}

    def may_be_in(self, lower: str) -> bool:
        """Quickly: wherever a part stands, it covers a piece that begins at a multiple of the step."""
        return not self._pieces.isdisjoint(
            [lower[at : at + self._PIECE] for at in range(0, len(lower) - self._PIECE + 1, self._STEP)]
        )


@dataclass(frozen=True, slots=True)
class _Layer:
    """A text, and where in the original each of its characters begins and ends; None: where it stands here."""

    text: str
    places: tuple[list[int], list[int]] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        if self.places is None:
            return start, end
        begins, ends = self.places
        return begins[start], ends[end - 1]

    def decoded(self) -> _Layer | None:
        """One layer of escapes less; None where there is none."""
        if not _MAYBE_ESCAPE.search(self.text):
            return None
        signs, begins, ends = list[str](), list[int](), list[int]()
        at = 0

        def keep(until: int) -> None:
            signs.extend(self.text[at:until])
            begins.extend(range(at, until) if self.places is None else self.places[0][at:until])
            ends.extend(range(at + 1, until + 1) if self.places is None else self.places[1][at:until])

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
    return chr(int(bare[1:], 16)) if len(bare) > 1 else bare or "\\"


def _masked(text: str, spans: list[tuple[int, int]]) -> str:
    """Spans that touch or overlap are one."""
    parts, at = list[str](), 0
    for start, stop in sorted(spans):
        if start > at or not parts:
            parts += (text[at:start], MASK)
        at = max(at, stop)
    return "".join((*parts, text[at:]))


by_shape: Redact = redactor(())
"""For whoever knows no secrets: takes out only what is shaped like one."""
