"""A message with pictures, reached from the menu below them: read, drawn in another way, deleted.

The token of the press that opened the menu speaks for that message, whoever may see it and wherever it is, for 15
minutes. It is kept in memory; without it the bot reaches what it sees as a member of the server, or in its own direct
messages, unless the message is a private one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import discord

from bot.core.generation.errors import DeliveryFailed, MenuForgotten, PictureDeleted, PictureOutOfReach
from bot.core.retries import DISCORD_CALL
from bot.interactions.discord_errors import (
    CALL_SECONDS,
    CUT_OFF,
    UNKNOWN_MESSAGE,
    call_may_be_repeated,
    is_final,
    reason,
)
from bot.interactions.member_memory import MemberMemory
from bot.interactions.sending import ORIGINAL, interaction_webhook, update_options
from bot.ui.outgoing_message import MessageUpdate

log = logging.getLogger(__name__)

T = TypeVar("T")

KEPT_SECONDS = 14 * 60.0
"""A token is good for 15 minutes."""
MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Address:
    """Which message. `private`: only one member sees it; `bot_is_there`: the bot is a member of the channel.

    `may_draw`: it has the permission for embeds there, without which an edit of its own would leave none.
    """

    channel: int
    message: int
    private: bool
    bot_is_there: bool
    may_draw: bool = True


class ReachedMessages:
    """The tokens of those who have a menu open, each by the member and the message."""

    def __init__(self, client: discord.Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._presses = MemberMemory[int, discord.Webhook](KEPT_SECONDS, MOST_KEPT, clock)

    def keep(self, press: discord.Interaction[Any], message: int) -> None:
        """A press on that message, which was acknowledged as an update of it."""
        webhook = interaction_webhook(self._client, press.application_id, press.token)
        self._presses.keep(press.user.id, message, webhook)

    def at(self, address: Address, member: int) -> ReachedMessage:
        """As `member` may reach it: nobody uses another's token."""
        webhook = self._presses.find(member, address.message)
        channel = self._client.get_partial_messageable(address.channel)
        by_bot = address.bot_is_there and not address.private
        message = channel.get_partial_message(address.message) if by_bot else None
        return ReachedMessage(webhook, message, may_draw=address.may_draw)


class _WayClosed(Exception):
    """The bot would lose a part of the message."""


async def _closed() -> Any:
    raise _WayClosed


class ReachedMessage:
    """Implements `bot.core.generation.deletion.PictureMessage`.

    Everything here raises PictureDeleted where somebody has deleted it, MenuForgotten where the menu has to be opened
    anew, PictureOutOfReach where that is of no use, and DeliveryFailed where Discord has to be asked again later.
    """

    def __init__(
        self,
        webhook: discord.Webhook | None,
        message: discord.PartialMessage | None,
        *,
        may_draw: bool = True,
    ) -> None:
        self._webhook = webhook
        self._message = message
        self._may_draw = may_draw

    async def fetch(self) -> discord.Message:
        """With fresh links."""
        return await self._reach(
            lambda webhook: webhook.fetch_message(ORIGINAL), lambda message: message.fetch()
        )

    async def update(self, update: MessageUpdate) -> None:
        await self._reach(
            lambda webhook: webhook.edit_message(ORIGINAL, **update_options(update)),
            lambda message: message.edit(**update_options(update)) if self._may_draw else _closed(),
        )

    async def delete(self) -> bool:
        try:
            await self._reach(
                lambda webhook: webhook.delete_message(ORIGINAL), lambda message: message.delete()
            )
        except PictureDeleted:
            return True
        except MenuForgotten:
            raise
        except PictureOutOfReach:
            return False
        return True

    async def _reach(
        self,
        by_token: Callable[[discord.Webhook], Awaitable[T]],
        by_bot: Callable[[discord.PartialMessage], Awaitable[T]],
    ) -> T:
        webhook, message = self._webhook, self._message
        ways: list[Callable[[], Awaitable[T]]] = []
        if webhook is not None:
            ways.append(lambda: by_token(webhook))
        if message is not None:
            ways.append(lambda: by_bot(message))
        for way in ways:
            try:
                return await DISCORD_CALL(way, call_may_be_repeated, seconds=CALL_SECONDS)
            except discord.HTTPException as error:
                if error.code == UNKNOWN_MESSAGE:
                    raise PictureDeleted from error
                if not is_final(error):
                    raise DeliveryFailed(reason(error)) from error
                log.info("a message with pictures can't be reached this way: %s", reason(error))
            except CUT_OFF as error:
                raise DeliveryFailed(reason(error)) from error
            except _WayClosed:
                log.info("a message with pictures isn't changed without the permission for embeds")
        raise PictureOutOfReach if webhook else MenuForgotten
