"""Every way in which a failure can reach discord.py reaches the person and the log instead, over real sockets."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from typing import Any, Self

import discord
import pytest
from discord import app_commands, ui

from bot.client.bot import ImagineBot
from bot.core.limits.policy_store import Revision
from bot.core.moderation.errors import NotAModerator
from bot.interactions.error_handling import RoutedItem, Suggestions, routed_autocomplete
from bot.interactions.modals import Answers, form
from bot.interactions.responses import answer_privately, open_modal, respond
from bot.ui.outgoing_message import OutgoingMessage, layout_of
from sandbox.discord import Discord, Member, Reply, Server
from tests.core.factories import operator
from tests.core.fakes import FakePolicies
from tests.core.services import services
from tests.patience import PATIENCE, until
from tests.sandbox.discord.discord_py_client import pointed_at

REFERENCE = re.compile(r"reference `?([0-9a-f]{8})")
OPERATOR = operator()


class Mistake(Exception):
    """What nobody foresaw."""


class KeepsNothing:
    async def get(self, name: str) -> str | None:
        return None

    async def put(self, name: str, value: str) -> None:
        """It is asked for again by the next test."""


class Breaking(RoutedItem[ui.Button[Any]], template=r"test:(?P<what>\w+)"):
    """Fails where its custom id says: while it is read, or while it is used."""

    def __init__(self, what: str) -> None:
        super().__init__(ui.Button(label=what, custom_id=f"test:{what}"))
        self.what = what

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        if match["what"] == "unreadable":
            raise Mistake
        return cls(match["what"])

    async def used(self, interaction: discord.Interaction) -> None:
        if self.what == "form":
            await open_modal(interaction, form("Form", "test-form", labelled()))
        elif self.what == "refused":
            raise NotAModerator
        elif self.what == "late":
            await interaction.response.defer()
            raise Mistake
        else:
            raise Mistake


def labelled() -> ui.Label[Any]:
    return ui.Label(text="Field", component=ui.TextInput(custom_id="field"))


async def taken(interaction: discord.Interaction, match: re.Match[str], answers: Answers) -> None:
    if answers.text("field") == "refuse me":
        raise NotAModerator
    raise Mistake


@app_commands.command(description="Fails")
async def fail(interaction: discord.Interaction) -> None:
    raise Mistake


hold = asyncio.Event()
looked_up: list[str] = []


@app_commands.command(description="Suggests what was typed, in a while")
async def find(interaction: discord.Interaction, words: str) -> None:
    raise Mistake


@find.autocomplete("words")
@routed_autocomplete
async def suggest_typed(interaction: discord.Interaction, typed: str) -> Suggestions:
    looked_up.append(typed)
    await hold.wait()
    return [app_commands.Choice(name=typed[:3], value=typed[:3])]


@app_commands.command(description="Says more than a message holds")
async def talk(interaction: discord.Interaction) -> None:
    await answer_privately(interaction, OutgoingMessage(5000 * "🦊"))
    await answer_privately(interaction, OutgoingMessage(5000 * "🦊"))


@app_commands.command(description="Shows buttons")
async def show(interaction: discord.Interaction, kind: str) -> None:
    buttons = [Breaking(what) for what in ("unreadable", "pressed", "form", "refused", "late")]
    await respond(interaction, OutgoingMessage(components=layout_of(ui.ActionRow(*buttons))))


@show.autocomplete("kind")
@routed_autocomplete
async def kinds(interaction: discord.Interaction, typed: str) -> Suggestions:
    raise Mistake


class SlowPolicies(FakePolicies):
    """Answer when the gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def of(self, server: int) -> Revision:
        await self.gate.wait()
        return await super().of(server)


def imagine_bot(policies: FakePolicies) -> ImagineBot:
    bot = ImagineBot(
        services(OPERATOR, policies),
        KeepsNothing(),
    )
    bot.tree.add_command(fail)
    bot.tree.add_command(show)
    bot.tree.add_command(find)
    bot.tree.add_command(talk)
    bot.add_dynamic_items(Breaking)
    bot.forms.add("test-form", taken)
    return bot


@pytest.fixture
def policies() -> SlowPolicies:
    return SlowPolicies()


@pytest.fixture
async def tea_house(policies: SlowPolicies) -> AsyncIterator[Server]:
    """A server with the real client, in this process, so that it can be given items that fail."""
    async with Discord() as discord, imagine_bot(policies) as bot:
        with pointed_at(discord):
            running = asyncio.create_task(bot.start(discord.token))
            await discord.bot_ready(PATIENCE)
            yield discord.server("Tea House")
            await bot.close()
            await running


@pytest.fixture
def ada(tea_house: Server) -> Member:
    return tea_house.member("Ada")


