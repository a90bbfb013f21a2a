"""The ways to a member, over real sockets: the token, the message, the channel, the member alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import aiohttp
import discord
import pytest

from bot.core.errors import DeliveryFailed, Interrupted
from bot.core.generation import Painting, Picture, Request
from bot.core.limits import Caller, Standing
from bot.core.recovery import Sight
from bot.core.workshop import Shown
from bot.ui.delivery import Delivery
from sandbox.discord import Discord, Member, Seen
from sandbox.discord.asking import Asking
from sandbox.discord.world import Channel
from sandbox.images.painter import Painter
from tests.core.samples import meter
from tests.sandbox.discord.library import logged_in

STANDINGS = (Standing(meter(), 3),)


async def as_it_is(picture: Picture, _: int) -> Picture:
    return picture


async def halved(picture: Picture, limit: int) -> Picture:
    """To whatever is asked for."""
    return Picture(picture.content[:limit], picture.media_type, picture.revised_prompt)


class Post:
    """A bot that is logged in and nothing more, and one command that it has acknowledged."""

    def __init__(self, look_alike: Discord, client: discord.Client) -> None:
        self.discord, self.client = look_alike, client
        self.server = look_alike.server("Tea House")
        self.ada: Member = self.server.member("Ada")
        self.channel: Channel = self.server.channel("art")
        self.asking: Asking = self.ada.begin("imagine", channel=self.channel, forged=True, prompt="a fox")

    @property
    def request(self) -> Request:
        caller = Caller(self.ada.id, self.server.id, (self.channel.id,))
        about = self.asking.interaction
        return Request(about.id, caller, "a fox", 1, self.discord.world.bot.id, about.token)

    @property
    def message(self) -> int | None:
        original = self.asking.interaction.original
        return original.id if original else None

    async def acknowledge(self) -> None:
        about = self.asking.interaction
        url = f"{self.discord.api_url}/interactions/{about.id}/{about.token}/callback"
        async with aiohttp.ClientSession() as session, session.post(url, json={"type": 5}) as answer:
            assert answer.ok

    def delivery(self, *, message_known: bool = True, limit: int = 10**7, shrinks: bool = False) -> Delivery:
        message = self.message if message_known else None
        fit = halved if shrinks else as_it_is
        return Delivery(self.client, fit, self.request, message=message, upload_limit=limit)

    def later(self, seconds: float) -> Delivery:
        """So long after the command."""
        then = discord.utils.snowflake_time(self.request.id) + timedelta(seconds=seconds)
        return Delivery(self.client, as_it_is, self.request, message=self.message, clock=lambda: then)

    def ask_anew(self) -> None:
        """Another command, that nobody has acknowledged."""
        self.asking = self.ada.begin("imagine", channel=self.channel, forged=True, prompt="a fox")

    async def deliver(
        self, *, message_known: bool = True, limit: int = 10**7, shrinks: bool = False
    ) -> Shown:
        content = await Painter("plain").picture("a fox", 0, "png")
        painting = Painting((Picture(content, "image/png", "a red fox"),), "grok-2-image")
        delivery = self.delivery(message_known=message_known, limit=limit, shrinks=shrinks)
        return await delivery.deliver("a fox", painting, STANDINGS)

    def said_in(self, channel: Channel) -> list[Seen]:
        return [Seen(message) for message in self.discord.messages.by_channel.get(channel.id, {}).values()]


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with Discord() as look_alike, logged_in(look_alike) as client:
        post = Post(look_alike, client)
        await post.acknowledge()
        yield post


async def test_while_the_token_lives_it_edits_the_reply(post: Post) -> None:
    shown = await post.deliver()
    assert shown == Shown(post.message)
    assert len(post.asking.reply.attachments) == 1
    assert "3 / 10" in post.asking.reply.text


async def test_once_the_token_is_dead_the_bot_edits_its_message(post: Post) -> None:
    post.asking.expire_token()
    shown = await post.deliver()
    assert shown.message == post.message
    assert len(post.asking.reply.attachments) == 1
    assert not post.asking.reply.text.startswith("thinking")


async def test_a_message_that_is_not_known_is_posted_anew_and_only_once(post: Post) -> None:
    post.asking.expire_token()
    await post.deliver(message_known=False)
    shown = await post.deliver(message_known=False)
    _, posted = post.said_in(post.channel)
    assert posted.message is not None
    assert shown.message == posted.message.id
    assert len(posted.attachments) == 1


@pytest.mark.parametrize("token_dead", [False, True])
async def test_what_somebody_deleted_is_not_put_there_again(post: Post, token_dead: bool) -> None:
    delivery = post.delivery()
    assert post.asking.interaction.original
    post.discord.messages.delete(post.asking.interaction.original)
    if token_dead:
        post.asking.expire_token()
    content = await Painter("plain").picture("a fox", 0, "png")
    shown = await delivery.deliver("a fox", Painting((Picture(content, "image/png"),), "m"), STANDINGS)
    assert shown == Shown()
    assert post.said_in(post.channel) == []
    assert post.said_in(post.ada.dm) == []


def channel_deleted(post: Post) -> None:
    post.server.delete(post.channel)


def permission_lost(post: Post) -> None:
    post.server.revoke_from_bot(view_channel=True)


@pytest.mark.parametrize("misfortune", [channel_deleted, permission_lost])
async def test_where_the_channel_is_closed_the_member_gets_it_alone(
    post: Post, misfortune: Callable[[Post], None]
) -> None:
    if misfortune is permission_lost:  # which takes nothing from the token
        post.asking.expire_token()
    misfortune(post)
    for _ in range(2):
        assert await post.deliver() == Shown(privately=True)
    [written] = post.said_in(post.ada.dm)
    assert len(written.attachments) == 1


async def test_where_no_way_is_open_it_is_nowhere(post: Post) -> None:
    post.asking.expire_token()
    post.server.delete(post.channel)
    post.ada.close_messages()
    assert await post.deliver() == Shown()


async def test_what_discord_calls_too_large_is_sent_smaller(post: Post) -> None:
    post.discord.faults.next("edit_original", status=413)
    shown = await post.deliver(limit=1000, shrinks=True)
    assert shown.message
    [file] = post.asking.reply.attachments
    assert len(file.data) == 500


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_way_that_discord_closes_with_whatever_code_is_left_for_another(
    post: Post, status: int
) -> None:
    """Explicit content (400, 20009), for one."""
    post.discord.faults.next("edit_original", status=status, times=None)
    assert await post.deliver() == Shown(post.message)
    assert len(post.asking.reply.attachments) == 1


async def test_a_discord_that_goes_on_failing_is_tried_again_later(post: Post) -> None:
    post.discord.faults.cut("edit_original", times=3)
    with pytest.raises(DeliveryFailed):
        await post.deliver()


@pytest.mark.parametrize("token_dead", [False, True])
async def test_an_apology_stands_where_the_picture_would(post: Post, token_dead: bool) -> None:
    if token_dead:
        post.asking.expire_token()
    message = await post.delivery().apologise(Interrupted(), returned=True)
    assert message == post.message
    assert "I was restarted" in post.asking.reply.text


async def test_an_apology_that_discord_does_not_take_is_tried_again_later(post: Post) -> None:
    post.discord.faults.cut("edit_original", times=3)
    with pytest.raises(DeliveryFailed):
        await post.delivery().apologise(Interrupted(), returned=True)


async def test_an_apology_that_nobody_waits_for_is_written_nowhere(post: Post) -> None:
    post.asking.expire_token()
    post.server.delete(post.channel)
    assert await post.delivery().apologise(Interrupted(), returned=True) is None
    assert post.said_in(post.ada.dm) == []


@pytest.mark.parametrize("token_dead", [False, True])
async def test_a_look_tells_thinking_from_words_and_pictures(post: Post, token_dead: bool) -> None:
    if token_dead:
        post.asking.expire_token()
    delivery = post.delivery()
    found = await delivery.look()
    assert (found.sight, found.message) == (Sight.THINKING, post.message)
    await delivery.apologise(Interrupted(), returned=True)
    assert (await delivery.look()).sight is Sight.WORDS
    await post.deliver()
    found = await delivery.look()
    assert (found.sight, found.pictures) == (Sight.PICTURES, 1)
    assert post.asking.interaction.original
    post.discord.messages.delete(post.asking.interaction.original)
    assert (await delivery.look()).sight is Sight.NOTHING


async def test_an_interaction_that_nobody_acknowledged_has_nothing_to_see(post: Post) -> None:
    post.ask_anew()
    assert (await post.later(5).look()).sight is Sight.NOTHING
    assert await post.later(5).apologise(Interrupted(), returned=True) is None


async def test_while_an_acknowledgement_may_still_come_nothing_is_taken_for_its_absence(post: Post) -> None:
    post.ask_anew()
    with pytest.raises(DeliveryFailed):
        await post.later(4.9).look()
    with pytest.raises(DeliveryFailed):
        await post.later(4.9).apologise(Interrupted(), returned=True)


async def test_a_discord_that_does_not_answer_is_no_reason_to_think_anything_is_gone(post: Post) -> None:
    post.discord.faults.cut("get_original", times=None)
    with pytest.raises(DeliveryFailed):
        await post.delivery().look()
