"""The replies to `/imagine`, once they are acknowledged: the pictures or an apology are put in the place of that.

There are four ways to put something there. For 15 minutes any process can edit the reply with the interaction's token.
After that the bot edits it as a message of the channel, or posts a new one, or writes to the member. The first way that
is open is taken, by the process that was given the command and by one that took it over alike. What only the member may
see goes by the token, or to the member.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeAlias

import discord

from bot.core.clock import Clock
from bot.core.errors import BotError
from bot.core.generation.errors import (
    AcknowledgementPending,
    DeliveryFailed,
    PicturesLost,
)
from bot.core.generation.ledger import AbandonedGeneration
from bot.core.generation.model import Painting, Request
from bot.core.generation.reply import Progress, ReplyState, ReplyStatus, Shown
from bot.core.generation.retry_offer import RetryOffer, retry_offer
from bot.core.limits.meters import MeterReading
from bot.core.place import Direct
from bot.core.retries import DELIVERY, DISCORD_CALL
from bot.interactions.context import public_sentences
from bot.interactions.discord_errors import (
    CALL_SECONDS,
    CUT_OFF,
    TOKEN_EXPIRED,
    NextAttempt,
    acknowledgement_is_unprocessed,
    call_may_be_repeated,
    is_final,
    next_attempt,
    reason,
    smaller_upload_may_pass,
)
from bot.interactions.progress_message import ProgressMessage
from bot.interactions.sending import (
    ORIGINAL,
    REQUEST_LIMIT,
    SPARE,
    UPLOAD_LIMIT,
    DiscordConnection,
    Fit,
    Sending,
    UploadBudget,
    interaction_webhook,
)
from bot.ui import error_messages
from bot.ui.embeds import ORIGINAL_FILE, credit_line, named, painting_message
from bot.ui.generation.picture_buttons import picture_buttons, retry_button
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import ENGLISH, Sentences, sentences_in
from bot.ui.text import channel_link

log = logging.getLogger(__name__)

ACKNOWLEDGED_WITHIN = timedelta(seconds=6)
"""How old a command is when no acknowledgement of it can appear any more. Discord takes a first answer for 3 s, and may
carry out one that was sent by then a little later; its clock is known to the second."""
MOST_SEARCHED = 100
"""Messages after the command among which its acknowledgement is looked for: as many as one request to Discord gets."""
PROGRESS_SECONDS = 1.0
"""How long pictures wait for Discord's answer to an edit that showed their progress."""
PRIVATE_SECONDS = 10.0
"""For saying an apology privately instead."""


class _WayClosed(Exception):
    """This way to the member is closed; another may be open."""


Way: TypeAlias = Callable[[Sending], Awaitable[Shown]]
"""One way to the member. Raises _WayClosed, and discord.HTTPException for what Discord answers."""


