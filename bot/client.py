"""The bot as Discord sees it: intents, extensions, command registration, and where errors end up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands
from discord.http import HTTPClient

from bot.core.not_done import Incomprehensible
from bot.gateway import GatewaySocket, hold
from bot.payloads import address, plain, readable, snowflake
from bot.proxies import DIRECTLY, Proxies
from bot.registration import Notes, Registration
from bot.ui import messages
from bot.ui.callers import Callers
from bot.ui.delivery import Fit
from bot.ui.discord_clock import DiscordClock
from bot.ui.drafts import Drafts
from bot.ui.forms import Forms
from bot.ui.host import UseCases
from bot.ui.presence import Presence
from bot.ui.responses import answer_privately
from bot.ui.rest import RestGuard
from bot.ui.rights import Rights
from bot.ui.routing import OTHERS_FIRST_SECONDS, RoutedTree, report, report_outdated
from bot.ui.uplink import Uplink

log = logging.getLogger(__name__)

EXTENSIONS = ("cogs.imagine", "cogs.usage", "cogs.gallery", "cogs.limits", "cogs.privacy", "cogs.report")


TAKE_NO_MESSAGE = (1, 4)  # pings and autocompletion

# What discord.py asks for where the bot has no use for it.
_USER = {"username": "", "discriminator": "0", "avatar": None}
_APPLICATION = {
    "name": "",
    "description": "",
    "icon": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "owner": {**_USER, "id": "0"},
    "verify_key": "",
}
_INTERACTION = {"type": 2, "version": 1, "attachment_size_limit": 0}


class ImagineBot(commands.Bot):
    """Holds what the cogs need (`bot.ui.host.Host`) and keeps Discord's record of the commands up to date."""

    def __init__(
        self,
        use_cases: UseCases,
        fit: Fit,
        notes: Notes,
        *,
        most_images: int,
        longest_prompt: int,
        clock: DiscordClock | None = None,
        proxies: Proxies = DIRECTLY,
        uplink: Uplink | None = None,
    ) -> None:
        rest = RestGuard(clock or DiscordClock())
        super().__init__(
            command_prefix=commands.when_mentioned,  # never used: without intents no message arrives
            help_command=None,
            intents=discord.Intents.none(),  # commands come without any
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            tree_cls=RoutedTree,
            http_trace=rest.trace,
            proxy=proxies.api,
        )
        if proxies.api != proxies.gateway:
            self.http.ws_connect = partial(_ws_connect, self.http, proxies.gateway)  # type: ignore[method-assign]
        rest.guard(self.http)
        self._rest = rest
        self.studio = use_cases.studio
        self.usage_book = use_cases.usage_book
        self.moderation = use_cases.moderation
        self.accounts = use_cases.accounts
        self.privacy = use_cases.privacy
        self.reports = use_cases.reports
        self.gallery = use_cases.gallery
        self.bulk = use_cases.bulk
        self.rights = Rights(self.tree)
        self.callers = Callers(self)
        self.presence = Presence(self)
        self.forms = Forms()
        self.drafts = Drafts()
        self.fit = fit
        self.uplink = uplink or Uplink()
        self.most_images = most_images
        self.longest_prompt = longest_prompt
        self._notes = notes
        self._unread = GatewaySocket.unread
        self._answering: set[asyncio.Task[None]] = set()
        self._registering: asyncio.Task[None] | None = None
        parsers = self._connection.parsers
        parsers["READY"] = partial(self._read_ready, parsers["READY"])
        parsers["INTERACTION_CREATE"] = partial(self._read_interaction, parsers["INTERACTION_CREATE"])

    @property
    def command_tree(self) -> app_commands.CommandTree[discord.Client]:
        return self.tree

    async def setup_hook(self) -> None:
        await self.load_commands()
        registration = Registration(
            self.http, self.application_id or 0, self._notes, command_payload(self.tree)
        )
        if not await registration.tried():
            self._registering = asyncio.create_task(registration.keep_trying(), name="registration")

    async def load_commands(self) -> None:
        for extension in EXTENSIONS:
            await self.load_extension(extension)

    async def close(self) -> None:
        if self._registering is not None:
            self._registering.cancel()
        try:
            await super().close()
        finally:
            await self._rest.close()

    async def connect(self, *, reconnect: bool = True) -> None:  # noqa: ARG002  # it always does
        """As discord.py's, but what can't be read ends nothing. Raises ConnectionClosed where it is for good."""
        await hold(self)

    async def application_info(self) -> discord.AppInfo:
        """As discord.py's, of which the bot needs the id alone."""
        data: Any = await self.http.application_info()
        try:
            return discord.AppInfo(self._connection, data)
        except Exception as error:
            if not (isinstance(data, dict) and snowflake(data.get("id"))):
                raise
            self._unread.warn("what Discord says of the application could be read in part only", error)
            least: Any = {**_APPLICATION, "id": data["id"]}
            return discord.AppInfo(self._connection, least)

    def _read_ready(self, parse: Callable[[Any], None], data: Any) -> None:
        """Without the servers, if they can't be read: the bot works in them all the same."""
        user = self.user
        try:
            parse(data)
        except Exception as error:
            if user is None:
                raise
            self._unread.warn("READY could be read in part only", error)
            parse({"user": {**_USER, "id": str(user.id), "username": user.name}, "guilds": []})

    def _read_interaction(self, parse: Callable[[Any], None], data: Any) -> None:
        """As Discord sent it, or what the bot needs of it; whoever sent one that can't be read is told so."""
        if plain(data):
            try:
                return parse(data)
            except Exception as error:  # noqa: BLE001  # of all kinds
                self._unread.warn("an interaction could not be read as it was sent", error)
        needed = readable(data, self.application_id or 0)
        if needed is not None:
            try:
                return parse(needed)
            except Exception as error:  # noqa: BLE001  # of all kinds
                self._unread.warn("an interaction could not be read at all", error)
        else:
            self._unread.warn("an interaction lacks what it takes to answer it properly")
        if (where := address(data)) and data.get("type") not in TAKE_NO_MESSAGE:
            task = asyncio.create_task(self._apologise(*where), name="apology")
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        return None

    async def _apologise(self, identity: int, token: str) -> None:
        """After a moment in which another process, of a newer version, may have answered."""
        await asyncio.sleep(OTHERS_FIRST_SECONDS)
        known = {"id": identity, "token": token, "application_id": self.application_id or 0}
        least: Any = {**_INTERACTION, **known}
        interaction: discord.Interaction = discord.Interaction(data=least, state=self._connection)
        await answer_privately(interaction, messages.not_carried_out(Incomprehensible()))

    async def on_ready(self) -> None:
        log.info("ready as %s", self.user)
        self.studio.under_way.idleness.end()  # commands of the meantime may be unfinished elsewhere

    async def on_resumed(self) -> None:
        log.info("connected again")
        self.studio.under_way.idleness.end()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Forms, and what nobody here knows: commands have the tree, and buttons the items that made them."""
        try:
            if interaction.type is discord.InteractionType.modal_submit:
                if not (await self.forms.take(interaction) or self._remembers(interaction)):
                    await report_outdated(interaction, "form")
            elif interaction.type is discord.InteractionType.component and not self._remembers(interaction):
                await report_outdated(interaction, "button")
        except Exception as error:  # noqa: BLE001 — the place where what nobody foresaw is caught
            await report(interaction, error)

    def _remembers(self, interaction: discord.Interaction) -> bool:
        """Whether discord.py gives it to a view, an item or a modal."""
        store = self._connection._view_store
        data: dict[str, Any] = {**(interaction.data or {})}
        custom_id = str(data.get("custom_id"))
        if interaction.type is discord.InteractionType.modal_submit:
            return custom_id in store._modals
        if any(template.fullmatch(custom_id) for template in store._dynamic_items):
            return True
        message = interaction.message.id if interaction.message else None
        key = int(data.get("component_type", 0)), custom_id
        return any(key in store._views.get(one, {}) for one in (message, None))


async def _ws_connect(
    http: HTTPClient, proxy: str | None, url: str, *, compress: int = 0
) -> aiohttp.ClientWebSocketResponse:
    """As discord.py's, which knows one proxy for the API and the gateway."""
    other = copy(http)
    other.proxy = proxy
    return await HTTPClient.ws_connect(other, url, compress=compress)


def command_payload(tree: app_commands.CommandTree[discord.Client]) -> list[dict[str, object]]:
    """What is registered with Discord, in a stable order."""
    known = tree.get_commands()
    menus_last = sorted(known, key=lambda one: (isinstance(one, app_commands.ContextMenu), one.name))
    return [dict(command.to_dict(tree)) for command in menus_last]
