"""Guilds with their roles, channels and members; threads, direct messages, and the overwrites of a channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.discord.kit.errors import Json
from sandbox.discord.state import permissions
from sandbox.discord.state.events import GatewayEvents, Intent
from sandbox.discord.state.users import Role, User, timestamp

DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024
TEXT_CHANNEL, DM_CHANNEL, GROUP_DM_CHANNEL, PUBLIC_THREAD = 0, 1, 3, 11
ROLE_OVERWRITE, MEMBER_OVERWRITE = 0, 1


class HasId(Protocol):
    """A role, a user or a member."""

    @property
    def id(self) -> int: ...


@dataclass
class Overwrite:
    """A channel's permission overwrite for one role or member."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0

    def as_json(self) -> Json:
        return {"id": str(self.id), "type": self.kind, "allow": str(self.allow), "deny": str(self.deny)}


@dataclass(eq=False)
class Channel:
    """A text channel, or a thread in its parent, or, without a server, a direct message channel of its recipients.

    With the bot, unless it is `private`: then the bot is not among them, and only an interaction's token opens it.
    """

    id: int
    name: str
    guild: Guild | None = None
    nsfw: bool = False
    recipients: list[User] = field(default_factory=list)
    private: bool = False
    parent: Channel | None = None
    category_id: int | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    created_at: str = field(default_factory=timestamp)

    @property
    def guild_id(self) -> int | None:
        return None if self.guild is None else self.guild.id

    @property
    def age_restricted(self) -> bool:
        """A thread is as its parent is."""
        return (self.parent or self).nsfw

    def deny(self, who: HasId, **taken: bool) -> None:
        """`channel.deny(painters, send_messages=True)`: an overwrite that denies."""
        overwrite = self._overwrite(who)
        overwrite.deny |= permissions.from_names(taken)
        overwrite.allow &= ~overwrite.deny
        self._changed()

    def allow(self, who: HasId, **given: bool) -> None:
        """An overwrite that allows."""
        overwrite = self._overwrite(who)
        overwrite.allow |= permissions.from_names(given)
        overwrite.deny &= ~overwrite.allow
        self._changed()

    def reset(self, who: HasId) -> None:
        """Remove the overwrite."""
        self._with_overwrites.overwrites.pop(who.id, None)
        self._changed()

    def deny_bot(self, **taken: bool) -> None:
        self.deny(self._server.bot_user, **taken)

    def allow_bot(self, **given: bool) -> None:
        self.allow(self._server.bot_user, **given)

    @property
    def effective_bot_permissions(self) -> int:
        """The bot's permissions here, after overwrites and implicit denials."""
        if self.guild is None:
            return permissions.EVERYONE
        member = self.guild.bot
        return 0 if member is None else member.permissions_in(self)

    @property
    def bot_permissions(self) -> int:
        """The bot's permissions before implicit denials; set by an overwrite, of a thread's parent."""
        member = None if self.guild is None else self.guild.bot
        return self.effective_bot_permissions if member is None else member.overwritten_permissions_in(self)

    @bot_permissions.setter
    def bot_permissions(self, wanted: int) -> None:
        self.reset(self._server.bot_user)
        before = self.bot_permissions
        if int(wanted) != before:
            overwrite = self._overwrite(self._server.bot_user)
            overwrite.allow, overwrite.deny = int(wanted) & ~before, before & ~int(wanted)
        self._changed()

    @property
    def _with_overwrites(self) -> Channel:
        return self.parent or self

    @property
    def _server(self) -> Guild:
        if self.guild is None:
            raise ValueError("A direct message channel has no overwrites")
        return self.guild

    def _overwrite(self, who: HasId) -> Overwrite:
        kind = ROLE_OVERWRITE if isinstance(who, Role) else MEMBER_OVERWRITE
        return self._with_overwrites.overwrites.setdefault(who.id, Overwrite(who.id, kind))

    def _changed(self) -> None:
        self._server.dispatch("CHANNEL_UPDATE", self._with_overwrites.as_json(), Intent.GUILDS)

    def as_json(self) -> Json:
        if self.guild is None:
            people = [user.as_json() for user in self.recipients]
            kind = GROUP_DM_CHANNEL if len(people) > 2 else DM_CHANNEL
            about: Json = {"id": str(self.id), "type": kind, "recipients": people, "last_message_id": None}
            return about | ({"name": self.name, "icon": None} if kind == GROUP_DM_CHANNEL else {})
        shared: Json = {
            "id": str(self.id),
            "guild_id": str(self.guild.id),
            "name": self.name,
            "rate_limit_per_user": 0,
            "last_message_id": None,
            "flags": 0,
        }
        if self.parent is None:
            return shared | {
                "type": TEXT_CHANNEL,
                "nsfw": self.nsfw,
                "position": 0,
                "parent_id": None if self.category_id is None else str(self.category_id),
                "topic": None,
                "permission_overwrites": [one.as_json() for one in self.overwrites.values()],
            }
        # A thread has neither `nsfw` nor overwrites of its own.
        about = {"archived": False, "auto_archive_duration": 1440, "locked": False}
        return shared | {
            "type": PUBLIC_THREAD,
            "parent_id": str(self.parent.id),
            "owner_id": str(self.guild.owner_id),
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "thread_metadata": {**about, "archive_timestamp": self.created_at},
        }


