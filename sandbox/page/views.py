"""What one person sees, as JSON for the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from sandbox.discord import Discord, Permission, RefusedByDiscord
from sandbox.discord.interactions.interactions import Interaction
from sandbox.discord.kit.errors import Json
from sandbox.discord.limits.commands import CHAT_INPUT
from sandbox.discord.people.command_visibility import check_visible
from sandbox.discord.state.guilds import Channel, Guild
from sandbox.discord.state.messages import Message
from sandbox.discord.state.users import User
from sandbox.page.demo_servers import DemoServers, DemoUser, channels_of

RANKS = {"Administrator": "admin", "Moderator": "moderator", "Patron": "patron", "Newcomer": "newcomer"}
Version: TypeAlias = tuple[str | None, int]
SHOWN = 600
"""Messages of a channel that the page is given, counted from the newest."""


def directory(demo: DemoServers, discord: Discord) -> Json:
    """The bot, the people and the servers."""
    return {
        "bot": _user(discord.state.bot),
        "people": [_person(demo, person, discord.state.bot) for person in demo.people],
        "servers": [_server(guild) for guild in discord.state.guilds.values()],
    }


def _person(demo: DemoServers, person: DemoUser, bot: User) -> Json:
    servers: Json = {}
    for guild_id, member in person.memberships.items():
        roles = member.profile.roles
        rank = RANKS.get(roles[0].name, "") if roles else ""
        servers[str(guild_id)] = {"roles": [str(role.id) for role in roles], "rank": rank}
    return {
        **_user(person.user),
        "about": person.about,
        "servers": servers,
        "home": str(person.home.id),
        "dm": str(person.dm.id),
        "directs": [_direct(person, channel, bot) for channel in person.directs],
        "sees": [str(channel.id) for channel in demo.channels(person)],
    }


def _direct(person: DemoUser, channel: Channel, bot: User) -> Json:
    others = [one for one in channel.recipients if one is not person.user]
    return {"id": str(channel.id), "with": _user(others[0] if others else bot)}


def _user(user: User) -> Json:
    return {"id": str(user.id), "name": user.name, "bot": user.bot}


def _server(guild: Guild) -> Json:
    return {
        "id": str(guild.id),
        "name": guild.name,
        "has_bot": guild.bot is not None,
        "upload_limit": guild.upload_limit,
        "channels": [
            {
                "id": str(channel.id),
                "name": channel.name,
                "nsfw": channel.age_restricted,
                "type": channel.as_json()["type"],
                "thread": channel.parent is not None,
            }
            for channel in channels_of(guild)
        ],
        "roles": [{"id": str(role.id), "name": role.name} for role in guild.roles.values()],
        "members": [_user(member.user) for member in guild.members.values()],
    }


def commands(discord: Discord, person: DemoUser, channel: Channel) -> list[Json]:
    """Those that Discord's client would offer this person here."""
    scopes = [] if channel.guild_id is None else [channel.guild_id]
    known = [command for scope in (*scopes, None) for command in discord.commands.registered(scope)]
    context = person.member_in(channel).context(channel)
    offered = []
    for command in known:
        try:
            overwrites = discord.commands.permission_overwrites(channel.guild_id, command["name"])
            check_visible(command, context, overwrites)
        except RefusedByDiscord:
            continue
        offered.append(command)
    return offered


def visible(discord: Discord, person: DemoUser, channel: Channel) -> list[Message]:
    messages = discord.messages.by_channel.get(channel.id, {}).values()
    seen = [one for one in messages if one.only_for is None or one.only_for is person.user]
    return seen[-SHOWN:]


def version(message: Message) -> Version:
    """Changes whenever the message looks different."""
    return message.edited_at, message.flags


def newest(discord: Discord, demo: DemoServers, person: DemoUser) -> dict[str, str]:
    """The last message of each channel that this person sees."""
    seen = {channel: visible(discord, person, channel) for channel in demo.channels(person)}
    return {str(channel.id): str(messages[-1].id) for channel, messages in seen.items() if messages}


def may_delete(person: DemoUser, channel: Channel) -> bool:
    """Whether Discord's client offers them to delete what others wrote there."""
    if channel.guild is None:
        return False
    held = person.member_in(channel).profile.permissions_in(channel)
    return bool(held & Permission.MANAGE_MESSAGES)


def message(discord: Discord, one: Message, uses: dict[int, Interaction]) -> Json:
    """`uses`: the interaction of each original response, by message id."""
    body = one.as_json()
    shown = {file.filename: file.as_json() for file in one.attachments}
    placed = ("embeds", "components", "attachments")
    body |= {name: _local(body[name], shown, discord.url) for name in placed}
    body |= {"thinking": one.thinking, "ephemeral": one.ephemeral, "author": _user(one.author)}
    interaction = uses.get(one.id)
    if interaction is not None:
        typed = interaction.payload["data"]["type"] == CHAT_INPUT
        by = _user(interaction.context.user)
        body["used"] = {"name": interaction.name, "by": by, "slash": typed}
    return body


def uses(discord: Discord) -> dict[int, Interaction]:
    """Replies to commands, by the reply's id."""
    known: Iterator[Interaction] = (one for one in discord.interactions.all if one.kind == 2)
    return {one.original.id: one for one in known if one.original is not None}


def _local(value: Any, files: Json, origin: str) -> Any:
    """The same with links to attachments below the page's own origin, `attachment://` ones resolved."""
    if isinstance(value, list):
        return [_local(one, files, origin) for one in value]
    if not isinstance(value, dict):
        return value
    local = {name: _local(one, files, origin) for name, one in value.items()}
    for name in ("url", "proxy_url"):
        link = local.get(name)
        if isinstance(link, str):
            local |= _media(link, name, files, origin)
    return local


def _media(link: str, name: str, files: Json, origin: str) -> Json:
    attached = files.get(link.removeprefix("attachment://")) if link.startswith("attachment://") else None
    if attached is not None:
        about = {key: attached[key] for key in ("width", "height", "description") if key in attached}
        return {**about, name: attached["url"].removeprefix(origin)}
    return {name: link.removeprefix(origin) if link.startswith(f"{origin}/attachments/") else link}
