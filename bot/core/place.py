"""Who gives a command, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """Who gives a command, and where.

    `channels` are the channel and what it is in (a thread's parent, a channel's category), the nearest first.
    `place_known`: Discord said all of it; otherwise the channel may be in others, and `age_restricted` after all.
    """

    member: int
    server: int
    channels: tuple[int, ...]
    roles: frozenset[int] = frozenset()
    age_restricted: bool = False
    place_known: bool = True

    @property
    def channel(self) -> int:
        return self.channels[0]
