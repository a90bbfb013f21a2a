"""The replies to commands: refused, acknowledged, and delivered over whatever is left of the way to the member.

An interaction's token edits the reply for 15 minutes, from any process. After that the bot edits it as a message in the
channel, or posts a new one, or writes to the member: one path for every delivery, live and after a restart alike.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias

import discord

from bot.core.clock import Clock
from bot.core.errors import AlreadyAcknowledged, BotError
from bot.core.generation.errors import (
    AcknowledgementPending,
    AcknowledgementUnclear,
    DeliveryFailed,
    PicturesLost,
)
from bot.core.generation.ledger import AbandonedGeneration
from bot.core.generation.model import Painting, Picture, Request
from bot.core.generation.reply import ReplyState, ReplyStatus, Shown
from bot.core.limits.meters import MeterReading
from bot.core.retries import DELIVERY
from bot.interactions.connection import DiscordConnection
from bot.interactions.context import private_sentences, public_sentences
from bot.interactions.discord_errors import (
    CUT_OFF,
    TOKEN_EXPIRED,
    NextAttempt,
    is_final,
    next_attempt,
    reason,
    smaller_upload_may_pass,
)
from bot.interactions.responses import acknowledge, answer_privately
from bot.interactions.rest_guard import with_retries
from bot.interactions.sending import Sending, UploadBudget
from bot.ui import error_messages
from bot.ui.embeds import painting_message
from bot.ui.outgoing_message import OutgoingMessage

log = logging.getLogger(__name__)

Fit: TypeAlias = Callable[[Picture, int], Awaitable[Picture]]
"""Re-encodes a picture to at most so many bytes; one that is small enough comes back as it is."""

CALL_SECONDS = 40.0
"""For one call to Discord without files: its library repeats by itself what Discord answers with 5xx, for 25 s."""
ACKNOWLEDGED_WITHIN = timedelta(seconds=6)
"""Discord takes a first answer for 3 s; one that was sent by then may be carried out a little later. Its clock is known
to the second."""
MOST_SEARCHED = 100
"""Messages, in as many seconds as an acknowledgement takes; with one request no more can be had."""
UPLOAD_LIMIT = 10 * 1024 * 1024
"""Bytes of one attachment, where Discord has not said what it is here."""
REQUEST_LIMIT = 25 * 1024 * 1024
"""Bytes of a whole request, where one attachment may not have more: https://docs.discord.com/developers/reference#uploading-files"""
SPARE = 64 * 1024
"""For all in a request that is no file."""

PRIVATE_SECONDS = 10.0

ORIGINAL: Any = "@original"
"""The reply to an interaction, whatever its id. discord.py asks for a number, and puts anything into the path."""


class _WayClosed(Exception):
    """This way to the member is closed; another may be open."""


Way: TypeAlias = Callable[[Sending], Awaitable[Shown]]
"""One way to the member. Raises _WayClosed, and what Discord answers."""


