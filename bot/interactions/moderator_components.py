"""What is for moderators alone: the right of whoever gives a command, presses or submits is asked for each time."""

from __future__ import annotations

import re
from typing import Any, Generic, TypeVar

import discord
from discord import ui

from bot.interactions.error_handling import RoutedItem
from bot.interactions.modals import Answers, OnSubmit
from bot.interactions.responses import acknowledge_in_place
from bot.interactions.services import services_of

ItemT = TypeVar("ItemT", bound=ui.Item[Any])


async def require_moderator(interaction: discord.Interaction) -> None:
    """Acknowledge, and raise NotAModerator where Discord, asked once more, does not allow the command to them.

    Raises PermissionsUnknown where it takes Discord's answer and none comes.
    """
    await acknowledge_in_place(interaction)
    await services_of(interaction).permissions.require(interaction)


class ModeratorItem(RoutedItem[ItemT], Generic[ItemT], template=r"(?!)"):
    """A kind of it does its work in `moderated`, and is never reached by anybody else.

    Nothing is acknowledged before that: what it opens may be a form, which has to be the first answer.
    """

    async def used(self, interaction: discord.Interaction[Any]) -> None:
        await services_of(interaction).permissions.require(interaction)
        await self.moderated(interaction)

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        raise NotImplementedError


def moderators_only(on_submit: OnSubmit) -> OnSubmit:
    """A form that only moderators can submit."""

    async def checked(interaction: discord.Interaction, match: re.Match[str], answers: Answers) -> None:
        await services_of(interaction).permissions.require(interaction)
        await on_submit(interaction, match, answers)

    return checked
