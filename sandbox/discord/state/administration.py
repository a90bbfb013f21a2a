"""Changes to a guild: its channels, roles and members, and the bot's joining and leaving; each dispatches its event."""

from __future__ import annotations

from sandbox.discord.kit.errors import Json, RefusedByDiscord
from sandbox.discord.state import permissions
from sandbox.discord.state.discord_state import DiscordState
from sandbox.discord.state.events import Intent
from sandbox.discord.state.guilds import Channel, Guild, GuildMember
from sandbox.discord.state.users import Role, User


def add_bot(state: DiscordState, guild: Guild, granted: int = permissions.EVERYONE) -> None:
    """With a managed role that has these permissions, as an invite creates it."""
    if guild.bot is not None:
        raise RefusedByDiscord(f"The bot is already in {guild.name}")
    role = Role(state.ids.make(), state.bot.name, int(granted), len(guild.roles), state.bot.id)
    guild.roles[role.id] = role
    guild.members[state.bot.id] = GuildMember(state.bot, guild, [role])
    guild.dispatch("GUILD_CREATE", guild.create_json(), Intent.GUILDS)


def remove_bot(guild: Guild) -> None:
    """Its role is deleted; overwrites for the bot itself stay."""
    if guild.bot is None:
        raise RefusedByDiscord(f"The bot is not in {guild.name}")
    guild.roles = {key: role for key, role in guild.roles.items() if role.bot_id != guild.bot_user.id}
    del guild.members[guild.bot_user.id]
    guild.events.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild.id, Intent.GUILDS)


def create_channel(state: DiscordState, guild: Guild, name: str, *, nsfw: bool = False) -> Channel:
    channel = Channel(state.ids.make(), name, guild, nsfw)
    state.add_channel(channel)
    guild.dispatch("CHANNEL_CREATE", channel.as_json(), Intent.GUILDS)
    return channel


def create_thread(state: DiscordState, parent: Channel, name: str) -> Channel:
    if parent.guild is None:
        raise RefusedByDiscord("A direct conversation has no threads")
    thread = Channel(state.ids.make(), name, parent.guild, parent=parent)
    state.add_channel(thread)
    parent.guild.dispatch("THREAD_CREATE", thread.as_json() | {"newly_created": True}, Intent.GUILDS)
    return thread


def delete_channel(state: DiscordState, channel: Channel) -> None:
    """Its threads are deleted with it."""
    guild = channel.guild
    if guild is None or not guild.has(channel):
        raise RefusedByDiscord(f"There is no channel {channel.name} to delete")
    container = guild.channels if channel.parent is None else guild.threads
    del container[channel.id], state.channels[channel.id]
    for thread in [one for one in guild.threads.values() if one.parent is channel]:
        del guild.threads[thread.id], state.channels[thread.id]
    event = "CHANNEL_DELETE" if channel.parent is None else "THREAD_DELETE"
    guild.dispatch(event, channel.as_json(), Intent.GUILDS)


def create_role(state: DiscordState, guild: Guild, name: str, granted: int) -> Role:
    role = Role(state.ids.make(), name, int(granted), position=len(guild.roles))
    guild.roles[role.id] = role
    guild.dispatch("GUILD_ROLE_CREATE", _role_json(guild, role), Intent.GUILDS)
    return role


def role_with_permissions(state: DiscordState, guild: Guild, granted: int) -> Role:
    """One role for all members with the same permissions: they have none but by their roles."""
    name = f"May: {permissions.names(granted) or int(granted)}"
    known = (role for role in guild.roles.values() if role.name == name and role.permissions == granted)
    return next(known, None) or create_role(state, guild, name, granted)


def edit_role(guild: Guild, role: Role, granted: int) -> None:
    role.permissions = int(granted)
    guild.dispatch("GUILD_ROLE_UPDATE", _role_json(guild, role), Intent.GUILDS)


def delete_role(guild: Guild, role: Role) -> None:
    """Members lose it, and channels their overwrites for it."""
    if role is guild.everyone or role.bot_id is not None or role.id not in guild.roles:
        raise RefusedByDiscord(f"The role {role.name} cannot be deleted")
    del guild.roles[role.id]
    for member in guild.members.values():
        member.roles = [one for one in member.roles if one is not role]
    for channel in guild.channels.values():
        channel.overwrites.pop(role.id, None)
    about: Json = {"guild_id": str(guild.id), "role_id": str(role.id)}
    guild.dispatch("GUILD_ROLE_DELETE", about, Intent.GUILDS)


def add_member(guild: Guild, member: GuildMember) -> None:
    guild.members[member.user.id] = member
    about = member.as_json() | {"guild_id": str(guild.id)}
    guild.dispatch("GUILD_MEMBER_ADD", about, Intent.GUILD_MEMBERS)


def remove_member(guild: Guild, user: User) -> None:
    if guild.members.pop(user.id, None) is None:
        raise RefusedByDiscord(f"{user.name} is not in {guild.name}")
    about: Json = {"guild_id": str(guild.id), "user": user.as_json()}
    guild.dispatch("GUILD_MEMBER_REMOVE", about, Intent.GUILD_MEMBERS)


def dispatch_member_update(member: GuildMember) -> None:
    about = member.as_json() | {"guild_id": str(member.guild.id)}
    member.guild.dispatch("GUILD_MEMBER_UPDATE", about, Intent.GUILD_MEMBERS)


def _role_json(guild: Guild, role: Role) -> Json:
    return {"guild_id": str(guild.id), "role": role.as_json()}
