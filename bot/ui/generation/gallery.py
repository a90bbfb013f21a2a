"""The pages of `/gallery`, and one picture of it. Pure.

A page remembers nothing but what stands in the custom ids of its buttons: for whom, which words, and beside which
picture it begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from discord import ButtonStyle, MediaGalleryItem, SelectOption, ui

from bot.core.gallery.search import GallerySearch, OwnPictures, ServerPictures, model_key
from bot.core.gallery.service import GalleryPage
from bot.core.gallery.words import joined_words, searched_words
from bot.core.generation.model import Generation
from bot.core.place import Caller, Place
from bot.ui.embeds import ALT_TEXT_LIMIT, COLOUR, model_name
from bot.ui.generation.picture_buttons import AGAIN_ID, DETAILS_ID
from bot.ui.outgoing_message import layout_of
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import channel_link, cut, disarm, plain, quote, units

PROMPT_ON_PAGE, PROMPT_ALONE = 100, 1000
"""A page has 4,000 characters for all: https://docs.discord.com/developers/components/reference#component-object"""
MODEL_SHOWN = 30
OPTION_LENGTH = 100
LONGEST_SEARCH = 45
LONGEST_ID = 100
"""https://docs.discord.com/developers/components/reference#custom-id"""
MOST_ITEMS = 10
"""Of a media gallery."""

_POSITION = r"(?P<whose>[ase]):(?P<model>[a-z0-9]{0,24}):(?P<way>[on])(?P<beside>[0-9a-z]{0,13}):(?P<words>[^:]{0,60})"
PAGE_ID, OPEN_ID, PICK_ID = (f"gallery:{kind}:{{}}" for kind in ("page", "open", "pick"))
PAGE_TEMPLATE, OPEN_TEMPLATE, PICK_TEMPLATE = (one.format(_POSITION) for one in (PAGE_ID, OPEN_ID, PICK_ID))


SHOW_ID, ASK_ID, ERASE_ID = (f"gallery:{kind}:{{}}" for kind in ("show", "ask", "erase"))
"""Each with a generation: to show it to everybody, to ask whether it is to be deleted for good, and to do so."""
KEPT_ID = "gallery:kept"


class WhyNotFound(StrEnum):
    """Why the pictures of a message can't be shown."""

    GONE = "gone"  # somebody deleted the message, or its channel
    OUT_OF_REACH = "out_of_reach"  # the bot may not read there
    PRIVATE = "private"  # only the member saw it, in a message that is not kept
    NO_ANSWER = "no_answer"  # Discord takes its time


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """Where Discord has a picture, by a link that is good for a day; hidden until somebody clicks, as a `spoiler`."""

    url: str
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class PostedPictures:
    """What a message shows, or why that is not known."""

    pictures: tuple[FoundPicture, ...] = ()
    why_not: WhyNotFound | None = None


class Whose(StrEnum):
    """Whose pictures are looked at. A stored format."""

    ALL_MINE = "a"
    MINE_HERE = "s"
    EVERYONES_HERE = "e"


@dataclass(frozen=True, slots=True)
class GalleryPosition:
    """Which page somebody looks at: the newest, or the one right after the picture `beside`, or right before it."""

    whose: Whose = Whose.ALL_MINE
    model: str | None = None
    words: str = ""
    beside: int | None = None
    newer: bool = False

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        """What `code` wrote; whatever else was forged finds nothing that is not theirs."""
        beside = int(match["beside"], 36) if match["beside"] else None
        if beside is not None and beside >= 2**63:
            raise ValueError(match.string)
        words = joined_words(match["words"])
        return cls(Whose(match["whose"]), match["model"] or None, words, beside, match["way"] == "n")

    @property
    def code(self) -> str:
        """For custom ids: as many of the words as there is room for."""
        beside = "" if self.beside is None else _base36(self.beside)
        code = f"{self.whose}:{model_key(self.model or '')}:{'n' if self.newer else 'o'}{beside}:"
        words = joined_words(self.words)
        while units(code + words) > LONGEST_ID - len(PAGE_ID):
            words = words[: words.rfind(" ") if " " in words else len(words) - 1]
        return code + words

    def search(self, caller: Caller[Place]) -> GallerySearch:
        server = caller.place.server
        whose: OwnPictures | ServerPictures
        if self.whose is Whose.EVERYONES_HERE:
            whose = ServerPictures(server or 0)
        else:
            whose = OwnPictures(caller.member, server if self.whose is Whose.MINE_HERE else None)
        return GallerySearch(whose, searched_words(self.words), self.model)


