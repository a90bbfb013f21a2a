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
from bot.core.gallery.service import GalleryPage
from bot.core.gallery.words import joined_words, searched_words
from bot.core.generation.earlier_pictures import is_seen_at
from bot.core.generation.errors import GenerationForgotten, NotYourPicture, PictureDeleted, PictureOutOfReach
from bot.core.generation.model import Generation, Picture, State
from bot.core.generation.undelivered import UndeliveredPicture
from bot.core.place import Caller, Place
from bot.interactions.command_places import offered_everywhere
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences, public_sentences
from bot.interactions.error_handling import CHOICE_LENGTH, RoutedItem, Suggestions, routed_autocomplete
from bot.interactions.picture_copies import fetch_shown
from bot.interactions.pressed_message import chosen_in, custom_ids_of, id_in, require_component
from bot.interactions.responses import acknowledge, acknowledge_in_place, edit, post
from bot.interactions.services import Bot, Services, services_of
from bot.ui.embeds import MOST_FILES
from bot.ui.generation.gallery import (
    ASK_ID,
    ERASE_ID,
    KEPT_ID,
    LONGEST_SEARCH,
    OPEN_TEMPLATE,
    PAGE_ID,
    PAGE_TEMPLATE,
    PICK_ID,
    PICK_TEMPLATE,
    SHOW_ID,
    GalleryPosition,
    PostedPictures,
    Whose,
    WhyNotFound,
    erased_layout,
    page_layout,
    picture_layout,
    question_layout,
)
from bot.ui.generation.picture_buttons import GENERATION, more_button, picture_buttons
from bot.ui.generation.shown_again import shown_again_message
from bot.ui.generation.undelivered import undelivered_message
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.text import channel_link, cut, plain, snowflake

Interaction = discord.Interaction[Any]
PAGE = re.compile(PAGE_TEMPLATE)
MINE, EVERYONES = "mine", "everyone"
SUGGESTIONS = 25
"""https://docs.discord.com/developers/interactions/application-commands#autocomplete"""


async def show_page(interaction: Interaction, position: GalleryPosition) -> None:
    """In the place that was acknowledged."""
    services, caller = services_of(interaction), await _allowed_to_see(interaction, position)
    if position.words and not joined_words(position.words):
        page = GalleryPage(())  # whoever searches for signs alone finds nothing, and not everything
    else:
        page = await services.gallery.page(position.search(caller), position.beside, newer=position.newer)
    posted = await services.posted_pictures.of(page.pictures)
    layout = page_layout(position, page, posted, private_sentences(interaction), models=services.models)
    await edit(interaction, OutgoingMessage(components=layout))


