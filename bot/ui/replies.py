"""The first answer to one command, over its interaction; and where its later answers go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import aiohttp
import discord

from bot.core.errors import AcknowledgementUnclear, AlreadyClaimed, BotError, DeliveryFailed
from bot.core.generation import Painting, Request
from bot.core.ledger import Unfinished
from bot.core.limits import Standing
from bot.core.recovery import Sight
from bot.core.workshop import Shown
from bot.ui import messages
from bot.ui.delivery import CUT_OFF, UNKNOWN_INTERACTION, Delivery, Fit, reason

log = logging.getLogger(__name__)

T = TypeVar("T")

ACKNOWLEDGE_SECONDS = 5.0
ATTEMPTS = 3
ALREADY_ANSWERED = 40060
READY_SECONDS = 0.5


class InteractionReply:
    """Implements the workshop's `Reply`; `fit` makes pictures small enough for where they go."""

    def __init__(self, interaction: discord.Interaction, request: Request, fit: Fit) -> None:
        self._interaction = interaction
        self._delivery = Delivery(interaction.client, fit, request, upload_limit=interaction.filesize_limit)

    async def refuse(self, refusal: BotError) -> None:
        await answer_privately(self._interaction, messages.refusal(refusal))

    async def acknowledge(self) -> int | None:
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                answer = await _given_once(lambda: self._interaction.response.defer(thinking=True))
        except discord.HTTPException as error:
            if error.code == UNKNOWN_INTERACTION:
                raise AlreadyClaimed from error
            if error.code == ALREADY_ANSWERED:
                return await self._ours()
            raise DeliveryFailed(reason(error)) from error
        except CUT_OFF as error:
            raise DeliveryFailed from error
        return answer.message_id if answer else None

    async def _ours(self) -> int | None:
        """The message, if the answer that Discord has is this process's, and not another's refusal.

        The ledger gave the interaction to this process alone, so whoever said "thinking…" was this one, in a try that
        Discord carried out and answered with an error.
        """
        try:
            found = await self._delivery.look()
        except DeliveryFailed as error:
            raise AcknowledgementUnclear(str(error)) from error
        if found.sight is not Sight.THINKING:
            raise AlreadyClaimed
        return found.message

    async def deliver(self, prompt: str, painting: Painting, standings: Sequence[Standing]) -> Shown:
        return await self._delivery.deliver(prompt, painting, standings)

    async def apologise(self, failure: BotError, *, returned: bool) -> int | None:
        return await self._delivery.apologise(failure, returned=returned)


class LeftReplies:
    """Implements the recovery's `Replies`, over whichever connection the bot has."""

    def __init__(self, fit: Fit) -> None:
        self._fit = fit
        self._client: discord.Client | None = None

    def attach(self, client: discord.Client) -> None:
        """Answers go out over this connection from now on."""
        self._client = client

    async def ready(self) -> None:
        # Asked now and then: a connection may be replaced by another while somebody waits for it.
        while self._client is None or not self._client.is_ready():  # noqa: ASYNC110 — see above
            await asyncio.sleep(READY_SECONDS)

    def to(self, left: Unfinished) -> Delivery:
        if self._client is None:
            raise DeliveryFailed("no connection")
        return Delivery(self._client, self._fit, left.request, message=left.message)


async def answer_privately(
    interaction: discord.Interaction, content: str | None = None, *, embed: discord.Embed | None = None
) -> None:
    """Say something to the member alone, as the first answer or after one; what Discord refuses is logged."""
    embeds = [embed] if embed else []
    try:
        async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
            if interaction.response.is_done():
                await interaction.followup.send(content or "", embeds=embeds, ephemeral=True)
            else:
                send = interaction.response.send_message
                await _given_once(lambda: send(content, embeds=embeds, ephemeral=True))
    except (discord.HTTPException, *CUT_OFF) as error:
        if isinstance(error, discord.HTTPException) and error.code in {ALREADY_ANSWERED, UNKNOWN_INTERACTION}:
            log.info("interaction %d: another process has answered it, or it is too late", interaction.id)
            return
        log.warning("interaction %d: a private answer could not be given: %s", interaction.id, reason(error))


async def _given_once(answer: Callable[[], Awaitable[T]]) -> T | None:
    """A first answer whose connection was cut is given again: Discord takes one only.

    None where it had taken the one that was cut.
    """
    attempt = 1
    while True:
        try:
            return await answer()
        except aiohttp.ClientError:
            if attempt == ATTEMPTS:
                raise
            await asyncio.sleep(0.1 * attempt)
            attempt += 1
        except discord.HTTPException as error:
            if error.code == ALREADY_ANSWERED and attempt > 1:
                return None
            raise
