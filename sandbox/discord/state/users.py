"""Users and roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.discord.kit.errors import Json


def timestamp(at: float | None = None) -> str:
    """As Discord writes it. `at` is in seconds since the Unix epoch; None: now."""
    return (datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)).isoformat()


@dataclass(eq=False)
class User:
    """`accepts_direct_messages` is what its owner set about direct messages; `has_installed`: they have the bot for
    themselves, wherever they are.
    """

    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"
    accepts_direct_messages: bool = True
    has_installed: bool = False

    def as_json(self) -> Json:
        return {
            "id": str(self.id),
            "username": self.name if self.bot else self.name.lower().replace(" ", "_"),
            "global_name": None if self.bot else self.name,
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass(eq=False)
class Role:
    """A role; with `bot_id`, that bot's managed role."""

    id: int
    name: str
    permissions: int = 0
    position: int = 0
    bot_id: int | None = None

    def as_json(self) -> Json:
        colours = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        tags = {} if self.bot_id is None else {"tags": {"bot_id": str(self.bot_id)}}
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "position": self.position,
            "color": 0,
            "colors": colours,
            "hoist": False,
            "managed": self.bot_id is not None,
            "mentionable": False,
            "flags": 0,
            **tags,
        }
