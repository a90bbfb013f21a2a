"""Pages of a gallery, and what stands in their buttons."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.gallery.search import GallerySearch, OwnPictures, ServerPictures
from bot.core.gallery.service import PICTURES_ON_A_PAGE, GalleryPage
from bot.core.gallery.words import joined_words, searched_words
from bot.core.generation.model import Generation, ImageSpec, Request, State
from bot.core.place import Caller, Direct
from bot.ui.generation.gallery import (
    LONGEST_SEARCH,
    PAGE_ID,
    PAGE_TEMPLATE,
    PICK_ID,
    FoundPicture,
    GalleryPosition,
    PostedPictures,
    Whose,
    WhyNotFound,
    page_layout,
    picture_layout,
)
from bot.ui.text import units
from sandbox.discord.kit.components import walk
from sandbox.discord.limits.components import check_components
from sandbox.discord.limits.form_errors import FormErrors
from tests.core.factories import NOON, caller

POSITION = re.compile(PAGE_TEMPLATE)
FOUND = PostedPictures((FoundPicture(f"https://cdn.discordapp.com/attachments/1/2/{'a' * 300}.png"),) * 4)


def painted(id: int = 1, prompt: str = "a fox", message: int | None = 9) -> Generation:
    asked = Request(id, caller(member=2**62, server=2**62), ImageSpec(prompt, 4))
    return Generation(asked, State.DELIVERED, NOON, NOON, model="m" * 100, message=message)


def drawn(layout: Any) -> list[dict[str, Any]]:
    components: list[dict[str, Any]] = layout.to_components()
    errors = FormErrors()
    check_components(errors, components, is_v2=True)
    errors.raise_if_any()
    return walk(components)


positions = st.builds(
    GalleryPosition,
    st.sampled_from(Whose),
    st.none() | st.text("abc/-0123.", min_size=1, max_size=60),
    st.text(max_size=LONGEST_SEARCH),
    st.none() | st.integers(0, 2**63 - 1),
    st.booleans(),
)


@given(positions)
def test_a_button_says_which_page_it_turns_to(position: GalleryPosition) -> None:
    custom_id = PAGE_ID.format(position.code)
    assert units(custom_id) <= 100
    match = POSITION.fullmatch(custom_id)
    assert match
    read = GalleryPosition.read(match)
    assert (read.whose, read.beside, read.newer) == (position.whose, position.beside, position.newer)
    assert joined_words(position.words).startswith(read.words)
    assert read.code == position.code


def test_words_of_a_search_are_read_from_a_button_as_they_were_meant() -> None:
    match = POSITION.fullmatch(PAGE_ID.format(GalleryPosition(words="Émile's FOX, 雪国").code))
    assert match
    assert searched_words(GalleryPosition.read(match).words) == searched_words("emile s fox 雪国")


@pytest.mark.parametrize("forged", ["a::ozzzzzzzzzzzzz:", "a::o9999999999999:"])
def test_a_forged_place_is_none(forged: str) -> None:
    match = POSITION.fullmatch(PAGE_ID.format(forged))
    assert match
    with pytest.raises(ValueError, match="gallery"):
        GalleryPosition.read(match)


def test_whose_pictures_are_searched_follows_from_who_presses_and_where() -> None:
    mine = caller(member=2, server=3)
    assert GalleryPosition().search(mine) == GallerySearch(OwnPictures(2))
    assert GalleryPosition(Whose.MINE_HERE).search(mine) == GallerySearch(OwnPictures(2, 3))
    assert GalleryPosition(Whose.EVERYONES_HERE).search(mine) == GallerySearch(ServerPictures(3))
    directly = Caller(2, Direct(7))
    assert GalleryPosition(Whose.EVERYONES_HERE).search(directly) == GallerySearch(ServerPictures(0))


@pytest.mark.parametrize("found", [FOUND, *(PostedPictures(why_not=one) for one in WhyNotFound)])
def test_a_page_of_the_longest_prompts_fits_into_a_message(found: PostedPictures) -> None:
    page = GalleryPage(tuple(painted(id, "*" * 6000) for id in range(1, PICTURES_ON_A_PAGE + 1)), True, True)
    position = GalleryPosition(Whose.EVERYONES_HERE, "m" * 100, "*w " * 20)
    drawn(page_layout(position, page, {one.id: found for one in page.pictures}))
    drawn(picture_layout(page.pictures[0], found, back=PAGE_ID.format(position.code), own=False))


def test_each_picture_has_its_thumbnail_and_a_way_to_its_message() -> None:
    page = GalleryPage((painted(2), painted(1, "an owl")), has_older=True)
    shown = drawn(
        page_layout(GalleryPosition(), page, {2: FOUND, 1: PostedPictures(why_not=WhyNotFound.GONE)})
    )
    [thumbnail] = [one for one in shown if one["type"] == 11]
    assert thumbnail["media"]["url"] == FOUND.pictures[0].url
    assert thumbnail["description"] == "a fox"
    texts = [one["content"] for one in shown if one["type"] == 10]
    assert "https://discord.com/channels/" in texts[1]
    assert "Its message was deleted" in texts[2]
    assert "https://" not in texts[2]
    [menu] = [one for one in shown if str(one.get("custom_id")).startswith(PICK_ID.format(""))]
    assert [option["value"] for option in menu["options"]] == ["2", "1"]


def test_a_spoiler_stays_hidden() -> None:
    hidden = PostedPictures((FoundPicture(FOUND.pictures[0].url, spoiler=True),))
    page = GalleryPage((painted(),))
    [thumbnail] = [
        one for one in drawn(page_layout(GalleryPosition(), page, {1: hidden})) if one["type"] == 11
    ]
    assert thumbnail["spoiler"]
    [gallery] = [one for one in drawn(picture_layout(painted(), hidden)) if one["type"] == 12]
    assert gallery["items"][0]["spoiler"]


def test_what_has_no_prompt_any_more_is_not_painted_again() -> None:
    labels = [one.get("label") for one in drawn(picture_layout(painted(prompt=""), FOUND))]
    assert "Again" not in labels
    assert "Again" in [one.get("label") for one in drawn(picture_layout(painted(), FOUND))]
