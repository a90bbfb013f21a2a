"""Pictures that are in the channels when somebody opens the page for the first time."""

from __future__ import annotations

import asyncio

from sandbox.discord import Reply, ReplyTimeout
from sandbox.page.environment import Environment

SAMPLES = (
    ("Olga", "general", "a T-Rex relaxing on a beach", 1),
    ("Olga", "gallery", "foxes in the snow", 4),
)
"""By whom, where, of what, and how many."""
PATIENCE = 30.0
"""Seconds; later ones are not waited for."""


async def paint_samples(environment: Environment) -> None:
    """Asked of the bot itself, so that each picture is one to use further. Only of an image API that costs nothing."""
    await asyncio.gather(*(_paint(environment, *sample) for sample in SAMPLES))


async def _paint(environment: Environment, name: str, place: str, prompt: str, images: int) -> Reply | None:
    server = environment.demo.tea_house
    person = next(one for one in environment.demo.people if one.user.name == name)
    channel = server.channel(place)
    pending = person.member_in(channel).begin("imagine", channel=channel, prompt=prompt, images=images)
    try:
        return await pending.finished(PATIENCE)
    except ReplyTimeout:
        return None  # somebody has switched the bot off meanwhile, or slowed the image API down
