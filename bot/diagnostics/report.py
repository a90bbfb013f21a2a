"""What the check found out, in sentences for the operator: pure, from answers to findings."""

from __future__ import annotations

import math
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import aiohttp

from bot.core.errors import DatabaseTrouble, DatabaseUnavailable, GenerationFailed
from bot.core.generation.errors import PictureOriginNotAllowed, PicturesLost
from bot.core.generation.model import CREDITS_PER_DOLLAR, Order, Picture
from bot.core.health.image_api import Balance
from bot.core.limits.policy import DOLLARS_PER_IMAGE, Limit
from bot.diagnostics.leftover_commands import Leftover
from bot.imaging.probe import Inspection, KeyState, ModelStatus
from bot.settings.database_url import SqliteFile, parse_url

LEFT_OVERS_TOLD = 5


class Mark(StrEnum):
    """Only what does not work makes the whole check fail: what is unknown may be fine."""

    WORKS = "ok"
    FAILS = "FAIL"
    UNTOLD = "??"


@dataclass(frozen=True, slots=True)
class Finding:
    """`misconfigured`: no other start can help before a setting is changed.

    Where `host` did not answer at all, `reason` says why, without its name; `relies_on` is the subject without which
    this one can't be told.
    """

    mark: Mark
    subject: str
    sentence: str
    misconfigured: bool = False
    host: str = ""
    reason: str = ""
    relies_on: str = ""

    def __str__(self) -> str:
        return f"{self.mark:<4}  {self.subject:<13}  {self.sentence}"


TOKEN_REJECTED = Finding(
    Mark.FAILS,
    "Discord token",
    "Discord doesn't accept it; create a new one in the developer portal and set DISCORD_TOKEN",
    misconfigured=True,
)

# What to do about a database, and whether no start can help before that is done (`{place}`: its host, or its file).
_IN_URL = "in DATABASE_URL"
_DATABASE_TROUBLES = {
    DatabaseTrouble.UNREACHABLE: (f"{{reason}} (the host is {_IN_URL})", False),
    DatabaseTrouble.STARTING: ("{place} is starting or being restarted: this takes care of itself", False),
    DatabaseTrouble.BUSY: ("{place} is locked or too slow: end whatever else works on it ({said})", False),
    DatabaseTrouble.CONNECTIONS: (
        "{place} has no connection left: end other programs that use it, or raise max_connections",
        False,
    ),
    DatabaseTrouble.FULL: ("{place} has no room left: free some, or get a larger disk", False),
    DatabaseTrouble.READ_ONLY: (
        "{place} takes no writes: it is a standby, or its disk is full; "
        f"the host {_IN_URL} must be that of the primary",
        False,
    ),
    DatabaseTrouble.LOGIN: (
        f"{{place}} doesn't let the bot in: {{said}}; check the name and password {_IN_URL}",
        True,
    ),
    DatabaseTrouble.NO_DATABASE: (
        f"{{place}} has no database of that name: create it, or correct the name {_IN_URL}",
        True,
    ),
    DatabaseTrouble.NO_CONNECT: (
        f"the role {_IN_URL} may not connect to this database: GRANT CONNECT ON DATABASE to it",
        True,
    ),
    DatabaseTrouble.NO_PRIVILEGES: (
        f"the role {_IN_URL} has not got all the rights it needs: {{said}}; GRANT USAGE, CREATE ON SCHEMA to it, "
        "and make it the owner of the bot's tables",
        True,
    ),
    DatabaseTrouble.NO_SCHEMA: (
        f"no schema of the search path exists: create it, or correct search_path {_IN_URL} or of the role",
        True,
    ),
    DatabaseTrouble.TAKEN: (
        "{place} has tables that aren't the bot's ({said}): set DATABASE_URL to a database of its own",
        True,
    ),
    DatabaseTrouble.ENCRYPTION: (
        "{place} and the bot don't agree on encryption: {said}; "
        f"try sslmode=require, or sslmode=disable, {_IN_URL}",
        True,
    ),
    DatabaseTrouble.POOLER: (
        "the pooler at {place} doesn't take this: {said}; "
        f"remove that parameter, or use the direct host, {_IN_URL}",
        True,
    ),
    DatabaseTrouble.NO_FILE: (
        "can't open {place}: make sure it isn't a folder and the bot can write there, "
        "or set DATABASE_URL to another path",
        True,
    ),
    DatabaseTrouble.FILE_READ_ONLY: (
        "can't write to {place}: give the bot's user the right to write to it and to its folder, "
        "or set DATABASE_URL to another path",
        True,
    ),
    DatabaseTrouble.NOT_A_DATABASE: (
        "{place} isn't an SQLite database; set DATABASE_URL to another path",
        True,
    ),
    DatabaseTrouble.FILE_SYSTEM: (
        "{place} is on a file system that can't lock files, as those of a network are: "
        "set DATABASE_URL to a path on a local disk, or to a PostgreSQL server",
        True,
    ),
    DatabaseTrouble.OTHER: ("can't be used: {said}", False),
}

