"""Every user, guild and channel, by id."""

from __future__ import annotations

from sandbox.discord.kit.snowflakes import Snowflakes
from sandbox.discord.state import permissions
from sandbox.discord.state.events import GatewayEvents
from sandbox.discord.state.guilds import DEFAULT_UPLOAD_LIMIT, Channel, Guild, GuildMember
from sandbox.discord.state.users import Role, User

INTO_SERVERS, FOR_USERS = 0, 1
"""https://docs.discord.com/developers/resources/application#application-object-application-integration-types"""


class DiscordState:
    """Every user, guild and channel, by id; creates ids and dispatches events."""

    def __init__(self, ids: Snowflakes, bot_name: str) -> None:
        self.ids, self.events = ids, GatewayEvents()
        self.bot = User(ids.make(), bot_name, bot=True)
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.installed_by = {INTO_SERVERS, FOR_USERS}
        """For whom the developer portal offers the bot."""
        self._direct: dict[int, Channel] = {}

    def create_user(self, name: str, locale: str = "en-US") -> User:
        user = User(self.ids.make(), name, locale=locale)
        self.users[user.id] = user
        return user

    def create_guild(self, name: str, locale: str, upload_limit: int) -> Guild:
        """With its owner, one channel, and without the bot."""
        identity, owner = self.ids.make(), self.create_user(f"Owner of {name}")
        everyone = Role(identity, "@everyone", permissions.EVERYONE)
        guild = Guild(identity, name, owner.id, everyone, self.bot, self.events, locale, upload_limit)
        guild.roles[identity] = everyone
        guild.members[owner.id] = GuildMember(owner, guild)
        self.guilds[guild.id] = guild
        self.add_channel(Channel(self.ids.make(), "general", guild))
        return guild

    def add_channel(self, channel: Channel) -> None:
        if channel.guild is not None:
            container = channel.guild.channels if channel.parent is None else channel.guild.threads
            container[channel.id] = channel
        self.channels[channel.id] = channel

    def direct_channel(self, user: User) -> Channel:
        """The direct message channel between the bot and that user; the same each time."""
        if user.id not in self._direct:
            channel = Channel(self.ids.make(), user.name, recipients=[user])
            self._direct[user.id] = self.channels[channel.id] = channel
        return self._direct[user.id]

    def private_channel(self, *people: User) -> Channel:
        """A new direct message channel of people without the bot; a group, where they are more than two."""
        name = ", ".join(person.name for person in people)
        channel = Channel(self.ids.make(), name, recipients=list(people), private=True)
        self.channels[channel.id] = channel
        return channel

    def shares_a_server(self, user: User) -> bool:
        return any(guild.bot is not None and user.id in guild.members for guild in self.guilds.values())

    def upload_limit(self, channel: Channel) -> int:
        return DEFAULT_UPLOAD_LIMIT if channel.guild is None else channel.guild.upload_limit
