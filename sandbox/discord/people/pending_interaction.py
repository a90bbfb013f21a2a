"""An interaction on its way: to be waited for as far as a test cares to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sandbox.discord.interactions.interactions import Interaction
from sandbox.discord.people.replies import Reply, Seen


class NotInTime(AssertionError):
    """What was waited for did not come; says what was seen until then."""


class Asking:
    """`asking.acknowledged()`, `asking.finished()`, `asking.until(…)`."""

    def __init__(self, interaction: Interaction, patience: float) -> None:
        self.interaction = interaction
        self._patience = patience
        self.reply = Reply(interaction)

    async def acknowledged(self, within: float | None = None) -> Reply:
        """Until the bot has answered at all, or Discord has given it up."""
        return await self.until(lambda reply: reply.state != "waiting", within, "acknowledged")

    async def finished(self, within: float | None = None) -> Reply:
        """Until the reply is there and no longer thinking."""
        return await self.until(lambda reply: reply.finished_after is not None, within, "finished")

    async def followed_up(self, within: float | None = None) -> Seen:
        """The first follow-up message."""
        reply = await self.until(lambda reply: bool(reply.followups), within, "followed up")
        return reply.followups[0]

    async def until(
        self, holds: Callable[[Reply], bool], within: float | None = None, what: str = "as expected"
    ) -> Reply:
        """Until the reply, as it is then, satisfies `holds`."""
        seconds = self._patience if within is None else within
        try:
            await self.interaction.changes.until(lambda: holds(self.reply), seconds)
        except TimeoutError:
            told = (
                f"/{self.interaction.name} was not {what} within {seconds:g} s; seen so far: {self.reply!r}"
            )
            raise NotInTime(told) from None
        return self.reply

    def expire_token(self) -> None:
        """As if the 15 minutes were over."""
        self.interaction.expire_token()

    def miss_the_deadline(self) -> None:
        """As if the 3 seconds were over without an answer."""
        self.interaction.respond_by = asyncio.get_running_loop().time()
        self.interaction.give_up()
