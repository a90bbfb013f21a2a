"""The reply to a command that has just come in: first a refusal or an acknowledgement, then as every reply."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import discord
from discord import ui

from bot.core.errors import AlreadyAcknowledged, BotError
from bot.core.generation.earlier_pictures import Idea
from bot.core.generation.errors import AcknowledgementUnclear, DeliveryFailed
from bot.core.generation.model import Request
from bot.core.generation.reply import ReplyState
from bot.core.generation.retry_offer import TryAgain, retry_offer
from bot.interactions.context import private_sentences
from bot.interactions.refused_orders import RefusedOrders
from bot.interactions.replies import DiscordReply
from bot.interactions.responses import acknowledge, answer_privately, log_faster_process
from bot.interactions.sending import Fit, UploadBudget
from bot.ui import error_messages
from bot.ui.generation.picture_buttons import retry_button
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import Sentences


class InteractionReply(DiscordReply):
    """Implements `bot.core.generation.reply.Reply`: the reply to a command that has just come in."""

    def __init__(
        self,
        interaction: discord.Interaction,
        request: Request,
        fit: Fit,
        upload_budget: UploadBudget,
        refused_orders: RefusedOrders,
        *,
        changes: bool = False,
    ) -> None:
        sent, came = discord.utils.snowflake_time(request.id), time.monotonic()
        super().__init__(
            interaction.client,
            request,
            fit,
            upload_budget,
            changes=changes,
            upload_limit=interaction.filesize_limit,
            clock=lambda: sent + timedelta(seconds=time.monotonic() - came),  # whatever the host's clock says
        )
        self._interaction = interaction
        self._refused_orders = refused_orders

    async def refuse(self, refusal: BotError) -> bool:
        say = private_sentences(self._interaction)
        words = error_messages.refusal(refusal, say)
        words = error_messages.with_prompt(words, self._request.spec.prompt)
        message = OutgoingMessage(words, components=self._button_below(refusal, say))
        answered = await answer_privately(self._interaction, message)
        if answered is not None:
            return answered
        try:
            found = await self.status()
        except BotError:  # Discord does not say
            return True
        if found.state is ReplyState.WORDS:
            return True
        log_faster_process(self._interaction, AlreadyAcknowledged())
        return False

    def _button_below(self, refusal: BotError, say: Sentences) -> ui.View | None:
        """To ask once more: nothing of a refused order is on record, so it is remembered for that."""
        offer, request = retry_offer(refusal), self._request
        if offer is None:
            return None
        spec = request.spec
        if isinstance(offer, TryAgain) and offer.images:
            spec = replace(spec, count=offer.images)
        idea = Idea(spec, request.idea_by, request.wishes)
        self._refused_orders.keep(request.caller.member, request.id, idea)
        return retry_button(request.id, offer, say)

    async def acknowledge(self, request: Request) -> int | None:
        self._request = request
        try:
            self.message = await acknowledge(self._interaction, ephemeral=self._is_private)
        except AlreadyAcknowledged as error:
            if not error.certain:
                raise
        if self.message is None:
            # Discord has a first answer, and did not say which. The ledger gave the interaction to this process alone:
            # so "thinking…" is its own, of an attempt that Discord carried out and answered with an error, or not at
            # all; and anything else is a refusal of another copy.
            try:
                found = await self.status()
            except DeliveryFailed as failure:
                raise AcknowledgementUnclear(str(failure)) from failure
            if found.state is not ReplyState.THINKING:
                raise AlreadyAcknowledged
            self.message = found.message
        return self.message
