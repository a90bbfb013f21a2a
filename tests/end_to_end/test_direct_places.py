"""Pictures where there is no server that has the bot: in direct messages, and in servers for whoever has the bot."""

from __future__ import annotations

import pytest

from sandbox.discord import Member, PendingInteraction, RefusedByDiscord, ShownMessage, Upload
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.audit import settled_state
from tests.end_to_end.conftest import Setup
from tests.end_to_end.crash_points import expire_leases
from tests.end_to_end.test_edit import picture
from tests.patience import PATIENCE, until

OUTSIDE = "outside my servers"


def elsewhere(setup: Setup, *, of: Member | None = None) -> Member:
    """Ada, who has the bot for herself, in a server without it."""
    server = setup.discord.server("Elsewhere")
    server.remove_bot()
    member = server.member("Ada", user=of or setup.ada)
    member.install_bot()
    return member


def written_to(setup: Setup, member: Member) -> list[ShownMessage]:
    return [ShownMessage(it) for it in setup.discord.messages.by_channel.get(member.dm.id, {}).values()]


async def test_in_direct_messages_a_person_has_images_of_their_own(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="2", DAILY_LIMIT="5")
    ada, there = setup.ada, elsewhere(setup)
    assert (await ada.imagine("a fox", channel=ada.dm)).attachments
    assert (await there.imagine("a fox")).attachments
    refused = await ada.imagine("a third fox", channel=ada.dm)
    assert f"You've used your 2 images {OUTSIDE} for today" in refused.text
    assert "a third fox" in refused.text
    assert "moderators" not in refused.text
    assert f"{OUTSIDE}**: 2 of 2 used" in (await there.use("usage")).text
    assert "today**: 0 of 5 used" in (await ada.use("usage")).text
    assert (await ada.imagine("a fox")).attachments
    mo = setup.tea_house.member("Mo")
    assert (await mo.imagine("a fox", channel=mo.dm)).attachments


async def test_without_the_operators_word_nobody_paints_outside_of_servers(setup: Setup) -> None:
    await setup.start_bot()
    there = elsewhere(setup)
    for member, channel in ((setup.ada, setup.ada.dm), (there, None)):
        with pytest.raises(RefusedByDiscord):
            await member.imagine("a fox", channel=channel)
        reply = await member.imagine("a fox", channel=channel, forged=True)
        assert reply.ephemeral
        assert not reply.attachments
    assert "I only paint in servers that have added me" in (await there.use("usage", forged=True)).text
    assert not setup.images.requests


async def test_no_stranger_spends_in_a_server_that_the_operator_has_not_chosen(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="unlimited", ALLOWED_SERVERS=str(setup.tea_house.id))
    there = elsewhere(setup)
    reply = await there.imagine("a fox")
    assert reply.ephemeral
    assert "I only work in servers that the people who run me chose" in reply.text
    assert not setup.images.requests
    assert (await setup.ada.imagine("a fox", channel=setup.ada.dm)).attachments


@pytest.mark.parametrize("others", [1, 2], ids=["two", "a group"])
async def test_between_people_everybody_sees_the_picture(setup: Setup, others: int) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="unlimited")
    setup.ada.install_bot()
    friends = [setup.tea_house.member(f"Mo {number}") for number in range(others)]
    reply = await setup.ada.imagine("a fox", channel=setup.ada.private_channel(*friends))
    assert reply.attachments
    assert all(mo.sees(reply) for mo in friends)
    assert "a fox" in (await friends[0].press(reply, "Details")).text


async def test_where_discord_makes_every_answer_private_only_the_member_sees_how_it_ends(
    setup: Setup,
) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="unlimited")
    there = elsewhere(setup)
    there.profile.guild.everyone.permissions &= ~Permission.USE_EXTERNAL_APPS
    mo = setup.discord.server("Elsewhere too").member("Mo")
    painted = await there.imagine("a fox")
    assert painted.attachments
    assert not mo.sees(painted)
    setup.images.inject_fault("invalid_request")
    failed = await there.begin("imagine", prompt="a second fox").wait_for(
        lambda reply: bool(reply.followups) or reply.state == "done"
    )
    assert all(not mo.sees(one) for one in (failed, *failed.followups))


async def test_a_failure_in_a_direct_message_stays_there_with_the_prompt(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="unlimited")
    setup.images.inject_fault("invalid_request")
    reply = await setup.ada.imagine("a fox at dawn", channel=setup.ada.dm)
    assert not reply.ephemeral
    assert not reply.followups
    assert "a fox at dawn" in reply.text


def tried_in(setup: Setup, asking: PendingInteraction) -> list[str]:
    """What was asked of Discord about the channel of the command, which the bot can't see."""
    channel = str(asking.interaction.context.channel.id)
    return [one.path for one in setup.discord.traffic if channel in one.path]


async def until_written_to(setup: Setup, member: Member) -> ShownMessage:
    messages = setup.discord.messages
    await messages.changes.wait_for(lambda: bool(written_to(setup, member)), PATIENCE)
    [written] = written_to(setup, member)
    return written


