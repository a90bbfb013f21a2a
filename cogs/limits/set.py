"""`/limits set`: the numbers that hold for everybody, and when the day begins."""

# ruff: noqa: N806 — the options' types are made here, with the bounds that the operator set.
# No postponed annotations here: discord.py reads the options' bounds from them while the function is made.
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.core.limits.meters import Limit
from bot.core.limits.policy import Operator, Setting
from bot.core.limits.time_zones import (
    LONGEST_NAME,
    SUGGESTIONS,
    names_one_zone,
    suggested_zones,
    zone_label,
    zone_named,
)
from bot.core.moderation.edits import Edit, SetNumbers, SetZone
from bot.core.moderation.errors import OneOptionNeeded
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences
from bot.interactions.error_handling import CHOICE_LENGTH, Suggestions, routed_autocomplete
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import cut, plain
from cogs.limits.change import change

TYPED_SHOWN = 40
"""Characters of what was typed, in a suggestion that quotes it."""
ZONE_OPTION = "time_zone"
OPTIONS = {Setting.PER_PROMPT.value: "images_per_prompt", Setting.AT_ONCE.value: "prompts_at_once"}
"""Settings whose option says more than the name they are stored by."""


def set_command(operator: Operator) -> app_commands.Command[Any, ..., None]:
    bounds = {setting: operator.numbers_for(setting) for setting in Setting}
    if TYPE_CHECKING:
        Daily: TypeAlias = int
        Monthly: TypeAlias = int
        ServerDaily: TypeAlias = int
        ServerMonthly: TypeAlias = int
        PerPrompt: TypeAlias = int
        AtOnce: TypeAlias = int
        Cooldown: TypeAlias = int
        ZoneName: TypeAlias = str
    else:
        Daily = app_commands.Range[int, *bounds[Setting.DAILY]]
        Monthly = app_commands.Range[int, *bounds[Setting.MONTHLY]]
        ServerDaily = app_commands.Range[int, *bounds[Setting.SERVER_DAILY]]
        ServerMonthly = app_commands.Range[int, *bounds[Setting.SERVER_MONTHLY]]
        PerPrompt = app_commands.Range[int, *bounds[Setting.PER_PROMPT]]
        AtOnce = app_commands.Range[int, *bounds[Setting.AT_ONCE]]
        Cooldown = app_commands.Range[int, *bounds[Setting.COOLDOWN]]
        ZoneName = app_commands.Range[str, 1, LONGEST_NAME]

    @app_commands.command(name="set", description=described("command.limits.set"))
    @app_commands.describe(
        **{
            setting.value: described(f"command.limits.set.{setting}", least=least, most=most)
            for setting, (least, most) in bounds.items()
        },
        unlimited=described("command.limits.set.unlimited"),
        zone=described("command.limits.set.zone"),
    )
    @app_commands.rename(**OPTIONS, zone=ZONE_OPTION)
    @app_commands.choices(unlimited=_unlimited_choices(operator))
    @app_commands.autocomplete(zone=routed_autocomplete(suggest_zones))
    async def set_numbers(  # noqa: PLR0913, PLR0917 — an option for each setting
        interaction: discord.Interaction,
        daily: Daily | None = None,
        monthly: Monthly | None = None,
        server_daily: ServerDaily | None = None,
        server_monthly: ServerMonthly | None = None,
        per_prompt: PerPrompt | None = None,
        at_once: AtOnce | None = None,
        cooldown: Cooldown | None = None,
        unlimited: str | None = None,
        zone: ZoneName | None = None,
    ) -> None:
        given: dict[Setting, int | None] = {
            Setting.DAILY: daily,
            Setting.MONTHLY: monthly,
            Setting.SERVER_DAILY: server_daily,
            Setting.SERVER_MONTHLY: server_monthly,
            Setting.PER_PROMPT: per_prompt,
            Setting.AT_ONCE: at_once,
            Setting.COOLDOWN: cooldown,
        }
        numbers = {setting: number for setting, number in given.items() if number is not None}
        await change(interaction, *edits_of(numbers, unlimited, zone))

    return set_numbers


def _unlimited_choices(operator: Operator) -> list[app_commands.Choice[str]]:
    """The settings that may be unlimited; all of them where none may.

    For with an empty list Discord would take any text. What is chosen then, the use case refuses.
    """
    counts = [setting for setting in Setting if setting is not Setting.COOLDOWN]
    allowed = [setting for setting in counts if operator.bounds[setting].ceiling is None]
    return [
        app_commands.Choice(name=described(f"setting.{setting}"), value=setting.value)
        for setting in allowed or counts
    ]


def option_name(setting: Setting) -> str:
    """The name of its option in the command."""
    return OPTIONS.get(setting.value, setting.value)


def edits_of(numbers: Mapping[Setting, Limit], unlimited: str | None, zone: str | None) -> list[Edit]:
    """What the command's options ask for. Raises OneOptionNeeded, UnknownTimeZone."""
    decided = dict(numbers)
    if unlimited and Setting(unlimited) in decided:
        raise OneOptionNeeded((option_name(Setting(unlimited)), "unlimited"))
    if unlimited:
        decided[Setting(unlimited)] = None
    edits: list[Edit] = [SetNumbers(decided)] if decided else []
    if zone:
        edits.append(SetZone(zone_named(zone)))
    if not edits:
        raise OneOptionNeeded((*map(option_name, Setting), "unlimited", ZONE_OPTION))
    return edits


async def suggest_zones(interaction: discord.Interaction, typed: str) -> Suggestions:
    return zone_choices(typed, interaction.created_at, private_sentences(interaction))


def zone_choices(typed: str, now: datetime, say: Sentences = IN_ENGLISH) -> Suggestions:
    """Suggested zones, each with the time of day there.

    Discord's client takes the first suggestion where somebody presses Enter. So where `typed` does not mean exactly one
    zone, the first one repeats it, and says so: pressing Enter then chooses no zone by accident.
    """
    typed = plain(typed)
    found = [
        app_commands.Choice(
            name=say(
                "zone.now",
                zone=zone_label(name).replace("_", " "),
                time=f"{now.astimezone(ZoneInfo(name)):%H:%M}",
            ),
            value=name,
        )
        for name in suggested_zones(typed)
    ]
    if not typed or names_one_zone(typed):
        return found
    shown = cut(typed, TYPED_SHOWN)
    says = say("zone.ambiguous" if found else "zone.unknown", text=shown)
    return [app_commands.Choice(name=says, value=cut(typed, CHOICE_LENGTH)), *found[: SUGGESTIONS - 1]]
