"""Servers with their roles, channels and members, and all that there is, by id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.snowflakes import Snowflakes
from sandbox.discord.state import permissions
from sandbox.discord.state.channels import Channel
from sandbox.discord.state.events import Intent, News
from sandbox.discord.state.users import Role, User, timestamp

__all__ = ["DEFAULT_UPLOAD_LIMIT", "Channel", "Guild", "GuildMember", "Role", "User", "World", "timestamp"]
DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024


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
        of_roles = (role.permissions for role in self.held)
        return permissions.combined(self.guild.everyone.permissions, *of_roles)

    @property
    def held(self) -> list[Role]:
        """The roles that still exist."""
        return [role for role in self.roles if role.id in self.guild.roles]

    def ticked_in(self, channel: Channel) -> int:
        """After the channel's overwrites, before what one missing permission takes along."""
        return permissions.overwritten(self.permissions, self._layers(channel.parent or channel))

    def permissions_in(self, channel: Channel) -> int:
        return permissions.implied(self.ticked_in(channel), thread=channel.parent is not None)

    def _layers(self, channel: Channel) -> Iterator[tuple[int, int]]:
        of_roles = [channel.overwrites[role.id] for role in self.held if role.id in channel.overwrites]
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
            "roles": [str(role.id) for role in self.held],
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
    news: News = field(repr=False)
    locale: str = "en-US"
    upload_limit: int = DEFAULT_UPLOAD_LIMIT
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    threads: dict[int, Channel] = field(default_factory=dict)
    members: dict[int, GuildMember] = field(default_factory=dict)

    @property
    def bot(self) -> GuildMember | None:
        return self.members.get(self.bot_user.id)

    def tell(self, event: str, data: Json, intent: Intent) -> None:
        """A bot that is not in the server hears nothing of it."""
        if self.bot is None:
            self.news.changes.announce()
        else:
            self.news.tell(event, data, self.id, intent)

    def has(self, channel: Channel) -> bool:
        """A thread is gone with its parent."""
        place = channel.parent or channel
        return place.id in self.channels and (channel is place or channel.id in self.threads)

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


class World:
    """All of it, by id."""

    def __init__(self, ids: Snowflakes, bot_name: str) -> None:
        self.ids, self.news = ids, News()
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
        """With its owner, one channel, and without the bot."""
        identity, owner = self.ids.make(), self.new_user(f"Owner of {name}")
        everyone = Role(identity, "@everyone", permissions.EVERYONE)
        guild = Guild(identity, name, owner.id, everyone, self.bot, self.news, locale, upload_limit)
        guild.roles[identity] = everyone
        guild.members[owner.id] = GuildMember(owner, guild)
        self.guilds[guild.id] = guild
        self.add_channel(Channel(self.ids.make(), "general", guild))
        return guild

    def add_channel(self, channel: Channel) -> None:
        if channel.guild is not None:
            shelf = channel.guild.channels if channel.parent is None else channel.guild.threads
            shelf[channel.id] = channel
        self.channels[channel.id] = channel

    def direct_channel(self, user: User) -> Channel:
        """The conversation between the bot and that user: one, however often it is opened."""
        if user.id not in self._direct:
            channel = Channel(self.ids.make(), user.name, recipients=[user])
            self._direct[user.id] = self.channels[channel.id] = channel
        return self._direct[user.id]

    def shares_a_server(self, user: User) -> bool:
        return any(guild.bot is not None and user.id in guild.members for guild in self.guilds.values())

    def guild_of(self, channel: Channel) -> Guild | None:
        return channel.guild

    def upload_limit(self, channel: Channel) -> int:
        return DEFAULT_UPLOAD_LIMIT if channel.guild is None else channel.guild.upload_limit
