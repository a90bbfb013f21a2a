"""The answer to one command, over Discord's interaction token."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from io import BytesIO

import aiohttp
import discord

from bot.core.errors import AlreadyClaimed, BotError, DeliveryFailed
from bot.core.generation import Painting, Picture
from bot.core.limits import Standing
from bot.ui import messages
from bot.ui.embeds import alt_text, file_names, painting_embeds

log = logging.getLogger(__name__)

Fit = Callable[[Picture, int], Awaitable[Picture]]
"""Re-encodes a picture to at most so many bytes; one that is small enough comes back as it is."""

ACKNOWLEDGE_SECONDS = 5.0
EDIT_SECONDS = 60.0
EDIT_ATTEMPTS = 3
# discord.py repeats what Discord answers with 5xx, but not a connection that was cut. RuntimeError is what aiohttp
# says of a session that was closed, as it is after Discord has refused the gateway for good.
CUT_OFF = (aiohttp.ClientError, TimeoutError, OSError, RuntimeError)
UNKNOWN_INTERACTION = 10062
TOO_LARGE = 40005


class InteractionReply:
    """Implements the studio's `Reply`; `fit` makes pictures small enough for where they go."""

    def __init__(self, interaction: discord.Interaction, fit: Fit) -> None:
        self._interaction = interaction
        self._fit = fit

    async def refuse(self, refusal: BotError) -> None:
        await answer_privately(self._interaction, messages.refusal(refusal))

    async def acknowledge(self) -> None:
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                await self._interaction.response.defer(thinking=True)
        except discord.HTTPException as error:
            if error.code == UNKNOWN_INTERACTION:
                raise AlreadyClaimed from error
            # 40060 included: the ledger gave this interaction to this process alone, so it was our own first try that
            # Discord carried out and answered with an error.
            raise DeliveryFailed from error
        except CUT_OFF as error:
            raise DeliveryFailed from error

    async def deliver(self, prompt: str, painting: Painting, standings: Sequence[Standing]) -> int:
        limit = self._interaction.filesize_limit
        try:
            return await self._show(prompt, painting, standings, limit)
        except discord.HTTPException as error:
            if error.status != 413 and error.code != TOO_LARGE:
                raise DeliveryFailed from error
            return await self._show_smaller(prompt, painting, standings, limit // 2)
        except CUT_OFF as error:
            raise DeliveryFailed from error

    async def apologise(self, failure: BotError, *, returned: bool) -> int | None:
        try:
            return await self._edit(messages.apology(failure, returned=returned), [], [])
        except (discord.HTTPException, *CUT_OFF) as error:
            log.warning(
                "interaction %d: the apology could not be shown: %s", self._interaction.id, _reason(error)
            )
            return None

    async def _show_smaller(
        self, prompt: str, painting: Painting, standings: Sequence[Standing], limit: int
    ) -> int:
        """Discord's word on what is too large counts more than the number that it sent along."""
        try:
            return await self._show(prompt, painting, standings, limit)
        except (discord.HTTPException, *CUT_OFF) as error:
            raise DeliveryFailed from error

    async def _show(self, prompt: str, painting: Painting, standings: Sequence[Standing], limit: int) -> int:
        pictures = tuple([await self._fit(picture, limit) for picture in painting.pictures])
        fitting = Painting(pictures, painting.model, painting.missing)
        names = file_names(fitting)
        link = f"https://discord.com/channels/{self._interaction.guild_id}/{self._interaction.channel_id}"
        shown = painting_embeds(prompt, fitting, names, standings, link)
        alts = [alt_text(picture.revised_prompt, prompt) for picture in pictures]
        return await self._edit(None, shown, list(zip(names, alts, pictures, strict=True)))

    async def _edit(
        self, content: str | None, shown: list[discord.Embed], files: list[tuple[str, str, Picture]]
    ) -> int:
        """The id of the message."""
        # An edit has the same effect once or twice, so one whose answer was lost can be sent again.
        attempt = 1
        while True:
            attachments = [
                discord.File(BytesIO(picture.content), name, description=alt) for name, alt, picture in files
            ]
            try:
                async with asyncio.timeout(EDIT_SECONDS):
                    message = await self._interaction.edit_original_response(
                        content=content, embeds=shown, attachments=attachments
                    )
                return message.id
            except CUT_OFF:
                if attempt == EDIT_ATTEMPTS:
                    raise
                await asyncio.sleep(0.5 * attempt)
                attempt += 1


async def answer_privately(
    interaction: discord.Interaction, content: str | None = None, *, embed: discord.Embed | None = None
) -> None:
    """Say something to the member alone, as the first answer or after one; what Discord refuses is logged."""
    embeds = [embed] if embed else []
    try:
        async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
            if interaction.response.is_done():
                await interaction.followup.send(content or "", embeds=embeds, ephemeral=True)
            else:
                await interaction.response.send_message(content, embeds=embeds, ephemeral=True)
    except (discord.HTTPException, *CUT_OFF) as error:
        log.warning("interaction %d: a private answer could not be given: %s", interaction.id, _reason(error))


def _reason(error: Exception) -> str:
    # Not the text of a connection error: it may hold the URL, and with it the interaction's token.
    return str(error) if isinstance(error, discord.HTTPException) else type(error).__name__
