"""The real bot as a process: what becomes of a picture that has no place to be shown."""

from __future__ import annotations

from sandbox.discord import Member, Reply
from tests.end_to_end.audit import audited_state
from tests.end_to_end.conftest import Setup
from tests.end_to_end.crash_points import pictures_on_record, state_is
from tests.patience import PATIENCE


async def deleted_meanwhile(setup: Setup, url: str, images: int = 1, member: Member | None = None) -> Reply:
    """A command whose answer somebody deletes while it is being delivered."""
    held, traffic = setup.discord.faults.hold("edit_original"), setup.discord.traffic
    edits = len(traffic.of("edit_original"))
    asking = (member or setup.ada).begin("imagine", prompt="a fox", images=images)
    await traffic.changes.wait_for(lambda: len(traffic.of("edit_original")) > edits, PATIENCE)
    assert asking.interaction.original
    setup.discord.messages.delete(asking.interaction.original)
    held.set()
    await state_is(url, asking, "kept")
    return asking.reply


async def test_a_picture_whose_message_was_deleted_waits_for_whoever_asked_for_it(
    setup: Setup, database_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=database_url)
    assert "You have no undelivered pictures" in (await setup.ada.use("gallery")).text
    await deleted_meanwhile(setup, database_url, images=2)
    shown = await setup.ada.use("gallery")
    assert shown.ephemeral
    assert len(shown.attachments) == 2
    assert "a fox" in shown.text
    assert "today**: 2 of 10 used" in (await setup.ada.use("usage")).text
    others = await setup.tea_house.member("Bob").use("gallery")
    assert not others.attachments
    assert setup.images.paid == 1
    await audited_state(database_url, setup.images, setup.discord)


async def test_a_picture_that_came_inside_the_answer_waits_in_the_database_until_it_is_erased(
    setup: Setup, database_url: str
) -> None:
    setup.images.pictures_inside = True
    await setup.start_bot(DATABASE_URL=database_url)
    await deleted_meanwhile(setup, database_url)
    assert len((await setup.ada.use("gallery")).attachments) == 1
    assert not setup.images.downloads
    assert await pictures_on_record(database_url) == 1
    asked = await setup.ada.use("privacy delete")
    pressed = setup.ada.begin_press(asked, "Yes, erase it")
    await pressed.wait_for(lambda _: "## Done" in asked.text)
    assert "You have no undelivered pictures" in (await setup.ada.use("gallery")).text
    assert await pictures_on_record(database_url) == 0


async def test_a_picture_whose_address_has_expired_leaves_a_gap(setup: Setup, sqlite_url: str) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    await deleted_meanwhile(setup, sqlite_url)
    setup.images.inject_fault("picture_missing", 9)
    shown = await setup.ada.use("gallery")
    assert "This picture is no longer available" in shown.text
    assert not shown.attachments
