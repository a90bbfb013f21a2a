"""The real bot as a process: a member's earlier prompts while they type the next one."""

from __future__ import annotations

from tests.end_to_end.conftest import Setup

LONG = "a fox in a forest " * 20


async def suggested(setup: Setup, typed: str = "", command: str = "imagine") -> list[str]:
    return [one["name"] for one in await setup.ada.suggestions(command, "prompt", typed)]


async def test_a_member_is_offered_their_own_earlier_prompts_and_nobody_elses(
    setup: Setup, database_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=database_url)
    bob = setup.tea_house.member("Bob")
    assert await suggested(setup) == []
    await setup.ada.imagine("a fox")
    await setup.ada.imagine("a hen")
    await bob.imagine("a secret")
    assert await suggested(setup) == ["a hen", "a fox"]
    assert await suggested(setup, "FO") == ["FO", "a fox"]
    assert await suggested(setup, "secret") == []
    assert await suggested(setup, "a " * 100) == []
    assert await suggested(setup, command="edit") == []
    asked = await setup.ada.use("privacy delete")
    pressed = setup.ada.begin_press(asked, "Yes, erase it")
    await pressed.wait_for(lambda _: "## Done" in asked.text)
    assert await suggested(setup) == []


async def test_a_long_prompt_is_painted_whole_where_it_is_chosen_and_by_its_own_member_alone(
    setup: Setup,
) -> None:
    await setup.start_bot()
    await setup.ada.imagine(LONG)
    _, choice = await setup.ada.suggestions("imagine", "prompt", "forest")
    painted = await setup.ada.imagine(choice["value"])
    assert painted.attachments, painted.text
    assert setup.images.requests[-1].body["prompt"].strip() == LONG.strip()
    stolen = await setup.tea_house.member("Bob").imagine(choice["value"])
    assert stolen.ephemeral
    assert stolen.text == "I no longer have that earlier prompt. Nothing was counted. Type it again."
    forged = await setup.ada.imagine(f"earlier prompt {'9' * 20}")
    assert forged.text == stolen.text
    assert setup.images.paid == 2
