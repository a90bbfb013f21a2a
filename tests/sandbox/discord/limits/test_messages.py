"""Discord's limits on what a message may hold: the largest is taken, one more is not."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord import RestError
from sandbox.discord.limits.messages import check_message
from sandbox.discord.limits.modals import check_modal

FIELD = {"name": "n", "value": "v"}


def button(custom_id: str = "b", **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": custom_id, **more}


def row(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(inside)}


def menu(options: int, **more: Any) -> dict[str, Any]:
    listed = [{"label": str(number), "value": str(number)} for number in range(options)]
    return {"type": 3, "custom_id": "menu", "options": listed, **more}


def embed(**parts: Any) -> dict[str, Any]:
    return {"embeds": [parts]}


LARGEST: list[tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = [
    ({"content": "x" * 2000}, {"content": "x" * 2001}, ("content",)),
    ({"content": "🦖" * 1000}, {"content": "🦖" * 1001}, ("content",)),
    (embed(title="x" * 256), embed(title="x" * 257), ("embeds", "0", "title")),
    (embed(description="x" * 4096), embed(description="x" * 4097), ("embeds", "0", "description")),
    (
        embed(footer={"text": "x" * 2048}),
        embed(footer={"text": "x" * 2049}),
        ("embeds", "0", "footer", "text"),
    ),
    (embed(author={"name": "x" * 256}), embed(author={"name": "x" * 257}), ("embeds", "0", "author", "name")),
    (embed(fields=[FIELD] * 25), embed(fields=[FIELD] * 26), ("embeds", "0", "fields")),
    (
        embed(fields=[{"name": "x" * 256, "value": "x" * 1024}]),
        embed(fields=[{"name": "x" * 256, "value": "x" * 1025}]),
        ("embeds", "0", "fields", "0", "value"),
    ),
    (
        embed(fields=[FIELD]),
        embed(fields=[{"name": " ", "value": "v"}]),
        ("embeds", "0", "fields", "0", "name"),
    ),
    ({"embeds": [{"title": "t"}] * 10}, {"embeds": [{"title": "t"}] * 11}, ("embeds",)),
    (
        {"embeds": [{"description": "x" * 3000}] * 2},
        {"embeds": [{"description": "x" * 3000}, {"description": "x" * 3000, "title": "x"}]},
        ("embeds",),
    ),
    (
        embed(image={"url": "attachment://a.png"}),
        embed(image={"url": "a.png"}),
        ("embeds", "0", "image", "url"),
    ),
    (embed(url="https://a.example"), embed(url="javascript:1"), ("embeds", "0", "url")),
    ({"components": [row(button())] * 1}, {"components": [row()]}, ("components", "0", "components")),
    (
        {"components": [row(*(button(f"{r}{c}") for c in range(5))) for r in range(5)]},
        {"components": [row(button(f"{r}")) for r in range(6)]},
        ("components",),
    ),
    (
        {"components": [row(button("a"), button("b"))]},
        {"components": [row(button("a"), button("a"))]},
        ("components", "0", "components", "1", "custom_id"),
    ),
    (
        {"components": [row(button("x" * 100))]},
        {"components": [row(button("x" * 101))]},
        ("components", "0", "components", "0", "custom_id"),
    ),
    (
        {"components": [row(button(label="x" * 80))]},
        {"components": [row(button(label="x" * 81))]},
        ("components", "0", "components", "0", "label"),
    ),
    (
        {"components": [row(menu(25))]},
        {"components": [row(menu(26))]},
        ("components", "0", "components", "0", "options"),
    ),
    (
        {"components": [row(menu(1))]},
        {"components": [row(menu(1), button())]},
        ("components", "0", "components"),
    ),
    (
        {"attachments": [{"id": 0, "description": "x" * 1024}]},
        {"attachments": [{"id": 0, "description": "x" * 1025}]},
        ("attachments", "0", "description"),
    ),
    ({"nonce": "x" * 25, "content": "x"}, {"nonce": "x" * 26, "content": "x"}, ("nonce",)),
]


@pytest.mark.parametrize(("largest", "larger", "place"), LARGEST, ids=[str(place) for _, _, place in LARGEST])
def test_the_largest_is_taken_and_one_more_is_not(
    largest: dict[str, Any], larger: dict[str, Any], place: tuple[str, ...]
) -> None:
    check_message(largest, files=0)
    with pytest.raises(RestError) as refused:
        check_message(larger, files=0)
    assert (refused.value.status, refused.value.code) == (400, 50035)
    node = refused.value.errors or {}
    for step in place:
        node = node[step]
    assert node["_errors"][0]["code"]
    assert node["_errors"][0]["message"]


def test_ten_files_are_taken_and_eleven_are_not() -> None:
    check_message({"content": "x"}, files=10)
    with pytest.raises(RestError):
        check_message({"content": "x"}, files=11)


def _modal(fields: int = 1, **more: Any) -> dict[str, Any]:
    rows = [row({"type": 4, "style": 1, "label": "Name", "custom_id": str(n)}) for n in range(fields)]
    return {"custom_id": "m", "title": "A title", "components": rows, **more}


def test_a_modal_has_five_fields_and_a_short_title() -> None:
    check_modal(_modal(5, title="x" * 45))
    for modal in (_modal(6), _modal(0), _modal(title="x" * 46), _modal(custom_id="")):
        with pytest.raises(RestError):
            check_modal(modal)


def test_a_layout_of_the_second_kind_holds_forty_components_and_no_content() -> None:
    text = {"type": 10, "content": "words"}
    check_message({"flags": 1 << 15, "components": [text] * 40}, files=0)
    for more in ({"components": [text] * 41}, {"components": [text], "content": "words"}):
        with pytest.raises(RestError):
            check_message({"flags": 1 << 15, **more}, files=0)
