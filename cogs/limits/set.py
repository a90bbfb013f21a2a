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
from bot.core.limits.time_zones import LONGEST, SUGGESTIONS, called, means_one, suggested_zones, zone_named
from bot.core.moderation.edits import Edit, SetNumbers, SetZone
from bot.core.moderation.errors import ConflictingOptions
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences
from bot.interactions.error_handling import CHOICE_LENGTH, Suggestions, routed_autocomplete
from bot.interactions.services import Services
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import cut, plain
from cogs.limits.change import change

SHOWN = 40
ZONE_OPTION = "time_zone"
OPTIONS = {Setting.PER_PROMPT.value: "images_per_prompt", Setting.AT_ONCE.value: "prompts_at_once"}
"""Settings whose option says more than the name they are stored by."""


def set_command(services: Services) -> app_commands.Command[Any, ..., None]:
    operator = services.moderation.operator

    def within(setting: Setting) -> Any:
        return app_commands.Range[int, *operator.numbers_for(setting)]

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
        Daily = within(Setting.DAILY)
        Monthly = within(Setting.MONTHLY)
        ServerDaily = within(Setting.SERVER_DAILY)
        ServerMonthly = within(Setting.SERVER_MONTHLY)
        PerPrompt = within(Setting.PER_PROMPT)
        AtOnce = within(Setting.AT_ONCE)
        Cooldown = within(Setting.COOLDOWN)
        ZoneName = app_commands.Range[str, 1, LONGEST]

    @app_commands.command(name="set", description=described("command.limits.set"))
    @app_commands.describe(
        **{setting.value: bounds_text(operator, setting) for setting in Setting},
        unlimited=described("command.limits.set.unlimited"),
        zone=described("command.limits.set.zone"),
    )
    @app_commands.rename(**OPTIONS, zone=ZONE_OPTION)
    @app_commands.choices(unlimited=endless(operator))
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
        await change(interaction, *number_edits(numbers, unlimited, zone))

    return set_numbers


def bounds_text(operator: Operator, setting: Setting) -> app_commands.locale_str:
    least, most = operator.numbers_for(setting)
    return described(f"command.limits.set.{setting}", least=least, most=most)


def option(setting: Setting) -> str:
    """What it is called where it is typed."""
    return OPTIONS.get(setting.value, setting.value)


def endless(operator: Operator) -> list[app_commands.Choice[str]]:
    """What can be unlimited. Without any choice Discord would let everything be typed: then the rules refuse it."""
    images = [setting for setting in Setting if setting is not Setting.COOLDOWN]
    allowed = [setting for setting in images if operator.may_be_unlimited(setting)]
    return [
        app_commands.Choice(name=described(f"setting.{setting}"), value=setting.value)
        for setting in allowed or images
    ]


def number_edits(numbers: Mapping[Setting, Limit], unlimited: str | None, zone: str | None) -> list[Edit]:
    """Of one change. Raises ConflictingOptions, UnknownTimeZone."""
    decided = dict(numbers)
    if unlimited and Setting(unlimited) in decided:
        raise ConflictingOptions((option(Setting(unlimited)), "unlimited"))
    if unlimited:
        decided[Setting(unlimited)] = None
    edits: list[Edit] = [SetNumbers(decided)] if decided else []
    if zone:
        edits.append(SetZone(zone_named(zone)))
    if not edits:
        raise ConflictingOptions((*map(option, Setting), "unlimited", ZONE_OPTION))
    return edits


async def suggest_zones(interaction: discord.Interaction, typed: str) -> Suggestions:
    return zone_choices(typed, interaction.created_at, private_sentences(interaction))


def zone_choices(typed: str, now: datetime, say: Sentences = IN_ENGLISH) -> Suggestions:
    """Zones with the time that it is there. Discord's client takes the first where somebody presses Enter: that is what
    was typed, unless it means one zone.
    """
    typed = plain(typed)
    found = [
        app_commands.Choice(
            name=say(
                "zone.now",
                zone=called(name).replace("_", " "),
                time=f"{now.astimezone(ZoneInfo(name)):%H:%M}",
            ),
            value=name,
        )
        for name in suggested_zones(typed)
    ]
    if not typed or means_one(typed):
        return found
    shown = cut(typed, SHOWN)
    says = say("zone.ambiguous" if found else "zone.unknown", text=shown)
    return [app_commands.Choice(name=says, value=cut(typed, CHOICE_LENGTH)), *found[: SUGGESTIONS - 1]]
