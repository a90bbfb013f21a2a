"""What a member asked for before, offered again while they type a prompt: only their own, and only to them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.errors import DatabaseBusy
from bot.core.generation.errors import PromptForgotten
from bot.core.generation.model import Generation

LATEST = 200
"""Generations of a member that are looked through: what is older is searched for in `/gallery`."""
BEGINNING = 500
"""Characters of each that are looked through, with every letter that is typed: everybody waits for it meanwhile."""
RESOLVE_SECONDS = 0.5
"""For the prompt behind a reference: of the 3 s that Discord gives for an answer, reserving takes up to half."""
_REFERENCE = re.compile(r"earlier prompt (\d{1,20})")


@dataclass(frozen=True, slots=True)
class EarlierPrompt:
    """The prompt of `generation`, or its beginning; `is_edit`: it says how a picture is to be changed."""

    generation: int
    text: str
    is_edit: bool = False

    @property
    def reference(self) -> str:
        """What stands for it where a suggestion has no room for its text; read by `EarlierPrompts.resolve`."""
        return f"earlier prompt {self.generation}"


class PromptRecords(Protocol):
    """Raises DatabaseUnavailable."""

    async def latest_prompts(self, member: int, count: int) -> Sequence[EarlierPrompt]:
        """Those of a member's last `count` generations that were not erased, the newest first; of each BEGINNING
        characters.
        """
        ...

    async def get(self, id: int) -> Generation | None: ...


class EarlierPrompts:
    """Finds a member's own earlier prompts, by what they have typed so far or by a reference to one of them."""

    def __init__(self, records: PromptRecords) -> None:
        self._records = records

    async def matching(self, member: int, typed: str, most: int, *, edits: bool) -> list[EarlierPrompt]:
        """Up to `most` different ones whose beginning contains each word of `typed`, the newest first; of edits, or of
        all others.

        Not what is typed itself. Raises DatabaseUnavailable.
        """
        words, seen = _folded(typed).split(), {_folded(typed)}
        found = list[EarlierPrompt]()
        for one in await self._records.latest_prompts(member, LATEST):
            folded = _folded(one.text)
            if one.is_edit is edits and folded not in seen and all(word in folded for word in words):
                seen.add(folded)
                found.append(one)
        return found[:most]

    async def resolve(self, member: int, prompt: str) -> str:
        """`prompt`; where it is a reference, the text that it stands for, which is the member's own or none.

        Raises PromptForgotten, DatabaseUnavailable, DatabaseBusy.
        """
        if (reference := _REFERENCE.fullmatch(prompt)) is None:
            return prompt
        id = int(reference[1])
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                request = found.request if id < 2**63 and (found := await self._records.get(id)) else None
        except TimeoutError:
            raise DatabaseBusy from None
        if request is None or request.caller.member != member or not request.spec.prompt:
            raise PromptForgotten
        return request.spec.prompt


def is_reference(prompt: str) -> bool:
    return _REFERENCE.fullmatch(prompt) is not None


def _folded(text: str) -> str:
    """Without what makes no difference to somebody who looks for it."""
    return " ".join(text.casefold().split())
