"""`/limits model`, `revise`, `private` and `spoiler`: which models members can choose, whether their prompts are
revised, and who sees their pictures.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.core.limits.offer import Requirement
from bot.core.limits.policy import Operator
from bot.core.moderation.edits import SetChoices, SetRevise, SetVisibility
from bot.interactions.command_text import described
from bot.ui.limits import policy_text
from cogs.limits.change import change

AS_DECIDED = [
    app_commands.Choice(name=described(f"option.requirement.{one}"), value=one.value) for one in Requirement
]


def picture_commands(operator: Operator) -> tuple[app_commands.Command[Any, ..., None], ...]:
    """Those about which the operator leaves anything to be decided."""
    return (
        *([_model_command(operator)] if operator.choices else []),
        *([revise] if operator.revises else []),
        *([private] if operator.private is Requirement.OPTIONAL else []),
        *([spoiler] if operator.spoiler is Requirement.OPTIONAL else []),
    )


def _model_command(operator: Operator) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description=described("command.limits.model"))
    @app_commands.describe(
        model=described("command.limits.model.model"), allowed=described("command.limits.model.allowed")
    )
    @app_commands.choices(
        model=[
            app_commands.Choice(name=policy_text.choice_label(choice), value=choice.name)
            for choice in operator.choices
        ]
    )
    async def model(interaction: discord.Interaction, model: str, allowed: bool) -> None:
        one, none = frozenset({model}), frozenset[str]()
        await change(interaction, SetChoices(none, base=one) if allowed else SetChoices(one, base=none))

    return model


@app_commands.command(description=described("command.limits.revise"))
@app_commands.describe(allowed=described("command.limits.revise.allowed"))
async def revise(interaction: discord.Interaction, allowed: bool) -> None:
    await change(interaction, SetRevise(allowed))


@app_commands.command(description=described("command.limits.private"))
@app_commands.describe(pictures=described("command.limits.private.pictures"))
@app_commands.choices(pictures=AS_DECIDED)
async def private(interaction: discord.Interaction, pictures: str) -> None:
    await change(interaction, SetVisibility(private=Requirement(pictures)))


@app_commands.command(description=described("command.limits.spoiler"))
@app_commands.describe(pictures=described("command.limits.spoiler.pictures"))
@app_commands.choices(pictures=AS_DECIDED)
async def spoiler(interaction: discord.Interaction, pictures: str) -> None:
    await change(interaction, SetVisibility(spoiler=Requirement(pictures)))
