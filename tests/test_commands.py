"""The commands as Discord gets them: a rename or a lost bound becomes a visible diff of the golden file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bot.client import EXTENSIONS, ImagineBot, command_payload, payload_fingerprint
from bot.core.generation import Picture
from bot.core.moderation import Moderation
from bot.core.studio import Studio
from bot.core.usage import UsageBook
from tests.core.fakes import FakeChronicle, FakeLedger, FakePainter, FakePolicies, breaker, noon
from tests.core.samples import operator

GOLDEN = Path(__file__).parent / "golden" / "commands.json"
OPERATOR = operator()


class FakeNotes:
    async def get(self, name: str) -> str | None:
        raise NotImplementedError

    async def put(self, name: str, value: str) -> None:
        raise NotImplementedError


async def as_it_is(picture: Picture, limit: int) -> Picture:
    assert limit
    return picture


async def payload(most_images: int = 4, longest_prompt: int = 6000) -> Sequence[dict[str, object]]:
    ledger, policies = FakeLedger(), FakePolicies()
    studio = Studio(ledger, FakePainter(), OPERATOR, noon, breaker(), FakeChronicle(), concurrency=1)
    bot = ImagineBot(
        studio,
        UsageBook(ledger, policies, OPERATOR, noon),
        Moderation(policies, ledger, OPERATOR, noon),
        as_it_is,
        FakeNotes(),
        most_images=most_images,
        longest_prompt=longest_prompt,
    )
    async with bot:
        for extension in EXTENSIONS:
            await bot.load_extension(extension)
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


async def test_a_changed_bound_is_a_changed_payload_and_the_same_bound_is_not() -> None:
    first, same, other = await payload(), await payload(), await payload(most_images=3)
    assert payload_fingerprint(list(first)) == payload_fingerprint(list(same))
    assert payload_fingerprint(list(first)) != payload_fingerprint(list(other))
