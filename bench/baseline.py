"""The baseline: the least that a discord.py bot can do for `/imagine`. No limits, no records, no errors."""

from __future__ import annotations

import io
import os

import discord
import httpx
import uvloop
from discord import app_commands
from httpx_aiohttp import AiohttpTransport
from yarl import URL

MOST_CONNECTIONS = 512


class Baseline(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.none(), max_messages=None)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS)
        self.api = httpx.AsyncClient(transport=AiohttpTransport(limits=limits), timeout=60)
        self.tree.add_command(imagine)
        await self.tree.sync()


@app_commands.command(description="Paint a picture")
async def imagine(interaction: discord.Interaction[Baseline], prompt: str, images: int = 1) -> None:
    await interaction.response.defer()
    answer = await interaction.client.api.post(
        f"{os.environ['IMAGE_API_URL']}/images/generations",
        headers={"Authorization": f"Bearer {os.environ['IMAGE_API_KEY']}"},
        json={"model": "x-ai/grok-2-image", "prompt": prompt, "n": images},
    )
    row = answer.json()["data"][0]
    picture = await interaction.client.api.get(row["url"])
    embed = discord.Embed(description=prompt).set_image(url="attachment://picture.jpg")
    embed.set_footer(text=row["revised_prompt"])
    file = discord.File(io.BytesIO(picture.content), "picture.jpg")
    await interaction.edit_original_response(embed=embed, attachments=[file])


async def main() -> None:
    async with Baseline() as bot:
        await bot.start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["DISCORD_GATEWAY_URL"])
    uvloop.run(main())
