"""A minimal discord.py bot: run as a process against the look-alike, never imported by a test."""

from __future__ import annotations

import asyncio
import io
import os
import signal

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

Route.BASE = os.environ["DISCORD_API_URL"]
DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["DISCORD_GATEWAY_URL"])
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(2000)


class SmallBot(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        await self.tree.sync()


bot = SmallBot()


@bot.tree.command(description="Paint a picture")
async def imagine(
    interaction: discord.Interaction,
    prompt: app_commands.Range[str, 1, 100],
    images: app_commands.Range[int, 1, 4] = 1,
) -> None:
    await interaction.response.defer()
    files = [
        discord.File(io.BytesIO(PICTURE), f"picture-{number}.png", description=f"{prompt} {number}")
        for number in range(images)
    ]
    embed = discord.Embed(description=prompt).set_image(url="attachment://picture-0.png")
    embed.set_footer(text="a revised prompt")
    await interaction.edit_original_response(embed=embed, attachments=files)


@bot.tree.command(description="Says something to you alone")
async def whisper(interaction: discord.Interaction, to: discord.Member) -> None:
    await interaction.response.send_message(f"psst, {to.display_name}", ephemeral=True)


@bot.tree.command(description="Never answers")
async def sulk(interaction: discord.Interaction) -> None:
    """Not even an acknowledgement."""


@bot.tree.command(description="For moderators")
@app_commands.default_permissions(manage_guild=True)
async def reign(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("done")


@bot.tree.context_menu(name="Who is this")
async def who_is_this(interaction: discord.Interaction, member: discord.Member) -> None:
    await interaction.response.send_message(member.display_name)


class Naming(discord.ui.Modal, title="A name"):
    name: discord.ui.TextInput[Naming] = discord.ui.TextInput(label="Name", custom_id="name", max_length=20)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"It is called {self.name.value}")


class Buttons(discord.ui.View):
    @discord.ui.button(label="Again")
    async def again(self, interaction: discord.Interaction, button: discord.ui.Button[Buttons]) -> None:
        await interaction.response.edit_message(content=f"{button.label}!")

    @discord.ui.button(label="Name it")
    async def name_it(self, interaction: discord.Interaction, button: discord.ui.Button[Buttons]) -> None:
        await interaction.response.send_modal(Naming())

    @discord.ui.select(placeholder="Colour", options=[discord.SelectOption(label=c) for c in ("red", "blue")])
    async def colour(self, interaction: discord.Interaction, menu: discord.ui.Select[Buttons]) -> None:
        await interaction.response.send_message(menu.values[0], ephemeral=True)


@bot.tree.command(description="Shows buttons")
async def buttons(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("Once", view=Buttons())


@bot.tree.command(description="Completes words")
async def complete(interaction: discord.Interaction, word: str) -> None:
    await interaction.response.send_message(word)


@complete.autocomplete("word")
async def words(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{typed}{end}", value=f"{typed}{end}") for end in ("ing", "ed")]


async def main() -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: asyncio.ensure_future(bot.close()))
    async with bot:
        await bot.start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    discord.utils.setup_logging()
    asyncio.run(main())
