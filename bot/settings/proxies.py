"""The proxies that lead out, from the environment: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in either case."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import (  # type: ignore[attr-defined]  # it is there, on every platform
    proxy_bypass_environment as _bypassed,
)

NAMES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_FOR = {"https": "HTTPS_PROXY", "wss": "HTTPS_PROXY", "http": "HTTP_PROXY", "ws": "HTTP_PROXY"}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_USABLE = ("http", "https")


def adopt(values: Mapping[str, str], environ: MutableMapping[str, str]) -> None:
    """What a file says counts for the libraries, too, which read the environment only, and no ALL_PROXY."""
    for name in (*NAMES, *map(str.lower, NAMES)):
        if values.get(name):
            environ.setdefault(name, values[name])
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        if not _value(environ, name) and (proxy := _value(environ, "ALL_PROXY")):
            environ[name] = proxy
    if any(_value(environ, name) for name in NAMES[:3]):
        without = ",".join(filter(None, (_value(environ, "NO_PROXY"), *LOOPBACK)))
        environ["NO_PROXY"] = environ["no_proxy"] = without


@dataclass(frozen=True, slots=True)
class Proxies:
    """For Discord's API and for its gateway; None: directly. Hidden in a repr: there may be a password in each."""

    api: str | None = field(default=None, repr=False)
    gateway: str | None = field(default=None, repr=False)


DIRECTLY = Proxies()


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """The proxy through which `url` is reached; None where none is needed, or it is of a kind that can't be used.

    This machine itself is never reached through one.
    """
    target = urlsplit(url)
    proxy = _value(environ, _FOR.get(target.scheme, "")) or _value(environ, "ALL_PROXY")
    if not proxy or not target.hostname or is_loopback(target.hostname):
        return None
    if _bypassed(target.netloc.rpartition("@")[2], {"no": _value(environ, "NO_PROXY")}):
        return None
    whole = proxy if "://" in proxy else f"http://{proxy}"
    return whole if _is_usable(whole) else None


def unusable(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The names of variables that name a proxy of a kind that can't be used, such as SOCKS."""
    given = {name: _value(environ, name) for name in NAMES[:3]}
    return tuple(
        name
        for name, proxy in given.items()
        if proxy and not _is_usable(proxy if "://" in proxy else f"http://{proxy}")
    )


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_usable(proxy: str) -> bool:
    try:
        url = urlsplit(proxy)
        return url.scheme.lower() in _USABLE and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def _value(environ: Mapping[str, str], name: str) -> str:
    """The lower case first, as curl and Python read them."""
    return (environ.get(name.lower()) or environ.get(name) or "").strip()
