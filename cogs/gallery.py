"""`/gallery`: a member's pictures found again, those first that could not be posted; for moderators, their server's."""

# ruff: noqa: N806 — the option's type is made here, with its bounds.
# No postponed annotations here: discord.py reads the options' bounds from them while the function is made.
import inspect
import re
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import discord
from discord import app_commands, ui

from bot.core.errors import InvalidOption
from bot.core.gallery.search import GallerySearch, OwnPictures
from bot.core.gallery.words import joined_words, searched_words
from bot.core.generation.errors import GenerationForgotten
from bot.core.place import Caller, Place
from bot.interactions.command_places import offered_everywhere
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences
from bot.interactions.error_handling import CHOICE_LENGTH, RoutedItem, Suggestions, routed_autocomplete
from bot.interactions.pressed_message import require_component
from bot.interactions.responses import acknowledge, edit
from bot.interactions.services import Bot, Services, services_of
from bot.ui.generation.gallery import (
    LONGEST_SEARCH,
    OPEN_ID,
    OPEN_TEMPLATE,
    PAGE_ID,
    PAGE_TEMPLATE,
    PICK_ID,
    PICK_TEMPLATE,
    GalleryPosition,
    Whose,
    page_layout,
    picture_layout,
)
from bot.ui.generation.undelivered import undelivered_message
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.text import cut, plain, snowflake

Interaction = discord.Interaction[Any]
MINE, EVERYONES = "mine", "everyone"
SUGGESTIONS = 25
"""https://docs.discord.com/developers/interactions/application-commands#autocomplete"""


async def show_page(interaction: Interaction, position: GalleryPosition) -> None:
    """In the place that was acknowledged."""
    services, caller = services_of(interaction), await _allowed_to_see(interaction, position)
    page = await services.gallery.page(position.search(caller), position.beside, newer=position.newer)
    posted = await services.posted_pictures.of(page.pictures)
    layout = page_layout(position, page, posted, private_sentences(interaction), models=services.models)
    await edit(interaction, OutgoingMessage(components=layout))


async def _allowed_to_see(interaction: Interaction, position: GalleryPosition) -> Caller[Place]:
    """Raises NotAModerator, PermissionsUnknown."""
    services = services_of(interaction)
    if position.whose is Whose.EVERYONES_HERE:
        await services.permissions.require(interaction)
    return await services.callers.of(interaction)


