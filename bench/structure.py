"""The structure of the code in figures: sizes of functions, import cycles, modules that import discord."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "sandbox/page/static/js"
MAY_IMPORT_DISCORD = ("bot.interactions", "bot.ui", "bot.client", "bot.connection", "cogs")
JAVASCRIPT_IMPORT = re.compile(
    r"""^(?:import|export)\b(?:[^;"']*\bfrom)?\s*["'](\.[^"']+)["']""", re.MULTILINE
)
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}

Imports = Mapping[str, frozenset[str]]


def figures() -> list[str]:
    """A line for each."""
    measured = sizes()
    lengths, count = measured.lengths, len(measured.lengths)
    python, javascript = cycles(python_imports()), cycles(javascript_imports())
    wrong = importers_of_discord()
    return [
        f"functions of bot and cogs: {count}",
        f"their lines: median {lengths[count // 2]}, 90th percentile {lengths[count * 9 // 10]}, longest {lengths[-1]}",
        f"private with one caller: {len(measured.single_callers)}, {100 * len(measured.single_callers) / count:.1f} %",
        f"lines of bot and cogs: {measured.lines}, of code {measured.code}",
        *(f"import cycle of {len(cycle)}: {', '.join(sorted(cycle))}" for cycle in python + javascript),
        f"import cycles: {len(python)} of Python modules, {len(javascript)} of JavaScript modules",
        f"modules that import discord and should not: {', '.join(wrong) or 'none'}",
    ]


# --- Functions and lines ---


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of all functions and methods of the bot and its cogs, nested ones included.

    `lengths`, ascending, are in lines, from `def` to the end, docstring included. `single_callers` are the private
    functions whose name is found twice as a word in all of the code: where it is defined, and one use. `code` counts
    the lines that are not blank and hold more than a comment or a docstring.
    """

    lengths: tuple[int, ...]
    single_callers: tuple[str, ...]
    lines: int
    code: int


def sizes() -> Sizes:
    texts = [
        path.read_text("utf-8") for top in ("bot", "cogs") for path in sorted((ROOT / top).rglob("*.py"))
    ]
    words = Counter(word for text in texts for word in re.findall(r"\w+", text))
    functions = [
        node
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return Sizes(
        lengths=tuple(sorted((node.end_lineno or 0) - node.lineno + 1 for node in functions)),
        single_callers=tuple(
            node.name
            for node in functions
            if node.name.startswith("_") and not node.name.startswith("__") and words[node.name] == 2
        ),
        lines=sum(text.count("\n") for text in texts),
        code=sum(len(set(lines_of_code(text))) for text in texts),
    )


def lines_of_code(text: str) -> Iterator[int]:
    documented = {
        number
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for number in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            yield from set(range(token.start[0], token.end[0] + 1)) - documented


# --- Imports ---


def python_imports() -> Imports:
    """Module → the modules of ours that it imports, also those that only type checkers import."""
    graph = import_graph()
    return {
        module: frozenset(graph.find_modules_directly_imported_by(module))
        for module in graph.modules
        if not graph.is_module_squashed(module)
    }


def importers_of_discord() -> list[str]:
    """Modules that import discord outside of the packages that may."""
    found = import_graph().find_modules_that_directly_import("discord")
    allowed = tuple(f"{name}." for name in MAY_IMPORT_DISCORD)
    return sorted(module for module in found if not f"{module}.".startswith(allowed))


def import_graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        "bot", "cogs", "sandbox", include_external_packages=True, exclude_type_checking_imports=False
    )


def javascript_imports(folder: Path = SCRIPTS) -> Imports:
    """The same of the scripts of the sandbox's page, by their file names."""
    return {
        path.name: frozenset(Path(name).name for name in JAVASCRIPT_IMPORT.findall(path.read_text("utf-8")))
        for path in folder.rglob("*.js")
    }


def cycles(imports: Imports) -> list[frozenset[str]]:
    """The strongly connected components with more than one member, each once."""
    reached = {module: reachable(imports, module) for module in imports}
    components = {
        frozenset(other for other in reached[module] if module in reached.get(other, ()))
        for module in imports
    }
    return sorted((found for found in components if len(found) > 1), key=sorted)


def reachable(imports: Imports, module: str) -> frozenset[str]:
    found, waiting = frozenset[str](), imports[module]
    while waiting:
        found |= waiting
        waiting = frozenset(far for near in waiting for far in imports.get(near, ())) - found
    return found
