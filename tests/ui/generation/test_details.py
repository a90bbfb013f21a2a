"""What stands in the details of a picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.generation.model import (
    Cost,
    Generation,
    ImageSpec,
    PromptRevision,
    Request,
    Shape,
    State,
)
from bot.core.limits.styles import Style
from bot.ui.generation.details import details_message
from tests.core.factories import NOON, caller

FOX = Generation(
    Request(
        1,
        caller(2),
        ImageSpec(
            "a fox\n*at* dawn", 2, Shape.WIDE, weight=3, style=Style("Noir", "film noir of", ", hard shadows")
        ),
        idea_by=7,
    ),
    State.DELIVERED,
    NOON,
    NOON + timedelta(seconds=75),
    refunded=1,
    model="x-ai/grok-2-image",
    cost=Cost(140_000, estimated=True),
    revision=PromptRevision("A red fox", 1000),
)


def facts(
    generation: Generation, revised: str = "", *, shows_cost: bool = False
) -> dict[str | None, str | None]:
    [embed] = details_message(generation, revised, shows_cost=shows_cost).embeds
    return {one.name: one.value for one in embed.fields}


def test_the_details_say_all_that_is_on_record() -> None:
    [embed] = details_message(FOX, "A red fox").embeds
    assert embed.description == "```\na fox\n*at* dawn\n```"
    assert facts(FOX, "A red fox") == {
        "Revised prompt": "```\nA red fox\n```",
        "Style": "Noir\n```\nfilm noir of …, hard shadows\n```",
        "Model": "`grok-2-image`",
        "Shape": "Wide",
        "When": "<t:1795435200:f>",
        "Took": "1 min 15 s",
        "Counted": "3 images",
        "Asked for by": "<@2>",
        "Idea by": "<@7>",
        "ID": "`1`",
    }


def test_what_it_has_cost_is_said_where_the_operator_shows_it_alone() -> None:
    assert "Cost" not in facts(FOX)
    assert facts(FOX, shows_cost=True)["Cost"] == "about $0.0705"
    assert facts(replace(FOX, cost=Cost(2_000_000, estimated=False)), shows_cost=True)["Cost"] == "$1.0005"


def test_an_erased_prompt_is_said_to_be_erased_and_an_erased_member_is_not_named() -> None:
    erased = replace(FOX, request=Request(1, caller(0), ImageSpec("", 2)))
    [embed] = details_message(erased, "").embeds
    assert embed.description == "The prompt has been erased."
    assert "Asked for by" not in facts(erased)


def test_the_longest_of_everything_fits_one_message() -> None:
    style = Style("n" * 100, "b" * 1000, "a" * 1000)
    spec = ImageSpec("🦊`" * 3000, 10, Shape.PORTRAIT, style=style)
    longest = replace(FOX, request=replace(FOX.request, spec=spec), model="m" * 300)
    [embed] = details_message(longest, "`" * 5000, shows_cost=True).embeds
    assert len(embed) <= 6000
    assert len(embed.description or "") <= 4096
    assert all(len(one.value or "") <= 1024 for one in embed.fields)


def test_what_is_too_long_for_the_details_comes_whole_as_a_file() -> None:
    long = replace(FOX, request=replace(FOX.request, spec=ImageSpec("a fox " * 600)))
    files = details_message(long, "a red fox " * 200).files
    assert [(file.name, file.content.decode()) for file in files] == [
        ("prompt.txt", "a fox " * 600),
        ("painted-by.txt", "a red fox " * 200),
    ]
    assert details_message(FOX, "A red fox").files == ()