def names_a_logged_reference(text: str, log: pytest.LogCaptureFixture) -> bool:
    """Whether the words name a reference under which the log has the whole story, once."""
    found = REFERENCE.search(text)
    errors = [record for record in log.records if record.levelno >= logging.ERROR]
    logged = [record for record in errors if found and found[1] in record.getMessage()]
    return len(logged) == 1 and logged[0].exc_info is not None and logged[0].exc_info[0] is Mistake


async def test_whatever_is_said_is_cut_to_what_a_message_holds(ada: Member) -> None:
    asking = ada.begin("talk")
    more = await asking.followed_up()
    assert asking.reply.text.startswith("🦊")
    assert more.text.startswith("🦊")


async def test_a_command_that_fails(ada: Member, caplog: pytest.LogCaptureFixture) -> None:
    reply = await ada.use("fail")
    assert reply.ephemeral
    assert names_a_logged_reference(reply.text, caplog)


@pytest.mark.parametrize("button", ["unreadable", "pressed"])
async def test_a_button_that_fails(ada: Member, caplog: pytest.LogCaptureFixture, button: str) -> None:
    reply = await ada.press(await ada.use("show", kind="layout"), button)
    assert reply.ephemeral
    assert names_a_logged_reference(reply.text, caplog)


async def test_a_button_that_fails_after_it_has_answered(
    ada: Member, caplog: pytest.LogCaptureFixture
) -> None:
    asking = ada.begin_press(await ada.use("show", kind="layout"), "late")
    reply: Reply = await asking.finished()
    await asking.interaction.changes.wait_for(lambda: bool(reply.followups), PATIENCE)
    [followup] = reply.followups
    assert followup.ephemeral
    assert names_a_logged_reference(followup.text, caplog)


async def test_a_form_that_fails(ada: Member, caplog: pytest.LogCaptureFixture) -> None:
    opened = await ada.press(await ada.use("show", kind="layout"), "form")
    reply = await ada.submit(opened, field="my words")
    assert reply.ephemeral
    assert names_a_logged_reference(reply.text, caplog)
    assert "my words" in reply.text


async def test_an_autocompletion_that_fails_says_so_in_its_only_suggestion(
    ada: Member, caplog: pytest.LogCaptureFixture
) -> None:
    [choice] = await ada.suggestions("show", "kind", "vi")
    assert choice["value"] == "vi"
    assert names_a_logged_reference(choice["name"], caplog)


async def test_of_what_a_member_types_the_latest_alone_is_looked_up_and_no_more_than_can_be_chosen(
    ada: Member, tea_house: Server
) -> None:
    hold.clear()
    looked_up.clear()
    bob = tea_house.member("Bob")
    first = ada.begin_typing("find", "words", "a")
    await until(lambda: looked_up == ["a"])
    before = [ada.begin_typing("find", "words", "a" * many) for many in range(2, 90)]
    latest, others = (one.begin_typing("find", "words", "\ufdfa" * 6000) for one in (ada, bob))
    for given_up in (first, *before):
        assert (await given_up.finished()).choices == []
    hold.set()
    for found in (latest, others):
        [choice] = (await found.finished()).choices
        assert choice["value"] == "\ufdfa" * 3
    assert looked_up[-2:] == ["\ufdfa" * 101] * 2


async def test_a_refusal_of_a_button_has_its_words_and_is_no_error(
    ada: Member, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    reply = await ada.press(await ada.use("show", kind="layout"), "refused")
    assert reply.ephemeral
    assert "Only moderators" in reply.text
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    (line,) = [record for record in caplog.records if "refused: not a moderator" in record.message]
    assert (vars(line)["member"], vars(line)["server"]) == (ada.id, ada.profile.guild.id)


async def test_a_refused_form_gives_back_what_was_typed(ada: Member) -> None:
    opened = await ada.press(await ada.use("show", kind="layout"), "form")
    reply = await ada.submit(opened, field="refuse me")
    assert "Only moderators" in reply.text
    assert "refuse me" in reply.text


async def test_a_form_is_kept_by_nobody_and_can_be_sent_twice(ada: Member) -> None:
    opened = await ada.press(await ada.use("show", kind="layout"), "form")
    for words in ("once", "twice"):
        assert words in (await ada.submit(opened, field=words)).text


async def test_a_form_that_the_database_holds_up_is_refused_while_discord_still_listens(
    ada: Member, policies: SlowPolicies
) -> None:
    ada.permit(manage_guild=True)
    panel = await ada.use("limits show")
    policies.gate.clear()
    reply = await ada.press(panel, "Edit words")
    assert reply.ephemeral
    assert "very busy" in reply.text
    assert (reply.acknowledged_after or 99) < 3
