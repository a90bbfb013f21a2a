"""A discord.py bot with every field a modal can have: run as a process, never imported by a test."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import Any

import discord
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

Route.BASE = os.environ["DISCORD_API_URL"]
DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["DISCORD_GATEWAY_URL"])
bot = discord.Client(intents=discord.Intents.none())
tree = app_commands.CommandTree(bot)
SIZES = [discord.RadioGroupOption(label=size, value=size) for size in ("small", "large")]
DAYS = [discord.CheckboxGroupOption(label=day, value=day) for day in ("mon", "tue", "wed")]


class Form(ui.Modal):
    """Answers with what the library made of each field, as JSON."""

    def __init__(self, chosen: discord.abc.Snowflake) -> None:
        super().__init__(title="Everything", custom_id="form")
        default = [discord.SelectDefaultValue(id=chosen.id, type=discord.SelectDefaultValueType.user)]
        self.fields: dict[str, ui.Item[Any]] = {
            "text": ui.TextInput(custom_id="text", default="words", max_length=20),
            "colour": ui.Select(custom_id="colour", options=[discord.SelectOption(label="red")]),
            "who": ui.UserSelect(custom_id="who", default_values=default, max_values=2),
            "role": ui.RoleSelect(custom_id="role", required=False),
            "where": ui.ChannelSelect(custom_id="where", required=False),
        }
        for name, field in self.fields.items():
            self.add_item(ui.Label(text=name, component=field))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        values = {name: getattr(field, "values", None) for name, field in self.fields.items()}
        said = {name: [getattr(one, "name", one) for one in chosen or []] for name, chosen in values.items()}
        await interaction.response.send_message(json.dumps({**said, "text": str(self.fields["text"])}))


class Choices(ui.Modal):
    """Ticks, choices and a file; its answer changes the message that it was opened from."""

    def __init__(self) -> None:
        super().__init__(title="Choices", custom_id="choices")
        self.size: ui.RadioGroup[Choices] = ui.RadioGroup(custom_id="size", options=SIZES)
        self.days: ui.CheckboxGroup[Choices] = ui.CheckboxGroup(custom_id="days", options=DAYS)
        self.sure: ui.Checkbox[Choices] = ui.Checkbox(custom_id="sure")
        self.file: ui.FileUpload[Choices] = ui.FileUpload(custom_id="file", required=False)
        self.add_item(ui.TextDisplay("Choose well."))
        fields: dict[str, ui.Item[Any]] = {
            "Size": self.size,
            "Days": self.days,
            "Sure": self.sure,
            "File": self.file,
        }
        for name, field in fields.items():
            self.add_item(ui.Label(text=name, component=field))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        sizes = [(file.filename, len(await file.read(use_cached=False))) for file in self.file.values]
        said = [self.size.value, sorted(self.days.values), self.sure.value, sizes]
        await interaction.response.edit_message(view=Panel(json.dumps(said)))


class Open(ui.Button["Panel"]):
    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Choices())


class Panel(ui.LayoutView):
    def __init__(self, words: str) -> None:
        super().__init__()
        section: ui.Section[Panel] = ui.Section(words, accessory=Open(label="Open", custom_id="open"))
        self.add_item(ui.Container(section))


@tree.command(description="Opens a form")
async def fill(interaction: discord.Interaction, chosen: discord.Member) -> None:
    await interaction.response.send_modal(Form(chosen))


@tree.command(description="Shows a layout")
async def panel(interaction: discord.Interaction) -> None:
    await interaction.response.send_message(view=Panel("Nothing yet"))


async def main() -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: asyncio.ensure_future(bot.close()))
    async with bot:
        await bot.login(os.environ["DISCORD_TOKEN"])
        await tree.sync()
        await bot.connect()


if __name__ == "__main__":
    discord.utils.setup_logging()
    asyncio.run(main())
