"""The subjects of a landscape: silhouettes in units of their own height, drawn from their foot upwards."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from random import Random

from PIL.ImageDraw import ImageDraw

from sandbox.images.palettes import Colour, Palette, blend

Point = tuple[float, float]


class Brush:
    """Draws in a figure's own units: (0, 0) is its foot, y grows upwards, 1 is `height` pixels."""

    def __init__(self, draw: ImageDraw, foot: Point, height: float, colour: Colour) -> None:
        self._draw = draw
        self._foot = foot
        self._height = height
        self.colour = colour

    def shape(self, points: Sequence[Point], colour: Colour | None = None) -> None:
        self._draw.polygon([self._at(point) for point in points], fill=colour or self.colour)

    def disc(self, centre: Point, radius: Point, colour: Colour | None = None) -> None:
        (x, y), (wide, high) = self._at(centre), (radius[0] * self._height, radius[1] * self._height)
        self._draw.ellipse((x - wide, y - high, x + wide, y + high), fill=colour or self.colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour | None = None) -> None:
        pixels = max(1, round(width * self._height))
        self._draw.line([self._at(point) for point in points], colour or self.colour, pixels, joint="curve")

    def _at(self, point: Point) -> Point:
        return self._foot[0] + point[0] * self._height, self._foot[1] - point[1] * self._height


Figure = Callable[[Brush, Palette, Random], None]


def tree(brush: Brush, _palette: Palette, _random: Random) -> None:
    brush.shape([(-0.03, 0), (0.03, 0), (0.03, 0.2), (-0.03, 0.2)])
    for foot, half in ((0.12, 0.24), (0.36, 0.19), (0.6, 0.13)):
        brush.shape([(-half, foot), (half, foot), (0, foot + 0.4)])


def palm(brush: Brush, _palette: Palette, _random: Random) -> None:
    brush.line([(0, 0), (0.05, 0.3), (0.13, 0.6), (0.25, 0.85)], 0.045)
    for degrees in (-30, 0, 35, 70, 112, 150, 180, 210):
        angle = math.radians(degrees)
        tip = (0.25 + 0.4 * math.cos(angle), 0.76 + 0.24 * math.sin(angle))
        bow = (0.25 + 0.2 * math.cos(angle), 0.93 + 0.14 * math.sin(angle))
        brush.shape([(0.25, 0.84), bow, tip, (bow[0] * 0.98, bow[1] - 0.075)])


def dinosaur(brush: Brush, _palette: Palette, _random: Random) -> None:
    brush.shape(
        [
            *(
                (-0.95, 0.22),
                (-0.6, 0.36),
                (-0.3, 0.56),
                (-0.02, 0.66),
                (0.12, 0.84),
                (0.2, 0.97),
                (0.34, 1.0),
            ),
            *((0.55, 0.95), (0.6, 0.86), (0.56, 0.8), (0.36, 0.79), (0.54, 0.74), (0.5, 0.7), (0.34, 0.7)),
            *((0.28, 0.56), (0.2, 0.42), (0.12, 0.3), (-0.02, 0.24), (-0.3, 0.26), (-0.6, 0.2)),
        ]
    )
    brush.shape(
        [(-0.3, 0.42), (-0.02, 0.4), (-0.08, 0.2), (-0.16, 0.12), (-0.12, 0.04), (0.02, 0), (-0.22, 0)]
    )
    brush.shape(
        [(-0.02, 0.38), (0.16, 0.36), (0.14, 0.2), (0.08, 0.12), (0.12, 0.04), (0.26, 0), (0.02, 0), (0, 0.2)]
    )
    brush.line([(0.24, 0.52), (0.36, 0.45), (0.42, 0.48)], 0.03)
    brush.disc((0.38, 0.91), (0.018, 0.018), (250, 240, 200))


def beast(brush: Brush, palette: Palette, _random: Random) -> None:
    """A fox or a cat, sitting, ears pricked, tail around it."""
    brush.line([(0.2, 0.06), (0.42, 0.08), (0.5, 0.25), (0.46, 0.42)], 0.13)
    brush.disc((0.46, 0.44), (0.065, 0.09), blend(brush.colour, palette.light, 0.7))
    brush.shape([(-0.16, 0), (-0.2, 0.2), (-0.1, 0.55), (0.08, 0.6), (0.24, 0.35), (0.3, 0)])
    brush.disc((-0.06, 0.7), (0.2, 0.16))
    brush.shape([(-0.24, 0.74), (-0.24, 1.0), (-0.08, 0.84)])
    brush.shape([(-0.02, 0.84), (0.14, 1.0), (0.13, 0.72)])
    brush.shape([(-0.22, 0.66), (-0.1, 0.5), (0.04, 0.6)], blend(brush.colour, palette.light, 0.7))
    brush.disc((-0.13, 0.72), (0.02, 0.026), (20, 16, 20))
    brush.disc((0.02, 0.72), (0.02, 0.026), (20, 16, 20))


def boat(brush: Brush, palette: Palette, _random: Random) -> None:
    brush.shape([(-0.42, 0.16), (0.42, 0.16), (0.3, 0), (-0.3, 0)])
    brush.line([(0, 0.14), (0, 1)], 0.02)
    brush.shape([(0.03, 0.98), (0.03, 0.22), (0.4, 0.24)], blend(palette.light, (255, 255, 255), 0.5))
    brush.shape([(-0.03, 0.9), (-0.03, 0.24), (-0.3, 0.24)], blend(palette.light, palette.horizon, 0.4))


