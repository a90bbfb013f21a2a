"""Messages: created, edited, deleted, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sandbox.discord.kit import errors
from sandbox.discord.kit.components import as_stored, text_contents, walk
from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.notifier import Notifier
from sandbox.discord.kit.request_body import RequestBody, Upload, stored_filename
from sandbox.discord.kit.snowflakes import Snowflakes, created_at
from sandbox.discord.limits.messages import check_message, check_no_legacy
from sandbox.discord.state.attachment_links import AttachmentLinks
from sandbox.discord.state.guilds import Channel
from sandbox.discord.state.media import Attachment, embed_with_media, embedded, layout_with_media, urls_in
from sandbox.discord.state.mentions import mentioned_ids
from sandbox.discord.state.permissions import Permission
from sandbox.discord.state.users import User, timestamp

REQUEST_LIMIT = 25 * 1024 * 1024
FOR_USERS = "1"
"""Discord's number of an installation by a user."""
SUPPRESS_EMBEDS, EPHEMERAL, LOADING, SILENT, V2 = 1 << 2, 1 << 6, 1 << 7, 1 << 12, 1 << 15


@dataclass(eq=False)
class Message:
    id: int
    channel: Channel
    author: User
    flags: int = 0
    only_for: User | None = None
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    embedded: frozenset[int] = frozenset()
    """Ids of the attachments that are drawn in an embed, and so are no attachments for anybody."""
    pings: frozenset[str] = frozenset()
    nonce: str | int | None = None
    origin: Json = field(default_factory=dict)
    edited_at: str | None = None
    edits: int = 0
    """But for those after which it is in progress."""
    deleted: bool = False

    @property
    def thinking(self) -> bool:
        return bool(self.flags & LOADING)

    @property
    def in_progress(self) -> bool:
        """Whether people would say so: there is no picture yet, and a button to cancel what is going on."""
        if any("image" in embed for embed in self.embeds):
            return False
        return any(str(one.get("custom_id", "")).startswith("cancel:") for one in walk(self.components))

    @property
    def owners(self) -> Json:
        """By whose installation of the bot it was made possible, where it answers an interaction."""
        owners: Json = self.origin.get("interaction_metadata", {}).get("authorizing_integration_owners", {})
        return owners

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    def as_json(self) -> Json:
        users = [self.author.as_json()]
        elsewhere = urls_in(self.components)
        seen = (file for file in self.attachments if file.id not in self.embedded)
        loose = [file.as_json() for file in seen if file.url not in elsewhere]
        return {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": users[0],
            "content": self.content,
            "embeds": self.embeds,
            "components": self.components,
            "attachments": loose,
            "flags": self.flags,
            "timestamp": timestamp(created_at(self.id)),
            "edited_timestamp": self.edited_at,
            "tts": False,
            "pinned": False,
            "type": 0,
            "mention_everyone": "everyone" in self.pings or "here" in self.pings,
            "mentions": [],
            "mention_roles": [],
            **({"nonce": self.nonce} if self.nonce is not None else {}),
            **self.origin,
        }


