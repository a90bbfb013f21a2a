"""Discord's limits on a message, as a pure check of the form that was sent."""

from __future__ import annotations

from typing import Any, TypeAlias

from sandbox.discord.kit.components import COMPONENTS_V2
from sandbox.discord.kit.errors import Json
from sandbox.discord.limits.components import check_components
from sandbox.discord.limits.form_errors import Problems, utf16_length

Place: TypeAlias = tuple[str | int, ...]
CONTENT, EMBEDS, FILES, EMBEDS_IN_SUM = 2000, 10, 10, 6000
TITLE, DESCRIPTION, FIELDS, FOOTER, AUTHOR = 256, 4096, 25, 2048, 256
FIELD_NAME, FIELD_VALUE, ALT_TEXT, NONCE, MENTIONED = 256, 1024, 1024, 25, 100
_LINKS = ("http", "https")
_PICTURES = ("http", "https", "attachment")


def check_message(form: Json, files: int, *, is_v2: bool = False) -> None:
    """Raise the 50035 that Discord would answer to this form; a layout once of the second kind stays so."""
    problems = Problems()
    if form.get("content") is not None:
        problems.check_text(("content",), form["content"], 0, CONTENT)
    if form.get("embeds") is not None:
        _check_embeds(problems, form["embeds"])
    if form.get("components") is not None:
        is_v2 = is_v2 or bool(int(form.get("flags") or 0) & COMPONENTS_V2)
        check_components(problems, form["components"], is_v2=is_v2)
    _check_attachments(problems, form, files)
    if form.get("nonce") is not None:
        problems.check_text(("nonce",), str(form["nonce"]), 0, NONCE)
    if form.get("allowed_mentions") is not None:
        _check_mentions(problems, form["allowed_mentions"])
    problems.raise_if_any()
    if is_v2 or int(form.get("flags") or 0) & COMPONENTS_V2:
        check_no_legacy(form)


def check_no_legacy(form: Json) -> None:
    """A layout of the second kind stands alone."""
    problems = Problems()
    for name in ("content", "embeds", "sticker_ids", "poll"):
        if form.get(name):
            message = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            problems.add((name,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)
    problems.raise_if_any()


def _check_mentions(problems: Problems, allowed: Json) -> None:
    """A kind of mention is parsed or listed, never both."""
    for kind in ("users", "roles"):
        listed = allowed.get(kind) or []
        place = ("allowed_mentions", kind)
        if problems.check_list(place, listed, MENTIONED) and listed and kind in (allowed.get("parse") or []):
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            problems.add(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def _check_embeds(problems: Problems, embeds: Any) -> None:
    if not problems.check_list(("embeds",), embeds, EMBEDS):
        return
    for index, embed in enumerate(embeds):
        if isinstance(embed, dict):
            _check_embed(problems, ("embeds", index), embed)
        else:
            problems.add(
                ("embeds", index), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType"
            )
    if sum(embed_length(embed) for embed in embeds if isinstance(embed, dict)) > EMBEDS_IN_SUM:
        message = f"Embed size exceeds maximum size of {EMBEDS_IN_SUM}"
        problems.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)


def _check_embed(problems: Problems, place: Place, embed: Json) -> None:
    problems.check_text((*place, "title"), embed.get("title"), 0, TITLE, required=False)
    problems.check_text((*place, "description"), embed.get("description"), 0, DESCRIPTION, required=False)
    if embed.get("footer") is not None:
        problems.check_text((*place, "footer", "text"), embed["footer"].get("text"), 0, FOOTER)
    if embed.get("author") is not None:
        problems.check_text((*place, "author", "name"), embed["author"].get("name"), 0, AUTHOR)
    _check_fields(problems, (*place, "fields"), embed.get("fields"))
    _check_links(problems, place, embed)


def _check_fields(problems: Problems, place: Place, fields: Any) -> None:
    if fields is None or not problems.check_list(place, fields, FIELDS):
        return
    for index, field in enumerate(fields):
        for name, most in (("name", FIELD_NAME), ("value", FIELD_VALUE)):
            text = field.get(name)
            shown = text.strip() if isinstance(text, str) else text
            if shown == "":
                problems.required((*place, index, name))
            else:
                problems.check_text((*place, index, name), text, 0, most)


def _check_links(problems: Problems, place: Place, embed: Json) -> None:
    if embed.get("url"):
        problems.check_url((*place, "url"), embed["url"], _LINKS)
    for name in ("image", "thumbnail"):
        if embed.get(name) is not None:
            problems.check_url((*place, name, "url"), embed[name].get("url"), _PICTURES)
            alt = embed[name].get("description")
            problems.check_text((*place, name, "description"), alt, 0, ALT_TEXT, required=False)
    for name in ("footer", "author"):
        icon = (embed.get(name) or {}).get("icon_url")
        if icon:
            problems.check_url((*place, name, "icon_url"), icon, _PICTURES)


def embed_length(embed: Json) -> int:
    """What counts towards the 6000 characters of a message's embeds."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(utf16_length(text) for text in texts if isinstance(text, str))


def _check_attachments(problems: Problems, form: Json, files: int) -> None:
    listed = form.get("attachments")
    if files > FILES:
        problems.add(("files",), "BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {FILES} in length.")
    if listed is None or not problems.check_list(("attachments",), listed, FILES):
        return
    for index, attachment in enumerate(listed):
        if attachment.get("id") is None:
            problems.required(("attachments", index, "id"))
        alt_text = attachment.get("description")
        problems.check_text(("attachments", index, "description"), alt_text, 0, ALT_TEXT, required=False)
