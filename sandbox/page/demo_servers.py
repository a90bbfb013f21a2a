"""Servers with channels, one of them without the bot, and people with different permissions, for the page."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.discord import Discord, Member, Permission, Server
from sandbox.discord.kit.errors import RefusedByDiscord
from sandbox.discord.state.guilds import Channel, Guild
from sandbox.discord.state.users import Role, User

MODERATES = Permission.MANAGE_GUILD | Permission.MANAGE_MESSAGES | Permission.MODERATE_MEMBERS


@dataclass(eq=False)
class DemoUser:
    """Somebody the page can act as; `about` describes their permissions in a few words."""

    user: User
    about: str
    memberships: dict[int, Member]
    home: Channel
    conversations: list[Channel] = field(default_factory=list)
    """Direct messages with other people."""

    def member_in(self, channel: Channel) -> Member:
        """Their membership of the channel's server; any of them for a direct message channel."""
        guild_id = next(iter(self.memberships)) if channel.guild_id is None else channel.guild_id
        if guild_id not in self.memberships:
            raise RefusedByDiscord(f"{self.user.name} is not a member of this server")
        return self.memberships[guild_id]

    @property
    def dm(self) -> Channel:
        return next(iter(self.memberships.values())).dm

    @property
    def directs(self) -> list[Channel]:
        """Direct messages, those with the bot first."""
        return [self.dm, *self.conversations]


class DemoServers:
    """The page starts as the first person."""

    def __init__(self, discord: Discord) -> None:
        self._discord = discord
        tea, kitchen = discord.server("Tea House"), discord.server("Night Kitchen")
        tea.thread("dragons only", parent=tea.channel("gallery"))
        tea.channel("after-dark", nsfw=True)
        kitchen.channel("midnight-snacks")
        administrator = tea.role("Administrator", Permission.ADMINISTRATOR)
        moderator = tea.role("Moderator", MODERATES)
        self.tea_house, self.kitchen = tea, kitchen
        self.alerts = tea.channel("bot-alerts")
        for private in (tea.channel("moderators"), self.alerts):
            private.deny(tea.everyone, view_channel=True)
            private.allow(moderator, view_channel=True)
            private.allow_bot(view_channel=True)
        tea.guild.public_updates_channel = tea.channel("moderators")
        self.people: list[DemoUser] = []
        self._add("Ada", "Patron of the Tea House", [tea.role("Patron")], kitchen)
        self._add("Bob", "Newcomer, a plain member", [tea.role("Newcomer")])
        self._add("Mia", "Moderator: may manage the server", [moderator])
        self._add("Olga", "Administrator of both servers", [administrator], kitchen)
        self._add_finn()

    def _add(self, name: str, about: str, roles: list[Role], also: Server | None = None) -> None:
        first = self.tea_house.member(name, roles=roles)
        person = DemoUser(first.profile.user, about, {self.tea_house.id: first}, self.tea_house.general)
        if also is not None:
            granted = Permission.ADMINISTRATOR if name == "Olga" else 0
            person.memberships[also.id] = also.member(name, user=first, permissions=granted)
        self.people.append(person)

    def _add_finn(self) -> None:
        """Installed the bot for himself: in direct messages, and in a server that has not got it."""
        club = self._discord.server("Book Club")
        club.remove_bot()
        quiet = club.channel("quiet-corner")
        quiet.deny(club.everyone, use_external_apps=True)
        finn = self.kitchen.member("Finn")
        finn.install_bot()
        memberships = {self.kitchen.id: finn, club.id: club.member("Finn", user=finn)}
        about = "has the bot for himself, wherever he is"
        self.people.append(DemoUser(finn.profile.user, about, memberships, finn.dm))
        bob = next(one for one in self.people if one.user.name == "Bob")
        bob.memberships[club.id] = club.member("Bob", user=next(iter(bob.memberships.values())))
        talk = finn.private_channel(next(iter(bob.memberships.values())))
        for one in (bob, self.people[-1]):
            one.conversations.append(talk)

    def person(self, identity: int) -> DemoUser:
        for person in self.people:
            if person.user.id == identity:
                return person
        raise RefusedByDiscord("There is nobody of that id")

    def channels(self, person: DemoUser) -> list[Channel]:
        """Those that this person sees: of each server, and direct messages."""
        seen = [
            channel
            for member in person.memberships.values()
            for channel in channels_of(member.profile.guild)
            if member.profile.permissions_in(channel) & Permission.VIEW_CHANNEL
        ]
        return [*seen, *person.directs]

    def channel(self, person: DemoUser, identity: int) -> Channel:
        for channel in self.channels(person):
            if channel.id == identity:
                return channel
        raise RefusedByDiscord(f"{person.user.name} does not see that channel")


def channels_of(guild: Guild) -> list[Channel]:
    """Each channel, and after it its threads."""
    threads = list(guild.threads.values())
    return [
        place
        for channel in guild.channels.values()
        for place in (channel, *(thread for thread in threads if thread.parent is channel))
    ]
