"""What the image API can be made to do wrong, in plain words, and what the bot should make of it."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.discord.errors import Json
from sandbox.images import misbehaviours


@dataclass(frozen=True, slots=True)
class Family:
    """Kinds that the bot should treat alike. `words` says each by its name in `sandbox.images.misbehaviours`."""

    name: str
    expected: str
    words: dict[str, str]


REFUSED_PROMPT = Family(
    "It refuses the prompt",
    "One sentence says that the safety filter turned the prompt down; nothing is bought a second time.",
    {
        "moderated_400": "Refuses the prompt",
        "moderated_400_code": "Refuses the prompt, and says so in a code only",
        "moderated_403": "Refuses the prompt as if it were forbidden",
        "moderated_500": "Refuses the prompt as if it had broken down",
        "moderated_flag": "Paints, and then withholds the picture",
    },
)
NOTHING_FOR_MONEY = Family(
    "It takes the order and sends no picture",
    "One sentence says that no picture came; nothing is bought a second time.",
    {
        "moderated_data_null": "Sends nothing at all",
        "moderated_data_empty": "Sends an empty list of pictures",
        "moderated_no_image": "Sends a picture without an address",
        "html": "Sends a web page",
        "broken_json": "Sends half an answer",
        "cut_short": "Hangs up in the middle of its answer",
        "huge_answer": "Sends far too much",
        "reset": "Hangs up without an answer",
        "hang": "Never answers",
        "drip": "Answers a letter at a time, for ever",
        "gateway_timeout": "Gives up after a long time",
    },
)
REFUSED_ORDER = Family(
    "It refuses the order",
    "One sentence says whose matter it is, and nothing is counted.",
    {
        "invalid_request": "Does not understand the order",
        "prompt_too_long": "Finds the prompt too long",
    },
)
TOO_BUSY = Family(
    "It is busy",
    "The bot waits in line: the picture comes a little later, or one sentence says that there are too many.",
    {
        "rate_limited": "Has too many orders",
        "rate_limited_briefly": "Has too many orders, for one second",
        "rate_limited_for_an_hour": "Has too many orders, for an hour",
    },
)
OPERATORS_MATTER = Family(
    "It wants something of the operator",
    "The operator is told once, in #bot-alerts and in the log. Everybody else gets a sentence, until it is mended.",
    {
        "bad_key": "Does not know the key",
        "key_echoed": "Does not know the key, and repeats it",
        "no_credit": "Is out of money",
    },
)
MODEL_GONE = Family(
    "It has retired the model",
    "The picture comes from the next model, and nobody notices.",
    {
        "gone_404": "Has retired the model: “not found”",
        "gone_400": "Has retired the model: “bad request”",
        "gone_500": "Has retired the model, and names another",
    },
)
BROKEN = Family(
    "It breaks down for a moment",
    "Once or twice: the picture comes, a little later. More often: one sentence, and nothing is counted.",
    {
        "internal_error": "Breaks down",
        "maintenance": "Is being repaired",
        "bad_gateway": "Is out of reach behind its proxy",
        "unavailable": "Is not available",
    },
)
ODD = Family(
    "It answers a little differently",
    "The picture comes, as if nothing were odd.",
    {
        "created": "Says “created” in place of “OK”",
        "no_meta": "Does not say what it cost",
        "no_usage": "Does not say how much was used",
        "empty_revised_prompt": "Does not say what it made of the prompt",
    },
)
LOST_PICTURE = Family(
    "The paid picture is hard to get",
    "It is asked for again and never bought again; if it cannot be had, one sentence says so.",
    {
        "forbidden_origin": "Is at a place that is not allowed",
        "picture_missing": "Is not there",
        "picture_error": "Its host breaks down",
        "picture_reset": "Its host hangs up",
        "picture_hang": "Its host never answers",
        "picture_drip": "Comes a byte at a time, for ever",
        "picture_truncated": "Is cut in half",
        "picture_html": "Is a web page",
        "picture_empty": "Is empty",
        "picture_bomb": "Is small, and unpacks to something huge",
        "picture_huge": "Is far too large",
        "picture_redirect_away": "Has moved to a place that is not allowed",
        "picture_redirect_around": "Has moved to where it is",
    },
)
FAMILIES = (
    REFUSED_PROMPT,
    NOTHING_FOR_MONEY,
    REFUSED_ORDER,
    TOO_BUSY,
    OPERATORS_MATTER,
    MODEL_GONE,
    BROKEN,
    ODD,
    LOST_PICTURE,
)


def offered() -> list[Json]:
    """For the page: each kind with its family, its plain words, the technical ones, and what should come of it."""
    return [
        {
            "name": name,
            "family": family.name,
            "words": words,
            "technically": misbehaviours.ALL[name].sentence,
            "expected": family.expected,
        }
        for family in FAMILIES
        for name, words in family.words.items()
    ]
