"""Files that people take away: readable, harmless, and never over the limit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.core.generation.model import (
    Cost,
    Generation,
    ImageSpec,
    InputImage,
    PromptRevision,
    Request,
    Shape,
    State,
)
from bot.core.limits.policy import Block, Policy
from bot.core.limits.styles import Style
from bot.core.place import Caller, InServer
from bot.core.privacy.errors import MemberDataTooLarge
from bot.core.privacy.service import CounterRecord, DecisionRecord, Erased, MemberData
from bot.core.statistics.errors import ExportTooLarge
from bot.ui.error_messages import refusal
from bot.ui.privacy.summary import erased_layout
from bot.ui.statistics.exports import BOM, MOST_FILES, ZIPPED, UsageFiles, member_data_files
from tests.core.factories import NOON
from tests.ui.limits.test_panel import text_of

FOX = Generation(
    Request(1, Caller(2, InServer(3, 4)), ImageSpec("a fox", 3)),
    State.DELIVERED,
    NOON,
    NOON,
    1,
    "grok",
    147_000,
    cost=Cost(147_000, estimated=False),
)
BERLIN = ZoneInfo("Europe/Berlin")


def asking(prompt: str, id: int = 1) -> Generation:
    return replace(FOX, request=replace(FOX.request, id=id, spec=ImageSpec(prompt, 3)))


def usage(rows: Sequence[Generation], limit: int = 1_000_000) -> list[bytes]:
    files = UsageFiles(BERLIN, limit)
    files.add(rows)
    return files.contents()


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode().removeprefix(BOM))))


def test_a_row_says_who_used_what_when_and_for_how_much() -> None:
    header, row = table(usage([FOX])[0])
    assert dict(zip(header, row, strict=True)) == {
        "time": "2026-11-23T13:00:00+01:00",
        "member": "<@2>",
        "channel": "<#4>",
        "images": "3",
        "delivered": "2",
        "state": "delivered",
        "model": "grok",
        "cost_usd": "0.0735",
        "cost_estimated": "no",
        "shape": "",
        "pictures_changed": "0",
        "model_chosen": "",
        "counted_as": "3",
        "revision_allowed": "yes",
        "revision_usd": "",
        "style": "",
        "private": "no",
        "spoiler": "no",
        "revised_prompt": "",
        "prompt": "a fox",
    }


def test_what_a_chat_model_made_of_a_prompt_and_what_that_cost_is_in_both_files() -> None:
    revised = replace(FOX, revision=PromptRevision("a red fox", 204))
    header, row = table(usage([revised])[0])
    said = dict(zip(header, row, strict=True))
    assert (said["revised_prompt"], said["revision_usd"]) == ("a red fox", "0.0001")
    [file] = member_data_files(MemberData(2, (revised,), (), (), ()), 10_000).values()
    [one] = json.loads(file)["generations"]
    assert (one["revised_prompt"], one["revision_usd"]) == ("a red fox", "0.0001")


def test_whatever_was_asked_for_can_be_told_from_both_files() -> None:
    asked: dict[str, Any] = {
        "prompt": "a vixen",
        "count": 2,
        "shape": Shape.TALL,
        "inputs": (InputImage("https://cdn.example/fox.png", "image/png"),),
        "model": "maker/other",
        "weight": 3,
        "revise": False,
        "style": Style("Noir", "film noir of"),
        "private": True,
        "spoiler": True,
    }
    assert asked.keys() == {one.name for one in fields(ImageSpec)}, "another value for each than that of FOX"
    for name, value in asked.items():
        spec = replace(FOX.request.spec, **{name: value})
        other = replace(FOX, request=replace(FOX.request, spec=spec))
        assert usage([other]) != usage([FOX]), name
        mine, others = (MemberData(2, (one,), (), (), ()) for one in (FOX, other))
        assert member_data_files(others, 10_000) != member_data_files(mine, 10_000), name


def test_a_cost_that_is_estimated_is_marked_in_both_files() -> None:
    estimated = replace(FOX, credits=None, cost=Cost(140_000, estimated=True))
    header, row = table(usage([estimated])[0])
    said = dict(zip(header, row, strict=True))
    assert (said["cost_usd"], said["cost_estimated"]) == ("0.0700", "yes")
    [file] = member_data_files(MemberData(2, (estimated,), (), (), ()), 10_000).values()
    [one] = json.loads(file)["generations"]
    assert (one["cost_usd"], one["cost_estimated"]) == ("0.0700", True)


def test_what_is_not_known_is_empty() -> None:
    _, row = table(usage([replace(asking(""), model=None, cost=None, settled_at=None)])[0])
    assert row[4:9] == ["", "delivered", "", "", ""]
    assert row[-1] == ""


@pytest.mark.parametrize(
    "prompt",
    ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', " \u200b=1", "\n=1", "＝1+1", '"=1'],
)
def test_a_prompt_is_never_a_formula(prompt: str) -> None:
    _, row = table(usage([asking(prompt)])[0])
    assert row[-1] == f"'{prompt}"


@pytest.mark.parametrize("prompt", ["a, b", 'say "fox"', "two\nlines", "🦊 голод", "\ud800"])
def test_any_prompt_stays_in_its_cell(prompt: str) -> None:
    header, row = table(usage([asking(prompt)])[0])
    assert len(row) == len(header)


def test_what_is_too_large_becomes_several_files_with_every_row_once() -> None:
    rows = [asking("x" * 100, number) for number in range(50)]
    files = usage(rows, 2000)
    assert 1 < len(files) <= MOST_FILES
    assert all(len(content) <= 2000 for content in files)
    assert sum(len(table(content)) - 1 for content in files) == 50


@pytest.mark.parametrize("count", [1, 5000])
def test_more_than_an_answer_can_carry_is_refused(count: int) -> None:
    rows = [asking("x" * 1000)] * count
    with pytest.raises(ExportTooLarge):
        usage(rows, 500)


def test_the_data_of_a_member_can_be_read() -> None:
    data = MemberData(
        2,
        (FOX,),
        (
            CounterRecord("member/3/2", "2026-11", 3),
            CounterRecord("member/3/2", "2026-11-23", 2),
            CounterRecord("member/3/2", "2026-11-23~1", 1),
            CounterRecord("direct/2", "2026-11-23", 4),
        ),
        (DecisionRecord(3, Policy(blocks={2: Block(None, "spam")}, members={2: None})),),
        (),
    )
    [(name, content)] = member_data_files(data, 10_000).items()
    about = json.loads(content)
    assert name == "my-imagine-data.json"
    assert content.decode() == json.dumps(about, indent=2) + "\n"
    assert about["generations"][0]["prompt"] == "a fox"
    assert about["counters"] == [
        {"server": "3", "month": "2026-11", "images_used": 3},
        {"server": "3", "day": "2026-11-23", "images_used": 2},
        {"server": "3", "day": "2026-11-23", "after_reset": 1, "images_used": 1},
        {"server": None, "day": "2026-11-23", "images_used": 4},
    ]
    assert about["decided_about_you"] == [
        {"server": "3", "images_per_day": "unlimited", "blocked": {"until": "permanent", "reason": "spam"}}
    ]


def test_the_data_of_a_member_that_is_too_large_becomes_several_files_and_then_an_archive() -> None:
    def files(count: int) -> dict[str, bytes]:
        rows = tuple(asking("fox " * 50, number) for number in range(count))
        return member_data_files(MemberData(2, rows, (), (), ()), 20_000)

    some = files(150)
    assert 1 < len(some) <= MOST_FILES
    assert all(len(content) <= 20_000 for content in some.values())
    ids = [it["id"] for content in some.values() for it in json.loads(content)["generations"]]
    assert ids == [str(number) for number in range(150)]
    [name] = files(600)
    assert name == ZIPPED
    with pytest.raises(MemberDataTooLarge):
        files(20_000)


def test_the_data_of_a_member_with_more_in_one_record_than_a_file_takes_is_refused() -> None:
    with pytest.raises(MemberDataTooLarge):
        member_data_files(MemberData(2, (asking("x" * 1000),), (), (), ()), 1000)


def test_whoever_asks_for_their_own_data_is_not_told_to_choose_a_period() -> None:
    assert "period" not in refusal(MemberDataTooLarge())
    assert "period" in refusal(ExportTooLarge(MOST_FILES))


def test_nothing_kept_is_an_empty_list() -> None:
    [content] = member_data_files(MemberData(2, (), (), (), ()), 5000).values()
    assert json.loads(content)["generations"] == []
    assert usage([]) == []


@pytest.mark.parametrize(("running", "told"), [(0, False), (1, True), (2, True)])
def test_what_still_runs_is_owned_up_to(running: int, told: bool) -> None:
    said = text_of(erased_layout(Erased(1, 2, 3, running)))
    assert ("Still being painted" in said) is told
    assert "what you changed as a moderator" in said
