"""The part of an interaction that the bot needs, in shapes that discord.py can read: pure, from payload to payload.

Discord adds fields, kinds and values as it likes, and discord.py 2.7.1 gives up a whole interaction for one of them.
Whatever a limit or a right depends on is kept or the payload is refused; the rest may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from bot.interactions.rest_guard import readable_message
from bot.ui.text import snowflake

Json: TypeAlias = Mapping[str, Any]

KINDS = frozenset({2, 3, 4, 5})
"""Commands, components, autocompletion, modals:
https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-interaction-type"""
DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024
TEXT, DIRECT, GROUP, THREADS = 0, 1, 3, frozenset({10, 11, 12})
CONTEXTS = frozenset({0, 1, 2})
KNOWN_CHANNELS = frozenset({0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 15, 16})
"""https://docs.discord.com/developers/resources/channel#channel-object-channel-types"""
_LISTS = "components", "embeds", "attachments", "mentions"
SOME_TIME = "2015-05-13T00:00:00+00:00"

_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
"""Of any language; those that there are: https://docs.discord.com/developers/reference#locales"""
_TOKEN = re.compile(r"(?!\.+$)[!-.0-~]{1,4000}")
"""ASCII without a slash, and more than dots: it becomes a part of a path."""


class Unusable(Exception):
    """Something is missing or invalid that the bot's rules depend on."""


def address(data: object) -> tuple[int, str] | None:
    """The id and the token of an interaction: all that it takes to answer it."""
    if not isinstance(data, Mapping):
        return None
    identity, token = snowflake(data.get("id")), data.get("token")
    if identity is None or not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return None
    return identity, token


def whose(data: object) -> int | None:
    """The id of the person that an interaction comes from; None where that can't be read."""
    try:
        member: Any = data["member"] if data.get("member") is not None else data  # type: ignore[attr-defined,index]
        return snowflake(member["user"]["id"])
    except (AttributeError, KeyError, TypeError):
        return None


def is_complete(data: Any) -> bool:
    """Whether it has all that the bot needs, for discord.py would pass over what is missing without an error."""
    try:
        server, channel = data.get("guild_id"), data["channel"]
        user = data["user"] if server is None else data["member"]["user"]
        ids = data["id"], channel["id"], user["id"], user["id"] if server is None else server
        kind, channel_kind, upload_limit = data["type"], channel["type"], data["attachment_size_limit"]
        locale = data["locale"]
        server_locale = data.get("guild_locale", locale)
        message = data.get("message")
        return bool(
            _TOKEN.fullmatch(data["token"])
            and isinstance(data["data"], Mapping)
            and None not in map(snowflake, ids)
            and type(kind) is type(channel_kind) is type(upload_limit) is int
            and kind in KINDS
            and channel_kind in KNOWN_CHANNELS
            and 0 < upload_limit < 2**53
            and _LOCALE.fullmatch(locale)
            and (server_locale is None or _LOCALE.fullmatch(server_locale))
            and (message is None or _is_whole(message))
            and all(map(_is_whole, _messages(data["data"]).values()))
        )
    except (AttributeError, KeyError, TypeError):
        return False


def readable(data: object, application: int) -> dict[str, Any] | None:
    """The interaction with what the bot needs of it; None where something of that can't be read.

    An unreadable server id does not make it a direct message, nor a thread for a channel. `application` is whose
    it is, if it doesn't say.
    """
    where = address(data)
    if where is None or not isinstance(data, Mapping):
        return None
    if _known(data.get("type"), KINDS) is None or not isinstance(data.get("data"), Mapping):
        return None
    kept: dict[str, Any] = {
        "id": str(where[0]),
        "token": where[1],
        "type": data["type"],
        "version": 1,
        "application_id": str(snowflake(data.get("application_id")) or application),
        "attachment_size_limit": _count(data.get("attachment_size_limit")) or DEFAULT_UPLOAD_LIMIT,
        "app_permissions": str(_bits(data.get("app_permissions"))),
        "locale": _locale(data.get("locale")) or "en-US",
    }
    if (context := _known(data.get("context"), CONTEXTS)) is not None:
        kept["context"] = context
    if locale := _locale(data.get("guild_locale")):
        kept["guild_locale"] = locale
    try:
        return {**kept, **_place(data), **_owners(data), **_source(data), "data": _data(data["data"])}
    except (Unusable, AttributeError, KeyError, TypeError, ValueError):
        return None


def _place(data: Json) -> dict[str, Any]:
    """Who, and where."""
    server = _optional(data.get("guild_id"))
    channel = _channel(data)
    if server is None:
        if data.get("member") is not None or data.get("guild") is not None:
            raise Unusable
        return {"user": _user(data["user"]), "channel": channel}
    member = data["member"]
    return {
        "guild_id": str(server),
        "guild": {"id": str(server), "features": []},
        "channel": channel,
        "member": {
            "user": _user(member["user"]),
            "roles": [str(role) for one in _items(member.get("roles")) if (role := snowflake(one))],
            "permissions": str(_bits(member.get("permissions"))),
            "flags": _count(member.get("flags")) or 0,
            "nick": _text(member.get("nick")),
        },
    }


