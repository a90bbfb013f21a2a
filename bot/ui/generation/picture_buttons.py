"""The row of buttons below delivered pictures. Pure.

A button remembers nothing but the id of its generation, in its custom id: a stored format, for the message stays.
"""

from __future__ import annotations

from discord import ui

from bot.ui.sentences import IN_ENGLISH, Sentences

GENERATION = r"(?P<generation>\d{1,19})"
"""What stands for the generation in the template of a custom id."""
AGAIN_ID, DETAILS_ID = "again:{}", "details:{}"


def picture_buttons(generation: int, say: Sentences = IN_ENGLISH) -> ui.View:
    """Those that everybody has who sees the pictures: what each may do is asked when it is pressed."""
    row = ui.View(timeout=None)
    for custom_id, label in ((AGAIN_ID, "button.again"), (DETAILS_ID, "button.details")):
        row.add_item(ui.Button(label=say(label), custom_id=custom_id.format(generation)))
    return row
