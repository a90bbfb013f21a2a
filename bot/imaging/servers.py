"""Whose server answers at IMAGE_API_URL: that decides what the same model is called there, and what it takes."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from urllib.parse import urlsplit


class Server(StrEnum):
    """An API whose fields are known, or one of two kinds of any other."""

    AIML_API = "AI/ML API"
    XAI = "xAI"
    OPENAI = "OpenAI"
    TOGETHER = "Together"
    DEEPINFRA = "DeepInfra"
    LOCAL = "a server in the operator's own network"
    OTHER = "another server"

    @property
    def is_known(self) -> bool:
        """Whether its documentation says what it does with a prompt."""
        return self not in {Server.LOCAL, Server.OTHER}


_DOMAINS = {
    "aimlapi.com": Server.AIML_API,
    "x.ai": Server.XAI,
    "openai.com": Server.OPENAI,
    "together.xyz": Server.TOGETHER,
    "together.ai": Server.TOGETHER,
    "deepinfra.com": Server.DEEPINFRA,
}
_MAKERS = {Server.XAI: "x-ai/", Server.OPENAI: "openai/"}
# Names that no public server has: RFC 6761, 6762 and 8375, ICANN's .internal (2024), and what routers use.
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".home", ".test")


def server_of(url: str) -> Server:
    """Whose server that base URL is, by its host alone."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    for domain, server in _DOMAINS.items():
        if host == domain or host.endswith(f".{domain}"):
            return server
    return Server.LOCAL if _is_local(host) else Server.OTHER


def id_at(server: Server, model_id: str) -> str:
    """What `server` calls the model: resellers put its maker before the name, which its maker does not."""
    maker = _MAKERS.get(server)
    return model_id[len(maker) :] if maker and model_id.lower().startswith(maker) else model_id


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_ENDINGS)
