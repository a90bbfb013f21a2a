"""*Cancel*, below the progress of an order: for whoever asked, and for moderators."""

from __future__ import annotations

from functools import partial
from typing import Any

import discord

from bot.core.place import Caller, Place
from bot.interactions.context import private_sentences
from bot.interactions.responses import acknowledge_in_place, answer_privately
from bot.interactions.services import Bot, services_of
from bot.ui.generation.picture_buttons import CANCEL_ID, GENERATION
from bot.ui.outgoing_message import OutgoingMessage
from cogs.picture import PictureButton


class CancelButton(PictureButton, template=CANCEL_ID.format(GENERATION)):
    """The message goes; whoever asked is told, and so is a moderator who pressed it."""

    async def pressed(
        self,
        interaction: discord.Interaction[Any],
        caller: Caller[Place],
        message: discord.Message,  # noqa: ARG002 — the order's own reply
    ) -> None:
        services = services_of(interaction)
        await acknowledge_in_place(interaction)  # of several copies that have received it, one goes on
        moderates = partial(services.permissions.moderates, interaction)
        cancelled = await services.cancellations.cancel(self.generation, caller.member, moderates)
        asked_by = cancelled.request.caller.member
        if asked_by != caller.member:
            done = private_sentences(interaction)("cancel.done", member=f"<@{asked_by}>")
            await answer_privately(interaction, OutgoingMessage(done))


async def setup(bot: Bot) -> None:
    bot.add_dynamic_items(CancelButton)
