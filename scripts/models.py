"""Writes docs/image-models.md from the table of models, for operators who choose one.

python -m scripts.models
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from bot.core.generation.model import Shape
from bot.imaging.families import TABLES
from bot.imaging.family import Family

DOCUMENT = Path(__file__).resolve().parent.parent / "docs/image-models.md"
_HEAD = """\
# The models that the bot knows

Written by `python -m scripts.models` from `bot/imaging/families.py`, where each is one row. Those that change pictures
can stand in `IMAGE_EDIT_MODEL`, and all but those that do *only that* in `IMAGE_MODEL` and `IMAGE_CHOICES`. A gateway,
or any other server that the bot doesn't know, goes by all tables. `python -m bot models` says which of the models the
API serves now, and what they cost.

* **prompt**: the most characters.
* **shapes**: what `/imagine … shape:` offers; of all others the nearest is taken. All five are square, portrait,
  landscape, wide and tall.
* **a request**: the most pictures that one request makes; for more, the bot sends several, which count as one command.
* **changes pictures**: how many it takes at once, or which model does it instead.
* **$**: of a picture, roughly, where the documents say; of a changed one behind the stroke.

A name that ends in `*` is for models that are not listed: what is sent to them is what all listed ones of that name
take, and they are given no pictures. To a model of any other name only the model and the prompt are sent, unless
`IMAGE_MODEL_FIELDS` says more.
"""


def main() -> None:
    DOCUMENT.write_text(document(), "utf-8")


def document() -> str:
    """The whole of docs/image-models.md."""
    sections = (_section(server, table) for server, tables in TABLES.items() for table in tables)
    return "\n".join([_HEAD, *chain.from_iterable(sections)])


def _section(title: str, table: Mapping[str, Family]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| model | prompt | shapes | a request | changes pictures | $ |"
    yield "|---|---|---|---|---|---|"
    for name, family in table.items():
        if family.takes_prompt:  # the bot has no use for the others
            yield f"| `{name}` | {' | '.join(_cells(family))} |"
    yield ""


def _cells(family: Family) -> Iterator[str]:
    yield f"{family.longest_prompt:,}"
    yield _shapes(family)
    yield str(family.count.most)
    yield _edits(family)
    yield _dollars(family)


def _shapes(family: Family) -> str:
    if len(family.shapes) == len(Shape):
        return "all five"
    return ", ".join(family.shapes) or "one"


def _edits(family: Family) -> str:
    if family.edit is None:
        return f"by `{family.edited_by}`" if family.edited_by else ""
    return f"{family.edit.most}" + ("" if family.generates else ", only that")


def _dollars(family: Family) -> str:
    edited = family.edit.dollars if family.edit else None
    made = f"{family.dollars:g}" if family.dollars else ""
    return f"{made} / {edited:g}" if edited else made


if __name__ == "__main__":
    main()
