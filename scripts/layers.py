"""Draws which package imports which, from the imports themselves, into docs/ARCHITECTURE.md.

    python -m scripts.layers

An arrow that follows from others is left out: `interactions` imports `core`, too, but by way of `ui` it does anyway.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from bench.structure import Imports, python_imports, reachable

DOCUMENT = Path(__file__).resolve().parent.parent / "docs/ARCHITECTURE.md"
BEGIN, END = "```mermaid\n", "\n```"
CORE = "bot.core."


def main() -> None:
    DOCUMENT.write_text(redrawn(DOCUMENT.read_text("utf-8")), "utf-8")


def redrawn(document: str) -> str:
    """The document with the picture as it should be."""
    before, rest = document.split(BEGIN)
    return before + BEGIN + picture() + END + rest.split(END, 1)[1]


def picture() -> str:
    """A Mermaid flowchart: the parts of the bot, and inside of `core` its capabilities."""
    imports = python_imports()
    parts = between_parts({m: i for m, i in imports.items() if m.startswith(("bot.", "cogs."))}, "bot.")
    capabilities = between_parts({m: i for m, i in imports.items() if m.startswith(CORE)}, CORE)
    lines = ["flowchart TD", *drawn(parts), "    subgraph core", *drawn(capabilities), "    end"]
    return "\n".join(lines)


def between_parts(imports: Imports, prefix: str) -> Imports:
    """Part → parts, where a part is the first name behind the prefix; only those among the importers."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, imported in imports.items():
        part = part_of(module, prefix)
        found[part] |= {part_of(other, prefix) for other in imported & imports.keys()} - {part}
    return {part: frozenset(others) for part, others in found.items()}


def part_of(module: str, prefix: str) -> str:
    return module.removeprefix(prefix).split(".")[0]


def drawn(imports: Imports) -> list[str]:
    """A line for each part that imports others."""
    lines = []
    for part, others in sorted(imports.items()):
        implied = frozenset[str]().union(*(reachable(imports, other) for other in others))
        if shown := sorted(others - implied):
            lines.append(f"    {part} --> {' & '.join(shown)}")
    return lines


if __name__ == "__main__":
    main()
