"""What a role or a member may do, as Discord numbers it, and how overwrites of a channel change that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntFlag


class Permission(IntFlag):
    """Those that Discord's documentation lists, apart from a few of voice and stage channels."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    SEND_VOICE_MESSAGES = 1 << 46
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51


ALL = (1 << 53) - 1
EVERYONE = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.ADD_REACTIONS
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.USE_EXTERNAL_APPS
)
_OF_THE_SERVER = int(
    Permission.KICK_MEMBERS
    | Permission.BAN_MEMBERS
    | Permission.ADMINISTRATOR
    | Permission.MANAGE_GUILD
    | Permission.VIEW_AUDIT_LOG
    | Permission.VIEW_GUILD_INSIGHTS
    | Permission.CHANGE_NICKNAME
    | Permission.MANAGE_NICKNAMES
    | Permission.MANAGE_GUILD_EXPRESSIONS
    | Permission.MODERATE_MEMBERS
)
_WITH_A_MESSAGE = int(
    Permission.SEND_TTS_MESSAGES
    | Permission.MENTION_EVERYONE
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
)


def combined(*parts: int) -> int:
    """The union; an administrator may do everything."""
    total = 0
    for part in parts:
        total |= part
    return ALL if total & Permission.ADMINISTRATOR else total


def after_overwrites(held: int, layers: Iterable[tuple[int, int]]) -> int:
    """After each (allow, deny) in turn: of everyone, of the roles together, of the member."""
    if held & Permission.ADMINISTRATOR:
        return ALL
    for allow, deny in layers:
        held = held & ~deny | allow
    return held


def after_implicit_denials(held: int, *, thread: bool) -> int:
    """Without what is implicitly denied: all in a channel that is not seen, all that takes sending a message."""
    if held & Permission.ADMINISTRATOR:
        return held
    if not held & Permission.VIEW_CHANNEL:
        return held & _OF_THE_SERVER
    sending = Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES
    return held if held & sending else held & ~_WITH_A_MESSAGE


def from_names(flags: Mapping[str, bool]) -> int:
    """The sum of those that are true, by their documented names in lower case."""
    total = 0
    for name, wanted in flags.items():
        total |= Permission[name.upper()] if wanted else 0
    return int(total)


def names(held: int) -> str:
    """`Manage Guild, Manage Messages`."""
    return ", ".join((flag.name or "").replace("_", " ").title() for flag in Permission if held & flag)
