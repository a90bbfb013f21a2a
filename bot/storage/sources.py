"""Where paid pictures are, as JSON: for whoever has to fetch them when the process that bought them is gone."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.core.generation.model import Source


def encode(sources: Sequence[Source]) -> str | None:
    """Addresses and revised prompts. What came inside the answer is megabytes, and is not kept."""
    kept = [[source.url, source.revised_prompt] for source in sources if source.url]
    return json.dumps(kept) if kept else None


def decode(text: str | None) -> tuple[Source, ...]:
    return tuple(Source(url, revised_prompt=revised) for url, revised in json.loads(text)) if text else ()
