"""The ways to a member, over real sockets: the token, the message, the channel, the member alone."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, assert_never

import aiohttp
import discord
import pytest
from discord import Embed, ui
from discord.webhook.async_ import async_context

from bot.core.generation.errors import DeliveryFailed, Interrupted, PicturesLost
from bot.core.generation.ledger import AbandonedGeneration
from bot.core.generation.model import ImageSpec, Order, Painting, Picture, Request, State
from bot.core.generation.reply import Progress, ReplyState, Shown
from bot.core.limits.meters import MeterReading
from bot.core.place import Caller, InServer
from bot.interactions.discord_errors import ANSWERS, UNKNOWN_WEBHOOK, DiscordAnswer, NextAttempt, next_attempt
from bot.interactions.interaction_reply import InteractionReply
from bot.interactions.refused_orders import RefusedOrders
from bot.interactions.replies import AbandonedReplies, DiscordReply
from bot.interactions.rest_guard import DiscordClock, GuardedWebhooks, RequestTimeouts
from bot.interactions.sending import DiscordConnection, UploadBudget
from bot.ui.outgoing_message import OutgoingMessage, Upload
from sandbox.discord import Discord, Member, PendingInteraction, ShownMessage
from sandbox.discord.state.guilds import Channel
from sandbox.images.painter import Painter
from tests.core.factories import meter
from tests.patience import PATIENCE, until
from tests.sandbox.discord.discord_py_client import logged_in

READINGS = (MeterReading(meter(), 3),)


async def as_it_is(picture: Picture, _: int) -> Picture:
    return picture


async def halved(picture: Picture, limit: int) -> Picture:
    """To whatever is asked for."""
    return Picture(picture.content[:limit], picture.media_type, picture.revised_prompt)


MEBIBYTE = 2**20
SCALED = RequestTimeouts(answer=4.0, connect=0.0, slowest_uplink=MEBIBYTE, longest=5.0)
"""Seconds in place of minutes."""


def noise(count: int, size: int) -> tuple[Picture, ...]:
    """Pictures of `size` bytes each."""
    return tuple(Picture(bytes(size), "image/png") for _ in range(count))


class Post:
    """A bot that is logged in and nothing more, and one command that it has acknowledged."""

    private = False

    def __init__(self, look_alike: Discord, client: discord.Client) -> None:
        self.discord, self.client = look_alike, client
        self.server = look_alike.server("Tea House")
        self.ada: Member = self.server.member("Ada")
        self.channel: Channel = self.server.channel("art")
        self.asking: PendingInteraction = self.ada.begin(
            "imagine", channel=self.channel, forged=True, prompt="a fox"
        )

    @property
    def request(self) -> Request:
        caller = Caller(self.ada.id, InServer(self.server.id, self.channel.id))
        about = self.asking.interaction
        spec = ImageSpec("a fox", private=self.private)
        return Request(about.id, caller, spec, self.discord.state.bot.id, about.token)

    @property
    def message(self) -> int | None:
        original = self.asking.interaction.original
        return original.id if original else None

    async def acknowledge(self) -> None:
        about = self.asking.interaction
        answer_kind = {"type": 5, "data": {"flags": 1 << 6 if self.private else 0}}
        url = f"{self.discord.api_url}/interactions/{about.id}/{about.token}/callback"
        async with aiohttp.ClientSession() as session, session.post(url, json=answer_kind) as answer:
            assert answer.ok

    @property
    def asked(self) -> Counter[str]:
        return Counter(one.route for one in self.discord.traffic)

    def delivery(
        self, *, message_known: bool = True, limit: int = 10**7, shrinks: bool = False
    ) -> DiscordReply:
        message = self.message if message_known else None
        fit = halved if shrinks else as_it_is
        return DiscordReply(
            self.client, self.request, fit, UploadBudget(), message=message, upload_limit=limit
        )

    async def deliver_all(self, pictures: tuple[Picture, ...], upload_budget: UploadBudget) -> Shown | None:
        delivery = DiscordReply(self.client, self.request, halved, upload_budget, message=self.message)
        return await delivery.deliver("foxes", Painting(pictures, "grok-2-image"), READINGS)

    def later(self, seconds: float) -> DiscordReply:
        """So long after the command."""
        then = discord.utils.snowflake_time(self.request.id) + timedelta(seconds=seconds)
        return DiscordReply(
            self.client, self.request, as_it_is, UploadBudget(), message=self.message, clock=lambda: then
        )

    def ask_anew(self) -> None:
        """Another command, that nobody has acknowledged."""
        self.asking = self.ada.begin("imagine", channel=self.channel, forged=True, prompt="a fox")

    async def deliver(
        self, *, message_known: bool = True, limit: int = 10**7, shrinks: bool = False
    ) -> Shown | None:
        return await self.deliver_by(self.delivery(message_known=message_known, limit=limit, shrinks=shrinks))

    async def deliver_by(self, delivery: DiscordReply) -> Shown | None:
        content = await Painter("plain").picture("a fox", 0, "png")
        painting = Painting((Picture(content, "image/png", "a red fox"),), "grok-2-image")
        return await delivery.deliver("a fox", painting, READINGS)

    def said_in(self, channel: Channel) -> list[ShownMessage]:
        return [
            ShownMessage(message) for message in self.discord.messages.by_channel.get(channel.id, {}).values()
        ]


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with Discord() as look_alike, logged_in(look_alike) as client:
        post = Post(look_alike, client)
        await post.acknowledge()
        yield post


@pytest.fixture
async def private() -> AsyncIterator[Post]:
    """The same, of a command whose pictures are for the member alone."""
    async with Discord() as look_alike, logged_in(look_alike) as client:
        post = Post(look_alike, client)
        post.private = True
        await post.acknowledge()
        yield post


async def test_while_the_token_lives_it_edits_the_reply(post: Post) -> None:
    shown = await post.deliver()
    assert shown == Shown(post.message)
    assert len(post.asking.reply.attachments) == 1
    assert "3 of 10" in post.asking.reply.text


@pytest.mark.parametrize("token_dead", [False, True])
async def test_a_spoiler_is_blurred_by_whichever_way_and_known_as_a_picture(
    post: Post, token_dead: bool
) -> None:
    if token_dead:
        post.asking.expire_token()
    request = replace(post.request, spec=ImageSpec("a fox", spoiler=True))
    message = None if token_dead else post.message
    delivery = DiscordReply(post.client, request, as_it_is, UploadBudget(), message=message)
    content = await Painter("plain").picture("a fox", 0, "png")
    shown = await delivery.deliver("a fox", Painting((Picture(content, "image/png"),), "m"), READINGS)
    assert shown
    assert shown.message
    message_shown = post.discord.messages.get(post.channel.id, shown.message).as_json()
    [seen] = message_shown["attachments"]
    assert (seen["flags"], seen["filename"]) == (1 << 3, "imagine-1.png")
    assert ["image" in embed for embed in message_shown["embeds"]] == [False]
    found = await DiscordReply(post.client, request, as_it_is, UploadBudget(), message=shown.message).status()
    assert (found.state, found.pictures) == (ReplyState.PICTURES, 1)


QUICK = [answer for answer in ANSWERS if answer.status < 500]
"""discord.py itself repeats a 5xx for 25 s."""


@pytest.mark.parametrize("answer", QUICK, ids=lambda answer: f"{answer.status}-{answer.code}")
async def test_what_discord_answers_by_the_token_decides_what_comes_next(
    post: Post, answer: DiscordAnswer, caplog: pytest.LogCaptureFixture
) -> None:
    """Each row of the table; the message is still there."""
    caplog.set_level(logging.INFO, "bot")
    if answer.status == 429:
        post.discord.faults.rate_limit("edit_original", via=False, times=None)
    post.discord.faults.fail("edit_original", status=answer.status, code=answer.code or 0, times=None)
    try:
        shown: Shown | None = await post.deliver()
    except DeliveryFailed:
        shown = None
    tried = post.asked["edit_original"]
    match answer.next_attempt:
        case NextAttempt.NEXT_WAY:
            assert (shown, tried) == (Shown(post.message), 1)
            assert len(post.asking.reply.attachments) == 1
        case NextAttempt.CHECK_CHANNEL:  # and the channel is there
            assert (shown, tried) == (None, 1)
            assert post.asking.reply.state == "thinking"
        case NextAttempt.SOON:
            assert (shown, tried) == (Shown(post.message), 3)
        case NextAttempt.SMALLER:
            assert (shown, tried) == (None, 3)
        case NextAttempt.LATER:
            assert (shown, tried) == (None, 1)
        case _:
            assert_never(answer.next_attempt)
    assert not [
        record for record in caplog.records if record.levelno > logging.INFO and record.name[:3] == "bot"
    ]


def test_the_document_has_the_same_table() -> None:
    document = (Path(__file__).parents[2] / "docs" / "RELIABILITY.md").read_text("utf-8")
    for answer in ANSWERS:
        code = f" {answer.code}" if answer.code else ""
        assert f"| {answer.status}{code} | {answer.means} | {answer.next_attempt.value} |" in document


def test_codes_that_are_not_in_the_table_are_judged_by_their_status() -> None:
    assert (
        next_attempt(404, 0) is next_attempt(403, 12345) is next_attempt(400, 50035) is NextAttempt.NEXT_WAY
    )
    assert next_attempt(502, 0) is next_attempt(503, 0) is next_attempt(429, 31002) is NextAttempt.LATER
    assert next_attempt(413, 0) is NextAttempt.SMALLER


async def test_a_line_that_is_slow_is_given_time_for_what_it_carries(post: Post) -> None:
    post.discord.faults.throttle("edit_original", 4 * MEBIBYTE)
    async_context.set(GuardedWebhooks(DiscordClock(), SCALED))
    shown = await post.deliver_all(noise(4, MEBIBYTE), UploadBudget(timeouts=SCALED))
    assert shown == Shown(post.message)
    assert [len(file.data) for file in post.asking.reply.attachments] == 4 * [MEBIBYTE]
    assert post.asked["edit_original"] == 1


async def test_what_is_too_much_for_a_line_is_sent_smaller_and_what_was_learned_is_kept(post: Post) -> None:
    post.discord.faults.throttle("edit_original", MEBIBYTE, times=1)
    post.discord.faults.throttle("edit_original", 3 * MEBIBYTE)  # for less: well within the time for it
    async_context.set(GuardedWebhooks(DiscordClock(), SCALED))
    upload_budget = UploadBudget(timeouts=SCALED)
    shown = await post.deliver_all(noise(4, 4 * MEBIBYTE), upload_budget)
    assert shown == Shown(post.message)
    assert len(post.asking.reply.attachments) == 4
    assert post.asked["edit_original"] == 1  # of those that came whole
    assert post.asked["send_message"] == post.asked["edit_message"] == 0
    post.discord.faults.clear()
    assert upload_budget.limit
    await post.deliver_all(noise(4, 4 * MEBIBYTE), upload_budget)
    assert sum(len(file.data) for file in post.asking.reply.attachments) <= upload_budget.limit


async def test_the_same_is_never_uploaded_twice_at_once(post: Post) -> None:
    held, upload_budget = post.discord.faults.hold("edit_original"), UploadBudget()
    pictures = noise(1, 1000)
    first = asyncio.create_task(post.deliver_all(pictures, upload_budget))
    await post.discord.traffic.changes.wait_for(lambda: post.asked["edit_original"] == 1, PATIENCE)
    first.cancel()
    with pytest.raises(DeliveryFailed):
        await post.deliver_all(pictures, upload_budget)
    held.set()
    await asyncio.gather(first, return_exceptions=True)
    await post.asking.wait_for(lambda reply: reply.state == "done")
    await asyncio.sleep(0.1)
    assert await post.deliver_all(pictures, upload_budget) == Shown(post.message)


async def unfit(picture: Picture, limit: int) -> Picture:
    """As one that can't be decoded."""
    if len(picture.content) > limit:
        raise PicturesLost
    return picture


