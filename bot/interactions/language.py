"""In which language people are answered: Discord says that of a client, and of the server for what everybody reads."""

from __future__ import annotations

from typing import Any

import discord

from bot.core.place import Caller
from bot.ui.sentences import ENGLISH, Sentences, sentences_in


def private_sentences(interaction: discord.Interaction[Any]) -> Sentences:
    """For the one who asked."""
    return sentences_in(str(interaction.locale))


def public_sentences(caller: Caller[Any]) -> Sentences:
    """For everybody where `caller` is; for themselves where there is no server."""
    return sentences_in(caller.server_locale or caller.locale or ENGLISH)
