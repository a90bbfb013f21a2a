"""The panel of `/limits show`, its buttons and its forms, with the real bot as a process."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.limits.policy import Block
from sandbox.discord import Member, Reply
from sandbox.discord.people.modal_data import initial_values
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup
from tests.end_to_end.test_log_channel import decide
from tests.end_to_end.test_undeliverable import until_asked
from tests.patience import PATIENCE


def moderator(setup: Setup, name: str = "Mo") -> Member:
    return setup.tea_house.member(name, permissions=Permission.MANAGE_GUILD)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Somebody else writes into the database, and does not end."""
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


def filled(form: Reply) -> dict[str, object]:
    """What its fields are filled with; ids as text."""
    assert form.modal is not None
    found = initial_values(form.modal)
    return {name: [str(one) for one in it] if isinstance(it, list) else it for name, it in found.items()}


async def shows(reply: Reply, words: str) -> None:
    """The panel is acknowledged first and drawn anew after that: wait for what it comes to say."""
    with contextlib.suppress(TimeoutError):
        await reply.interaction.changes.wait_for(lambda: words in reply.text, PATIENCE)
    assert words in reply.text


async def opened(member: Member, button: str) -> Reply:
    return await member.press(await member.use("limits show"), button)


async def test_a_moderator_sees_the_whole_policy_alone(setup: Setup) -> None:
    await setup.start_bot(SERVER_DAILY_LIMIT="200", SERVER_DAILY_LIMIT_CEILING="500")
    await setup.ada.imagine("a fox", 3)
    panel = await moderator(setup).use("limits show")
    assert panel.ephemeral
    assert "\n3 of 200 used today\n3 used this month\n" in panel.text
    assert "Nothing set yet" in panel.text


async def test_who_is_no_moderator_any_more_gets_back_what_they_typed_by_the_names_of_its_fields(
    setup: Setup,
) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    form = await opened(mo, "Member limits")
    for role in list(mo.profile.roles):
        mo.take(role)
    refused = await mo.submit(form, daily="2", monthly="30")
    assert "Only moderators" in refused.text
    assert "Images per member per day: 2\nImages per member per month: 30" in refused.text


