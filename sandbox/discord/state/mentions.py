"""Whom a message mentions, within `allowed_mentions` and permissions."""

from __future__ import annotations

import re

from sandbox.discord.kit.errors import Json

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


def mentioned_ids(content: str, allowed: Json, *, may_ping_all: bool) -> frozenset[str]:
    """The ids of users and roles, "everyone" and "here"; mentions inside code do not count.

    No role is mentionable by all: like @everyone, it takes the permission.
    """
    said, parse = _CODE.sub("", content), allowed.get("parse") or []
    found: set[str] = set()
    for kind, pattern in (("users", _USER), ("roles", _ROLE)):
        mentioned = set(pattern.findall(said)) if kind == "users" or may_ping_all else set()
        found |= mentioned if kind in parse else mentioned & set(map(str, allowed.get(kind) or []))
    if may_ping_all and "everyone" in parse:
        found |= {word for word in ("everyone", "here") if f"@{word}" in said}
    return frozenset(found)
