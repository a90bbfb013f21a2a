"""What `/privacy` says. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from discord import ButtonStyle, Embed, ui

from bot.core.privacy.service import (
    ERASURE_TAKES,
    KEEP_RECORDS,
    KEEP_REPORTS,
    KEEP_REVISIONS,
    MOST_REVISIONS,
    Erased,
)
from bot.ui.embeds import COLOUR

DELETE_ID = "privacy:delete:{}"
QUESTION = (
    "## Erase everything about you?\n"
    "Your prompts are erased at once in all servers, and your ID as soon as no limit needs it. Your pictures stay in "
    "the channels where they were posted: only the moderators there can delete them. This can't be undone."
)


def privacy_embed(keep_prompts: timedelta) -> Embed:
    """What is stored, why, for how long, and who sees it; `keep_prompts` is the operator's choice."""
    embed = Embed(
        colour=COLOUR,
        title="What this bot keeps about you",
        description="Only what's needed to paint, to count, and to find out what went wrong. No messages, no names.",
    )
    embed.add_field(
        name="Each /imagine",
        value=(
            "Your ID, the server and channel, the time, how many images, what they cost and how it ended: "
            f"{_days(KEEP_RECORDS)}.\nYour prompt: {_prompts(keep_prompts)}. The same for links to pictures I "
            "couldn't post.\nYour reply token, which lets me answer you: until you've been answered."
        ),
        inline=False,
    )
    embed.add_field(
        name="Counters",
        value=f"How many images you used per day and per month: {_days(KEEP_RECORDS)}.",
        inline=False,
    )
    embed.add_field(
        name="What moderators decided about you",
        value=(
            "A limit of your own, a block and its reason: until they remove it. Earlier settings, and who changed "
            f"them: a server's last {KEEP_REVISIONS} changes, or all of the last {_days(KEEP_RECORDS)} if that's more "
            f"({MOST_REVISIONS} at most)."
        ),
        inline=False,
    )
    embed.add_field(
        name="Reports",
        value=f"What you reported and why, and that a picture of yours was reported: {_days(KEEP_REPORTS)}.",
        inline=False,
    )
    embed.add_field(
        name="Who sees it",
        value=(
            "The image service gets your prompt, without your name or ID. The moderators of a server see what was "
            "asked for there, in their log channel and their exports; messages in that channel are theirs to delete. "
            "The people who run the bot see all of it."
        ),
        inline=False,
    )
    embed.add_field(
        name="Your rights",
        value="`/privacy show` gives you all of it as a file. `/privacy delete` erases it.",
        inline=False,
    )
    return embed


def question_layout(member: int) -> ui.LayoutView:
    """Only `member` can say yes."""
    yes: ui.Button[Any] = ui.Button(
        label="Yes, erase it", style=ButtonStyle.danger, custom_id=DELETE_ID.format(member)
    )
    layout = ui.LayoutView(timeout=None)
    layout.add_item(ui.Container(ui.TextDisplay(QUESTION), accent_colour=COLOUR))
    layout.add_item(ui.ActionRow(yes))
    return layout


def erased_layout(erased: Erased) -> ui.LayoutView:
    """In the place of the question, without a button."""
    layout = ui.LayoutView(timeout=None)
    layout.add_item(ui.Container(ui.TextDisplay(erased_words(erased)), accent_colour=COLOUR))
    return layout


def erased_words(erased: Erased) -> str:
    """What is gone, and what stays until when."""
    found = (
        (erased.prompts, "the text of {} prompt"),
        (erased.generations, "your ID on {} command"),
        (erased.counters, "{} old counter"),
    )
    gone = [_count(words, number) for number, words in found if number]
    done = f"**Gone for good**: {', '.join(gone)}." if gone else "There was nothing to erase now."
    lines = [
        "## Done",
        done,
        f"**Gone by itself**: your ID on your latest commands, within {ERASURE_TAKES.days} days; your counters for "
        "today and this month, when they end.",
        "**Stays**: your pictures, in the channels where they were posted; what moderators decided about you, with "
        "their server; what you changed as a moderator, in its history.",
    ]
    if erased.running:
        running = _count("{} picture", erased.running)
        lines.append(f"**Still being painted**: {running} of yours. What belongs to it is erased after that.")
    return "\n".join(lines)


def _prompts(keep: timedelta) -> str:
    return _days(keep) if keep else "until the picture has been posted, one hour at most"


def _days(span: timedelta) -> str:
    return "1 day" if span.days == 1 else f"{span.days} days"


def _count(words: str, number: int) -> str:
    """`words` for that many, with an s at their end."""
    return words.format(f"{number:,}") + ("" if number == 1 else "s")
