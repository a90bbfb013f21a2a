"""Pictures found again by the messages that show them: Discord's links expire within a day, so none is kept for long.

https://docs.discord.com/developers/reference#signed-attachment-cdn-urls
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping

import discord

from bot.core.fair_limiter import FairLimiter, Turn
from bot.core.generation.errors import DeliveryFailed
from bot.core.generation.model import Generation
from bot.core.retries import DISCORD_CALL
from bot.interactions.discord_errors import (
    CALL_SECONDS,
    CUT_OFF,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    UNREADABLE,
    call_may_be_repeated,
    is_final,
    reason,
)
from bot.interactions.lookup_cache import LookupCache
from bot.ui.generation.gallery import FoundPicture, PostedPictures, WhyNotFound
from bot.ui.generation.shown_pictures import pictures_shown

log = logging.getLogger(__name__)

AT_ONCE = 5
"""Messages that are fetched at the same time, of everybody who looks at pictures; the channels in rotation, for Discord
limits each by itself, and some member's hundreds of pictures may be in one that it answers slowly.
"""
LOOK_SECONDS = 2.5
"""How long a page waits for its pictures: what comes later is there when it is looked at again."""
GIVE_UP_SECONDS = 10.0
KEPT_SECONDS = 120.0
"""Somebody may hide a picture, or delete it, meanwhile."""
UNANSWERED_SECONDS = 5.0
UNKNOWN = PostedPictures(why_not=WhyNotFound.NO_ANSWER)
ONLY_SHOWN_TO_THEM = PostedPictures(why_not=WhyNotFound.PRIVATE)


class PostedPicturesFinder:
    """Fetches messages for those who look at a page of pictures, and remembers for minutes what was in them."""

    def __init__(self, client: discord.Client, look_seconds: float = LOOK_SECONDS) -> None:
        self._client = client
        self._look_seconds = look_seconds
        self._limiter = FairLimiter(AT_ONCE, name="messages with pictures")
        self._messages = LookupCache(
            self._fetch,
            lambda found: UNANSWERED_SECONDS if found is UNKNOWN else KEPT_SECONDS,
            most_asked=1,
        )

    async def of(self, generations: Iterable[Generation]) -> Mapping[int, PostedPictures]:
        """What Discord has of each by now, by its id. Never raises."""
        asked = {
            one.id: asyncio.ensure_future(self._messages.get((one.request.caller.place.channel, one.message)))
            for one in generations
            if one.message is not None
        }
        if asked:
            await asyncio.wait(asked.values(), timeout=self._look_seconds)
        return {
            one.id: _said_of(one, asked[one.id]) if one.id in asked else ONLY_SHOWN_TO_THEM
            for one in generations
        }

    def message_of(self, generation: Generation) -> PostedMessage | None:
        """The message that shows its pictures; None where nobody but the member sees one."""
        if generation.message is None or generation.request.spec.private:
            return None
        channel = self._client.get_partial_messageable(generation.request.caller.place.channel)
        return PostedMessage(channel.get_partial_message(generation.message))

    async def _fetch(self, address: tuple[int, int]) -> PostedPictures:
        channel, message = address
        try:
            async with Turn(self._limiter, None, channel), asyncio.timeout(GIVE_UP_SECONDS):
                found = await self._client.get_partial_messageable(channel).fetch_message(message)
        except discord.NotFound:
            return PostedPictures(why_not=WhyNotFound.GONE)
        except discord.HTTPException as error:
            return PostedPictures(why_not=WhyNotFound.OUT_OF_REACH) if is_final(error) else UNKNOWN
        except (discord.DiscordException, *CUT_OFF, *UNREADABLE) as error:
            log.info("message %d could not be fetched: %s", message, type(error).__name__)
            return UNKNOWN
        shown = pictures_shown(found.embeds, found.attachments)
        pictures = tuple(FoundPicture(one.url, shown.spoiler) for one in shown.pictures)
        return PostedPictures(pictures) if pictures else PostedPictures(why_not=WhyNotFound.GONE)


class PostedMessage:
    """Implements `bot.core.generation.deletion.PictureMessage`, as the bot itself reaches it."""

    def __init__(self, message: discord.PartialMessage) -> None:
        self._message = message

    async def delete(self) -> bool:
        try:
            await DISCORD_CALL(self._message.delete, call_may_be_repeated, seconds=CALL_SECONDS)
        except discord.HTTPException as error:
            if error.code in {UNKNOWN_MESSAGE, UNKNOWN_CHANNEL}:
                return True
            if not is_final(error):
                raise DeliveryFailed(reason(error)) from error
            log.info("message %d can't be deleted: %s", self._message.id, reason(error))
            return False
        except CUT_OFF as error:
            raise DeliveryFailed(reason(error)) from error
        return True


def _said_of(generation: Generation, asked: asyncio.Future[PostedPictures]) -> PostedPictures:
    if not asked.done():
        asked.add_done_callback(asyncio.Future.exception)  # nobody waits for it any more
        return UNKNOWN
    found = asked.result()
    # A private message has an id as well, and nobody finds it again.
    private = found.why_not is WhyNotFound.GONE and generation.request.spec.private
    return ONLY_SHOWN_TO_THEM if private else found
