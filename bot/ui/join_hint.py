"""What a server's moderators read once the bot has joined. Pure."""

from __future__ import annotations

from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import IN_ENGLISH, Sentences


def join_hint(say: Sentences = IN_ENGLISH) -> OutgoingMessage:
    """Text alone: links to commands are drawn also where the bot may not embed anything."""
    lines = say("join.members"), say("join.moderators"), say("join.admins")
    return OutgoingMessage("\n".join((say("join.title"), *lines)), silent=True)
