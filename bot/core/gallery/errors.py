"""What is refused about pictures that were painted before."""

from __future__ import annotations

from bot.core.errors import RequestRefused


class OnlyPrivateHere(RequestRefused):
    """Where the moderators want pictures to be private, none is shown to everybody."""

    code = "only_private_here"


class PictureNotFound(RequestRefused):
    """A picture of the gallery that Discord does not have any more, or does not let the bot read."""

    code = "picture_not_found"
