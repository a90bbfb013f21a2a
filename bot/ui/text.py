"""Text from outside: made harmless, cut to Discord's lengths, or read as one of its ids."""

from __future__ import annotations

import re

from bot.core.place import Place
from bot.core.word_filter.prompt_text import BIDI_CONTROLS

ELLIPSIS = "…"
LONGEST_CONTENT = 2000
"""Of a message, beside its embeds: https://docs.discord.com/developers/resources/message#create-message-jsonform-params"""

# Whatever can begin or end markdown, a mention, a timestamp, a custom emoji or a masked link in Discord's dialect.
# ":" and "." are there for "https://", which Discord would otherwise turn into a link by itself.
_SYNTAX = re.compile(r"([\\*_~`|<>@#\[\]()\-+:])")
_UNSENDABLE = re.compile("[\0\ud800-\udfff]")
_UNDRAWN = re.compile(f"[\0\ud800-\udfff{''.join(BIDI_CONTROLS)}]")
_NUMBERED = re.compile(r"^(\d+)(\.)", re.MULTILINE)


def units(text: str) -> int:
    """Length in UTF-16 code units: never less than what Discord counts, whichever way it counts."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, limit: int) -> str:
    """At most `limit` units of `text`, with an ellipsis where something was cut off."""
    if units(text) <= limit:
        return text
    left, end = limit - units(ELLIPSIS), 0
    for character in text:
        left -= 2 if character > "\uffff" else 1
        if left < 0:
            break
        end += 1
    return text[:end].rstrip() + ELLIPSIS


def clean(text: str) -> str:
    """`text` without NUL and lone surrogates, which neither a database nor Discord takes.

    They are dropped, not replaced: nobody typed them, and a sign in their place would go into a prompt that is paid
    for, and count in its length. What else reaches a database with them is `storable` there, and shows where they were.
    """
    return _UNSENDABLE.sub("", text)


def plain(text: str) -> str:
    """One line without bidirectional controls and lone surrogates, for places where Discord draws no markdown."""
    shown = text if text.isascii() else _UNDRAWN.sub("", text)
    return " ".join(shown.split())


def channel_link(place: Place) -> str:
    """To the channel, in Discord's client; with `/` and an id behind it, to a message there.

    https://docs.discord.com/developers/reference#message-formatting-formats names no such address; `@me` is what the
    client writes for direct messages.
    """
    return f"https://discord.com/channels/{place.server or '@me'}/{place.channel}"


def snowflake(value: object) -> int | None:
    """One of Discord's ids, from a number or its text: https://docs.discord.com/developers/reference#snowflakes

    Databases have them in 63 bits; Discord's get there in 2084.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    return value if type(value) is int and 0 < value < 2**63 else None


def disarm(text: str) -> str:
    """`text` so that Discord draws it as it is: no markdown, no mention, no link."""
    return _NUMBERED.sub(r"\1\\\2", _SYNTAX.sub(r"\\\1", plain(text)))


def code_block(text: str, limit: int) -> str:
    """`text` as it is, line by line, in a frame to copy it from; at most `limit` units, frame included."""
    fence = "```"
    shown = "\n".join(plain(line) for line in text.splitlines()).replace(fence, "'''")
    return f"{fence}\n{cut(shown, limit - units(fence) * 2 - 2)}\n{fence}"


def quote(text: str, limit: int) -> str:
    """`text` disarmed, as a block quote of at most `limit` units."""
    mark = "> "
    safe, room = disarm(text), limit - units(mark)
    if units(safe) > room:
        kept = cut(safe, room).removesuffix(ELLIPSIS)
        if (len(kept) - len(kept.rstrip("\\"))) % 2:  # what the last backslash belongs to was cut off
            kept = kept[:-1].rstrip()
        safe = kept + ELLIPSIS
    return mark + safe
