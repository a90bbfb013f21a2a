"""Links to the look-alike's attachments in what is sent to a real image API, which can't reach them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

from sandbox.discord import Discord

_LINK = r'{origin}/(?:ephemeral-)?attachments/\d+/(\d+)/[^"\\]*'


def with_pictures_inside(discord: Discord) -> Callable[[bytes], bytes]:
    """Makes of a JSON body one with data URIs in the place of such links."""

    def inside(body: bytes) -> bytes:
        return re.sub(_LINK.format(origin=re.escape(discord.url)).encode(), uri, body)

    def uri(found: re.Match[bytes]) -> bytes:
        file = discord.messages.files.get(int(found[1]))
        if file is None:
            return found[0]
        return f"data:{file.content_type};base64,{base64.b64encode(file.data).decode()}".encode()

    return inside
