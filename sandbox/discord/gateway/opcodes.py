"""The gateway's opcodes and close codes, and the checks of an IDENTIFY."""

from __future__ import annotations

from enum import IntEnum

from sandbox.discord.kit.errors import Json


class Op(IntEnum):
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


UNKNOWN_OPCODE, UNDECODABLE, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = 4001, 4002, 4003, 4004
ALREADY_AUTHENTICATED, INVALID_SEQUENCE, RATE_LIMITED, TIMED_OUT = 4005, 4007, 4008, 4009
INVALID_SHARD, INVALID_VERSION, INVALID_INTENTS, DISALLOWED_INTENTS = 4010, 4012, 4013, 4014
GUILDS, PRIVILEGED, ALL_INTENTS = 1 << 0, 1 << 1 | 1 << 8 | 1 << 15, (1 << 26) - 1
EVENTS_A_MINUTE = 120
IGNORED = (Op.PRESENCE_UPDATE, Op.VOICE_STATE_UPDATE, Op.REQUEST_GUILD_MEMBERS)


class CloseConnection(Exception):
    """The gateway closes the connection with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


def intents_of(data: Json, privileged: int) -> int:
    intents = data.get("intents")
    if not isinstance(intents, int) or not 0 <= intents <= ALL_INTENTS:
        raise CloseConnection(INVALID_INTENTS, "Invalid intent(s).")
    if intents & PRIVILEGED & ~privileged:
        raise CloseConnection(DISALLOWED_INTENTS, "Disallowed intent(s).")
    return intents


def shard_of(data: Json) -> tuple[int, int]:
    number, total = data.get("shard") or (0, 1)
    if not 0 <= number < total:
        raise CloseConnection(INVALID_SHARD, "Invalid shard.")
    return number, total
