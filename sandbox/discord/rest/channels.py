"""The routes about channels, and the messages that a bot writes by itself, under its own permissions."""

from __future__ import annotations

from dataclasses import replace

from sandbox.discord.kit import errors
from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.request_body import RequestBody
from sandbox.discord.rest.api import ApiRequest, ResponseBody, Route
from sandbox.discord.state.discord_state import DiscordState
from sandbox.discord.state.guilds import Channel
from sandbox.discord.state.messages import Message, Messages
from sandbox.discord.state.permissions import Permission

_MESSAGES = "/channels/{channel}/messages"


class ChannelRoutes:
    def __init__(self, state: DiscordState, messages: Messages) -> None:
        self._state, self._messages = state, messages
        self._by_nonce: dict[tuple[int, str], Message] = {}

    def table(self) -> list[Route]:
        one = _MESSAGES + "/{message}"
        return [
            Route("GET", "/channels/{channel}", "channel", self.channel),
            Route("GET", _MESSAGES, "list_messages", self.list_messages),
            Route("POST", _MESSAGES, "send_message", self.send),
            Route("GET", one, "get_message", self.show),
            Route("PATCH", one, "edit_message", self.edit),
            Route("DELETE", one, "delete_message", self.delete),
        ]

    def channel(self, request: ApiRequest) -> ResponseBody:
        return self._channel(request).as_json()

    def _channel(self, request: ApiRequest, needed: int = 0) -> Channel:
        channel = self._state.channels.get(request.snowflake("channel"))
        if channel is None or (channel.guild is not None and not channel.guild.has(channel)):
            raise errors.unknown_channel()
        if channel.private or not channel.effective_bot_permissions & Permission.VIEW_CHANNEL:
            raise errors.missing_access()
        if channel.effective_bot_permissions & needed != needed:
            raise errors.missing_permissions()
        return channel

    def list_messages(self, request: ApiRequest) -> ResponseBody:
        channel = self._channel(request)
        if not channel.effective_bot_permissions & Permission.READ_MESSAGE_HISTORY:
            return []
        limit = min(int(request.query.get("limit", "50")), 100)
        said = self._messages.by_channel.get(channel.id, {}).values()
        public = [message for message in said if not message.ephemeral]
        after = request.query.get("after")
        newest = public[-limit:] if after is None else [it for it in public if it.id > int(after)][:limit]
        return [self._as_seen(message) for message in newest[::-1]]

    def send(self, request: ApiRequest) -> ResponseBody:
        channel = self._channel(request)
        self._check_may_send(channel)
        body = _checked_body(request.body, channel)
        nonce = body.payload.get("nonce")
        if nonce is not None and body.payload.get("enforce_nonce"):
            sent_before = self._by_nonce.get((channel.id, str(nonce)))
            if sent_before is not None:
                return sent_before.as_json()
        message = self._messages.new(channel, self._state.bot)
        message.nonce = nonce
        self._messages.add(message, body, self._state.upload_limit(channel))
        if message.nonce is not None:
            self._by_nonce[channel.id, str(message.nonce)] = message
        return message.as_json()

    def _check_may_send(self, channel: Channel) -> None:
        sending = Permission.SEND_MESSAGES if channel.parent is None else Permission.SEND_MESSAGES_IN_THREADS
        if not channel.effective_bot_permissions & sending:
            raise errors.missing_permissions()
        for person in channel.recipients:
            if not self._state.shares_a_server(person):
                raise errors.no_mutual_guilds()
            if not person.accepts_direct_messages:
                raise errors.cannot_write_to_user()

    def show(self, request: ApiRequest) -> ResponseBody:
        return self._as_seen(self._message(request, Permission.READ_MESSAGE_HISTORY))

    def _as_seen(self, message: Message) -> Json:
        """By an application without the privileged intent for messages' content: only its own have any.

        https://docs.discord.com/developers/events/gateway#message-content-intent
        """
        self._messages.renew_links(message)
        body = message.as_json()
        if message.author is self._state.bot or message.channel.guild is None:
            return body
        return body | {"content": "", "embeds": [], "attachments": [], "components": []}

    def edit(self, request: ApiRequest) -> ResponseBody:
        message = self._message(request)
        if message.author is not self._state.bot:
            raise errors.edit_of_another()
        body = _without_forbidden_embeds(request.body, message.channel)
        if body.files and not message.channel.effective_bot_permissions & Permission.ATTACH_FILES:
            raise errors.missing_permissions()
        self._messages.edit(message, body, self._state.upload_limit(message.channel))
        return message.as_json()

    def delete(self, request: ApiRequest) -> ResponseBody:
        message = self._message(request)
        own = message.author is self._state.bot
        if not own and not message.channel.effective_bot_permissions & Permission.MANAGE_MESSAGES:
            raise errors.missing_permissions()
        self._messages.delete(message)
        return None

    def _message(self, request: ApiRequest, needed: int = 0) -> Message:
        message = self._messages.get(self._channel(request, needed).id, request.snowflake("message"))
        if message.ephemeral:
            raise errors.unknown_message()
        return message


def _checked_body(body: RequestBody, channel: Channel) -> RequestBody:
    """Without Embed Links, a message with nothing but embeds is refused; otherwise its embeds are dropped."""
    if body.files and not channel.effective_bot_permissions & Permission.ATTACH_FILES:
        raise errors.missing_permissions()
    kept = _without_forbidden_embeds(body, channel)
    says_more = body.files or any(body.payload.get(name) for name in ("content", "components", "sticker_ids"))
    if kept is not body and body.payload["embeds"] and not says_more:
        raise errors.missing_permissions()
    return kept


def _without_forbidden_embeds(body: RequestBody, channel: Channel) -> RequestBody:
    """Without Embed Links an edit ignores embeds; if nothing else is left, it is an empty message."""
    if not body.payload.get("embeds") or channel.effective_bot_permissions & Permission.EMBED_LINKS:
        return body
    return replace(body, payload={**body.payload, "embeds": []})
