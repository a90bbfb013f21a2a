"""What Discord's own client lets a member see: commands by place, permission and age."""

from __future__ import annotations

from sandbox.discord.errors import Json, RefusedByDiscord
from sandbox.discord.permissions import Permission
from sandbox.discord.world import Channel, GuildMember

IN_GUILD, IN_BOT_DM = 0, 1


def check_visible(command: Json, member: GuildMember | None, channel: Channel) -> None:
    """Raise RefusedByDiscord if the command is not offered to this member here."""
    name, contexts = command["name"], command.get("contexts")
    place = IN_GUILD if member is not None else IN_BOT_DM
    if contexts is not None and place not in contexts:
        raise RefusedByDiscord(f"/{name} is not offered here")
    if contexts is None and place == IN_BOT_DM and not command.get("dm_permission", True):
        raise RefusedByDiscord(f"/{name} is not offered in direct messages")
    if member is not None:
        _check_permissions(command, member, channel)


def _check_permissions(command: Json, member: GuildMember, channel: Channel) -> None:
    name, needed = command["name"], command.get("default_member_permissions")
    if not member.permissions & Permission.USE_APPLICATION_COMMANDS:
        raise RefusedByDiscord(f"{member.display_name} may not use application commands")
    if needed is not None and not _may(member, int(needed)):
        raise RefusedByDiscord(f"{member.display_name} lacks the permissions that /{name} asks for")
    if command.get("nsfw") and not channel.nsfw:
        raise RefusedByDiscord(f"/{name} is only offered in age-restricted channels")


def _may(member: GuildMember, needed: int) -> bool:
    if member.permissions & Permission.ADMINISTRATOR:
        return True
    # "0" means nobody but administrators.
    return needed != 0 and member.permissions & needed == needed
