"""Names that are stored, or stand in messages that people still have before them, are formats held by a golden file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.client.bot import ImagineBot
from bot.client.command_registration import FINGERPRINT
from bot.core.generation.model import ImageSpec, InputImage, Shape, Source, State
from bot.core.generation.notices import ERRORS
from bot.core.health.image_api_monitor import PICTURES_AT
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import (
    NOTHING_DECIDED,
    Block,
    ChannelMode,
    ChannelRule,
    CounterReset,
    LogLevel,
    LogRule,
    Policy,
    Setting,
    TopUp,
)
from bot.core.limits.policy_store import Revision
from bot.core.limits.rules import meters_for, windows_of
from bot.core.limits.styles import Style
from bot.core.moderation.diff import differences, fingerprint
from bot.core.moderation.edits import Edit, ResetAll, SetMember, SetNumbers, SetRole, SetZone, TopUpMember
from bot.core.moderation.service import Panel
from bot.core.preferences.preferences import Preferences
from bot.interactions.drafts import encoded
from bot.interactions.modals import Answers
from bot.storage.engine.migrate import read_migrations
from bot.storage.engine.opening import open_database
from bot.storage.generations import contents_kept, encode_sources, encode_spec
from bot.storage.key_value_store import SqlKeyValueStore
from bot.storage.operator_clock import NAME as CLOCK
from bot.storage.operator_clock import operators_clock
from bot.storage.policies import CHANGED_BY, SqlPolicies
from bot.storage.policy_document import encode, undoing
from bot.storage.preferences import encode as encode_preferences
from bot.ui.limits.panel_parts import Part
from bot.ui.moderation import edit_ids
from cogs.limits.policy_forms import modal_for
from tests.core.factories import CHOICES, NOIR, NOON, caller, operator, word_list
from tests.core.services import services
from tests.test_commands import FakeKeyValueStore

GOLDEN = json.loads((Path(__file__).parent / "golden" / "stored_formats.json").read_text("utf-8"))
MEANING = (
    "This is stored, or stands in messages that people still have before them. If it changes, rows and buttons of the "
    "version before are no longer understood: keep it, or read the old form as well, and test that before the golden "
    "file is changed."
)
OPERATOR = operator()
BERLIN = ZoneInfo("Europe/Berlin")
POLICY = Policy(
    numbers=dict.fromkeys(Setting, 7) | {Setting.MONTHLY: None},
    roles={11: 20, 12: None},
    members={2: 30},
    blocks={21: Block(datetime(2026, 12, 1, tzinfo=UTC), "spam"), 22: Block(None)},
    top_ups={2: TopUp("2026-11-23", 5)},
    counter_resets={2: CounterReset("2026-11-23", 1)},
    channels=ChannelRule(ChannelMode.EXCEPT, frozenset({32, 31}), True),
    words=word_list("secret*\nwörd"),
    zone=BERLIN,
    running=windows_of(NOTHING_DECIDED, OPERATOR, NOON),
    log=LogRule(41, LogLevel.EVERYTHING),
    choices_off=frozenset({"Detailed", "Anime"}),
    revise=False,
    styles={NOIR.key: NOIR, "comic": None},
    private=Requirement.FORBIDDEN,
    spoiler=Requirement.REQUIRED,
)
PANEL = Panel(Revision(3, POLICY, 7, NOON), operator(choices=CHOICES, revises=True), ())
EDITS: list[list[Edit]] = [
    [SetNumbers(dict.fromkeys(Setting, 7) | {Setting.MONTHLY: None})],
    [SetNumbers({Setting.DAILY: 7}), SetZone(BERLIN)],
    [SetNumbers({Setting.DAILY: 7}), SetZone(None)],
    [SetRole(11, 20)],
    [SetMember(2, None)],
    [TopUpMember(2, 5)],
    [ResetAll()],
]


def document(text: str) -> Any:
    return json.loads(text)


def meter_keys() -> list[list[str]]:
    return [[it.name, it.window.key] for it in meters_for(POLICY, OPERATOR, caller(), NOON)]


async def notes(url: str) -> dict[str, object]:
    """Their names and values: the operator's zone at the last start, and what is written under the other names."""
    async with open_database(url) as database:
        await operators_clock(database, ZoneInfo("UTC"), NOON)
        await operators_clock(database, BERLIN, NOON)
        clock = await SqlKeyValueStore(database).get(CLOCK)
        await SqlPolicies(database).change(3, lambda _: POLICY, 1, NOON, interaction=9)
        changed_by = await SqlKeyValueStore(database).get(CHANGED_BY.format(3))
    return {
        CLOCK: document(clock or ""),
        CHANGED_BY.format(3): document(changed_by or ""),
        FINGERPRINT.format(5): "a fingerprint",
        PICTURES_AT: "an origin",
    }


