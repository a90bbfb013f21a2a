"""Why a picture was refused, where an answer says so: before or after it was painted, and for what. Pure functions.

OpenAI says it in `error.moderation_details`, and in words (`safety_violations=[…]`); Azure in `content_filter_results`;
OpenRouter in `error.metadata.reasons`; xAI by the name of a failed check (`SAFETY_CHECK_TYPE_…`).
https://platform.openai.com/docs/guides/image-generation#content-moderation
https://openrouter.ai/docs/api-reference/errors#moderation-errors
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.generation.errors import ModerationStage

MOST_CATEGORIES = 4
LONGEST_CATEGORY = 40
"""Characters: those that are known have 25."""
_MOST_ROWS = 20
_DEEPEST = 6

_KNOWN = frozenset(
    {
        *(
            "sexual",
            "sexual_minors",
            "violence",
            "violence_graphic",
            "hate",
            "hate_threatening",
            "harassment",
        ),
        *("harassment_threatening", "self_harm", "self_harm_intent", "self_harm_instructions", "illicit"),
        *("illicit_violent", "csam", "nsfw", "nudity", "copyright", "public_figure"),
    }
)
_DETAILS = "moderation_details"
_FILTERS = ("content_filter_results", "content_filter_result", "content_filters")
_NAMED = re.compile(r"safety_violations\W{1,3}\[([^\[\]]{1,200})\]", re.IGNORECASE)
_CHECK = re.compile(r"\bSAFETY_CHECK_TYPE_(\w{1,60})")
_PAINTED = re.compile(r"\b(?:generated|resulting|output) (?:image|picture|content)s?\b", re.IGNORECASE)
_NO_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Refusal:
    """`stage` is None where nobody says. `categories`: small letters, digits and `_`; bounded in number and length.

    `certain`: the answer has a field for it, which no member's words can be mistaken for.
    """

    stage: ModerationStage | None = None
    categories: tuple[str, ...] = ()
    certain: bool = False


NONE = Refusal()


def refusal_in(value: Any, words: str, prompt: str) -> Refusal:
    """What the JSON `value` of an answer says of its refusal, and its `words`, without the member's.

    A category that nobody knows, and that consists of words of the `prompt`, is the member's: it is left out.
    """
    stage, named, certain = None, list[object](), False
    for row in _mappings(value, _DEEPEST):
        if isinstance(details := row.get(_DETAILS), dict):
            certain = True
            said = str(details.get("moderation_stage")).lower()
            stage = ModerationStage(said) if said in set(ModerationStage) else stage
            named += _listed(details.get("categories"))
        for name in _FILTERS:
            named += _filtered(row.get(name))
        if isinstance(metadata := row.get("metadata"), dict) and "flagged_input" in metadata:
            certain, stage = True, ModerationStage.INPUT
            named += _listed(metadata.get("reasons"))
    for found in _NAMED.finditer(words):
        named += found[1].split(",")
    named += (found[1] for found in _CHECK.finditer(words))
    if stage is None and _PAINTED.search(words):
        stage = ModerationStage.OUTPUT
    theirs = set(_NO_LETTERS.split(prompt.casefold()))
    found_once = dict.fromkeys(category for name in named if (category := _category(name, theirs)))
    return Refusal(stage, tuple(found_once)[:MOST_CATEGORIES], certain)


def _category(name: object, theirs: set[str]) -> str | None:
    if not isinstance(name, str):
        return None
    category = _NO_LETTERS.sub("_", name[: 2 * LONGEST_CATEGORY].casefold()).strip("_")
    category = category.removeprefix("harm_category_")[:LONGEST_CATEGORY].rstrip("_")
    if category not in _KNOWN and set(category.split("_")) <= theirs:
        return None
    return category or None


def _listed(value: object) -> list[object]:
    """Of `["violence"]`, and of `{"violence": true, "hate": false}`."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [name for name, holds in list(value.items())[:_MOST_ROWS] if holds is True]
    return value[:_MOST_ROWS] if isinstance(value, list) else []


def _filtered(value: object) -> list[object]:
    """Of `{"violence": {"filtered": true, "severity": "high"}}`."""
    rows = list(value.items())[:_MOST_ROWS] if isinstance(value, dict) else []
    return [name for name, row in rows if isinstance(row, dict) and row.get("filtered") is True]


def _mappings(value: Any, deeper: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
        children = list(value.values())[:_MOST_ROWS]
    else:
        children = value[:_MOST_ROWS] if isinstance(value, list) else []
    for child in children if deeper else ():
        yield from _mappings(child, deeper - 1)
