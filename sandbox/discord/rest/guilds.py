"""The routes of guilds, members and users; a guild without the bot is unknown to it."""

from __future__ import annotations

from sandbox.discord.kit import errors
from sandbox.discord.rest.api import ApiRequest, ResponseBody, Route
from sandbox.discord.state.discord_state import DiscordState
from sandbox.discord.state.guilds import Guild

_GUILD = "/guilds/{guild}"


class GuildRoutes:
    def __init__(self, state: DiscordState) -> None:
        self._state = state

    def table(self) -> list[Route]:
        return [
            Route("GET", _GUILD, "guild", self.guild),
            Route("GET", _GUILD + "/channels", "guild_channels", self.channels),
            Route("GET", _GUILD + "/threads/active", "guild_threads", self.threads),
            Route("GET", _GUILD + "/roles", "guild_roles", self.roles),
            Route("GET", _GUILD + "/roles/{role}", "guild_role", self.role),
            Route("GET", _GUILD + "/members/{user}", "member", self.member),
            Route("GET", "/users/{user}", "user", self.user),
            Route("POST", "/users/@me/channels", "open_direct", self.open_direct),
        ]

    def guild(self, request: ApiRequest) -> ResponseBody:
        guild = self._guild(request)
        return guild.as_json() | (guild.counts_json() if request.flag("with_counts") else {})

    def channels(self, request: ApiRequest) -> ResponseBody:
        """All but threads, including those that the bot may not view."""
        return [channel.as_json() for channel in self._guild(request).channels.values()]

    def threads(self, request: ApiRequest) -> ResponseBody:
        threads = self._guild(request).threads.values()
        return {"threads": [thread.as_json() for thread in threads], "members": []}

    def roles(self, request: ApiRequest) -> ResponseBody:
        return [role.as_json() for role in self._guild(request).roles.values()]

    def role(self, request: ApiRequest) -> ResponseBody:
        role = self._guild(request).roles.get(request.snowflake("role"))
        if role is None:
            raise errors.unknown_role()
        return role.as_json()

    def member(self, request: ApiRequest) -> ResponseBody:
        guild, user_id = self._guild(request), request.snowflake("user")
        if user_id not in self._state.users:
            raise errors.unknown_user()
        if user_id not in guild.members:
            raise errors.unknown_member()
        return guild.members[user_id].as_json()

    def _guild(self, request: ApiRequest) -> Guild:
        guild = self._state.guilds.get(request.snowflake("guild"))
        if guild is None or guild.bot is None:
            raise errors.unknown_guild()
        return guild

    def user(self, request: ApiRequest) -> ResponseBody:
        user = self._state.users.get(request.snowflake("user"))
        if user is None:
            raise errors.unknown_user()
        return user.as_json()

    def open_direct(self, request: ApiRequest) -> ResponseBody:
        """Always allowed; sending a message there may not be."""
        user = self._state.users.get(int(request.body.payload.get("recipient_id") or 0))
        if user is None:
            raise errors.invalid_recipients()
        if user.bot:
            raise errors.cannot_write_to_user()
        return self._state.direct_channel(user).as_json()