class Messages:
    """Every message of every channel, and their attachments."""

    def __init__(self, ids: Snowflakes) -> None:
        self._ids = ids
        self.links = AttachmentLinks(ids.now)
        self.by_channel: dict[int, dict[int, Message]] = {}
        self.files: dict[int, Attachment] = {}
        self.changes = Notifier()
        self.on_change: Callable[[Message], None] = lambda _message: None
        """Called with each message that was edited or deleted, by anybody."""

    def add(self, message: Message, body: RequestBody | None = None, upload_limit: int = 0) -> Message:
        if body is not None:
            self.write(message, body, upload_limit)
        self.by_channel.setdefault(message.channel.id, {})[message.id] = message
        self.changes.notify()
        return message

    def new(self, channel: Channel, author: User, flags: int = 0, only_for: User | None = None) -> Message:
        return Message(self._ids.make(), channel, author, flags, only_for)

    def get(self, channel_id: int, message_id: int) -> Message:
        message = self.by_channel.get(channel_id, {}).get(message_id)
        if message is None or message.deleted:
            raise errors.unknown_message()
        return message

    def delete(self, message: Message) -> None:
        message.deleted = True
        self.by_channel.get(message.channel.id, {}).pop(message.id, None)
        self.on_change(message)
        self.changes.notify()

    def clear_history(self) -> None:
        """Drop every message and file, so that a long run stays small."""
        self.by_channel.clear()
        self.files.clear()

    def edit(self, message: Message, body: RequestBody, upload_limit: int) -> None:
        self.write(message, body, upload_limit)
        message.flags &= ~LOADING
        message.edits += not message.in_progress
        message.edited_at = timestamp(self._ids.now())
        self.on_change(message)
        self.changes.notify()

    def write(self, message: Message, body: RequestBody, upload_limit: int) -> None:
        """Apply the body's fields to the message; what it does not name stays."""
        payload = body.payload
        flags = message.flags | int(payload.get("flags") or 0) & (SUPPRESS_EMBEDS | SILENT | V2)
        check_message(payload, len(body.files), is_v2=bool(flags & V2))
        sizes = [len(upload.data) for upload in body.files.values()]
        if any(size > upload_limit for size in sizes) or sum(sizes) > max(upload_limit, REQUEST_LIMIT):
            raise errors.too_large()
        attachments = self._attachments(message, body)
        content = message.content if "content" not in payload else payload["content"] or ""
        embeds = message.embeds if "embeds" not in payload else payload["embeds"] or []
        components = message.components if "components" not in payload else payload["components"] or []
        if not (content.strip() or embeds or components or attachments or payload.get("sticker_ids")):
            raise errors.empty_message()
        if flags & V2:
            check_no_legacy({"content": content.strip(), "embeds": embeds})
        message.components = as_stored(layout_with_media(components, attachments))
        if "embeds" in payload:
            message.embedded = embedded(embeds, attachments)
        message.content, message.attachments, message.flags = content.strip(), attachments, flags
        message.embeds = [embed_with_media(embed, attachments) for embed in embeds]
        message.pings = self._mentions(message, payload.get("allowed_mentions"))
        self.files.update((file.id, file) for file in attachments)

    @staticmethod
    def _mentions(message: Message, allowed: Json | None) -> frozenset[str]:
        """By default, interaction responses mention users only; @everyone takes a permission."""
        usual: Json = {
            "parse": ["users"] if "webhook_id" in message.origin else ["users", "roles", "everyone"]
        }
        text = "\n".join((message.content, *text_contents(message.components)))
        may_ping_all = bool(message.channel.effective_bot_permissions & Permission.MENTION_EVERYONE)
        return mentioned_ids(text, usual if allowed is None else allowed, may_ping_all=may_ping_all)

    def _attachments(self, message: Message, body: RequestBody) -> list[Attachment]:
        kept = {file.id: file for file in message.attachments}
        listed = body.payload.get("attachments")
        about: dict[int, Json] = {}
        if listed is not None:
            about = {int(entry["id"]): entry for entry in listed}
            kept = {id: file.described_by(about[id]) for id, file in kept.items() if id in about}
        channel = message.channel
        # Whoever lists any has to list all: https://docs.discord.com/developers/resources/webhook#edit-webhook-message
        uploads = sorted((n, file) for n, file in body.files.items() if listed is None or n in about)
        new = [self.attachment(channel, upload, about.get(index, {})) for index, upload in uploads]
        return [*kept.values(), *new]

    def upload_by_member(self, channel: Channel, upload: Upload) -> Attachment:
        """A file that a member gives to a command: Discord keeps it for a while, and shows it to nobody."""
        file = self.attachment(channel, upload, {}, ephemeral=True)
        self.files[file.id] = file
        return file

    def renew_links(self, message: Message) -> None:
        """What Discord does each time that it shows a message to somebody, for its links expire."""
        renewed = {file.url: self.links.renewed(file.url) for file in message.attachments}
        if all(old == new for old, new in renewed.items()):
            return
        message.attachments = [replace(file, url=renewed[file.url]) for file in message.attachments]
        self.files.update((file.id, file) for file in message.attachments)
        shown = json.dumps([message.embeds, message.components])
        for old, new in renewed.items():
            shown = shown.replace(old, new)
        message.embeds, message.components = json.loads(shown)

    def attachment(
        self, channel: Channel, upload: Upload, about: Json, *, ephemeral: bool = False
    ) -> Attachment:
        identity = self._ids.make()
        name = stored_filename(about.get("filename") or upload.filename)
        folder = "ephemeral-attachments" if ephemeral else "attachments"
        url = self.links.sign(f"/{folder}/{channel.id}/{identity}/{name}")
        kind = Upload(name, upload.data).content_type
        marked = bool(about.get("is_spoiler"))
        return Attachment(identity, name, kind, url, about.get("description"), upload.data, ephemeral, marked)
