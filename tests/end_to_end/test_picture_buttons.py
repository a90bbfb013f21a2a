"""The real bot as a process: the buttons below its pictures, for whoever presses them."""

from __future__ import annotations

import asyncio

from tests.end_to_end.conftest import Setup

AGAIN, DETAILS = "Again", "Details"


async def test_again_paints_the_same_for_whoever_presses_and_says_whose_idea_it_was(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="3")
    bob = setup.tea_house.member("Bob")
    first = await setup.ada.use("imagine", prompt="a *fox*", images=2)
    [again, details] = first.components[1:]
    assert (again["label"], details["label"]) == (AGAIN, DETAILS)
    own = await setup.ada.press(first, AGAIN)
    assert own.ephemeral
    assert "a \\*fox\\*" in own.text
    reply = await bob.press(first, AGAIN)
    assert not reply.ephemeral
    assert len(reply.attachments) == 2
    assert reply.embeds[0].description == (
        f"> a \\*fox\\*\n-# Asked for by <@{bob.id}> · idea by <@{setup.ada.id}>"
    )
    assert not reply.pings
    assert "2 of 3" in reply.text
    assert [request.body["n"] for request in setup.images.requests] == [2, 2]


async def test_a_members_own_picture_painted_again_names_them_alone(setup: Setup) -> None:
    await setup.start_bot()
    first = await setup.ada.imagine("a fox")
    reply = await setup.ada.press(first, AGAIN)
    assert reply.embeds[0].description == f"> a fox\n-# Asked for by <@{setup.ada.id}>"
    assert "2 of 10" in reply.text


async def test_buttons_work_after_a_restart_and_twice_at_once(setup: Setup) -> None:
    bot = await setup.start_bot()
    first = await setup.ada.imagine("a fox")
    await bot.terminate()
    await setup.start_bot()
    both = await asyncio.gather(*(setup.ada.press(first, AGAIN) for _ in range(2)))
    assert all(one.attachments for one in both)
    assert {"2 of 10", "3 of 10"} == {
        one for reply in both for one in ("2 of 10", "3 of 10") if one in reply.text
    }


async def test_details_are_for_whoever_asks_alone(setup: Setup) -> None:
    await setup.start_bot(SHOW_COSTS="on")
    first = await setup.ada.imagine("a *fox*")
    reply = await setup.tea_house.member("Bob").press(first, DETAILS)
    assert reply.ephemeral
    [embed] = reply.embeds
    assert embed.description == "```\na *fox*\n```"
    facts = {one.name: one.value for one in embed.fields}
    assert facts["Asked for by"] == f"<@{setup.ada.id}>"
    assert facts["Cost"].startswith("$") or facts["Cost"].startswith("about $")
    assert facts["ID"] == f"`{first.interaction.id}`"
    assert facts["Painted by these words"] == f"```\n{first.embeds[0].footer.partition(chr(10))[0]}\n```"


async def test_what_an_erased_prompt_was_is_not_painted_again(setup: Setup) -> None:
    await setup.start_bot()
    first = await setup.ada.imagine("a fox")
    asked = await setup.ada.use("privacy delete")
    await setup.ada.begin_press(asked, "Yes, erase it").wait_for(lambda _: "## Done" in asked.text)
    reply = await setup.ada.press(first, AGAIN)
    assert reply.ephemeral
    assert "has been erased" in reply.text
    assert "has been erased" in (await setup.ada.press(first, DETAILS)).text
    assert setup.images.paid == 1


async def test_a_forged_press_paints_and_tells_nothing(setup: Setup) -> None:
    await setup.start_bot()
    secret = await setup.ada.imagine("a fox")
    other = setup.discord.server("Elsewhere").member("Mallory")
    chat = setup.ada.say("hello")
    presses = [
        await setup.ada.forge_press(chat, f"{kind}:{secret.interaction.id}") for kind in ("again", "details")
    ]
    presses += [
        await other.forge_press(f"{kind}:{number}")
        for kind in ("again", "details")
        for number in (secret.interaction.id, 0, "9" * 19)
    ]
    for reply in presses:
        assert reply.ephemeral
        assert "fox" not in reply.text
        assert "unexpected" not in reply.text
    assert setup.images.paid == 1
