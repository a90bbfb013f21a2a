"""A member of a server, without the use of commands."""

from __future__ import annotations

from typing import Protocol

from sandbox.discord.interactions.interactions import Interactions
from sandbox.discord.interactions.payloads import InteractionContext, InteractionType
from sandbox.discord.kit.errors import Json, RefusedByDiscord
from sandbox.discord.kit.request_body import RequestBody, Upload
from sandbox.discord.people.pending_interaction import PendingInteraction
from sandbox.discord.people.replies import ShownMessage
from sandbox.discord.state import administration
from sandbox.discord.state.commands import Commands
from sandbox.discord.state.discord_state import DiscordState
from sandbox.discord.state.events import Intent
from sandbox.discord.state.guilds import Channel, GuildMember
from sandbox.discord.state.messages import FOR_USERS, Message, Messages
from sandbox.discord.state.permissions import Permission, from_names
from sandbox.discord.state.users import Role


class LookAlike(Protocol):
    """The part of the look-alike that members act on."""

    state: DiscordState
    commands: Commands
    interactions: Interactions
    messages: Messages
    reply_timeout: float

    def dispatch_command_permissions(self, guild_id: int, name: str) -> None: ...


class Person:
    def __init__(self, look_alike: LookAlike, profile: GuildMember) -> None:
        self._look_alike, self.profile = look_alike, profile

    @property
    def id(self) -> int:
        return self.profile.user.id

    @property
    def name(self) -> str:
        return self.profile.display_name

    @property
    def dm(self) -> Channel:
        """The direct message channel with the bot."""
        return self._look_alike.state.direct_channel(self.profile.user)

    def context(self, channel: Channel | None) -> InteractionContext:
        chosen = channel or next(iter(self.profile.guild.channels.values()))
        return InteractionContext(
            self.profile.user, chosen, None if chosen.guild_id is None else self.profile
        )

    def install_bot(self, *, installed: bool = True) -> None:
        """Have the bot for oneself: in direct messages, and in servers that have not got it."""
        self.profile.user.has_installed = installed

    def private_channel(self, *others: Person) -> Channel:
        """A direct message channel with other people, without the bot."""
        return self._look_alike.state.private_channel(
            self.profile.user, *(other.profile.user for other in others)
        )

    def give(self, role: Role) -> None:
        self.profile.roles.append(role)
        administration.dispatch_member_update(self.profile)

    def take(self, role: Role) -> None:
        self.profile.roles.remove(role)
        administration.dispatch_member_update(self.profile)

    def permit(self, **given: bool) -> None:
        """`ada.permit(manage_guild=True)`: by a role that grants just that."""
        self.give(
            administration.role_with_permissions(
                self._look_alike.state, self.profile.guild, from_names(given)
            )
        )

    def leave(self) -> None:
        """Leave the server."""
        administration.remove_member(self.profile.guild, self.profile.user)

    def block_direct_messages(self, *, closed: bool = True) -> None:
        """Do not accept direct messages."""
        self.profile.user.accepts_direct_messages = not closed

    def sees(self, reply: ShownMessage) -> bool:
        return reply.visible_to_user(self.id)

    def delete(self, shown: ShownMessage) -> None:
        """Delete one's own message, or any as a moderator may, or dismiss one that only this person sees."""
        message = self._visible_message(shown)
        held = self.profile.permissions_in(message.channel) if message.channel.guild else 0
        own = message.author is self.profile.user
        if not message.ephemeral and not own and not held & Permission.MANAGE_MESSAGES:
            raise RefusedByDiscord(f"{self.name} may not delete this message")
        self._look_alike.messages.delete(message)
        if not message.ephemeral and message.channel.guild is not None:
            about: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
            about["guild_id"] = str(message.channel.guild_id)
            self._look_alike.state.events.dispatch(
                "MESSAGE_DELETE", about, message.channel.guild_id, Intent.GUILD_MESSAGES
            )

    def say(self, content: str = "", *files: Upload, channel: Channel | None = None) -> ShownMessage:
        """Write a message of one's own, for the commands of its menu: the bot is not told of it."""
        context, messages = self.context(channel), self._look_alike.messages
        message = messages.new(context.channel, self.profile.user)
        limit = self._look_alike.state.upload_limit(context.channel)
        body = RequestBody({"content": content}, dict(enumerate(files)))
        return ShownMessage(messages.add(message, body, limit))

    def _visible_message(self, shown: ShownMessage) -> Message:
        message = message_of(shown)
        if not self.sees(shown):
            raise RefusedByDiscord(f"{self.name} does not see this message")
        return message

    def _as_discord_object(self, value: object, channel: Channel) -> object:
        """A person as their guild member, an upload as an attachment; other values unchanged."""
        match value:
            case Person():
                return value.profile
            case Upload():
                return self._look_alike.messages.upload_by_member(channel, value)
            case list() | tuple():
                return [self._as_discord_object(one, channel) for one in value]
            case _:
                return value

    def _find_by_id(self, identity: int) -> object | None:
        """The member, role or channel of this server that has the id."""
        guild = self.profile.guild
        containers = (guild.members, guild.roles, guild.channels, guild.threads)
        return next((container[identity] for container in containers if identity in container), None)

    def _check_presence(self, context: InteractionContext, source: Message | None = None) -> None:
        """Buttons below an answer are everybody's, also where only one of them has the bot."""
        guild = context.guild
        if guild is None:
            return
        if guild.members.get(self.id) is not self.profile:
            raise RefusedByDiscord(f"{self.name} is not in {guild.name}")
        by_somebodys_bot = source is not None and FOR_USERS in source.owners
        if guild.bot is None and not self.profile.user.has_installed and not by_somebodys_bot:
            raise RefusedByDiscord(f"The bot is not in {guild.name}")
        if not guild.has(context.channel):
            raise RefusedByDiscord(f"There is no channel {context.channel.name}")

    def _send(
        self, kind: InteractionType, data: Json, context: InteractionContext, source: Message | None = None
    ) -> PendingInteraction:
        interaction = self._look_alike.interactions.send(kind, data, context, source)
        return PendingInteraction(interaction, self._look_alike.reply_timeout)


def message_of(shown: ShownMessage) -> Message:
    if shown.message is None:
        raise RefusedByDiscord("There is no message there")
    return shown.message
