"""Discord's limits on a message, as a pure check of the payload that was sent."""

from __future__ import annotations

from typing import Any, TypeAlias

from sandbox.discord.kit.components import COMPONENTS_V2
from sandbox.discord.kit.errors import Json
from sandbox.discord.limits.components import check_components
from sandbox.discord.limits.form_errors import FormErrors, utf16_length

FieldPath: TypeAlias = tuple[str | int, ...]
CONTENT, EMBEDS, FILES, EMBEDS_IN_SUM = 2000, 10, 10, 6000
TITLE, DESCRIPTION, FIELDS, FOOTER, AUTHOR = 256, 4096, 25, 2048, 256
FIELD_NAME, FIELD_VALUE, ALT_TEXT, NONCE, MENTIONED = 256, 1024, 1024, 25, 100
_LINK_SCHEMES = ("http", "https")
_MEDIA_SCHEMES = ("http", "https", "attachment")


def check_message(payload: Json, files: int, *, is_v2: bool = False) -> None:
    """Raise the 50035 that Discord would answer to this payload; a message once of Components V2 stays so."""
    errors = FormErrors()
    if payload.get("content") is not None:
        errors.check_text(("content",), payload["content"], 0, CONTENT)
    if payload.get("embeds") is not None:
        _check_embeds(errors, payload["embeds"])
    if payload.get("components") is not None:
        is_v2 = is_v2 or bool(int(payload.get("flags") or 0) & COMPONENTS_V2)
        check_components(errors, payload["components"], is_v2=is_v2)
    _check_attachments(errors, payload, files)
    if payload.get("nonce") is not None:
        errors.check_text(("nonce",), str(payload["nonce"]), 0, NONCE)
    if payload.get("allowed_mentions") is not None:
        _check_mentions(errors, payload["allowed_mentions"])
    errors.raise_if_any()
    if is_v2 or int(payload.get("flags") or 0) & COMPONENTS_V2:
        check_no_legacy(payload)


def check_no_legacy(payload: Json) -> None:
    """Components V2 exclude content and embeds."""
    errors = FormErrors()
    for name in ("content", "embeds", "sticker_ids", "poll"):
        if payload.get(name):
            message = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            errors.add((name,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)
    errors.raise_if_any()


def _check_mentions(errors: FormErrors, allowed: Json) -> None:
    """A kind of mention is parsed or listed, never both."""
    for kind in ("users", "roles"):
        listed = allowed.get(kind) or []
        path = ("allowed_mentions", kind)
        if errors.check_list(path, listed, MENTIONED) and listed and kind in (allowed.get("parse") or []):
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            errors.add(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def _check_embeds(errors: FormErrors, embeds: Any) -> None:
    if not errors.check_list(("embeds",), embeds, EMBEDS):
        return
    for index, embed in enumerate(embeds):
        if isinstance(embed, dict):
            _check_embed(errors, ("embeds", index), embed)
        else:
            errors.add(
                ("embeds", index), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType"
            )
    if sum(embed_length(embed) for embed in embeds if isinstance(embed, dict)) > EMBEDS_IN_SUM:
        message = f"Embed size exceeds maximum size of {EMBEDS_IN_SUM}"
        errors.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)


def _check_embed(errors: FormErrors, path: FieldPath, embed: Json) -> None:
    errors.check_text((*path, "title"), embed.get("title"), 0, TITLE, required=False)
    errors.check_text((*path, "description"), embed.get("description"), 0, DESCRIPTION, required=False)
    if embed.get("footer") is not None:
        errors.check_text((*path, "footer", "text"), embed["footer"].get("text"), 0, FOOTER)
    if embed.get("author") is not None:
        errors.check_text((*path, "author", "name"), embed["author"].get("name"), 0, AUTHOR)
    _check_fields(errors, (*path, "fields"), embed.get("fields"))
    _check_links(errors, path, embed)


def _check_fields(errors: FormErrors, path: FieldPath, fields: Any) -> None:
    if fields is None or not errors.check_list(path, fields, FIELDS):
        return
    for index, field in enumerate(fields):
        for name, most in (("name", FIELD_NAME), ("value", FIELD_VALUE)):
            text = field.get(name)
            shown = text.strip() if isinstance(text, str) else text
            if shown == "":
                errors.required((*path, index, name))
            else:
                errors.check_text((*path, index, name), text, 0, most)


def _check_links(errors: FormErrors, path: FieldPath, embed: Json) -> None:
    if embed.get("url"):
        errors.check_url((*path, "url"), embed["url"], _LINK_SCHEMES)
    for name in ("image", "thumbnail"):
        if embed.get(name) is not None:
            errors.check_url((*path, name, "url"), embed[name].get("url"), _MEDIA_SCHEMES)
            alt = embed[name].get("description")
            errors.check_text((*path, name, "description"), alt, 0, ALT_TEXT, required=False)
    for name in ("footer", "author"):
        icon = (embed.get(name) or {}).get("icon_url")
        if icon:
            errors.check_url((*path, name, "icon_url"), icon, _MEDIA_SCHEMES)


def embed_length(embed: Json) -> int:
    """What counts towards the 6000 characters of a message's embeds."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(utf16_length(text) for text in texts if isinstance(text, str))


def _check_attachments(errors: FormErrors, payload: Json, files: int) -> None:
    listed = payload.get("attachments")
    if files > FILES:
        errors.add(("files",), "BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {FILES} in length.")
    if listed is None or not errors.check_list(("attachments",), listed, FILES):
        return
    for index, attachment in enumerate(listed):
        if attachment.get("id") is None:
            errors.required(("attachments", index, "id"))
        alt_text = attachment.get("description")
        errors.check_text(("attachments", index, "description"), alt_text, 0, ALT_TEXT, required=False)
        if not isinstance(attachment.get("is_spoiler", False), bool):
            message = "Must be either true or false."
            errors.add(("attachments", index, "is_spoiler"), "BOOLEAN_TYPE_CONVERT", message)
