"""Attachments; `attachment://name` in embeds and components becomes their URL.

https://docs.discord.com/developers/resources/message#attachment-object-attachment-request-structure
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace

from PIL import Image, UnidentifiedImageError

from sandbox.discord.kit.components import walk
from sandbox.discord.kit.errors import Json
from sandbox.discord.limits.form_errors import FormErrors

SPOILER_PREFIX = "SPOILER_"
IS_SPOILER = 1 << 3
"""Among the flags of an attachment."""


@dataclass(frozen=True)
class Attachment:
    """`data` is what was uploaded; `ephemeral` what was given to a command, and is in no message.

    `marked`: it was sent as a spoiler, whatever its name.
    """

    id: int
    filename: str
    content_type: str
    url: str
    description: str | None
    data: bytes = field(repr=False)
    ephemeral: bool = False
    marked: bool = False

    @property
    def is_spoiler(self) -> bool:
        """A name with the prefix marks a file for good."""
        return self.marked or self.filename.startswith(SPOILER_PREFIX)

    def described_by(self, about: Json) -> Attachment:
        """As an edit describes a file that it keeps: only these two can be changed, since June 2026."""
        description = about.get("description", self.description)
        return replace(self, description=description, marked=bool(about.get("is_spoiler", self.marked)))

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
        if self.ephemeral:
            body["ephemeral"] = True
        if self.is_spoiler:
            body["flags"] = IS_SPOILER
        return {**body, **self.dimensions()}

    def media_json(self) -> Json:
        return {
            "url": self.url,
            "proxy_url": self.url,
            "content_type": self.content_type,
            **self.dimensions(),
        }

    def dimensions(self) -> Json:
        if not self.content_type.startswith("image/"):
            return {}
        try:
            with Image.open(io.BytesIO(self.data)) as picture:
                return {"width": picture.width, "height": picture.height}
        except (UnidentifiedImageError, OSError):
            return {}


def embed_with_media(embed: Json, attachments: list[Attachment]) -> Json:
    result: Json = {**embed, "type": "rich"}
    for name in ("image", "thumbnail"):
        if isinstance(embed.get(name), dict):
            file = _find_attachment(embed[name].get("url"), attachments)
            if file is not None:
                # Embed images have alt text of their own since June 2026 (discord-api-docs #8373).
                alt = {key: embed[name][key] for key in ("description",) if embed[name].get(key)}
                result[name] = file.media_json() | alt
    return result


def layout_with_media(components: list[Json], attachments: list[Attachment]) -> list[Json]:
    """Raise RestError 50035 for a component that shows a file nobody uploaded."""
    return [_component_with_media(component, attachments) for component in components]


def _component_with_media(component: Json, attachments: list[Attachment]) -> Json:
    made = dict(component)
    if component.get("components"):
        made["components"] = layout_with_media(component["components"], attachments)
    if component.get("accessory"):
        made["accessory"] = _component_with_media(component["accessory"], attachments)
    match component.get("type"):
        case 11:
            made["media"] = _media_item(component["media"], attachments)
        case 12:
            items = component["items"]
            made["items"] = [{**item, "media": _media_item(item["media"], attachments)} for item in items]
        case 13:
            made["file"] = _media_item(component["file"], attachments)
            file = _find_attachment(made["file"]["url"], attachments)
            made |= {} if file is None else {"name": file.filename, "size": len(file.data)}
    return made


def _media_item(media: Json, attachments: list[Attachment]) -> Json:
    link = media["url"]
    file = _find_attachment(link, attachments)
    if file is not None:
        return file.media_json() | {"attachment_id": str(file.id)}
    if link.startswith("attachment://"):
        form_errors = FormErrors()
        message = f"The referenced attachment was not found: {link}"
        form_errors.add(("components",), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", message)
        raise form_errors.error()
    return {"url": link, "proxy_url": link}


def _find_attachment(link: object, attachments: list[Attachment]) -> Attachment | None:
    return next((file for file in attachments if link in (f"attachment://{file.filename}", file.url)), None)


def embedded(embeds: list[Json], attachments: list[Attachment]) -> frozenset[int]:
    """Those that the embeds of one request draw by `attachment://`, and that are no attachments for anybody.

    An embed that is sent again with the link that it has by now draws its file as well, but the file is then seen
    beside it once more (discord-api-docs #5675, #4809).
    """
    links = {(embed.get(name) or {}).get("url") for embed in embeds for name in ("image", "thumbnail")}
    return frozenset(file.id for file in attachments if f"attachment://{file.filename}" in links)


def urls_in(components: list[Json]) -> set[str]:
    """The URLs that are shown in a component, and so not as attachments."""
    found: set[str | None] = set()
    for component in walk(components):
        media = [item["media"] for item in component.get("items") or []]
        media += [component[name] for name in ("media", "file") if component.get(name)]
        found |= {one.get("url") for one in media}
    return {link for link in found if link}
