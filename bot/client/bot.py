"""The bot as Discord sees it: intents, extensions, command registration, and whatever comes over the gateway."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from functools import partial
from importlib import import_module
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.http import HTTPClient

from bot.client.command_registration import Registration
from bot.client.gateway import GatewaySocket, run_gateway
from bot.client.payloads import address, is_complete, readable, whose
from bot.core.errors import BotError, InvalidInteraction
from bot.core.key_value_store import KeyValueStore
from bot.interactions.command_text import CommandTranslator
from bot.interactions.command_tree import RoutedTree
from bot.interactions.context import Callers
from bot.interactions.error_handling import OTHERS_FIRST_SECONDS, answer_error, answer_outdated
from bot.interactions.message_pictures import MessagePictures
from bot.interactions.modals import Forms
from bot.interactions.permissions import PermissionCheck
from bot.interactions.posted_pictures import PostedPicturesFinder
from bot.interactions.pressed_message import custom_ids_of
from bot.interactions.reached_messages import ReachedMessages
from bot.interactions.responses import answer_privately
from bot.interactions.rest_guard import DiscordClock, RestGuard
from bot.interactions.sending import CommandMentions, DiscordConnection
from bot.interactions.services import Services
from bot.interactions.stale_references import StaleReferences
from bot.interactions.usable_commands import UsableCommands
from bot.settings.proxies import DIRECTLY, Proxies
from bot.ui import error_messages
from bot.ui.outgoing_message import NO_MENTIONS, OutgoingMessage
from bot.ui.sentences import languages
from bot.ui.text import snowflake

log = logging.getLogger(__name__)

EXTENSIONS = (
    "cogs.imagine",
    "cogs.imagine_message",
    "cogs.edit",
    "cogs.picture",
    "cogs.picture_menu",
    "cogs.cancel",
    "cogs.usage",
    "cogs.gallery",
    "cogs.limits",
    "cogs.preferences",
    "cogs.help",
    "cogs.privacy",
    "cogs.report",
)
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
ANSWER_TO_UNREADABLE = "answer to an unreadable interaction"
IN_PREFERRED_LANGUAGE = "language of an interaction"
ANSWERING = (
    *("CommandTree-invoker", "discord-ui-", "discord.py: on_interaction"),
    ANSWER_TO_UNREADABLE,
    IN_PREFERRED_LANGUAGE,
)
"""How the names of tasks begin in which interactions are answered; discord.py 2.7.1 makes most, and hands out none."""
_INTERACTION = {"type": 2, "version": 1, "attachment_size_limit": 0}


class TolerantBot(discord.Client):
    """discord.py's client, but an event that its parsers can't read is lost alone, and never ends the connection."""

    def __init__(self, *, proxies: Proxies, **options: Any) -> None:
        super().__init__(proxy=proxies.api, **options)
        if proxies.api != proxies.gateway:
            self.http.ws_connect = partial(_ws_connect, self.http, proxies.gateway)  # type: ignore[method-assign]
        self._warnings = GatewaySocket.warnings
        self._answering: set[asyncio.Task[None]] = set()
        parsers = self._connection.parsers
        parsers["READY"] = partial(self._read_ready, parsers["READY"])
        parsers["INTERACTION_CREATE"] = partial(self._read_interaction, parsers["INTERACTION_CREATE"])

    async def finish_answering(self, seconds: float) -> None:
        """Wait until all interactions are answered, also those that come meanwhile; for so many seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while answering := {it for it in asyncio.all_tasks() if it.get_name().startswith(ANSWERING)}:
                    await asyncio.wait(answering)

    async def connect(self, *, reconnect: bool = True) -> None:  # noqa: ARG002  # it always does
        """As discord.py's, but only ConnectionClosed ends it, where Discord refuses the bot for good."""
        await run_gateway(self)

    async def application_info(self) -> discord.AppInfo:
        """As discord.py's; of data that it can't read only the id, which is all that the bot needs."""
        data: Any = await self.http.application_info()
        try:
            return discord.AppInfo(self._connection, data)
        except Exception as error:
            if not (isinstance(data, dict) and snowflake(data.get("id"))):
                raise
            self._warnings.warn("the application's data could be read in part only", error)
            least: Any = {**_APPLICATION, "id": data["id"]}
            return discord.AppInfo(self._connection, least)

    def _read_ready(self, parse: Callable[[Any], None], data: Any) -> None:
        """READY; where it can't be read, without its list of servers, which the bot does not need."""
        user = self.user
        try:
            parse(data)
        except Exception as error:
            if user is None:
                raise
            self._warnings.warn("READY could be read in part only", error)
            parse({"user": {**_USER, "id": str(user.id), "username": user.name}, "guilds": []})

    def _read_interaction(self, parse: Callable[[Any], None], data: Any) -> None:
        """An interaction as Discord sent it, or else what the bot needs of it; or else it is answered with an error."""
        if is_complete(data):
            try:
                return parse(data)
            except Exception as error:  # noqa: BLE001  # of all kinds
                self._warnings.warn("an interaction could not be read as it was sent", error)
        needed = readable(data, self.application_id or 0)
        if needed is not None:
            try:
                return parse(needed)
            except Exception as error:  # noqa: BLE001  # of all kinds
                self._warnings.warn("an interaction could not be read at all", error)
        else:
            self._warnings.warn("an interaction lacks what it takes to answer it properly")
        if (where := address(data)) and data.get("type") not in TAKE_NO_MESSAGE:
            task = asyncio.create_task(self._answer_unreadable(*where), name=ANSWER_TO_UNREADABLE)
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        return None

    async def _answer_unreadable(self, identity: int, token: str) -> None:
        """But first wait a moment, in which a process of a newer version may answer it."""
        await asyncio.sleep(OTHERS_FIRST_SECONDS)
        known = {"id": identity, "token": token, "application_id": self.application_id or 0}
        least: Any = {**_INTERACTION, **known}
        interaction: discord.Interaction = discord.Interaction(data=least, state=self._connection)
        words = error_messages.not_carried_out(InvalidInteraction())
        await answer_privately(interaction, OutgoingMessage(words))


