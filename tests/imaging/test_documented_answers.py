"""docs/image-api-answers.md against the code: each example is judged, and each row of the table is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core.generation.model import Order
from bot.imaging.response import RULES, Answer, FinalFailure, NotFound, Repeat, judge

DOCUMENT = (Path(__file__).parents[2] / "docs" / "image-api-answers.md").read_text(encoding="utf-8")
TIMES = {"never": 0, "twice": 2, "4 times": 4, "while there is time": None}
HEADER = re.compile(r"([A-Z][A-Za-z-]+): (.+)")


@dataclass(frozen=True)
class Line:
    name: str
    example: str
    error: str
    about: str
    repeated: str
    may_have_cost: bool


def cells(section: str) -> list[list[str]]:
    text = DOCUMENT.split(f"## {section}\n")[1].split("\n## ")[0]
    # A line that goes on with another example has no name of its own, and one cell less.
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")][2:]


def lines() -> list[Line]:
    found = list[Line]()
    for row in cells("An answer that is no success"):
        *name, example, error, about, repeated, cost = row
        found.append(
            Line(name[0] if name else found[-1].name, example, error, about, repeated, cost == "yes")
        )
    return found


def judged(example: str) -> Answer:
    status, *parts = re.findall(r"`([^`]+)`", example)
    headers = dict[str, str]()
    if parts and (header := HEADER.fullmatch(parts[0])):
        headers[header[1]] = header[2]
        parts = parts[1:]
    body = "".join(parts).encode()
    return judge(int(status), headers, body, model="x-ai/grok-2-image", prompt="a red fox is NSFW")


def verdict_of(answer: Answer) -> tuple[str, int | None, bool]:
    match answer:
        case Order():
            return "none", 0, True
        case NotFound():
            return "the catalogue is asked", 0, False
        case FinalFailure(error=error):
            return type(error).__name__, 0, error.may_have_cost
        case Repeat(times=times, error=error):
            return type(error).__name__, times, error.may_have_cost


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.example)
def test_an_example_of_a_failure_means_what_the_page_says(line: Line) -> None:
    assert verdict_of(judged(line.example)) == (line.error, TIMES[line.repeated], line.may_have_cost)


def test_the_page_has_every_rule_in_its_order() -> None:
    documented = list(dict.fromkeys((line.name, line.about) for line in lines()))

    assert documented == [(rule.name, rule.about.value) for rule in RULES]


@pytest.mark.parametrize("row", [*cells("A success"), *cells("Other servers")], ids=lambda row: row[-3])
def test_an_example_of_a_success_or_of_another_server_means_what_the_page_says(row: list[str]) -> None:
    example, error, cost = row[-3:]

    name, _, may_have_cost = verdict_of(judged(example))

    assert (name, may_have_cost) == (error, cost == "yes")