async def components() -> list[str]:
    """What the custom ids of buttons, menus and forms match."""
    bot = ImagineBot(services(OPERATOR), FakeKeyValueStore())
    async with bot:
        await bot.load_commands()
        items = bot._connection._view_store._dynamic_items
        return sorted(
            re.sub(r"\?P<\w+>", "", it.pattern)
            for it in (*items, *(kind.template for kind in bot.forms._kinds))
        )


def fields(component: object) -> Iterator[str]:
    """The custom ids of a form's fields, and the values of their options."""
    if isinstance(component, list):
        for one in component:
            yield from fields(one)
    elif isinstance(component, dict):
        identity = component.get("custom_id")
        options = [str(option["value"]) for option in component.get("options", ())]
        yield from [f"{identity}: {', '.join(options)}" if options else str(identity)] if identity else []
        yield from fields([component.get("components", []), component.get("component", [])])


FULL_SPEC = ImageSpec(
    "a fox",
    1,
    Shape.TALL,
    (InputImage("https://cdn.example/1.png", "image/png", 640, 480),),
    "maker/other",
    3,
    revise=False,
    style=Style("Noir", "film noir of", "in black and white"),
    private=True,
    spoiler=True,
)


PREFERENCES = Preferences(Shape.TALL, "Noir", private=True, spoiler=True, revise=False, language="pt-BR")


async def formats(url: str) -> dict[str, object]:
    earlier = replace(POLICY, numbers={Setting.DAILY: 5}, blocks={21: Block(None)}, log=None)
    kept = [Source("https://images.example/1.png", revised_prompt="a fox"), Source(content=b"inside")]
    return {
        "codes of errors": sorted(ERRORS),
        "states": [state.value for state in State],
        "meters and windows": meter_keys(),
        "policy document": document(encode(POLICY)),
        "policy document of an earlier revision": document(undoing(encode(POLICY), encode(earlier))),
        "modes of channels": [mode.value for mode in ChannelMode],
        "levels of the log": [level.value for level in LogLevel],
        "sources": document(encode_sources(kept, contents_kept(kept)) or ""),
        "what was asked for": document(encode_spec(ImageSpec("a fox 🦊", 2))),
        "what was asked for, with every option": document(encode_spec(FULL_SPEC, named=True, elsewhere=7)),
        "preferences": document(encode_preferences(PREFERENCES)),
        "notes": await notes(url),
        "components": await components(),
        "fields of forms": {
            part.value: list(fields(modal_for(part, PANEL).to_dict()["components"])) for part in Part
        },
        "answers in custom ids": encoded(Answers({"action": ("block",), "member": ("2",)}, {})),
        "edits in custom ids": [edit_ids.encode(*edits) for edits in EDITS],
        "fingerprint of every difference": fingerprint(differences(NOTHING_DECIDED, POLICY)),
        "migrations": {
            f"{it.number:04} {it.name}": sha256(
                "\n".join(
                    (*it.statements, *(text for _, own in sorted(it.of_dialect.items()) for text in own))
                ).encode()
            ).hexdigest()[:16]
            for it in read_migrations()
        },
    }


@pytest.mark.parametrize("name", GOLDEN)
async def test_a_stored_format_is_the_one_in_the_golden_file(name: str, sqlite_url: str) -> None:
    found = await formats(sqlite_url)
    assert found.keys() == GOLDEN.keys(), MEANING
    assert found[name] == GOLDEN[name], MEANING


def test_a_fingerprint_is_of_values_and_of_no_name_of_a_class_or_field() -> None:
    @dataclass(frozen=True)
    class Ban:
        ends_at: datetime | None
        because: str

    one = differences(NOTHING_DECIDED, replace(NOTHING_DECIDED, blocks={1: Block(NOON, "spam")}))
    other = [replace(one[0], after=Ban(NOON, "spam"))]
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint([replace(one[0], after=Ban(NOON + timedelta(1), "spam"))])
