"""Whoever asks is answered in their language, and the channel in its server's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from discord import Locale

from bot.interactions.language import private_sentences, public_sentences


def test_the_one_who_asks_is_answered_in_the_language_of_their_client() -> None:
    interaction: Any = SimpleNamespace(locale=Locale.brazil_portuguese, guild_locale=Locale.german)
    assert private_sentences(interaction).locale == "pt-BR"


def test_everybody_reads_the_language_of_the_server_and_english_where_it_has_none() -> None:
    german: Any = SimpleNamespace(locale=Locale.french, guild_locale=Locale.german)
    nowhere: Any = SimpleNamespace(locale=Locale.french, guild_locale=None)
    assert [public_sentences(one).locale for one in (german, nowhere)] == ["de", "en"]
