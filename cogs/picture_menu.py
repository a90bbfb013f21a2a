"""*⋯* below pictures: what else one may do with them, chosen from a private menu."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import discord
from discord import ui

from bot.core.errors import InvalidInteraction, InvalidOption
from bot.core.generation.deletion import require_say
from bot.core.generation.errors import DeliveryFailed, PictureDeleted, PictureOutOfReach
from bot.core.generation.model import Generation
from bot.interactions.context import caller_of, direct_place_of, private_sentences, server_of
from bot.interactions.error_handling import RoutedItem
from bot.interactions.modals import Answers, form
from bot.interactions.picture_copies import send_copy
from bot.interactions.pressed_message import chosen_in, custom_ids_of, id_in, require_component
from bot.interactions.reached_messages import Address, ReachedMessage
from bot.interactions.responses import acknowledge, acknowledge_in_place, answer_privately, edit, open_modal
from bot.interactions.services import Bot, services_of
from bot.ui.embeds import ALT_TEXT_LIMIT
from bot.ui.generation.picture_buttons import GENERATION, MORE_ID
from bot.ui.generation.picture_menu import (
    ALT_ID,
    DELETE_ID,
    FIELDS,
    MENU_ID,
    PICTURE,
    Action,
    MenuTarget,
    actions_for,
    delete_question,
    menu_message,
)
from bot.ui.generation.shown_pictures import ShownPictures, pictures_shown, update_of
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import Sentences
from bot.ui.text import channel_link
from cogs.report import report_form

log = logging.getLogger(__name__)

FORM_SECONDS = 2.4
"""Of the 3 s that Discord gives for a first answer, which a form has to be; for all that is asked before it."""
Interaction = discord.Interaction[Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """The pictures that a menu is about, as they are now, and what whoever uses it has to do with them.

    `message` is None where somebody has deleted it. `found`: what is on record of the generation, if it still is.
    """

    target: MenuTarget
    reached: ReachedMessage
    message: discord.Message | None
    found: Generation | None
    asked_by: int | None
    moderates: bool

    def require_message(self) -> discord.Message:
        """Raises PictureDeleted."""
        if self.message is None:
            raise PictureDeleted
        return self.message

    def require_say(self, member: int) -> None:
        """Raises NotYourPicture."""
        require_say(self.asked_by, member, moderates=self.moderates)

    @property
    def shown(self) -> ShownPictures:
        message = self.require_message()
        return pictures_shown(message.embeds, message.attachments)

    def require_whole(self) -> ShownPictures:
        """Raises PictureOutOfReach where a file of the message would get lost."""
        shown = self.shown
        if not (shown.whole and shown.pictures):
            raise PictureOutOfReach
        return shown


async def subject_of(interaction: Interaction, target: MenuTarget) -> Subject:
    """Asked anew each time: pictures are deleted, rights are withdrawn, and links expire.

    Raises MenuForgotten, PictureOutOfReach, DeliveryFailed, DatabaseUnavailable.
    """
    services = services_of(interaction)
    reached = services.reached_messages.at(_address(interaction, target), interaction.user.id)
    message, found, moderates = await asyncio.gather(
        _fetch(reached, target),
        services.generations.get(target.generation),
        services.permissions.moderates(interaction),
    )
    return Subject(target, reached, message, found, _asked_by(found, message), moderates)


def _address(interaction: Interaction, target: MenuTarget) -> Address:
    direct = direct_place_of(interaction)
    bot_is_there = direct is None or direct.with_bot
    may_draw = direct is not None or interaction.app_permissions.embed_links
    return Address(interaction.channel_id or 0, target.message, target.private, bot_is_there, may_draw)


def _policy_of(interaction: Interaction) -> int | None:
    """Which server's moderators decide there; None where there are none."""
    return None if direct_place_of(interaction) else interaction.guild_id


def _link(interaction: Interaction, target: MenuTarget) -> str:
    return f"{channel_link(caller_of(interaction).place)}/{target.message}"


async def _fetch(reached: ReachedMessage, target: MenuTarget) -> discord.Message | None:
    """None where it was deleted. Raises InvalidInteraction where it is not the one with those pictures."""
    try:
        message = await reached.fetch()
    except PictureDeleted:
        return None
    if MORE_ID.format(target.generation) not in custom_ids_of(message.components):
        raise InvalidInteraction
    return message