class Delivery:
    """Implements `AbandonedReply` of `bot.core.generation.reply`.

    `message` is the public reply, where it is known; `clock` (aware) is Discord's, and says how old the command is.
    """

    def __init__(
        self,
        client: discord.Client,
        request: Request,
        fit: Fit,
        upload_budget: UploadBudget,
        *,
        message: int | None = None,
        upload_limit: int = UPLOAD_LIMIT,
        clock: Clock = discord.utils.utcnow,
    ) -> None:
        self.message = message
        self._client = client
        self._request = request
        self._fit = fit
        self._upload_budget = upload_budget
        self._upload_limit = upload_limit
        self._clock = clock
        self._say = public_sentences(request.caller)
        self._token_expired = not request.token

    async def deliver(
        self, prompt: str, painting: Painting, readings: Sequence[MeterReading]
    ) -> Shown | None:
        """One upload at a time; smaller where Discord calls it too large, or the uplink is too slow for it."""
        most = max(self._upload_limit, REQUEST_LIMIT) - SPARE

        async def upload() -> Shown | None:
            nonlocal most
            room = min(most, self._upload_budget.limit or most)
            fitting = await self._fitted(painting, room // len(painting.pictures))
            caller = self._request.caller
            link = f"https://discord.com/channels/{caller.server}/{caller.channel}"
            message = painting_message(prompt, fitting, readings, link, self._say)
            try:
                return await self.send(message)
            except discord.HTTPException:
                most = message.upload_size // 2
                raise

        try:
            return await DELIVERY(upload, smaller_upload_may_pass)
        except (discord.HTTPException, *CUT_OFF) as error:
            raise DeliveryFailed(reason(error)) from error

    async def _fitted(self, painting: Painting, size: int) -> Painting:
        """With pictures of at most `size` bytes. One that can't be made smaller goes as it is, if Discord takes it."""
        pictures = []
        for picture in painting.pictures:
            try:
                pictures.append(await self._fit(picture, min(size, self._upload_limit)))
            except PicturesLost:
                if len(picture.content) > self._upload_limit:
                    raise
                pictures.append(picture)
        return replace(painting, pictures=tuple(pictures))

    async def send(self, message: OutgoingMessage) -> Shown | None:
        """Over the first way that is open. Raises what Discord answers where it may take it another time."""
        sending = Sending(message, self._client)
        ways = (self._edit_by_token, self._edit_as_message, self._post, self._write_to_member)
        _, shown = await self._upload_budget.carry(self._request.id, sending, self._send(sending, ways))
        return shown

    async def apologise(self, failure: BotError, *, returned: bool) -> int | None:
        sentence = error_messages.apology(failure, returned=returned, say=self._say)
        sending = Sending(OutgoingMessage(sentence), self._client)
        try:
            way, shown = await self._send(sending, (self._edit_by_token, self._edit_as_message))
        except (discord.HTTPException, *CUT_OFF) as error:
            raise DeliveryFailed(reason(error)) from error
        if way is None:
            self._make_sure_that_none_comes()
        if shown is None or (way == self._edit_by_token and await self._make_private(sentence)):
            return None
        return shown.message

    async def _make_private(self, sentence: str) -> bool:
        """Say it to the member alone, with the prompt, and take it out of the channel; False where it stays there.

        By now it stands in the channel, so nothing is lost if this fails. Before that, Discord would ignore that a
        follow-up is private; and it would take none once the acknowledgement is deleted.
        """
        private = OutgoingMessage(error_messages.with_prompt(sentence, self._request.spec.prompt))
        options = Sending(private, self._client).post_options()
        try:
            async with asyncio.timeout(PRIVATE_SECONDS):
                await self._webhook().send(**options, ephemeral=True, wait=True)
                await self._webhook().delete_message(ORIGINAL)
        except (discord.HTTPException, *CUT_OFF) as error:
            log.info(
                "generation %d: the notice of its failure stays public: %s", self._request.id, reason(error)
            )
            return False
        return True

    async def status(self) -> ReplyStatus:
        for fetch in (self._fetch_by_token, self._fetch_as_message):
            try:
                found = await with_retries(fetch, CALL_SECONDS)
            except _WayClosed:
                continue
            except (discord.HTTPException, *CUT_OFF) as error:
                if isinstance(error, discord.HTTPException) and self._is_closed_by(error):
                    continue
                raise DeliveryFailed(reason(error)) from error
            if found.flags.loading:
                return ReplyStatus(ReplyState.THINKING, found.id)
            pictures = len(found.embeds)
            return ReplyStatus(ReplyState.PICTURES if pictures else ReplyState.WORDS, found.id, pictures)
        self._make_sure_that_none_comes()
        return ReplyStatus(ReplyState.NOTHING)

    def _make_sure_that_none_comes(self) -> None:
        """An acknowledgement that is still on its way, of a process that has ended, would stand for ever."""
        age = self._clock() - discord.utils.snowflake_time(self._request.id)
        if self.message is None and age < ACKNOWLEDGED_WITHIN:
            left = min(ACKNOWLEDGED_WITHIN - age, ACKNOWLEDGED_WITHIN)  # whatever the clocks say
            raise AcknowledgementPending(left.total_seconds())

    async def _fetch_by_token(self) -> discord.Message:
        return await self._webhook().fetch_message(ORIGINAL)

    async def _fetch_as_message(self) -> discord.Message:
        if self.message is None and self._token_expired:
            return await self._find_message()
        return await self._acknowledgement().fetch()

    async def _find_message(self) -> discord.Message:
        """Among those after the command: a process that was killed may not have recorded which it is."""
        command = self._request.id
        async for message in self._channel().history(after=discord.Object(command), limit=MOST_SEARCHED):
            if message.interaction_metadata and message.interaction_metadata.id == command:
                self.message = message.id
                return message
        raise _WayClosed("its message is not known")

    async def _send(self, sending: Sending, ways: Sequence[Way]) -> tuple[Way | None, Shown | None]:
        """Over the first of `ways` that is open, and which one that was."""
        # An upload has its own deadlines, which grow with it; and is made smaller before it is made again.
        seconds = None if sending.message.files else CALL_SECONDS
        for way in ways:
            try:
                return way, await with_retries(partial(way, sending), seconds)
            except _WayClosed as closed:
                log.info("generation %d: %s", self._request.id, closed)
            except discord.HTTPException as error:
                edits = way in {self._edit_by_token, self._edit_as_message}
                after = next_attempt(error.status, error.code)
                if edits and after is NextAttempt.CHECK_CHANNEL and await self._channel_is_there():
                    # Somebody took it away: what they did not want to see is not put there again.
                    log.info("generation %d: its message was deleted", self._request.id)
                    return way, None
                if not self._is_closed_by(error):
                    raise
                log.info("generation %d: %s", self._request.id, reason(error))
        return None, None

    async def _edit_by_token(self, sending: Sending) -> Shown:
        edited = await self._webhook().edit_message(ORIGINAL, **sending.edit_options())
        return Shown(edited.id)

    async def _edit_as_message(self, sending: Sending) -> Shown:
        edited = await self._acknowledgement().edit(**sending.edit_options())
        return Shown(edited.id)

    async def _post(self, sending: Sending) -> Shown:
        """With the generation's id as the nonce: however often it is sent, it is there once."""
        posted = await self._channel().send(**sending.post_options(), nonce=self._request.id)
        return Shown(posted.id)

    async def _write_to_member(self, sending: Sending) -> Shown:
        direct = await self._client.create_dm(discord.Object(self._request.caller.member))
        await direct.send(**sending.post_options(), nonce=self._request.id)
        return Shown(None)

    async def _channel_is_there(self) -> bool:
        """By an interaction's token, Discord says the same of a deleted message and of one in a deleted channel."""
        channel = self._request.caller.channel
        try:
            await with_retries(lambda: self._client.http.get_channel(channel), CALL_SECONDS)
        except discord.HTTPException as error:
            if error.status >= 500 or error.status == 429:
                raise
            return error.status == 403  # there, and closed to the bot
        return True

    def _is_closed_by(self, error: discord.HTTPException) -> bool:
        """Whether this way stays closed after such an answer."""
        self._token_expired |= error.code == TOKEN_EXPIRED
        return is_final(error)

    def _webhook(self) -> discord.Webhook:
        """The way by the interaction's token. Raises _WayClosed."""
        if self._token_expired:
            raise _WayClosed("its token is no longer good")
        webhook = discord.Webhook.partial(self._request.application, self._request.token, client=self._client)
        webhook.proxy = self._client.http.proxy  # which discord.py 2.7.1 forgets
        # As those of interactions are: only they say things privately.
        webhook.type = discord.WebhookType.application
        return webhook

    def _acknowledgement(self) -> discord.PartialMessage:
        """As a message of its channel. Raises _WayClosed."""
        if self.message is None:
            raise _WayClosed("its message is not known")
        return self._channel().get_partial_message(self.message)

    def _channel(self) -> discord.PartialMessageable:
        caller = self._request.caller
        return self._client.get_partial_messageable(caller.channel, guild_id=caller.server)


class InteractionReply(Delivery):
    """Implements `bot.core.generation.reply.Reply`: the reply to a command that has just come in."""

    def __init__(
        self, interaction: discord.Interaction, request: Request, fit: Fit, upload_budget: UploadBudget
    ) -> None:
        sent, came = discord.utils.snowflake_time(request.id), time.monotonic()
        super().__init__(
            interaction.client,
            request,
            fit,
            upload_budget,
            upload_limit=interaction.filesize_limit,
            clock=lambda: sent + timedelta(seconds=time.monotonic() - came),  # whatever the host's clock says
        )
        self._interaction = interaction

    async def refuse(self, refusal: BotError) -> None:
        words = error_messages.refusal(refusal, private_sentences(self._interaction))
        message = OutgoingMessage(error_messages.with_prompt(words, self._request.spec.prompt))
        await answer_privately(self._interaction, message)

    async def acknowledge(self) -> int | None:
        try:
            self.message = await acknowledge(self._interaction, ephemeral=False)
        except AlreadyAcknowledged as error:
            if not error.certain:
                raise
            self.message = await self._ours()
        return self.message

    async def _ours(self) -> int | None:
        """The message, if the answer that Discord has is this process's, and not another's refusal.

        The ledger gave the interaction to this process alone, so whoever said "thinking…" was this one, in a try that
        Discord carried out and answered with an error.
        """
        try:
            found = await self.status()
        except DeliveryFailed as error:
            raise AcknowledgementUnclear(str(error)) from error
        if found.state is not ReplyState.THINKING:
            raise AlreadyAcknowledged
        return found.message


class AbandonedReplies:
    """Implements `bot.core.generation.reply.Replies`."""

    def __init__(
        self, connection: DiscordConnection, fit: Fit, upload_budget: UploadBudget, clock: Clock
    ) -> None:
        self._connection = connection
        self._fit = fit
        self._upload_budget = upload_budget
        self._clock = clock

    async def ready(self) -> None:
        await self._connection.gateway()

    def to(self, abandoned: AbandonedGeneration) -> Delivery:
        if self._connection.client is None:
            raise DeliveryFailed("no connection")
        return Delivery(
            self._connection.client,
            abandoned.request,
            self._fit,
            self._upload_budget,
            message=abandoned.message,
            clock=self._clock,
        )