@dataclass(eq=False)
class GuildMember:
    """A user inside a server."""

    user: User
    guild: Guild
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None
    joined_at: str = field(default_factory=timestamp)

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def permissions(self) -> int:
        """In the server as a whole."""
        if self.user.id == self.guild.owner_id:
            return permissions.ALL
        of_roles = (role.permissions for role in self.current_roles)
        return permissions.combined(self.guild.everyone.permissions, *of_roles)

    @property
    def current_roles(self) -> list[Role]:
        """The roles that still exist."""
        return [role for role in self.roles if role.id in self.guild.roles]

    def overwritten_permissions_in(self, channel: Channel) -> int:
        """After the channel's overwrites, before implicit denials."""
        return permissions.after_overwrites(self.permissions, self._overwrites_in(channel.parent or channel))

    def permissions_in(self, channel: Channel) -> int:
        return permissions.after_implicit_denials(
            self.overwritten_permissions_in(channel), thread=channel.parent is not None
        )

    def _overwrites_in(self, channel: Channel) -> Iterator[tuple[int, int]]:
        of_roles = [
            channel.overwrites[role.id] for role in self.current_roles if role.id in channel.overwrites
        ]
        allowed = denied = 0
        for one in of_roles:
            allowed, denied = allowed | one.allow, denied | one.deny
        everyone, own = (channel.overwrites.get(identity) for identity in (self.guild.id, self.user.id))
        yield (everyone.allow, everyone.deny) if everyone else (0, 0)
        yield allowed, denied
        yield (own.allow, own.deny) if own else (0, 0)

    @property
    def display_name(self) -> str:
        return self.nick or self.user.name

    def as_json(self, *, with_user: bool = True) -> Json:
        member: Json = {
            "roles": [str(role.id) for role in self.current_roles],
            "nick": self.nick,
            "avatar": None,
            "joined_at": self.joined_at,
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }
        return {**member, "user": self.user.as_json()} if with_user else member


@dataclass(eq=False)
class Guild:
    """`bot_user` is the application's; it is a member only while the bot is in the server."""

    id: int
    name: str
    owner_id: int
    everyone: Role
    bot_user: User
    events: GatewayEvents = field(repr=False)
    locale: str = "en-US"
    upload_limit: int = DEFAULT_UPLOAD_LIMIT
    system_channel: Channel | None = None
    public_updates_channel: Channel | None = None
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    threads: dict[int, Channel] = field(default_factory=dict)
    members: dict[int, GuildMember] = field(default_factory=dict)

    @property
    def bot(self) -> GuildMember | None:
        return self.members.get(self.bot_user.id)

    def dispatch(self, event: str, data: Json, intent: Intent) -> None:
        """Not sent to a bot that is not in the server."""
        if self.bot is None:
            self.events.changes.notify()
        else:
            self.events.dispatch(event, data, self.id, intent)

    def has(self, channel: Channel) -> bool:
        """A thread is deleted with its parent."""
        parent = channel.parent or channel
        return parent.id in self.channels and (channel is parent or channel.id in self.threads)

    def partial_json(self) -> Json:
        return {"id": str(self.id), "locale": self.locale, "features": []}

    def as_json(self) -> Json:
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner_id),
            "preferred_locale": self.locale,
            "roles": [role.as_json() for role in self.roles.values()],
            "features": [],
            "emojis": [],
            "stickers": [],
            "icon": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_progress_bar_enabled": False,
            "system_channel_flags": 0,
            "system_channel_id": _id_of(self.system_channel),
            "public_updates_channel_id": _id_of(self.public_updates_channel),
            "safety_alerts_channel_id": None,
        }

    def counts_json(self) -> Json:
        """What `with_counts` adds."""
        total = len(self.members)
        return {"approximate_member_count": total, "approximate_presence_count": total}

    def create_json(self) -> Json:
        """What GUILD_CREATE carries: a bot without the members intent sees only itself there."""
        empty = (
            "presences",
            "stage_instances",
            "guild_scheduled_events",
            "voice_states",
            "soundboard_sounds",
        )
        return {
            **self.as_json(),
            **{name: [] for name in empty},
            "joined_at": timestamp() if self.bot is None else self.bot.joined_at,
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "channels": [channel.as_json() for channel in self.channels.values()],
            "threads": [thread.as_json() for thread in self.threads.values()],
            "members": [] if self.bot is None else [self.bot.as_json()],
        }


def _id_of(channel: Channel | None) -> str | None:
    return None if channel is None else str(channel.id)
