"""`/limits` as it is typed: each sub-command, as a moderator."""

from __future__ import annotations

import asyncio
import contextlib
import re
from datetime import UTC, datetime
from functools import partial

import pytest

from bot.core.limits.policy import Policy, Setting
from bot.storage.engine.opening import open_database
from bot.storage.policies import SqlPolicies
from sandbox.discord import Member, Reply
from sandbox.discord.kit.errors import RefusedByDiscord
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup
from tests.patience import PATIENCE


def moderator(setup: Setup) -> Member:
    return setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)


async def changed(by: Member, command: str, **options: object) -> str:
    """What a moderator is told of a change that holds at once."""
    reply = await by.use(f"limits {command}", options=options)
    assert reply.ephemeral
    assert not reply.pings
    assert reply.content.startswith("✅ **Changed**")
    return reply.content


async def shows(reply: Reply, words: str) -> None:
    """What was pressed is acknowledged first and drawn anew after that: wait for what it comes to say."""
    with contextlib.suppress(TimeoutError):
        await reply.interaction.changes.wait_for(lambda: words in reply.text, PATIENCE)
    assert words in reply.text


async def test_a_number_holds_for_the_next_command(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    told = await changed(mo, "set", daily=3, cooldown=0, monthly=50)
    assert "**Images per member per day**: default (10) → 3" in told
    assert "**Images per member per month**: default (unlimited) → 50" in told
    refused = await setup.ada.imagine("a fox", 4)
    assert (
        "your limit is 3 images a day. The moderators of this server set this limit: ask them if"
        in refused.text
    )
    again = await mo.use("limits set", daily=3)
    assert again.content == "**Nothing was changed**: it was already set that way."


async def test_a_role_and_then_a_member_take_precedence(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="5")
    mo, artists = moderator(setup), setup.tea_house.role("Artists")
    leo = setup.tea_house.member("Leo", roles=[artists])
    assert f"**Images per day for <@&{artists.id}>**: not set → 1" in await changed(
        mo, "role", role=artists, images=1
    )
    for unclear in ({}, {"images": 5, "unlimited": True}, {"images": 0, "remove": True}):
        refused = await mo.use("limits role", options={"role": artists, **unclear})
        assert "`images`, `unlimited`, `remove`" in refused.text
    unlimited = await mo.use("limits role", role=artists, unlimited=True)
    assert "can't be unlimited" in unlimited.text
    assert f"This limit comes from your role <@&{artists.id}>." in (await leo.imagine("a fox", 2)).text
    told = await changed(mo, "member", member=leo, action="limit", images=2)
    assert f"**Images per day for <@{leo.id}>**: not set → 2" in told
    assert len((await leo.imagine("a fox", 2)).attachments) == 2
    assert (
        "The moderators set this limit for you: ask them if you need more."
        in (await leo.imagine("a fox")).text
    )
    await changed(mo, "member", member=leo, action="like everybody")
    assert "1 → not set" in await changed(mo, "role", role=artists, remove=True)
    assert len((await leo.imagine("a fox", 2)).attachments) == 2


async def test_the_role_of_everybody_is_everybody_when_it_is_typed_too(setup: Setup) -> None:
    await setup.start_bot()
    everyone = setup.tea_house.guild.everyone
    changed = await moderator(setup).use("limits role", role=everyone, images=1)
    assert "**Images per member per day**: default (10) → 1" in changed.text
    assert "your limit is 1 image a day" in (await setup.ada.imagine("foxes", 2)).text


async def test_a_member_is_topped_up_and_begins_again(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="2")
    mo, ada = moderator(setup), setup.ada
    await ada.imagine("a fox", 2)
    assert "0 → 3" in await changed(mo, "member", member=ada, action="top up", images=3)
    assert len((await ada.imagine("a fox", 3)).attachments) == 3
    told = await changed(mo, "member", member=ada, action="reset counter")
    assert f"**Counter for <@{ada.id}> today**: 5 → 0" in told
    assert f"**Counter for <@{ada.id}> on 20" in (await mo.use("limits history")).text
    assert "today**: 0 of 5 used" in (await ada.use("usage")).text


async def test_a_blocked_member_reads_the_reason_until_the_block_is_lifted(setup: Setup) -> None:
    await setup.start_bot()
    mo, ada = moderator(setup), setup.ada
    told = await changed(mo, "member", member=ada, action="block", duration="1h", reason="*too* many cats")
    assert f"**Block for <@{ada.id}>**: none → until <t:" in told
    refused = await ada.imagine("a cat")
    assert refused.ephemeral
    assert "Their reason: \\*too\\* many cats" in refused.text
    assert "⛔ Blocked by the moderators" in (await ada.use("usage")).text
    await changed(mo, "member", member=ada, action="unblock")
    assert (await ada.imagine("a cat")).attachments


async def test_images_are_asked_for_where_the_moderators_allow_it(setup: Setup) -> None:
    await setup.start_bot()
    mo, studio = moderator(setup), setup.tea_house.channel("studio")
    told = await changed(mo, "channel", mode="only", add=studio)
    assert f"**Channels**: everywhere → only in <#{studio.id}>" in told
    assert f"only in <#{studio.id}>" in (await setup.ada.imagine("a fox")).text
    assert (await setup.ada.imagine("a fox", channel=studio)).attachments
    await changed(mo, "channel", mode="only", age_restricted=True)
    assert "age-restricted channels only" in (await setup.ada.imagine("a fox", channel=studio)).text
    await changed(mo, "reset", what="channels")
    assert (await setup.ada.imagine("a fox")).attachments


async def test_words_are_edited_in_a_form(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    form = await mo.use("limits words")
    assert form.modal
    await mo.submit(form, words="weasel\nstoat*")
    async with asyncio.timeout(PATIENCE):
        # Until the form has come through.
        while not (refused := await setup.ada.imagine("a Weasel")).ephemeral:
            pass
    sentence, prompt = refused.text.lower().split("\n")
    assert "weasel" not in sentence
    assert "weasel" in prompt  # is handed back as it was typed
    assert "2 → 0 (removed: ||stoat\\*||, ||weasel||)" in await changed(mo, "reset", what="words")


async def test_the_day_begins_where_the_moderators_live(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    offered = await mo.suggestions("limits set", "time_zone", "berl")
    assert offered[0]["value"] == "Europe/Berlin"
    assert re.fullmatch(r"Europe/Berlin · now \d\d:\d\d", offered[0]["name"])
    assert "default (UTC) → Europe/Berlin" in await changed(mo, "set", time_zone="berlin")
    unknown = await mo.use("limits set", time_zone="Europe/Berln", daily=3)
    assert "The closest: `Europe/Berlin`" in unknown.text
    assert (
        "3"
        not in (await mo.use("limits explain", member=setup.ada))
        .text.split("Default")[0]
        .split("This server")[1]
    )
    assert "Europe/Berlin → default (UTC)" in await changed(mo, "reset", what="time_zone")


async def test_the_log_channel_is_chosen_and_left(setup: Setup) -> None:
    await setup.start_bot()
    mo, log = moderator(setup), setup.tea_house.channel("log")
    told = await changed(mo, "log", channel=log)
    assert f"**Log channel**: off → <#{log.id}>, refusals, failures and reports" in told
    assert "everything → off" in (
        await changed(mo, "log", channel=log, level="everything") + await changed(mo, "log", off=True)
    )
    for unclear in ({}, {"channel": log, "off": True}, {"level": "problems", "off": True}):
        assert "`channel`, `level`, `off`" in (await mo.use("limits log", options=unclear)).text
    assert "`channel`" in (await mo.use("limits log", level="everything")).text
    thread = setup.tea_house.thread("late")
    assert f"off → <#{thread.id}>, everything" in await changed(mo, "log", channel=thread, level="everything")
    assert f"→ <#{log.id}>, everything" in await changed(mo, "log", channel=log)


async def test_a_log_channel_that_is_closed_to_the_bot_is_not_taken_when_it_is_typed(setup: Setup) -> None:
    await setup.start_bot()
    mo, secret = moderator(setup), setup.tea_house.channel("secret")
    secret.bot_permissions &= ~Permission.SEND_MESSAGES
    closed = await mo.use("limits log", options={"channel": secret})
    assert "I need **Send Messages** in" in closed.text
    assert "Nothing has been changed here yet" in (await mo.use("limits history")).text


async def test_ten_times_as_much_is_asked_about_first(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT_CEILING="unlimited")
    mo = moderator(setup)
    question = await mo.use("limits set", unlimited="daily", time_zone="Tokyo")
    assert "default (10) → unlimited" in question.text
    assert "default (UTC) → Asia/Tokyo" in question.text
    assert "today**: 0 of 10 used" in (await setup.ada.use("usage")).text
    assert "Nothing has been changed here yet" in (await mo.use("limits history")).text
    await mo.press(question, "Yes, change it")
    async with asyncio.timeout(PATIENCE):
        while "today**: 0 used, unlimited" not in (await setup.ada.use("usage")).text:
            pass
    history = (await mo.use("limits history")).text
    assert "default (UTC) → Asia/Tokyo" in history
    assert history.count(f"<@{mo.id}>") == 1


async def test_numbers_and_a_zone_are_changed_together_or_not_at_all(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    async with open_database(setup.database_url) as database:
        for limit in range(19):  # of the 20 that one moderator has a minute
            decided = Policy({Setting.DAILY: limit})
            await SqlPolicies(database).change(
                setup.tea_house.id, partial(always, decided), mo.id, datetime.now(UTC)
            )
    told = await changed(mo, "set", daily=30, time_zone="Tokyo")
    assert "18 → 30" in told
    assert "→ Asia/Tokyo" in told
    for numbers in ({"daily": 31}, {"daily": 101}, {"unlimited": "daily"}):
        refused = await mo.use("limits set", forged=True, options={**numbers, "time_zone": "utc"})
        assert re.search(r"Nothing was (counted or )?changed\.", refused.text)
    mistyped = await mo.use("limits set", daily=31, time_zone="Europe/Berln")
    assert "The closest: `Europe/Berlin`" in mistyped.text
    newest = (await mo.use("limits history")).text.split("\n\n")[0]
    assert "18 → 30" in newest
    assert "→ Asia/Tokyo" in newest


def always(decided: Policy, _before: Policy) -> Policy:
    return decided


async def test_a_huge_top_up_is_asked_about_and_given_once(setup: Setup) -> None:
    await setup.start_bot()
    mo, ada = moderator(setup), setup.ada
    question = await mo.use("limits member", member=ada, action="top up", images=90)
    assert f"**Top-up for <@{ada.id}> today**" in question.text
    assert "0 → 90" in question.text
    twice = [mo.begin_forged_press(question, "Yes, change it") for _ in range(2)]
    await asyncio.gather(*(pressed.finished() for pressed in twice))
    done = ("+90", "90 → 180")
    await question.interaction.changes.wait_for(lambda: any(one in question.text for one in done), PATIENCE)
    assert "today**: 0 of 100 used" in (await ada.use("usage")).text
    assert "→ 180" not in (await mo.use("limits history")).text


async def test_everything_is_reset_after_one_more_question(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    await changed(mo, "set", daily=3, images_per_prompt=1)
    question = await mo.use("limits reset", what="everything")
    assert "Blocks and today's top-ups stay." in question.text
    assert "**Images per member per day**: 3 → default (10)" in question.text
    assert "today**: 0 of 3 used" in (await setup.ada.use("usage")).text
    await mo.press(question, "Yes, change it")
    async with asyncio.timeout(PATIENCE):
        while "today**: 0 of 10 used" not in (await setup.ada.use("usage")).text:
            pass


async def test_a_limit_is_explained_rule_by_rule(setup: Setup) -> None:
    await setup.start_bot()
    mo, artists = moderator(setup), setup.tea_house.role("Artists")
    leo = setup.tea_house.member("Leo", roles=[artists])
    await changed(mo, "role", role=artists, images=20)
    await changed(mo, "set", daily=3)
    await leo.imagine("a fox", 2)
    reply = await mo.use("limits explain", member=leo)
    assert reply.ephemeral
    [embed] = reply.embeds
    lines = embed.description.splitlines()
    assert lines[0] == f"<@{leo.id}> **can paint** in <#{setup.tea_house.general.id}>: 18 images left."
    assert lines[1].startswith(f"<@{leo.id}> today: 2 of 20 used, 18 left · resets <t:")
    assert lines[3:] == [
        "Blocked: no",
        f"Channel: <#{setup.tea_house.general.id}> is open (images allowed: everywhere)",
        "Blocked words: none",
        "Styles to choose from: 10",
        "Private pictures: as members like · spoilers: as members like",
        "This member: not set",
        f"➜ **Best role: 20 per day, <@&{artists.id}>**",
        "This server: 3 per day",
        "Default: 10 per day",
        "This bot's maximum: 100 per day",
    ]


async def test_another_channel_and_a_thread_in_it_are_explained_from_anywhere(setup: Setup) -> None:
    await setup.start_bot()
    mo, art = moderator(setup), setup.tea_house.channel("art")
    await changed(mo, "channel", mode="only", add=art, add_2=setup.tea_house.channel("studio"))
    for place in (art, setup.tea_house.thread("late", parent=art)):
        explained = (await mo.use("limits explain", member=setup.ada, channel=place)).text
        assert f"<@{setup.ada.id}> **can paint** in <#{place.id}>: 10 images left." in explained
    here = (await mo.use("limits explain", member=setup.ada)).text
    assert f"**can't paint** in <#{setup.tea_house.general.id}>: images aren't allowed there." in here
    await changed(mo, "member", member=setup.ada, action="block", duration="1h")
    blocked = (await mo.use("limits explain", member=setup.ada, channel=art)).text
    assert f"**can't paint** in <#{art.id}>: blocked until <t:" in blocked


async def test_an_explanation_knows_of_a_cooldown_that_runs(setup: Setup) -> None:
    await setup.start_bot(COOLDOWN_SECONDS="3600")
    await setup.ada.imagine("a fox")
    explained = await moderator(setup).use("limits explain", member=setup.ada)
    assert "**can't paint**" in explained.text
    assert "in their cooldown until <t:" in explained.text


async def test_several_channels_are_listed_and_taken_off_by_one_command(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    a, b, c = (setup.tea_house.channel(name) for name in ("art", "books", "cats"))
    told = await changed(mo, "channel", mode="only", add=a, add_2=b, add_3=c)
    assert f"everywhere → only in <#{a.id}>, <#{b.id}>, <#{c.id}>" in told
    told = await changed(mo, "channel", mode="only", remove=a, remove_3=c)
    assert f"→ only in <#{b.id}>" in told


async def test_the_history_is_turned_page_by_page(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    for daily in range(1, 13):
        await changed(mo, "set", daily=daily)
    page = await mo.use("limits history")
    assert page.ephemeral
    assert f"by <@{mo.id}>\n**Images per member per day**: 11 → 12" in page.text
    assert "11 → 12" in page.text
    for label, line in [("Older", "6 → 7"), ("Older", "default (10) → 1"), ("Newer", "6 → 7")]:
        await shows(await mo.press(page, label), line)
    assert "11 → 12" not in page.text


async def test_a_number_that_discord_should_have_refused_is_refused_by_the_rules(setup: Setup) -> None:
    await setup.start_bot(SERVER_DAILY_LIMIT="50", SERVER_DAILY_LIMIT_CEILING="50")
    mo = moderator(setup)
    with pytest.raises(RefusedByDiscord, match="at most 100"):
        mo.begin("limits set", daily=101)
    for option, refusal in {
        "daily": "**Images per member per day** can be from 0 to 100 here.",
        "server_daily": "**Images per day, whole server** can be from 0 to 50 here.",
    }.items():
        forged = await mo.use("limits set", forged=True, options={option: 101})
        assert f"{refusal} It's a limit of the bot itself. Nothing was changed." in forged.text
    endless = await mo.use("limits set", forged=True, unlimited="daily")
    assert "`unlimited` doesn't have that to choose any more. Nothing was counted or changed." in endless.text
    assert "Nothing has been changed here yet" in (await mo.use("limits history")).text


async def test_somebody_who_left_can_be_unblocked_and_explained(setup: Setup) -> None:
    await setup.start_bot()
    mo, bob = moderator(setup), setup.tea_house.member("Bob")
    await changed(mo, "member", member=bob, action="block", duration="permanent")
    del setup.tea_house.guild.members[bob.id]
    explained = (await mo.use("limits explain", member=bob)).text
    assert f"<@{bob.id}> (left the server) today: 0 of 10 used" in explained
    assert "⛔ **Blocked: permanent**" in explained
    assert "permanent → none" in await changed(mo, "member", member=bob, action="unblock")