async def show_undelivered(interaction: Interaction, services: Services) -> bool:
    """Whether there are any."""
    caller = await services.callers.of(interaction)
    async with services.bulk.turn(caller.tenant, caller.member):
        kept = await services.undelivered.of(caller)
        if not kept:
            return False
        room = min(interaction.filesize_limit, services.upload_budget.limit or interaction.filesize_limit)
        # All of them share one request, and Discord looks at its size as well.
        pictures = await services.undelivered.fetch(kept, services.fit, room // len(kept))
        shown = [(one.generation, picture) for one, picture in zip(kept, pictures, strict=True)]
        await edit(interaction, undelivered_message(shown, private_sentences(interaction)))
        return True


class PageButton(RoutedItem[ui.Button[Any]], template=PAGE_TEMPLATE):
    """Turns to a page."""

    def __init__(self, position: GalleryPosition) -> None:
        super().__init__(ui.Button(custom_id=PAGE_ID.format(position.code)))
        self.position = position

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(GalleryPosition.read(match))

    async def used(self, interaction: Interaction) -> None:
        require_component(interaction)
        await acknowledge(interaction, thinking=False)
        await show_page(interaction, self.position)


class OpenButton(RoutedItem[ui.Button[Any]], template=OPEN_TEMPLATE):
    """Shows a page in a message of its own."""

    def __init__(self, position: GalleryPosition) -> None:
        super().__init__(ui.Button(custom_id=OPEN_ID.format(position.code)))
        self.position = position

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(GalleryPosition.read(match))

    async def used(self, interaction: Interaction) -> None:
        require_component(interaction)
        await acknowledge(interaction)
        await show_page(interaction, self.position)


class PictureMenu(RoutedItem[ui.Select[Any]], template=PICK_TEMPLATE):
    """Shows one of the pictures of a page, and what can be done about it."""

    def __init__(self, position: GalleryPosition) -> None:
        super().__init__(ui.Select(custom_id=PICK_ID.format(position.code)))
        self.position = position

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(GalleryPosition.read(match))

    async def used(self, interaction: Interaction) -> None:
        require_component(interaction)
        values = dict[str, Any](interaction.data or {}).get("values")
        chosen = snowflake(values[0]) if isinstance(values, list) and len(values) == 1 else None
        if chosen is None:
            raise InvalidOption("picture")
        await acknowledge(interaction, thinking=False)
        services, caller = services_of(interaction), await _allowed_to_see(interaction, self.position)
        generation = await services.earlier_pictures.get(chosen, caller)
        if generation.deleted_at is not None:
            raise GenerationForgotten
        posted = await services.posted_pictures.of([generation])
        layout = picture_layout(
            generation,
            posted[generation.id],
            private_sentences(interaction),
            back=PAGE_ID.format(self.position.code),
            named=self.position.whose is Whose.EVERYONES_HERE,
        )
        await edit(interaction, OutgoingMessage(components=layout))


async def suggest(interaction: discord.Interaction, typed: str) -> Suggestions:
    """The member's own prompts that match what they have typed so far; of two alike, one."""
    search = GallerySearch(OwnPictures(interaction.user.id), searched_words(typed))
    found = await services_of(interaction).gallery.suggest(search, 2 * SUGGESTIONS)
    choices = dict[str, app_commands.Choice[str]]()
    for one in found:
        prompt = one.request.spec.prompt
        words = joined_words(prompt)
        if len(words) > LONGEST_SEARCH:
            words = words[: LONGEST_SEARCH + 1].rpartition(" ")[0] or words[:LONGEST_SEARCH]
        if words:
            name = cut(plain(prompt), CHOICE_LENGTH)
            choices.setdefault(words, app_commands.Choice(name=name, value=words))
    return list(choices.values())[:SUGGESTIONS]


async def setup(bot: Bot) -> None:
    services = bot.services
    if TYPE_CHECKING:
        Words: TypeAlias = str
    else:
        Words = app_commands.Range[str, 1, LONGEST_SEARCH]

    async def gallery(
        interaction: discord.Interaction,
        search: Words | None = None,
        server: str | None = None,
        model: str | None = None,
    ) -> None:
        await acknowledge(interaction)
        if not (search or server or model) and await show_undelivered(interaction, services):
            return
        here = Whose.EVERYONES_HERE if server == EVERYONES else Whose.MINE_HERE
        whose = here if server and interaction.guild_id else Whose.ALL_MINE
        await show_page(interaction, GalleryPosition(whose, model, joined_words(search or "")))

    signature, offered = inspect.signature(gallery), dict[str, list[app_commands.Choice[str]]]()
    offered["server"] = [
        app_commands.Choice(name=described(f"option.gallery.{one}"), value=one) for one in (MINE, EVERYONES)
    ]
    if len(services.models) > 1:
        offered["model"] = [
            app_commands.Choice(name=cut(name, CHOICE_LENGTH), value=key)
            for key, name in list(services.models.items())[:SUGGESTIONS]
        ]
    kept = [one for one in signature.parameters.values() if one.name in {"interaction", "search", *offered}]
    # What discord.py reads a command's options from.
    gallery.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    app_commands.choices(**offered)(gallery)
    app_commands.autocomplete(search=routed_autocomplete(suggest))(gallery)
    texts = {name: described(f"command.gallery.{name}") for name in ("search", *offered)}
    app_commands.describe(**texts)(gallery)
    offered_everywhere(services.moderation.operator)(gallery)
    bot.tree.command(description=described("command.gallery"))(gallery)
    bot.add_dynamic_items(PageButton, OpenButton, PictureMenu)
