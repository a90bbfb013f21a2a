"""A server, as tests set it up and change it."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.discord.people.command_visibility import CHANNEL, ROLE, USER
from sandbox.discord.people.member import Member
from sandbox.discord.people.person import LookAlike
from sandbox.discord.state import administration
from sandbox.discord.state import permissions as bits
from sandbox.discord.state.guilds import Channel, Guild, GuildMember
from sandbox.discord.state.users import Role


class Server:
    """Acts as the server's owner."""

    def __init__(self, look_alike: LookAlike, guild: Guild) -> None:
        self._look_alike, self.guild = look_alike, guild

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
        """The bot's managed role."""
        return next(role for role in self.guild.roles.values() if role.bot_id is not None)

    @property
    def owner(self) -> Member:
        return Member(self._look_alike, self.guild.members[self.guild.owner_id])

    def channel(self, name: str, *, nsfw: bool = False) -> Channel:
        """The channel of that name, created if there is none."""
        for channel in self.guild.channels.values():
            if channel.name == name:
                return channel
        return administration.create_channel(self._look_alike.state, self.guild, name, nsfw=nsfw)

    def thread(self, name: str, *, parent: Channel | None = None) -> Channel:
        """A new one, in `parent` or in the general channel."""
        return administration.create_thread(self._look_alike.state, parent or self.general, name)

    def role(self, name: str, permissions: int = 0) -> Role:
        return administration.create_role(self._look_alike.state, self.guild, name, permissions)

    def delete(self, what: Channel | Role) -> None:
        if isinstance(what, Role):
            administration.delete_role(self.guild, what)
        else:
            administration.delete_channel(self._look_alike.state, what)

    def grant(self, role: Role, **given: bool) -> None:
        """`server.grant(painters, manage_messages=True)`: everywhere in the server."""
        administration.edit_role(self.guild, role, role.permissions | bits.from_names(given))

    def revoke(self, role: Role, **taken: bool) -> None:
        administration.edit_role(self.guild, role, role.permissions & ~bits.from_names(taken))

    def revoke_from_bot(self, **taken: bool) -> None:
        """Everywhere in the server, and so from everyone as well: the bot has what everyone has."""
        for role in (self.bot_role, self.everyone):
            self.revoke(role, **taken)

    def remove_bot(self) -> None:
        """Its command permissions are deleted, too."""
        administration.remove_bot(self.guild)
        self._look_alike.commands.clear_permissions(self.id)

    def add_bot(self, permissions: int = bits.EVERYONE) -> None:
        administration.add_bot(self._look_alike.state, self.guild, permissions)

    def set_command_permission(
        self, name: str, about: Member | Role | Channel | None, *, allowed: bool
    ) -> None:
        """As an administrator sets it in the integration settings; None: for all channels."""
        kind = USER if isinstance(about, Member) else ROLE if isinstance(about, Role) else CHANNEL
        identity = self.id - 1 if about is None else about.id
        self._look_alike.commands.set_permission(self.id, name, (kind, identity), allowed)
        self._look_alike.dispatch_command_permissions(self.id, name)

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
        state = self._look_alike.state
        account = state.create_user(name, locale) if user is None else user.profile.user
        held = list(roles)
        if permissions:
            held.append(administration.role_with_permissions(state, self.guild, int(permissions)))
        profile = GuildMember(account, self.guild, held, nick)
        administration.add_member(self.guild, profile)
        return Member(self._look_alike, profile)
