"""The bot's account at Discord: its token, its invite link, who may add it, its commands and the channel for alerts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import quote

import httpx

from bot.client.command_registration import Command, different
from bot.core.limits.budgets import Budgets
from bot.core.limits.meters import Limit
from bot.diagnostics.leftover_commands import MOST_LOOKED_AT, Servers, UnexpectedAnswer
from bot.diagnostics.report import (
    NO_ANSWER,
    Finding,
    Mark,
    host_of,
    json_object,
    no_answer,
    outage,
    unreachable,
)
from bot.imaging.http import open_client
from bot.logs import one_line
from bot.settings.settings import Settings

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
TOKEN = "Discord token"
TOKEN_REJECTED = Finding(
    Mark.FAILS,
    TOKEN,
    "Discord doesn't accept it; create a new one in the developer portal and set DISCORD_TOKEN",
    misconfigured=True,
)
_NO_LINK = Finding(Mark.UNKNOWN, "Invite link", "can't be made without a working token", relies_on=TOKEN)
_LEFTOVERS_LISTED = 5

# The answer to a command needs none of these: it goes through the interaction. But its token expires after 15 minutes,
# and what is delivered later is a message of the bot itself, with a picture, where the member asked: a thread too.
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
SEND_MESSAGES_IN_THREADS = 1 << 38
PERMISSIONS = VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | ATTACH_FILES | SEND_MESSAGES_IN_THREADS
FOR_USERS = "1"
"""Discord's number of an installation by a user, for themselves:
https://docs.discord.com/developers/resources/application#application-object-application-integration-types
"""
SCOPES = "bot applications.commands"

# Text, voice, announcements, the three kinds of threads, stages:
# https://docs.discord.com/developers/resources/channel#channel-object-channel-types
_MESSAGE_CHANNELS = {0, 2, 5, 10, 11, 12, 13}

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway
_CLOSE_CODES = {
    4011: "the bot is in more servers than one process can serve: remove it from some",
    4012: "this version of the bot is too old for Discord: update the bot",
}


def token_trouble(token: str) -> str | None:
    """Why it can be no bot token, in a sentence without the token; None where it may be one."""
    if re.fullmatch(r"[0-9]{15,20}", token):
        return "is the application's ID, not the bot's token"
    if re.fullmatch(r"[0-9a-f]{64}", token):
        return "is the application's public key, not the bot's token"
    if token.startswith("mfa."):
        return "is the token of a person's account, which bots may not use"
    # No format is promised; for ten years it has been the id, a time and a signature, in Base64 with dots between.
    if not re.fullmatch(r"[\w-]{10,}\.[\w-]{4,}\.[\w-]{10,}", token, re.ASCII):
        return "isn't a bot's token: that has three parts, with dots between them"
    return None


async def discord_findings(
    http: httpx.AsyncClient, settings: Settings, commands: Sequence[Command] | None
) -> list[Finding]:
    """The token, and what can only be known with one: the invite link, who may add the bot, and its commands."""
    host, headers = host_of(settings.discord_api_url), _as_bot(settings)
    try:
        user, application = await asyncio.gather(
            http.get(f"{settings.discord_api_url}/users/@me", headers=headers),
            http.get(f"{settings.discord_api_url}/oauth2/applications/@me", headers=headers),
        )
    except NO_ANSWER as error:
        return [no_answer(Mark.FAILS, TOKEN, error, host), _NO_LINK]
    if trouble := outage(user.status_code, host) or outage(application.status_code, host):
        return [Finding(Mark.FAILS, TOKEN, trouble), _NO_LINK]
    if httpx.codes.UNAUTHORIZED in (user.status_code, application.status_code):
        return [TOKEN_REJECTED, _NO_LINK]
    bot, app = json_object(user), json_object(application)
    if "username" not in bot or "id" not in app:
        sentence = f"{host} doesn't answer like Discord (HTTP {user.status_code}); check DISCORD_API_URL"
        return [Finding(Mark.FAILS, TOKEN, sentence), _NO_LINK]
    # Bots still have the four digits that people have lost.
    digits = bot.get("discriminator")
    name = f"{bot['username']}#{digits}" if digits not in (None, "0") else str(bot["username"])
    findings = [
        Finding(Mark.WORKS, TOKEN, f"works; the bot is called {name} (application {app['id']})"),
        _invite_finding(app),
        servers_finding(
            app.get("bot_public"),
            None if settings.allowed_servers is None else len(settings.allowed_servers),
            settings.server_daily_limit_ceiling,
            settings.bot_daily_limit,
        ),
    ]
    if settings.operator.serves_directly:
        findings.append(
            direct_finding(
                app, settings.direct_daily_limit, settings.bot_daily_limit, settings.operator.budgets
            )
        )
    if commands is not None:
        findings += await _command_findings(http, settings, str(app["id"]), commands)
    return findings


def _as_bot(settings: Settings) -> dict[str, str]:
    # Discord refuses requests whose User-Agent does not begin like this.
    return {
        "Authorization": f"Bot {settings.discord_token}",
        "User-Agent": f"DiscordBot (imagine, {version()})",
    }


@cache
def version() -> str:
    """As `pyproject.toml` in the checkout says; `0+unknown` where somebody installed the packages without that file."""
    import tomllib  # noqa: PLC0415 — a start may need no version, and has no memory to spare

    try:
        return str(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"])
    except OSError:
        return "0+unknown"


def invite_link(application_id: str) -> str:
    return (
        f"https://discord.com/oauth2/authorize?client_id={quote(application_id, safe='')}"
        f"&scope={quote(SCOPES)}&permissions={PERMISSIONS}"
    )


def _invite_finding(application: Mapping[str, object]) -> Finding:
    link = invite_link(str(application["id"]))
    if application.get("bot_require_code_grant"):
        sentence = f"{link} (switch off “Requires OAuth2 Code Grant” in the developer portal, or the link won't work)"
        return Finding(Mark.FAILS, "Invite link", sentence)
    if application.get("bot_public") is False:
        return Finding(Mark.WORKS, "Invite link", f"{link} (only you can use it: the bot isn't public)")
    return Finding(Mark.WORKS, "Invite link", link)


def servers_finding(public: object, allowed: int | None, server_daily: Limit, bot_daily: Limit) -> Finding:
    """How much of what the operator pays for a stranger's server can have.

    `public` as Discord says it of the application, `allowed`: so many servers are, or all of them.
    """
    if allowed is not None:
        return Finding(Mark.WORKS, "Servers", f"only those of ALLOWED_SERVERS are served ({allowed:,})")
    if public is False:
        return Finding(Mark.WORKS, "Servers", "only you can add the bot to one")
    if server_daily is not None:
        sentence = (
            f"anybody can add the bot to one, and each gets up to {server_daily:,} images a day; "
            "to change that: SERVER_DAILY_LIMIT_CEILING, ALLOWED_SERVERS"
        )
        return Finding(Mark.WORKS, "Servers", sentence)
    if bot_daily is None:
        sentence = (
            "anybody can add the bot to one, which can cost you without any limit: "
            "set ALLOWED_SERVERS, or SERVER_DAILY_LIMIT_CEILING"
        )
        return Finding(Mark.UNKNOWN, "Servers", sentence)
    sentence = (
        "anybody can add the bot to one, which can cost you as much as BOT_DAILY_LIMIT: "
        "set ALLOWED_SERVERS, or SERVER_DAILY_LIMIT_CEILING"
    )
    return Finding(Mark.UNKNOWN, "Servers", sentence)


def direct_finding(
    application: Mapping[str, object], direct_daily: Limit, bot_daily: Limit, budgets: Budgets
) -> Finding:
    """How much of what the operator pays for people can have outside of servers, and whether they get there.

    `application` as Discord describes it.
    """
    subject = "Direct use"
    each = "any number of images" if direct_daily is None else f"up to {direct_daily:,} images"
    public = application.get("bot_public") is not False
    named = (
        ("BOT_DAILY_LIMIT", bot_daily),
        ("BOT_DAILY_BUDGET", budgets.daily),
        ("BOT_MONTHLY_BUDGET", budgets.monthly),
    )
    bounds = " and ".join(name for name, limit in named if limit is not None)
    if public and not bounds:
        # Accounts cost nothing: a number for each of them is no limit.
        sentence = (
            f"outside of servers anybody can have {each} a day, which can cost you without any limit: "
            "set BOT_DAILY_LIMIT, BOT_DAILY_BUDGET, or DIRECT_DAILY_LIMIT=0"
        )
        return Finding(Mark.UNKNOWN, subject, sentence)
    installed = application.get("integration_types_config")
    if isinstance(installed, Mapping) and FOR_USERS not in installed:
        sentence = (
            f"each person gets {each} a day in direct messages, but nobody can add the bot to their account: "
            "switch on “User Install” in the developer portal, Installation"
        )
        return Finding(Mark.UNKNOWN, subject, sentence)
    link = user_install_link(str(application["id"]))
    who = "anybody" if public else "each person"
    together = f", all together up to {bounds}" if bounds else ""
    sentence = f"outside of servers {who} gets {each} a day{together}; to add the bot to an account: {link}"
    return Finding(Mark.WORKS, subject, sentence)


def user_install_link(application_id: str) -> str:
    """https://docs.discord.com/developers/resources/application#install-links"""
    return (
        f"https://discord.com/oauth2/authorize?client_id={quote(application_id, safe='')}"
        f"&integration_type={FOR_USERS}&scope=applications.commands"
    )


