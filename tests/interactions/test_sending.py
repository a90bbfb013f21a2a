"""What is done to every message on its way out: the commands that it names can be clicked."""

from __future__ import annotations

from discord import Embed

from bot.interactions.sending import CommandMentions
from bot.ui.text import disarm


def known() -> CommandMentions:
    mentions = CommandMentions()
    mentions.learn([{"name": "privacy", "id": "7"}, {"name": "gallery", "id": "8"}, {"name": None}, {}])
    return mentions


def test_a_command_that_discord_knows_can_be_clicked() -> None:
    said = "Look in `/gallery`, or use `/privacy show`."
    assert known().clickable(said) == "Look in </gallery:8>, or use </privacy show:7>."


def test_what_is_not_a_command_of_the_bot_stays_as_it_is() -> None:
    for said in ("`/else`", "/gallery", "`/gallery", "`gallery`", "`/gallery; x`"):
        assert known().clickable(said) == said
    assert CommandMentions().clickable("`/gallery`") == "`/gallery`"


def test_what_somebody_typed_is_never_made_a_mention() -> None:
    said = disarm("`/gallery`")
    assert known().clickable(said) == said


def test_an_embed_has_them_where_discord_draws_them_and_is_itself_unchanged() -> None:
    embed = Embed(title="`/gallery`", description="`/gallery`").add_field(
        name="`/gallery`", value="`/gallery`"
    )
    copied = known().clickable_embed(embed)
    assert (copied.description, copied.fields[0].value) == ("</gallery:8>", "</gallery:8>")
    assert (copied.title, copied.fields[0].name) == ("`/gallery`", "`/gallery`")
    assert embed.description == "`/gallery`"
    plain = Embed(description="a fox").add_field(name="`/gallery`", value="3 of 10")
    assert known().clickable_embed(plain) is plain
