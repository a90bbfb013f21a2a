"""`/privacy`: what is kept about a member, for themselves alone."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Self

import discord
from discord import app_commands, ui

from bot.core.errors import NotYourButton
from bot.interactions.command_places import offered_as_own
from bot.interactions.command_text import described
from bot.interactions.context import caller_of, private_sentences
from bot.interactions.error_handling import RoutedItem
from bot.interactions.responses import acknowledge, acknowledge_in_place, answer_privately, edit, respond
from bot.interactions.services import Bot, services_of
from bot.ui.outgoing_message import OutgoingMessage, Upload
from bot.ui.privacy.summary import DELETE_ID, erased_layout, privacy_embed, question_layout
from bot.ui.statistics.exports import member_data_files


async def info(interaction: discord.Interaction) -> None:
    services, say = services_of(interaction), private_sentences(interaction)
    embed = privacy_embed(services.privacy.keep_prompts, say, edits=services.changes_pictures)
    await answer_privately(interaction, OutgoingMessage(embeds=(embed,)))


async def show(interaction: discord.Interaction) -> None:
    say = private_sentences(interaction)
    await acknowledge(interaction)
    services, member = services_of(interaction), interaction.user.id
    async with services.bulk.turn(caller_of(interaction).tenant, member):
        data = await services.privacy.about(member)
        # In a thread: years of somebody's pictures must not hold up everybody else's.
        files = await asyncio.to_thread(member_data_files, data, interaction.filesize_limit)
        uploads = tuple(Upload(name, content) for name, content in files.items())
        await edit(interaction, OutgoingMessage(say("privacy.file"), files=uploads))


async def delete(interaction: discord.Interaction) -> None:
    question = question_layout(interaction.user.id, private_sentences(interaction))
    await respond(interaction, OutgoingMessage(components=question))


class DeleteButton(RoutedItem[ui.Button[Any]], template=DELETE_ID.format(r"(?P<member>\d{1,20})")):
    """Whose data it is stands in the custom id; nobody else's press counts."""

    def __init__(self, member: int) -> None:
        super().__init__(ui.Button(custom_id=DELETE_ID.format(member)))
        self.member = member

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["member"]))

    async def used(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.user.id != self.member:
            raise NotYourButton
        services = services_of(interaction)
        # Also where another process is faster, which then erases what is on record.
        services.refused_orders.erase(self.member, by=interaction.id)
        services.preferences.forget(self.member)
        await acknowledge_in_place(interaction)
        async with services.erasures.turn(caller_of(interaction).tenant, self.member):
            erased = await services.privacy.erase(self.member)
        layout = erased_layout(erased, private_sentences(interaction))
        await edit(interaction, OutgoingMessage(components=layout))


async def setup(bot: Bot) -> None:
    group = app_commands.Group(name="privacy", description=described("command.privacy"))
    offered_as_own(bot.services.moderation.operator)(group)
    for name, callback in (("info", info), ("show", show), ("delete", delete)):
        description = described(f"command.privacy.{name}")
        group.add_command(app_commands.Command(name=name, description=description, callback=callback))
    bot.tree.add_command(group)
    bot.add_dynamic_items(DeleteButton)
