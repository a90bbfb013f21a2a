"""Resolves ids that were chosen on the page: to what the person sees there and still exists."""

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
"""The type of select menu that offers what an option of that type takes."""


class Selections:
    """Resolves what somebody chose in a select menu or an option."""

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
        candidates = self._candidates(here, kind)
        found = [next((ids[int(value)] for ids in candidates if int(value) in ids), None) for value in values]
        if None in found:
            raise RefusedByDiscord("What was chosen is not there any more")
        return found

    def _channel(self, person: DemoUser, here: Channel, identity: int, types: list[int] | None) -> Channel:
        channel = self._demo.channel(person, identity)
        if channel.guild is not here.guild or (types and channel.as_json()["type"] not in types):
            raise RefusedByDiscord(f"#{channel.name} cannot be chosen here")
        return channel

    def _candidates(self, here: Channel, kind: int) -> list[Mapping[int, object]]:
        """By id; members before users, because of somebody who is not a member only the id can be given."""
        users: list[Mapping[int, object]] = [self._state.users]
        if here.guild is None:
            return users
        roles: list[Mapping[int, object]] = [here.guild.roles]
        if kind == ROLE_SELECT:
            return roles
        people = [here.guild.members, *users]
        return people if kind == USER_SELECT else [*roles, *people]
