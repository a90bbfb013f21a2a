"""What an id that somebody picked on the page stands for: what they see there, and nothing that is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox.discord import Discord, RefusedByDiscord
from sandbox.discord.kit.components import (
    CHANNEL_SELECT,
    MENTIONABLE_SELECT,
    ROLE_SELECT,
    STRING_SELECT,
    USER_SELECT,
)
from sandbox.discord.kit.errors import Json
from sandbox.discord.people.option_data import CHANNEL, MENTIONABLE, ROLE, USER
from sandbox.discord.state.guilds import Channel
from sandbox.page.demo_servers import DemoServers, DemoUser

SELECT_TYPES = {
    USER: USER_SELECT,
    ROLE: ROLE_SELECT,
    MENTIONABLE: MENTIONABLE_SELECT,
    CHANNEL: CHANNEL_SELECT,
}
"""The menu that picks what an option of that type takes."""


class Selections:
    """`of(…)` says what somebody chose, where they are, in a menu or an option."""

    def __init__(self, demo: DemoServers, discord: Discord) -> None:
        self._demo, self._state = demo, discord.state

    def resolve(
        self, person: DemoUser, here: Channel, kind: int, values: Iterable[str], about: Json
    ) -> list[object]:
        """`about` is the menu or the option; raises RefusedByDiscord for what it cannot take from this person."""
        if kind == STRING_SELECT:
            return list(values)
        if kind == CHANNEL_SELECT:
            return [self._channel(person, here, int(value), about.get("channel_types")) for value in values]
        return [_found(self._shelves(here, kind), int(value)) for value in values]

    def _channel(self, person: DemoUser, here: Channel, identity: int, types: list[int] | None) -> Channel:
        channel = self._demo.channel(person, identity)
        if channel.guild is not here.guild or (types and channel.as_json()["type"] not in types):
            raise RefusedByDiscord(f"#{channel.name} cannot be chosen here")
        return channel

    def _shelves(self, here: Channel, kind: int) -> list[Mapping[int, object]]:
        """Members before users: of somebody who has left, or never came, only the id can be given."""
        users: list[Mapping[int, object]] = [self._state.users]
        if here.guild is None:
            return users
        roles: list[Mapping[int, object]] = [here.guild.roles]
        if kind == ROLE_SELECT:
            return roles
        people = [here.guild.members, *users]
        return people if kind == USER_SELECT else [*roles, *people]


def _found(shelves: list[Mapping[int, object]], identity: int) -> object:
    for shelf in shelves:
        if identity in shelf:
            return shelf[identity]
    raise RefusedByDiscord("What was chosen is not there any more")