async def test_where_the_bot_is_not_a_late_picture_goes_to_the_member_alone(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="unlimited")
    setup.left_open = "the acknowledgement can't be reached any more"
    asking = elsewhere(setup).begin("imagine", prompt="a fox")
    await asking.acknowledged()
    asking.expire_token()
    assert len((await until_written_to(setup, setup.ada)).attachments) == 1
    assert tried_in(setup, asking) == []


async def test_who_takes_over_where_the_bot_is_not_knows_that_it_is_not(setup: Setup) -> None:
    first = await setup.start_bot(DIRECT_DAILY_LIMIT="unlimited")
    setup.left_open = "the acknowledgement can't be reached any more"
    setup.images.inject_fault("picture_hang")
    asking = elsewhere(setup).begin("imagine", prompt="a fox")
    await until(lambda: bool(setup.images.downloads))
    await first.kill()
    asking.expire_token()
    await expire_leases(setup.database_url)
    await setup.start_bot(DIRECT_DAILY_LIMIT="0")
    assert len((await until_written_to(setup, setup.ada)).attachments) == 1
    assert tried_in(setup, asking) == []
    assert setup.images.paid == 1


async def test_after_a_kill_another_process_finishes_what_was_asked_for_in_a_direct_message(
    setup: Setup,
) -> None:
    first = await setup.start_bot(DIRECT_DAILY_LIMIT="5")
    setup.images.inject_fault("picture_hang")
    ada = setup.ada
    asking = ada.begin("imagine", prompt="a fox", channel=ada.dm)
    await until(lambda: bool(setup.images.downloads))
    await first.kill()
    await expire_leases(setup.database_url)
    await setup.start_bot(DIRECT_DAILY_LIMIT="5")
    reply = await asking.finished(PATIENCE)
    assert len(reply.attachments) == 1
    assert f"{OUTSIDE}**: 1 of 5 used" in (await ada.use("usage", channel=ada.dm)).text
    assert setup.images.paid == 1


async def test_what_is_moderators_business_is_told_to_be_a_servers(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="unlimited")
    there = elsewhere(setup)
    mo = there.profile.guild.members[there.profile.guild.owner_id]
    told = await there.use("usage", member=Member(setup.discord, mo))
    assert "only works in a server that has added me" in told.text
    with pytest.raises(RefusedByDiscord):
        await setup.ada.use("limits show", channel=setup.ada.dm)


async def test_what_is_kept_of_direct_messages_is_shown_and_erased(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="unlimited")
    ada = setup.ada
    await ada.imagine("a fox", channel=ada.dm)
    shown = await ada.use("privacy show", channel=ada.dm)
    [file] = shown.attachments
    assert b'"prompt": "a fox"' in file.data
    assert b'"server": null' in file.data


async def test_in_the_gallery_pictures_of_direct_places_are_linked_to_where_they_are(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="unlimited")
    ada, there = setup.ada, elsewhere(setup)
    shown = [await ada.imagine("a fox", channel=ada.dm), await there.imagine("a wolf")]
    await settled_state(setup.database_url)
    gallery = (await there.use("gallery")).text
    servers = "@me", there.profile.guild.id
    for reply, server in zip(shown, servers, strict=True):
        assert reply.message
        assert f"channels/{server}/{reply.message.channel.id}/{reply.message.id}" in gallery


async def test_who_presses_again_below_somebodys_picture_pays_with_their_own(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="1")
    there = elsewhere(setup)
    mo = there.profile.guild.members[there.profile.guild.owner_id]
    stranger = Member(setup.discord, mo)
    reply = await there.imagine("a fox")
    assert (await stranger.press(reply, "Again")).attachments
    again = await stranger.press(reply, "Again")
    assert f"You've used your 1 image {OUTSIDE} for today" in again.text
    assert f"{OUTSIDE}**: 1 of 1 used" in (await there.use("usage")).text
    assert f"{OUTSIDE}**: 1 of 1 used" in (await stranger.use("usage", channel=stranger.dm)).text


async def test_a_picture_of_a_direct_message_is_changed_there(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="5")
    ada = setup.ada
    shown = ada.say("look", Upload("fox.png", picture()), channel=ada.dm)
    form = await ada.use_on(shown, "Edit this picture", channel=ada.dm)
    changed = await ada.submit(form, prompt="at night")
    assert changed.attachments
    assert f"{OUTSIDE}**: 1 of 5 used" in (await ada.use("usage", channel=ada.dm)).text


async def test_an_administrator_of_a_server_without_the_bot_moderates_nothing(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="unlimited")
    there = elsewhere(setup)
    there.permit(administrator=True)
    for custom_id in ("limits:refresh", f"limits:dismiss:{there.id}:9999"):
        pressed = await there.forge_press(custom_id)
        assert "moderator" in pressed.text, custom_id
    shown = await there.use("limits show", forged=True)
    assert "moderator" in shown.text