def page_layout(
    position: GalleryPosition,
    page: GalleryPage,
    posted: Mapping[int, PostedPictures],
    say: Sentences = IN_ENGLISH,
    *,
    models: Mapping[str, str] | None = None,
) -> ui.LayoutView:
    """A page of pictures, each with its thumbnail; `models` are the names of those that there is a choice of."""
    container: ui.Container[Any] = ui.Container(
        ui.TextDisplay(_heading(position, page, say, models or {})), accent_colour=COLOUR
    )
    named = position.whose is Whose.EVERYONES_HERE
    for number, generation in enumerate(page.pictures, start=1):
        found = posted[generation.id]
        text = f"**{number}.** {_about(generation, found, say, PROMPT_ON_PAGE, named=named)}"
        container.add_item(_with_thumbnail(text, generation, found, say))
    rows = list[ui.Item[Any]]()
    if page.pictures:
        rows.append(ui.ActionRow(choice(PICK_ID.format(position.code), page.pictures, say)))
    first, last = (page.pictures[0].id, page.pictures[-1].id) if page.pictures else (0, 0)
    ways = [(say("button.newer"), first, True)] if page.has_newer else []
    ways += [(say("button.older"), last, False)] if page.has_older else []
    if ways:
        turning: ui.ActionRow[Any] = ui.ActionRow()
        for label, beside, newer in ways:
            there = replace(position, beside=beside, newer=newer)
            turning.add_item(ui.Button(label=label, custom_id=PAGE_ID.format(there.code)))
        rows.append(turning)
    return layout_of(container, *rows)


def picture_layout(
    generation: Generation,
    found: PostedPictures,
    say: Sentences = IN_ENGLISH,
    *,
    back: str | None = None,
    own: bool = True,
    note: str = "",
) -> ui.LayoutView:
    """One of them, with what can be done about it, which is more about one's `own`.

    `back`: the custom id of the page it was chosen on; `note`: what has just happened.
    """
    words = _about(generation, found, say, PROMPT_ALONE, named=not own)
    container: ui.Container[Any] = ui.Container(
        ui.TextDisplay("\n".join(filter(None, (note, words)))), accent_colour=COLOUR
    )
    if found.pictures:
        alt = _alt(generation, say)
        items = [
            MediaGalleryItem(one.url, description=alt, spoiler=one.spoiler)
            for one in found.pictures[:MOST_ITEMS]
        ]
        container.add_item(ui.MediaGallery(*items))
    row: ui.ActionRow[Any] = ui.ActionRow()
    if generation.request.spec.prompt:
        again = AGAIN_ID.format(generation.id)
        row.add_item(ui.Button(label=say("button.again"), custom_id=again, style=ButtonStyle.primary))
    if own and (found.pictures or generation.sources):
        row.add_item(ui.Button(label=say("button.gallery.show"), custom_id=SHOW_ID.format(generation.id)))
    row.add_item(ui.Button(label=say("button.details"), custom_id=DETAILS_ID.format(generation.id)))
    if own:
        asking = ASK_ID.format(generation.id)
        row.add_item(ui.Button(label=say("button.gallery.erase"), custom_id=asking, style=ButtonStyle.danger))
    return layout_of(container, row, *_back_to(back, say))


def question_layout(
    generation: int, say: Sentences = IN_ENGLISH, *, back: str | None = None
) -> ui.LayoutView:
    """Asks once before a picture is deleted for good."""
    container: ui.Container[Any] = ui.Container(
        ui.TextDisplay(say("gallery.erase.question")), accent_colour=COLOUR
    )
    sure: ui.Button[Any] = ui.Button(
        label=say("button.gallery.erase_now"), custom_id=ERASE_ID.format(generation), style=ButtonStyle.danger
    )
    return layout_of(container, ui.ActionRow(sure), *_back_to(back, say))


