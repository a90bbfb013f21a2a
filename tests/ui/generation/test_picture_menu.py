"""The menu below pictures, and the pictures of a message that is drawn anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from discord import Embed

from bot.core.generation.model import Painting, Picture
from bot.core.limits.meters import MeterReading
from bot.core.limits.offer import Requirement
from bot.ui.embeds import ALT_TEXT_LIMIT, painting_message
from bot.ui.generation.picture_menu import Action, MenuTarget, actions_for, copy_message, menu_message
from bot.ui.generation.shown_pictures import ShownPicture, ShownPictures, pictures_shown, update_of
from tests.core.factories import meter

TARGET = MenuTarget(10**18, 10**18 + 1, private=False)
LINK = "https://discord.com/channels/1/2/3"
OPTIONAL = Requirement.OPTIONAL


def shown(count: int, *, spoiler: bool = False) -> ShownPictures:
    pictures = (
        ShownPicture(n, f"imagine-{n}.png", f"https://cdn/{n}", f"fox {n}") for n in range(1, count + 1)
    )
    return ShownPictures(tuple(pictures), None, spoiler)


def as_discord_has_it(count: int, *, original: bool = False) -> list[Embed]:
    """The embeds of a delivered message, with the links that Discord gives to its files."""
    painting = Painting(tuple(Picture(b"x", "image/png") for _ in range(count)), "m")
    if original:
        painting = replace(painting, original=Picture(b"small", "image/jpeg"))
    sent = painting_message("a fox", painting, [MeterReading(meter(), 3)], LINK).embeds
    stored = []
    for number, embed in enumerate(sent, start=1):
        raw = dict(embed.to_dict())
        for part, id in (("image", number), ("thumbnail", 99)):
            media = raw.get(part)
            if isinstance(media, dict):
                name = str(media["url"]).removeprefix("attachment://")
                raw[part] = {**media, "url": f"https://cdn.discordapp.com/attachments/2/{id}/{name}?ex=1"}
        stored.append(Embed.from_dict(raw))
    return stored


def test_whoever_has_no_say_is_offered_a_copy_and_a_report() -> None:
    assert actions_for(shown(1), OPTIONAL, has_say=False, can_report=True) == (Action.COPY, Action.REPORT)
    assert actions_for(shown(1), OPTIONAL, has_say=False, can_report=False) == (Action.COPY,)


def test_more_pictures_than_a_form_has_fields_are_described_in_two_forms() -> None:
    for count, forms in ((5, [Action.DESCRIBE]), (6, [Action.DESCRIBE, Action.DESCRIBE_REST])):
        actions = actions_for(shown(count), OPTIONAL, has_say=True, can_report=False)
        assert [it for it in actions if it.startswith("describe")] == forms


@pytest.mark.parametrize("count", [1, 10])
def test_the_menu_is_one_that_discord_takes(count: int) -> None:
    actions = actions_for(shown(count), OPTIONAL, has_say=True, can_report=True)
    components = menu_message(TARGET, actions, count).components
    assert components is not None
    [menu] = components.to_components()[0]["components"]
    assert len(menu["custom_id"]) <= 100
    assert all(len(one[text]) <= 100 for one in menu["options"] for text in ("label", "description"))


def test_what_an_embed_draws_is_known_by_the_id_in_its_link() -> None:
    found = pictures_shown(as_discord_has_it(2, original=True), ())
    assert [(it.id, it.name, it.alt) for it in found.pictures] == [
        (1, "imagine-1.png", "1 of 2: a fox"),
        (2, "imagine-2.png", "2 of 2: a fox"),
    ]
    assert (found.original and found.original.id, found.spoiler) == (99, False)


def test_links_that_lead_elsewhere_are_no_pictures_of_the_message() -> None:
    for url in (
        "https://example.com/attachments",
        "https://cdn.discordapp.com/attachments/2/x/a.png",
        "attachment://a",
    ):
        assert pictures_shown([Embed().set_image(url=url)], ()).pictures == ()


def test_hidden_and_shown_again_a_message_is_as_it_was_and_keeps_every_file() -> None:
    before = as_discord_has_it(5, original=True)
    found = pictures_shown(before, ())
    hidden = update_of(before, replace(found, spoiler=True), LINK)
    [caption] = hidden.embeds
    assert caption.to_dict().keys().isdisjoint({"image", "thumbnail"})
    assert [(file.id, file.spoiler) for file in hidden.files] == [
        *((n, True) for n in range(1, 6)),
        (99, True),
    ]
    again = update_of([caption], found, LINK)
    for embed, old in zip(again.embeds, before, strict=True):
        assert (embed.description, embed.fields, embed.footer, embed.url) == (
            old.description,
            old.fields,
            old.footer,
            old.url,
        )
    assert not any(file.spoiler for file in again.files)


def test_a_description_is_one_line_of_at_most_what_discord_takes() -> None:
    described = shown(2).described({0: "two\nlines", 1: "x" * 2000})
    assert [it.alt[:9] for it in described.pictures] == ["two lines", "x" * 9]
    assert len(described.pictures[1].alt) == ALT_TEXT_LIMIT
    assert [it.alt for it in shown(2).described({1: "other"}).pictures] == ["fox 1", "other"]


def test_a_copy_of_a_spoiler_is_one() -> None:
    pictures = [Picture(b"x", "image/jpeg")] * 2
    copied = copy_message(as_discord_has_it(2), shown(2, spoiler=True), pictures, None)
    assert ([file.spoiler for file in copied.files], len(copied.embeds)) == ([True, True], 1)
    assert [file.name for file in copied.files] == ["imagine-1.jpg", "imagine-2.jpg"]


def test_a_message_with_a_file_that_is_not_known_is_not_whole() -> None:
    embeds = as_discord_has_it(2, original=True)
    assert pictures_shown(embeds, ()).whole
    odd = Embed().set_image(url="https://cdn.discordapp.com/elsewhere/1/2/a.png")
    assert not pictures_shown([*embeds, odd], ()).whole
