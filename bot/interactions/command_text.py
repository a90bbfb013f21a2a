"""Names and descriptions of commands, in English and in every other language that there is a catalogue of."""

from __future__ import annotations

from pathlib import Path

from discord import Locale
from discord.app_commands import TranslationContextTypes, Translator, locale_str

from bot.ui.sentences import ENGLISH, IN_ENGLISH, LOCALES, PlaceValue, Sentences


def described(code: str, **places: PlaceValue) -> locale_str:
    """The English sentence of `code`, for discord.py, which has `CommandTranslator` say it in other languages."""
    return locale_str(IN_ENGLISH(code, **places), code=code, places=places)


class CommandTranslator(Translator):
    """Discord shows each member the commands in the language of their client, where `folder` has a catalogue of it."""

    def __init__(self, folder: Path = LOCALES) -> None:
        known = {locale: locale.value.replace("-", "_") for locale in Locale}
        self._languages = {
            locale: Sentences(locale.value, folder)
            for locale, name in known.items()
            if name != ENGLISH and (folder / name).is_dir()
        }

    async def translate(
        self, string: locale_str, locale: Locale, _context: TranslationContextTypes
    ) -> str | None:
        """None stays English. What has no code is a name: it is found by what it is in English."""
        if (say := self._languages.get(locale)) is None:
            return None
        if code := string.extras.get("code"):
            return say(code, **string.extras["places"])
        return say(f"name.{string.message}")