def erased_layout(
    say: Sentences = IN_ENGLISH, *, message_gone: bool, theirs: bool = False, back: str | None = None
) -> ui.LayoutView:
    """`message_gone`: nothing of it is left in Discord, either. `theirs`: a message is, which only its member sees."""
    done = say("gallery.erase.done" if message_gone else "gallery.erase.message_stays")
    if theirs:
        done = say("gallery.erase.yours_stays")
    container: ui.Container[Any] = ui.Container(ui.TextDisplay(done), accent_colour=COLOUR)
    return layout_of(container, *_back_to(back, say))


def _back_to(page: str | None, say: Sentences) -> list[ui.Item[Any]]:
    return [ui.ActionRow(ui.Button(label=say("button.gallery.back"), custom_id=page))] if page else []


def choice(custom_id: str, generations: Sequence[Generation], say: Sentences) -> ui.Select[Any]:
    """A menu of pictures."""
    options = [
        SelectOption(label=cut(label, OPTION_LENGTH), value=str(generation.id))
        for generation, label in zip(generations, _labels(generations, say), strict=True)
    ]
    return ui.Select(custom_id=custom_id, placeholder=say("gallery.choose"), options=options)


def _heading(position: GalleryPosition, page: GalleryPage, say: Sentences, models: Mapping[str, str]) -> str:
    filters = [say("gallery.filter.words", words=disarm(position.words))] if position.words else []
    if position.model:
        name = models.get(model_key(position.model), position.model)
        filters.append(say("gallery.filter.model", model=disarm(cut(name, MODEL_SHOWN))))
    if position.whose is Whose.MINE_HERE:
        filters.append(say("gallery.filter.here"))
    lines = [say(f"gallery.title.{position.whose.name.lower()}")]
    if filters:
        lines.append(f"-# {say.listed(filters)}")
    if not page.pictures:
        lines.append(say("gallery.none_found" if filters else "gallery.none"))
    return "\n".join(lines)


def _about(
    generation: Generation, found: PostedPictures, say: Sentences, longest: int, *, named: bool
) -> str:
    """The prompt, and below it when, by which model, how many, and where it is to be seen."""
    request = generation.request
    prompt = quote(request.spec.prompt, longest) if request.spec.prompt else say("gallery.erased")
    if longest == PROMPT_ON_PAGE:  # behind its number
        prompt = prompt.removeprefix("> ")
    facts = [say("gallery.at", at=generation.reserved_at)]
    if named and request.caller.member:
        facts.insert(0, f"<@{request.caller.member}>")
    if generation.model:
        facts.append(f"`{cut(model_name(generation.model).replace('`', ''), MODEL_SHOWN)}`")
    if (painted := request.spec.count - generation.refunded) > 1:
        facts.append(say("gallery.pictures", count=painted))
    if generation.message and found.why_not in {None, WhyNotFound.NO_ANSWER, WhyNotFound.OUT_OF_REACH}:
        link = f"{channel_link(request.caller.place)}/{generation.message}"
        facts.append(f"[{say('gallery.jump')}]({link})")
    lines = [prompt, f"-# {' · '.join(facts)}"]
    if found.why_not:
        lines.append(f"-# {say(f'gallery.why_not.{found.why_not}')}")
    return "\n".join(lines)


def _with_thumbnail(text: str, generation: Generation, found: PostedPictures, say: Sentences) -> ui.Item[Any]:
    if not found.pictures:
        return ui.TextDisplay(text)
    first = found.pictures[0]
    thumbnail: ui.Thumbnail[Any] = ui.Thumbnail(
        first.url, description=_alt(generation, say), spoiler=first.spoiler
    )
    return ui.Section(text, accessory=thumbnail)


def _alt(generation: Generation, say: Sentences) -> str:
    return cut(plain(generation.request.spec.prompt), ALT_TEXT_LIMIT) or say("gallery.erased")


def _labels(generations: Sequence[Generation], say: Sentences) -> Iterator[str]:
    for number, generation in enumerate(generations, start=1):
        yield f"{number}. {plain(generation.request.spec.prompt) or say('gallery.erased')}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"
