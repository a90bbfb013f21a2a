"""What is wrong with a prompt, or with a list of blocked words."""

from __future__ import annotations

from typing import Literal

from bot.core.errors import Refusal, RequestRefused, error


class EmptyPrompt(Refusal):
    """Nothing is left of the prompt once invisible characters and white space are gone."""

    code = "empty_prompt"


@error
class PromptTooLong(Refusal):
    """`length` and `limit` in characters, as the model counts them."""

    code = "prompt_too_long"
    length: int
    limit: int

    def __str__(self) -> str:
        return f"prompt of {self.length} characters, the model takes {self.limit}"


@error
class ForbiddenWord(Refusal):
    """The prompt contains what the server's `pattern` forbids, which belongs to the moderators and into no log."""

    code = "forbidden_word"
    pattern: str


class PromptCheckBusy(Refusal):
    """Too many prompts wait to be searched for blocked words; nothing is painted that was not searched."""

    code = "prompt_check_busy"
    is_fault = True


@error
class WordListTooLong(RequestRefused):
    """Too many words, or too long a list (in UTF-16 units, as Discord counts)."""

    code = "word_list_too_long"
    What = Literal["words", "list"]
    what: What
    given: int
    limit: int

    def __str__(self) -> str:
        return f"{self.what}: {self.given} given, limit {self.limit}"


@error
class InvalidEntry(RequestRefused):
    """`word`, as it was typed, can't be on a list of blocked words."""

    code = "invalid_entry"
    word: str


class EntryWithoutLetters(InvalidEntry):
    """No prompt could ever contain it: there is nothing to look for in it."""

    code = "entry_without_letters"


class MisplacedWildcard(InvalidEntry):
    """It has a `*` where it is not at one of its ends."""

    code = "misplaced_wildcard"


@error
class EntryTooLong(InvalidEntry):
    """More than `limit` characters."""

    code = "entry_too_long"
    limit: int
