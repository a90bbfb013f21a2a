"""The public answer to one command, over whatever is left of the way to it: the one path of every delivery.

An interaction's token edits the reply for 15 minutes, from any process. After that the bot edits it as a message in the
channel, or posts a new one, or writes to the member.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import discord

from bot.core.clock import Clock
from bot.core.errors import BotError
from bot.core.generation.errors import AcknowledgementPending, DeliveryFailed, PicturesLost
from bot.core.generation.model import Painting, Picture, Request
from bot.core.generation.reply import ReplyState, ReplyStatus, Shown
from bot.core.limits.meters import Standing
from bot.core.retries import DELIVERY
from bot.interactions.context import public_sentences
from bot.interactions.discord_errors import TOKEN_EXPIRED, Then, is_final, judged
from bot.interactions.rest_guard import CUT_OFF, persistently, reason
from bot.interactions.sending import Sending
from bot.interactions.upload_budget import StillOnItsWay, UploadBudget
from bot.ui import error_messages
from bot.ui.embeds import painting_message
from bot.ui.outgoing_message import OutgoingMessage

log = logging.getLogger(__name__)

T = TypeVar("T")
Fit = Callable[[Picture, int], Awaitable[Picture]]
"""Re-encodes a picture to at most so many bytes; one that is small enough comes back as it is."""

CALL_SECONDS = 40.0
"""For one call to Discord without files: its library repeats by itself what Discord answers with 5xx, for 25 s."""
ACKNOWLEDGED_WITHIN = timedelta(seconds=6)
"""Discord takes a first answer for 3 s; one that was sent by then may be carried out a little later. Its clock is known
to the second."""
UPLOAD_LIMIT = 10 * 1024 * 1024
"""Bytes of one attachment, where Discord has not said what it is here."""
REQUEST_LIMIT = 25 * 1024 * 1024
"""Bytes of a whole request, where one attachment may not have more: https://docs.discord.com/developers/reference#uploading-files"""
SPARE = 64 * 1024
"""For all in a request that is no file."""

PRIVATE_SECONDS = 10.0

ORIGINAL: Any = "@original"
"""The reply to an interaction, whatever its id. discord.py asks for a number, and puts anything into the path."""


class _NoWay(Exception):
    """This way to the member is closed; another may be open."""


