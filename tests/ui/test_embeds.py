"""The reply as Discord takes it, whatever the input."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.generation.model import Painting, Picture, PromptRevision
from bot.core.limits.meters import MeterReading
from bot.ui.embeds import footer, painting_message
from bot.ui.text import units
from tests.core.factories import meter

THIRD = MeterReading(meter(limit=10), 3)
LINK = "https://discord.com/channels/1/2"


def painting(count: int = 1, revised: str | None = "A fox, revised", missing: int = 0) -> Painting:
    pictures = tuple(Picture(b"x", "image/jpeg", revised) for _ in range(count))
    return Painting(pictures, "x-ai/grok-2-image", missing)


def test_the_reply_shows_the_prompt_the_counter_and_the_revised_prompt() -> None:
    [embed] = painting_message("a *fox*", painting(), [THIRD], LINK).embeds
    assert embed.description == r"> a \*fox\*"
    assert embed.to_dict()["image"] == {"url": "attachment://imagine-1.jpg", "description": "A fox, revised"}
    assert [(field.name, field.value) for field in embed.fields] == [
        ("Daily usage · 23 November 2026", "3 of 10 images")
    ]
    assert embed.footer.text == "A fox, revised\nPainted by grok-2-image"


def test_the_footer_shows_what_a_chat_model_made_of_the_prompt_and_a_screen_reader_says_it() -> None:
    revised = replace(painting(revised=""), revision=PromptRevision("A red fox"))
    message = painting_message("a fox", revised, [THIRD], LINK)
    assert message.embeds[0].footer.text == "A red fox\nPainted by grok-2-image"
    assert message.files[0].alt == "A red fox"


def test_what_the_image_model_says_of_the_prompt_is_what_it_painted() -> None:
    both = replace(painting(), revision=PromptRevision("A red fox"))
    [embed] = painting_message("a fox", both, [THIRD], LINK).embeds
    assert embed.footer.text == "A fox, revised\nPainted by grok-2-image"


def test_the_footer_says_plainly_that_a_prompt_could_not_be_revised() -> None:
    [embed] = painting_message(
        "a fox", replace(painting(revised=None), revision=PromptRevision(None)), [THIRD], LINK
    ).embeds
    assert embed.footer.text == "Painted by grok-2-image, as written: the prompt couldn't be revised"


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("x-ai/grok-imagine-image", "grok-imagine-image"),
        ("google/imagen4/preview", "imagen4/preview"),
        ("flux/dev", "flux/dev"),
        ("flux/kontext-pro/image-to-image", "flux/kontext-pro/image-to-image"),
        ("reve/edit-image", "reve/edit-image"),
        ("my-flux", "my-flux"),
        ("google/", "google/"),
    ],
)
def test_the_footer_leaves_nothing_but_the_vendor_out_of_a_models_name(model: str, name: str) -> None:
    assert footer(None, None, model, 200) == f"Painted by {name}"


def test_the_footer_names_the_model_where_no_prompt_was_revised() -> None:
    for nothing in (None, "", " \u202e "):
        [embed] = painting_message("a fox", painting(revised=nothing), [THIRD], LINK).embeds
        assert embed.footer.text == "Painted by grok-2-image"


def test_ten_pictures_are_three_galleries_under_one_caption() -> None:
    message = painting_message("a fox", painting(10), [THIRD], LINK)
    embeds = message.embeds
    assert [embed.url for embed in embeds] == [f"{LINK}#{group}" for group in (0, 0, 0, 0, 1, 1, 1, 1, 2, 2)]
    assert [bool(embed.description) for embed in embeds] == [True] + 9 * [False]
    names = [file.name for file in message.files]
    assert [embed.image.url for embed in embeds] == [f"attachment://{name}" for name in names]
    assert len(set(names)) == 10


def test_what_was_changed_stands_small_beside_the_result() -> None:
    changed = replace(painting(), original=Picture(b"small", "image/jpeg"))
    message = painting_message("a fox", changed, [THIRD], LINK)
    assert [file.name for file in message.files] == ["imagine-1.jpg", "original.jpg"]
    [embed] = message.embeds
    assert embed.thumbnail.url == "attachment://original.jpg"
    assert message.files[1].alt == "The picture before"


def test_no_message_has_more_files_than_discord_takes() -> None:
    for count, files in ((9, 10), (10, 10)):
        changed = replace(painting(count), original=Picture(b"small", "image/jpeg"))
        assert len(painting_message("a fox", changed, [THIRD], LINK).files) == files


def test_a_spoiler_is_drawn_by_no_embed_and_says_everything_else() -> None:
    changed = replace(painting(3), original=Picture(b"small", "image/jpeg"))
    shown = painting_message("a fox", changed, [THIRD], LINK)
    hidden = painting_message("a fox", changed, [THIRD], LINK, spoiler=True)
    [caption] = hidden.embeds
    assert caption.to_dict().keys().isdisjoint({"image", "thumbnail"})
    first = shown.embeds[0]
    assert (caption.description, caption.fields, caption.footer) == (
        first.description,
        first.fields,
        first.footer,
    )
    assert [(file.name, file.spoiler) for file in hidden.files] == [
        *((f"imagine-{n}.jpg", True) for n in (1, 2, 3)),
        ("original.jpg", True),
    ]
    assert [file.alt for file in hidden.files] == [file.alt for file in shown.files]
    assert not any(file.spoiler for file in shown.files)


def test_lost_pictures_are_owned_up_to() -> None:
    [embed] = painting_message("a fox", painting(missing=1), [THIRD], LINK).embeds
    assert "1 picture couldn't be painted or downloaded, and wasn't counted." in str(embed.fields[0].value)


def test_no_limit_is_shown_as_such() -> None:
    unlimited = MeterReading(meter(limit=None), 3)
    [embed] = painting_message("a fox", painting(), [unlimited], LINK).embeds
    assert str(embed.fields[0].value) == "3 images"


@given(
    prompt=st.one_of(st.text(st.characters(), min_size=1), st.text("*[🦊", min_size=2000, max_size=6000)),
    revised=st.one_of(st.none(), st.text(st.characters()), st.text("a🦊", min_size=2000, max_size=5000)),
    count=st.integers(1, 10),
)
def test_discords_lengths_hold_whatever_the_input(prompt: str, revised: str | None, count: int) -> None:
    message = painting_message(prompt, painting(count, revised), [THIRD], LINK)
    first = message.embeds[0]
    footer, description = first.footer.text or "", first.description or ""
    fields = sum(units(str(field.name)) + units(str(field.value)) for field in first.fields)
    assert 1 <= units(footer) <= 300
    assert 1 <= units(description) <= 300
    assert fields <= 200
    assert all(units(file.alt or "") <= 1024 for file in message.files)


def test_nothing_under_a_picture_runs_out() -> None:
    [embed] = painting_message("a fox", painting(), [THIRD], LINK).embeds
    assert "<t:" not in str(embed.to_dict())
    assert "oday" not in str(embed.to_dict())


def test_each_of_several_pictures_says_which_it_is() -> None:
    def alts(count: int, revised: str = "A fox, revised") -> list[str | None]:
        files = painting_message("a fox", painting(count, revised), [THIRD], LINK).files
        return [file.alt for file in files]

    assert alts(2) == ["1 of 2: A fox, revised", "2 of 2: A fox, revised"]
    assert alts(1) == ["A fox, revised"]
    assert units(alts(2, "x" * 5000)[0] or "") == 1024


def test_a_picture_is_described_by_its_revised_prompt_or_else_by_the_prompt() -> None:
    for revised, alt in (("A fox, revised", "A fox, revised"), (None, "a fox")):
        [file] = painting_message("a fox", painting(1, revised), [THIRD], LINK).files
        assert file.alt == alt
