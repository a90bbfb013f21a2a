"""The real bot as a process: the styles of a server and who sees its pictures, as moderators decide."""

from __future__ import annotations

import pytest

from sandbox.discord import Member, RefusedByDiscord, Reply
from tests.end_to_end.conftest import Setup
from tests.end_to_end.test_limits import changed, shows
from tests.end_to_end.test_limits_panel import moderator
from tests.end_to_end.test_picture_options import painted, prompt_sent, refused

STYLES = "Noir=film noir of {prompt} in the rain; Oil={prompt}, in oil"


async def offered(member: Member, typed: str = "") -> list[str]:
    return [str(one["value"]) for one in await member.suggestions("imagine", "style", typed, prompt="a fox")]


async def opened(member: Member, style: str) -> Reply:
    return await member.choose(await member.use("limits styles"), "limits:styles", style)


async def test_a_moderator_adds_a_style_that_members_choose(setup: Setup) -> None:
    await setup.start_bot(STYLES=STYLES, REVISE_PROMPTS="never")
    mo = moderator(setup)
    panel = await mo.use("limits show")
    listed = await mo.press(panel, "Styles")
    await shows(listed, "Styles to choose from (2 of 25)")
    form = await mo.press(listed, "Add a style")
    told = await mo.submit(form, style_name="Clay", before="a model of", after=", in *clay*")
    await shows(told, "**Style “Clay”**: none → “a model of …, in \\*clay\\*”")
    await shows(told, "**Clay** · “a model of …, in \\*clay\\*”")
    assert await offered(setup.ada) == ["Noir", "Oil", "Clay"]
    await painted(setup, style="clay")
    assert prompt_sent(setup) == "a model of a fox, in *clay*"
    await changed(mo, "role", role=setup.tea_house.role("Artists"), images=20)
    from_menu = await mo.choose(await mo.use("limits show"), "limits:lists", "styles")
    await shows(from_menu, "Styles to choose from (3 of 25)")
    history = await mo.use("limits history")
    assert "**Style “Clay”**: none → “a model of …" in history.text


async def test_a_moderator_changes_a_style_switches_one_off_and_takes_both_back(setup: Setup) -> None:
    await setup.start_bot(STYLES=STYLES, REVISE_PROMPTS="never")
    mo = moderator(setup)
    await shows(
        await mo.submit(await opened(mo, "Noir"), after="at night"),
        "**Noir** · “film noir of … at night” · changed",
    )
    await painted(setup, style="Noir")
    assert prompt_sent(setup) == "film noir of a fox at night"
    await shows(await mo.submit(await opened(mo, "Oil"), state="switch_off"), "**Oil** · switched off")
    assert "There's no style “Oil” in this server. Nothing was counted. Choose “Noir”." in await refused(
        setup, style="Oil"
    )
    assert [one["value"] for one in await mo.suggestions("limits styles", "style", "oil")] == ["Oil"]
    form = await mo.use("limits styles", style="oil")
    await shows(await mo.submit(form, state="offer"), "**Oil** · “…, in oil” · default")
    await shows(await mo.submit(await opened(mo, "Oil"), state="switch_off"), "**Oil** · switched off")
    assert "**Style “Oil”**: off → default" in await changed(mo, "reset", what="styles")
    assert await offered(setup.ada) == ["Noir", "Oil"]
    await painted(setup, style="Noir")
    assert prompt_sent(setup) == "film noir of a fox in the rain"


async def test_a_style_that_nobody_could_use_is_saved_with_a_warning(setup: Setup) -> None:
    await setup.start_bot(STYLES=STYLES)
    mo = moderator(setup)
    await shows(await mo.submit(await mo.use("limits words"), words="gore"), "1 entry")
    told = await mo.submit(await opened(mo, "Oil"), after=", with gore")
    await shows(told, "Its text has a blocked word, ||gore||: whoever chooses it is refused.")
    text = await refused(setup, style="oil")
    assert "Together with the style “Oil”, your prompt has a word that isn't allowed in this server." in text
    told = await mo.submit(await opened(mo, "Oil"), after=", in oil on canvas")
    await shows(told, "✅ **Changed**")
    assert "blocked word" not in told.text


async def test_a_form_that_was_refused_comes_back_as_it_was_filled_in(setup: Setup) -> None:
    await setup.start_bot(STYLES=STYLES)
    mo = moderator(setup)
    told = await mo.submit(await opened(mo, "Noir"), style_name="oil", before="x" * 300)
    await shows(told, "There's another style “oil”. Nothing was changed.")
    again = await mo.press(told, "Fix it")
    told = await mo.submit(again, style_name="Dark")
    await shows(told, "**Dark** · “" + "x" * 100)
    assert "**Noir** · switched off" in told.text


async def test_only_moderators_look_at_styles_and_change_them(setup: Setup) -> None:
    await setup.start_bot(STYLES=STYLES)
    mo = moderator(setup)
    listed = await mo.use("limits styles")
    form = await mo.press(listed, "Add a style")
    with pytest.raises(RefusedByDiscord):
        await setup.ada.use("limits styles")
    for reply in (
        await setup.ada.use("limits styles", forged=True),
        await setup.ada.use("limits styles", forged=True, style="Noir"),
        await setup.ada.forge_press(listed, "limits:styles:new"),
        await setup.ada.submit(form, forged=True, style_name="Clay", before="x"),
    ):
        assert "Only moderators" in reply.text
        assert reply.modal is None
    assert await offered(setup.ada) == ["Noir", "Oil"]


async def test_where_private_pictures_are_forbidden_none_is_painted_and_none_is_shown_to_all(
    setup: Setup,
) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    told = await changed(mo, "private", pictures="forbidden")
    assert "**Private pictures**: as members like → never" in told
    text = await refused(setup, private="yes")
    assert "Pictures that only you see aren't allowed in this server. Nothing was painted or counted." in text
    assert setup.images.paid == 0
    assert not (await painted(setup, private="no")).ephemeral
    explained = await mo.use("limits explain", member=setup.ada)
    assert "Private pictures: never · spoilers: as members like" in explained.text


async def test_where_pictures_are_to_be_private_or_spoilers_every_one_is_whatever_was_asked_for(
    setup: Setup,
) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    form = await mo.press(await mo.use("limits show"), "Pictures")
    await shows(
        await mo.submit(form, spoiler="required"), "**every picture a spoiler** (default as members like)"
    )
    reply = await painted(setup, spoiler="no")
    assert not reply.ephemeral
    assert all(one.is_spoiler for one in reply.attachments)
    await changed(mo, "private", pictures="required")
    assert (await painted(setup)).ephemeral
    await changed(mo, "reset", what="private")
    assert not (await painted(setup)).ephemeral


async def test_what_the_operator_has_decided_nobody_is_asked_about(setup: Setup) -> None:
    await setup.start_bot(PRIVATE_PICTURES="required", SPOILER_PICTURES="forbidden")
    mo = moderator(setup)
    reply = await painted(setup)
    assert reply.ephemeral
    for command in ("limits private", "limits spoiler"):
        with pytest.raises(RefusedByDiscord):
            await mo.use(command, pictures="optional")
    assert "rivate pictures" not in (await mo.use("limits show")).text
