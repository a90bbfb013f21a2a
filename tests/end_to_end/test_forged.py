"""What no client of Discord sends, in every option, field and custom id: refused in words, and nothing breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.ui.limits.panel_parts import Part
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup

COMMANDS = json.loads((Path(__file__).parents[1] / "golden" / "commands.json").read_text(encoding="utf-8"))
SUB_COMMANDS = {1, 2}
VALUES: tuple[Any, ...] = (-5, 10**30, 2**63, 1.5, True, "x\0y", "\ud83e", "9" * 40, "x" * 7000)
HUGE = "9" * 18
CUSTOM_IDS = (
    f"limits:history:{HUGE}",
    "limits:history:0",
    f"limits:confirm:00000000:member/{'9' * 20}={'9' * 12}",
    f"limits:confirm:00000000:top-up/{'9' * 20}=0",
    f"limits:confirm:00000000:role/{'9' * 20}=u",
    f"limits:confirm:00000000:p={'9' * 12},a=0",
    "limits:confirm:00000000:d=7,z=00000000",
    "limits:confirm:00000000:d=7,m=7,d=8,z=x",
    "limits:confirm:00000000:reset",
    f"privacy:delete:{'9' * 20}",
    "privacy:delete:0",
    f"limits:dismiss:{'9' * 19}:9999",
    f"limits:lift:blocks:{'9' * 20}:9999",
)
BROKEN = ("unexpected", "database", "didn't work")


def leaves(command: dict[str, Any], path: str = "") -> Iterator[tuple[str, list[dict[str, Any]]]]:
    name = f"{path} {command['name']}".strip()
    nested = [option for option in command.get("options", ()) if option["type"] in SUB_COMMANDS]
    if not nested:
        yield name, command.get("options", [])
    for option in nested:
        yield from leaves(option, name)


async def test_no_value_of_any_option_breaks_a_command(setup: Setup, database_url: str) -> None:
    await setup.start_bot(DATABASE_URL=database_url)
    each = [
        (setup.tea_house.member(f"Mo {number}", permissions=Permission.MANAGE_GUILD), value)
        for number, value in enumerate(VALUES)
    ]
    valid = {"prompt": "a fox", "action": "top up", "what": "everything", "mode": "only", "member": setup.ada}
    for name, options in [leaf for command in COMMANDS if command["type"] == 1 for leaf in leaves(command)]:
        for option in options:
            others = {it["name"]: valid[it["name"]] for it in options if it["name"] in valid}
            replies = await asyncio.gather(
                *(mo.use(name, forged=True, options={**others, option["name"]: value}) for mo, value in each)
            )
            for reply, value in zip(replies, VALUES, strict=True):
                said = (name, option["name"], value if not isinstance(value, str) else value[:50], reply.text)
                assert reply.text or reply.modal, said
                assert not any(word in reply.text for word in BROKEN), said
    assert "images allowed" in (await each[0][0].use("limits explain", member=setup.ada)).text


async def test_a_number_of_images_that_is_none_is_refused_and_counted_nowhere(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="10")
    for images in (-5, 0, 11, 100_000, 2**52):
        reply = await setup.ada.use("imagine", forged=True, options={"prompt": "a fox", "images": images})
        assert reply.ephemeral
        assert "Ask for 1 to 10 images. Nothing was counted." in reply.text
    assert setup.images.requests == []
    assert "today**: 0 of 10 used" in (await setup.ada.use("usage")).text


@pytest.mark.parametrize("part", list(Part))
async def test_no_value_of_any_field_breaks_a_form(setup: Setup, part: Part) -> None:
    await setup.start_bot()
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    fields = ("daily", "monthly", "images", "span", "reason", "words", "zone", "per_prompt", "cooldown")
    for text in ("-5", "9" * 400, "x\0y", "\ud83e", "٣", "1e9", "Infinity"):
        for action in ("limit", "top-up", "block"):
            filled: dict[str, Any] = dict.fromkeys(fields, text)
            filled |= {"member": HUGE, "role": "-1", "channels": "x"}
            filled |= {"action": action, "mode": "only", "level": "problems"}
            reply = await mo.forge_submit(f"limits:form:{part}:{HUGE}", **filled)
            assert not any(word in reply.text for word in BROKEN), (part, text, action, reply.text)


async def test_no_custom_id_breaks_anything(setup: Setup) -> None:
    bot = await setup.start_bot()
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    for custom_id in CUSTOM_IDS:
        reply = await mo.forge_press(custom_id)
        assert not any(word in reply.text for word in BROKEN), (custom_id, reply.text)
    assert "today" in (await setup.ada.use("usage")).text
    assert not [line for line in bot.log if "unforeseen" in line]


@pytest.mark.parametrize("form", [f"report:{'9' * 19}:0", f"report:{HUGE}:{'9' * 20}"])
async def test_no_id_in_a_report_breaks_anything(setup: Setup, form: str) -> None:
    await setup.start_bot()
    reply = await setup.ada.forge_submit(form, reason="odd")
    assert "can't be" in reply.text
