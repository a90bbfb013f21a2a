"""What a typed change is answered with: to the moderator alone, before → after, or a question first."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.core.limits.policy import Operator
from bot.core.moderation.edits import Edit
from bot.core.moderation.service import Outcome
from bot.interactions import responses
from bot.interactions.services import Services
from bot.ui.limits.policy_text import fitting
from bot.ui.moderation.confirmation import confirmation_layout
from bot.ui.moderation.diff_text import changed_just_now
from bot.ui.sentences import IN_ENGLISH
from cogs.limits.panel import acknowledge

MESSAGE_LIMIT = 2000
CHANGED = "✅ **Changed**, effective now:"


async def admit(services: Services, interaction: discord.Interaction) -> None:
    """Before anything else. Discord lets moderators alone give the command, and this asks once more."""
    await acknowledge(interaction)
    await services.rights.require(interaction)


async def change(services: Services, interaction: discord.Interaction, *edits: Edit) -> None:
    await admit(services, interaction)
    await carry_out(services, interaction, *edits)


async def carry_out(services: Services, interaction: discord.Interaction, *edits: Edit) -> None:
    """In the server where they were asked for, one after the other."""
    server, by = interaction.guild_id or 0, interaction.user.id
    outcomes = [await services.moderation.change(server, by, edit) for edit in edits]
    await answer(interaction, list(zip(edits, outcomes, strict=True)), services.moderation.operator)


async def ask(services: Services, interaction: discord.Interaction, edit: Edit) -> None:
    """Change nothing before the moderator has seen what it would be."""
    await admit(services, interaction)
    outcome = await services.moderation.preview(interaction.guild_id or 0, edit)
    await answer(interaction, [(edit, outcome)], services.moderation.operator)


async def answer(
    interaction: discord.Interaction, done: Sequence[tuple[Edit, Outcome]], operator: Operator
) -> None:
    """In the place that was acknowledged. A question comes alone: what was changed beside it follows."""
    asked = [(edit, outcome) for edit, outcome in done if outcome.needs_confirmation and outcome.differences]
    lines = [
        line
        for _, outcome in done
        if not outcome.needs_confirmation
        for line in changed_just_now(outcome, operator)
    ]
    if not asked:
        await responses.edit(interaction, content=told(lines))
        return
    [(edit, outcome)] = asked
    layout = confirmation_layout(edit, outcome, operator)
    await responses.edit(interaction, view=layout)
    if lines:
        await responses.follow_up(interaction, told(lines))


def told(lines: Sequence[str]) -> str:
    return fitting([CHANGED, *lines], MESSAGE_LIMIT) if lines else IN_ENGLISH("diff.unchanged")