async def _command_findings(
    http: httpx.AsyncClient, settings: Settings, application: str, commands: Sequence[Command]
) -> list[Finding]:
    """Whether Discord has those that a start would register, and what older bots left in single servers."""
    subject = "Commands"
    servers = Servers(http, settings.discord_api_url, _as_bot(settings))
    asked = await asyncio.gather(
        servers.registered(application),
        servers.leftovers(application, MOST_LOOKED_AT),
        return_exceptions=True,
    )
    if any(isinstance(one, BaseException) for one in asked):
        return [Finding(Mark.UNKNOWN, subject, "Discord doesn't say; try again later")]
    theirs, left = asked
    if not theirs:
        findings = [Finding(Mark.UNKNOWN, subject, "Discord has none yet; the next start registers them")]
    elif names := ", ".join(different(commands, theirs)):
        sentence = f"not this version's at Discord: {names}; the next start registers them"
        findings = [Finding(Mark.UNKNOWN, subject, sentence)]
    else:
        findings = [Finding(Mark.WORKS, subject, "Discord has those of this version")]
    if left:
        listed = "; ".join(map(str, left[:_LEFTOVERS_LISTED])) + (
            "; …" if len(left) > _LEFTOVERS_LISTED else ""
        )
        sentence = f"older commands in single servers don't work: {listed}. Remove them: python -m bot clear-left-overs"
        findings.append(Finding(Mark.FAILS, "Left over", sentence))
    return findings


