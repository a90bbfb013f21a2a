"""Who gives a command, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeGuard, TypeVar


@dataclass(frozen=True, slots=True)
class InServer:
    """A channel of a server that has the bot, and the roles that the member has there.

    `parents` are what the channel is in: a thread's channel or forum, a channel's category; the nearest first.
    `known`: Discord has said all of this; otherwise the channel may have further parents, or be age-restricted.
    `hidden`: it is not known because the bot may not view what the channel is in.
    """

    server: int
    channel: int
    parents: tuple[int, ...] = ()
    roles: frozenset[int] = frozenset()
    age_restricted: bool = False
    known: bool = True
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Direct:
    """Somewhere without moderators, roles and a policy: a direct message, or a channel of a server without the bot.

    `with_bot`: it is the member's direct message with the bot itself, as far as is known. Everywhere else only an
    interaction's token opens it: the bot can neither read nor write there. `server`: the one without the bot, where it
    is one of its channels.
    """

    channel: int
    with_bot: bool = True
    server: int | None = None


Place: TypeAlias = InServer | Direct
P_co = TypeVar("P_co", bound=Place, covariant=True)


@dataclass(frozen=True, slots=True)
class Caller(Generic[P_co]):
    """A member, and where they are. `locale` is theirs, `server_locale` their server's, where Discord says it."""

    member: int
    place: P_co
    locale: str | None = None
    server_locale: str | None = None

    @property
    def tenant(self) -> int:
        """With whom they share what is divided fairly: the id of their server; their own in a direct place, where each
        member is alone. Discord gives no id twice.
        """
        return self.place.server if isinstance(self.place, InServer) else self.member


ServerCaller: TypeAlias = Caller[InServer]
"""For what there is in servers only: limits that moderators set, reports, the moderators' log."""


def is_in_server(caller: Caller[Place]) -> TypeGuard[ServerCaller]:
    return isinstance(caller.place, InServer)
