"""The image API's faults in plain words for the page, and what the bot is expected to do about each."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.discord.kit.errors import Json
from sandbox.images import faults


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """Faults that the bot should treat alike. `descriptions`: by the fault's name in `sandbox.images.faults`."""

    name: str
    expected: str
    descriptions: dict[str, str]


REFUSED_PROMPT = FaultGroup(
    "It refuses the prompt",
    "One sentence says that the safety filter turned it down, and what for where it says so; nothing is bought twice.",
    {
        "moderated_400": "Refuses the prompt",
        "moderated_400_code": "Refuses the prompt, and says so in a code only",
        "moderated_403": "Refuses the prompt as if it were forbidden",
        "moderated_500": "Refuses the prompt as if it had broken down",
        "moderated_input": "Refuses the prompt, and says what for",
        "moderated_output": "Paints, refuses the picture, and says what for",
        "moderated_451": "Refuses the prompt by the law",
        "moderated_flag": "Paints, and then withholds the picture",
    },
)
NOTHING_FOR_MONEY = FaultGroup(
    "It takes the order and sends no picture",
    "One sentence says that no picture came; nothing is bought a second time.",
    {
        "data_null": "Sends nothing at all",
        "data_empty": "Sends an empty list of pictures",
        "no_image": "Sends a picture without an address",
        "job": "Sends a number under which to ask again",
        "error_in_a_200": "Says that all is well, and then that something is wrong",
        "html": "Sends a web page",
        "broken_json": "Sends half an answer",
        "cut_short": "Hangs up in the middle of its answer",
        "huge_answer": "Sends far too much",
        "empty_rows": "Sends millions of rows with nothing in them",
        "packed_bomb": "Sends little, which unpacks to something huge",
        "reset": "Hangs up without an answer",
        "hang": "Never answers",
        "drip": "Answers a letter at a time, for ever",
        "gateway_timeout": "Gives up after a long time",
    },
)
REFUSED_ORDER = FaultGroup(
    "It refuses the order",
    "One sentence says whose matter it is, and nothing is counted.",
    {
        "invalid_request": "Does not understand the order",
        "input_unreadable": "Can't read the picture that is to be changed",
        "prompt_too_long": "Finds the prompt too long",
        "endless_error": "Says so in 48 MB of words",
        "firewall": "Has a firewall that does not like the words",
        "permission_unclear": "Says “forbidden”, and not why",
    },
)
TOO_BUSY = FaultGroup(
    "It is busy",
    "The bot waits in line: the picture comes a little later, or one sentence says that there are too many.",
    {
        "rate_limited": "Has too many orders",
        "rate_limited_briefly": "Has too many orders, for one second",
        "rate_limited_as_credit": "Has too many orders, or no money: it says both",
        "rate_limited_in_words": "Has too many orders, and says in words for how long",
        "rate_limited_with_advice": "Has too many orders, and advises to pay for more",
        "rate_limited_for_an_hour": "Has too many orders, for an hour",
    },
)
OPERATORS_MATTER = FaultGroup(
    "It wants something of the operator",
    "The operator is told once, in #bot-alerts and in the log. Everybody else gets a sentence, until it is mended.",
    {
        "bad_key": "Does not know the key",
        "key_in_a_400": "Does not know the key, and calls the order wrong",
        "key_echoed": "Does not know the key, and repeats it",
        "key_escaped": "Does not know the key, and repeats it in disguise",
        "payment_required": "Asks for a payment",
        "hard_limit": "Has reached the account's limit, and calls the order wrong",
        "forbidden_origin": "Keeps its pictures at a place that is not allowed",
        "picture_redirect_away": "Has moved its pictures to a place that is not allowed",
        "no_credit": "Is out of money",
    },
)
MODEL_GONE = FaultGroup(
    "It has retired the model",
    "The picture comes from the next model, and nobody notices.",
    {
        "gone_404": "Has retired the model: “not found”",
        "gone_503": "Has retired the model: “no available channels”",
        "gone_400": "Has retired the model: “bad request”",
        "gone_500": "Has retired the model, and names another",
    },
)
BROKEN = FaultGroup(
    "It breaks down for a moment",
    "Once or twice: the picture comes, a little later. More often: one sentence, and nothing is counted.",
    {
        "internal_error": "Breaks down",
        "maintenance": "Is being repaired",
        "bad_gateway": "Is out of reach behind its proxy",
        "billed_bad_gateway": "Is out of reach behind its proxy, and bills all the same",
        "unavailable": "Is not available",
        "lost_404": "Is not to be found at its address",
    },
)
ODD = FaultGroup(
    "It answers a little differently",
    "The picture comes, as if nothing were odd.",
    {
        "created": "Says “created” in place of “OK”",
        "no_meta": "Does not say what it cost",
        "no_usage": "Does not say how much was used",
        "images_for_data": "Says “images” in place of “data”",
        "output_of_addresses": "Sends only addresses",
        "many_pictures": "Sends four hundred pictures",
        "twice": "Sends each picture twice",
        "odd_numbers": "Bills in numbers that are none",
        "odd_texts": "Sends letters that do not exist",
        "empty_revised_prompt": "Does not say what it made of the prompt",
    },
)
LOST_PICTURE = FaultGroup(
    "The paid picture is hard to get",
    "It is asked for again and never bought again; if it cannot be had, one sentence says so.",
    {
        "picture_missing": "Is not there",
        "picture_error": "Its host breaks down",
        "picture_reset": "Its host hangs up",
        "picture_hang": "Its host never answers",
        "picture_drip": "Comes a byte at a time, for ever",
        "picture_truncated": "Is cut in half",
        "picture_html": "Is a web page",
        "picture_empty": "Is empty",
        "picture_bomb": "Is small, and unpacks to something huge",
        "picture_of_chunks": "Is in two million pieces",
        "picture_huge": "Is far too large",
        "picture_redirect_around": "Has moved to where it is",
    },
)
NOT_REVISED = FaultGroup(
    "Its chat cannot rewrite the prompt",
    "The picture comes all the same, of the prompt as it was written, and its footer says so.",
    {
        "chat_refused": "Refuses to rewrite it",
        "chat_refused_in_words": "Refuses to rewrite it, in a friendly sentence",
        "chat_filtered": "Has a filter that does not like it",
        "chat_cut": "Stops in the middle of a sentence",
        "chat_empty": "Writes nothing",
        "chat_null": "Writes nothing at all",
        "chat_no_choices": "Sends an empty list of answers",
        "chat_too_long": "Writes a novel",
        "chat_recites": "Is talked into repeating its instructions",
        "chat_lost": "Is not there",
        "chat_bad_key": "Does not know the key, and repeats it",
        "chat_rate_limited": "Has too many requests",
        "chat_unavailable": "Is not available",
        "chat_html": "Sends a web page",
        "chat_broken_json": "Sends half an answer",
        "chat_huge": "Sends far too much",
        "chat_reset": "Hangs up without an answer",
        "chat_hang": "Never answers",
        "chat_drip": "Answers a letter at a time, for ever",
    },
)
REVISED_ALL_THE_SAME = FaultGroup(
    "Its chat answers a little differently",
    "The prompt is rewritten, as if nothing were odd.",
    {
        "chat_gone": "Has retired the first chat model",
        "chat_wrapped": "Is too polite",
    },
)
GROUPS = (
    REFUSED_PROMPT,
    NOTHING_FOR_MONEY,
    REFUSED_ORDER,
    TOO_BUSY,
    OPERATORS_MATTER,
    MODEL_GONE,
    BROKEN,
    ODD,
    LOST_PICTURE,
    NOT_REVISED,
    REVISED_ALL_THE_SAME,
)


def choices() -> list[Json]:
    """For the page: each fault with its group, label, technical description and expected outcome."""
    return [
        {
            "name": name,
            "group": group.name,
            "label": label,
            "description": faults.ALL[name].description,
            "expected": group.expected,
        }
        for group in GROUPS
        for name, label in group.descriptions.items()
    ]
