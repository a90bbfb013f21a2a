"""What Discord answers where a reply can't be delivered, and what is done then: a table, and the decisions it makes.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json. What each means by an interaction's
token was gathered from reports: discord-api-docs #2739, #3087 (10008), #6851 (50027), #7220 (10015).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import aiohttp
import discord

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10003, 10008, 10015, 10062
CANNOT_WRITE_TO_MEMBER, NO_MUTUAL_SERVER = 50007, 50278
TOO_LARGE, ALREADY_ANSWERED, TOKEN_EXPIRED, MISSING_ACCESS = 40005, 40060, 50027, 50001

# discord.py repeats what Discord answers with 5xx, but not a connection that was cut. RuntimeError is what aiohttp
# says of a session that was closed, as it is after Discord has refused the gateway for good.
CUT_OFF = (aiohttp.ClientError, TimeoutError, OSError, RuntimeError)
# discord.py (2.7.1) has no word for an answer with a field of a new shape: it raises whatever it trips over.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)
UNANSWERED = (discord.DiscordException, *CUT_OFF, *UNREADABLE)
"""What a question to Discord raises to which there is no answer that can be read."""


CALL_SECONDS = 40.0
"""For one call to Discord without files: discord.py repeats by itself what Discord answers with 5xx, for 25 s."""


class StillOnItsWay(OSError):
    """The same upload has not ended yet; a second beside it would make both slower."""


class NextAttempt(Enum):
    """What is tried after an answer; the values are how the documents say it."""

    NEXT_WAY = "the next way"
    CHECK_CHANNEL = (
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
    next_attempt: NextAttempt


ANSWERS = (
    DiscordAnswer(
        404, UNKNOWN_MESSAGE, "the message was deleted, or the channel with it", NextAttempt.CHECK_CHANNEL
    ),
    DiscordAnswer(404, UNKNOWN_CHANNEL, "the channel was deleted", NextAttempt.NEXT_WAY),
    DiscordAnswer(
        404, UNKNOWN_WEBHOOK, "Discord has not processed the acknowledgement yet", NextAttempt.SOON
    ),
    DiscordAnswer(404, UNKNOWN_INTERACTION, "the acknowledgement came too late", NextAttempt.NEXT_WAY),
    DiscordAnswer(401, TOKEN_EXPIRED, "the 15 minutes are over", NextAttempt.NEXT_WAY),
    DiscordAnswer(
        403,
        MISSING_ACCESS,
        "the bot no longer sees the channel, or has left the server",
        NextAttempt.NEXT_WAY,
    ),
    DiscordAnswer(403, 50013, "the bot may not write or attach files there", NextAttempt.NEXT_WAY),
    DiscordAnswer(403, CANNOT_WRITE_TO_MEMBER, "the member takes no messages", NextAttempt.NEXT_WAY),
    DiscordAnswer(403, NO_MUTUAL_SERVER, "the member and the bot share no server", NextAttempt.NEXT_WAY),
    DiscordAnswer(400, 20009, "Discord takes the picture for explicit content", NextAttempt.NEXT_WAY),
    DiscordAnswer(400, 30046, "too many edits of a message that is older than an hour", NextAttempt.NEXT_WAY),
    DiscordAnswer(400, 200000, "the server's AutoMod blocked it", NextAttempt.NEXT_WAY),
    DiscordAnswer(413, TOO_LARGE, "the files are too large", NextAttempt.SMALLER),
    DiscordAnswer(429, None, "too many requests, or a ban of the address", NextAttempt.LATER),
    DiscordAnswer(408, None, "Discord did not receive it in time", NextAttempt.LATER),
    DiscordAnswer(500, None, "Discord's own trouble, as is every other 5xx", NextAttempt.LATER),
    DiscordAnswer(400, None, "anything else, as is every other 4xx", NextAttempt.NEXT_WAY),
)
_BY_CODE = {answer.code: answer.next_attempt for answer in ANSWERS if answer.code is not None}
_BY_STATUS = {answer.status: answer.next_attempt for answer in ANSWERS if answer.code is None} | {
    413: NextAttempt.SMALLER
}


def next_attempt(status: int, code: int) -> NextAttempt:
    """What is tried after an answer of `status` with Discord's `code`, 0 where it names none."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status >= 500:
        return NextAttempt.LATER
    return _BY_STATUS.get(status, NextAttempt.NEXT_WAY)


def is_final(error: discord.HTTPException) -> bool:
    """Whether Discord would say the same the next time, so that this way is closed."""
    return next_attempt(error.status, error.code) in {
        NextAttempt.NEXT_WAY,
        NextAttempt.CHECK_CHANNEL,
        NextAttempt.SOON,
    }


def reason(error: Exception) -> str:
    """Not the text of a connection error: it may hold the URL, and with it the interaction's token."""
    return str(error) if isinstance(error, discord.HTTPException) else type(error).__name__


# Which errors each row of `bot.core.retries.TABLE` repeats: its column "where".


def first_answer_is_unclear(error: Exception) -> bool:
    """Whether Discord may or may not have taken the first answer that met it."""
    return error.status >= 500 if isinstance(error, discord.HTTPException) else isinstance(error, CUT_OFF)


def acknowledgement_is_unprocessed(error: Exception) -> bool:
    """Whether Discord takes the same a moment later. Of an upload: one that was cut off is made smaller first."""
    if not isinstance(error, discord.HTTPException):
        return False
    return next_attempt(error.status, error.code) is NextAttempt.SOON


def call_may_be_repeated(error: Exception) -> bool:
    """Of any other call that has the same effect once or twice: one whose answer was lost is made again, too."""
    return isinstance(error, CUT_OFF) or acknowledgement_is_unprocessed(error)


def smaller_upload_may_pass(error: Exception) -> bool:
    """Where Discord calls the files too large, or they took too long; not while the same upload is still going on."""
    if isinstance(error, discord.HTTPException):
        return next_attempt(error.status, error.code) is NextAttempt.SMALLER
    return isinstance(error, CUT_OFF) and not isinstance(error, StillOnItsWay)
