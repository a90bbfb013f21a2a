"""The real bot as a process: what becomes of a picture that has no place to be shown."""

from __future__ import annotations

from sandbox.discord import Reply
from tests.end_to_end.audit import audited_state
from tests.end_to_end.conftest import Stage
from tests.end_to_end.crash_points import state_is
from tests.patience import PATIENCE


async def deleted_meanwhile(stage: Stage, url: str, images: int = 1) -> Reply:
    """A command whose answer somebody deletes while it is being delivered."""
    held, traffic = stage.discord.faults.hold("edit_original"), stage.discord.traffic
    edits = len(traffic.of("edit_original"))
    asking = stage.ada.begin("imagine", prompt="a fox", images=images)
    await traffic.changes.wait_for(lambda: len(traffic.of("edit_original")) > edits, PATIENCE)
    assert asking.interaction.original
    stage.discord.messages.delete(asking.interaction.original)
    held.set()
    await state_is(url, asking, "kept")
    return asking.reply


async def test_a_picture_whose_message_was_deleted_waits_for_whoever_asked_for_it(
    stage: Stage, database_url: str
) -> None:
    await stage.start_bot(DATABASE_URL=database_url)
    assert "You have no undelivered pictures" in (await stage.ada.use("gallery")).text
    await deleted_meanwhile(stage, database_url, images=2)
    shown = await stage.ada.use("gallery")
    assert shown.ephemeral
    assert len(shown.attachments) == 2
    assert "a fox" in shown.text
    assert "today**: 2 of 10 used" in (await stage.ada.use("usage")).text
    others = await stage.tea_house.member("Bob").use("gallery")
    assert not others.attachments
    assert stage.images.paid == 1
    await audited_state(database_url, stage.images, stage.discord)


async def test_a_picture_whose_address_has_expired_leaves_a_gap(stage: Stage, sqlite_url: str) -> None:
    await stage.start_bot(DATABASE_URL=sqlite_url)
    await deleted_meanwhile(stage, sqlite_url)
    stage.images.inject_fault("picture_missing", 9)
    shown = await stage.ada.use("gallery")
    assert "This picture is no longer available" in shown.text
    assert not shown.attachments
