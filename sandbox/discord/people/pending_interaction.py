"""An interaction whose answer is awaited, as far as a test cares to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sandbox.discord.interactions.interactions import Interaction
from sandbox.discord.people.replies import Reply, ShownMessage


class ReplyTimeout(AssertionError):
    """The expected reply did not come in time; its message says what was shown until then."""


class PendingInteraction:
    """Each method waits `within` seconds, or as long as the look-alike's `reply_timeout`; raises ReplyTimeout."""

    def __init__(self, interaction: Interaction, timeout: float) -> None:
        self.interaction = interaction
        self._timeout = timeout
        self.reply = Reply(interaction)

    async def acknowledged(self, within: float | None = None) -> Reply:
        """Until the bot has responded, or the interaction has timed out."""
        return await self.wait_for(lambda reply: reply.state != "waiting", within, "acknowledged")

    async def finished(self, within: float | None = None) -> Reply:
        """Until the reply is there, neither thinking nor in progress."""
        return await self.wait_for(lambda reply: reply.finished_after is not None, within, "finished")

    async def followed_up(self, within: float | None = None) -> ShownMessage:
        """The first follow-up message."""
        reply = await self.wait_for(lambda reply: bool(reply.followups), within, "followed up")
        return reply.followups[0]

    async def wait_for(
        self, predicate: Callable[[Reply], bool], within: float | None = None, what: str = "as expected"
    ) -> Reply:
        """Until the predicate is true of the reply as it then is."""
        seconds = self._timeout if within is None else within
        try:
            await self.interaction.changes.wait_for(lambda: predicate(self.reply), seconds)
        except TimeoutError:
            raise ReplyTimeout(
                f"/{self.interaction.name} was not {what} within {seconds:g} s; seen so far: {self.reply!r}"
            ) from None
        return self.reply

    def expire_token(self) -> None:
        """As if the 15 minutes were over."""
        self.interaction.expire_token()

    def miss_deadline(self) -> None:
        """As if the 3 seconds were over without a response."""
        self.interaction.response_deadline = asyncio.get_running_loop().time()
        self.interaction.time_out()
