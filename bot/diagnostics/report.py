"""A finding of the check, and the reasons for not getting any answer: pure, in sentences for the operator."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx

# aiohttp carries the requests, and not all of its errors arrive as httpx's.
NO_ANSWER = (httpx.HTTPError, aiohttp.ClientError, OSError)

# By the first of these errors that stands behind the one that was raised.
_UNREACHABLE: Mapping[type[BaseException], str] = {
    aiohttp.ClientProxyConnectionError: "can't reach {host}: "
    "the proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY doesn't answer",
    aiohttp.ClientHttpProxyError: "can't reach {host}: "
    "the proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY refuses (HTTP {status})",
    socket.gaierror: "can't reach {host}: the name can't be resolved; check the network and the address",
    ssl.SSLError: "can't reach {host} securely: its certificate isn't accepted; check the clock and any proxy",
    ConnectionRefusedError: "can't reach {host}: nothing is listening there; check the address",
    TimeoutError: "can't reach {host}: no answer in time; check the network",
    BaseException: "can't reach {host}: check the network",
}


class Mark(StrEnum):
    """Only what does not work makes the whole check fail: what is unknown may be fine."""

    WORKS = "ok"
    FAILS = "FAIL"
    UNKNOWN = "??"


@dataclass(frozen=True, slots=True)
class Finding:
    """`misconfigured`: no other start can help before a setting is changed.

    Where `host` did not answer at all, `unreachable` is why; `relies_on` is the subject without which nothing can be
    said of this one.
    """

    mark: Mark
    subject: str
    sentence: str
    misconfigured: bool = False
    host: str = ""
    unreachable: BaseException | None = None
    relies_on: str = ""

    def __str__(self) -> str:
        return f"{self.mark:<4}  {self.subject:<13}  {self.sentence}"


def outage(status: int, host: str) -> str | None:
    """Why an answer of that status says nothing about what was asked; None where it does say something."""
    if status == 429:
        return f"{host} is limiting requests: try again in a few minutes"
    if status >= 500:
        return f"{host} is having problems (HTTP {status}): try again later"
    return None


def unreachable(error: BaseException, host: str) -> str:
    """Which of the ways not to get an answer it was."""
    behind, cause = [error], error.__cause__ or error.__context__
    while cause is not None:
        behind.append(cause)
        cause = cause.__cause__ or cause.__context__
    sentence, found = next(
        (sentence, one) for kind, sentence in _UNREACHABLE.items() for one in behind if isinstance(one, kind)
    )
    return sentence.format(host=host, status=getattr(found, "status", ""))


def no_answer(mark: Mark, subject: str, error: BaseException, host: str) -> Finding:
    """What was asked of `host` about `subject` got no answer."""
    return Finding(mark, subject, unreachable(error, host), host=host, unreachable=error)


def with_network_once(findings: Sequence[Finding]) -> list[Finding]:
    """Where one reason keeps the bot from every host, one finding says so, and one what could not be checked."""
    silent = [one for one in findings if one.host]
    hosts = " and ".join(dict.fromkeys(one.host for one in silent))
    sentences = {unreachable(one.unreachable, hosts) for one in silent if one.unreachable}
    if len(silent) < 2 or len(sentences) > 1:
        return list(findings)
    subjects = {one.subject for one in silent}
    unknown = [one for one in findings if one.host or one.relies_on in subjects]
    return [
        Finding(Mark.FAILS, "Network", sentences.pop()),
        Finding(Mark.UNKNOWN, "Not checked", ", ".join(dict.fromkeys(one.subject for one in unknown))),
        *(one for one in findings if one not in unknown),
    ]


def host_of(url: str) -> str:
    return urlsplit(url).hostname or url


def json_object(response: httpx.Response) -> Mapping[str, Any]:
    """Empty where the body is none."""
    try:
        content = json.loads(response.content)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def unknown_in_env(names: Sequence[str]) -> str:
    """Of names in `.env` that are no settings."""
    return f"{', '.join(names)} in .env: unknown, ignored"
