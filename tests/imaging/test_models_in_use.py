"""A model that only changes pictures is no model for `/imagine`, and the operator is told at the start."""

from __future__ import annotations

import pytest

from bot.imaging.models_in_use import misplaced_models, unable_edit_models
from bot.settings.settings import read_settings

REQUIRED = {"DISCORD_TOKEN": "t", "IMAGE_API_KEY": "k"}


@pytest.mark.parametrize(
    ("settings", "misplaced"),
    [
        ({}, []),
        ({"IMAGE_MODEL": "blackforestlabs/flux-2, nobody/knows"}, []),
        ({"IMAGE_EDIT_MODEL": "blackforestlabs/flux-2-edit"}, []),
        ({"IMAGE_MODEL": "blackforestlabs/flux-2, blackforestlabs/flux-2-edit"}, ["IMAGE_MODEL"]),
        ({"IMAGE_MODEL": "klingai/image-o1"}, ["IMAGE_MODEL"]),
        ({"IMAGE_CHOICES": "Fast=flux/dev, Odd=flux/dev/image-to-image"}, ["IMAGE_CHOICES"]),
        # The operator knows better.
        ({"IMAGE_MODEL": "acme/image-o1", "IMAGE_MODEL_FIELDS": "image_urls=3"}, []),
    ],
)
def test_a_model_that_only_changes_pictures_is_named(settings: dict[str, str], misplaced: list[str]) -> None:
    sentences = misplaced_models(read_settings({**REQUIRED, **settings}))

    assert [sentence.split(":")[0] for sentence in sentences] == misplaced
    assert all("IMAGE_EDIT_MODEL" in sentence for sentence in sentences)


def test_a_model_without_a_prompt_is_sent_to_no_other_setting() -> None:
    given = {**REQUIRED, "IMAGE_MODEL": "topaz-labs/sharpen"}
    assert misplaced_models(read_settings(given)) == (
        "IMAGE_MODEL: topaz-labs/sharpen takes no prompt, so the bot has no use for it",
    )
    given = {**REQUIRED, "IMAGE_EDIT_MODEL": "topaz-labs/sharpen"}
    assert unable_edit_models(read_settings(given)) == (
        "topaz-labs/sharpen can't change pictures by a prompt, as far as is known; see IMAGE_EDIT_MODEL"
    )
