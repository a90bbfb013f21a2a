"""Every way in which a member orders a picture: what holds of one holds of all, and the same tests walk them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from sandbox.bot_process import BotProcess
from sandbox.discord import PendingInteraction, Reply
from sandbox.images import ImageApi
from tests.end_to_end.conftest import Setup
from tests.end_to_end.test_edit import FOX
from tests.patience import PATIENCE

Order: TypeAlias = Callable[[], PendingInteraction]


@dataclass(frozen=True)
class Way:
    """`prepare` gets the address of the database, and returns what lets Ada order one picture of a bot that has it.

    `inputs` pictures are attached beside the result, `painted_before` were paid for before, and not counted for Ada.
    """

    prepare: Callable[[Setup, str], Awaitable[Order]]
    inputs: int = 0
    painted_before: int = 0
    private: bool = False
    direct: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.prepare.__name__

    async def begin_with(self, setup: Setup, url: str) -> None:
        """From now on Ada orders in this way."""
        setup.usual_settings.update(self.settings)
        setup.order = await self.prepare(setup, url)

    def meter(self, setup: Setup) -> str:
        """The name of the meter that counts Ada's images."""
        return f"direct/{setup.ada.id}" if self.direct else f"member/{setup.tea_house.id}/{setup.ada.id}"


async def by_command(setup: Setup, _url: str) -> Order:
    return lambda: setup.ada.begin("imagine", prompt="a fox")


async def by_edit(setup: Setup, _url: str) -> Order:
    return lambda: setup.ada.begin("edit", prompt="make it night", image=FOX)


async def by_again(setup: Setup, url: str) -> Order:
    async with _earlier_bot(setup, url):
        shown = await _picture_of_bobs(setup)
    return lambda: setup.ada.begin_press(shown, "Again")


async def by_edit_prompt(setup: Setup, url: str) -> Order:
    form = await _form(setup, url, "Edit prompt")
    return lambda: setup.ada.begin_submit(form, {"prompt": "a red fox"})


async def by_change_it(setup: Setup, url: str) -> Order:
    form = await _form(setup, url, "Change it")
    return lambda: setup.ada.begin_submit(form, {"prompt": "make it night"})


async def by_try_again(setup: Setup, url: str) -> Order:
    async with _earlier_bot(setup, url) as images:
        images.inject_fault("cut_short")
        failed = setup.ada.begin("imagine", prompt="a fox")
        notice = await failed.followed_up(PATIENCE)
    return lambda: setup.ada.begin_press(notice, "Try again")


async def privately(setup: Setup, _url: str) -> Order:
    return lambda: setup.ada.begin("imagine", prompt="a fox", private="yes")


async def in_a_direct_message(setup: Setup, _url: str) -> Order:
    return lambda: setup.ada.begin("imagine", prompt="a fox", channel=setup.ada.dm)


async def where_the_bot_is_not(setup: Setup, _url: str) -> Order:
    elsewhere = setup.discord.server("Elsewhere")
    elsewhere.remove_bot()
    ada = elsewhere.member("Ada", user=setup.ada)
    ada.install_bot()
    return lambda: ada.begin("imagine", prompt="a fox")


async def _form(setup: Setup, url: str, button: str) -> Reply:
    """What that button opened below a picture of Bob's, before the bot was started anew."""
    async with _earlier_bot(setup, url):
        return await setup.ada.press(await _picture_of_bobs(setup), button)


async def _picture_of_bobs(setup: Setup) -> Reply:
    reply = await setup.tea_house.member("Bob").imagine("a fox", within=PATIENCE)
    assert reply.attachments, reply.text
    return reply


@asynccontextmanager
async def _earlier_bot(setup: Setup, url: str) -> AsyncIterator[ImageApi]:
    """A bot with that database and an image API of its own: that of the test has seen nothing of it afterwards."""
    async with ImageApi(style="plain") as images:
        bot = BotProcess(
            setup.discord,
            images,
            {**setup.usual_settings, "DATABASE_URL": url},
            start=setup.start,
            ready_within=PATIENCE,
        )
        async with bot:
            yield images
            assert await bot.terminate() == 0
    setup.discord.traffic.clear()


WAYS = [
    Way(by_command),
    Way(by_edit, inputs=1),
    Way(by_again, painted_before=1),
    Way(by_edit_prompt, painted_before=1),
    Way(by_change_it, inputs=1, painted_before=1),
    Way(by_try_again, painted_before=1),
    Way(privately, private=True),
    Way(in_a_direct_message, direct=True, settings={"DIRECT_DAILY_LIMIT": "10"}),
    Way(where_the_bot_is_not, direct=True, settings={"DIRECT_DAILY_LIMIT": "10"}),
]
