"""Each button below a picture, in each situation: what whoever presses it gets to see, as one table."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest

from sandbox.discord import Member, PendingInteraction, Permission, Reply, ShownMessage
from sandbox.discord.interactions.callbacks import CallbackType
from tests.end_to_end.conftest import Setup

BUTTONS = ("Again", "Edit prompt", "Change it", "Details", "⋯")
IDS = ("again", "prompt", "change", "details", "more")
PICTURE, FORM, DETAILS, ERASED, REFUSED = "a picture", "a form", "details", "erased", "refused"
OF_STRANGERS = "menu: copy, report"
OF_OWNERS = "menu: copy, hide, describe, delete, report"
UNREPORTED = "menu: copy, hide, describe, delete"  # nobody to report to, or nothing that anybody else sees
Seen: TypeAlias = tuple[str, ...]
Walk: TypeAlias = Callable[[Setup], Awaitable[None]]

USUAL = (PICTURE, FORM, FORM, DETAILS)
SETTINGS = {"DAILY_LIMIT": "50", "DIRECT_DAILY_LIMIT": "50"}


async def seen(pending: PendingInteraction) -> str:
    """What is shown to whoever pressed."""
    reply = await pending.wait_for(_has_come)
    shown: ShownMessage = reply.followups[0] if reply.followups else reply
    if reply.modal is not None:
        return FORM
    if shown.attachments:
        return PICTURE
    assert shown.ephemeral, shown.text
    if menus := [one["options"] for one in shown.components if one.get("options")]:
        return f"menu: {', '.join(option['value'] for option in menus[0])}"
    if "has been erased" in shown.text:
        return ERASED
    return DETAILS if shown.embeds and shown.embeds[0].title == "Details" else REFUSED


def _has_come(reply: Reply) -> bool:
    in_place = reply.interaction.callback_type == CallbackType.DEFERRED_UPDATE_MESSAGE
    return bool(reply.modal or reply.followups or (reply.state == "done" and not in_place))


async def walk(who: Member, shown: ShownMessage) -> Seen:
    return tuple([await seen(who.begin_press(shown, button)) for button in BUTTONS])


async def picture(setup: Setup) -> Reply:
    return await setup.ada.imagine("a fox")


def stranger(setup: Setup) -> Member:
    return setup.tea_house.member("Bob")


def moderator(setup: Setup) -> Member:
    return setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD | Permission.MANAGE_MESSAGES)


async def before_a_restart(setup: Setup) -> None:
    await setup.start_bot()
    await _each_of_them(setup, await picture(setup))


async def after_a_restart(setup: Setup) -> None:
    bot = await setup.start_bot()
    shown = await picture(setup)
    await bot.terminate()
    await setup.start_bot()
    await _each_of_them(setup, shown)


async def _each_of_them(setup: Setup, shown: Reply) -> None:
    assert await walk(setup.ada, shown) == (*USUAL, OF_OWNERS)
    assert await walk(stranger(setup), shown) == (*USUAL, OF_STRANGERS)
    assert await walk(moderator(setup), shown) == (*USUAL, OF_OWNERS)


async def twice_at_once(setup: Setup) -> None:
    await setup.start_bot()
    shown, bob = await picture(setup), stranger(setup)
    for button, expected in zip(BUTTONS, (*USUAL, OF_STRANGERS), strict=True):
        both = [bob.begin_press(shown, button) for _ in range(2)]
        assert await asyncio.gather(*map(seen, both)) == [expected] * 2, button
    assert setup.images.paid == 3


async def on_a_message_that_is_deleted_meanwhile(setup: Setup) -> None:
    await setup.start_bot()
    shown = await picture(setup)
    pressed = [setup.ada.begin_forged_press(shown, button) for button in BUTTONS]
    moderator(setup).delete(shown)
    assert tuple(await asyncio.gather(*map(seen, pressed))) == (*USUAL, OF_OWNERS)


async def with_an_erased_prompt(setup: Setup) -> None:
    await setup.start_bot()
    shown = await picture(setup)
    asked = await setup.ada.use("privacy delete")
    await setup.ada.begin_press(asked, "Yes, erase it").wait_for(lambda _: "## Done" in asked.text)
    gone = (ERASED, ERASED, FORM, ERASED)
    assert await walk(setup.ada, shown) == (*gone, OF_OWNERS)
    assert await walk(stranger(setup), shown) == (*gone, OF_STRANGERS)
    assert setup.images.paid == 1


async def in_a_direct_message(setup: Setup) -> None:
    await setup.start_bot()
    shown = await setup.ada.imagine("a fox", channel=setup.ada.dm)
    assert await walk(setup.ada, shown) == (*USUAL, UNREPORTED)


async def where_the_bot_is_not(setup: Setup) -> None:
    await setup.start_bot()
    elsewhere = setup.discord.server("Elsewhere")
    elsewhere.remove_bot()
    ada = elsewhere.member("Ada", user=setup.ada)
    ada.install_bot()
    assert await walk(ada, await ada.imagine("a fox")) == (*USUAL, UNREPORTED)


async def below_a_private_picture(setup: Setup) -> None:
    await setup.start_bot()
    shown = await setup.ada.use("imagine", prompt="a fox", private="yes")
    assert await walk(setup.ada, shown) == (*USUAL, UNREPORTED)


async def from_a_forged_payload(setup: Setup) -> None:
    await setup.start_bot()
    generation, chat = (await picture(setup)).interaction.id, setup.ada.say("hello")
    mallory = setup.discord.server("Elsewhere").member("Mallory")
    made_up = (generation, 0, 10**18, "9" * 19, "1' OR '1'='1")
    ids = [f"{id}:{number}" for id in IDS for number in made_up]
    here = [setup.ada.begin_forged_press(chat, f"{id}:{generation}") for id in IDS]
    elsewhere = [mallory.begin_forged_press(id) for id in ids]
    submitted = [mallory.forge_submit(f"{id}:{generation}", prompt="an owl") for id in IDS]
    assert await asyncio.gather(*map(seen, here)) == [REFUSED] * len(IDS)
    for id, pending in zip(ids, elsewhere, strict=True):
        told = await pending.wait_for(_has_come)
        assert not told.attachments
        assert "fox" not in f"{told.text} {told.modal} {[one.text for one in told.followups]}", id
    assert all(reply.ephemeral for reply in await asyncio.gather(*submitted))
    assert setup.images.paid == 1


async def after_a_failure(setup: Setup) -> None:
    """*Try again*, which stands below what its member alone is told."""
    bot = await setup.start_bot()
    setup.images.inject_fault("cut_short")
    notice = await setup.ada.begin("imagine", prompt="a fox").followed_up()
    paid = setup.images.paid
    for other in (stranger(setup), moderator(setup)):
        assert await seen(other.begin_forged_press(notice, "Try again")) == REFUSED
    assert await seen(setup.ada.begin_press(notice, "Try again")) == PICTURE
    await bot.terminate()
    await setup.start_bot()
    both = [setup.ada.begin_press(notice, "Try again") for _ in range(2)]
    assert await asyncio.gather(*map(seen, both)) == [PICTURE] * 2
    assert setup.images.paid == paid + 3


WALKS: list[Walk] = [
    before_a_restart,
    after_a_restart,
    twice_at_once,
    on_a_message_that_is_deleted_meanwhile,
    with_an_erased_prompt,
    in_a_direct_message,
    where_the_bot_is_not,
    below_a_private_picture,
    from_a_forged_payload,
    after_a_failure,
]


@pytest.mark.parametrize("situation", WALKS, ids=[one.__name__ for one in WALKS])
async def test_each_button_does_what_it_says_or_says_why_not(setup: Setup, situation: Walk) -> None:
    setup.usual_settings.update(SETTINGS)
    await situation(setup)
