"""Buttons, menus and forms for moderators: the right of whoever uses one is asked for first, each time."""

from __future__ import annotations

import re
from typing import Any, Generic, TypeVar

import discord
from discord import ui

from bot.interactions.error_handling import RoutedItem
from bot.interactions.modals import Answers, OnSubmit
from bot.interactions.services import services_of

ItemT = TypeVar("ItemT", bound=ui.Item[Any])


class ModeratorItem(RoutedItem[ItemT], Generic[ItemT], template=r"(?!)"):
    """A kind of it does its work in `moderated`, and is never reached by anybody else."""

    async def used(self, interaction: discord.Interaction[Any]) -> None:
        await services_of(interaction).rights.require(interaction)
        await self.moderated(interaction)

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        raise NotImplementedError


def moderators_only(taker: OnSubmit) -> OnSubmit:
    """A form that only moderators can submit."""

    async def checked(interaction: discord.Interaction, match: re.Match[str], answers: Answers) -> None:
        await services_of(interaction).rights.require(interaction)
        await taker(interaction, match, answers)

    return checked
