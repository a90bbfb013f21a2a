"""Styles: looks that have a name, which members choose instead of describing them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Self

from bot.core.word_filter.prompt_text import visible_text

MOST_STYLES = 25
"""To choose from: a menu of Discord has no more.
https://docs.discord.com/developers/components/reference#string-select"""
LONGEST_STYLE_NAME = 32  # UTF-16 units, as Discord counts what is typed into its fields
LONGEST_STYLE_TEXT = 300
"""UTF-16 units before the prompt, and as many after it: most of what a model takes is left to the member."""
NO_STYLE = "none"
"""The key of what is chosen by whoever wants none of them."""
RESERVED_KEYS = frozenset({NO_STYLE, "any"})
"""They stand for no style, in options and in menus."""
_NO_SPACE_BEFORE = frozenset(",.;:!?)")


@dataclass(frozen=True, slots=True)
class Style:
    """A look that has a name: what stands `before` and `after` the words of whoever chooses it, either may be empty."""

    name: str
    before: str = ""
    after: str = ""

    @classmethod
    def typed(cls, name: str, before: str, after: str) -> Self:
        """Of what somebody wrote: what can be seen of it, cut to what a style may have."""
        return cls(
            _cut(visible_text(name), LONGEST_STYLE_NAME),
            _cut(visible_text(before), LONGEST_STYLE_TEXT),
            _cut(visible_text(after), LONGEST_STYLE_TEXT),
        )

    @property
    def key(self) -> str:
        return style_key(self.name)

    def applied_to(self, prompt: str) -> str:
        painted = f"{self.before} {prompt}" if self.before else prompt
        if not self.after:
            return painted
        return f"{painted}{self.after}" if self.after[0] in _NO_SPACE_BEFORE else f"{painted} {self.after}"


def style_key(name: str) -> str:
    """By which a style is found, however its name is written. A stored format."""
    return unicodedata.normalize("NFKC", visible_text(name)).casefold()


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore").rstrip()


# Each works for a picture that is changed as well: nothing stands before what the member wrote.
DEFAULT_STYLES = (
    Style("Photo", after=", a realistic photograph, natural light, shallow depth of field, fine detail"),
    Style("Cinematic", after=", a cinematic film still, dramatic light, wide lens, rich colour grading"),
    Style("Watercolour", after=", a watercolour painting, soft washes, gentle edges, visible paper texture"),
    Style("Oil painting", after=", an oil painting on canvas, thick brush strokes, deep colours"),
    Style("Pencil sketch", after=", a pencil sketch on white paper, fine hatching, no colour"),
    Style("Comic", after=", a comic book panel, bold ink outlines, flat colours, halftone dots"),
    Style("Anime", after=", an anime illustration, clean line art, cel shading, vivid colours"),
    Style("Pixel art", after=", pixel art, a small palette, crisp square pixels, as in a 16-bit game"),
    Style("3D render", after=", a 3D render, soft studio light, smooth materials, subtle reflections"),
    Style("Clay", after=", a claymation scene, plasticine with fingerprints, a miniature set, soft light"),
)
"""What members can choose where the operator says nothing else."""
