"""A landscape from a prompt: sky, sun or moon, clouds, hills, water, and what the prompt names in front of them."""

from __future__ import annotations

import hashlib
import math
import re
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from sandbox.images.palettes import Palette, blend, palette_for
from sandbox.images.silhouettes import Brush, subjects_of, tree

_SMOOTHING = 2  # painted this much larger, then reduced: edges without steps
_WATER = re.compile(
    r"\b(sea|ocean|lake|beach|water|river|island|boats?|ships?|sail\w*|pirates?|lighthouses?)\b", re.I
)


def paint(prompt: str, variation: int, size: tuple[int, int]) -> Image.Image:
    """The same picture for the same arguments, on every machine."""
    digest = hashlib.sha256(f"{variation}\0{prompt}".encode("utf-8", "surrogatepass")).digest()
    scene = _Scene(prompt, Random(digest), (size[0] * _SMOOTHING, size[1] * _SMOOTHING))
    image = scene.painted().resize(size, Image.Resampling.BOX)
    # A little grain, as film has it: flat colours look like a drawing programme's.
    noise = Image.frombytes("L", image.size, Random(digest).randbytes(image.width * image.height))
    grain = noise.point([118 + value // 13 for value in range(256)])
    return ImageChops.overlay(image, Image.merge("RGB", (grain, grain, grain)))


class _Scene:
    """One picture while it is being painted, from the back to the front."""

    def __init__(self, prompt: str, random: Random, size: tuple[int, int]) -> None:
        self._prompt = prompt
        self._random = random
        self._palette: Palette = palette_for(prompt, random.randrange(1000))
        self._wide, self._high = size
        self._horizon = self._high * random.uniform(0.55, 0.62)
        self._light = (self._wide * random.uniform(0.2, 0.8), self._high * random.uniform(0.16, 0.34))
        self._image = self._sky()
        self._draw = ImageDraw.Draw(self._image)

    def painted(self) -> Image.Image:
        if self._palette.night:
            for _ in range(260):
                x, y = self._random.uniform(0, self._wide), self._random.uniform(0, self._horizon)
                radius = self._random.choice([1, 1, 2, 2, 3])
                colour = blend(self._palette.zenith, (255, 255, 255), self._random.uniform(0.4, 1))
                self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        self._sun()
        self._clouds()
        wet = _WATER.search(self._prompt) is not None
        for layer in range(3 if wet else 5):
            self._hill(layer / 4, wet=wet)
        if wet:
            self._water()
        self._foreground()
        self._subjects()
        return self._image

    def _sky(self) -> Image.Image:
        ramp = Image.linear_gradient("L").resize((self._wide, int(self._horizon) + 1))
        mask = Image.new("L", (self._wide, self._high), 255)
        mask.paste(ramp, (0, 0))
        above, below = (
            Image.new("RGB", mask.size, it) for it in (self._palette.zenith, self._palette.horizon)
        )
        return Image.composite(below, above, mask)

    def _sun(self) -> None:
        (x, y), radius = self._light, self._high * 0.062
        # Painted small and blown up: a wide blur at full size would take most of the time.
        glow = Image.new("L", (self._wide // 16, self._high // 16), 0)
        reach = radius * 1.9
        box = [at / 16 for at in (x - reach, y - reach, x + reach, y + reach)]
        ImageDraw.Draw(glow).ellipse(box, fill=170)
        soft = glow.filter(ImageFilter.GaussianBlur(self._high / 16 * 0.1))
        mask = soft.resize(self._image.size, Image.Resampling.BICUBIC)
        self._image.paste(self._palette.light, (0, 0), mask)
        self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=self._palette.light)

    def _clouds(self) -> None:
        small = Image.new("L", (self._wide // 8, self._high // 8), 0)
        draw = ImageDraw.Draw(small)
        for _ in range(5):
            x, y = self._random.uniform(0, small.width), self._random.uniform(0.08, 0.4) * small.height
            for _ in range(9):
                left = x + self._random.gauss(0, small.width * 0.06)
                top = y + self._random.gauss(0, small.height * 0.008)
                long, thick = self._random.uniform(10, 34), self._random.uniform(1.5, 5)
                draw.ellipse(
                    (left - long, top - thick, left + long, top + thick), fill=self._random.randint(60, 150)
                )
        mask = small.filter(ImageFilter.GaussianBlur(2.4)).resize(self._image.size, Image.Resampling.BICUBIC)
        self._image.paste(blend(self._palette.horizon, self._palette.light, 0.6), (0, 0), mask)

    def _hill(self, depth: float, *, wet: bool) -> None:
        colour = blend(self._palette.far, self._palette.near, depth)
        base = self._horizon + (0 if wet else depth * 0.27 * self._high)
        rough = self._high * (0.1 - 0.04 * depth) * (0.7 if wet else 1)
        ridge = self._ridge(base, rough, sharp=depth < 0.3)
        self._draw.polygon([*ridge, (self._wide, self._high), (0, self._high)], fill=colour)
        if not wet and 0.3 < depth < 0.9:
            shade = blend(colour, self._palette.near, 0.45)
            for _ in range(26):
                x, y = self._random.choice(ridge)
                height = self._high * self._random.uniform(0.025, 0.05) * (0.6 + depth)
                tree(Brush(self._draw, (x, y + 4), height, shade), self._palette, self._random)

    def _ridge(self, base: float, rough: float, *, sharp: bool) -> list[tuple[float, float]]:
        waves = [(self._random.uniform(1, 9), self._random.uniform(0, math.tau)) for _ in range(5)]

        def height(share: float) -> float:
            parts = (
                math.sin(share * speed * math.tau / 2 + phase) / (1 + speed * 0.4) for speed, phase in waves
            )
            total = sum(parts)
            return 1.4 * abs(total) - 0.2 if sharp else total * 0.6

        steps = 160
        return [(self._wide * at / steps, base - rough * height(at / steps)) for at in range(steps + 1)]

    def _water(self) -> None:
        palette, top = self._palette, self._horizon + self._high * 0.015
        self._draw.rectangle((0, top, self._wide, self._high), fill=palette.water)
        for _ in range(420):
            nearness = self._random.random() ** 1.6
            y = top + nearness * (self._high - top)
            near_light = self._random.random() < 0.5
            x = (
                self._random.gauss(self._light[0], self._wide * 0.05)
                if near_light
                else self._random.uniform(0, self._wide)
            )
            long = self._wide * (0.008 + 0.035 * nearness) * self._random.uniform(0.4, 1.3)
            target = palette.light if near_light else self._random.choice([palette.horizon, palette.near])
            colour = blend(palette.water, target, self._random.uniform(0.5, 0.85) if near_light else 0.22)
            self._draw.line((x - long, y, x + long, y), fill=colour, width=2 + round(4 * nearness))

    def _foreground(self) -> None:
        colour = blend(self._palette.near, (0, 0, 0), 0.35)
        sand = re.search(r"\b(beach|desert|island|mars)\b", self._prompt, re.I)
        if sand:
            colour = blend((222, 186, 134), self._palette.near, 0.6 if self._palette.night else 0.22)
        self._ground = self._ridge(self._high * 0.89, self._high * 0.03, sharp=False)
        self._draw.polygon([*self._ground, (self._wide, self._high), (0, self._high)], fill=colour)
        if not sand:
            for _ in range(500):
                x, y = self._random.choice(self._ground)
                x += self._random.uniform(-8, 8)
                y += self._random.uniform(0, self._high * 0.1)
                tip = (x + self._random.uniform(-10, 10), y - self._random.uniform(14, 34))
                shade = blend(colour, self._palette.far, self._random.uniform(0, 0.35))
                self._draw.polygon([(x - 3, y), (x + 3, y), tip], fill=shade)

    def _subjects(self) -> None:
        subjects = subjects_of(self._prompt)
        spread = {0: [], 1: [0.42], 2: [0.34, 0.76], 3: [0.5, 0.2, 0.8]}[len(subjects)]
        places = [place + self._random.uniform(-0.05, 0.05) for place in spread]
        for (figure, height, afloat), place in zip(subjects, places, strict=True):
            x, ground = self._ground[round(place * (len(self._ground) - 1))]
            y = self._horizon + 0.13 * self._high if afloat else ground + self._high * 0.02
            brush = Brush(self._draw, (x, y), height * self._high, blend(self._palette.near, (8, 6, 16), 0.5))
            figure(brush, self._palette, self._random)
        if not subjects:
            colour = blend(self._palette.near, (0, 0, 0), 0.5)
            for place in (0.08, 0.14, 0.83, 0.91, 0.97):
                x, y = self._ground[round(place * (len(self._ground) - 1))]
                height = self._high * self._random.uniform(0.2, 0.36)
                brush = Brush(self._draw, (x, y + self._high * 0.02), height, colour)
                tree(brush, self._palette, self._random)
