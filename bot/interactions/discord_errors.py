"""What Discord answers where a reply can't be delivered, and what is done then: a table, and the decision it makes.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json. What each means by an interaction's
token was gathered from reports: discord-api-docs #2739, #3087 (10008), #6851 (50027), #7220 (10015).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import discord

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10003, 10008, 10015, 10062
TOO_LARGE, ALREADY_ANSWERED, TOKEN_EXPIRED, MISSING_ACCESS = 40005, 40060, 50027, 50001


class Then(Enum):
    """What follows; the values are how the documents say it."""

    NEXT = "the next way"
    ASK = (
        "asks whether the channel is still there: if not, the next way; if so, somebody took the message away"
    )
    SOON = "the same way a moment later, twice; then the next way"
    SMALLER = "the same way, smaller"
    LATER = "the same way, later"


@dataclass(frozen=True, slots=True)
class DiscordAnswer:
    """`code` is None for any that is not in the table; `means` by the way that it was asked."""

    status: int
    code: int | None
    means: str
    then: Then


ANSWERS = (
    DiscordAnswer(404, UNKNOWN_MESSAGE, "the message was deleted, or the channel with it", Then.ASK),
    DiscordAnswer(404, UNKNOWN_CHANNEL, "the channel was deleted", Then.NEXT),
    DiscordAnswer(404, UNKNOWN_WEBHOOK, "Discord has not processed the acknowledgement yet", Then.SOON),
    DiscordAnswer(404, UNKNOWN_INTERACTION, "the acknowledgement came too late", Then.NEXT),
    DiscordAnswer(401, TOKEN_EXPIRED, "the 15 minutes are over", Then.NEXT),
    DiscordAnswer(
        403, MISSING_ACCESS, "the bot no longer sees the channel, or has left the server", Then.NEXT
    ),
    DiscordAnswer(403, 50013, "the bot may not write or attach files there", Then.NEXT),
    DiscordAnswer(403, 50007, "the member takes no messages", Then.NEXT),
    DiscordAnswer(403, 50278, "the member and the bot share no server", Then.NEXT),
    DiscordAnswer(400, 20009, "Discord takes the picture for explicit content", Then.NEXT),
    DiscordAnswer(400, 30046, "too many edits of a message that is older than an hour", Then.NEXT),
    DiscordAnswer(400, 200000, "the server's AutoMod blocked it", Then.NEXT),
    DiscordAnswer(413, TOO_LARGE, "the files are too large", Then.SMALLER),
    DiscordAnswer(429, None, "too many requests, or a ban of the address", Then.LATER),
    DiscordAnswer(408, None, "Discord did not receive it in time", Then.LATER),
    DiscordAnswer(500, None, "Discord's own trouble, as is every other 5xx", Then.LATER),
    DiscordAnswer(400, None, "anything else, as is every other 4xx", Then.NEXT),
)
_BY_CODE = {answer.code: answer.then for answer in ANSWERS if answer.code is not None}
_BY_STATUS = {answer.status: answer.then for answer in ANSWERS if answer.code is None} | {413: Then.SMALLER}


def judged(status: int, code: int) -> Then:
    """What follows an answer of `status` with Discord's `code`, 0 where it names none."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status >= 500:
        return Then.LATER
    return _BY_STATUS.get(status, Then.NEXT)


def is_final(error: discord.HTTPException) -> bool:
    """Whether Discord would say the same the next time, so that this way is closed."""
    return judged(error.status, error.code) in {Then.NEXT, Then.ASK, Then.SOON}
