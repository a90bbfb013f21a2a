"""“Report this picture”, in the menu of a message: for every member, to the moderators' log."""

from __future__ import annotations

import re

import discord
from discord import app_commands, ui

from bot.core.errors import InvalidOption
from bot.core.moderator_log.errors import NotABotPicture
from bot.core.moderator_log.reports import Reported
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences, server_caller_of, server_of
from bot.interactions.modals import Answers, form
from bot.interactions.responses import acknowledge, edit, open_modal
from bot.interactions.services import Bot
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import Sentences
from bot.ui.text import snowflake

FORM = r"report:(\d{1,20}):(\d{1,20})"
LONGEST_REASON = 300


def report_form(message: int, asked_by: int | None, say: Sentences) -> ui.Modal:
    """`asked_by`: the member whose picture it is, where that is known."""
    return form(
        say("menu.report"),
        f"report:{message}:{asked_by or 0}",
        ui.Label(
            text=say("field.what_is_wrong"),
            description=say("form.hint.report"),
            component=ui.TextInput(
                custom_id="reason",
                style=discord.TextStyle.paragraph,
                required=False,
                max_length=LONGEST_REASON,
            ),
        ),
    )


async def setup(bot: Bot) -> None:
    @bot.tree.context_menu(name=described("menu.report"))
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def report(interaction: discord.Interaction, message: discord.Message) -> None:
        own = interaction.client.user
        shows_picture = bool(message.attachments) or any(embed.image for embed in message.embeds)
        if own is None or message.author.id != own.id or not shows_picture:
            raise NotABotPicture
        await bot.services.reports.check(server_of(interaction), interaction.user.id, message.id)
        asked = message.interaction_metadata
        asked_by = asked.user.id if asked else None
        await open_modal(interaction, report_form(message.id, asked_by, private_sentences(interaction)))

    async def take(interaction: discord.Interaction, match: re.Match[str], answers: Answers) -> None:
        message, owner = snowflake(match[1]), snowflake(match[2])
        if message is None or (owner is None and int(match[2])):
            raise InvalidOption("picture")
        await acknowledge(interaction)  # of several copies that have received the form, one goes on
        reason = answers.text("reason").strip()
        logged = await bot.services.reports.report(
            Reported(server_caller_of(interaction), message, owner, reason)
        )
        say = private_sentences(interaction)
        thanks = say("report.thanks" if logged else "report.kept")
        await edit(interaction, OutgoingMessage(thanks))

    bot.forms.add(FORM, take)
