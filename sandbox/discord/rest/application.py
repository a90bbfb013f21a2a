"""The routes of the application: its user, commands and gateway."""

from __future__ import annotations

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.kit import errors
from sandbox.discord.kit.errors import Json
from sandbox.discord.rest.api import ApiRequest, ResponseBody, Route
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
        of_all = _OF_GUILD + "/permissions"
        routes.append(Route("GET", of_all, "all_command_permissions", self.all_command_permissions))
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

    def current_user(self, _request: ApiRequest) -> ResponseBody:
        return {**self._state.bot.as_json(), "verified": True, "mfa_enabled": False, "flags": 0}

    def own_guilds(self, request: ApiRequest) -> ResponseBody:
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 200))
        there = sorted(one for one, guild in self._state.guilds.items() if guild.bot and one > after)[:limit]
        return [{"id": str(one), "name": self._state.guilds[one].name, "icon": None} for one in there]

    def application(self, request: ApiRequest) -> ResponseBody:
        if "application" in request.params:
            self._scope(request)
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
            "integration_types_config": {str(one): {} for one in self._state.installed_by},
        }

    def gateway(self, _request: ApiRequest) -> ResponseBody:
        return {"url": self._gateway.url}

    def gateway_bot(self, _request: ApiRequest) -> ResponseBody:
        limit: Json = {
            "total": IDENTIFIES_A_DAY,
            "remaining": max(0, IDENTIFIES_A_DAY - self._gateway.identifies),
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        return {"url": self._gateway.url, "shards": 1, "session_start_limit": limit}

    def _scope(self, request: ApiRequest) -> int | None:
        if request.snowflake("application") != self._state.bot.id:
            raise errors.RestError(403, 20012, "You are not authorized to perform this action")
        if "guild" not in request.params:
            return None
        guild = self._state.guilds.get(request.snowflake("guild"))
        if guild is None or guild.bot is None:
            raise errors.missing_access()
        return request.snowflake("guild")

    def list_commands(self, request: ApiRequest) -> ResponseBody:
        return self._commands.registered(self._scope(request))

    def replace_commands(self, request: ApiRequest) -> ResponseBody:
        scope = self._scope(request)
        if request.body.items is None:
            raise errors.not_json()
        return self._commands.replace(request.body.items, scope)

    def create_command(self, request: ApiRequest) -> ResponseBody:
        return self._commands.create(request.body.payload, self._scope(request))

    def get_command(self, request: ApiRequest) -> ResponseBody:
        return self._commands.get(request.snowflake("command"), self._scope(request))

    def edit_command(self, request: ApiRequest) -> ResponseBody:
        return self._commands.edit(request.snowflake("command"), request.body.payload, self._scope(request))

    def delete_command(self, request: ApiRequest) -> ResponseBody:
        self._commands.delete(request.snowflake("command"), self._scope(request))
        return None

    def command_permissions(self, request: ApiRequest) -> ResponseBody:
        self._scope(request)
        return self._commands.permissions(request.snowflake("guild"), request.snowflake("command"))

    def all_command_permissions(self, request: ApiRequest) -> ResponseBody:
        self._scope(request)
        return self._commands.all_permissions(request.snowflake("guild"))
