"""An interaction as Discord sends it to the bot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from sandbox.discord.kit.errors import Json
from sandbox.discord.state.guilds import Channel, Guild, GuildMember
from sandbox.discord.state.users import User


class Kind(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass(frozen=True)
class Place:
    """Who acts where; `member` is None in a direct conversation."""

    user: User
    channel: Channel
    member: GuildMember | None = None

    @property
    def guild(self) -> Guild | None:
        return None if self.member is None else self.member.guild


def payload(
    place: Place, kind: Kind, data: Json, *, identity: int, token: str, application_id: int, upload_limit: int
) -> Json:
    body: Json = {
        "id": str(identity),
        "application_id": str(application_id),
        "type": int(kind),
        "data": data,
        "token": token,
        "version": 1,
        "locale": place.user.locale,
        "channel_id": str(place.channel.id),
        "app_permissions": str(int(place.channel.granted)),
        "entitlements": [],
        "attachment_size_limit": upload_limit,
    }
    return {**body, **_whereabouts(place)}


def _whereabouts(place: Place) -> Json:
    if place.member is None:
        return {
            "channel": place.channel.as_json(),
            "user": place.user.as_json(),
            "context": 1,
            "authorizing_integration_owners": {"0": "0"},
        }
    guild = place.member.guild
    permissions = str(place.member.permissions_in(place.channel))
    return {
        "channel": {**place.channel.as_json(), "permissions": permissions},
        "member": {**place.member.as_json(), "permissions": permissions},
        "guild": guild.partial_json(),
        "guild_id": str(guild.id),
        "guild_locale": guild.locale,
        "context": 0,
        "authorizing_integration_owners": {"0": str(guild.id)},
    }