class ExtensionFailed(Exception):
    """A mistake of the bot's own; waiting for Discord would not mend it."""


class ImagineBot(TolerantBot):
    """Loads the cogs, and keeps Discord's record of the commands up to date.

    `make_services` is called with the parts of `Services` that need the client, and has all others already.
    """

    def __init__(
        self,
        make_services: Callable[..., Services],
        store: KeyValueStore,
        connection: DiscordConnection | None = None,
        *,
        clock: DiscordClock | None = None,
        proxies: Proxies = DIRECTLY,
        locales: Sequence[str] | None = None,
    ) -> None:
        """`locales` are those that members can prefer; None: all that there is a catalogue of."""
        super().__init__(
            intents=discord.Intents.none(),  # commands come without any
            allowed_mentions=NO_MENTIONS,
            max_messages=None,
            # Without intents Discord tells of no server, so there is none to wait for before this counts as ready.
            guild_ready_timeout=0.0,
            proxies=proxies,
        )
        self.tree = RoutedTree(self)
        self._rest = RestGuard(clock or DiscordClock())
        self._rest.guard(self.http)
        self.services = make_services(
            permissions=PermissionCheck(self.tree),
            usable_commands=UsableCommands(self.tree),
            callers=Callers(self),
            message_pictures=MessagePictures(self),
            posted_pictures=PostedPicturesFinder(self),
            reached_messages=ReachedMessages(self),
            stale_references=StaleReferences(self),
        )
        self._has_languages = len(languages() if locales is None else locales) > 1
        self.forms = Forms()
        self.command_mentions = CommandMentions()
        self._store = store
        self._discord = connection or DiscordConnection()
        self._registering: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        self._discord.logged_in(self)
        await self.load_commands()
        registration = Registration(
            self.http,
            self.application_id or 0,
            self._store,
            await command_payload(self.tree),
            self.command_mentions.learn,
        )
        if not await registration.tried():
            self._registering = asyncio.create_task(registration.keep_trying(), name="registration")

    async def load_commands(self) -> None:
        """Raises ExtensionFailed."""
        for name in EXTENSIONS:
            try:
                await import_module(name).setup(self)
            except Exception as error:
                raise ExtensionFailed(name) from error

    def _read_interaction(self, parse: Callable[[Any], None], data: Any) -> None:
        """Where there are several languages, as if the member's Discord had the one that they prefer."""
        if not self._has_languages:
            super()._read_interaction(parse, data)
            return
        task = asyncio.create_task(self._read_in_preferred_language(parse, data), name=IN_PREFERRED_LANGUAGE)
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _read_in_preferred_language(self, parse: Callable[[Any], None], data: Any) -> None:
        if (member := whose(data)) is not None:
            with suppress(BotError):  # what the database keeps from being carried out says so by itself
                if language := (await self.services.preferences.of(member)).language:
                    data = {**data, "locale": language}
        super()._read_interaction(parse, data)

    async def close(self) -> None:
        self._discord.closed()
        if self._registering is not None:
            self._registering.cancel()
        try:
            await super().close()
        finally:
            await self._rest.close()

    async def on_ready(self) -> None:
        log.info("ready as %s", self.user)
        self._discord.ready()
        # Commands of the meantime may be unfinished elsewhere.
        self.services.imagine_service.in_flight.idle_polling.end()

    async def on_resumed(self) -> None:
        log.info("connected again")
        self.services.imagine_service.in_flight.idle_polling.end()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Route forms, and answer buttons of no cog. Commands have the tree; discord.py routes other buttons."""
        items = self._connection._view_store._dynamic_items
        data: Any = interaction.data or {}
        try:
            if interaction.type is discord.InteractionType.modal_submit:
                if not await self.forms.handle(interaction):
                    await answer_outdated(interaction, "form")
            elif interaction.type is discord.InteractionType.component:
                custom_id = str(data.get("custom_id"))
                if not any(template.fullmatch(custom_id) for template in items):
                    await answer_outdated(interaction, "button")
                elif custom_id not in custom_ids_of(interaction.message and interaction.message.components):
                    raise InvalidInteraction  # discord.py passes over what is not on the message
        except Exception as error:  # noqa: BLE001 — the place where what nobody foresaw is caught
            await answer_error(interaction, error)


async def _ws_connect(
    http: HTTPClient, proxy: str | None, url: str, *, compress: int = 0
) -> aiohttp.ClientWebSocketResponse:
    """As discord.py's, but through `proxy`: discord.py has a single one for the API and the gateway."""
    other = copy(http)
    other.proxy = proxy
    return await HTTPClient.ws_connect(other, url, compress=compress)


async def command_payload(tree: app_commands.CommandTree[discord.Client]) -> list[dict[str, object]]:
    """What is registered with Discord, in a stable order."""
    known = tree.get_commands()
    menus_last = sorted(known, key=lambda one: (isinstance(one, app_commands.ContextMenu), one.name))
    return [dict(await one.get_translated_payload(tree, CommandTranslator())) for one in menus_last]
