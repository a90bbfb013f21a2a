"""Channels of a server, threads in them, conversations with the bot, and what overwrites change there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sandbox.discord.kit.errors import Json
from sandbox.discord.state import permissions
from sandbox.discord.state.events import Intent
from sandbox.discord.state.users import Role, User, timestamp

if TYPE_CHECKING:
    from sandbox.discord.state.guilds import Guild

TEXT_CHANNEL, DM_CHANNEL, PUBLIC_THREAD = 0, 1, 11
ROLE_OVERWRITE, MEMBER_OVERWRITE = 0, 1


class Somebody(Protocol):
    """A role, a user or a member."""

    @property
    def id(self) -> int: ...


@dataclass
class Overwrite:
    """What a channel gives to, and takes from, one role or member."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0

    def as_json(self) -> Json:
        return {"id": str(self.id), "type": self.kind, "allow": str(self.allow), "deny": str(self.deny)}


@dataclass(eq=False)
class Channel:
    """A text channel, or a thread in its parent, or, without a server, a conversation with the bot."""

    id: int
    name: str
    guild: Guild | None = None
    nsfw: bool = False
    recipients: list[User] = field(default_factory=list)
    parent: Channel | None = None
    category_id: int | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    made_at: str = field(default_factory=timestamp)

    @property
    def guild_id(self) -> int | None:
        return None if self.guild is None else self.guild.id

    @property
    def age_restricted(self) -> bool:
        """A thread is as its parent is."""
        return (self.parent or self).nsfw

    def deny(self, who: Somebody, **taken: bool) -> None:
        """`channel.deny(painters, send_messages=True)`: the red cross in the channel's settings."""
        overwrite = self._overwrite(who)
        overwrite.deny |= permissions.named(taken)
        overwrite.allow &= ~overwrite.deny
        self._changed()

    def allow(self, who: Somebody, **given: bool) -> None:
        """The green tick."""
        overwrite = self._overwrite(who)
        overwrite.allow |= permissions.named(given)
        overwrite.deny &= ~overwrite.allow
        self._changed()

    def reset(self, who: Somebody) -> None:
        """Neither tick nor cross: what the roles say."""
        self._place.overwrites.pop(who.id, None)
        self._changed()

    def deny_bot(self, **taken: bool) -> None:
        self.deny(self._server.bot_user, **taken)

    def allow_bot(self, **given: bool) -> None:
        self.allow(self._server.bot_user, **given)

    @property
    def granted(self) -> int:
        """What the bot may do here, all considered."""
        if self.guild is None:
            return permissions.EVERYONE
        member = self.guild.bot
        return 0 if member is None else member.permissions_in(self)

    @property
    def bot_permissions(self) -> int:
        """What is ticked for the bot; setting it writes an overwrite of its own, here or in the thread's parent."""
        member = None if self.guild is None else self.guild.bot
        return self.granted if member is None else member.ticked_in(self)

    @bot_permissions.setter
    def bot_permissions(self, wanted: int) -> None:
        self.reset(self._server.bot_user)
        before = self.bot_permissions
        if int(wanted) != before:
            overwrite = self._overwrite(self._server.bot_user)
            overwrite.allow, overwrite.deny = int(wanted) & ~before, before & ~int(wanted)
        self._changed()

    @property
    def _place(self) -> Channel:
        return self.parent or self

    @property
    def _server(self) -> Guild:
        if self.guild is None:
            raise ValueError("A direct conversation has no overwrites")
        return self.guild

    def _overwrite(self, who: Somebody) -> Overwrite:
        kind = ROLE_OVERWRITE if isinstance(who, Role) else MEMBER_OVERWRITE
        return self._place.overwrites.setdefault(who.id, Overwrite(who.id, kind))

    def _changed(self) -> None:
        self._server.tell("CHANNEL_UPDATE", self._place.as_json(), Intent.GUILDS)

    def as_json(self) -> Json:
        if self.guild is None:
            people = [user.as_json() for user in self.recipients]
            return {"id": str(self.id), "type": DM_CHANNEL, "recipients": people, "last_message_id": None}
        shared: Json = {
            "id": str(self.id),
            "guild_id": str(self.guild.id),
            "name": self.name,
            "rate_limit_per_user": 0,
            "last_message_id": None,
            "flags": 0,
        }
        return shared | (self._text_json() if self.parent is None else self._thread_json(self.parent))

    def _text_json(self) -> Json:
        return {
            "type": TEXT_CHANNEL,
            "nsfw": self.nsfw,
            "position": 0,
            "parent_id": None if self.category_id is None else str(self.category_id),
            "topic": None,
            "permission_overwrites": [one.as_json() for one in self.overwrites.values()],
        }

    def _thread_json(self, parent: Channel) -> Json:
        """A thread has neither `nsfw` nor overwrites of its own."""
        about = {"archived": False, "auto_archive_duration": 1440, "locked": False}
        return {
            "type": PUBLIC_THREAD,
            "parent_id": str(parent.id),
            "owner_id": str(self._server.owner_id),
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "thread_metadata": {**about, "archive_timestamp": self.made_at},
        }
