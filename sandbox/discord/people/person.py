"""Somebody in a server: who they are, where they are, and what they may do there."""

from __future__ import annotations

from typing import Protocol

from sandbox.discord.interactions.interactions import Interactions
from sandbox.discord.interactions.payloads import Kind, Place
from sandbox.discord.kit.errors import Json, RefusedByDiscord
from sandbox.discord.kit.request_body import Upload
from sandbox.discord.people.pending_interaction import Asking
from sandbox.discord.people.replies import Seen
from sandbox.discord.state import administration
from sandbox.discord.state.commands import Commands
from sandbox.discord.state.discord_state import DiscordState
from sandbox.discord.state.events import Intent
from sandbox.discord.state.guilds import Channel, GuildMember
from sandbox.discord.state.messages import Message, Messages
from sandbox.discord.state.permissions import Permission, named
from sandbox.discord.state.users import Role


class Stage(Protocol):
    """What people need of the look-alike."""

    state: DiscordState
    commands: Commands
    interactions: Interactions
    messages: Messages
    patience: float

    def tell_decided(self, guild_id: int, name: str) -> None: ...


class Person:
    def __init__(self, stage: Stage, profile: GuildMember) -> None:
        self._stage, self.profile = stage, profile

    @property
    def id(self) -> int:
        return self.profile.user.id

    @property
    def name(self) -> str:
        return self.profile.display_name

    @property
    def dm(self) -> Channel:
        """The direct conversation with the bot."""
        return self._stage.state.direct_channel(self.profile.user)

    def place(self, channel: Channel | None) -> Place:
        chosen = channel or next(iter(self.profile.guild.channels.values()))
        return Place(self.profile.user, chosen, None if chosen.guild_id is None else self.profile)

    def give(self, role: Role) -> None:
        self.profile.roles.append(role)
        administration.changed_roles(self.profile)

    def take(self, role: Role) -> None:
        self.profile.roles.remove(role)
        administration.changed_roles(self.profile)

    def permit(self, **given: bool) -> None:
        """`ada.permit(manage_guild=True)`: by a role that grants just that."""
        self.give(administration.role_granting(self._stage.state, self.profile.guild, named(given)))

    def leave(self) -> None:
        """The server, whatever becomes of the roles and counters."""
        administration.leave(self.profile.guild, self.profile.user)

    def close_messages(self, *, closed: bool = True) -> None:
        """Take no direct messages from strangers and bots any more."""
        self.profile.user.takes_messages = not closed

    def sees(self, reply: Seen) -> bool:
        return reply.visible_to_user(self.id)

    def delete(self, seen: Seen) -> None:
        """Delete a message as a moderator may, or dismiss one that only this person sees."""
        message = self._seen(seen)
        held = self.profile.permissions_in(message.channel) if message.channel.guild else 0
        if not message.ephemeral and not held & Permission.MANAGE_MESSAGES:
            raise RefusedByDiscord(f"{self.name} may not delete this message")
        self._stage.messages.delete(message)
        if not message.ephemeral:
            about: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
            about["guild_id"] = str(message.channel.guild_id)
            self._stage.state.events.dispatch(
                "MESSAGE_DELETE", about, message.channel.guild_id, Intent.GUILD_MESSAGES
            )

    def _seen(self, seen: Seen) -> Message:
        message = message_of(seen)
        if not self.sees(seen):
            raise RefusedByDiscord(f"{self.name} does not see this message")
        return message

    def _handed(self, value: object, channel: Channel) -> object:
        """What Discord's client makes of what a member points at or drops into a field."""
        match value:
            case Person():
                return value.profile
            case Upload():
                return self._stage.messages.received(channel, value)
            case list() | tuple():
                return [self._handed(one, channel) for one in value]
            case _:
                return value

    def _behind(self, identity: int) -> object | None:
        """The member, role or channel of this server that has the id."""
        guild = self.profile.guild
        shelves = (guild.members, guild.roles, guild.channels, guild.threads)
        return next((shelf[identity] for shelf in shelves if identity in shelf), None)

    def _check_presence(self, place: Place) -> None:
        guild = place.guild
        if guild is None:
            return
        if guild.members.get(self.id) is not self.profile:
            raise RefusedByDiscord(f"{self.name} is not in {guild.name}")
        if guild.bot is None:
            raise RefusedByDiscord(f"The bot is not in {guild.name}")
        if not guild.has(place.channel):
            raise RefusedByDiscord(f"There is no channel {place.channel.name}")

    def _send(self, kind: Kind, data: Json, place: Place, source: Message | None = None) -> Asking:
        interaction = self._stage.interactions.send(kind, data, place, source)
        return Asking(interaction, self._stage.patience)


def message_of(seen: Seen) -> Message:
    if seen.message is None:
        raise RefusedByDiscord("There is no message there")
    return seen.message
