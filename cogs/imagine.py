"""`/imagine`: from what the member typed to the studio."""

# ruff: noqa: N806 — the options' types are made here, with the bounds that the operator set.
# No postponed annotations here: discord.py reads the options' bounds from them while the function is made.
from typing import TYPE_CHECKING, Any, TypeAlias

import discord
from discord import app_commands

from bot.core.generation.model import Request
from bot.interactions.replies import InteractionReply
from bot.interactions.services import Host


def imagine_command(host: Host) -> app_commands.Command[Any, ..., None]:
    """The command with its options' bounds, so that Discord refuses bad input itself."""
    if TYPE_CHECKING:
        Prompt: TypeAlias = str
        Images: TypeAlias = int
    else:
        Prompt = app_commands.Range[str, 1, host.longest_prompt]
        Images = app_commands.Range[int, 1, host.most_images]

    @app_commands.command(description="Paint a picture of what you describe")
    @app_commands.describe(
        prompt="What the picture shows",
        images=f"How many pictures, 1 to {host.most_images}; 1 if you leave it out",
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def imagine(interaction: discord.Interaction, prompt: Prompt, images: Images = 1) -> None:
        request = Request(
            id=interaction.id,
            caller=await host.callers.of(interaction),
            prompt=prompt,
            images=images,
            application=interaction.application_id,
            token=interaction.token,
        )
        await host.imagine_service.imagine(
            request, InteractionReply(interaction, request, host.fit, host.upload_budget)
        )

    return imagine


async def setup(host: Host) -> None:
    host.command_tree.add_command(imagine_command(host))
