"""An interaction as Discord sends it to the bot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from sandbox.discord.kit.errors import Json
from sandbox.discord.state.guilds import Channel, Guild, GuildMember
from sandbox.discord.state.users import User


class InteractionType(IntEnum):
    APPLICATION_COMMAND = 2
    MESSAGE_COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


@dataclass(frozen=True)
class InteractionContext:
    """Who uses the interaction where; `member` is None in a direct message."""

    user: User
    channel: Channel
    member: GuildMember | None = None

    @property
    def guild(self) -> Guild | None:
        return None if self.member is None else self.member.guild


def payload(
    context: InteractionContext,
    kind: InteractionType,
    data: Json,
    *,
    identity: int,
    token: str,
    application_id: int,
    upload_limit: int,
) -> Json:
    body: Json = {
        "id": str(identity),
        "application_id": str(application_id),
        "type": int(kind),
        "data": data,
        "token": token,
        "version": 1,
        "locale": context.user.locale,
        "channel_id": str(context.channel.id),
        "app_permissions": str(int(context.channel.effective_bot_permissions)),
        "entitlements": [],
        "attachment_size_limit": upload_limit,
    }
    if context.member is None:
        return body | {
            "channel": context.channel.as_json(),
            "user": context.user.as_json(),
            "context": 1,
            "authorizing_integration_owners": {"0": "0"},
        }
    guild = context.member.guild
    permissions = str(context.member.permissions_in(context.channel))
    return body | {
        "channel": {**context.channel.as_json(), "permissions": permissions},
        "member": {**context.member.as_json(), "permissions": permissions},
        "guild": guild.partial_json(),
        "guild_id": str(guild.id),
        "guild_locale": guild.locale,
        "context": 0,
        "authorizing_integration_owners": {"0": str(guild.id)},
    }