async def test_what_cannot_be_made_smaller_goes_slowly_as_it_is(post: Post) -> None:
    upload_budget = UploadBudget()
    upload_budget.limit = 1000
    [picture] = noise(1, MEBIBYTE)
    delivery = DiscordReply(post.client, post.request, unfit, upload_budget, message=post.message)
    await delivery.deliver("a fox", Painting((picture,), "grok-2-image"), READINGS)
    assert [len(file.data) for file in post.asking.reply.attachments] == [MEBIBYTE]


async def test_ten_pictures_that_are_more_than_a_request_takes_are_sent_smaller(post: Post) -> None:
    shown = await post.deliver_all(noise(10, 4 * MEBIBYTE), UploadBudget())
    assert shown == Shown(post.message)
    assert len(post.asking.reply.attachments) == 10


async def test_once_the_token_is_dead_the_bot_edits_its_message(post: Post) -> None:
    post.asking.expire_token()
    shown = await post.deliver()
    assert shown == Shown(post.message)
    assert len(post.asking.reply.attachments) == 1
    assert not post.asking.reply.text.startswith("thinking")


async def test_a_token_that_discord_has_called_dead_is_not_tried_again(post: Post) -> None:
    delivery = post.delivery()
    post.asking.expire_token()
    await delivery.status()
    await delivery.deliver("a fox", Painting(noise(1, 100), "grok-2-image"), READINGS)
    assert (post.asked["get_original"], post.asked["edit_original"]) == (1, 0)


