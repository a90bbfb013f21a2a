"""A reply as its reader sees it, render in a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime

from sandbox.discord import ShownMessage
from sandbox.discord.people.replies import Embed
from sandbox.discord.state.media import Attachment

WIDTH = 72
_ESCAPE = re.compile(r"\\([\\*_`~|>\[\]()#\-.!@<:+/])")
_STAMP = re.compile(r"<t:(-?\d+)(?::([tTdDfFR]))?>")
_MASKED_LINK = re.compile(r"\[([^\]\n]+)\]\(<?https?://[^)\s]+>?\)")
_MARKS = re.compile(r"\*\*|__|~~|\|\||`+|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_PRIVATE_USE = 0xE000
_UNITS = (
    (31_536_000, "year"),
    (2_592_000, "month"),
    (86_400, "day"),
    (3600, "hour"),
    (60, "minute"),
    (1, "second"),
)
_SHAPES = {"t": "%H:%M", "T": "%H:%M:%S", "d": "%Y-%m-%d", "D": "%d %B %Y", "F": "%A, %d %B %Y %H:%M"}
_PLAIN = str.maketrans("╭╮╰╯─│▎█·…“”‘’—–×", "++++-|>#*.\"\"''--x")


def render(shown: ShownMessage, author: str, now: float) -> str:
    """The whole message in a box. `now` is in seconds since the Unix epoch."""
    private = "  ·  only you can see this" if shown.ephemeral else ""
    lines = [f"{author}  APP{private}", ""]
    lines += _wrapped(plain_text(shown.content, now), WIDTH)
    for embed in shown.embeds:
        lines += [f"▎ {line}" for line in _embed_lines(embed, now)]
    in_embeds = [file for embed in shown.embeds for file in (embed.image, embed.thumbnail)]
    lines += [f"[ {_file_line(file)} ]" for file in shown.attachments if file not in in_embeds]
    inside = [f"│ {line}{' ' * (WIDTH - _cells(line))} │" for line in lines]
    edge = "─" * (WIDTH + 2)
    return "\n".join([f"╭{edge}╮", *inside, f"╰{edge}╯"])


def _embed_lines(embed: Embed, now: float) -> Iterator[str]:
    """Without bars before quotes: there will be one before each line."""
    for text in (embed.author, embed.title, embed.description):
        yield from _wrapped(re.sub(r"(?m)^▎ ", "", plain_text(text, now)), WIDTH - 2)
    for one in embed.fields:
        yield from _wrapped(f"{plain_text(one.name, now)}: {plain_text(one.value, now)}", WIDTH - 2)
    for file in (embed.thumbnail, embed.image):
        if file is not None:
            yield from _wrapped(f"[ {_file_line(file)} ]", WIDTH - 2)
    yield from _wrapped(embed.footer, WIDTH - 2)


def _file_line(file: Attachment) -> str:
    size = file.dimensions()
    measures = f", {size['width']} × {size['height']}" if size else ""
    return f"{file.filename}{measures}, {max(1, len(file.data) // 1000)} kB"


def plain_text(text: str, now: float) -> str:
    """Discord's markdown as plain text: without escapes, timestamps written out, quotes behind a bar."""
    hidden = _ESCAPE.sub(lambda found: chr(_PRIVATE_USE + ord(found[1])), text)
    hidden = _STAMP.sub(lambda found: timestamp_text(int(found[1]), found[2] or "f", now), hidden)
    hidden = _MARKS.sub("", _MASKED_LINK.sub(r"\1", hidden))
    hidden = re.sub(r"(?m)^(?:>>>|>) ?", "▎ ", hidden)
    return re.sub(r"[\ue000-\ue07f]", lambda found: chr(ord(found[0]) - _PRIVATE_USE), hidden)


def timestamp_text(at: int, style: str, now: float) -> str:
    """A timestamp: relative as 'in 5 hours', or written out in UTC."""
    if style != "R":
        return datetime.fromtimestamp(at, UTC).strftime(_SHAPES.get(style, "%d %B %Y %H:%M")) + " UTC"
    distance = round(at - now)
    for seconds, unit in _UNITS:
        if abs(distance) >= seconds:
            number = round(abs(distance) / seconds)
            words = f"{number} {unit}{'' if number == 1 else 's'}"
            return f"in {words}" if distance > 0 else f"{words} ago"
    return "now"


def _cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def _wrapped(text: str, width: int) -> Iterator[str]:
    for paragraph in text.splitlines():
        if _cells(paragraph) <= width:
            # Unchanged: wrapping word by word would destroy the columns of a chart.
            yield paragraph
            continue
        line = ""
        for word in _pieces(paragraph, width):
            if line and _cells(line) + 1 + _cells(word) > width:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
        yield line


def _pieces(paragraph: str, width: int) -> Iterator[str]:
    """Words, none of them wider than a line."""
    for word in paragraph.split():
        piece = ""
        for character in word:
            if _cells(piece + character) > width:
                yield piece
                piece = ""
            piece += character
        yield piece


def printable(text: str, encoding: str | None) -> str:
    """The same text, made of what a console with that encoding can show."""
    try:
        text.encode(encoding or "ascii")
    except UnicodeEncodeError:
        return "".join(_showable(character, encoding or "ascii") for character in text)
    except LookupError:
        return printable(text, "ascii")
    return text


def _showable(character: str, encoding: str) -> str:
    for candidate in (character, character.translate(_PLAIN)):
        if candidate.encode(encoding, "ignore"):
            return candidate
    return "?"
