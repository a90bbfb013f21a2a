"""The row of buttons below delivered pictures, and the one below a sentence in their place. Pure.

A button remembers nothing but the id of its generation, in its custom id: a stored format, for the message stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

from discord import ButtonStyle, ComponentType, ui

from bot.core.generation.retry_offer import RetryOffer, TryAgain, UseOtherWords
from bot.ui.sentences import IN_ENGLISH, Sentences

GENERATION = r"(?P<generation>\d{1,19})"
"""What stands for the generation in the template of a custom id."""
CANCEL_ID = "cancel:{}"
"""Below what stands there while they are painted."""
AGAIN_ID, PROMPT_ID, CHANGE_ID, DETAILS_ID = "again:{}", "prompt:{}", "change:{}", "details:{}"
"""Those of the second and the third are also the forms' that they open."""
MORE_ID = "more:{}"
RETRY_ID = "retry:{}"
ROW, BUTTON = ComponentType.action_row.value, ComponentType.button.value
GREY = ButtonStyle.secondary.value


class _Row(ui.View):
    """Buttons by their custom ids and labels, as Discord's API has them.

    There is one below every picture, and five `ui.Button`s take ten times as long to make.
    https://docs.discord.com/developers/components/reference#button
    """

    def __init__(self, buttons: Iterable[tuple[str, str]]) -> None:
        super().__init__(timeout=None)
        self._buttons = [
            {"type": BUTTON, "style": GREY, "custom_id": custom_id, "label": label}
            for custom_id, label in buttons
        ]

    def to_components(self) -> list[dict[str, Any]]:
        return [{"type": ROW, "components": self._buttons}]


def picture_buttons(generation: int, say: Sentences = IN_ENGLISH, *, changes: bool = False) -> ui.View:
    """Those that everybody has who sees the pictures: what each may do is asked when it is pressed.

    `changes`: there is a model in use that changes pictures.
    """
    labels = {
        AGAIN_ID: "button.again",
        PROMPT_ID: "button.edit_prompt",
        **({CHANGE_ID: "button.change_it"} if changes else {}),
        DETAILS_ID: "button.details",
        MORE_ID: "button.more",
    }
    return _Row((custom_id.format(generation), say(label)) for custom_id, label in labels.items())


def more_button(generation: int, say: Sentences = IN_ENGLISH) -> ui.View:
    """Alone: below pictures that are shown where nobody but who asked for them may know more of them."""
    return _Row([(MORE_ID.format(generation), say("button.more"))])


def retry_button(generation: int, offer: RetryOffer | None, say: Sentences = IN_ENGLISH) -> ui.View | None:
    """The one below a sentence that says why there is no picture; `generation` may as well be an order's that was
    refused, of which nothing is on record.
    """
    match offer:
        case None:
            return None
        case UseOtherWords():
            custom_id, label = PROMPT_ID, say("button.edit_prompt")
        case TryAgain(images):
            custom_id = RETRY_ID
            label = say("button.paint_fewer", count=images) if images else say("button.try_again")
        case _:
            assert_never(offer)
    return _Row([(custom_id.format(generation), label)])
