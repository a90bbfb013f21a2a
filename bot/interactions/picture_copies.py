"""Pictures of a message once more, in the direct messages of whoever sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import discord

from bot.core.generation.errors import (
    CopyUnavailable,
    DeliveryFailed,
    DirectMessagesClosed,
    NoPictureThere,
)
from bot.core.generation.model import Picture
from bot.core.generation.undelivered import ALL_FETCHED_WITHIN
from bot.core.retries import DISCORD_CALL
from bot.interactions.context import private_sentences
from bot.interactions.discord_errors import (
    CALL_SECONDS,
    CUT_OFF,
    NO_MUTUAL_SERVER,
    call_may_be_repeated,
    is_final,
    reason,
)
from bot.interactions.rest_guard import TIMEOUTS
from bot.interactions.sending import REQUEST_LIMIT, SPARE, UPLOAD_LIMIT, Sending
from bot.interactions.services import Services
from bot.ui.generation.picture_menu import copy_message
from bot.ui.generation.shown_pictures import pictures_shown


async def fetch_shown(
    services: Services, links: Iterable[str], size: int, seconds: float = ALL_FETCHED_WITHIN
) -> list[Picture]:
    """What messages in Discord show, each re-encoded to at most `size` bytes.

    Raises CopyUnavailable, also where all of them take longer than `seconds`: others wait for their turn.
    """
    try:
        async with asyncio.timeout(seconds):
            # One after the other: each may be large.
            return [await services.fit(await services.fetch_shown(link), size) for link in links]
    except TimeoutError:
        raise CopyUnavailable from None


async def send_copy(
    interaction: discord.Interaction[Any],
    services: Services,
    message: discord.Message,
    link: str | None,
    seconds: float = CALL_SECONDS,
) -> None:
    """`link` leads to the message, where it can be seen; `seconds` is how long sending takes beside its upload.

    The files are uploaded anew, each as small as it has to be: whatever becomes of the message, the copy stays. Raises
    NoPictureThere, CopyUnavailable, DirectMessagesClosed, DeliveryFailed.
    """
    shown = pictures_shown(message.embeds, message.attachments)
    if not shown.pictures:
        raise NoPictureThere
    room = services.upload_budget.within(REQUEST_LIMIT - SPARE)
    size = min(room // len(shown.pictures), UPLOAD_LIMIT)
    pictures = await fetch_shown(services, (one.url for one in shown.pictures), size)
    outgoing = copy_message(message.embeds, shown, pictures, link, private_sentences(interaction))
    sending = Sending(outgoing, interaction.client)

    async def send() -> None:
        member = discord.Object(interaction.user.id)
        direct = await DISCORD_CALL(lambda: interaction.client.create_dm(member), call_may_be_repeated)
        # With a nonce: however often it is sent, it is there once.
        await direct.send(**sending.post_options(), nonce=interaction.id)

    try:
        async with asyncio.timeout(seconds + outgoing.upload_size / TIMEOUTS.slowest_uplink):
            await services.upload_budget.carry(interaction.id, sending, send())
    except discord.HTTPException as error:
        if is_final(error):
            raise DirectMessagesClosed(no_server=error.code == NO_MUTUAL_SERVER) from error
        raise DeliveryFailed(reason(error)) from error
    except CUT_OFF as error:
        raise DeliveryFailed(reason(error)) from error
