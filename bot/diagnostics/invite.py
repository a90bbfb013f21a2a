"""The link with which a server's owner invites the bot: the scopes and permissions it needs, and no other."""

from __future__ import annotations

from urllib.parse import quote

# The answer to a command needs none of these: it goes through the interaction. But its token expires after 15 minutes,
# and what is delivered later is a message of the bot itself, with a picture, where the member asked: a thread too.
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
SEND_MESSAGES_IN_THREADS = 1 << 38

PERMISSIONS = VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | ATTACH_FILES | SEND_MESSAGES_IN_THREADS
SCOPES = "bot applications.commands"


def invite_link(application_id: str) -> str:
    return (
        f"https://discord.com/oauth2/authorize?client_id={quote(application_id, safe='')}"
        f"&scope={quote(SCOPES)}&permissions={PERMISSIONS}"
    )
