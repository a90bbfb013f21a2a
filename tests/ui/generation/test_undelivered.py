"""What hangs in a member's gallery."""

from __future__ import annotations

from bot.core.generation.model import Generation, ImageSpec, Picture, Request, State
from bot.core.generation.undelivered import MOST_PICTURES_SHOWN
from bot.ui.generation.undelivered import undelivered_message
from bot.ui.sentences import IN_ENGLISH
from tests.core.factories import NOON, caller


def kept_order(prompt: str, model: str) -> Generation:
    return Generation(Request(1, caller(), ImageSpec(prompt)), State.UNDELIVERED, NOON, model=model)


UNDELIVERED = kept_order("a fox", "grok-2-image")
PICTURE = Picture(b"", "image/png", "a red fox")


def test_what_has_expired_leaves_a_gap_that_says_so() -> None:
    message = undelivered_message([(UNDELIVERED, None)])
    [embed] = message.embeds
    assert IN_ENGLISH("gallery.expired") in (embed.description or "")
    assert embed.image.url is None
    assert message.files == ()


def test_a_picture_hangs_with_its_prompt_and_its_revised_prompt() -> None:
    message = undelivered_message([(UNDELIVERED, None), (UNDELIVERED, PICTURE)])
    _, embed = message.embeds
    assert (embed.description or "").startswith("> a fox")
    assert (embed.image.url, embed.footer.text) == (
        "attachment://imagine-2.png",
        "a red fox\nPainted by grok-2-image",
    )
    assert [(file.name, file.alt) for file in message.files] == [("imagine-2.png", "a red fox")]


def test_the_longest_prompts_fit_one_message() -> None:
    kept, picture = kept_order("*" * 6000, "m"), Picture(b"", "image/png", "_" * 6000)
    embeds = undelivered_message(MOST_PICTURES_SHOWN * [(kept, picture)]).embeds
    assert sum(len(embed) for embed in embeds) <= 6000
