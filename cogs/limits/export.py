"""`/limits export`: a server's usage as CSV, for a period."""

from __future__ import annotations

import asyncio

import discord
from discord import app_commands

from bot.core.limits.time_zones import zone_label
from bot.core.statistics.usage_export import DateRange
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences, server_of
from bot.interactions.moderator_components import require_moderator
from bot.interactions.responses import edit
from bot.interactions.services import services_of
from bot.ui.outgoing_message import OutgoingMessage, Upload
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.statistics.exports import UsageFiles


@app_commands.command(description=described("command.limits.export"))
@app_commands.rename(first="from", last="to")
@app_commands.describe(
    first=described("command.limits.export.from"),
    last=described("command.limits.export.to"),
)
async def export(interaction: discord.Interaction, first: str | None = None, last: str | None = None) -> None:
    await require_moderator(interaction)
    services, server = services_of(interaction), server_of(interaction)
    period = await services.usage_export.period(server, first, last)
    files = UsageFiles(period.zone, interaction.filesize_limit)
    async with services.bulk.turn(server, interaction.user.id):
        async for page in services.usage_export.generations(server, period):
            # In a thread: a year of a server's pictures must not hold up everybody else's.
            await asyncio.to_thread(files.add, page)
        contents = files.contents()
    uploads = tuple(
        Upload(f"imagine-{period.first}-to-{period.last}-{number}.csv", content)
        for number, content in enumerate(contents, start=1)
    )
    words = export_text(period, files.rows, len(contents), private_sentences(interaction))
    await edit(interaction, OutgoingMessage(words, files=uploads))


def export_text(period: DateRange, rows: int, files: int, say: Sentences = IN_ENGLISH) -> str:
    first, last = period.first.isoformat(), period.last.isoformat()
    if not rows:
        return say("export.nothing", first=first, last=last)
    return say.text(
        say("export.commands", count=rows, first=first, last=last, zone=zone_label(period.zone.key)),
        say("export.open.one") if files == 1 else say("export.open.several", count=files),
    )