async def show_picture(
    interaction: Interaction, id: int, caller: Caller[Place], back: str | None, *, note: str = ""
) -> None:
    """Of those that `caller` may see, in the place that was acknowledged. Raises GenerationForgotten."""
    services, say = services_of(interaction), private_sentences(interaction)
    generation = await services.earlier_pictures.get(id, caller)
    if generation.deleted_at is not None:
        raise GenerationForgotten
    # What waits to be shown stands in the message above, where it was chosen.
    waits = bool(generation.sources)
    found = PostedPictures() if waits else (await services.posted_pictures.of([generation]))[id]
    own = generation.request.caller.member == caller.member
    layout = picture_layout(generation, found, say, back=back, own=own, note=say(note) if note else "")
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
        room = services.upload_budget.within(interaction.filesize_limit)
        # All of them share one request, and Discord looks at its size as well.
        pictures = await services.undelivered.fetch(kept, services.fit, room // len(kept))
        shown = [(one.generation, picture) for one, picture in zip(kept, pictures, strict=True)]
        await edit(interaction, undelivered_message(shown, private_sentences(interaction)))
        return True


class PositionButton(RoutedItem[ui.Button[Any]], template=r"(?!)"):
    """A kind of it shows the page at its `position`."""

    def __init__(self, position: GalleryPosition, custom_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self.position = position

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(GalleryPosition.read(match), match.string)


class PageButton(PositionButton, template=PAGE_TEMPLATE):
    """Turns to a page."""

    async def used(self, interaction: Interaction) -> None:
        require_component(interaction)
        await acknowledge_in_place(interaction)
        await show_page(interaction, self.position)


class OpenButton(PositionButton, template=OPEN_TEMPLATE):
    """Shows a page in a message of its own."""

    async def used(self, interaction: Interaction) -> None:
        require_component(interaction)
        await acknowledge(interaction)
        await show_page(interaction, self.position)


class PickMenu(RoutedItem[ui.Select[Any]], template=PICK_TEMPLATE):
    """Shows one of the pictures of a page, and what can be done about it."""

    def __init__(self, position: GalleryPosition) -> None:
        super().__init__(ui.Select(custom_id=PICK_ID.format(position.code)))
        self.position = position

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(GalleryPosition.read(match))

    async def used(self, interaction: Interaction) -> None:
        require_component(interaction)
        chosen = picture_chosen(interaction)
        await acknowledge_in_place(interaction)
        caller = await _allowed_to_see(interaction, self.position)
        await show_picture(interaction, chosen, caller, PAGE_ID.format(self.position.code))


class KeptMenu(RoutedItem[ui.Select[Any]], template=KEPT_ID):
    """What can be done about one that could not be posted, in a message of its own."""

    def __init__(self) -> None:
        super().__init__(ui.Select(custom_id=KEPT_ID))

    @classmethod
    def read(cls, _match: re.Match[str]) -> Self:
        return cls()

    async def used(self, interaction: Interaction) -> None:
        require_component(interaction)
        chosen = picture_chosen(interaction)
        await acknowledge(interaction)
        caller = await services_of(interaction).callers.of(interaction)
        await show_picture(interaction, chosen, caller, None)


class OwnPictureButton(RoutedItem[ui.Button[Any]], template=r"(?!)"):
    """A kind of it does its work in `pressed`, on a picture of whoever pressed it; acknowledged by then."""

    def __init__(self, generation: int, custom_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self.generation = generation

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(id_in(match), match.string)

    async def used(self, interaction: Interaction) -> None:
        message, services = require_component(interaction), services_of(interaction)
        await acknowledge_in_place(interaction)
        caller = await services.callers.of(interaction)
        found = await services.earlier_pictures.get(self.generation, caller)
        if found.request.caller.member != caller.member:
            raise NotYourPicture
        back = next((one for one in custom_ids_of(message.components) if PAGE.fullmatch(one)), None)
        await self.pressed(interaction, found, caller, back)

    async def pressed(
        self, interaction: Interaction, found: Generation, caller: Caller[Place], back: str | None
    ) -> None:
        raise NotImplementedError


class AskButton(OwnPictureButton, template=ASK_ID.format(GENERATION)):
    """Asks whether it is to be deleted."""

    async def pressed(
        self,
        interaction: Interaction,
        found: Generation,
        caller: Caller[Place],  # noqa: ARG002 — whose it is has been looked at
        back: str | None,
    ) -> None:
        question = question_layout(found.id, private_sentences(interaction), back=back)
        await edit(interaction, OutgoingMessage(components=question))


class EraseButton(OwnPictureButton, template=ERASE_ID.format(GENERATION)):
    """Deletes it in Discord and on record, with its prompt."""

    async def pressed(
        self, interaction: Interaction, found: Generation, caller: Caller[Place], back: str | None
    ) -> None:
        services = services_of(interaction)
        message = services.posted_pictures.message_of(found)
        gone = await services.deletions.delete_for_good(found, message, caller.member)
        # One that only they see is theirs to delete; and what was written to them directly is not known.
        theirs = message is None and found.state is State.DELIVERED
        layout = erased_layout(private_sentences(interaction), message_gone=gone, theirs=theirs, back=back)
        await edit(interaction, OutgoingMessage(components=layout))


class ShowButton(OwnPictureButton, template=SHOW_ID.format(GENERATION)):
    """Posts it once more, where the member is now."""

    async def pressed(
        self,
        interaction: Interaction,
        found: Generation,
        caller: Caller[Place],
        back: str | None,
    ) -> None:
        services = services_of(interaction)
        await services.usable_commands.require(interaction, "imagine")
        spoiler = await services.showings.allow(found, caller)
        async with services.bulk.turn(caller.tenant, caller.member):
            pictures = await pictures_to_show(interaction, services, found)
            say, link = public_sentences(caller), channel_link(caller.place)
            row = more_button(found.id, say)
            if is_seen_at(caller.place, found):  # what others have no right to see they can't paint again
                row = picture_buttons(found.id, say, changes=services.changes_pictures)
            message = shown_again_message(found, pictures, link, say, spoiler=spoiler, buttons=row)
            posted = await post(interaction, message)
        missing = bool(found.sources) and len(pictures) < len(found.sources)
        if posted is None:
            note = "gallery.shown_to_you"
        elif missing:
            note = "gallery.shown_in_part"
        else:
            await services.gallery.shown(found, caller.place, posted)
            note = "gallery.shown_here"
        await show_picture(interaction, found.id, caller, back, note=note)


async def pictures_to_show(interaction: Interaction, services: Services, found: Generation) -> list[Picture]:
    """From where they wait, those that can be had; or from the message that shows them. Each as small as it has to be.

    Raises PictureDeleted, PictureOutOfReach, CopyUnavailable.
    """
    room = services.upload_budget.within(interaction.filesize_limit)
    if found.sources:
        kept = [UndeliveredPicture(found, source) for source in found.sources[:MOST_FILES]]
        waiting = await services.undelivered.fetch(kept, services.fit, room // len(kept))
        if pictures := [one for one in waiting if one is not None]:
            return pictures
        raise PictureDeleted
    posted = (await services.posted_pictures.of([found]))[found.id]
    if not posted.pictures:
        raise PictureDeleted if posted.why_not is WhyNotFound.GONE else PictureOutOfReach
    shown = posted.pictures[:MOST_FILES]
    return await fetch_shown(services, (one.url for one in shown), room // len(shown))


def picture_chosen(interaction: Interaction) -> int:
    """In a menu of pictures. Raises InvalidOption."""
    chosen = snowflake(chosen_in(interaction))
    if chosen is None:
        raise InvalidOption("picture")
    return chosen


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
        await show_page(
            interaction,
            GalleryPosition(whose, model, joined_words(search or "") or (search or "")[:LONGEST_SEARCH]),
        )

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
    bot.add_dynamic_items(PageButton, OpenButton, PickMenu, KeptMenu, AskButton, EraseButton, ShowButton)