async def test_what_is_posted_late_says_whom_it_is_for_and_an_edit_need_not(post: Post) -> None:
    await post.deliver()
    assert post.asking.reply.embeds[0].description == "> a fox"
    post.asking.expire_token()
    await post.deliver(message_known=False)
    [late] = [one for one in post.said_in(post.channel) if one.message and one.message.id != post.message]
    assert late.embeds[0].description == f"> a fox\n-# Asked for by <@{post.ada.id}>"
    assert late.pings == frozenset()


async def test_a_message_that_is_not_known_is_posted_anew_and_only_once(post: Post) -> None:
    post.asking.expire_token()
    await post.deliver(message_known=False)
    shown = await post.deliver(message_known=False)
    _, posted = post.said_in(post.channel)
    assert posted.message is not None
    assert shown == Shown(posted.message.id)
    assert len(posted.attachments) == 1


@pytest.mark.parametrize("token_dead", [False, True])
async def test_what_somebody_deleted_is_not_put_there_again(post: Post, token_dead: bool) -> None:
    delivery = post.delivery()
    assert post.asking.interaction.original
    post.discord.messages.delete(post.asking.interaction.original)
    if token_dead:
        post.asking.expire_token()
    content = await Painter("plain").picture("a fox", 0, "png")
    shown = await delivery.deliver("a fox", Painting((Picture(content, "image/png"),), "m"), READINGS)
    assert shown is None
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
        assert await post.deliver() == Shown(None)
    [written] = post.said_in(post.ada.dm)
    assert len(written.attachments) == 1


