"""The public answer to one command, over whatever is left of the way to it: the one path of every delivery.

An interaction's token edits the reply for 15 minutes, from any process. After that the bot edits it as a message in the
channel, or posts a new one, or writes to the member.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
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
from bot.interactions.command_mentions import mentions_of
from bot.interactions.context import public_sentences
from bot.interactions.discord_errors import TOKEN_EXPIRED, Then, is_final, judged
from bot.interactions.rest_guard import CUT_OFF, persistently, reason
from bot.interactions.upload_budget import Metered, StillOnItsWay, UploadBudget
from bot.ui import error_messages
from bot.ui.embeds import alt_texts, file_names, painting_embeds

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


@dataclass(slots=True)
class Content:
    """What a message says: a sentence, or embeds with their files."""

    text: str | None = None
    embeds: list[discord.Embed] = field(default_factory=list)
    pictures: tuple[tuple[str, str, Picture], ...] = ()
    _contents: list[Metered] = field(default_factory=list)

    def files(self) -> list[discord.File]:
        """Anew for each attempt: sending reads them."""
        self._contents = [Metered(picture.content) for _, _, picture in self.pictures]
        return [
            discord.File(content, name, description=alt)
            for content, (name, alt, _) in zip(self._contents, self.pictures, strict=True)
        ]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(len(picture.content) for _, _, picture in self.pictures)

    @property
    def sent(self) -> int:
        """Bytes of them that the last attempt has sent."""
        return sum(content.sent for content in self._contents)


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
            content = await self._content(
                prompt, painting, standings, min(room, self._upload_budget.limit or room)
            )
            try:
                return await self._upload_budget.carry(self._request.id, content, self._show(content))
            except discord.HTTPException:
                room = content.size // 2
                raise

        try:
            return await DELIVERY(
                upload, lambda error: not isinstance(error, StillOnItsWay) and _worth_another(error)
            )
        except (discord.HTTPException, *CUT_OFF) as error:
            raise DeliveryFailed(reason(error)) from error

    async def apologise(self, failure: BotError, *, returned: bool) -> int | None:
        sentence = mentions_of(self._client).clickable(
            error_messages.apology(failure, returned=returned, say=self._say)
        )
        for way in (self._edit_by_token, self._edit_as_message):
            try:
                message = (await way(Content(sentence))).message
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
        private = error_messages.with_prompt(sentence, self._request.prompt)
        try:
            async with asyncio.timeout(PRIVATE_SECONDS):
                await self._webhook().send(
                    private, ephemeral=True, allowed_mentions=discord.AllowedMentions.none(), wait=True
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

    async def _show(self, content: Content) -> Shown:
        """Over the first way that is open."""
        for way in (self._edit_by_token, self._edit_as_message, self._post, self._write_to_member):
            try:
                return await way(content)
            except _NoWay as closed:
                log.info("generation %d: %s", self._request.id, closed)
        return Shown()

    async def _edit_by_token(self, content: Content) -> Shown:
        if self._token_expired:
            raise _NoWay("its token is no longer good")
        return await self._edit(content, lambda: self._patch_original(content))

    async def _patch_original(self, content: Content) -> int:
        edited = await self._webhook().edit_message(
            ORIGINAL,
            content=content.text,
            embeds=content.embeds,
            attachments=content.files(),
            allowed_mentions=discord.AllowedMentions.none(),
        )
        return edited.id

    async def _edit_as_message(self, content: Content) -> Shown:
        message = self.message
        if message is None:
            raise _NoWay("its message is not known")
        return await self._edit(content, lambda: self._patch_message(message, content))

    async def _patch_message(self, message: int, content: Content) -> int:
        partial = self._channel().get_partial_message(message)
        await partial.edit(content=content.text, embeds=content.embeds, attachments=content.files())
        return message

    async def _edit(self, content: Content, patch: Callable[[], Awaitable[int]]) -> Shown:
        try:
            return Shown(await self._called(content, patch))
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

    async def _post(self, content: Content) -> Shown:
        """With the generation's id as the nonce: however often it is sent, it is there once."""
        return Shown(await self._send(self._channel(), content))

    async def _write_to_member(self, content: Content) -> Shown:
        member = discord.Object(self._request.caller.member)
        try:
            direct = await _with_patience(lambda: self._client.create_dm(member))
        except discord.HTTPException as error:
            raise self._closed(error) from error
        await self._send(direct, content)
        return Shown(privately=True)

    async def _send(self, channel: discord.abc.Messageable, content: Content) -> int:
        async def post() -> discord.Message:
            return await channel.send(
                content.text, embeds=content.embeds, files=content.files(), nonce=self._request.id
            )

        try:
            return (await self._called(content, post)).id
        except discord.HTTPException as error:
            raise self._closed(error) from error

    async def _called(self, content: Content, call: Callable[[], Awaitable[T]]) -> T:
        """An upload has its own deadlines, which grow with it; and is made smaller before it is made again."""
        if content.pictures:
            return await persistently(call, None, cut_off_too=False)
        return await _with_patience(call)

    def _closed(self, error: discord.HTTPException) -> Exception:
        self._token_expired |= error.code == TOKEN_EXPIRED
        return _NoWay(reason(error)) if is_final(error) else error

    async def _content(
        self, prompt: str, painting: Painting, standings: Sequence[Standing], room: int
    ) -> Content:
        """With at most `room` bytes of pictures."""
        each = min(self._upload_limit, room // len(painting.pictures))
        pictures = tuple([await self._fitted(picture, each) for picture in painting.pictures])
        fitting = Painting(pictures, painting.model, painting.missing)
        names = file_names(fitting)
        caller = self._request.caller
        link = f"https://discord.com/channels/{caller.server}/{caller.channel}"
        shown = painting_embeds(prompt, fitting, names, standings, link, self._say)
        alts = alt_texts(prompt, pictures, self._say)
        return Content(None, shown, tuple(zip(names, alts, pictures, strict=True)))

    async def _fitted(self, picture: Picture, limit: int) -> Picture:
        """One that can't be made smaller goes as it is, where Discord takes it so."""
        try:
            return await self._fit(picture, limit)
        except PicturesLost:
            if len(picture.content) > self._upload_limit:
                raise
            return picture

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
    return not isinstance(error, discord.HTTPException) or judged(error.status, error.code) is Then.SMALLER


async def _with_patience(call: Callable[[], Awaitable[T]]) -> T:
    return await persistently(call, CALL_SECONDS)
