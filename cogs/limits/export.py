"""`/limits export`: a server's usage as CSV, for a period."""

from __future__ import annotations

import asyncio

import discord
from discord import app_commands

from bot.core.limits.time_zones import called
from bot.core.statistics.usage_export import DateRange
from bot.interactions.responses import Upload, edit
from bot.interactions.services import services_of
from bot.ui.statistics.exports import UsageFiles
from cogs.limits.panel import acknowledge

NOTHING = "Nobody asked for images here from {first} to {last}."
TOLD = "{commands} from {first} to {last} ({zone} time). Open {files} in a spreadsheet."


@app_commands.command(description="Download who used what as a spreadsheet (CSV)")
@app_commands.rename(first="from", last="to")
@app_commands.describe(
    first="First day: 2026-11-01, yesterday or today (default: the first of this month)",
    last="Last day: 2026-11-30, yesterday or today (default: today)",
)
async def export(interaction: discord.Interaction, first: str | None = None, last: str | None = None) -> None:
    await acknowledge(interaction)
    services, server = services_of(interaction), interaction.guild_id or 0
    await services.rights.require(interaction)
    period = await services.usage_export.period(server, first, last)
    files = UsageFiles(period.zone, interaction.filesize_limit)
    async with services.bulk.turn(server, interaction.user.id):
        async for page in services.usage_export.generations(server, period):
            # In a thread: a year of a server's pictures must not hold up everybody else's.
            await asyncio.to_thread(files.add_all, page)
        contents = files.contents()
    await edit(
        interaction,
        content=told(period, files.rows, len(contents)),
        uploads=[
            Upload(f"imagine-{period.first}-to-{period.last}-{number}.csv", content)
            for number, content in enumerate(contents, start=1)
        ],
    )


def told(period: DateRange, rows: int, files: int) -> str:
    if not rows:
        return NOTHING.format(first=period.first, last=period.last)
    return TOLD.format(
        commands="1 command" if rows == 1 else f"{rows:,} commands",
        first=period.first,
        last=period.last,
        zone=called(period.zone.key),
        files="the file" if files == 1 else f"the {files} files",
    )