async def test_where_no_way_is_open_it_is_nowhere(post: Post) -> None:
    post.asking.expire_token()
    post.server.delete(post.channel)
    post.ada.block_direct_messages()
    assert await post.deliver() is None


def with_button(post: Post) -> OutgoingMessage:
    """As a picture would have it; and a name that nobody is to be notified of."""
    again: ui.Button[ui.View] = ui.Button(label="Again", custom_id="again:1")
    files = (Upload("fox.png", b"a fox", "a red fox"),)
    return OutgoingMessage(f"For <@{post.ada.id}>", files=files, components=ui.View().add_item(again))


def live(post: Post) -> DiscordReply:
    """The process that was given the command."""
    data: Any = {
        "id": str(post.request.id),
        "token": post.request.token,
        "type": 2,
        "version": 1,
        "application_id": str(post.request.application),
        "attachment_size_limit": 10**7,
    }
    interaction: discord.Interaction[Any] = discord.Interaction(data=data, state=post.client._connection)
    return InteractionReply(interaction, post.request, as_it_is, UploadBudget(), RefusedOrders())


def after_a_restart(post: Post) -> DiscordReply:
    connection = DiscordConnection()
    connection.logged_in(post.client)
    left = AbandonedGeneration(
        post.request, State.PAID, discord.utils.utcnow(), post.message, Order("m", ()), ()
    )
    return AbandonedReplies(connection, as_it_is, UploadBudget(), discord.utils.utcnow).to(left)


def by_its_message(post: Post) -> DiscordReply:
    post.asking.expire_token()
    return after_a_restart(post)


def into_the_channel(post: Post) -> DiscordReply:
    post.asking.expire_token()
    return post.delivery(message_known=False)


def to_the_member(post: Post) -> DiscordReply:
    post.server.delete(post.channel)
    return after_a_restart(post)


@pytest.mark.parametrize(
    "way",
    [live, after_a_restart, by_its_message, into_the_channel, to_the_member],
    ids=lambda way: way.__name__,
)
async def test_a_message_arrives_whole_by_whichever_way(
    post: Post, way: Callable[[Post], DiscordReply]
) -> None:
    shown = await way(post).send(with_button(post))
    everywhere = [*post.said_in(post.channel), *post.said_in(post.ada.dm)]
    [arrived] = [one for one in everywhere if one.attachments]
    assert arrived.message
    assert shown == (Shown(None) if way is to_the_member else Shown(arrived.message.id))
    assert (arrived.content, arrived.pings) == (f"For <@{post.ada.id}>", frozenset())
    assert [(file.data, file.description) for file in arrived.attachments] == [(b"a fox", "a red fox")]
    assert [one["custom_id"] for one in arrived.components if "custom_id" in one] == ["again:1"]
    assert post.client._connection._view_store._views == {}  # any process answers what is pressed