class DiscordReply:
    """Implements `AbandonedReply` of `bot.core.generation.reply`: the public reply, whichever process acknowledged it.

    `message` is the public reply, where it is known; `changes`: there is a model that changes pictures; `clock` (aware)
    is Discord's, and says how old the command is.
    """

    def __init__(
        self,
        client: discord.Client,
        request: Request,
        fit: Fit,
        upload_budget: UploadBudget,
        *,
        message: int | None = None,
        changes: bool = False,
        upload_limit: int = UPLOAD_LIMIT,
        clock: Clock = discord.utils.utcnow,
    ) -> None:
        self.message = message
        self._changes = changes
        self._client = client
        self._request = request
        self._fit = fit
        self._upload_budget = upload_budget
        self._upload_limit = upload_limit
        self._clock = clock
        self._token_expired = not request.token
        self._progress: ProgressMessage | None = None

    @property
    def _is_private(self) -> bool:
        return self._request.spec.private

    @property
    def _say(self) -> Sentences:
        """In the language of whoever sees it."""
        caller = self._request.caller
        return sentences_in(caller.locale or ENGLISH) if self._is_private else public_sentences(caller)

    async def deliver(
        self, prompt: str, painting: Painting, readings: Sequence[MeterReading]
    ) -> Shown | None:
        """Upload the pictures; again and smaller where Discord calls them too large, or the uplink is too slow."""
        # An edit that Discord has not answered may be carried out after the pictures, and stand in their place: then
        # they are put there once more.
        progress_is_over = await self._progress.is_over(PROGRESS_SECONDS) if self._progress else True
        shown = await self._deliver(prompt, painting, readings)
        if progress_is_over or shown is None or self._progress is None:
            return shown
        await self._progress.ended()
        if (await self.status()).state is not ReplyState.THINKING:
            return shown
        return await self._deliver(prompt, painting, readings)

    async def _deliver(
        self, prompt: str, painting: Painting, readings: Sequence[MeterReading]
    ) -> Shown | None:
        link = channel_link(self._request.caller.place)
        most = max(self._upload_limit, REQUEST_LIMIT) - SPARE

        async def upload() -> Shown | None:
            """One attempt; one after it may have half as many bytes."""
            nonlocal most
            room = self._upload_budget.within(most)
            size = min(room // len(painting.pictures), self._upload_limit)
            pictures = []
            for picture in painting.pictures:
                try:
                    pictures.append(await self._fit(picture, size))
                except PicturesLost:  # it can't be made smaller: it goes as it is, if Discord takes it
                    if len(picture.content) > self._upload_limit:
                        raise
                    pictures.append(picture)
            fitting = replace(painting, pictures=tuple(pictures))
            message = painting_message(
                prompt,
                fitting,
                readings,
                link,
                self._say,
                credit=self._credit,
                spoiler=self._request.spec.spoiler,
                buttons=picture_buttons(self._request.id, self._say, changes=self._changes),
            )
            try:
                return await self.send(message)
            except discord.HTTPException:
                most = message.upload_size // 2
                raise

        try:
            return await DELIVERY(upload, smaller_upload_may_pass)
        except (discord.HTTPException, *CUT_OFF) as error:
            raise DeliveryFailed(reason(error)) from error

    @property
    def _credit(self) -> str:
        """Who asked, and whose idea it was, where Discord does not say it above the message."""
        # An order of the version before is not `named`: by a form were those for pictures of messages.
        by_form = any(picture.is_in_a_message for picture in self._request.spec.inputs)
        if not (self._request.named or by_form):
            return ""
        return credit_line(self._request.caller.member, self._request.idea_by, self._say)

    async def show_progress(self, progress: Progress) -> float:
        if self._token_expired:
            return math.inf
        if self._progress is None:
            self._progress = ProgressMessage(self._client, self._request, self._say, self._credit)
        return await self._progress.show(progress)

    async def send(self, message: OutgoingMessage) -> Shown | None:
        """By the first way that is open; None where none is. Raises what Discord answers where it may take it later."""
        sending = Sending(message, self._client)
        ways = self._ways(self._edit_by_token, self._edit_as_message, self._post, self._write_to_member)
        _, shown = await self._upload_budget.carry(self._request.id, sending, self._send(sending, ways))
        return shown

    def _ways(self, *ways: Way) -> tuple[Way, ...]:
        """Of these, those by which only they see it who may: nothing private goes into the channel."""
        for_all = {self._edit_as_message, self._post}
        return tuple(way for way in ways if not (self._is_private and way in for_all))

    async def _send(self, sending: Sending, ways: Sequence[Way]) -> tuple[Way | None, Shown | None]:
        """By the first of `ways` that is open: that way and what it has shown.

        None and None where all are closed; the way and None where somebody has deleted the message.
        """
        # An upload has its own deadlines, which grow with it; and is made smaller before it is made again.
        uploads = bool(sending.message.files)
        may_be_repeated = acknowledgement_is_unprocessed if uploads else call_may_be_repeated
        seconds = None if uploads else CALL_SECONDS
        for way in ways:
            try:
                return way, await DISCORD_CALL(partial(way, sending), may_be_repeated, seconds=seconds)
            except _WayClosed as closed:
                log.info("generation %d: not shown this way: %s", self._request.id, closed)
            except discord.HTTPException as error:
                edits = way in {self._edit_by_token, self._edit_as_message}
                after = next_attempt(error.status, error.code)
                gone = edits and after is NextAttempt.CHECK_CHANNEL
                if gone and not self._is_private and await self._channel_is_there():
                    # Somebody took it away: what they did not want to see is not put there again.
                    log.info("generation %d: its message was deleted", self._request.id)
                    return way, None
                if not self._is_closed_by(error):
                    raise
                log.info("generation %d: not shown this way: %s", self._request.id, reason(error))
        return None, None

    async def _edit_by_token(self, sending: Sending) -> Shown:
        edited = await self._webhook().edit_message(ORIGINAL, **sending.edit_options())
        # In servers that have not got the bot, Discord may make an answer private that was public.
        return Shown(None if edited.flags.ephemeral else edited.id)

    async def _edit_as_message(self, sending: Sending) -> Shown:
        edited = await self._acknowledgement().edit(**sending.edit_options())
        return Shown(edited.id)

    async def _post(self, sending: Sending) -> Shown:
        """With the generation's id as the nonce: however often it is sent, it is there once.

        Nothing above it says whom it is for.
        """
        request = self._request
        sending.message = named(sending.message, request.caller.member, request.idea_by, self._say)
        posted = await self._channel().send(**sending.post_options(), nonce=self._request.id)
        return Shown(posted.id)

    async def _write_to_member(self, sending: Sending) -> Shown:
        direct = await self._client.create_dm(discord.Object(self._request.caller.member))
        await direct.send(**sending.post_options(), nonce=self._request.id)
        return Shown(None)

    async def _channel_is_there(self) -> bool:
        """By an interaction's token, Discord says the same of a deleted message and of one in a deleted channel.

        Where it does not tell the bot, the message is taken for deleted.
        """
        place = self._request.caller.place
        if isinstance(place, Direct) and not place.with_bot:
            return True
        try:
            await DISCORD_CALL(
                lambda: self._client.http.get_channel(place.channel),
                call_may_be_repeated,
                seconds=CALL_SECONDS,
            )
        except discord.HTTPException as error:
            if error.status >= 500 or error.status == 429:
                raise
            return error.status == 403  # there, and closed to the bot
        return True

    async def apologise(self, failure: BotError, *, returned: bool) -> int | None:
        if self._progress is not None:
            await self._progress.ended()
        sentence = error_messages.apology(failure, returned=returned, say=self._say)
        words = sentence
        if self._is_between_them:
            words = error_messages.with_prompt(sentence, self._request.spec.prompt)
        offer = retry_offer(failure)
        buttons = retry_button(self._request.id, offer, self._say)
        sending = Sending(OutgoingMessage(words + self._credit, components=buttons), self._client)
        ways = self._ways(self._edit_by_token, self._edit_as_message)
        try:
            way, shown = await self._send(sending, ways)
        except (discord.HTTPException, *CUT_OFF) as error:
            raise DeliveryFailed(reason(error)) from error
        if way is None:
            self._require_no_pending_acknowledgement()
        if shown is None or self._is_between_them:
            return None
        by_token = way == self._edit_by_token
        return None if by_token and await self._make_private(sentence, offer) else shown.message

    @property
    def _is_between_them(self) -> bool:
        """Whether nobody but the member and the bot reads what stands there."""
        place = self._request.caller.place
        return self._is_private or (isinstance(place, Direct) and place.with_bot)

    async def _make_private(self, sentence: str, offer: RetryOffer | None) -> bool:
        """Say it to the member alone, with the prompt, and delete it in the channel; whether that worked.

        Only once the sentence stands in the channel: so nothing is lost if this fails. While "thinking…" stands there,
        Discord shows the first follow-up to everybody, and once it is deleted, Discord takes no follow-up.
        """
        words = error_messages.with_prompt(sentence, self._request.spec.prompt)
        private = OutgoingMessage(words, components=retry_button(self._request.id, offer, self._say))
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
        # Discord shows a private reply to nobody who asks without the token, the bot included.
        fetches = (self._fetch_by_token, self._fetch_as_message)[: 1 if self._is_private else None]
        for fetch in fetches:
            try:
                found = await DISCORD_CALL(fetch, call_may_be_repeated, seconds=CALL_SECONDS)
            except _WayClosed:
                continue
            except (discord.HTTPException, *CUT_OFF) as error:
                if isinstance(error, discord.HTTPException) and self._is_closed_by(error):
                    continue
                raise DeliveryFailed(reason(error)) from error
            if found.flags.loading:
                return ReplyStatus(ReplyState.THINKING, found.id)
            if pictures := _pictures_in(found):
                return ReplyStatus(ReplyState.PICTURES, found.id, pictures)
            # An embed without a picture shows how far the bot has come; an apology has none.
            return ReplyStatus(ReplyState.THINKING if found.embeds else ReplyState.WORDS, found.id)
        self._require_no_pending_acknowledgement()
        return ReplyStatus(ReplyState.NOTHING)

    def _require_no_pending_acknowledgement(self) -> None:
        """Raises AcknowledgementPending while Discord may still carry out one of a process that has ended.

        It would say "thinking…" for ever, if the generation were settled before.
        """
        age = self._clock() - discord.utils.snowflake_time(self._request.id)
        if self.message is None and age < ACKNOWLEDGED_WITHIN:
            left = min(ACKNOWLEDGED_WITHIN - age, ACKNOWLEDGED_WITHIN)  # whatever the clocks say
            raise AcknowledgementPending(left.total_seconds())

    async def _fetch_by_token(self) -> discord.Message:
        return await self._webhook().fetch_message(ORIGINAL)

    async def _fetch_as_message(self) -> discord.Message:
        if self.message is None and self._token_expired:
            # A process that was killed may not have recorded which message it is: it is looked for after the command.
            # As long as the token was good, Discord said by it whether there is one.
            command = self._request.id
            async for message in self._channel().history(after=discord.Object(command), limit=MOST_SEARCHED):
                if message.interaction_metadata and message.interaction_metadata.id == command:
                    self.message = message.id
                    return message
        return await self._acknowledgement().fetch()

    def _is_closed_by(self, error: discord.HTTPException) -> bool:
        """Whether this way stays closed after such an answer."""
        self._token_expired |= error.code == TOKEN_EXPIRED
        return is_final(error)

    def _webhook(self) -> discord.Webhook:
        """The way by the interaction's token. Raises _WayClosed."""
        if self._token_expired:
            raise _WayClosed("its token is no longer good")
        return interaction_webhook(self._client, self._request.application, self._request.token)

    def _acknowledgement(self) -> discord.PartialMessage:
        """As a message of its channel. Raises _WayClosed."""
        if self.message is None:
            raise _WayClosed("its message is not known")
        return self._channel().get_partial_message(self.message)

    def _channel(self) -> discord.PartialMessageable:
        """Raises _WayClosed where the bot is not."""
        place = self._request.caller.place
        if isinstance(place, Direct) and not place.with_bot:
            raise _WayClosed("the bot is not in its channel")
        return self._client.get_partial_messageable(place.channel, guild_id=place.server)


def _pictures_in(message: discord.Message) -> int:
    """How many were delivered with it: in an embed each, or attached only, as those that are hidden as spoilers.

    None where an embed shows progress, though there may be files: Discord has carried it out after the pictures. It has
    no field, as the caption of pictures has.
    """
    shown = sum(1 for embed in message.embeds if embed.image.url)
    if shown or (message.embeds and not any(embed.fields for embed in message.embeds)):
        return shown
    return sum(1 for file in message.attachments if ORIGINAL_FILE not in file.filename)


class AbandonedReplies:
    """Implements `bot.core.generation.reply.Replies`."""

    def __init__(
        self,
        connection: DiscordConnection,
        fit: Fit,
        upload_budget: UploadBudget,
        clock: Clock,
        *,
        changes: bool = False,
    ) -> None:
        self._connection = connection
        self._fit = fit
        self._upload_budget = upload_budget
        self._clock = clock
        self._changes = changes

    async def ready(self) -> None:
        await self._connection.gateway()

    def to(self, abandoned: AbandonedGeneration) -> DiscordReply:
        if self._connection.client is None:
            raise DeliveryFailed("no connection")
        return DiscordReply(
            self._connection.client,
            abandoned.request,
            self._fit,
            self._upload_budget,
            message=abandoned.message,
            changes=self._changes,
            clock=self._clock,
        )
