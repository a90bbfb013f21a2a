"""Whoever asks is answered in their language, and the channel in its server's."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from discord import Locale

from bot.interactions.context import private_sentences, public_sentences
from tests.core.factories import caller


def test_the_one_who_asks_is_answered_in_the_language_of_their_client() -> None:
    interaction: Any = SimpleNamespace(locale=Locale.brazil_portuguese, guild_locale=Locale.german)
    assert private_sentences(interaction).locale == "pt-BR"


def test_everybody_reads_the_language_of_the_server_and_who_is_alone_their_own() -> None:
    german, french, nobody = (
        replace(caller(), locale=locale, server_locale=server)
        for locale, server in (("fr", "de"), ("fr", None), (None, None))
    )
    assert [public_sentences(one).locale for one in (german, french, nobody)] == ["de", "fr", "en"]
