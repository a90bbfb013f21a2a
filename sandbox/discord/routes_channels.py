"""The routes about places: servers, channels, users, and the messages a bot writes by itself."""

from __future__ import annotations

from sandbox.discord import errors
from sandbox.discord.calls import Answer, Call, Route
from sandbox.discord.errors import Json
from sandbox.discord.messages import Message, Messages
from sandbox.discord.permissions import Permission
from sandbox.discord.world import Channel, Guild, World

_MESSAGES = "/channels/{channel}/messages"


class ChannelRoutes:
    def __init__(self, world: World, messages: Messages) -> None:
        self._world, self._messages = world, messages
        self._by_nonce: dict[tuple[int, str], Message] = {}

    def table(self) -> list[Route]:
        one = _MESSAGES + "/{message}"
        return [
            Route("GET", "/guilds/{guild}", "guild", self.guild),
            Route("GET", "/guilds/{guild}/channels", "guild_channels", self.guild_channels),
            Route("GET", "/guilds/{guild}/roles", "guild_roles", self.guild_roles),
            Route("GET", "/guilds/{guild}/members/{user}", "member", self.member),
            Route("GET", "/channels/{channel}", "channel", self.channel),
            Route("GET", "/users/{user}", "user", self.user),
            Route("POST", "/users/@me/channels", "open_direct", self.open_direct),
            Route("GET", _MESSAGES, "list_messages", self.list_messages),
            Route("POST", _MESSAGES, "send_message", self.send),
            Route("GET", one, "get_message", self.show),
            Route("PATCH", one, "edit_message", self.edit),
            Route("DELETE", one, "delete_message", self.delete),
        ]

    def guild(self, call: Call) -> Answer:
        return self._guild(call).as_json()

    def guild_channels(self, call: Call) -> Answer:
        return [channel.as_json() for channel in self._guild(call).channels.values()]

    def guild_roles(self, call: Call) -> Answer:
        return [role.as_json() for role in self._guild(call).roles.values()]

    def member(self, call: Call) -> Answer:
        member = self._guild(call).members.get(call.number("user"))
        if member is None:
            raise errors.unknown_member()
        return member.as_json()

    def _guild(self, call: Call) -> Guild:
        guild = self._world.guilds.get(call.number("guild"))
        if guild is None:
            raise errors.unknown_guild()
        return guild

    def channel(self, call: Call) -> Answer:
        return self._channel(call).as_json()

    def _channel(self, call: Call, needed: int = 0) -> Channel:
        channel = self._world.channels.get(call.number("channel"))
        if channel is None:
            raise errors.unknown_channel()
        if not channel.granted & Permission.VIEW_CHANNEL:
            raise errors.missing_access()
        if channel.granted & needed != needed:
            raise errors.missing_permissions()
        return channel

    def user(self, call: Call) -> Answer:
        user = self._world.users.get(call.number("user"))
        if user is None:
            raise errors.unknown_user()
        return user.as_json()

    def open_direct(self, call: Call) -> Answer:
        user = self._world.users.get(int(call.form.payload.get("recipient_id") or 0))
        if user is None or user.bot:
            raise errors.cannot_write_to_user()
        return self._world.direct_channel(user).as_json()

    def list_messages(self, call: Call) -> Answer:
        channel = self._channel(call, Permission.READ_MESSAGE_HISTORY)
        limit = min(int(call.query.get("limit", "50")), 100)
        said = self._messages.by_channel.get(channel.id, {}).values()
        public = [message for message in said if not message.ephemeral]
        return [message.as_json() for message in public[::-1][:limit]]

    def send(self, call: Call) -> Answer:
        channel = self._channel(call, _needed_for(call))
        if channel.parent is not None and not channel.granted & Permission.SEND_MESSAGES_IN_THREADS:
            raise errors.missing_permissions()
        before = self._same_nonce(call, channel)
        if before is not None:
            return before.as_json()
        message = self._messages.blank(channel, self._world.bot)
        message.nonce = call.form.payload.get("nonce")
        self._messages.add(message, call.form, self._world.upload_limit(channel))
        if message.nonce is not None:
            self._by_nonce[channel.id, str(message.nonce)] = message
        return message.as_json()

    def _same_nonce(self, call: Call, channel: Channel) -> Message | None:
        payload: Json = call.form.payload
        if not payload.get("enforce_nonce") or payload.get("nonce") is None:
            return None
        return self._by_nonce.get((channel.id, str(payload["nonce"])))

    def show(self, call: Call) -> Answer:
        return self._message(call).as_json()

    def edit(self, call: Call) -> Answer:
        message = self._message(call)
        if message.author is not self._world.bot:
            raise errors.edit_of_another()
        self._messages.edit(message, call.form, self._world.upload_limit(message.channel))
        return message.as_json()

    def delete(self, call: Call) -> Answer:
        message = self._message(call)
        own = message.author is self._world.bot
        if not own and not message.channel.granted & Permission.MANAGE_MESSAGES:
            raise errors.missing_permissions()
        self._messages.delete(message)
        return None

    def _message(self, call: Call) -> Message:
        message = self._messages.get(self._channel(call).id, call.number("message"))
        if message.ephemeral:
            raise errors.unknown_message()
        return message


def _needed_for(call: Call) -> int:
    needed = int(Permission.SEND_MESSAGES)
    if call.form.payload.get("embeds"):
        needed |= Permission.EMBED_LINKS
    if call.form.files:
        needed |= Permission.ATTACH_FILES
    return needed
