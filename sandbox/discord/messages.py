"""Messages: what is in a channel, who may see it, how it is made, edited and shown as JSON."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, UnidentifiedImageError

from sandbox.discord import errors
from sandbox.discord.changes import Changes
from sandbox.discord.errors import Json
from sandbox.discord.forms import Form, Upload, clean_name
from sandbox.discord.limits import check_message
from sandbox.discord.mentions import pinged
from sandbox.discord.snowflakes import Snowflakes
from sandbox.discord.world import Channel, User, timestamp

SUPPRESS_EMBEDS, EPHEMERAL, LOADING, SILENT, V2 = 1 << 2, 1 << 6, 1 << 7, 1 << 12, 1 << 15


@dataclass(frozen=True)
class Attachment:
    id: int
    filename: str
    content_type: str
    url: str
    description: str | None
    data: bytes = field(repr=False)

    def as_json(self) -> Json:
        body: Json = {
            "id": str(self.id),
            "filename": self.filename,
            "size": len(self.data),
            "content_type": self.content_type,
            "url": self.url,
            "proxy_url": self.url,
        }
        if self.description is not None:
            body["description"] = self.description
        return {**body, **self.dimensions()}

    def dimensions(self) -> Json:
        if not self.content_type.startswith("image/"):
            return {}
        try:
            with Image.open(io.BytesIO(self.data)) as picture:
                return {"width": picture.width, "height": picture.height}
        except (UnidentifiedImageError, OSError):
            return {}


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
    pings: frozenset[str] = frozenset()
    nonce: str | int | None = None
    origin: Json = field(default_factory=dict)
    created_at: str = field(default_factory=timestamp)
    edited_at: str | None = None
    edits: int = 0
    deleted: bool = False

    @property
    def thinking(self) -> bool:
        return bool(self.flags & LOADING)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    def as_json(self) -> Json:
        users = [self.author.as_json()]
        shown_in_embeds = {(embed.get("image") or {}).get("url") for embed in self.embeds}
        loose = [file.as_json() for file in self.attachments if file.url not in shown_in_embeds]
        return {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": users[0],
            "content": self.content,
            "embeds": self.embeds,
            "components": self.components,
            "attachments": loose,
            "flags": self.flags,
            "timestamp": self.created_at,
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
    """Every message of every channel, and the files that hang on them."""

    def __init__(self, ids: Snowflakes) -> None:
        self._ids = ids
        self.public_url = ""
        self.by_channel: dict[int, dict[int, Message]] = {}
        self.files: dict[int, Attachment] = {}
        self.changes = Changes()

    def add(self, message: Message, form: Form | None = None, upload_limit: int = 0) -> Message:
        if form is not None:
            self.write(message, form, upload_limit)
        self.by_channel.setdefault(message.channel.id, {})[message.id] = message
        self.changes.announce()
        return message

    def blank(self, channel: Channel, author: User, flags: int = 0, only_for: User | None = None) -> Message:
        return Message(self._ids.make(), channel, author, flags, only_for)

    def get(self, channel_id: int, message_id: int) -> Message:
        message = self.by_channel.get(channel_id, {}).get(message_id)
        if message is None or message.deleted:
            raise errors.unknown_message()
        return message

    def delete(self, message: Message) -> None:
        message.deleted = True
        self.by_channel.get(message.channel.id, {}).pop(message.id, None)
        self.changes.announce()

    def forget(self) -> None:
        """Let go of everything said so far, so that a long run stays small."""
        self.by_channel.clear()
        self.files.clear()

    def edit(self, message: Message, form: Form, upload_limit: int) -> None:
        self.write(message, form, upload_limit)
        message.flags &= ~LOADING
        message.edits += 1
        message.edited_at = timestamp()
        self.changes.announce()

    def write(self, message: Message, form: Form, upload_limit: int) -> None:
        """Put the form's fields into the message; what it does not name stays."""
        payload = form.payload
        _check(form, upload_limit)
        attachments = self._attachments(message, form)
        content = message.content if "content" not in payload else payload["content"] or ""
        embeds = message.embeds if "embeds" not in payload else payload["embeds"] or []
        components = message.components if "components" not in payload else payload["components"] or []
        if not (content.strip() or embeds or components or attachments or payload.get("sticker_ids")):
            raise errors.empty_message()
        message.content, message.components, message.attachments = content.strip(), components, attachments
        message.embeds = [_resolved(embed, attachments) for embed in embeds]
        message.flags |= int(payload.get("flags") or 0) & (SUPPRESS_EMBEDS | SILENT | V2)
        message.pings = pinged(message.content, payload.get("allowed_mentions"))
        self.files.update((file.id, file) for file in attachments)

    def _attachments(self, message: Message, form: Form) -> list[Attachment]:
        kept = {file.id: file for file in message.attachments}
        listed = form.payload.get("attachments")
        about: dict[int, Json] = {}
        if listed is not None:
            about = {int(entry["id"]): entry for entry in listed}
            kept = {identity: file for identity, file in kept.items() if identity in about}
        channel, uploads = message.channel, sorted(form.files.items())
        new = [self.attachment(channel, upload, about.get(index, {})) for index, upload in uploads]
        return [*kept.values(), *new]

    def received(self, channel: Channel, upload: Upload) -> Attachment:
        """A file that a member gives to a command."""
        file = self.attachment(channel, upload, {})
        self.files[file.id] = file
        return file

    def attachment(self, channel: Channel, upload: Upload, about: Json) -> Attachment:
        identity = self._ids.make()
        name = clean_name(about.get("filename") or upload.filename)
        url = f"{self.public_url}/attachments/{channel.id}/{identity}/{name}?ex=0&is=0&hm=0"
        named = Upload(name, upload.data)
        return Attachment(identity, name, named.content_type, url, about.get("description"), upload.data)


def _check(form: Form, upload_limit: int) -> None:
    check_message(form.payload, len(form.files))
    if any(len(upload.data) > upload_limit for upload in form.files.values()):
        raise errors.too_large()


def _resolved(embed: Json, attachments: list[Attachment]) -> Json:
    """The embed with `attachment://name` replaced by where that file can be fetched."""
    result: Json = {**embed, "type": "rich"}
    for name in ("image", "thumbnail"):
        if isinstance(embed.get(name), dict):
            result[name] = _resolved_media(embed[name], attachments)
    return result


def _resolved_media(media: dict[str, Any], attachments: list[Attachment]) -> Json:
    for file in attachments:
        if media.get("url") in (f"attachment://{file.filename}", file.url):
            alt = {} if file.description is None else {"description": file.description}
            found = {"url": file.url, "proxy_url": file.url, "content_type": file.content_type}
            return {**found, **file.dimensions(), **alt}
    return media
