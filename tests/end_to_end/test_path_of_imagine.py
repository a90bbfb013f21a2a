"""The files that docs/ARCHITECTURE.md names along one `/imagine`, held against those that one enters."""

from __future__ import annotations

import re
from pathlib import Path

from bench.imagine_trace import imagine

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/ARCHITECTURE.md"


async def test_the_architecture_names_all_files_that_one_imagine_enters_and_no_others() -> None:
    section = DOCUMENT.read_text("utf-8").split("\n## One `/imagine`\n")[1].split("\n\n* ")[0]
    named = re.findall(r"`((?:bot|cogs)/[\w/]+\.py)`", section)
    assert len(named) == len(set(named))
    assert set(named) == {file for file, _ in await imagine()}
