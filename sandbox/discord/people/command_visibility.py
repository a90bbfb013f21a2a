"""What Discord's own client lets a member see: commands by place, permission and age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sandbox.discord.kit.errors import Json, RefusedByDiscord
from sandbox.discord.state.guilds import Channel, GuildMember
from sandbox.discord.state.permissions import Permission

IN_GUILD, IN_BOT_DM = 0, 1
ROLE, USER, CHANNEL = 1, 2, 3
Decided: TypeAlias = Mapping[tuple[int, int], bool]
"""What admins decided about a command, by the type and the id of whom or what it is about."""


def check_visible(
    command: Json, member: GuildMember | None, channel: Channel, decided: Decided | None = None
) -> None:
    """Raise RefusedByDiscord if the command is not offered to this member here."""
    name, contexts = command["name"], command.get("contexts")
    place = IN_GUILD if member is not None else IN_BOT_DM
    if contexts is not None and place not in contexts:
        raise RefusedByDiscord(f"/{name} is not offered here")
    if contexts is None and place == IN_BOT_DM and not command.get("dm_permission", True):
        raise RefusedByDiscord(f"/{name} is not offered in direct messages")
    if member is not None:
        _check_permissions(command, member, channel, decided or {})


def _check_permissions(command: Json, member: GuildMember, channel: Channel, decided: Decided) -> None:
    name, needed = command["name"], command.get("default_member_permissions")
    held = member.permissions_in(channel)
    if not held & Permission.VIEW_CHANNEL:
        raise RefusedByDiscord(f"{member.display_name} does not see #{channel.name}")
    if not held & Permission.USE_APPLICATION_COMMANDS:
        raise RefusedByDiscord(f"{member.display_name} may not use application commands")
    by_default = needed is None or _may(held, int(needed))
    administrator = held & Permission.ADMINISTRATOR
    if not administrator and not _offered(member, channel, decided, by_default=by_default):
        raise RefusedByDiscord(f"{member.display_name} lacks the permissions that /{name} asks for")
    if command.get("nsfw") and not channel.age_restricted:
        raise RefusedByDiscord(f"/{name} is only offered in age-restricted channels")


def _may(held: int, needed: int) -> bool:
    if held & Permission.ADMINISTRATOR:
        return True
    # "0" means nobody but administrators.
    return needed != 0 and held & needed == needed


def _offered(member: GuildMember, channel: Channel, decided: Decided, *, by_default: bool) -> bool:
    """The channel has to be open, and the person allowed: by name, by a role, as everybody, or by default."""
    guild, place = member.guild.id, channel.parent or channel
    if not decided.get((CHANNEL, place.id), decided.get((CHANNEL, guild - 1), True)):
        return False
    if (USER, member.user.id) in decided:
        return decided[USER, member.user.id]
    of_roles = [decided[ROLE, role.id] for role in member.held if (ROLE, role.id) in decided]
    return any(of_roles) if of_roles else decided.get((ROLE, guild), by_default)