def _asked_by(found: Generation | None, message: discord.Message | None) -> int | None:
    """By the record; of an erased one, Discord says in the message who used the command or the button."""
    if found is not None and found.request.caller.member:
        return found.request.caller.member
    used = message.interaction_metadata if message else None
    return used.user.id if used else None


class MoreButton(RoutedItem[ui.Button[Any]], template=MORE_ID.format(GENERATION)):
    """Opens the menu, for whoever presses it alone; the message with the pictures stays as it is."""

    def __init__(self, generation: int) -> None:
        super().__init__(ui.Button(custom_id=MORE_ID.format(generation)))
        self.generation = generation

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(id_in(match))

    async def used(self, interaction: Interaction) -> None:
        message = require_component(interaction)
        await acknowledge_in_place(interaction)
        services, say = services_of(interaction), private_sentences(interaction)
        services.reached_messages.keep(interaction, message.id)
        found, moderates = await asyncio.gather(
            services.generations.get(self.generation), services.permissions.moderates(interaction)
        )
        spoiler = await services.display_rules.spoiler(_policy_of(interaction), moderates=moderates)
        shown = pictures_shown(message.embeds, message.attachments)
        has_say = moderates or interaction.user.id == _asked_by(found, message)
        target = MenuTarget(self.generation, message.id, message.flags.ephemeral)
        can_report = direct_place_of(interaction) is None and not target.private
        actions = actions_for(shown, spoiler, has_say=has_say, can_report=can_report)
        await answer_privately(interaction, menu_message(target, actions, len(shown.pictures), say))


class PictureMenu(RoutedItem[ui.Select[Any]], template=MENU_ID.format(PICTURE)):
    """Does what was chosen."""

    def __init__(self, target: MenuTarget) -> None:
        super().__init__(ui.Select(custom_id=MENU_ID.format(target.code)))
        self.target = target

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(target_in(match))

    async def used(self, interaction: Interaction) -> None:
        require_component(interaction)
        match chosen_in(interaction):
            case Action.COPY:
                await copy(interaction, self.target)
            case Action.HIDE:
                await hide(interaction, self.target, spoiler=True)
            case Action.SHOW:
                await hide(interaction, self.target, spoiler=False)
            case Action.DESCRIBE:
                await describe(interaction, self.target, 0)
            case Action.DESCRIBE_REST:
                await describe(interaction, self.target, FIELDS)
            case Action.DELETE:
                await ask(interaction, self.target)
            case Action.REPORT:
                await report(interaction, self.target)
            case _:
                raise InvalidOption("action")


async def copy(interaction: Interaction, target: MenuTarget) -> None:
    """Who sees a picture may have it. That takes a while, so the answer stands beside the menu."""
    await acknowledge(interaction)
    services, say = services_of(interaction), private_sentences(interaction)
    async with services.bulk.turn(interaction.guild_id, interaction.user.id):
        message = (await subject_of(interaction, target)).require_message()
        await send_copy(
            interaction, services, message, None if target.private else _link(interaction, target)
        )
    await edit(interaction, OutgoingMessage(say("picture_menu.copied")))


async def hide(interaction: Interaction, target: MenuTarget, *, spoiler: bool) -> None:
    await acknowledge_in_place(interaction)
    subject, say = await subject_of(interaction, target), private_sentences(interaction)
    subject.require_say(interaction.user.id)
    rules = services_of(interaction).display_rules
    await rules.check_spoiler(_policy_of(interaction), spoiler=spoiler, moderates=subject.moderates)
    message, shown = subject.require_message(), subject.require_whole()
    changed = replace(shown, spoiler=spoiler)
    await subject.reached.update(update_of(message.embeds, changed, _link(interaction, target)))
    done = say("picture_menu.hidden" if spoiler else "picture_menu.shown", count=len(shown.pictures))
    await edit(interaction, OutgoingMessage(done))


async def describe(interaction: Interaction, target: MenuTarget, first: int) -> None:
    """Open the form that has what is said of the pictures now."""
    subject = await _before_a_form(interaction, target)
    subject.require_say(interaction.user.id)
    await open_modal(interaction, alt_form(target, subject.shown, first, private_sentences(interaction)))


async def _before_a_form(interaction: Interaction, target: MenuTarget) -> Subject:
    try:
        async with asyncio.timeout(FORM_SECONDS):
            return await subject_of(interaction, target)
    except TimeoutError:
        raise DeliveryFailed("a message was not fetched in time for a form") from None


