"""The routes about servers and the people in them: only a bot that is in a server is told of it."""

from __future__ import annotations

from sandbox.discord.kit import errors
from sandbox.discord.rest.api import Answer, Call, Route
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

    def guild(self, call: Call) -> Answer:
        guild = self._guild(call)
        return guild.as_json() | (guild.counts_json() if call.asks_for("with_counts") else {})

    def channels(self, call: Call) -> Answer:
        """All of them, those that the bot does not see as well; threads are asked for by themselves."""
        return [channel.as_json() for channel in self._guild(call).channels.values()]

    def threads(self, call: Call) -> Answer:
        threads = self._guild(call).threads.values()
        return {"threads": [thread.as_json() for thread in threads], "members": []}

    def roles(self, call: Call) -> Answer:
        return [role.as_json() for role in self._guild(call).roles.values()]

    def role(self, call: Call) -> Answer:
        role = self._guild(call).roles.get(call.number("role"))
        if role is None:
            raise errors.unknown_role()
        return role.as_json()

    def member(self, call: Call) -> Answer:
        guild, user_id = self._guild(call), call.number("user")
        if user_id not in self._state.users:
            raise errors.unknown_user()
        if user_id not in guild.members:
            raise errors.unknown_member()
        return guild.members[user_id].as_json()

    def _guild(self, call: Call) -> Guild:
        guild = self._state.guilds.get(call.number("guild"))
        if guild is None or guild.bot is None:
            raise errors.unknown_guild()
        return guild

    def user(self, call: Call) -> Answer:
        user = self._state.users.get(call.number("user"))
        if user is None:
            raise errors.unknown_user()
        return user.as_json()

    def open_direct(self, call: Call) -> Answer:
        """Opening is always possible; whether anything can be said there shows when it is said."""
        user = self._state.users.get(int(call.form.payload.get("recipient_id") or 0))
        if user is None:
            raise errors.invalid_recipients()
        if user.bot:
            raise errors.cannot_write_to_user()
        return self._state.direct_channel(user).as_json()