async def test_what_is_sent_again_is_sent_whole(post: Post) -> None:
    post.discord.faults.fail("edit_original", status=404, code=UNKNOWN_WEBHOOK)
    await live(post).send(with_button(post))
    reply = post.asking.reply
    assert post.asked["edit_original"] == 2
    assert [file.data for file in reply.attachments] == [b"a fox"]
    assert [one["custom_id"] for one in reply.components if "custom_id" in one] == ["again:1"]


@pytest.mark.parametrize("way", [after_a_restart, by_its_message])
async def test_nothing_is_left_of_what_a_message_takes_the_place_of(
    post: Post, way: Callable[[Post], DiscordReply]
) -> None:
    delivery = way(post)
    await delivery.send(with_button(post))
    await delivery.send(OutgoingMessage(embeds=(discord.Embed(description="fox"),)))
    reply = post.asking.reply
    assert (reply.content, reply.components, reply.attachments) == ("", [], [])
    assert [embed.description for embed in reply.embeds] == ["fox"]


async def test_what_discord_calls_too_large_is_sent_smaller(post: Post) -> None:
    post.discord.faults.fail("edit_original", status=413)
    shown = await post.deliver(limit=1000, shrinks=True)
    assert shown
    [file] = post.asking.reply.attachments
    assert len(file.data) == 500


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_way_that_discord_closes_with_whatever_code_is_left_for_another(
    post: Post, status: int
) -> None:
    """Explicit content (400, 20009), for one."""
    post.discord.faults.fail("edit_original", status=status, times=None)
    assert await post.deliver() == Shown(post.message)
    assert len(post.asking.reply.attachments) == 1


async def test_a_discord_that_goes_on_failing_is_tried_again_later(post: Post) -> None:
    post.discord.faults.cut("edit_original", times=3)
    with pytest.raises(DeliveryFailed):
        await post.deliver()


async def test_a_failure_is_told_to_the_member_alone_with_their_prompt_and_leaves_the_channel(
    post: Post,
) -> None:
    assert await post.delivery().apologise(Interrupted(), returned=True) is None
    assert post.asking.reply.state == "deleted"
    [private] = post.asking.reply.followups
    assert private.ephemeral
    assert private.text.startswith("I was restarted")
    assert private.text.endswith("> a fox")


@pytest.mark.parametrize("route", ["followup", "delete_original"])
async def test_a_failure_that_cannot_be_made_private_stays_in_the_channel(post: Post, route: str) -> None:
    post.discord.faults.fail(route, status=404, times=None)
    assert await post.delivery().apologise(Interrupted(), returned=True) == post.message
    assert post.asking.reply.state == "done"
    assert "I was restarted" in post.asking.reply.text


async def test_a_failure_that_comes_after_the_15_minutes_stands_where_the_picture_would(post: Post) -> None:
    post.asking.expire_token()
    assert await post.delivery().apologise(Interrupted(), returned=True) == post.message
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
    found = await delivery.status()
    assert (found.state, found.message) == (ReplyState.THINKING, post.message)
    post.discord.faults.cut("followup")
    await delivery.apologise(Interrupted(), returned=True)
    assert (await delivery.status()).state is ReplyState.WORDS
    await post.deliver()
    found = await delivery.status()
    assert (found.state, found.pictures) == (ReplyState.PICTURES, 1)
    assert post.asking.interaction.original
    post.discord.messages.delete(post.asking.interaction.original)
    assert (await delivery.status()).state is ReplyState.NOTHING


@pytest.mark.parametrize("token_dead", [False, True])
async def test_a_look_knows_pictures_by_themselves_and_not_by_what_is_said_around_them(
    post: Post, token_dead: bool
) -> None:
    if token_dead:
        post.asking.expire_token()
    delivery = post.delivery()
    await delivery.send(OutgoingMessage(embeds=(Embed(description="being painted"),)))
    assert (await delivery.status()).state is ReplyState.THINKING
    files = tuple(Upload(name, b"picture") for name in ("SPOILER_imagine-1.png", "original.jpg"))
    caption = Embed(description="hidden").add_field(name="Daily usage", value="3 of 10")
    await delivery.send(OutgoingMessage(embeds=(caption,), files=files))
    found = await delivery.status()
    assert (found.state, found.pictures) == (ReplyState.PICTURES, 1)