def castle(brush: Brush, palette: Palette, _random: Random) -> None:
    for middle, half, top in ((-0.4, 0.1, 0.62), (0.4, 0.1, 0.62), (0, 0.13, 0.78), (0, 0.45, 0.4)):
        brush.shape([(middle - half, 0), (middle + half, 0), (middle + half, top), (middle - half, top)])
    for middle, half, top in ((-0.4, 0.13, 0.62), (0.4, 0.13, 0.62), (0, 0.17, 0.78)):
        brush.shape(
            [(middle - half, top), (middle + half, top), (middle, top + 0.24)],
            blend(brush.colour, (150, 40, 40), 0.4),
        )
    for x, y in ((-0.4, 0.48), (0.4, 0.48), (0, 0.62), (-0.15, 0.25), (0.15, 0.25)):
        brush.disc((x, y), (0.02, 0.04), blend(palette.light, (255, 200, 90), 0.5))


def city(brush: Brush, palette: Palette, random: Random) -> None:
    for block in range(14):
        left, top = -1.2 + block * 0.17, random.uniform(0.3, 1.0)
        wall = blend(brush.colour, palette.far, random.uniform(0, 0.35))
        brush.shape([(left, 0), (left + 0.16, 0), (left + 0.16, top), (left, top)], wall)
        for row in range(int(top / 0.09)):
            for column in (0.045, 0.11):
                if random.random() < 0.55:
                    brush.disc((left + column, 0.06 + row * 0.09), (0.012, 0.016), (255, 214, 130))


def balloon(brush: Brush, palette: Palette, random: Random) -> None:
    cloth = random.choice([(214, 68, 58), (240, 160, 50), (60, 120, 190)])
    brush.line([(-0.06, 1.14), (-0.2, 1.45)], 0.012)
    brush.line([(0.06, 1.14), (0.2, 1.45)], 0.012)
    brush.disc((0, 1.65), (0.36, 0.38), cloth)
    brush.disc((0, 1.65), (0.2, 0.38), blend(cloth, palette.light, 0.6))
    brush.disc((0, 1.65), (0.07, 0.38), cloth)
    brush.shape([(-0.08, 1.02), (0.08, 1.02), (0.09, 1.15), (-0.09, 1.15)])


def rocket(brush: Brush, palette: Palette, _random: Random) -> None:
    brush.shape([(-0.1, 0.5), (0, 0.1), (0.1, 0.5)], (255, 170, 60))
    brush.shape([(-0.06, 0.5), (0, 0.26), (0.06, 0.5)], (255, 244, 190))
    brush.shape([(-0.14, 0.48), (-0.28, 0.44), (-0.13, 0.8)], (206, 62, 60))
    brush.shape([(0.14, 0.48), (0.28, 0.44), (0.13, 0.8)], (206, 62, 60))
    brush.disc((0, 0.92), (0.14, 0.46), blend(palette.light, (230, 232, 240), 0.6))
    brush.disc((0, 1.04), (0.06, 0.06), (60, 110, 170))


def lighthouse(brush: Brush, palette: Palette, _random: Random) -> None:
    brush.shape([(-0.14, 0), (0.14, 0), (0.09, 0.8), (-0.09, 0.8)], (240, 236, 228))
    for foot in (0.12, 0.4, 0.66):
        brush.shape([(-0.12, foot), (0.12, foot), (0.11, foot + 0.13), (-0.11, foot + 0.13)], (196, 62, 58))
    brush.shape(
        [(-0.07, 0.8), (0.07, 0.8), (0.07, 0.92), (-0.07, 0.92)], blend(palette.light, (255, 220, 110), 0.6)
    )
    brush.shape([(-0.1, 0.92), (0.1, 0.92), (0, 1.03)])


def house(brush: Brush, palette: Palette, _random: Random) -> None:
    brush.shape([(-0.5, 0), (0.5, 0), (0.5, 0.5), (-0.5, 0.5)], blend(brush.colour, palette.light, 0.35))
    brush.shape([(0.22, 0.6), (0.36, 0.6), (0.36, 1), (0.22, 1)])
    brush.shape([(-0.6, 0.48), (0.6, 0.48), (0, 1)], blend(brush.colour, (150, 50, 44), 0.5))
    for x in (-0.3, 0.18):
        brush.shape([(x, 0.18), (x + 0.14, 0.18), (x + 0.14, 0.36), (x, 0.36)], (255, 218, 140))


# Words, their silhouette, its height as a share of the image's, and whether it floats on water.
SUBJECTS: tuple[tuple[str, Figure, float, bool], ...] = (
    (r"t-?rex|dinosaurs?|dragon|lizard|godzilla", dinosaur, 0.36, False),
    (r"fox(es)?|cats?|kittens?|dogs?|puppy|wolf|corgi|animal", beast, 0.34, False),
    (r"boats?|ships?|sail\w*|pirates?", boat, 0.3, True),
    (r"castles?|palace|knight|kingdom|tower", castle, 0.36, False),
    (r"city|town|skyline|cyber\w*|street|neon|tokyo|paris|york", city, 0.34, False),
    (r"balloons?|flying|airship", balloon, 0.26, False),
    (r"rockets?|spaceships?|astronaut|robots?|mars", rocket, 0.34, False),
    (r"lighthouses?", lighthouse, 0.42, False),
    (r"houses?|cabin|cottage|home|village|farm|barn", house, 0.17, False),
    (r"palms?|beach|tropical|island", palm, 0.42, False),
)


def subjects_of(prompt: str) -> list[tuple[Figure, float, bool]]:
    """What the prompt names, at most three things."""
    found = [
        (figure, height, afloat)
        for words, figure, height, afloat in SUBJECTS
        if re.search(rf"\b({words})\b", prompt, re.IGNORECASE)
    ]
    return found[:3]