class Delivery:
    """Implements `AbandonedReply` of `bot.core.generation.reply`.

    `message` is the public reply, where it is known; `clock` (aware) is Discord's, and says how old the command is.
    """

    def __init__(
        self,
        client: discord.Client,
        fit: Fit,
        request: Request,
        *,
        message: int | None = None,
        upload_limit: int = UPLOAD_LIMIT,
        upload_budget: UploadBudget | None = None,
        clock: Clock = discord.utils.utcnow,
    ) -> None:
        self.message = message
        self._client = client
        self._fit = fit
        self._request = request
        self._upload_limit = upload_limit
        self._upload_budget = upload_budget or UploadBudget()
        self._clock = clock
        self._say = public_sentences(request.caller)
        self._token_expired = not request.token

    async def deliver(self, prompt: str, painting: Painting, standings: Sequence[Standing]) -> Shown:
        """One upload at a time; smaller where Discord calls it too large, or the line is too slow for it."""
        room = max(self._upload_limit, REQUEST_LIMIT) - SPARE

        async def upload() -> Shown:
            nonlocal room
            most = min(room, self._upload_budget.limit or room)
            message = await self._with_pictures(prompt, painting, standings, most)
            try:
                return await self.send(message)
            except discord.HTTPException:
                room = message.upload_size // 2
                raise

        try:
            return await DELIVERY(upload, _worth_another)
        except (discord.HTTPException, *CUT_OFF) as error:
            raise DeliveryFailed(reason(error)) from error

    async def send(self, message: OutgoingMessage) -> Shown:
        """Over the first way that is open. Raises what Discord answers where it may take it another time."""
        sending = Sending(message, self._client)
        return await self._upload_budget.carry(self._request.id, sending, self._show(sending))

    async def _with_pictures(
        self, prompt: str, painting: Painting, standings: Sequence[Standing], most: int
    ) -> OutgoingMessage:
        """With at most `most` bytes of them."""
        each = min(self._upload_limit, most // len(painting.pictures))
        fitting = []
        for picture in painting.pictures:
            try:
                fitting.append(await self._fit(picture, each))
            except PicturesLost:  # it can't be made smaller, so it goes as it is, where Discord takes it so
                if len(picture.content) > self._upload_limit:
                    raise
                fitting.append(picture)
        caller = self._request.caller
        link = f"https://discord.com/channels/{caller.server}/{caller.channel}"
        return painting_message(
            prompt, replace(painting, pictures=tuple(fitting)), standings, link, self._say
        )

    async def apologise(self, failure: BotError, *, returned: bool) -> int | None:
        sentence = error_messages.apology(failure, returned=returned, say=self._say)
        sending = Sending(OutgoingMessage(sentence), self._client)
        for way in (self._edit_by_token, self._edit_as_message):
            try:
                message = (await way(sending)).message
            except _NoWay:
                continue
            except (discord.HTTPException, *CUT_OFF) as error:
                raise DeliveryFailed(reason(error)) from error
            if message and way == self._edit_by_token and await self._make_private(sentence):
                return None
            return message
        self._make_sure_that_none_comes()
        return None

    async def _make_private(self, sentence: str) -> bool:
        """Say it to the member alone, with the prompt, and take it out of the channel; False where it stays there.

        By now it stands in the channel, so nothing is lost if this fails. Before that, Discord would ignore that a
        follow-up is private; and it would take none once the acknowledgement is deleted.
        """
        private = OutgoingMessage(error_messages.with_prompt(sentence, self._request.prompt))
        try:
            async with asyncio.timeout(PRIVATE_SECONDS):
                await self._webhook().send(
                    **Sending(private, self._client).post_options(), ephemeral=True, wait=True
                )
                await self._webhook().delete_message(ORIGINAL)
        except (discord.HTTPException, *CUT_OFF) as error:
            log.info("generation %d: its failure stays in the channel: %s", self._request.id, reason(error))
            return False
        return True

    async def look(self) -> ReplyStatus:
        for way in (self._fetch_by_token, self._fetch_as_message):
            try:
                return _seen(await _with_patience(way))
            except _NoWay:
                continue
            except discord.HTTPException as error:
                if not isinstance(self._closed(error), _NoWay):
                    raise DeliveryFailed(reason(error)) from error
            except CUT_OFF as error:
                raise DeliveryFailed(reason(error)) from error
        self._make_sure_that_none_comes()
        return ReplyStatus(ReplyState.NOTHING)

    def _make_sure_that_none_comes(self) -> None:
        """An acknowledgement that is still on its way, of a process that has ended, would stand for ever."""
        age = self._clock() - discord.utils.snowflake_time(self._request.id)
        if self.message is None and age < ACKNOWLEDGED_WITHIN:
            left = min(ACKNOWLEDGED_WITHIN - age, ACKNOWLEDGED_WITHIN)  # whatever the clocks say
            raise AcknowledgementPending(left.total_seconds())

    async def _fetch_by_token(self) -> discord.Message:
        if self._token_expired:
            raise _NoWay("its token is no longer good")
        return await self._webhook().fetch_message(ORIGINAL)

    async def _fetch_as_message(self) -> discord.Message:
        if self.message is None:
            raise _NoWay("its message is not known")
        return await self._channel().fetch_message(self.message)

    async def _show(self, sending: Sending) -> Shown:
        for way in (self._edit_by_token, self._edit_as_message, self._post, self._write_to_member):
            try:
                return await way(sending)
            except _NoWay as closed:
                log.info("generation %d: %s", self._request.id, closed)
        return Shown()

    async def _edit_by_token(self, sending: Sending) -> Shown:
        if self._token_expired:
            raise _NoWay("its token is no longer good")
        return await self._edit(
            sending, lambda: self._webhook().edit_message(ORIGINAL, **sending.edit_options())
        )

    async def _edit_as_message(self, sending: Sending) -> Shown:
        if self.message is None:
            raise _NoWay("its message is not known")
        partial = self._channel().get_partial_message(self.message)
        return await self._edit(sending, lambda: partial.edit(**sending.edit_options()))

    async def _edit(self, sending: Sending, edit: Callable[[], Awaitable[discord.Message]]) -> Shown:
        try:
            return Shown((await self._called(sending, edit)).id)
        except discord.HTTPException as error:
            if judged(error.status, error.code) is Then.ASK and await self._channel_is_there():
                # Somebody took it away: what they did not want to see is not put there again.
                log.info("generation %d: its message was deleted", self._request.id)
                return Shown()
            raise self._closed(error) from error

    async def _channel_is_there(self) -> bool:
        """By an interaction's token, Discord says the same of a deleted message and of one in a deleted channel."""
        try:
            await _with_patience(lambda: self._client.http.get_channel(self._request.caller.channel))
        except discord.HTTPException as error:
            if error.status >= 500 or error.status == 429:
                raise
            return error.status == 403  # there, and closed to the bot
        return True

    async def _post(self, sending: Sending) -> Shown:
        return Shown(await self._send_to(self._channel(), sending))

    async def _write_to_member(self, sending: Sending) -> Shown:
        member = discord.Object(self._request.caller.member)
        try:
            direct = await _with_patience(lambda: self._client.create_dm(member))
        except discord.HTTPException as error:
            raise self._closed(error) from error
        await self._send_to(direct, sending)
        return Shown(privately=True)

    async def _send_to(self, channel: discord.abc.Messageable, sending: Sending) -> int:
        """With the generation's id as the nonce: however often it is sent, it is there once."""
        try:
            posted = await self._called(
                sending, lambda: channel.send(**sending.post_options(), nonce=self._request.id)
            )
        except discord.HTTPException as error:
            raise self._closed(error) from error
        return posted.id

    async def _called(self, sending: Sending, call: Callable[[], Awaitable[T]]) -> T:
        """An upload has its own deadlines, which grow with it; and is made smaller before it is made again."""
        if sending.message.files:
            return await persistently(call, None, cut_off_too=False)
        return await _with_patience(call)

    def _closed(self, error: discord.HTTPException) -> Exception:
        self._token_expired |= error.code == TOKEN_EXPIRED
        return _NoWay(reason(error)) if is_final(error) else error

    def _webhook(self) -> discord.Webhook:
        webhook = discord.Webhook.partial(self._request.application, self._request.token, client=self._client)
        webhook.proxy = self._client.http.proxy  # which discord.py 2.7.1 forgets
        # As those of interactions are: only they say things privately.
        webhook.type = discord.WebhookType.application
        return webhook

    def _channel(self) -> discord.PartialMessageable:
        caller = self._request.caller
        return self._client.get_partial_messageable(caller.channel, guild_id=caller.server)


def _seen(message: discord.Message) -> ReplyStatus:
    if message.flags.loading:
        return ReplyStatus(ReplyState.THINKING, message.id)
    pictures = len(message.embeds)
    return ReplyStatus(ReplyState.PICTURES if pictures else ReplyState.WORDS, message.id, pictures)


def _worth_another(error: Exception) -> bool:
    """At once: what Discord calls too large is made smaller, and so is what took the line too long."""
    if isinstance(error, discord.HTTPException):
        return judged(error.status, error.code) is Then.SMALLER
    return isinstance(error, CUT_OFF) and not isinstance(error, StillOnItsWay)


async def _with_patience(call: Callable[[], Awaitable[T]]) -> T:
    return await persistently(call, CALL_SECONDS)