async def test_an_interaction_that_nobody_acknowledged_has_nothing_to_see(post: Post) -> None:
    post.ask_anew()
    assert (await post.later(6).status()).state is ReplyState.NOTHING
    assert await post.later(6).apologise(Interrupted(), returned=True) is None


async def test_while_an_acknowledgement_may_still_come_nothing_is_taken_for_its_absence(post: Post) -> None:
    post.ask_anew()
    with pytest.raises(DeliveryFailed):
        await post.later(5.9).status()
    with pytest.raises(DeliveryFailed):
        await post.later(5.9).apologise(Interrupted(), returned=True)


async def test_a_discord_that_does_not_answer_is_no_reason_to_think_anything_is_gone(post: Post) -> None:
    post.discord.faults.cut("get_original", times=None)
    with pytest.raises(DeliveryFailed):
        await post.delivery().status()


async def test_what_is_private_is_put_where_only_the_member_sees_it(private: Post) -> None:
    assert await private.deliver() == Shown(None)
    assert private.asking.reply.ephemeral
    assert len(private.asking.reply.attachments) == 1
    found = await private.delivery().status()
    assert (found.state, found.pictures) == (ReplyState.PICTURES, 1)


@pytest.mark.parametrize("message_known", [False, True])
@pytest.mark.parametrize("lost", ["token", "reply"])
async def test_what_is_private_goes_to_the_member_where_its_reply_is_lost_and_never_into_the_channel(
    private: Post, lost: str, message_known: bool
) -> None:
    delivery = private.delivery(message_known=message_known)
    if lost == "token":
        private.asking.expire_token()
    else:
        assert private.asking.interaction.original
        private.discord.messages.delete(private.asking.interaction.original)
    assert await delivery.deliver("a fox", Painting(noise(1, 100), "m"), READINGS) == Shown(None)
    [written] = private.said_in(private.ada.dm)
    assert len(written.attachments) == 1
    assert not {"send_message", "edit_message"} & {
        one.route for one in private.discord.traffic if str(private.channel.id) in one.path
    }
    assert not [one for one in private.said_in(private.channel) if one.attachments]


async def test_what_is_private_is_nowhere_where_the_member_takes_no_messages(private: Post) -> None:
    private.asking.expire_token()
    private.ada.block_direct_messages()
    assert await private.delivery().deliver("a fox", Painting(noise(1, 100), "m"), READINGS) is None
    assert not [one for one in private.said_in(private.channel) if one.attachments]


async def test_whether_a_private_reply_is_there_is_asked_by_its_token_alone(private: Post) -> None:
    assert (await private.delivery().status()).state is ReplyState.THINKING
    private.asking.expire_token()
    assert (await private.later(6).status()).state is ReplyState.NOTHING
    assert not {"get_message", "list_messages"} & private.asked.keys()


async def test_a_failure_of_a_private_picture_takes_the_place_of_its_acknowledgement(private: Post) -> None:
    assert await private.delivery().apologise(Interrupted(), returned=True) is None
    assert private.asking.reply.ephemeral
    assert private.asking.reply.text.startswith("I was restarted")
    assert private.asking.reply.text.endswith("> a fox")
    assert not private.asking.reply.followups


def looks_like_a_picture(post: Post) -> list[bool]:
    """Of each embed that stands in the reply."""
    assert post.message is not None
    shown = post.discord.messages.get(post.channel.id, post.message).as_json()
    return ["image" in embed for embed in shown["embeds"]]


HALFWAY = Progress(submitted=True, percent=50, usual=12)


async def test_progress_takes_the_place_of_thinking_and_the_picture_that_of_progress(post: Post) -> None:
    async_context.set(GuardedWebhooks(DiscordClock()))
    delivery = post.delivery()
    assert await delivery.show_progress(HALFWAY) == 0.0
    assert "a fox" in post.asking.reply.text
    assert "50 % of the usual 12 seconds" in post.asking.reply.text
    assert (await delivery.status()).state is ReplyState.THINKING
    await post.deliver_by(delivery)
    assert looks_like_a_picture(post) == [True]
    assert "50 %" not in post.asking.reply.text


