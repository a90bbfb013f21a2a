"""`python -m bot check`: whether what the bot depends on works, before a member finds out."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx

from bot.client.command_registration import Command, different
from bot.core.errors import DatabaseUnavailable, GenerationFailed
from bot.core.generation.errors import PicturesLost
from bot.core.generation.model import ImageSpec
from bot.core.health.image_api import PICTURES_AT
from bot.diagnostics.invite import invite_link
from bot.diagnostics.leftover_commands import MOST_LOOKED_AT, NotTold, Servers, clear_left_overs
from bot.diagnostics.report import (
    TOKEN_REJECTED,
    Finding,
    Mark,
    balance_finding,
    channel_finding,
    commands_finding,
    database_finding,
    file_system_finding,
    key_finding,
    left_overs_findings,
    model_finding,
    network_once,
    no_answer,
    no_catalogue,
    outage,
    paid_finding,
    reach_finding,
    refused_finding,
    schema_finding,
    strangers_finding,
    unreachable,
)
from bot.diagnostics.version import version
from bot.imaging.client import ImageClient
from bot.imaging.http import open_client
from bot.imaging.probe import Inspector
from bot.logs import one_line
from bot.settings.database_url import SqliteFile, parse_url
from bot.settings.settings import Settings
from bot.storage.engine.database import open_database
from bot.storage.engine.file_systems import network_file_system
from bot.storage.engine.migrate import rehearse
from bot.storage.key_value_store import SqlKeyValueStore

LONGEST_PROBE = 10.0  # seconds; they run side by side
TRIAL_PROMPT = "A small red circle on a white ground"

# aiohttp carries the requests, and not all of its errors arrive as httpx's.
NO_ANSWER = (httpx.HTTPError, aiohttp.ClientError, OSError)

Answers = Mapping[str, Any]


async def check(
    settings: Settings,
    say: Callable[[str], object] = print,
    *,
    patience: float = LONGEST_PROBE,
    strangers: Sequence[str] = (),
    commands: Sequence[Command] | None = None,
    buyer: ImageClient | None = None,
) -> int:
    """One line for each finding; `patience` in seconds. 1 where something does not work, else 0.

    `strangers` are names in `.env` that are no settings; `commands` are what a start would register; `buyer`, not
    opened yet, buys one picture where nothing speaks against it.
    """
    async with open_client(concurrency=4) as http:
        told = await asyncio.gather(
            bounded("Discord token", discord_findings(http, settings, commands), patience),
            bounded("Alert channel", channel_findings(http, settings), patience),
            bounded("Image API key", image_api_findings(http, settings), patience),
            bounded("Database", database_findings(settings.database_url), patience),
        )
    findings = network_once([finding for group in told for finding in group])
    if buyer is not None:
        bought = await order_finding(buyer, told[2])
        findings.append(bought)
        if bought.mark is Mark.WORKS and not any(it.mark is Mark.FAILS for it in told[3]):
            findings += await bounded("Pictures", arrived(settings.database_url), patience)
    if strangers:
        findings.append(strangers_finding(strangers))
    redact = settings.redact
    for finding in findings:
        say(one_line(redact(str(finding))))
    return int(any(finding.mark is Mark.FAILS for finding in findings))


async def bounded(subject: str, probe: Awaitable[list[Finding]], patience: float) -> list[Finding]:
    """Whatever happens to it, a probe ends in time and in words."""
    try:
        async with asyncio.timeout(patience):
            return await probe
    except TimeoutError:
        sentence = f"no answer within {patience:g} seconds: check the network"
    except Exception as error:  # noqa: BLE001  # an operator who asks what is wrong gets a line, not a traceback
        sentence = f"couldn't be checked ({type(error).__name__})"
    return [Finding(Mark.FAILS, subject, sentence)]


async def discord_findings(
    http: httpx.AsyncClient, settings: Settings, commands: Sequence[Command] | None
) -> list[Finding]:
    """The token, the link that it takes to know the application, and its commands."""
    host = host_of(settings.discord_api_url)
    headers = _as_bot(settings)
    try:
        user, application = await asyncio.gather(
            http.get(f"{settings.discord_api_url}/users/@me", headers=headers),
            http.get(f"{settings.discord_api_url}/oauth2/applications/@me", headers=headers),
        )
    except NO_ANSWER as error:
        return token_findings(no_answer(Mark.FAILS, "Discord token", error, host))
    findings = discord_answers(host, user, application)
    if findings[0].mark is Mark.WORKS:
        allowed = None if settings.allowed_servers is None else len(settings.allowed_servers)
        most = settings.server_daily_limit_ceiling
        public = json_object(application).get("bot_public")
        findings.append(reach_finding(public, allowed, most, settings.bot_daily_limit))
    if findings[0].mark is Mark.WORKS and commands is not None:
        findings += await command_findings(http, settings, str(json_object(application)["id"]), commands)
    return findings


async def command_findings(
    http: httpx.AsyncClient, settings: Settings, application: str, commands: Sequence[Command]
) -> list[Finding]:
    """Whether Discord has those that a start would register, and what older bots left in single servers."""
    servers = Servers(http, settings.discord_api_url, _as_bot(settings))
    asked = await asyncio.gather(
        servers.registered(application),
        servers.left_overs(application, MOST_LOOKED_AT),
        return_exceptions=True,
    )
    if any(isinstance(one, BaseException) for one in asked):
        return [Finding(Mark.UNTOLD, "Commands", "Discord doesn't say; try again later")]
    theirs, left = asked
    return [
        commands_finding(different(commands, theirs), none=not theirs),
        *left_overs_findings(left),
    ]


async def remove_left_overs(settings: Settings, say: Callable[[str], object] = print) -> int:
    """One line for each server; 1 where Discord did not let it be done, else 0."""

    def told(line: str) -> None:
        say(one_line(settings.redact(line)))

    api = settings.discord_api_url
    try:
        async with open_client(concurrency=4) as http:
            answer = await http.get(f"{api}/oauth2/applications/@me", headers=_as_bot(settings))
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                told(str(TOKEN_REJECTED))
                return 1
            servers = Servers(http, api, _as_bot(settings))
            await clear_left_overs(servers, str(json_object(answer)["id"]), told)
    except NO_ANSWER as error:
        told(unreachable(error, host_of(api)))
    except (NotTold, KeyError) as error:
        told(f"{host_of(api)} doesn't let the commands be looked at or removed ({error}): try again later")
    else:
        return 0
    return 1


async def channel_findings(http: httpx.AsyncClient, settings: Settings) -> list[Finding]:
    """Nothing where no channel is set."""
    if settings.operator_channel_id is None:
        return []
    url = f"{settings.discord_api_url}/channels/{settings.operator_channel_id}"
    try:
        answer = await http.get(url, headers=_as_bot(settings))
    except NO_ANSWER as error:
        return [no_answer(Mark.UNTOLD, "Alert channel", error, host_of(url))]
    return [channel_finding(answer.status_code, json_object(answer).get("type"))]


def _as_bot(settings: Settings) -> dict[str, str]:
    # Discord refuses requests whose User-Agent does not begin like this.
    return {
        "Authorization": f"Bot {settings.discord_token}",
        "User-Agent": f"DiscordBot (imagine, {version()})",
    }


def discord_answers(host: str, user: httpx.Response, application: httpx.Response) -> list[Finding]:
    if trouble := outage(user.status_code, host) or outage(application.status_code, host):
        return token_findings(Finding(Mark.FAILS, "Discord token", trouble))
    if httpx.codes.UNAUTHORIZED in (user.status_code, application.status_code):
        return token_findings(TOKEN_REJECTED)
    bot, app = json_object(user), json_object(application)
    if "username" not in bot or "id" not in app:
        sentence = f"{host} doesn't answer like Discord (HTTP {user.status_code}); check DISCORD_API_URL"
        return token_findings(Finding(Mark.FAILS, "Discord token", sentence))
    sentence = f"works; the bot is called {full_name(bot)} (application {app['id']})"
    return [Finding(Mark.WORKS, "Discord token", sentence), invite_finding(app)]


def token_findings(finding: Finding) -> list[Finding]:
    link = "can't be made without a working token"
    return [finding, Finding(Mark.UNTOLD, "Invite link", link, relies_on=finding.subject)]


def invite_finding(application: Answers) -> Finding:
    link = invite_link(str(application["id"]))
    if application.get("bot_require_code_grant"):
        wish = "switch off “Requires OAuth2 Code Grant” in the developer portal, or the link won't work"
        return Finding(Mark.FAILS, "Invite link", f"{link} ({wish})")
    alone = " (only you can use it: the bot isn't public)" if application.get("bot_public") is False else ""
    return Finding(Mark.WORKS, "Invite link", f"{link}{alone}")


def full_name(user: Answers) -> str:
    """Bots still have the four digits that people have lost."""
    digits = user.get("discriminator")
    return f"{user['username']}#{digits}" if digits not in (None, "0") else str(user["username"])


async def image_api_findings(http: httpx.AsyncClient, settings: Settings) -> list[Finding]:
    """Without buying anything."""
    inspector = Inspector(http, settings.image_api_url, settings.image_api_key)
    trouble, has_catalogue, inspection = await asyncio.gather(
        image_api_trouble(http, settings.image_api_url),
        inspector.has_catalogue(),
        inspector.inspect(settings.image_model, settings.image_fallback_model),
    )
    if trouble is None and has_catalogue is False:
        trouble = Finding(Mark.FAILS, "Image API key", no_catalogue(settings.image_api_url))
    if trouble:
        return [
            trouble,
            *(
                Finding(Mark.UNTOLD, subject, "unknown for now", relies_on=trouble.subject)
                for subject in ("Model", "Balance")
            ),
        ]
    return [key_finding(inspection.key), model_finding(inspection), balance_finding(inspection)]


async def image_api_trouble(http: httpx.AsyncClient, url: str) -> Finding | None:
    try:
        async with http.stream(
            "GET", f"{url}/models", params={"id": "x"}, timeout=LONGEST_PROBE / 2
        ) as answer:
            trouble = outage(answer.status_code, host_of(url))
    except NO_ANSWER as error:
        return no_answer(Mark.FAILS, "Image API key", error, host_of(url))
    return Finding(Mark.FAILS, "Image API key", trouble) if trouble else None


async def order_finding(buyer: ImageClient, before: Sequence[Finding]) -> Finding:
    """One order from its beginning to the picture; it is paid for."""
    if any(finding.mark is Mark.FAILS for finding in before):
        return Finding(Mark.UNTOLD, "Order", "nothing was bought: see above")
    try:
        async with buyer:
            order = await buyer.order(ImageSpec(TRIAL_PROMPT), f"check-{secrets.token_hex(8)}")
            try:
                return paid_finding(order, (await buyer.fetch(order))[0])
            except PicturesLost as lost:
                return paid_finding(order, lost)
    except GenerationFailed as failure:
        return refused_finding(failure)


async def database_findings(url: str) -> list[Finding]:
    try:
        async with open_database(url, migrating=False) as database:
            findings = [schema_finding(*await rehearse(database))]
    except DatabaseUnavailable as error:
        findings = [database_finding(error, url)]
    place = parse_url(url)
    if isinstance(place, SqliteFile) and (kind := network_file_system(Path(place.path))):
        findings.append(file_system_finding(kind))
    return findings


async def arrived(url: str) -> list[Finding]:
    """A picture came: the host that was not allowed, if the bot stopped buying for one, was none of the API's."""
    async with open_database(url, migrating=False) as database:
        schema, _ = await rehearse(database)
        store = SqlKeyValueStore(database)
        if not schema or not (origin := await store.get(PICTURES_AT)):
            return []
        await store.put(PICTURES_AT, "")
    return [Finding(Mark.WORKS, "Pictures", f"no longer at {origin}; restart the bot, and it buys again")]


def host_of(url: str) -> str:
    return urlsplit(url).hostname or url


def json_object(response: httpx.Response) -> Answers:
    try:
        content = json.loads(response.content)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
