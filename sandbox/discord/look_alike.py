"""The Discord look-alike: REST API and gateway on one loopback port."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.interactions.callbacks import InteractionResponses
from sandbox.discord.interactions.interactions import Deadlines, Interactions
from sandbox.discord.kit.clock import Clock
from sandbox.discord.kit.snowflakes import Snowflakes
from sandbox.discord.people.server import Server
from sandbox.discord.rest.api import RestApi
from sandbox.discord.rest.application import ApplicationRoutes
from sandbox.discord.rest.attachments import AttachmentHost
from sandbox.discord.rest.channels import ChannelRoutes
from sandbox.discord.rest.faults import Faults
from sandbox.discord.rest.guilds import GuildRoutes
from sandbox.discord.rest.interactions import InteractionRoutes
from sandbox.discord.rest.traffic import Traffic
from sandbox.discord.state.administration import add_bot
from sandbox.discord.state.commands import Commands
from sandbox.discord.state.discord_state import DiscordState
from sandbox.discord.state.events import Intent
from sandbox.discord.state.guilds import DEFAULT_UPLOAD_LIMIT
from sandbox.discord.state.messages import Messages

LARGEST_REQUEST = 512 * 1024 * 1024


class Discord:
    """`async with Discord() as discord:`: serves until the block ends."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str = "sandbox-token",
        bot_name: str = "Imagine",
    ) -> None:
        self._host, self._port, self.token = host, port, token
        self.clock = Clock()
        ids = Snowflakes(self.clock.now)
        self.state = DiscordState(ids, bot_name)
        self.commands = Commands(ids, self.state.bot.id)
        self.gateway = Gateway(self.state, token)
        self.messages = Messages(ids)
        self.interactions = Interactions(self.state, ids, self.gateway, self.messages)
        self.faults = Faults()
        self.traffic = Traffic()
        self.reply_timeout = 30.0
        """Seconds that members wait for a reply before ReplyTimeout is raised."""
        self._runner: web.AppRunner | None = None

    @property
    def deadlines(self) -> Deadlines:
        return self.interactions.deadlines

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://{self._host}:{self._port}/"

    def server(self, name: str, *, locale: str = "en-US", upload_limit: int = DEFAULT_UPLOAD_LIMIT) -> Server:
        """Create a server with one channel, general, and add the bot to it."""
        guild = self.state.create_guild(name, locale, upload_limit)
        add_bot(self.state, guild)
        return Server(self, guild)

    def dispatch_command_permissions(self, guild_id: int, name: str) -> None:
        """Tell the bot of a command's permission overwrites; that event needs no intent."""
        command = self.commands.find(name, guild_id)
        if command is not None:
            overwrites = self.commands.permissions(guild_id, int(command["id"]))
            self.state.events.dispatch(
                "APPLICATION_COMMAND_PERMISSIONS_UPDATE", overwrites, guild_id, Intent.NONE
            )

    def advance_clock(self, seconds: float) -> None:
        """Move the clock ahead by so many seconds: for new ids, timestamps, deadlines and tokens."""
        self.clock.ahead += seconds
        for interaction in self.interactions.all:
            interaction.age(seconds)

    async def bot_ready(self, within: float = 60.0) -> None:
        """Return when the bot is connected and has registered its commands."""
        async with asyncio.timeout(within):
            await self.bot_connected(within)
            await self.commands.changes.wait_for(lambda: bool(self.commands.registered()), within)

    async def bot_connected(self, within: float = 60.0) -> None:
        await self.gateway.changes.wait_for(lambda: self.gateway.connected, within)

    async def bot_gone(self, within: float = 60.0) -> None:
        await self.gateway.changes.wait_for(lambda: not self.gateway.connected, within)

    def clear_history(self) -> None:
        """Drop messages, finished interactions and traffic, so that a long run stays small."""
        self.messages.clear_history()
        self.interactions.clear_history()
        self.traffic.clear()

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=LARGEST_REQUEST)
        application.on_response_prepare.append(self._set_date)
        rest_api = RestApi(self.token, self.faults, self.traffic, self.gateway)
        tables = (
            InteractionRoutes(self.state, InteractionResponses(self.state, self.interactions)).table(),
            ApplicationRoutes(self.state, self.commands, self.gateway).table(),
            GuildRoutes(self.state).table(),
            ChannelRoutes(self.state, self.messages).table(),
        )
        application.add_routes([rest_api.route_def(route) for table in tables for route in table])
        application.add_routes([web.get("/", rest_api.serve_gateway)])
        application.add_routes(AttachmentHost(self.messages, self.faults, self.traffic).routes())
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=2048)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.gateway.url = self.gateway_url
        self.messages.links.origin = self.url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.close(1001, "The sandbox is closing.")
        if self._runner is not None:
            await self._runner.cleanup()

    async def _set_date(self, _request: web.Request, response: web.StreamResponse) -> None:
        """By the clock of the ids."""
        response.headers["Date"] = formatdate(self.clock.now(), usegmt=True)