# Text, voice, announcements, the three kinds of threads, stages:
# https://docs.discord.com/developers/resources/channel#channel-object-channel-types
_TAKE_MESSAGES = {0, 2, 5, 10, 11, 12, 13}

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway
_TURNED_AWAY = {
    4011: "the bot is in more servers than one process can serve: remove it from some",
    4012: "this version of the bot is too old for Discord: update the bot",
}


def outage(status: int, host: str) -> str | None:
    """Why an answer of that status says nothing about what was asked; None where it does say something."""
    if status == 429:
        return f"{host} is limiting requests: try again in a few minutes"
    if status >= 500:
        return f"{host} is having problems (HTTP {status}): try again later"
    return None


def unreachable(error: BaseException, host: str) -> str:
    """Which of the ways not to get an answer it was."""
    return f"can't reach {host}{why_unreachable(error)}"


def why_unreachable(error: BaseException) -> str:
    """From the errors behind the error; completes "can't reach …"."""
    behind = list(_causes(error))
    if any(isinstance(one, aiohttp.ClientProxyConnectionError) for one in behind):
        return ": the proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY doesn't answer"
    for one in behind:
        if isinstance(one, aiohttp.ClientHttpProxyError):
            return f": the proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY refuses (HTTP {one.status})"
    if any(isinstance(one, socket.gaierror) for one in behind):
        return ": the name can't be resolved; check the network and the address"
    if any(isinstance(one, ssl.SSLError) for one in behind):
        return " securely: its certificate isn't accepted; check the clock and any proxy"
    if any(isinstance(one, ConnectionRefusedError) for one in behind):
        return ": nothing is listening there; check the address"
    if any(isinstance(one, TimeoutError) for one in behind):
        return ": no answer in time; check the network"
    return ": check the network"


def no_answer(mark: Mark, subject: str, error: BaseException, host: str) -> Finding:
    """What was asked of `host` about `subject` got no answer."""
    return Finding(mark, subject, unreachable(error, host), host=host, reason=why_unreachable(error))


def network_once(findings: Sequence[Finding]) -> list[Finding]:
    """The same reason not to reach anything is one finding, and what could not be told without is one more."""
    silent = [one for one in findings if one.host]
    if len(silent) < 2 or len({one.reason for one in silent}) > 1:
        return list(findings)
    subjects = {one.subject for one in silent}
    untold = [one for one in findings if one.host or one.relies_on in subjects]
    hosts = " and ".join(dict.fromkeys(one.host for one in silent))
    left = ", ".join(dict.fromkeys(one.subject for one in untold))
    return [
        Finding(Mark.FAILS, "Network", f"can't reach {hosts}{silent[0].reason}"),
        Finding(Mark.UNTOLD, "Not checked", left),
        *(one for one in findings if one not in untold),
    ]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def key_finding(state: KeyState) -> Finding:
    match state:
        case KeyState.WORKS:
            return Finding(Mark.WORKS, "Image API key", "works")
        case KeyState.REJECTED:
            return Finding(
                Mark.FAILS, "Image API key", "isn't accepted; check IMAGE_API_KEY and IMAGE_API_URL"
            )
        case KeyState.UNKNOWN:
            return Finding(Mark.UNTOLD, "Image API key", "this API doesn't say without selling an image")


