"""The first answer to one command, over its interaction; and where its later answers go."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import discord

from bot.core.clock import Clock
from bot.core.errors import AlreadyAcknowledged, BotError
from bot.core.generation.errors import AcknowledgementUnclear, DeliveryFailed
from bot.core.generation.ledger import AbandonedGeneration
from bot.core.generation.model import Request
from bot.core.generation.reply import ReplyState
from bot.interactions.connection import DiscordConnection
from bot.interactions.context import private_sentences
from bot.interactions.delivery import Delivery, Fit
from bot.interactions.responses import acknowledge, answer_privately
from bot.interactions.upload_budget import UploadBudget
from bot.ui import error_messages
from bot.ui.outgoing_message import OutgoingMessage


class InteractionReply(Delivery):
    """Implements `bot.core.generation.reply.Reply`; `fit` makes pictures small enough for where they go."""

    def __init__(
        self,
        interaction: discord.Interaction,
        request: Request,
        fit: Fit,
        upload_budget: UploadBudget | None = None,
    ) -> None:
        super().__init__(
            interaction.client,
            fit,
            request,
            upload_limit=interaction.filesize_limit,
            upload_budget=upload_budget,
            clock=_counting_from(discord.utils.snowflake_time(request.id)),
        )
        self._interaction = interaction

    async def refuse(self, refusal: BotError) -> None:
        words = error_messages.with_prompt(
            error_messages.refusal(refusal, private_sentences(self._interaction)), self._request.prompt
        )
        await answer_privately(self._interaction, OutgoingMessage(words))

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
            found = await self.look()
        except DeliveryFailed as error:
            raise AcknowledgementUnclear(str(error)) from error
        if found.state is not ReplyState.THINKING:
            raise AlreadyAcknowledged
        return found.message


class AbandonedReplies:
    """Implements `bot.core.generation.reply.Replies`."""

    def __init__(
        self,
        connection: DiscordConnection,
        fit: Fit,
        upload_budget: UploadBudget | None = None,
        clock: Clock = discord.utils.utcnow,
    ) -> None:
        self._fit = fit
        self._upload_budget = upload_budget or UploadBudget()
        self._clock = clock
        self._connection = connection

    async def ready(self) -> None:
        await self._connection.gateway()

    def to(self, abandoned: AbandonedGeneration) -> Delivery:
        if self._connection.client is None:
            raise DeliveryFailed("no connection")
        return Delivery(
            self._connection.client,
            self._fit,
            abandoned.request,
            message=abandoned.message,
            upload_budget=self._upload_budget,
            clock=self._clock,
        )


def _counting_from(start: datetime) -> Clock:
    """A clock that shows `start` now: of a command that has just come in, nothing else has to be known."""
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)
