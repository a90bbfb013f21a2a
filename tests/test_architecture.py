"""What import-linter has no contract for: cycles of single modules, and of the page's scripts."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from bench.structure import (
    Imports,
    cycles,
    javascript_imports,
    python_imports,
)


def test_no_modules_import_each_other_in_a_circle_not_even_for_type_checkers() -> None:
    imports = python_imports()
    assert "bot.core.errors" in imports["bot.core.generation.errors"]
    assert cycles(imports) == []


def test_no_scripts_of_the_page_import_each_other_in_a_circle() -> None:
    imports = javascript_imports()
    assert "dom.js" in imports["main.js"]
    assert cycles(imports) == []


def test_a_script_imports_what_any_form_of_statement_names(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text(
        'import "./two.js";\nimport {\n  a,\n  b,\n} from "./three.js";\nexport { c } from \'./four.js\';\n'
        'export const d = "./five.js";\n// import "./six.js";\n'
    )
    assert javascript_imports(tmp_path) == {"one.js": {"two.js", "three.js", "four.js"}}


@pytest.mark.parametrize(
    ("imports", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"a"}, "c": {"a"}}, [{"a", "b"}]),
        ({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}}, [{"a", "b", "c"}, {"d", "e"}]),
    ],
)
def test_a_cycle_is_found_whole_and_once(imports: Imports, found: list[set[str]]) -> None:
    assert cycles({name: frozenset(others) for name, others in imports.items()}) == found


async def test_no_more_is_imported_at_the_start_than_a_bot_at_rest_has_use_for() -> None:
    """Of what is installed where this runs: httpx imports its command line client, if it can."""
    unused = {"rich", "click", "pygments", "statistics", "PIL", "asyncpg"}
    look = f"""
import importlib, importlib.util, sys
from bot import __main__
from bot.client.bot import EXTENSIONS

for name in EXTENSIONS:
    importlib.import_module(name)
assert all(map(importlib.util.find_spec, {sorted(unused)}))
sys.exit(str(found) if (found := {unused} & sys.modules.keys()) else 0)
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", look, stderr=asyncio.subprocess.PIPE)
    _, error = await process.communicate()
    assert process.returncode == 0, error.decode()
