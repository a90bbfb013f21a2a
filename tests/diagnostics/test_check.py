"""An operator who asks whether everything works is told so in one plain line each, by real answers."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import discord
import pytest

from bot.app import image_client
from bot.core.errors import DatabaseTrouble, DatabaseUnavailable
from bot.core.health.image_api_monitor import PICTURES_AT, Balance
from bot.core.limits.budgets import Budgets
from bot.core.limits.meters import Limit
from bot.diagnostics.check import check
from bot.diagnostics.database import database_finding, schema_finding
from bot.diagnostics.discord_account import (
    PERMISSIONS,
    channel_finding,
    clear_leftover_commands,
    direct_finding,
    invite_link,
    servers_finding,
    token_trouble,
)
from bot.diagnostics.image_api import model_finding
from bot.diagnostics.leftover_commands import MOST_LOOKED_AT, SERVERS_PER_PAGE
from bot.diagnostics.report import Finding, Mark
from bot.diagnostics.spending import balance_finding, spending_finding
from bot.imaging.catalogue import Deprecation, ModelStatus
from bot.imaging.probe import Inspection, KeyState
from bot.settings.settings import Settings, read_settings
from bot.storage.engine.opening import open_database
from bot.storage.key_value_store import SqlKeyValueStore
from sandbox.discord import Discord
from sandbox.images import ImageApi

OWN = [{"name": "imagine", "type": 1, "description": "Paint", "options": []}]
SUBJECTS = ["Discord token", "Invite link", "Servers", "Image API key", "Model", "Details", "Details"]
SUBJECTS += ["Edits", "Prompts", "Balance", "Spending", "Database"]


@dataclass
class Operator:
    """Has the two look-alikes and an empty folder, and asks."""

    discord: Discord
    images: ImageApi
    settings: Settings
    lines: list[str] = field(default_factory=list)

    async def asks(self, patience: float = 10.0) -> int:
        self.lines.clear()
        return await check(self.settings, self.lines.append, patience=patience)

    async def buys(self) -> int:
        self.lines.clear()
        return await check(self.settings, self.lines.append, buyer=image_client(self.settings))

    def line(self, subject: str) -> str:
        (line,) = [line for line in self.lines if line[6:].startswith(subject)]
        return line

    def sets(self, **settings: str) -> None:
        self.settings = replace(self.settings, **settings)  # type: ignore[arg-type]  # all of these are texts


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
    async with Discord() as discord, ImageApi() as images:
        settings = read_settings(
            {
                "DISCORD_TOKEN": discord.token,
                "IMAGE_API_KEY": images.key,
                "IMAGE_API_URL": images.url,
                "DATABASE_URL": f"sqlite:///{tmp_path / 'imagine.db'}",
                "DISCORD_API_URL": discord.api_url,
                "DISCORD_GATEWAY_URL": discord.gateway_url,
            }
        )
        yield Operator(discord, images, settings)


async def test_when_all_is_well_each_line_says_so(operator: Operator) -> None:
    operator.images.balance = 12.34
    assert await operator.asks() == 0
    bot = operator.discord.state.bot
    assert [line[:19].rstrip() for line in operator.lines] == [f"ok    {one}" for one in SUBJECTS]
    assert f"works; the bot is called {bot.name}" in operator.line("Discord token")
    assert f"(application {bot.id})" in operator.line("Discord token")
    assert invite_link(str(bot.id)) in operator.line("Invite link")
    assert operator.line("Image API key").endswith("works")
    assert operator.line("Model").endswith(
        "x-ai/grok-2-image is available; x-ai/grok-imagine-image-2.0 isn't available; "
        "x-ai/grok-imagine-image is available"
    )
    assert operator.line("Balance").endswith("$12.34, about 167 images at $0.0735 each")
    assert "about $14.70 a day" in operator.line("Spending")
    assert operator.line("Database").endswith("works; its tables will be created at start")


def test_a_bot_that_strangers_can_add_without_a_limit_is_told() -> None:
    told = [
        (servers_finding(True, None, None, None), Mark.UNKNOWN, "without any limit"),
        (servers_finding(True, None, None, 200), Mark.UNKNOWN, "as much as BOT_DAILY_LIMIT"),
        (servers_finding(None, None, None, 200), Mark.UNKNOWN, "set ALLOWED_SERVERS"),
        (servers_finding(True, None, 100, 200), Mark.WORKS, "each gets up to 100 images a day"),
        (servers_finding(False, None, None, None), Mark.WORKS, "only you can add"),
        (servers_finding(True, 2, None, None), Mark.WORKS, "only those of ALLOWED_SERVERS"),
    ]
    for finding, mark, words in told:
        assert finding.mark is mark
        assert words in finding.sentence


def test_what_people_can_have_outside_of_servers_is_told() -> None:
    def found(direct: Limit, bot: Limit, budget: Limit = None, **app: object) -> Finding:
        about = {"id": "42", "bot_public": True, "integration_types_config": {"0": {}, "1": {}}, **app}
        return direct_finding(about, direct, bot, Budgets(budget, None, ZoneInfo("UTC")))

    told = [
        (found(None, None), Mark.UNKNOWN, "without any limit"),
        (
            found(5, None),
            Mark.UNKNOWN,
            "anybody can have up to 5 images a day, which can cost you without any",
        ),
        (
            found(5, None, 2_000_000),
            Mark.WORKS,
            "anybody gets up to 5 images a day, all together up to BOT_DAILY_BUDGET; ",
        ),
        (found(None, 200), Mark.WORKS, "client_id=42&integration_type=1&scope=applications.commands"),
        (found(None, None, bot_public=False), Mark.WORKS, "each person gets any number of images"),
        (found(5, 200, integration_types_config={"0": {}}), Mark.UNKNOWN, "switch on “User Install”"),
    ]
    for finding, mark, words in told:
        assert finding.mark is mark
        assert words in finding.sentence


async def test_names_in_the_file_that_are_no_settings_are_told_and_fail_nothing(operator: Operator) -> None:
    assert await check(operator.settings, operator.lines.append, unknown_names=("MAX_PER_DAY", "PGUSER")) == 0
    assert operator.line("Settings") == ("??    Settings       MAX_PER_DAY, PGUSER in .env: unknown, ignored")


async def test_commands_at_discord_that_are_not_the_bots_are_named(operator: Operator) -> None:
    async def line() -> str:
        operator.lines.clear()
        assert await check(operator.settings, operator.lines.append, commands=OWN) == 0
        return operator.line("Commands")

    assert "the next start registers them" in await line()
    operator.discord.commands.replace([dict(OWN[0])], None)
    assert await line() == "ok    Commands       Discord has those of this version"
    operator.discord.commands.replace([{**OWN[0], "description": "Something else"}], None)
    assert "not this version's at Discord: imagine" in await line()
    operator.discord.faults.respond("list_commands", b"<html>", content_type="text/html")
    assert "Discord doesn't say" in await line()


async def test_what_an_older_bot_left_in_a_server_is_listed_and_can_be_removed(operator: Operator) -> None:
    house, other = operator.discord.server("Tea House"), operator.discord.server("Coffee House")
    operator.discord.commands.replace([{"name": "draw", "description": "Of an older bot"}], house.id)
    operator.discord.commands.replace([dict(OWN[0])], None)
    assert await check(operator.settings, operator.lines.append, commands=OWN) == 1
    assert f"Tea House ({house.id}): draw" in operator.line("Left over")
    assert "python -m bot clear-left-overs" in operator.line("Left over")
    operator.lines.clear()
    operator.discord.faults.rate_limit("list_commands", retry_after=0.1)
    assert await clear_leftover_commands(operator.settings, operator.lines.append) == 0
    assert operator.lines == [f"removed from Tea House ({house.id}): draw"]
    assert (
        operator.discord.commands.registered(house.id) == operator.discord.commands.registered(other.id) == []
    )
    assert operator.discord.commands.registered()
    operator.lines.clear()
    assert await check(operator.settings, operator.lines.append, commands=OWN) == 0
    assert not any("Left over" in line for line in operator.lines)


async def test_all_servers_are_cleared_though_the_check_looks_at_the_first_only(operator: Operator) -> None:
    servers = [operator.discord.server(f"Server {number}") for number in range(SERVERS_PER_PAGE + 2)]
    left = servers[MOST_LOOKED_AT], servers[-1]
    operator.discord.commands.replace([dict(OWN[0])], None)
    for server in left:
        operator.discord.commands.replace([{"name": "draw", "description": "Of an older bot"}], server.id)
    assert await check(operator.settings, operator.lines.append, commands=OWN) == 0
    operator.lines.clear()
    assert await clear_leftover_commands(operator.settings, operator.lines.append) == 0
    assert [line.partition(" (")[2] for line in operator.lines] == [f"{one.id}): draw" for one in left]


async def test_left_overs_that_cannot_be_removed_are_no_traceback(operator: Operator) -> None:
    operator.discord.faults.fail("own_guilds", status=403)
    assert await clear_leftover_commands(operator.settings, operator.lines.append) == 1
    operator.sets(discord_token="another-token")
    assert await clear_leftover_commands(operator.settings, operator.lines.append) == 1
    operator.sets(discord_api_url="http://127.0.0.1:9/api/v10")
    assert await clear_leftover_commands(operator.settings, operator.lines.append) == 1
    assert ["try again later" in line for line in operator.lines] == [True, False, False]
    assert "DISCORD_TOKEN" in operator.lines[1]
    assert "nothing is listening there" in operator.lines[2]


async def test_nothing_is_bought_and_nothing_is_said_to_anybody(operator: Operator) -> None:
    await operator.asks()
    assert operator.images.requests == []
    assert not operator.discord.gateway.connected
    assert operator.discord.commands.registered() == []


async def test_one_missing_network_is_told_once(operator: Operator) -> None:
    nowhere = "http://127.0.0.1:9"
    operator.sets(discord_api_url=f"{nowhere}/api/v10", image_api_url=f"{nowhere}/v1")
    operator.settings = replace(operator.settings, operator_channel_id=10**17)
    assert await operator.asks() == 1
    assert [line for line in operator.lines if "127.0.0.1" in line] == [
        "FAIL  Network        can't reach 127.0.0.1: nothing is listening there; check the address"
    ]
    told = "Discord token, Invite link, Alert channel, Image API key, Model, Balance"
    assert operator.line("Not checked").endswith(told)
    assert operator.line("Database").startswith("ok")


async def test_different_reasons_are_told_apart(operator: Operator) -> None:
    operator.sets(discord_api_url="http://127.0.0.1:9/api/v10", image_api_url="http://image.invalid/v1")
    await operator.asks()
    assert "nothing is listening there" in operator.line("Discord token")
    assert "can't be resolved" in operator.line("Image API key")


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz_0123-456789", None),
        ("MTIzNDU2Nzg5MDEyMzQ1Njc4OQ.Xabcde.abcdefghijklmnopqrstuvwxyz0", None),
        ("abc", "three parts"),
        ("abc.def.ghi", "three parts"),
        ("x" * 32, "three parts"),
        ("1234567890123456789", "the application's ID"),
        ("0123456789abcdef" * 4, "public key"),
        ("mfa.abcdefghijklmnopqrstuvwxyz", "person's account"),
    ],
)
def test_what_is_plainly_no_token_is_called_what_it_is(token: str, words: str | None) -> None:
    trouble = token_trouble(token)
    assert (words in trouble) if words and trouble else trouble is words
    assert not trouble or token not in trouble


async def test_a_token_that_discord_does_not_know_is_named(operator: Operator) -> None:
    operator.sets(discord_token="another-token")
    assert await operator.asks() == 1
    assert operator.line("Discord token").startswith("FAIL")
    assert "DISCORD_TOKEN" in operator.line("Discord token")
    assert operator.line("Invite link").startswith("??")
    assert operator.line("Image API key").startswith("ok")


async def test_a_channel_for_alerts_is_looked_at(operator: Operator) -> None:
    office = operator.discord.server("Tea House").channel("office")
    operator.settings = replace(operator.settings, operator_channel_id=office.id)
    assert await operator.asks() == 0
    assert operator.line("Alert channel").endswith("the bot can see it")
    operator.settings = replace(operator.settings, operator_channel_id=10**17)
    assert await operator.asks() == 1
    assert operator.line("Alert channel").startswith("FAIL  Alert channel  there's no such channel")


@pytest.mark.parametrize(
    ("status", "kind", "mark"),
    [
        (200, 5, Mark.WORKS),
        (200, 15, Mark.FAILS),
        (403, None, Mark.FAILS),
        (401, None, Mark.UNKNOWN),
        (503, None, Mark.UNKNOWN),
    ],
)
def test_only_what_discord_says_of_the_channel_counts_against_it(
    status: int, kind: int | None, mark: Mark
) -> None:
    assert channel_finding(status, kind).mark is mark


async def test_a_key_that_does_not_work_is_named(operator: Operator) -> None:
    operator.sets(image_api_key="another-key")
    assert await operator.asks() == 1
    assert operator.line("Image API key").startswith("FAIL")
    assert "IMAGE_API_KEY" in operator.line("Image API key")
    assert operator.line("Balance").startswith("??")


@pytest.mark.parametrize("wrong", ["", "/v2"])
async def test_an_address_without_a_list_of_models_is_named(operator: Operator, wrong: str) -> None:
    operator.sets(image_api_url=operator.images.origin + wrong)
    assert await operator.asks() == 1
    assert "check IMAGE_API_URL" in operator.line("Image API key")
    assert "unknown for now" in operator.line("Model")


async def test_a_trial_order_is_bought_only_when_it_is_asked_for_and_says_what_it_cost(
    operator: Operator,
) -> None:
    assert await operator.buys() == 0
    assert "a picture by x-ai/grok-2-image arrived (image/jpeg" in operator.line("Order")
    assert "it cost $0.0735" in operator.line("Order")
    assert operator.images.paid == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("forbidden_origin", ", which IMAGE_DOWNLOAD_ORIGINS doesn't allow"),
        ("picture_missing", "the picture is lost"),
        ("moderated_400", "(it may have been billed)"),
        ("hard_limit", "(it cost nothing)"),
    ],
)
async def test_a_trial_order_that_comes_to_nothing_says_why(
    operator: Operator, fault: str, said: str
) -> None:
    operator.images.inject_fault(fault, 6)
    assert await operator.buys() == 1
    assert said in operator.line("Order")


async def test_a_picture_that_arrives_ends_the_wait_for_a_host_that_is_none_of_the_apis(
    operator: Operator,
) -> None:
    async with open_database(operator.settings.database_url) as database:
        await SqlKeyValueStore(database).put(PICTURES_AT, "https://elsewhere.example")
    operator.images.inject_fault("forbidden_origin", 1)
    assert await operator.buys() == 1
    assert not [line for line in operator.lines if "Pictures" in line]
    assert await operator.buys() == 0
    assert "no longer at https://elsewhere.example; restart the bot" in operator.line("Pictures")
    async with open_database(operator.settings.database_url) as database:
        assert await SqlKeyValueStore(database).get(PICTURES_AT) == ""


async def test_nothing_is_tried_where_something_is_known_to_be_wrong(operator: Operator) -> None:
    operator.images.balance = 0
    assert await operator.buys() == 1
    assert "nothing was bought" in operator.line("Order")
    assert operator.images.requests == []


async def test_a_retired_model_with_a_successor_is_no_reason_to_worry(operator: Operator) -> None:
    operator.images.retired.add("x-ai/grok-2-image")
    assert await operator.asks() == 0
    assert operator.line("Model").endswith(
        "x-ai/grok-imagine-image is available; x-ai/grok-imagine-image is used"
    )


async def test_a_fallback_model_is_told_what_replaces_it_and_fails_nothing(operator: Operator) -> None:
    operator.settings = replace(
        operator.settings, image_model=("a", "x-ai/grok-2-image"), image_fallback_model="x-ai/grok-2-image"
    )
    assert await operator.asks() == 0
    assert operator.line("Settings") == (
        "??    Settings       IMAGE_FALLBACK_MODEL: IMAGE_MODEL takes several; "
        "set IMAGE_MODEL=a, x-ai/grok-2-image instead"
    )


async def test_a_retired_model_without_a_successor_fails(operator: Operator) -> None:
    operator.images.retired.add("x-ai/grok-2-image")
    operator.settings = replace(operator.settings, image_model=("x-ai/grok-2-image",))
    assert await operator.asks() == 1
    assert operator.line("Model").startswith("FAIL")


@pytest.mark.parametrize(
    ("status", "expected"),
    [(503, "is having problems (HTTP 503)"), (429, "is limiting requests"), (404, "check DISCORD_API_URL")],
)
async def test_an_answer_of_discord_that_says_nothing_about_the_token_is_told_apart(
    operator: Operator, status: int, expected: str
) -> None:
    operator.discord.faults.fail("current_user", status=status)
    assert await operator.asks() == 1
    assert expected in operator.line("Discord token")
    assert "DISCORD_TOKEN" not in operator.line("Discord token")


async def test_a_server_that_does_not_answer_costs_its_line_only(operator: Operator) -> None:
    held = operator.discord.faults.hold("current_user", times=None)
    assert await operator.asks(patience=1.0) == 1
    held.set()
    assert "no answer within 1 seconds: check the network" in operator.line("Discord token")
    assert operator.line("Database").startswith("ok")


async def test_a_connection_that_is_cut_is_no_traceback(operator: Operator) -> None:
    operator.discord.faults.cut("current_user", times=None)
    assert await operator.asks() == 1
    assert operator.line("Discord token").startswith("FAIL  Discord token  can't reach 127.0.0.1")


async def test_where_nothing_listens_it_says_so(operator: Operator) -> None:
    async with operator.images.down():
        assert await operator.asks() == 1
    assert operator.line("Image API key").endswith(
        "can't reach 127.0.0.1: nothing is listening there; check the address"
    )
    assert operator.line("Model").startswith("??")
    assert operator.line("Discord token").startswith("ok")


async def test_a_name_that_nobody_knows_is_told_apart(operator: Operator) -> None:
    operator.sets(discord_api_url="https://discord.invalid/api/v10")
    assert await operator.asks() == 1
    assert "can't reach discord.invalid: the name can't be resolved" in operator.line("Discord token")


async def test_a_server_without_tls_where_tls_is_wanted_is_no_traceback(operator: Operator) -> None:
    operator.sets(image_api_url=operator.images.url.replace("http:", "https:"))
    assert await operator.asks() == 1
    assert "can't reach 127.0.0.1" in operator.line("Image API key")


async def test_a_database_that_cannot_be_opened_fails(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "not-a-folder").write_text("")
    operator.sets(database_url=f"sqlite:///{tmp_path / 'not-a-folder' / 'imagine.db'}")
    assert await operator.asks() == 1
    assert operator.line("Database").startswith(f"FAIL  Database       can't open {tmp_path}")


async def test_a_file_that_is_no_database_fails(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "imagine.db").write_text("this is a letter to my aunt, " * 50)
    assert await operator.asks() == 1
    assert operator.line("Database").startswith("FAIL")


async def test_the_check_leaves_the_schema_to_the_bot(operator: Operator, tmp_path: Path) -> None:
    await operator.asks()
    await operator.asks()
    assert "created at start" in operator.line("Database")
    connection = sqlite3.connect(tmp_path / "imagine.db")
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    connection.close()


async def test_a_password_in_a_failure_stays_hidden(operator: Operator) -> None:
    operator.sets(database_url="postgresql://me:sesame-open@127.0.0.1:1/imagine")
    assert await operator.asks() == 1
    assert operator.line("Database").startswith("FAIL")
    assert "sesame-open" not in "\n".join(operator.lines)


@pytest.mark.parametrize("trouble", DatabaseTrouble)
@pytest.mark.parametrize("url", ["postgresql://me:sesame-open@db/imagine", "sqlite:///data/imagine.db"])
def test_whatever_is_wrong_with_a_database_is_one_plain_sentence(trouble: DatabaseTrouble, url: str) -> None:
    finding = database_finding(DatabaseUnavailable("it said so", trouble), url)
    assert finding.sentence.isprintable()
    assert not {"sesame", "{", "}"} & set(re.split(r"(sesame|[{}])", finding.sentence))
    assert "DATABASE_URL" in finding.sentence or not finding.misconfigured or "role" in finding.sentence


TRANSIENT = {
    DatabaseTrouble.UNREACHABLE,
    DatabaseTrouble.STARTING,
    DatabaseTrouble.BUSY,
    DatabaseTrouble.CONNECTIONS,
    DatabaseTrouble.FULL,
    DatabaseTrouble.READ_ONLY,
    DatabaseTrouble.OTHER,
}


@pytest.mark.parametrize("trouble", DatabaseTrouble)
def test_only_what_may_pass_by_itself_is_no_matter_of_a_setting(trouble: DatabaseTrouble) -> None:
    finding = database_finding(DatabaseUnavailable("", trouble), "postgresql://db/imagine")
    assert finding.misconfigured is (trouble not in TRANSIENT)


def test_the_invite_link_asks_for_what_is_needed_and_no_more() -> None:
    query = parse_qs(urlsplit(invite_link("42")).query)
    assert query == {
        "client_id": ["42"],
        "scope": ["bot applications.commands"],
        "permissions": [str(PERMISSIONS)],
    }
    assert {name for name, allowed in discord.Permissions(PERMISSIONS) if allowed} == {
        "read_messages",
        "send_messages",
        "send_messages_in_threads",
        "embed_links",
        "attach_files",
    }


def inspected(
    first: bool | None = True,
    second: bool | None = True,
    *,
    notice: Deprecation | None = None,
    balance: Balance | None = None,
) -> Inspection:
    return Inspection(
        reachable=True,
        key=KeyState.WORKS,
        balance=balance,
        models=(ModelStatus("first", first, notice), ModelStatus("second", second)),
    )


@pytest.mark.parametrize(
    ("inspection", "line"),
    [
        (inspected(True, False), "ok    first is available; second isn't available"),
        (
            inspected(False, True),
            "ok    first isn't available; second is available; second is used",
        ),
        (
            inspected(False, None),
            "??    first isn't available; second can't be looked up here; second is used",
        ),
        (inspected(None, True), "??    first can't be looked up here; second is available"),
        (
            inspected(False, False),
            "FAIL  first isn't available; second isn't available; set IMAGE_MODEL to one that is available",
        ),
        (
            inspected(notice=Deprecation("deprecated", "2026-12-31T00:00:00.000Z")),
            "ok    first is available until 2026-12-31, but deprecated; second is available",
        ),
    ],
)
def test_only_where_no_image_can_be_made_the_model_fails(inspection: Inspection, line: str) -> None:
    assert str(model_finding(inspection)).replace("Model          ", "") == line


@pytest.mark.parametrize(
    ("balance", "line"),
    [
        (Balance(1234.5, "USD"), "ok    $1,234.50, about 17,635 images at $0.07 each"),
        (Balance(0.7, "USD"), "ok    $0.70, about 10 images at $0.07 each"),
        (Balance(0.07, "USD"), "ok    $0.07, about 1 image at $0.07 each"),
        (Balance(0.01, "USD"), "FAIL  $0.01: not enough for an image; top it up"),
        (Balance(5, "EUR"), "ok    5.00 EUR"),
        (None, "??    this API doesn't say"),
    ],
)
def test_the_balance_is_told_in_images(balance: Balance | None, line: str) -> None:
    assert str(balance_finding(inspected(balance=balance), 0.07)).replace("Balance        ", "") == line


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({}, "ok    at most about $5.20 a day, by BOT_DAILY_LIMIT and $0.026 an image"),
        (
            {"BOT_DAILY_LIMIT": "unlimited", "BOT_DAILY_BUDGET": "1", "BOT_MONTHLY_BUDGET": "20.50"},
            "ok    at most $1.00 a day, 38 images, by BOT_DAILY_BUDGET; "
            "and $20.50 a month, 788 images, by BOT_MONTHLY_BUDGET",
        ),
        (
            {"BOT_DAILY_LIMIT": "unlimited"},
            "??    nothing bounds what a day can cost: set BOT_DAILY_LIMIT, or BOT_DAILY_BUDGET in dollars",
        ),
        (
            {"BOT_MONTHLY_BUDGET": "0.02"},
            "FAIL  BOT_MONTHLY_BUDGET is $0.02, and an image costs $0.026: nobody gets any",
        ),
    ],
)
def test_what_a_day_can_cost_is_told(given: dict[str, str], line: str) -> None:
    settings = read_settings({"DISCORD_TOKEN": "a.b.c", "IMAGE_API_KEY": "k", **given})
    assert str(spending_finding(settings, 0.026, 0.026)).replace("Spending       ", "") == line


@pytest.mark.parametrize(
    ("at", "newest", "line"),
    [
        (0, 1, "ok    works; its tables will be created at start"),
        (1, 1, "ok    works; schema at 1 of 1"),
        (1, 2, "ok    works; schema at 1 of 2, the rest follows at start"),
        (
            2,
            1,
            "FAIL  is of a newer version of the bot (schema 2; this one knows 1): update the bot, "
            "or put back the copy of the database from before its update",
        ),
    ],
)
def test_the_schema_is_compared_with_what_this_version_knows(at: int, newest: int, line: str) -> None:
    assert str(schema_finding(at, newest)).replace("Database       ", "") == line