async def clear_leftover_commands(settings: Settings, say: Callable[[str], object] = print) -> int:
    """`python -m bot clear-left-overs`: one line for each server; 1 where Discord did not let it be done, else 0."""

    def write(line: str) -> None:
        say(one_line(settings.redact(line)))

    api = settings.discord_api_url
    try:
        async with open_client(concurrency=4) as http:
            answer = await http.get(f"{api}/oauth2/applications/@me", headers=_as_bot(settings))
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                write(str(TOKEN_REJECTED))
                return 1
            servers, application = Servers(http, api, _as_bot(settings)), str(json_object(answer)["id"])
            found = await servers.leftovers(application)
            for left in found:
                await servers.clear(application, left)
                write(f"removed from {left}")
            if not found:
                write("no server has commands of an older bot")
    except NO_ANSWER as error:
        write(unreachable(error, host_of(api)))
    except (UnexpectedAnswer, KeyError) as error:
        write(f"{host_of(api)} doesn't let the commands be looked at or removed ({error}): try again later")
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
        return [no_answer(Mark.UNKNOWN, "Alert channel", error, host_of(url))]
    return [channel_finding(answer.status_code, json_object(answer).get("type"))]


def channel_finding(status: int, kind: object) -> Finding:
    """From Discord's answer about OPERATOR_CHANNEL_ID: its status, and the type of the channel."""
    subject = "Alert channel"
    match status:
        case 200 if kind in _MESSAGE_CHANNELS:
            return Finding(Mark.WORKS, subject, "the bot can see it")
        case 200:
            return Finding(
                Mark.FAILS, subject, "doesn't take messages; set OPERATOR_CHANNEL_ID to another channel"
            )
        case 403 | 404:
            sentence = "there's no such channel, or the bot can't see it; check OPERATOR_CHANNEL_ID"
            return Finding(Mark.FAILS, subject, sentence)
        case _:
            return Finding(Mark.UNKNOWN, subject, f"Discord doesn't say (HTTP {status})")


def gateway_finding(code: int) -> Finding:
    """The gateway's code for closing a connection for good."""
    what = _CLOSE_CODES.get(code, "it doesn't understand this version of the bot: update the bot")
    return Finding(Mark.FAILS, "Discord", f"closed the connection permanently ({code}); {what}")