def no_catalogue(url: str) -> str:
    """Every API of this kind has a list of models beside its orders."""
    return (
        f"there's no list of models at {url}/models; check IMAGE_API_URL: it mostly ends in /v1, "
        "and what the API calls /images/generations follows after it"
    )


def paid_finding(order: Order, picture: Picture | PicturesLost) -> Finding:
    """What one order came to, once it was paid for."""
    cost = "the API doesn't say what it cost"
    if order.credits is not None:
        cost = f"it cost ${order.credits / CREDITS_PER_DOLLAR:.4f}"
    if isinstance(picture, PictureOriginNotAllowed):
        wish = f"{picture}; if that host is the image API's, add it"
        return Finding(Mark.FAILS, "Order", f"{order.model} painted, but {wish} ({cost})", misconfigured=True)
    if isinstance(picture, PicturesLost):
        return Finding(
            Mark.FAILS, "Order", f"{order.model} painted, but the picture is lost: {picture} ({cost})"
        )
    size = f"{picture.media_type}, {len(picture.content) / 1024:,.0f} KiB"
    return Finding(Mark.WORKS, "Order", f"a picture by {order.model} arrived ({size}); {cost}")


def refused_finding(failure: GenerationFailed) -> Finding:
    billed = "it may have been billed" if failure.may_have_cost else "it cost nothing"
    return Finding(Mark.FAILS, "Order", f"no picture came: {failure} ({billed})")


def model_finding(inspection: Inspection) -> Finding:
    """Fails only where no image can be made: a fallback that is served does the work."""
    model, fallback = inspection.model, inspection.fallback
    behind = "there is no fallback" if fallback is None else f"the fallback {_state(fallback)}"
    sentence = f"{_state(model)}; {behind}"
    if model.served is False and fallback is not None and fallback.served:
        return Finding(Mark.WORKS, "Model", f"{sentence} and takes over")
    if model.served is False and (fallback is None or fallback.served is False):
        return Finding(Mark.FAILS, "Model", f"{sentence}; set IMAGE_MODEL to one that is available")
    return Finding(Mark.WORKS if model.served else Mark.UNTOLD, "Model", sentence)


def _state(model: ModelStatus) -> str:
    served = {True: "is available", False: "is no longer available", None: "can't be looked up here"}[
        model.served
    ]
    notice = model.deprecation
    if notice is None or not model.served:
        return f"{model.id} {served}"
    until = f" until {notice.shutdown_at[:10]}" if notice.shutdown_at else ""
    return f"{model.id} {served}{until}, but {notice.status}"


def balance_finding(inspection: Inspection) -> Finding:
    balance = inspection.balance
    if balance is None and inspection.key is KeyState.REJECTED:
        return Finding(Mark.UNTOLD, "Balance", "can't be checked without a working key")
    if balance is None:
        return Finding(Mark.UNTOLD, "Balance", "this API doesn't say")
    if balance.amount < DOLLARS_PER_IMAGE:
        return Finding(Mark.FAILS, "Balance", f"{_money(balance)}: not enough for an image; top it up")
    if balance.currency != "USD":
        return Finding(Mark.WORKS, "Balance", _money(balance))
    images = math.floor(balance.amount / DOLLARS_PER_IMAGE)
    about = f"about {images:,} {'image' if images == 1 else 'images'} at ${DOLLARS_PER_IMAGE} each"
    return Finding(Mark.WORKS, "Balance", f"{_money(balance)}, {about}")


def _money(balance: Balance) -> str:
    return (
        f"${balance.amount:,.2f}"
        if balance.currency == "USD"
        else f"{balance.amount:,.2f} {balance.currency}"
    )


def strangers_finding(names: Sequence[str]) -> Finding:
    """Names in `.env` that are no settings."""
    told = f"{', '.join(names)} in .env: unknown, ignored"
    return Finding(Mark.UNTOLD, "Settings", told)


