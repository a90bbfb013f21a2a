"""Servers: what the people who run one say and do, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.discord.people.command_visibility import CHANNEL, ROLE, USER
from sandbox.discord.people.member import Member
from sandbox.discord.people.person import Stage
from sandbox.discord.state import administration
from sandbox.discord.state import permissions as bits
from sandbox.discord.state.guilds import Channel, Guild, GuildMember
from sandbox.discord.state.users import Role


class Server:
    """A server, as the person who founded it sees it."""

    def __init__(self, stage: Stage, guild: Guild) -> None:
        self._stage, self.guild = stage, guild

    @property
    def id(self) -> int:
        return self.guild.id

    @property
    def general(self) -> Channel:
        return next(iter(self.guild.channels.values()))

    @property
    def everyone(self) -> Role:
        return self.guild.everyone

    @property
    def bot_role(self) -> Role:
        """The one that the bot brought along."""
        return next(role for role in self.guild.roles.values() if role.bot_id is not None)

    @property
    def owner(self) -> Member:
        return Member(self._stage, self.guild.members[self.guild.owner_id])

    def channel(self, name: str, *, nsfw: bool = False) -> Channel:
        """The channel of that name, made on first mention."""
        for channel in self.guild.channels.values():
            if channel.name == name:
                return channel
        return administration.new_channel(self._stage.state, self.guild, name, nsfw=nsfw)

    def thread(self, name: str, *, parent: Channel | None = None) -> Channel:
        """A new one, in `parent` or in the general channel."""
        return administration.new_thread(self._stage.state, parent or self.general, name)

    def role(self, name: str, permissions: int = 0) -> Role:
        return administration.new_role(self._stage.state, self.guild, name, permissions)

    def delete(self, what: Channel | Role) -> None:
        if isinstance(what, Role):
            administration.delete_role(self.guild, what)
        else:
            administration.delete_channel(self._stage.state, what)

    def grant(self, role: Role, **given: bool) -> None:
        """`server.grant(painters, manage_messages=True)`: everywhere in the server."""
        administration.change_role(self.guild, role, role.permissions | bits.named(given))

    def revoke(self, role: Role, **taken: bool) -> None:
        administration.change_role(self.guild, role, role.permissions & ~bits.named(taken))

    def revoke_from_bot(self, **taken: bool) -> None:
        """Everywhere in the server, and so from everyone as well: the bot has what everyone has."""
        for role in (self.bot_role, self.everyone):
            self.revoke(role, **taken)

    def remove_bot(self) -> None:
        """What was set about its commands is lost."""
        administration.remove_bot(self.guild)
        self._stage.commands.undecide(self.id)

    def add_bot(self, permissions: int = bits.EVERYONE) -> None:
        administration.add_bot(self._stage.state, self.guild, permissions)

    def decide_command(self, name: str, about: Member | Role | Channel | None, *, allowed: bool) -> None:
        """What an admin sets in the server's integration settings; about no one: about all channels."""
        kind = USER if isinstance(about, Member) else ROLE if isinstance(about, Role) else CHANNEL
        identity = self.id - 1 if about is None else about.id
        self._stage.commands.decide(self.id, name, (kind, identity), allowed)
        self._stage.tell_decided(self.id, name)

    def member(
        self,
        name: str,
        *,
        roles: Sequence[Role] = (),
        permissions: int = 0,
        nick: str | None = None,
        locale: str = "en-US",
        user: Member | None = None,
    ) -> Member:
        """Let somebody join; give `user` for one who is already a member of another server.

        `permissions` come from a role, as all do; members who are given the same ones share it.
        """
        state = self._stage.state
        account = state.new_user(name, locale) if user is None else user.profile.user
        held = list(roles)
        if permissions:
            held.append(administration.role_granting(state, self.guild, int(permissions)))
        profile = GuildMember(account, self.guild, held, nick)
        administration.join(self.guild, profile)
        return Member(self._stage, profile)
