"""Which commands Discord's client offers a member: by context, permissions and age restriction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sandbox.discord.interactions.payloads import IN_BOT_DM, InteractionContext
from sandbox.discord.kit.errors import Json, RefusedByDiscord
from sandbox.discord.state.guilds import Channel, GuildMember
from sandbox.discord.state.permissions import Permission

FOR_SERVERS, FOR_USERS = 0, 1
ROLE, USER, CHANNEL = 1, 2, 3
PermissionOverwrites: TypeAlias = Mapping[tuple[int, int], bool]
"""Whether a role, user or channel may use a command: by the type and the id of each."""


def check_visible(
    command: Json, context: InteractionContext, overwrites: PermissionOverwrites | None = None
) -> None:
    """Raise RefusedByDiscord if the command is not offered to this member here."""
    name, contexts = command["name"], command.get("contexts")
    if contexts is not None and context.kind not in contexts:
        raise RefusedByDiscord(f"/{name} is not offered here")
    if contexts is None and context.kind == IN_BOT_DM and not command.get("dm_permission", True):
        raise RefusedByDiscord(f"/{name} is not offered in direct messages")
    installed_for = command.get("integration_types") or [FOR_SERVERS]
    of_server = context.has_bot and FOR_SERVERS in installed_for
    if not of_server and not (context.user.has_installed and FOR_USERS in installed_for):
        raise RefusedByDiscord(f"/{name} is not offered to {context.user.name} here")
    if context.member is not None:
        decided = overwrites or {} if of_server else {}
        _check_permissions(command, context.member, context.channel, decided)


def _check_permissions(
    command: Json, member: GuildMember, channel: Channel, overwrites: PermissionOverwrites
) -> None:
    name, needed = command["name"], command.get("default_member_permissions")
    held = member.permissions_in(channel)
    if not held & Permission.VIEW_CHANNEL:
        raise RefusedByDiscord(f"{member.display_name} does not see #{channel.name}")
    if not held & Permission.USE_APPLICATION_COMMANDS:
        raise RefusedByDiscord(f"{member.display_name} may not use application commands")
    # Default permissions of "0" allow nobody but administrators.
    by_default = needed is None or (int(needed) != 0 and held & int(needed) == int(needed))
    if not held & Permission.ADMINISTRATOR and not _allowed(
        member, channel, overwrites, by_default=by_default
    ):
        raise RefusedByDiscord(f"{member.display_name} lacks the permissions that /{name} asks for")
    if command.get("nsfw") and not channel.age_restricted:
        raise RefusedByDiscord(f"/{name} is only offered in age-restricted channels")


def _allowed(
    member: GuildMember, channel: Channel, overwrites: PermissionOverwrites, *, by_default: bool
) -> bool:
    """The channel has to be allowed, and the member: by their id, by a role, by @everyone, or by default."""
    guild, parent = member.guild.id, channel.parent or channel
    if not overwrites.get((CHANNEL, parent.id), overwrites.get((CHANNEL, guild - 1), True)):
        return False
    if (USER, member.user.id) in overwrites:
        return overwrites[USER, member.user.id]
    of_roles = [overwrites[ROLE, role.id] for role in member.current_roles if (ROLE, role.id) in overwrites]
    return any(of_roles) if of_roles else overwrites.get((ROLE, guild), by_default)