def _channel(data: Json) -> dict[str, Any]:
    """A kind that nobody knows yet counts as a text channel: its id and its category are what the rules are about."""
    given = data["channel"]
    identity = snowflake(given.get("id") or data.get("channel_id"))
    if identity is None:
        raise Unusable
    kind = _known(given.get("type"), KNOWN_CHANNELS) or TEXT
    parent = _optional(given.get("parent_id"))
    kept = {
        "id": str(identity),
        "type": kind,
        "name": _text(given.get("name")) or "",
        "position": 0,
        "nsfw": given.get("nsfw") is True,
        "parent_id": None if parent is None else str(parent),
    }
    if kind in (DIRECT, GROUP):
        return {**kept, "recipients": [_user(data["user"])] if kind == DIRECT else []}
    if kind not in THREADS:
        return kept
    if parent is None:
        raise Unusable
    return {
        **kept,
        "owner_id": str(snowflake(given.get("owner_id")) or 0),
        "message_count": 0,
        "member_count": 0,
        "thread_metadata": {"archived": False, "auto_archive_duration": 1440, "archive_timestamp": SOME_TIME},
    }


def _is_whole(message: Json) -> bool:
    """Whether it has what discord.py, and the bot, look for in every message."""
    lists = all(isinstance(message.get(name), list) for name in _LISTS)
    texts = isinstance(message.get("content"), str) and type(message.get("type")) is int
    ids = message.get("id"), message.get("channel_id"), message["author"]["id"]
    return lists and texts and None not in map(snowflake, ids)


def _source(data: Json) -> dict[str, Any]:
    """The message under which something was pressed."""
    message = data.get("message")
    return {} if message is None else {"message": _message(message)}


def _messages(data: Json) -> Json:
    """Those that an entry of the menu of messages was chosen for, by their ids."""
    messages: Json = (data.get("resolved") or {}).get("messages") or {}
    return messages


def _data(data: Json) -> Json:
    """What was chosen or typed, and for which messages: each that is not whole as far as it can be read."""
    if not (messages := _messages(data)):
        return data
    read = {id: one if _is_readable(one) else _message(one) for id, one in messages.items()}
    return {**data, "resolved": {**data["resolved"], "messages": read}}


def _is_readable(message: Json) -> bool:
    try:
        return _is_whole(message)
    except (KeyError, TypeError):
        return False


def _message(message: Json) -> dict[str, Any]:
    """One whose author is not said is nobody's."""
    if snowflake(message["id"]) is None:
        raise Unusable
    author = message.get("author")
    return {
        **readable_message(message),
        "content": _text(message.get("content")) or "",
        "components": list(_items(message.get("components"))),
        "mentions": [],
        "edited_timestamp": None,
        "author": _user(author) if author else {**_user({"id": "1"}), "id": "0"},
    }


def _owners(data: Json) -> dict[str, Any]:
    """Who has the bot there: the server, somebody in it, or both. That they are named is what counts: should the ids
    have another shape one day, a server that has the bot must not be taken for one that has not, nor the other way.
    """
    owners = data.get("authorizing_integration_owners")
    if not isinstance(owners, Mapping):
        return {}
    # Of a direct message with the bot, 0 is said in the place of a server, also as a number (discord-api-docs #6730).
    unreadable = {"0": data.get("guild_id") or 0, "1": 0}
    named = {kind: str(snowflake(owners[kind]) or unreadable[kind]) for kind in unreadable if kind in owners}
    return {"authorizing_integration_owners": named} if named else {}


def _user(user: Json) -> dict[str, Any]:
    identity = snowflake(user["id"])
    if identity is None:
        raise Unusable
    return {
        "id": str(identity),
        "username": _text(user.get("username")) or "somebody",
        "discriminator": _text(user.get("discriminator")) or "0",
        "global_name": _text(user.get("global_name")),
        "avatar": _text(user.get("avatar")),
        "bot": user.get("bot") is True,
    }


def _optional(value: object) -> int | None:
    """A snowflake, or None where there is no value. Raises Unusable for any other value."""
    if value is None:
        return None
    found = snowflake(value)
    if found is None:
        raise Unusable
    return found


def _locale(value: object) -> str | None:
    """A locale in Discord's form only: a folder's name is made of it."""
    return value if isinstance(value, str) and _LOCALE.fullmatch(value) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _known(value: object, known: frozenset[int]) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in known else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def _bits(value: object) -> int:
    """Permissions; none where they can't be read."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,40}", value) else 0


def _items(value: object) -> Iterable[Any]:
    return value if isinstance(value, list) else ()