async def test_progress_that_discord_carries_out_after_the_pictures_does_not_stay_in_their_place(
    post: Post,
) -> None:
    async_context.set(GuardedWebhooks(DiscordClock()))
    delivery = post.delivery()
    held = post.discord.faults.hold("edit_original")
    showing = asyncio.create_task(delivery.show_progress(HALFWAY))
    await until(lambda: post.asked["edit_original"] > 0 or post.discord.faults.pending == 0)
    delivering = asyncio.create_task(post.deliver_by(delivery))
    await until(lambda: looks_like_a_picture(post) == [True])
    held.set()
    assert await delivering
    assert await showing == 0.0
    assert looks_like_a_picture(post) == [True]
    assert len(post.asking.reply.attachments) == 1


async def test_progress_that_was_given_up_and_comes_after_the_pictures_does_not_stay_in_their_place(
    post: Post,
) -> None:
    async_context.set(GuardedWebhooks(DiscordClock()))
    delivery = post.delivery()
    held = post.discord.faults.hold("edit_original")
    assert await delivery.show_progress(HALFWAY) > 0
    delivering = asyncio.create_task(post.deliver_by(delivery))
    await until(lambda: looks_like_a_picture(post) == [True])
    held.set()
    await until(lambda: looks_like_a_picture(post) == [False])
    assert await delivering
    assert looks_like_a_picture(post) == [True]
    assert len(post.asking.reply.attachments) == 1


async def test_pictures_over_which_progress_came_are_not_there_for_whoever_takes_them_over(
    post: Post,
) -> None:
    async_context.set(GuardedWebhooks(DiscordClock()))
    await post.deliver()
    assert await post.delivery().show_progress(HALFWAY) == 0.0
    assert post.asking.reply.attachments
    assert (await post.delivery().status()).state is ReplyState.THINKING
    await post.deliver()
    assert (await post.delivery().status()).state is ReplyState.PICTURES
    assert looks_like_a_picture(post) == [True]
    assert len(post.asking.reply.attachments) == 1


async def test_progress_over_a_rate_limit_is_dropped_and_makes_no_picture_wait(post: Post) -> None:
    async_context.set(GuardedWebhooks(DiscordClock()))
    delivery = post.delivery()
    post.discord.faults.rate_limit("edit_original", retry_after=25.0)
    pause = await delivery.show_progress(HALFWAY)
    assert 25.0 <= pause < math.inf
    assert post.asked["edit_original"] == 1
    async with asyncio.timeout(20.0):  # discord.py would wait for 25 s
        await post.deliver_by(delivery)
    assert looks_like_a_picture(post) == [True]


@pytest.mark.parametrize("status", [500, 503])
async def test_progress_that_discord_fails_at_is_tried_once_and_again_later(post: Post, status: int) -> None:
    async_context.set(GuardedWebhooks(DiscordClock()))
    delivery = post.delivery()
    post.discord.faults.fail("edit_original", status=status)
    assert 0 < await delivery.show_progress(HALFWAY) < math.inf
    assert post.asked["edit_original"] == 1
    post.discord.faults.cut("edit_original")
    assert 0 < await delivery.show_progress(HALFWAY) < math.inf


async def test_there_is_no_progress_where_the_message_is_gone_or_the_token_dead(post: Post) -> None:
    async_context.set(GuardedWebhooks(DiscordClock()))
    delivery = post.delivery()
    assert post.asking.interaction.original
    post.discord.messages.delete(post.asking.interaction.original)
    assert await delivery.show_progress(HALFWAY) == math.inf
    post.ask_anew()
    await post.acknowledge()
    post.asking.expire_token()
    assert await post.delivery().show_progress(HALFWAY) == math.inf


async def test_an_apology_comes_after_the_progress_that_is_on_its_way(post: Post) -> None:
    async_context.set(GuardedWebhooks(DiscordClock()))
    delivery = post.delivery()
    post.discord.faults.fail("followup", status=404, times=None)  # so that it stays in the channel
    held = post.discord.faults.hold("edit_original")
    showing = asyncio.create_task(delivery.show_progress(HALFWAY))
    await until(lambda: post.discord.faults.pending == 1)
    apologising = asyncio.create_task(delivery.apologise(Interrupted(), returned=True))
    await asyncio.sleep(0.05)
    held.set()
    await asyncio.gather(showing, apologising)
    assert "I was restarted" in post.asking.reply.text
    assert "50 %" not in post.asking.reply.text
