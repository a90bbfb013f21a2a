"""`/privacy` and `/limits export`, by the real bot."""

from __future__ import annotations

import csv
import io
import json

from discord import Permissions

from bot.core.bulk_work import MOST_RUNNING
from sandbox.discord import Reply
from tests.end_to_end.conftest import Setup
from tests.end_to_end.test_gallery import deleted_meanwhile
from tests.patience import until

MODERATOR = Permissions(manage_guild=True).value


def kept(reply: Reply) -> dict[str, list[dict[str, object]]]:
    [attachment] = reply.attachments
    about: dict[str, list[dict[str, object]]] = json.loads(attachment.data)
    return about


async def test_a_member_reads_what_is_kept_gets_it_and_has_it_erased(setup: Setup) -> None:
    await setup.start_bot(KEEP_PROMPTS_DAYS="7")
    await setup.ada.imagine("a secret fox")
    info = await setup.ada.use("privacy info")
    assert "A picture that you change leaves Discord" in info.text
    assert info.ephemeral
    assert "and the language of your Discord: 7 days." in info.text
    shown = await setup.ada.use("privacy show")
    assert shown.ephemeral
    assert [it["prompt"] for it in kept(shown)["generations"]] == ["a secret fox"]
    asked = await setup.ada.use("privacy delete")
    assert asked.ephemeral
    assert "can't be undone" in asked.text
    pressed = setup.ada.begin_press(asked, "Yes, erase it")
    await pressed.wait_for(lambda _: "Gone for good**:\n- the text of 1 prompt" in asked.text)
    after = kept(await setup.ada.use("privacy show"))
    assert [it["prompt"] for it in after["generations"]] == [None]
    assert len(after["counters"]) == 2
    assert "today**: 1 of 10 used" in (await setup.ada.use("usage")).text


async def test_nobody_erases_what_is_somebody_elses(setup: Setup) -> None:
    await setup.start_bot()
    bob = setup.tea_house.member("Bob")
    await setup.ada.imagine("a fox")
    asked = await setup.ada.use("privacy delete")
    forged = await bob.forge_press(asked, "Yes, erase it")
    assert "That button isn't yours" in forged.text
    assert [it["prompt"] for it in kept(await setup.ada.use("privacy show"))["generations"]] == ["a fox"]


async def test_a_moderator_takes_the_servers_usage_away(setup: Setup) -> None:
    await setup.start_bot()
    mo = setup.tea_house.member("Mo", permissions=MODERATOR)
    await setup.ada.imagine("=a fox", images=2)
    reply = await mo.use("limits export")
    assert reply.ephemeral
    [attachment] = reply.attachments
    [row] = csv.DictReader(io.StringIO(attachment.data.decode("utf-8-sig")))
    assert (row["member"], row["images"], row["delivered"], row["prompt"]) == (
        f"<@{setup.ada.id}>",
        "2",
        "2",
        "'=a fox",
    )
    nothing = await mo.use("limits export", options={"from": "2020-01-01", "to": "2020-01-31"})
    assert "Nobody asked for images here" in nothing.text
    assert not nothing.attachments
    wrong = await mo.use("limits export", options={"from": "last week"})
    assert "isn't a date" in wrong.text


async def test_prompts_are_swept_at_the_start(setup: Setup) -> None:
    first = await setup.start_bot()
    await setup.ada.imagine("a fox")
    await first.terminate()
    await setup.start_bot(KEEP_PROMPTS_DAYS="0")

    shown = await setup.ada.use("privacy show")
    assert [it["prompt"] for it in kept(shown)["generations"]] == [None]


async def test_whoever_erases_their_data_waits_for_no_picture_that_does_not_come(
    setup: Setup, sqlite_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    members = [setup.tea_house.member(f"Member {number}") for number in range(MOST_RUNNING)]
    for member in members:
        await deleted_meanwhile(setup, sqlite_url, member=member)
    setup.images.inject_fault("picture_hang", MOST_RUNNING)
    fetched = len(setup.images.downloads)
    asking = [member.begin("gallery") for member in members]
    await until(lambda: len(setup.images.downloads) == fetched + MOST_RUNNING)
    asked = await setup.ada.use("privacy delete")
    pressed = setup.ada.begin_press(asked, "Yes, erase it")
    await pressed.wait_for(lambda _: "## Done" in asked.text)
    assert [one.reply.state for one in asking] == ["thinking"] * MOST_RUNNING
    setup.left_open = "galleries"
