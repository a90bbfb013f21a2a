"""What the text of an answer says: its words, without the member's, and what they indicate."""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from bot.imaging.http import parse_json
from bot.imaging.models import bare_name
from bot.imaging.moderation import NONE, Refusal, refusal_in

LONGEST_TEXT = 8000
"""Characters that are looked at."""
_MOST_STRINGS = 50
_MOST_ROWS = 20
_DEEPEST = 5
_FIELDS = (
    *("message", "error", "errors", "title", "detail", "details", "description", "msg", "reason", "code"),
    *("type", "name", "error_message", "error_description", "error_code", "error_type", "finish_reason"),
    *("status", "statusMessage", "status_message", "failure_reason", "cause", "info", "result", "response"),
)
# A string of an envelope that was cut off.
_STRING = re.compile(rf'"(?:{"|".join(_FIELDS)})"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)', re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(r"<\s*(?:!doctype|html|head|body|title|script)\b", re.IGNORECASE)
# Where to read more says nothing about what is the matter: https://example.com/billing, example.com/billing
_ADDRESS = re.compile(r"\b(?:[a-z]{2,10}://|www\.)\S+|\b[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/\S*", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_WORD = re.compile(r"[^\W_]+")


class BodyKind(StrEnum):
    """What a body is, whatever it says."""

    ENVELOPE = "JSON with a text"
    PLAIN = "plain text"
    HTML = "a page in HTML"
    SILENT = "no text"


class Indication(StrEnum):
    """What the words of an answer can indicate."""

    MODERATION = "moderation"
    QUOTED_MODERATION = "moderation, where it may be the member who says so"
    GONE = "the model is gone"
    TOO_LONG = "the prompt is too long"
    RATE = "a rate"
    WAIT = "a wait is given"
    CREDIT = "credit"
    KEY = "the key"
    CALLER = "the caller may not"
    INPUT = "a picture that was given"


@dataclass(frozen=True, slots=True)
class Text:
    """`words` on one line, decoded; `wait` in seconds, where one is named; `refusal` where moderation speaks."""

    kind: BodyKind
    words: str
    indications: frozenset[Indication]
    wait: float | None = None
    refusal: Refusal = NONE


_KEY_NAMES = r"(?:api|auth\w*|access|secret|bearer|security)[ _-]?(?:keys?|tokens?)|credentials?"
_WRONG = (
    r"invalid|incorrect|wrong|expired|revoked|missing|disabled|deactivated|deleted|unknown|malformed|bad|no"
    r"|unrecogni[sz]ed|inactive|not valid|a valid|provide an?"
)
_MONEY = r"(?:credits?|balance|funds|quota)\b"
_PATTERNS: dict[Indication, re.Pattern[str]] = {
    Indication.MODERATION: re.compile(
        r"content[ _-]?moderat"
        r"|moderation[ _](?:blocked|policy|policies|system|rejected|refused|flagged|violation)"
        r"|(?:by|did not pass|didn.t pass|failed|violates?) (?:our |the |its )?(?:\w+ )?moderation"
        r"|\b(?:image|picture|prompt|content|output|request) (?:was|is|were|got|has been) moderated"
        r"|(?:content|usage|safety|community|acceptable use)[ _-](?:polic|guideline|rules)"
        r"|\b(?:image|picture|prompt|content|input|output|request)s? violat|responsible[ _-]?ai[ _-]?polic"
        r"|safety[ _-]?(?:check|system|filter|violation|reason|concern)|content[ _-]?filter|(?:^|; )safety(?:;|$)"
        r"|contentpolicyviolation"
        r"|\bnsfw\b|(?:inappropriate|prohibited|disallowed|sensitive|unsafe|harmful|offensive|sexual|explicit)"
        r"(?:ly explicit)?[ _-](?:content|words?|material)"
        r"|\b(?:image|picture|prompt|content|input|output|request)s? (?:is|are|was|were|has been|have been|got) "
        r"(?:flagged|unsafe|prohibited)",
        re.IGNORECASE,
    ),
    Indication.TOO_LONG: re.compile(
        r"prompt\b.{0,60}?(?:too (?:long|big|large)|exceed|longer than|larger than|at most \d{1,9} char"
        r"|max(?:imum)?[ _]length)"
        r"|(?:too long|max(?:imum)?[ _](?:allowed )?length|at most \d{1,9} char).{0,60}?\bprompt"
        r"|maximum (?:prompt|context) length|prompt[ _]too[ _]long"
        r"|(?:string[ _]above[ _]max|context)[ _]length(?:[ _]exceeded)?",
        re.IGNORECASE,
    ),
    Indication.RATE: re.compile(
        r"rate[ _-]?limit|too[ _]many[ _](?:concurrent[ _])?requests|requests? per (?:second|minute|hour|day)"
        r"|throttl|slow down|\bconcurren\w{0,9} (?:limit|requests)|\b[rt]p[mds]\b",
        re.IGNORECASE,
    ),
    Indication.CREDIT: re.compile(
        rf"(?:run|ran|running|are|is|be) out of (?:\w+ )?{_MONEY}"
        rf"|(?:insufficient|not enough|no|no (?:remaining|more|available)|low on)[ _](?:account[ _]|user[ _])?{_MONEY}"
        rf"|(?:do|does)(?:n.t| not) have (?:any |enough |sufficient )?(?:\w+ )?{_MONEY}"
        r"|exceeded your (?:current )?quota"
        r"|(?:credits?|balance|funds) (?:is|are|has|have)(?: been)?(?: all)? "
        r"(?:exhausted|used|depleted|expired|insufficient|too low|empty|negative|zero|over)\b"
        r"|(?:credits?|balance) (?:exhausted|depleted|too low)|used (?:up )?all\b.{0,40}?\bcredit"
        r"|billing[ _](?:hard[ _])?(?:limit|not[ _]active|quota)|billing is not|check your (?:plan and )?billing"
        r"|hard[ _]limit[ _](?:has been[ _])?reached"
        r"|\b(?:spend(?:ing)?|budget)[ _-]?(?:limit|cap)\b.{0,40}?(?:reached|exceeded|hit)"
        r"|(?:reached|exceeded|hit)\b.{0,40}?\b(?:spend(?:ing)?|budget)[ _-]?(?:limit|cap)|budget has been exceeded"
        r"|payment[ _]required|unpaid (?:invoice|balance)"
        r"|(?:please|(?:need|have|must) to|must) (?:top[ -]?up|recharge|add (?:more )?(?:credits|funds))",
        re.IGNORECASE,
    ),
    Indication.KEY: re.compile(
        rf"\b(?:{_WRONG})[ _](?:\w+[ _]){{0,2}}?(?:{_KEY_NAMES})\b"
        rf"|(?:{_KEY_NAMES}|\b(?:your|provided|supplied) (?:key|token))\b(?: \S+){{0,4}}?"
        r"(?: (?:is|was|has|have|does|do|could|can|lacks?))?(?: ?(?:not|n.t))?(?: been| be)? "
        r"(?:invalid|incorrect|wrong|expired|revoked|missing|required|disabled|deactivated|blocked|deleted|valid"
        r"|found|recogni[sz]ed|authori[sz]ed|active|verified|(?:have )?(?:the |any )?permission)\b"
        rf"|permissions?\b(?: \w+){{0,3}} (?:{_KEY_NAMES})\b|(?:invalid|no|missing|malformed) authorization\b",
        re.IGNORECASE,
    ),
    Indication.INPUT: re.compile(
        r"(?:invalid|unsupported|corrupt(?:ed)?|broken|unreadable|malformed|empty)[ _](?:input[ _]|base64[ _])?"
        r"(?:image|picture|mime ?type)"
        r"|(?:image|picture)(?:[ _]file)?[ _](?:is[ _])?(?:too[ _](?:large|small|big)|parse[ _]error|load[ _]error"
        r"|not[ _]found|unreadable|corrupt)|file[ _]download[ _]error"
        r"|(?:failed|fails?|unable|not|n.t|error|time ?out)[ _](?:to |while |when |be )?"
        r"(?:download|fetch|load|read|decod|process|open|retriev|access)\w{0,5}[ _]"
        r"(?:(?:the|your|an?|input|provided|given|source|from)[ _]){0,3}(?:image|picture|file|url)",
        re.IGNORECASE,
    ),
    Indication.CALLER: re.compile(
        r"\binvalid token\b|\bunauthori[sz]ed|\bnot authori[sz]ed|\bunauthenticated|\bnot authenticated|authentication"
        r"|\b(?:caller|account|team|user(?![ -]agent)|organi[sz]ation|project|subscription)\b.{0,40}?"
        r"(?:permission|access|disabled|suspended|deactivated|banned|blocked)",
        re.IGNORECASE,
    ),
}
_GONE = re.compile(
    r"deprecated|not found|not[ _]exist|no longer (?:available|supported|served|offered)"
    r"|\b(?:retired|withdrawn|removed|discontinued|decommissioned|sunset)\b"
    r"|not (?:available|supported|served)|doesn.t exist",
    re.IGNORECASE,
)
_LONGEST_CUT = 40
"""Characters of a word that was cut: no word that is a sign of anything is longer."""
_SENTENCE = 100  # characters after the name of a model
_SENTENCE_END = re.compile(r"[.!?;] ")
_GONE_MODEL = re.compile(
    r"(?:unknown|invalid|unsupported|no such|unrecogni[sz]ed)[ _]model\b"
    r"|model[ _]not[ _]found|model_not_available|\bmodel: invalid"
    r"|not a valid model(?: (?:id|identifier|name))?(?=\W*(?:$|[.;,]))"
    # one-api and new-api, in either of their languages
    r"|no available channels? for model|无可用渠道"
    r"|no (?:endpoints?|providers?) (?:found )?for (?:the )?(?:model|[\w.-]+/)"
    r"|(?:not|n.t|no|unable to) (?:have )?(?:(?:authori[sz]ed|allowed|permitted) to )?"
    r"access (?:to )?(?:the )?(?:requested |non-serverless )?model\b"
    r"|must be verified to use (?:the )?model\b",
    re.IGNORECASE,
)
_FOR_NOW = re.compile(
    r"under maintenance|temporar|overloaded|try again|is loading|at capacity|right now|at the moment|currently",
    re.IGNORECASE,
)
_ABOUT_AN_OPTION = re.compile(
    r"(?:argument|param(?:eter)?|option|field|property)s?\W{1,3}(?!.{0,3}model\b)", re.IGNORECASE
)
_MODERATION_IS_DOWN = re.compile(
    r"moderation\b.{0,40}?(?:unavailable|timed? ?out|could not be reached|(?:internal|service) error)",
    re.IGNORECASE,
)
_UNIT = r"(?:ms|milliseconds?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)(?![a-z])"
_AMOUNT = rf"\d{{1,6}}(?:\.\d{{1,6}})? ?{_UNIT}"
_WAIT = re.compile(
    rf"\b(?:again|retry|wait|available|resets?)\b[^0-9]{{0,20}}((?:{_AMOUNT},? ?(?:and )?){{1,3}})",
    re.IGNORECASE,
)
_DURATION = re.compile(r"(\d+(?:\.\d+)?) ?(ms|mil|h|m|s)", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "mil": 0.001, "h": 3600.0, "m": 60.0, "s": 1.0}


def read_text(body: bytes, *, model: str, prompt: str) -> Text:
    """What an answer says, whatever it is. Raises nothing.

    The words of the member must not be taken for the API's: whoever paints "this model does not exist" and gets the
    prompt echoed in an error would retire the model for everybody.
    """
    try:
        value = parse_json(body)
    except (ValueError, RecursionError):
        raw = body[: 2 * LONGEST_TEXT].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
        if raw[:1] in ("{", "["):
            return _text(BodyKind.ENVELOPE, " ".join(_STRING.findall(raw)), None, model, prompt)
        return _text(BodyKind.PLAIN if raw.strip() else BodyKind.SILENT, raw, None, model, prompt)
    return read_envelope(value, model=model, prompt=prompt)


def read_envelope(value: Any, *, model: str, prompt: str) -> Text:
    """What stands in the fields of a JSON value that are for people, or for programs that look for a code."""
    strings = [text[:LONGEST_TEXT] for text in itertools.islice(_strings(value, _DEEPEST), _MOST_STRINGS)]
    has_something = strings or (isinstance(value, dict | list) and value)
    kind = BodyKind.ENVELOPE if has_something else BodyKind.SILENT
    return _text(kind, "; ".join(dict.fromkeys(strings)), value, model, prompt)


def readable_line(text: str) -> str:
    """What was escaped is written out, what can't be shown is left out."""
    for _ in range(2):
        text = html.unescape(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text.replace("\\/", "/")))
    text = text.replace('\\"', '"').replace("\\n", " ")
    if "%" in text:
        text = unquote(text, errors="replace")
    text = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(text.split())


def _text(kind: BodyKind, raw: str, value: Any, model: str, prompt: str) -> Text:
    """`value` is the JSON that `raw` was found in; None where there is none."""
    words = readable_line(raw[:LONGEST_TEXT])
    # First the quotation, as long as it is whole: the member may have an address in it, or a page.
    said = without_quotations(words, readable_line(prompt))
    if _PAGE.search(said):
        # Also of a gateway that passes on, as a sentence, the page of whoever stands before it.
        return Text(BodyKind.HTML, readable_line(re.sub(r"<[^<>]*>", " ", words)), frozenset())
    said = _ADDRESS.sub(" ", said)
    indications = {indication for indication, pattern in _PATTERNS.items() if pattern.search(said)}
    if _MODERATION_IS_DOWN.search(said):
        indications.discard(Indication.MODERATION)
    wait = None
    if found := _WAIT.search(said):
        wait = sum(float(number) * _SECONDS[unit.lower()] for number, unit in _DURATION.findall(found[1]))
        indications.add(Indication.WAIT)
    if _says_model_is_gone(said, model):
        indications.add(Indication.GONE)
    if Indication.MODERATION not in indications and _PATTERNS[Indication.MODERATION].search(
        _ADDRESS.sub(" ", words)
    ):
        # Or the member has written what moderation says, so that it would not be heard.
        indications.add(Indication.QUOTED_MODERATION)
    refusal = NONE
    if value is not None or Indication.MODERATION in indications:
        refusal = refusal_in(value, said, prompt)
        if refusal.certain:
            indications.add(Indication.MODERATION)
    return Text(kind, words, frozenset(indications), wait, refusal)


def _strings(value: Any, deeper: int) -> Iterator[str]:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") and len(value) <= LONGEST_TEXT:
        # What a gateway passes on as a string may be JSON itself.
        with suppress(ValueError, RecursionError):
            value = parse_json(value.encode("utf-8", "replace"))
    if isinstance(value, str):
        yield value
    elif not deeper:
        return
    elif isinstance(value, dict):
        for name in _FIELDS:
            yield from _strings(value.get(name), deeper - 1)
    elif isinstance(value, list):
        for row in value[:_MOST_ROWS]:
            yield from _strings(row, deeper - 1)


def _says_model_is_gone(said: str, model: str) -> bool:
    """Not "argument `size` is deprecated", nor "the model is not available, try again"."""
    if _GONE_MODEL.search(said):
        return True
    names = rf"\bmodel\b|{re.escape(bare_name(model))}" if model else r"\bmodel\b"
    # What follows within the sentence; by pieces, so that no text can make it take long.
    rests = (said[found.end() : found.end() + _SENTENCE] for found in re.finditer(names, said, re.IGNORECASE))
    if not any(_GONE.search(_SENTENCE_END.split(rest, maxsplit=1)[0]) for rest in rests):
        return False
    return not _FOR_NOW.search(said) and not _ABOUT_AN_OPTION.search(said)


def without_quotations(text: str, prompt: str) -> str:
    """Without the member's words, however they are cut or quoted: runs of three, or as many as there are."""
    theirs = _plain(_WORD.finditer(prompt))
    if not theirs:
        return text
    quoted = _quoted(theirs)
    found = list(_WORD.finditer(text))
    words = _plain(found)
    echoed = set[int]()
    for run in (1, 2, 3):
        for at in range(len(words) - run + 1):
            if tuple(words[at : at + run]) in quoted:
                echoed.update(range(at, at + run))
    if not echoed:
        return text
    parts, end = list[str](), 0
    for index in sorted(echoed):
        parts += (text[end : found[index].start()], "…")
        end = found[index].end()
    return "".join((*parts, text[end:]))


def _plain(words: Iterable[re.Match[str]]) -> list[str]:
    return [unicodedata.normalize("NFKC", word[0]).casefold() for word in words]


def _quoted(theirs: Sequence[str]) -> set[tuple[str, ...]]:
    """The runs of words that are a quotation of `theirs`, which may be cut at either end, within a word or not."""
    run = min(3, len(theirs))
    runs = {tuple(theirs[at : at + run]) for at in range(len(theirs) - run + 1)}
    if run == 3:
        runs |= {tuple(theirs[:2]), tuple(theirs[-2:])}
    cut_behind = {(*it[:-1], it[-1][:end]) for it in runs for end in range(1, min(len(it[-1]), _LONGEST_CUT))}
    cut_before = {
        (it[0][-length:], *it[1:]) for it in runs for length in range(1, min(len(it[0]), _LONGEST_CUT))
    }
    return runs | cut_behind | cut_before
