"""A discord.py bot that uses every part of Discord's interface once: run as a process, never imported by a test."""

# No postponed annotations: discord.py reads the options' types from them.
import asyncio
import io
import os
import signal
from typing import Any

import discord
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route
from PIL import Image
from yarl import URL

Route.BASE = os.environ["DISCORD_API_URL"]
DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["DISCORD_GATEWAY_URL"])
COLOURS = ("tomato", "gold", "seagreen", "royalblue", "orchid")
CITIES = ("Berlin", "Bergen", "Bern", "Lima", "Lisbon")


class EverythingBot(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        await self.tree.sync()


bot = EverythingBot()


def square(colour: str) -> discord.File:
    content = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(content, "PNG")
    content.seek(0)
    return discord.File(content, f"{colour}.png", description=f"A {colour} square")


class WordsForm(ui.Modal, title="Words and choices"):
    about: ui.TextDisplay[ui.LayoutView] = ui.TextDisplay("**Five** fields of every kind of *word*.")
    name: ui.Label[ui.View] = ui.Label(
        text="Name", component=ui.TextInput(custom_id="name", min_length=2, max_length=20)
    )
    story: ui.Label[ui.View] = ui.Label(
        text="Story",
        description="As long as you like",
        component=ui.TextInput(custom_id="story", style=discord.TextStyle.paragraph, required=False),
    )
    size: ui.Label[ui.View] = ui.Label(
        text="Size",
        component=ui.RadioGroup(
            custom_id="size", options=[discord.RadioGroupOption(label=one) for one in ("small", "large")]
        ),
    )
    sides: ui.Label[ui.View] = ui.Label(
        text="Sides",
        component=ui.CheckboxGroup(
            custom_id="sides",
            max_values=2,
            options=[discord.CheckboxGroupOption(label=one) for one in ("left", "right", "top")],
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await say_submitted(interaction)


class ThingsForm(ui.Modal, title="Things to point at"):
    colour: ui.Label[ui.View] = ui.Label(
        text="Colour",
        component=ui.Select(custom_id="colour", options=[discord.SelectOption(label=one) for one in COLOURS]),
    )
    who: ui.Label[ui.View] = ui.Label(text="Who", component=ui.UserSelect(custom_id="who", max_values=3))
    where: ui.Label[ui.View] = ui.Label(text="Where", component=ui.ChannelSelect(custom_id="where"))
    file: ui.Label[ui.View] = ui.Label(text="A file", component=ui.FileUpload(custom_id="file"))
    agreed: ui.Label[ui.View] = ui.Label(text="Agreed", component=ui.Checkbox(custom_id="agreed"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await say_submitted(interaction)


async def say_submitted(interaction: discord.Interaction) -> None:
    """What Discord sent, field by field."""
    data: dict[str, Any] = dict(interaction.data or {})
    fields = [row["component"] for row in data["components"] if "component" in row]
    lines = [f"{one['custom_id']} = {one.get('value', one.get('values'))}" for one in fields]
    await interaction.response.send_message("\n".join(lines))


@bot.tree.command(description="A form of words")
async def words(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(WordsForm())


@bot.tree.command(description="A form of things")
async def things(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(ThingsForm())


class Menus(ui.View):
    @ui.select(placeholder="Colours", max_values=2, options=[discord.SelectOption(label=c) for c in COLOURS])
    async def colours(self, interaction: discord.Interaction, menu: "ui.Select[Menus]") -> None:
        await interaction.response.send_message(f"colours: {', '.join(menu.values)}")

    @ui.select(cls=ui.UserSelect, placeholder="Somebody")
    async def somebody(self, interaction: discord.Interaction, menu: "ui.UserSelect[Menus]") -> None:
        await interaction.response.edit_message(content=f"somebody: {menu.values[0].display_name}")

    @ui.select(cls=ui.RoleSelect, placeholder="A role")
    async def role(self, interaction: discord.Interaction, menu: "ui.RoleSelect[Menus]") -> None:
        await interaction.response.send_message(f"role: {menu.values[0].name}", ephemeral=True)

    @ui.button(label="Slow", style=discord.ButtonStyle.primary)
    async def slow(self, interaction: discord.Interaction, _: "ui.Button[Menus]") -> None:
        """Never answers."""

    @ui.button(label="Gone", style=discord.ButtonStyle.danger)
    async def gone(self, interaction: discord.Interaction, _: "ui.Button[Menus]") -> None:
        await interaction.response.defer()
        await interaction.delete_original_response()


@bot.tree.command(description="Menus and buttons")
async def menus(interaction: discord.Interaction) -> None:
    view = Menus().add_item(ui.Button(label="A link", url="https://example.com/"))
    await interaction.response.send_message(
        "Choose", view=view.add_item(ui.Button(label="Off", disabled=True))
    )


class Layout(ui.LayoutView):
    box: ui.Container["Layout"] = ui.Container(
        ui.TextDisplay("## A layout\nwith **everything** in it, <t:1893456000:D>"),
        ui.Separator(spacing=discord.SeparatorSpacing.large),
        ui.Section(
            "A section with a picture",
            accessory=ui.Thumbnail("attachment://gold.png", description="Gold"),
        ),
        ui.Section("A section with a button", accessory=ui.Button(label="Press me", custom_id="press-me")),
        ui.MediaGallery(*(discord.MediaGalleryItem(f"attachment://{one}.png") for one in COLOURS[:3])),
        ui.File("attachment://notes.txt"),
        accent_colour=0x2BA77C,
    )

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        await interaction.response.send_message("pressed", ephemeral=True)
        return False


@bot.tree.command(description="A V2 layout")
async def layout(interaction: discord.Interaction) -> None:
    notes = discord.File(io.BytesIO(b"some notes"), "notes.txt")
    files = [*(square(one) for one in COLOURS[:3]), notes]
    await interaction.response.send_message(view=Layout(), files=files)


@bot.tree.command(description="Every option")
async def options(
    interaction: discord.Interaction,
    city: str,
    ratio: app_commands.Range[float, 0.5, 2.0] = 1.0,
    loud: bool = False,
    who: discord.Member | None = None,
    role: discord.Role | None = None,
    where: discord.TextChannel | None = None,
    file: discord.Attachment | None = None,
) -> None:
    told = [city, ratio, loud, who and who.display_name, role and role.name, where and where.name]
    await interaction.response.send_message(f"{told} {file.filename if file else ''}")


@options.autocomplete("city")
async def cities(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=one, value=one) for one in CITIES if typed.lower() in one.lower()]


class ChangedWords(ui.View):
    @ui.button(label="Change the words")
    async def change(self, interaction: discord.Interaction, _: "ui.Button[ChangedWords]") -> None:
        await interaction.response.edit_message(content="Changed")


@bot.tree.command(description="Two pictures that are not shown at once")
async def spoiler(interaction: discord.Interaction) -> None:
    hidden = [square(one) for one in COLOURS[:2]]
    for file in hidden:
        file.spoiler = True
    await interaction.response.send_message("Careful", files=hidden, view=ChangedWords())


@bot.tree.command(description="Counts to eight")
async def count(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("1 of 8")
    for number in range(2, 9):
        await interaction.edit_original_response(content=f"{number} of 8")
    await interaction.followup.send("Done")


@bot.tree.command(description="Never answers")
async def sulk(_: discord.Interaction) -> None:
    """Not even an acknowledgement."""


@bot.tree.context_menu(name="Who wrote this")
async def who_wrote_this(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(
        f"{message.author.name} wrote {message.content!r}", ephemeral=True
    )


@bot.tree.context_menu(name="Greet")
async def greet(interaction: discord.Interaction, member: discord.Member) -> None:
    await interaction.response.send_message(f"Hello {member.mention}")


async def main() -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: asyncio.ensure_future(bot.close()))
    async with bot:
        await bot.start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    discord.utils.setup_logging()
    asyncio.run(main())
