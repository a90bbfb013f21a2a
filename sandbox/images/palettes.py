"""Colours for a landscape, chosen by words of the prompt, else pseudo-randomly."""

from __future__ import annotations

import re
from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """Sky from `zenith` down to `horizon`; hills from `far` to `near`; `light` is the sun's or the moon's."""

    zenith: Colour
    horizon: Colour
    light: Colour
    far: Colour
    near: Colour
    water: Colour
    night: bool = False


PALETTES = {
    "dawn": Palette(
        (94, 96, 158), (255, 190, 152), (255, 236, 200), (190, 140, 165), (70, 50, 86), (214, 150, 150)
    ),
    "day": Palette(
        (58, 138, 214), (206, 234, 244), (255, 250, 220), (140, 182, 190), (44, 104, 70), (70, 150, 190)
    ),
    "dusk": Palette(
        (44, 32, 92), (255, 140, 88), (255, 214, 140), (156, 82, 112), (40, 22, 52), (190, 96, 92)
    ),
    "night": Palette(
        (8, 12, 40), (52, 66, 122), (240, 240, 255), (44, 56, 100), (10, 14, 32), (34, 48, 98), night=True
    ),
    "autumn": Palette(
        (118, 152, 186), (250, 218, 168), (255, 244, 206), (200, 144, 96), (122, 58, 30), (170, 132, 96)
    ),
    "winter": Palette(
        (116, 160, 204), (234, 242, 250), (255, 252, 240), (186, 206, 226), (110, 140, 172), (150, 186, 214)
    ),
    "jungle": Palette(
        (40, 124, 132), (224, 240, 186), (255, 250, 200), (112, 172, 130), (16, 66, 48), (60, 140, 130)
    ),
}

_WORDS = {
    "dawn": r"dawn|sunrise|morning|pink|spring|blossom",
    "dusk": r"dusk|sunset|evening|golden|warm|desert|fire|lava|mars",
    "night": r"night|moon|star|stars|space|galaxy|neon|dark|cyber\w*|rocket|aurora|robot",
    "autumn": r"autumn|fall|leaves|fox|wheat|harvest|castle",
    "winter": r"winter|snow\w*|ice|icy|arctic|penguin|frozen|christmas",
    "jungle": r"jungle|t-?rex|dinosaur\w*|dragon|frog|swamp|tropical",
    "day": r"day|sunny|beach|sea|ocean|summer|sky|field|cat|dog|balloon",
}


def palette_for(prompt: str, chance: int) -> Palette:
    """The palette whose words come first in the prompt."""
    found = {
        match.start(): name
        for name, words in _WORDS.items()
        if (match := re.search(rf"\b({words})\b", prompt, re.I))
    }
    names = sorted(PALETTES)
    return PALETTES[found[min(found)] if found else names[chance % len(names)]]


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """`share` 0 is the first colour, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
