"""Who gives a command, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar


@dataclass(frozen=True, slots=True)
class InServer:
    """A channel of a server that has the bot, and the roles that the member has there.

    `parents` are what the channel is in: a thread's channel or forum, a channel's category; the nearest first.
    `known`: Discord has said all of this; otherwise the channel may have further parents, or be age-restricted.
    """

    server: int
    channel: int
    parents: tuple[int, ...] = ()
    roles: frozenset[int] = frozenset()
    age_restricted: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True)
class Direct:
    """A direct message, or a channel of a server that has not got the bot: no moderators, no roles, no policy."""

    channel: int


Place: TypeAlias = InServer | Direct
P_co = TypeVar("P_co", bound=Place, covariant=True)


@dataclass(frozen=True, slots=True)
class Caller(Generic[P_co]):
    """A member, and where they are. `locale` is theirs, `server_locale` their server's, where Discord says it."""

    member: int
    place: P_co
    locale: str | None = None
    server_locale: str | None = None


ServerCaller: TypeAlias = Caller[InServer]
"""All that there are: today's commands that paint, count or set limits are given in servers only."""
