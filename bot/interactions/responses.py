"""The one way to answer an interaction: first answers, and the edits of what was acknowledged.

Discord takes one first answer, within 3 s, from whichever process is first. An attempt that fails is repeated; where
Discord then says that there is an answer already, it was an earlier attempt of this process. Where there is one without
that, another process was faster: AlreadyAcknowledged is raised, which `bot.interactions.error_handling` only logs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import discord
from discord import InteractionResponseType, app_commands, ui

from bot.core.errors import AlreadyAcknowledged
from bot.core.generation.errors import DeliveryFailed
from bot.core.retries import DISCORD_CALL, FIRST_ANSWER
from bot.interactions.discord_errors import (
    ALREADY_ANSWERED,
    CALL_SECONDS,
    CUT_OFF,
    UNKNOWN_INTERACTION,
    call_may_be_repeated,
    first_answer_is_unclear,
    is_final,
    reason,
)
from bot.interactions.rest_guard import TIMEOUTS
from bot.interactions.sending import Sending
from bot.ui.outgoing_message import OutgoingMessage

log = logging.getLogger(__name__)

T = TypeVar("T")

RESPOND_SECONDS = 5.0
"""Discord takes a first answer for 3 s; one that was sent by then may be carried out a little later."""


async def acknowledge(
    interaction: discord.Interaction[Any], *, ephemeral: bool = True, thinking: bool = True
) -> int | None:
    """Show "thinking…", and return the id of that message, where Discord says it.

    Without `thinking`, the message of a button stays as it is, and is what is edited later.
    Raises AlreadyAcknowledged, DeliveryFailed.
    """
    kind = (
        InteractionResponseType.deferred_channel_message
        if thinking
        else InteractionResponseType.deferred_message_update
    )
    given = await _give_first(
        interaction, kind, lambda: interaction.response.defer(ephemeral=ephemeral, thinking=thinking)
    )
    return given.message_id if given else None


async def acknowledge_in_place(interaction: discord.Interaction[Any]) -> None:
    """What comes next takes the place of the message that was used, or is a private one where there is none."""
    await acknowledge(interaction, thinking=interaction.message is None)


async def respond(interaction: discord.Interaction[Any], message: OutgoingMessage) -> bool:
    """A private message as the first answer. Raises AlreadyAcknowledged, DeliveryFailed.

    False where Discord has one, and did not say which: that of an attempt whose reply was lost, or another process's.
    """
    sending = Sending(message, interaction.client)
    given = await _give_first(
        interaction,
        InteractionResponseType.channel_message,
        lambda: interaction.response.send_message(**sending.post_options(), ephemeral=True),
    )
    return given is not None


async def open_modal(interaction: discord.Interaction[Any], modal: ui.Modal) -> None:
    """A form as the first answer, which nothing can precede. Raises AlreadyAcknowledged, DeliveryFailed."""
    await _give_first(
        interaction, InteractionResponseType.modal, lambda: interaction.response.send_modal(modal)
    )


async def suggest(interaction: discord.Interaction[Any], choices: Sequence[app_commands.Choice[str]]) -> None:
    """What may be meant by what is being typed. Raises AlreadyAcknowledged, DeliveryFailed."""
    await _give_first(
        interaction,
        InteractionResponseType.autocomplete_result,
        lambda: interaction.response.autocomplete(choices),
    )


async def edit(interaction: discord.Interaction[Any], message: OutgoingMessage) -> None:
    """Replace the acknowledgement by `message`. Raises DeliveryFailed.

    Where it is gone (dismissed, its channel deleted, its 15 minutes over), that is only logged.
    """
    sending = Sending(message, interaction.client)
    try:
        await DISCORD_CALL(
            lambda: interaction.edit_original_response(**sending.edit_options()),
            call_may_be_repeated,
            seconds=CALL_SECONDS + message.upload_size / TIMEOUTS.slowest_uplink,
        )
    except discord.HTTPException as error:
        if error.status == 400:  # a mistake of ours in what was sent
            raise
        if not is_final(error):
            raise DeliveryFailed(reason(error)) from error
        log.info("interaction %d: its answer can't be shown any more: %s", interaction.id, reason(error))
    except CUT_OFF as error:
        raise DeliveryFailed(reason(error)) from error


async def answer_privately(interaction: discord.Interaction[Any], message: OutgoingMessage) -> bool | None:
    """Say something to the member alone, as the first answer or after one. Never raises: what fails is logged.

    False where Discord has another process's answer, and None where it did not say whose it has.
    """
    try:
        if interaction.response.is_done():
            options = Sending(message, interaction.client).post_options()
            async with asyncio.timeout(RESPOND_SECONDS):
                await interaction.followup.send(**options, ephemeral=True)
        elif not await respond(interaction, message):
            return None
    except AlreadyAcknowledged as error:
        log_faster_process(interaction, error)
        return not error.certain
    except (discord.HTTPException, DeliveryFailed, *CUT_OFF) as error:
        log.warning("interaction %d: a private answer could not be given: %s", interaction.id, reason(error))
    return True


async def post(interaction: discord.Interaction[Any], message: OutgoingMessage) -> int | None:
    """A further message after the first answer, for everybody in the channel; its id; None where Discord shows it to
    the member alone, as some servers have it that have not got the bot. Raises DeliveryFailed.

    In one attempt: Discord would take a second one for another message.
    """
    sending = Sending(message, interaction.client)
    seconds = CALL_SECONDS + message.upload_size / TIMEOUTS.slowest_uplink
    try:
        async with asyncio.timeout(seconds):
            posted = await interaction.followup.send(**sending.post_options(), wait=True)
    except (discord.HTTPException, *CUT_OFF) as error:
        raise DeliveryFailed(reason(error)) from error
    finally:
        sending.let_go()
    return None if posted.flags.ephemeral else posted.id


def log_faster_process(interaction: discord.Interaction[Any], error: AlreadyAcknowledged) -> None:
    log.info("interaction %d: %s", interaction.id, error)


async def _give_first(
    interaction: discord.Interaction[Any], kind: InteractionResponseType, give: Callable[[], Awaitable[T]]
) -> T | None:
    """Give a first answer; None where Discord took it in an attempt whose reply was lost.

    `kind` is the answer's, for discord.py's record. Raises AlreadyAcknowledged, DeliveryFailed.
    """
    repeated = False

    def may_be_repeated(error: Exception) -> bool:
        nonlocal repeated
        repeated = repeated or first_answer_is_unclear(error)
        return first_answer_is_unclear(error)

    try:
        async with asyncio.timeout(RESPOND_SECONDS):
            return await FIRST_ANSWER(give, may_be_repeated)
    except discord.HTTPException as error:
        if error.code == ALREADY_ANSWERED and repeated:
            # discord.py would give a first answer again, where it did not see the first one arrive.
            interaction.response._response_type = kind
            return None
        if error.code == ALREADY_ANSWERED:
            raise AlreadyAcknowledged from error
        if error.code == UNKNOWN_INTERACTION:
            raise AlreadyAcknowledged(certain=False) from error
        if error.status == 400:  # a mistake of ours in what was sent
            raise
        raise DeliveryFailed(reason(error)) from error
    except CUT_OFF as error:
        raise DeliveryFailed(reason(error)) from error