def alt_form(target: MenuTarget, shown: ShownPictures, first: int, say: Sentences) -> ui.Modal:
    """As many as a form has room for, from the position `first` on."""
    many = len(shown.pictures)
    fields: list[ui.Label[Any]] = [
        ui.Label(
            text=say("picture_menu.nth" if many > 1 else "picture_menu.alt", number=position + 1),
            description=say("form.hint.alt") if position == first else None,
            component=ui.TextInput(
                custom_id=str(position),
                style=discord.TextStyle.paragraph,
                default=picture.alt,
                max_length=ALT_TEXT_LIMIT,
            ),
        )
        for position, picture in enumerate(shown.pictures)
        if first <= position < first + FIELDS
    ]
    return form(say("form.title.alt"), ALT_ID.format(target.code, first), *fields)


async def take_descriptions(interaction: Interaction, match: re.Match[str], answers: Answers) -> None:
    target = target_in(match)
    require_component(interaction, MENU_ID.format(target.code))
    await acknowledge_in_place(interaction)
    services, say = services_of(interaction), private_sentences(interaction)
    subject = await subject_of(interaction, target)
    subject.require_say(interaction.user.id)
    message, shown = subject.require_message(), subject.require_whole()
    alts = alts_in(answers.typed, len(shown.pictures))
    server, member = _policy_of(interaction), interaction.user.id
    await services.display_rules.check_alt_texts(alts.values(), server, member)
    await subject.reached.update(update_of(message.embeds, shown.described(alts), _link(interaction, target)))
    await edit(interaction, OutgoingMessage(say("picture_menu.described", count=len(alts))))


def alts_in(typed: Mapping[str, str], pictures: int) -> dict[int, str]:
    """By the positions of the pictures. Raises InvalidOption for what the form does not have."""
    offered = {str(position): position for position in range(pictures)}
    if not offered.keys() >= typed.keys():
        raise InvalidOption("picture")
    return {offered[name]: text for name, text in typed.items()}


async def ask(interaction: Interaction, target: MenuTarget) -> None:
    """Once, before anything is deleted."""
    await acknowledge_in_place(interaction)
    subject, say = await subject_of(interaction, target), private_sentences(interaction)
    subject.require_say(interaction.user.id)
    count = len(subject.shown.pictures) if subject.message else 1
    await edit(interaction, delete_question(target, count, say))


async def report(interaction: Interaction, target: MenuTarget) -> None:
    """As from the menu of the message."""
    subject = await _before_a_form(interaction, target)
    message = subject.require_message()
    await services_of(interaction).reports.check(server_of(interaction), interaction.user.id, message.id)
    await open_modal(interaction, report_form(message.id, subject.asked_by, private_sentences(interaction)))


class DeleteButton(RoutedItem[ui.Button[Any]], template=DELETE_ID.format(PICTURE)):
    """The answer to the question."""

    def __init__(self, target: MenuTarget) -> None:
        super().__init__(ui.Button(custom_id=DELETE_ID.format(target.code)))
        self.target = target

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(target_in(match))

    async def used(self, interaction: Interaction) -> None:
        require_component(interaction)
        await acknowledge_in_place(interaction)
        target, member = self.target, interaction.user.id
        subject, say = await subject_of(interaction, target), private_sentences(interaction)
        subject.require_say(member)
        await services_of(interaction).deletions.delete(
            target.generation, subject.found, subject.reached, target.message
        )
        whose = "its member" if member == subject.asked_by else "a moderator"
        log.info(
            "generation %d: message %d with its pictures was deleted by %s",
            target.generation,
            target.message,
            whose,
        )
        settled = 0
        if subject.moderates and (server := _policy_of(interaction)) is not None:
            settled = await services_of(interaction).reports.dismiss(server, target.message)
        told = say.text(
            say("picture_menu.deleted_private" if target.private else "picture_menu.deleted"),
            say("picture_menu.reports_settled", count=settled) if settled else "",
        )
        await edit(interaction, OutgoingMessage(told))


def target_in(match: re.Match[str]) -> MenuTarget:
    """Raises ValueError for ids that mean nothing."""
    return MenuTarget(id_in(match), id_in(match, "message"), match["seen_by"] == "p")


async def setup(bot: Bot) -> None:
    bot.add_dynamic_items(MoreButton, PictureMenu, DeleteButton)
    bot.forms.add(ALT_ID.format(PICTURE, r"(?P<first>\d)"), take_descriptions)