def reach_finding(public: object, allowed: int | None, server_daily: Limit, bot_daily: Limit) -> Finding:
    """How much of what the operator pays for a stranger's server can have.

    `public` as Discord says it of the application, `allowed`: so many servers are, or all of them.
    """
    if allowed is not None:
        return Finding(Mark.WORKS, "Servers", f"only those of ALLOWED_SERVERS are served ({allowed:,})")
    if public is False:
        return Finding(Mark.WORKS, "Servers", "only you can add the bot to one")
    if server_daily is not None:
        each = f"anybody can add the bot to one, and each gets up to {server_daily:,} images a day"
        return Finding(
            Mark.WORKS, "Servers", f"{each}; to change that: SERVER_DAILY_LIMIT_CEILING, ALLOWED_SERVERS"
        )
    most = "without any limit" if bot_daily is None else "as much as BOT_DAILY_LIMIT"
    return Finding(
        Mark.UNTOLD,
        "Servers",
        f"anybody can add the bot to one, which can cost you {most}: set ALLOWED_SERVERS, or "
        "SERVER_DAILY_LIMIT_CEILING",
    )


def channel_finding(status: int, kind: object) -> Finding:
    """From Discord's answer about OPERATOR_CHANNEL_ID: its status, and the type of the channel."""
    subject = "Alert channel"
    match status:
        case 200 if kind in _TAKE_MESSAGES:
            return Finding(Mark.WORKS, subject, "the bot can see it")
        case 200:
            return Finding(
                Mark.FAILS, subject, "doesn't take messages; set OPERATOR_CHANNEL_ID to another channel"
            )
        case 403 | 404:
            sentence = "there's no such channel, or the bot can't see it; check OPERATOR_CHANNEL_ID"
            return Finding(Mark.FAILS, subject, sentence)
        case _:
            return Finding(Mark.UNTOLD, subject, f"Discord doesn't say (HTTP {status})")


def commands_finding(different: Sequence[str], *, none: bool) -> Finding:
    """From the names of those that differ at Discord from this version's."""
    subject = "Commands"
    if none:
        return Finding(Mark.UNTOLD, subject, "Discord has none yet; the next start registers them")
    if different:
        told = ", ".join(different)
        return Finding(
            Mark.UNTOLD, subject, f"not this version's at Discord: {told}; the next start registers them"
        )
    return Finding(Mark.WORKS, subject, "Discord has those of this version")


def left_overs_findings(left: Sequence[Leftover]) -> list[Finding]:
    """Nothing where no server has any."""
    if not left:
        return []
    told = "; ".join(map(str, left[:LEFT_OVERS_TOLD])) + ("; …" if len(left) > LEFT_OVERS_TOLD else "")
    sentence = (
        f"older commands in single servers don't work: {told}. Remove them: python -m bot clear-left-overs"
    )
    return [Finding(Mark.FAILS, "Left over", sentence)]


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


def turned_away(code: int) -> Finding:
    """The gateway's code for closing a connection for good."""
    what = _TURNED_AWAY.get(code, "it doesn't understand this version of the bot: update the bot")
    return Finding(Mark.FAILS, "Discord", f"closed the connection permanently ({code}); {what}")


def database_finding(error: DatabaseUnavailable, url: str) -> Finding:
    """Why the database at `url` could not be opened, and what to do about it."""
    place = parse_url(url)
    name = place.path if isinstance(place, SqliteFile) else place.hosts
    sentence, misconfigured = _DATABASE_TROUBLES[error.trouble]
    told = sentence.format(place=name, said=error, reason=unreachable(error, name))
    return Finding(Mark.FAILS, "Database", told, misconfigured)


def file_system_finding(kind: str) -> Finding:
    """Of the SQLite file's, where it is mounted over a network."""
    wish = "set DATABASE_URL to a path on a local disk, or to a PostgreSQL server"
    return Finding(
        Mark.UNTOLD, "Database", f"is on a file system of a network ({kind}), where it may be damaged: {wish}"
    )


def schema_finding(at: int, newest: int) -> Finding:
    if at > newest:
        sentence = f"is newer than this version of the bot (schema {at} of {newest}): update the bot"
        return Finding(Mark.FAILS, "Database", sentence)
    if at == newest:
        return Finding(Mark.WORKS, "Database", f"works; schema at {at} of {newest}")
    if at == 0:
        return Finding(Mark.WORKS, "Database", "works; its tables will be created at start")
    return Finding(Mark.WORKS, "Database", f"works; schema at {at} of {newest}, the rest follows at start")
