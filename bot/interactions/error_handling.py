"""Every failure gets words for the person and a line in the log, wherever discord.py would leave it at a log line."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Generic, Self, TypeVar

import discord
from discord import app_commands, ui

from bot.core.errors import (
    AlreadyAcknowledged,
    BotError,
    DatabaseBusy,
    OutdatedInteraction,
    Piece,
    UnforeseenFailure,
)
from bot.core.generation.earlier_prompts import is_reference
from bot.core.generation.errors import DeliveryFailed
from bot.interactions import responses
from bot.interactions.context import private_sentences
from bot.interactions.responses import answer_privately, log_faster_process
from bot.ui import error_messages
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.text import clean, cut

log = logging.getLogger(__name__)

CHOICE_LENGTH = 100
SUGGEST_SECONDS = 2.0
"""Of the 3 s that Discord gives for suggestions."""
OTHERS_FIRST_SECONDS = 1.0
"""Of the 3 s that Discord gives: in a deploy, a process of the other version may know what this one doesn't."""
ItemT = TypeVar("ItemT", bound=ui.Item[Any])

Suggestions = list[app_commands.Choice[str]]
Suggest = Callable[[discord.Interaction, str], Coroutine[Any, Any, Suggestions]]


def log_error(interaction: discord.Interaction, error: Exception) -> BotError:
    """Log it, and return what the person can be told of: of an error that nobody foresaw, its reference in the log."""
    fields = {"server": interaction.guild_id, "member": interaction.user.id}
    if isinstance(error, BotError):
        level, outcome = (logging.WARNING, "failed") if error.is_fault else (logging.INFO, "refused")
        log.log(level, "interaction %d %s: %s", interaction.id, outcome, error, extra=fields)
        return error
    reference = secrets.token_hex(4)
    log.error(
        "unforeseen failure %s in interaction %d", reference, interaction.id, exc_info=error, extra=fields
    )
    return UnforeseenFailure(reference)


async def answer_error(interaction: discord.Interaction, error: Exception) -> None:
    """Tell the person alone, and the log; where another process has answered them, the log alone."""
    if isinstance(error, AlreadyAcknowledged):
        log_faster_process(interaction, error)
        return
    failure, say = log_error(interaction, error), private_sentences(interaction)
    if interaction.type is not discord.InteractionType.autocomplete:
        prompt = _typed_prompt(interaction)
        in_words = error_messages.refusal if prompt else error_messages.not_carried_out
        words = error_messages.with_prompt(in_words(failure, say), prompt)
        await answer_privately(interaction, OutgoingMessage(words))
        return
    words = error_messages.not_carried_out(failure, say)
    # An autocompletion takes no other answer than suggestions.
    try:
        await responses.suggest(interaction, [app_commands.Choice(name=cut(words, CHOICE_LENGTH), value="?")])
    except (discord.HTTPException, AlreadyAcknowledged, DeliveryFailed) as refused:
        log.info("interaction %d: no suggestion could be given: %s", interaction.id, refused)


def _typed_prompt(interaction: discord.Interaction) -> str:
    """Of a command that paints, which has not been read yet: in the client it is gone by now; empty for any other."""
    data: Any = interaction.data
    options = data.get("options") if isinstance(data, Mapping) else None  # of any shape, as it came
    given = (one for one in (options if isinstance(options, list) else ()) if isinstance(one, Mapping))
    typed = (one.get("value") for one in given if one.get("name") == "prompt")
    prompt = next((clean(value) for value in typed if isinstance(value, str)), "")
    return "" if is_reference(prompt) else prompt


async def answer_outdated(interaction: discord.Interaction, what: Piece) -> None:
    """Tell the person that `what` is of another version of the bot, unless a process of that version answers."""
    await asyncio.sleep(OTHERS_FIRST_SECONDS)
    if not interaction.response.is_done():
        await answer_error(interaction, OutdatedInteraction(what))


class RoutedItem(ui.DynamicItem[ItemT], Generic[ItemT], template=r"(?!)"):
    """A button or a menu that remembers nothing: what it is about stands in its custom id.

    A kind of it gives its own template, reads the match in `read`, and does its work in `used`; each failure of
    either is routed.
    """

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        """From the custom id, which anybody can have forged: raises ValueError for one that means nothing."""
        raise NotImplementedError

    async def used(self, interaction: discord.Interaction) -> None:
        raise NotImplementedError

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        try:
            return cls.read(match)
        except ValueError:
            await answer_outdated(interaction, "button")
            raise
        except Exception as error:
            await answer_error(interaction, error)
            raise

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await self.used(interaction)
        except Exception as error:  # noqa: BLE001 — the place where what nobody foresaw is caught
            await answer_error(interaction, error)


def routed_autocomplete(suggest: Suggest) -> Suggest:
    """Where suggestions fail, the only one is what happened; choosing it leaves what was typed.

    They are sent from here: what discord.py sends by itself it logs with a traceback wherever Discord does not take it,
    and Discord takes them from one process only.

    Of what a member types, only the latest is looked up: each letter asks anew, and may ask for much. For what came
    before nothing is suggested. Of `typed`, so much is read that it can be seen to be longer than CHOICE_LENGTH.
    """
    latest: dict[int, asyncio.Task[Suggestions]] = {}

    async def look_up(interaction: discord.Interaction, typed: str) -> Suggestions:
        try:
            async with asyncio.timeout(SUGGEST_SECONDS):
                return await suggest(interaction, typed)
        except TimeoutError:
            raise DatabaseBusy from None

    async def routed(interaction: discord.Interaction, typed: str) -> Suggestions:
        # Discord checks nothing that is still being typed.
        typed, member = clean(str(typed))[: CHOICE_LENGTH + 1], interaction.user.id
        if before := latest.get(member):
            before.cancel()
        looking = latest[member] = asyncio.create_task(look_up(interaction, typed), name="suggestions")
        try:
            await asyncio.wait({looking})
            choices = [] if looking.cancelled() else looking.result()
        except Exception as error:  # noqa: BLE001 — the place where what nobody foresaw is caught
            words = cut(
                error_messages.not_carried_out(log_error(interaction, error), private_sentences(interaction)),
                CHOICE_LENGTH,
            )
            choices = [app_commands.Choice(name=words, value=cut(typed, CHOICE_LENGTH) or "?")]
        finally:
            if latest.get(member) is looking:
                del latest[member]
        try:
            await responses.suggest(interaction, choices)
        except (AlreadyAcknowledged, DeliveryFailed) as error:
            log.info("interaction %d: suggestions were not taken: %s", interaction.id, error)
        return choices

    return routed
