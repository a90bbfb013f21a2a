"""Who and what there is: users, servers with their roles, channels and members."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.discord import permissions
from sandbox.discord.errors import Json
from sandbox.discord.snowflakes import Snowflakes

DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024
MEMBER_OVERWRITE = 1
TEXT_CHANNEL, DM_CHANNEL, PUBLIC_THREAD = 0, 1, 11


def timestamp(at: datetime | None = None) -> str:
    return (at or datetime.now(UTC)).isoformat()


@dataclass(eq=False)
class User:
    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"

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
    id: int
    name: str
    permissions: int = 0
    position: int = 0

    def as_json(self) -> Json:
        colours = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "position": self.position,
            "color": 0,
            "colors": colours,
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }


@dataclass(eq=False)
class Channel:
    """A text channel of a server, or a thread in its parent, or, without a guild id, a conversation with the bot.

    `bot_permissions` are the bot's there; in a thread it has those of the parent.
    """

    id: int
    name: str
    guild_id: int | None = None
    nsfw: bool = False
    bot_permissions: int = permissions.EVERYONE
    recipients: list[User] = field(default_factory=list)
    parent: Channel | None = None
    category_id: int | None = None
    bot_id: int = 0

    @property
    def granted(self) -> int:
        """What the bot may do there."""
        return (self.parent or self).bot_permissions

    def as_json(self) -> Json:
        if self.parent is not None:
            return self._thread_json(self.parent)
        if self.guild_id is None:
            people = [user.as_json() for user in self.recipients]
            return {"id": str(self.id), "type": DM_CHANNEL, "recipients": people, "last_message_id": None}
        return {
            "id": str(self.id),
            "type": TEXT_CHANNEL,
            "guild_id": str(self.guild_id),
            "name": self.name,
            "nsfw": self.nsfw,
            "position": 0,
            "parent_id": None if self.category_id is None else str(self.category_id),
            "topic": None,
            "permission_overwrites": self._overwrites(),
            "rate_limit_per_user": 0,
            "last_message_id": None,
            "flags": 0,
        }

    def _thread_json(self, parent: Channel) -> Json:
        """A thread has neither `nsfw` nor overwrites of its own."""
        about = {"archived": False, "auto_archive_duration": 1440, "locked": False}
        return {
            "id": str(self.id),
            "type": PUBLIC_THREAD,
            "guild_id": str(self.guild_id),
            "name": self.name,
            "parent_id": str(parent.id),
            "owner_id": str(self.bot_id),
            "rate_limit_per_user": 0,
            "last_message_id": None,
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "thread_metadata": {**about, "archive_timestamp": timestamp()},
            "flags": 0,
        }

    def _overwrites(self) -> list[Json]:
        usual, own = permissions.EVERYONE, int(self.bot_permissions)
        if own == usual:
            return []
        change = {"allow": str(own & ~usual), "deny": str(usual & ~own)}
        return [{"id": str(self.bot_id), "type": MEMBER_OVERWRITE, **change}]


@dataclass(eq=False)
class GuildMember:
    """A user inside a server."""

    user: User
    guild: Guild
    roles: list[Role] = field(default_factory=list)
    extra_permissions: int = 0
    nick: str | None = None
    joined_at: str = field(default_factory=timestamp)

    @property
    def permissions(self) -> int:
        if self.user.id == self.guild.owner_id:
            return permissions.ALL
        of_roles = (role.permissions for role in self.roles)
        return permissions.combined(self.guild.everyone.permissions, self.extra_permissions, *of_roles)

    @property
    def display_name(self) -> str:
        return self.nick or self.user.name

    def as_json(self, *, with_user: bool = True) -> Json:
        member: Json = {
            "roles": [str(role.id) for role in self.roles],
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
    id: int
    name: str
    owner_id: int
    everyone: Role
    locale: str = "en-US"
    upload_limit: int = DEFAULT_UPLOAD_LIMIT
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    members: dict[int, GuildMember] = field(default_factory=dict)

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
        }

    def create_json(self, bot: User) -> Json:
        """What GUILD_CREATE carries: a bot without the members intent sees only itself there."""
        empty = ("threads", "presences", "stage_instances", "guild_scheduled_events", "voice_states")
        present = [member.as_json() for member in self.members.values() if member.user is bot]
        return {
            **self.as_json(),
            **{name: [] for name in empty},
            "joined_at": timestamp(),
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "channels": [channel.as_json() for channel in self.channels.values()],
            "members": present,
        }


class World:
    """All of it, by id."""

    def __init__(self, ids: Snowflakes, bot_name: str) -> None:
        self.ids = ids
        self.bot = User(ids.make(), bot_name, bot=True)
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self._direct: dict[int, Channel] = {}

    def new_user(self, name: str, locale: str = "en-US") -> User:
        user = User(self.ids.make(), name, locale=locale)
        self.users[user.id] = user
        return user

    def new_guild(self, name: str, locale: str, upload_limit: int) -> Guild:
        identity, owner = self.ids.make(), self.new_user(f"Owner of {name}")
        everyone = Role(identity, "@everyone", permissions.EVERYONE)
        guild = Guild(identity, name, owner.id, everyone, locale, upload_limit, {identity: everyone})
        for user in (owner, self.bot):
            guild.members[user.id] = GuildMember(user, guild)
        self.guilds[guild.id] = guild
        self.new_channel(guild, "general")
        return guild

    def new_channel(self, guild: Guild, name: str, *, nsfw: bool = False) -> Channel:
        channel = Channel(self.ids.make(), name, guild.id, nsfw, bot_id=self.bot.id)
        guild.channels[channel.id] = self.channels[channel.id] = channel
        return channel

    def new_thread(self, parent: Channel, name: str) -> Channel:
        thread = Channel(self.ids.make(), name, parent.guild_id, parent=parent, bot_id=self.bot.id)
        self.channels[thread.id] = thread
        return thread

    def delete_channel(self, channel: Channel) -> None:
        self.channels.pop(channel.id, None)
        if guild := self.guild_of(channel):
            guild.channels.pop(channel.id, None)

    def new_role(self, guild: Guild, name: str, granted: int) -> Role:
        role = Role(self.ids.make(), name, int(granted), position=len(guild.roles))
        guild.roles[role.id] = role
        return role

    def direct_channel(self, user: User) -> Channel:
        """The conversation between the bot and that user: one, however often it is opened."""
        if user.id not in self._direct:
            channel = Channel(self.ids.make(), user.name, recipients=[user])
            self._direct[user.id] = self.channels[channel.id] = channel
        return self._direct[user.id]

    def guild_of(self, channel: Channel) -> Guild | None:
        return None if channel.guild_id is None else self.guilds[channel.guild_id]

    def upload_limit(self, channel: Channel) -> int:
        guild = self.guild_of(channel)
        return DEFAULT_UPLOAD_LIMIT if guild is None else guild.upload_limit
