"""`/imagine`: from what the member typed to the use case."""

# ruff: noqa: N806 — the options' types are made here, with the bounds that the operator set.
# No postponed annotations here: discord.py reads the options' bounds from them while the function is made.
from typing import TYPE_CHECKING, TypeAlias

import discord
from discord import app_commands

from bot.interactions.command_places import offered_everywhere
from bot.interactions.command_text import described
from bot.interactions.picture_options import paint_as_preferred, picture_options, spec_of
from bot.interactions.prompt_suggestions import prompt_suggestions
from bot.interactions.services import Bot


async def setup(bot: Bot) -> None:
    """Adds the command with its options' bounds, so that Discord refuses bad input itself."""
    services, bounds = bot.services, bot.services.imagine_bounds
    if TYPE_CHECKING:
        Prompt: TypeAlias = str
        Images: TypeAlias = int
    else:
        Prompt = app_commands.Range[str, 1, bounds.longest_prompt]
        Images = app_commands.Range[int, 1, bounds.most]

    @bot.tree.command(description=described("command.imagine"))
    @app_commands.describe(
        prompt=described("command.imagine.prompt"),
        images=described("command.imagine.images", most=bounds.most),
    )
    @app_commands.autocomplete(prompt=prompt_suggestions(services.earlier_prompts))
    @offered_everywhere(services.moderation.operator)
    @picture_options(services, bounds.shapes)
    async def imagine(
        interaction: discord.Interaction, /, prompt: Prompt, images: Images = 1, **chosen: str | None
    ) -> None:
        prompt = await services.earlier_prompts.resolve(interaction.user.id, prompt)
        spec = spec_of(services, prompt, images, **chosen)
        await paint_as_preferred(interaction, services, spec, chosen)