async def test_a_change_by_a_form_holds_for_the_next_command(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    changed = await mo.submit(await opened(mo, "Member limits"), daily="2")
    await shows(changed, "**Images per member per day**: default (10) → 2")
    await shows(changed, "**2** a day (default 10)")
    assert changed.ephemeral
    assert "That's 3 images" in (await setup.ada.imagine("a fox", 3)).text


async def test_a_form_is_filled_with_what_holds_and_default_takes_it_back(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    pace = await mo.submit(await opened(mo, "Pace"), per_prompt="2", cooldown="1 h 30 min")
    await shows(pace, "cooldown **1 h 30 min** (default none)")
    again = await mo.press(pace, "Pace")
    assert filled(again) == {"per_prompt": "2", "at_once": "", "cooldown": "1 h 30 min"}
    await shows(await mo.submit(again, cooldown="default"), "1 h 30 min → default (none)")


async def test_a_refused_form_is_opened_again_as_it_was_filled_in(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    panel = await mo.submit(await opened(mo, "Member limits"), daily="3")
    await shows(panel, "✅")
    typed = {"per_prompt": "2", "at_once": "", "cooldown": "a while"}
    refused = await mo.begin_submit(await mo.press(panel, "Pace"), typed).finished()
    await shows(refused, "❌ **Cooldown per member**: “a while” isn't a duration")
    assert "✅" not in refused.text
    assert not refused.followups
    again = await mo.press(refused, "Fix it")
    assert filled(again) == typed
    await shows(await mo.submit(again, cooldown="1 h"), "**Cooldown per member**: default (none) → 1 h")
    assert "❌" not in refused.text


async def test_fixing_a_form_undoes_nothing_that_another_moderator_changed_meanwhile(setup: Setup) -> None:
    await setup.start_bot()
    mo, lu = moderator(setup), moderator(setup, "Lu")
    refused = await mo.submit(await opened(mo, "Member limits"), daily="many")
    await shows(refused, "isn't a whole number")
    await lu.use("limits set", monthly=70)
    again = await mo.press(refused, "Fix it")
    await shows(await mo.submit(again, daily="4"), "default (10) → 4")
    assert "70" in (await mo.use("limits show")).text


async def test_a_long_draft_is_held_until_the_bot_is_gone_and_that_is_said(setup: Setup) -> None:
    bot = await setup.start_bot()
    mo, ada = moderator(setup), setup.ada
    typed = {"member": ada, "action": "block", "span": "an hour or so", "reason": "because " * 20}
    refused = await mo.begin_submit(await opened(mo, "Manage a member"), typed).finished()
    await shows(refused, "❌ **Block for**: “an hour or so” isn't a duration")
    again = await mo.press(refused, "Fix it")
    assert filled(again) == {
        "member": [str(ada.id)],
        "action": "block",
        "images": "",
        "span": "an hour or so",
        "reason": "because " * 20,
    }
    await bot.kill()
    await setup.start_bot()
    gone = await mo.press(refused, "Fix it")
    assert gone.modal is not None
    assert gone.modal["title"] == "Start again: what you typed is gone"


async def test_a_change_that_the_database_refuses_does_not_look_like_one(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    panel = await mo.submit(await opened(mo, "Member limits"), daily="3")
    await shows(panel, "✅")
    form = await mo.press(panel, "Member limits")
    with locked(setup.folder / "imagine.db"):
        refused = await mo.begin_submit(form, {"daily": "4"}).finished()
        await shows(refused, "❌")
    assert "✅" not in refused.text
    again = await mo.press(refused, "Try again")
    assert filled(again) == {"daily": "4", "monthly": ""}


async def test_a_change_is_said_to_be_one_where_the_panel_can_not_be_read_after_it(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    form = await opened(mo, "Manage a member")
    drawn = setup.discord.faults.hold("member")
    submitted = mo.begin_submit(form, {"member": setup.ada, "action": "top-up", "images": "2"})
    await until_asked(setup, "member", 1)  # the change is written, and the panel is being drawn
    with locked(setup.folder / "imagine.db"):
        drawn.set()
        changed = await submitted.finished()
        await shows(changed, "✅ **Changed**")
    assert "0 → 2" in changed.text


async def test_an_empty_field_takes_no_role_limit_away_and_is_filled_with_it(setup: Setup) -> None:
    await setup.start_bot()
    mo, patrons = moderator(setup), setup.tea_house.role("Patrons")
    await mo.use("limits role", role=patrons, images=7)
    refused = await mo.submit(await opened(mo, "Set role limit"), role=patrons)
    await shows(refused, "❌ **Images per day**: this needs a number, unlimited, or remove")
    again = await mo.press(refused, "Fix it")
    assert filled(again) == {"role": [str(patrons.id)], "images": "7"}
    await shows(await mo.submit(again, images="remove"), "7 → not set")


async def test_what_is_beyond_the_operators_ceiling_is_refused_with_the_bounds(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT_CEILING="50")
    mo = moderator(setup)
    for daily, words in (("51", "can be from 0 to 50 here"), ("unlimited", "can't be unlimited")):
        refused = await mo.submit(await opened(mo, "Member limits"), daily=daily)
        await shows(refused, words)
        again = await mo.press(refused, "Fix it")
        assert filled(again)["daily"] == daily
    assert "Nothing set yet" in (await mo.use("limits show")).text


async def test_ten_times_as_much_asks_first(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    asked = await mo.submit(await opened(mo, "Member limits"), daily="100", monthly="5")
    await shows(asked, "**Images per member per day**: default (10) → 100")
    assert "**Images per member per month**: default (unlimited) → 5" in asked.text
    assert "Nothing has changed yet" in asked.text
    assert "At about $0.0735 an image, that may cost up to $7.35 a day for each member" in asked.text
    kept = await mo.press(asked, "Cancel")
    await shows(kept, "**Per member**\n10 a day")
    asked = await mo.submit(await mo.press(kept, "Member limits"), daily="100")
    await shows(asked, "Change this?")
    await shows(await mo.press(asked, "Yes, change it"), "**100** a day (default 10)")


async def test_a_role_has_a_limit_of_its_own_until_it_is_gone(setup: Setup) -> None:
    await setup.start_bot()
    mo, patrons = moderator(setup), setup.tea_house.role("Patrons")
    patron = setup.tea_house.member("Pat", roles=[patrons])
    changed = await mo.submit(await opened(mo, "Set role limit"), role=patrons, images="1")
    await shows(changed, f"<@&{patrons.id}> **1** a day")
    assert f"This limit comes from your role <@&{patrons.id}>" in (await patron.imagine("foxes", 2)).text
    del setup.tea_house.guild.roles[patrons.id]
    panel = await mo.use("limits show")
    assert f"role `{patrons.id}` (deleted) **1** a day" in panel.text
    setup.discord.faults.fail("guild", status=403)
    await shows(await mo.press(panel, "Refresh"), f"<@&{patrons.id}> **1** a day")


async def test_members_who_left_are_marked_unless_discord_did_not_say(setup: Setup) -> None:
    await setup.start_bot()
    mo, bob = moderator(setup), setup.tea_house.member("Bob")
    for member in (bob, setup.ada):
        await mo.use("limits member", member=member, action="limit", images=3)
    del setup.tea_house.guild.members[bob.id]
    panel = await mo.use("limits show")
    assert f"<@{bob.id}> (left the server) **3** a day" in panel.text
    assert f"<@{setup.ada.id}> **3** a day" in panel.text
    setup.discord.faults.fail("member", status=403, times=2)
    await shows(await mo.press(panel, "Refresh"), f"<@{bob.id}> **3** a day")


async def test_the_role_of_everybody_means_everybody(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    changed = await mo.submit(
        await opened(mo, "Set role limit"), role=setup.tea_house.guild.everyone, images="1"
    )
    await shows(changed, "**1** a day (default 10)")


async def test_a_member_is_blocked_with_a_reason_that_they_read(setup: Setup) -> None:
    await setup.start_bot()
    mo, ada = moderator(setup), setup.ada
    form = await opened(mo, "Manage a member")
    changed = await mo.submit(form, member=ada, action="block", span="3 days", reason="spam")
    await shows(changed, f"<@{ada.id}> **blocked**, ends <t:")
    refused = await ada.imagine("a fox")
    assert "have blocked you" in refused.text
    assert "spam" in refused.text
    free = await mo.submit(await mo.press(changed, "Manage a member"), member=ada, action="unblock")
    await shows(free, "**Members**\nnone")
    assert (await ada.imagine("a fox")).attachments


async def test_a_member_gets_a_limit_a_top_up_and_a_counter_reset(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="1")
    mo, ada = moderator(setup), setup.ada
    await ada.imagine("a fox")
    for entry, counter in (
        ({"action": "top-up", "images": "2"}, "2 of 3"),
        ({"action": "reset"}, "1 of 3"),
        ({"action": "limit", "images": "5"}, "2 of 7"),
    ):
        form = await opened(mo, "Manage a member")
        changed = await mo.begin_submit(form, {"member": ada, **entry}).finished()
        await shows(changed, "✅ **Changed**")
        assert (await ada.imagine("a fox")).embeds[0].fields[0].value.startswith(counter)


async def test_images_are_allowed_only_where_the_form_says(setup: Setup) -> None:
    await setup.start_bot()
    mo, art = moderator(setup), setup.tea_house.channel("art")
    changed = await mo.submit(await opened(mo, "Channels"), mode="only", channels=[art])
    await shows(changed, f"only in <#{art.id}>")
    assert f"<#{art.id}>" in (await setup.ada.imagine("a fox")).text
    assert (await setup.ada.imagine("a fox", channel=art)).attachments
    del setup.tea_house.guild.channels[art.id]
    panel = await mo.use("limits show")
    assert f"only in channel `{art.id}` (deleted)" in panel.text
    form = await mo.press(panel, "Channels")
    assert filled(form) == {"mode": "only", "channels": [], "age": False}
    await shows(await mo.submit(form, mode="everywhere"), "**Channels**\neverywhere")


async def test_the_day_begins_where_the_moderators_say(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    refused = await mo.submit(await opened(mo, "Time zone"), zone="Berlim")
    await shows(refused, "`Europe/Berlin`")
    again = await mo.press(refused, "Fix it")
    assert filled(again) == {"zone": "Berlim"}
    changed = await mo.submit(await opened(mo, "Time zone"), zone="tokyo")
    await shows(changed, "**Asia/Tokyo**: resets <t:")


async def test_a_log_channel_that_is_closed_to_the_bot_is_said_at_once(setup: Setup) -> None:
    await setup.start_bot()
    mo, secret = moderator(setup), setup.tea_house.channel("secret")
    secret.bot_permissions &= ~Permission.SEND_MESSAGES
    refused = await mo.submit(await opened(mo, "Log channel"), channel=secret)
    await shows(refused, "❌ I need **Send Messages**")
    again = await mo.press(refused, "Fix it")
    assert filled(again) == {"channel": [str(secret.id)], "level": "problems"}
    changed = await mo.submit(
        await opened(mo, "Log channel"), channel=setup.tea_house.general, level="everything"
    )
    await shows(changed, f"<#{setup.tea_house.general.id}>, everything")
    setup.tea_house.general.bot_permissions &= ~Permission.EMBED_LINKS
    await shows(await mo.press(changed, "Refresh"), "I can't write there: allow me Embed Links")
    await shows(await mo.submit(await opened(mo, "Log channel"), level="off"), "**Log**\noff")


async def test_the_fortieth_blocked_member_is_found_and_unblocked(setup: Setup) -> None:
    await setup.start_bot()
    mo, ada = moderator(setup), setup.ada
    until = datetime.now(UTC) + timedelta(days=1)
    others = {setup.ada.id + 1 + number: Block(until) for number in range(40)}
    await decide(setup, blocks={**others, ada.id: Block(None, "spam")})
    panel = await mo.use("limits show")
    assert "and 38 more: see the whole list below" in panel.text
    await shows(
        await mo.choose(panel, "See a whole list…", "blocks"), "## Blocked members (41)\nPage 1 of 6."
    )
    for page in range(2, 7):
        await shows(await mo.press(panel, "Next"), f"Page {page} of 6.")
    assert f"<@{ada.id}> **blocked** permanently: spam" in panel.text
    await shows(await mo.press(panel, "Unblock"), f"**Block for <@{ada.id}>**: permanent, “spam” → none")
    assert "Blocked members (40)" in panel.text
    assert (await ada.imagine("a cat")).attachments
    await shows(await mo.press(panel, "All settings"), "## Image limits")


async def test_a_role_on_the_list_is_changed_in_a_form_that_shows_its_number(setup: Setup) -> None:
    await setup.start_bot()
    mo, patrons = moderator(setup), setup.tea_house.role("Patrons")
    await mo.use("limits role", role=patrons, images=7)
    panel = await mo.use("limits show")
    await shows(await mo.choose(panel, "See a whole list…", "roles"), "## Role limits (1)")
    form = await mo.press(panel, "Change")
    assert filled(form) == {"role": [str(patrons.id)], "images": "7"}
    await shows(await mo.submit(form, images="8"), "7 → 8")


async def test_the_last_channel_is_not_taken_off_a_list_of_the_only_ones(setup: Setup) -> None:
    await setup.start_bot()
    mo, art = moderator(setup), setup.tea_house.channel("art")
    await mo.use("limits channel", mode="only", add=art)
    panel = await mo.use("limits show")
    await shows(await mo.choose(panel, "See a whole list…", "channels"), "## Listed channels (1)")
    await shows(await mo.press(panel, "Remove"), "❌ “Only in” needs at least one channel")


async def test_of_a_list_of_words_the_good_lines_are_kept_and_the_bad_ones_named(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    panel = await mo.submit(await opened(mo, "Edit words"), words="weasel\nst*at\n**\nstoat*")
    await shows(
        panel, "✅ **Changed**\n**Blocked words**: 0 → 2 (added: ||stoat\\*||, ||weasel||)\n⚠️ **Left out**:"
    )
    assert "||st\\*at|| has a `*` inside." in panel.text
    assert "||\\*\\*|| has no letters to look for" in panel.text
    again = await mo.press(panel, "Fix it")
    assert sorted(str(filled(again)["words"]).splitlines()) == ["**", "st*at", "stoat*", "weasel"]
    await shows(await mo.submit(again, words="stoat*\nweasel\nferret"), "2 → 3 (added: ||ferret||)")
    assert "Left out" not in panel.text
    only_bad = await mo.submit(await opened(mo, "Edit words"), words="stoat*\nweasel\nferret\n**")
    await shows(only_bad, "❌ **Nothing was changed**\n⚠️ **Left out**:")
