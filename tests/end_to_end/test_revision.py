"""The real bot as a process, with a chat model that rewrites prompts, and with one that does not."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox.discord import Reply
from sandbox.discord.state.permissions import Permission
from sandbox.images.faults import CHAT
from sandbox.images.prompt_revision import revised
from tests.end_to_end.conftest import Setup, log_line
from tests.end_to_end.crash_points import begin_crash
from tests.patience import PATIENCE, until

IMAGINE = "x-ai/grok-imagine-image"
BY = "Painted by grok-imagine-image"
AS_WRITTEN = f"{BY}, as written: the prompt couldn't be revised"
HARMLESS = {"chat_wrapped", "chat_gone"}
SLOW = {"chat_hang", "chat_drip"}


def footer(reply: Reply) -> str:
    return reply.embeds[0].footer


def prompts(setup: Setup) -> list[str]:
    return [it.body["prompt"] for it in setup.images.requests]


async def test_a_prompt_is_revised_painted_and_shown_below_the_picture(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL=IMAGINE)
    reply = await setup.ada.imagine("a fox")
    assert prompts(setup) == [revised("a fox")]
    assert footer(reply) == f"{revised('a fox')}\n{BY}"
    assert reply.embeds[0].description == "> a fox"
    assert reply.attachments[0].description == revised("a fox")


async def test_it_is_revised_for_the_first_picture_after_a_start_though_the_first_model_did_that_itself(
    setup: Setup,
) -> None:
    setup.images.retired.add("x-ai/grok-2-image")
    await setup.start_bot()
    assert footer(await setup.ada.imagine("a fox")).startswith(revised("a fox"))


async def test_a_model_that_revises_prompts_itself_is_left_to_it(setup: Setup) -> None:
    await setup.start_bot()
    assert footer(await setup.ada.imagine("a fox")) == f"{revised('a fox')}\nPainted by grok-2-image"
    assert not setup.images.chats


async def test_always_is_for_such_a_model_too_and_never_for_none(setup: Setup) -> None:
    async with setup.bot(REVISE_PROMPTS="always"):
        await setup.ada.imagine("a fox")
    assert prompts(setup) == [revised("a fox")]
    await setup.start_bot(REVISE_PROMPTS="never", IMAGE_MODEL=IMAGINE)
    assert footer(await setup.ada.imagine("a cat")) == BY
    assert len(setup.images.chats) == 1


@pytest.mark.parametrize("fault", sorted(CHAT.keys() - HARMLESS - SLOW))
async def test_every_failure_of_the_chat_model_is_a_picture_of_what_was_typed(
    setup: Setup, fault: str
) -> None:
    bot = await setup.start_bot(IMAGE_MODEL=IMAGINE, PROMPT_MODEL="x-ai/grok-4.20-non-reasoning")
    setup.images.inject_fault(fault)
    reply = await setup.ada.imagine("a fox")
    assert footer(reply) == AS_WRITTEN
    assert prompts(setup) == ["a fox"]
    assert "today**: 1 of 10 used" in (await setup.ada.use("usage")).text
    assert not any(setup.images.key in line for line in bot.log)


@pytest.mark.parametrize("fault", sorted(HARMLESS))
async def test_what_is_only_odd_is_made_good(setup: Setup, fault: str) -> None:
    await setup.start_bot(IMAGE_MODEL=IMAGINE)
    setup.images.inject_fault(fault)
    assert footer(await setup.ada.imagine("a fox")).startswith(revised("a fox"))


async def test_a_chat_model_that_never_answers_is_waited_for_and_then_left_alone(setup: Setup) -> None:
    bot = await setup.start_bot(IMAGE_MODEL=IMAGINE)
    setup.images.inject_fault("chat_hang", 9)
    replies = await asyncio.gather(*(setup.ada.imagine(f"fox {n}") for n in range(3)))
    assert {footer(reply) for reply in replies} == {AS_WRITTEN}
    await log_line(bot, "keeps failing")
    asked = len(setup.images.chats)
    assert footer(await setup.ada.imagine("a cat")) == AS_WRITTEN
    assert len(setup.images.chats) == asked


async def test_the_words_that_moderators_block_hold_for_what_the_chat_model_writes(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL=IMAGINE)
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    await mo.submit(await mo.use("limits words"), words=f"weasel\n{revised('a fox').split()[-1].strip('.')}")
    async with asyncio.timeout(PATIENCE):
        while not (await setup.ada.imagine("a weasel")).ephemeral:  # until the form has come through
            pass
    setup.images.requests.clear()
    assert footer(await setup.ada.imagine("a fox")) == AS_WRITTEN
    assert prompts(setup) == ["a fox"]


async def test_a_prompt_that_the_model_has_no_room_for_in_better_words_is_painted_as_it_is(
    setup: Setup,
) -> None:
    await setup.start_bot(IMAGE_MODEL=IMAGINE)
    prompt = "a fox " * 300
    assert footer(await setup.ada.imagine(prompt)) == AS_WRITTEN
    assert not setup.images.chats


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, setup: Setup) -> str:
    return setup.database_url if request.param == "sqlite" else request.getfixturevalue("postgres_url")


async def test_who_takes_over_a_prompt_that_was_being_revised_asks_again_and_paints_once(
    setup: Setup, url: str
) -> None:
    setup.images.inject_fault("chat_hang")
    crash = await begin_crash(setup, url, IMAGE_MODEL=IMAGINE)
    await until(lambda: len(setup.images.chats) == 1)
    await crash.kill()
    await setup.start_bot(DATABASE_URL=url, IMAGE_MODEL=IMAGINE)
    assert footer(await crash.asking.finished()).startswith(revised("a fox"))
    assert (len(setup.images.chats), setup.images.paid) == (2, 1)


@pytest.mark.parametrize(
    ("fault", "below"), [("chat_wrapped", f"{revised('a fox')}\n{BY}"), ("chat_refused", AS_WRITTEN)]
)
async def test_who_takes_over_a_paid_picture_says_below_it_what_was_painted_without_asking_again(
    setup: Setup, url: str, fault: str, below: str
) -> None:
    setup.images.inject_fault(fault)
    setup.images.inject_fault("picture_hang")
    crash = await begin_crash(setup, url, IMAGE_MODEL=IMAGINE)
    await until(lambda: bool(setup.images.downloads))
    await crash.kill()
    await setup.start_bot(DATABASE_URL=url, IMAGE_MODEL=IMAGINE)
    assert footer(await crash.asking.finished()) == below
    assert (len(setup.images.chats), setup.images.paid) == (1, 1)


async def test_what_was_made_of_a_prompt_is_in_the_members_own_data(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL=IMAGINE)
    await setup.ada.imagine("a fox")
    [file] = (await setup.ada.use("privacy show")).attachments
    [generation] = json.loads(file.data)["generations"]
    assert (generation["revised_prompt"], generation["revision_usd"]) == (revised("a fox"), "0.0001")


async def test_a_member_and_a_server_can_do_without_a_revised_prompt(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL=IMAGINE)
    reply = await setup.ada.use("imagine", prompt="a fox", revise="no")
    assert footer(reply) == BY
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    await mo.use("limits revise", allowed=False)
    assert footer(await setup.ada.imagine("a fox")) == BY
    assert not setup.images.chats
