"""Signed links to attachments: https://docs.discord.com/developers/reference#signed-attachment-cdn-urls"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping

LIFETIME = 24 * 60 * 60
"""Seconds for which a link is good."""
RENEWED_AFTER = 60 * 60
"""Seconds after which whoever is shown a message is given a new link."""


class AttachmentLinks:
    """Signs paths, and tells a good link from an expired or forged one; `now` in seconds since the Unix epoch."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._secret = secrets.token_bytes(32)
        self.origin = ""

    def sign(self, path: str) -> str:
        """A link to `path` that is good from now on."""
        issued = int(self._now())
        expires = issued + LIFETIME
        return (
            f"{self.origin}{path}?ex={expires:x}&is={issued:x}&hm={self._signature(path, expires, issued)}&"
        )

    def is_good(self, path: str, query: Mapping[str, str]) -> bool:
        try:
            expires, issued = int(query["ex"], 16), int(query["is"], 16)
        except (KeyError, ValueError):
            return False
        signature = self._signature(path, expires, issued)
        return self._now() < expires and hmac.compare_digest(signature, query.get("hm", ""))

    def renewed(self, link: str) -> str:
        """`link` itself while it is fresh."""
        path, _, query = link.removeprefix(self.origin).partition("?")
        issued = next(part for part in query.split("&") if part.startswith("is="))
        return link if self._now() - int(issued[3:], 16) < RENEWED_AFTER else self.sign(path)

    def _signature(self, path: str, expires: int, issued: int) -> str:
        return hmac.new(self._secret, f"{path} {expires} {issued}".encode(), hashlib.sha256).hexdigest()
