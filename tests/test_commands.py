"""The commands as Discord gets them: a rename or a lost bound becomes a visible diff of the golden file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bot.app import LONGEST_PROMPT
from bot.client.bot import ImagineBot, command_payload
from bot.core.limits.policy import LONGEST_COOLDOWN, MOST_IMAGES, Operator
from tests.core.factories import operator
from tests.core.services import services

GOLDEN = Path(__file__).parent / "golden" / "commands.json"
OPERATOR = operator()
INTEGER = 4  # Discord's type of an option


class FakeNotes:
    async def get(self, name: str) -> str | None:
        raise NotImplementedError

    async def put(self, name: str, value: str) -> None:
        raise NotImplementedError


async def payload(
    most_images: int = 4, longest_prompt: int = LONGEST_PROMPT, decided: Operator = OPERATOR
) -> Sequence[dict[str, object]]:
    bot = ImagineBot(services(decided, most_images=most_images, longest_prompt=longest_prompt), FakeNotes())
    async with bot:
        await bot.load_commands()
        return command_payload(bot.tree)


async def test_the_commands_are_the_ones_in_the_golden_file() -> None:
    assert json.loads(json.dumps(await payload())) == json.loads(GOLDEN.read_text(encoding="utf-8"))


async def test_discord_itself_keeps_the_operators_bounds() -> None:
    [imagine] = [
        command
        for command in await payload(most_images=2, longest_prompt=1024)
        if command["name"] == "imagine"
    ]
    options = imagine["options"]
    assert isinstance(options, list)
    assert {option["name"]: (option.get("max_length"), option.get("max_value")) for option in options} == {
        "prompt": (1024, None),
        "images": (None, 2),
    }


async def test_discord_itself_keeps_a_servers_decisions_inside_the_ceilings() -> None:
    decided = operator(ceiling=50, per_prompt=4, at_once=3, cooldown=30)
    [limits] = [command for command in await payload(decided=decided) if command["name"] == "limits"]
    options = limits["options"]
    assert isinstance(options, list)
    typed = {command["name"]: {one["name"]: one for one in command.get("options", [])} for command in options}
    numbers = {name: one for name, one in typed["set"].items() if one["type"] == INTEGER}
    assert {name: (one["min_value"], one["max_value"]) for name, one in numbers.items()} == {
        "daily": (0, 50),
        "monthly": (0, MOST_IMAGES),
        "server_daily": (0, MOST_IMAGES),
        "server_monthly": (0, MOST_IMAGES),
        "images_per_prompt": (1, 4),
        "prompts_at_once": (1, 3),
        "cooldown": (30, LONGEST_COOLDOWN),
    }
    assert [choice["value"] for choice in typed["set"]["unlimited"]["choices"]] == [
        "monthly",
        "server_daily",
        "server_monthly",
    ]
    assert typed["role"]["images"]["max_value"] == typed["member"]["images"]["max_value"] == 50
