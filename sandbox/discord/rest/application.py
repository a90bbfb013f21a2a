"""The routes about the application itself: who it is, its commands, where its gateway is."""

from __future__ import annotations

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.kit import errors
from sandbox.discord.kit.errors import Json
from sandbox.discord.rest.api import Answer, Call, Route
from sandbox.discord.state.commands import Commands
from sandbox.discord.state.discord_state import DiscordState

IDENTIFIES_A_DAY = 1000
_GLOBAL = "/applications/{application}/commands"
_OF_GUILD = "/applications/{application}/guilds/{guild}/commands"


class ApplicationRoutes:
    def __init__(self, state: DiscordState, commands: Commands, gateway: Gateway) -> None:
        self._state, self._commands, self._gateway = state, commands, gateway

    def table(self) -> list[Route]:
        routes = [
            Route("GET", "/users/@me", "current_user", self.current_user),
            Route("GET", "/users/@me/guilds", "own_guilds", self.own_guilds),
            Route("GET", "/oauth2/applications/@me", "application", self.application),
            Route("GET", "/applications/@me", "application", self.application),
            Route("GET", "/applications/{application}", "application", self.application),
            Route("GET", "/gateway", "gateway", self.gateway, False),
            Route("GET", "/gateway/bot", "gateway_bot", self.gateway_bot),
        ]
        of_one = _OF_GUILD + "/{command}/permissions"
        routes.append(Route("GET", of_one, "command_permissions", self.command_permissions))
        for path in (_GLOBAL, _OF_GUILD):
            one = path + "/{command}"
            routes += [
                Route("GET", path, "list_commands", self.list_commands),
                Route("PUT", path, "sync_commands", self.replace_commands),
                Route("POST", path, "create_command", self.create_command),
                Route("GET", one, "get_command", self.get_command),
                Route("PATCH", one, "edit_command", self.edit_command),
                Route("DELETE", one, "delete_command", self.delete_command),
            ]
        return routes

    def current_user(self, _call: Call) -> Answer:
        return {**self._state.bot.as_json(), "verified": True, "mfa_enabled": False, "flags": 0}

    def own_guilds(self, call: Call) -> Answer:
        after, limit = int(call.query.get("after", 0)), int(call.query.get("limit", 200))
        there = sorted(one for one, guild in self._state.guilds.items() if guild.bot and one > after)[:limit]
        return [{"id": str(one), "name": self._state.guilds[one].name, "icon": None} for one in there]

    def application(self, call: Call) -> Answer:
        if "application" in call.params:
            self._scope(call)
        bot = self._state.bot
        return {
            "id": str(bot.id),
            "name": bot.name,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "team": None,
            "owner": bot.as_json(),
            "bot": bot.as_json(),
            "summary": "",
            "approximate_guild_count": sum(guild.bot is not None for guild in self._state.guilds.values()),
            "integration_types_config": {"0": {}},
        }

    def gateway(self, _call: Call) -> Answer:
        return {"url": self._gateway.url}

    def gateway_bot(self, _call: Call) -> Answer:
        limit: Json = {
            "total": IDENTIFIES_A_DAY,
            "remaining": max(0, IDENTIFIES_A_DAY - self._gateway.identifies),
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        return {"url": self._gateway.url, "shards": 1, "session_start_limit": limit}

    def _scope(self, call: Call) -> int | None:
        if call.number("application") != self._state.bot.id:
            raise errors.RestError(403, 20012, "You are not authorized to perform this action")
        if "guild" not in call.params:
            return None
        guild = self._state.guilds.get(call.number("guild"))
        if guild is None or guild.bot is None:
            raise errors.missing_access()
        return call.number("guild")

    def list_commands(self, call: Call) -> Answer:
        return self._commands.registered(self._scope(call))

    def replace_commands(self, call: Call) -> Answer:
        scope = self._scope(call)
        if call.form.items is None:
            raise errors.not_json()
        return self._commands.replace(call.form.items, scope)

    def create_command(self, call: Call) -> Answer:
        return self._commands.create(call.form.payload, self._scope(call))

    def get_command(self, call: Call) -> Answer:
        return self._commands.get(call.number("command"), self._scope(call))

    def edit_command(self, call: Call) -> Answer:
        return self._commands.edit(call.number("command"), call.form.payload, self._scope(call))

    def delete_command(self, call: Call) -> Answer:
        self._commands.delete(call.number("command"), self._scope(call))
        return None

    def command_permissions(self, call: Call) -> Answer:
        self._scope(call)
        return self._commands.permissions(call.number("guild"), call.number("command"))
