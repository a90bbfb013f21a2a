"""Whom a message pings: what it says, less what `allowed_mentions` holds back."""

from __future__ import annotations

import re

from sandbox.discord.errors import Json

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


def pinged(content: str, allowed: Json | None) -> frozenset[str]:
    """The ids of users and roles, "everyone" and "here"; a mention inside code pings nobody."""
    said = _CODE.sub("", content)
    everyone = {word for word in ("everyone", "here") if f"@{word}" in said}
    users, roles = set(_USER.findall(said)), set(_ROLE.findall(said))
    if allowed is None:
        return frozenset(everyone | users | roles)
    parse = allowed.get("parse") or []
    everyone = everyone if "everyone" in parse else set()
    users = users if "users" in parse else users & set(map(str, allowed.get("users") or []))
    roles = roles if "roles" in parse else roles & set(map(str, allowed.get("roles") or []))
    return frozenset(everyone | users | roles)
