"""The documents, held against the code."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from bot.settings.settings import Settings
from scripts import models
from scripts.layers import redrawn
from tests.end_to_end.test_crashes import APOLOGY, DISCORDS_OWN, IN_PARTS, MATRIX, PICTURE, REFUSED
from tests.test_commands import GOLDEN, payload

SUBCOMMAND = 1
MESSAGE_MENU = 3
ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")
RELIABILITY = (ROOT / "docs/RELIABILITY.md").read_text(encoding="utf-8")
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
MEMBER = re.compile(r"`([A-Z]\w*\.[a-z_]\w*)`")
NAME = re.compile(r"`(\w*[a-z]_\w+|_\w+|[A-Z][a-z]\w*)`")
PATH = re.compile(r"`((?:bot|cogs|sandbox|bench|tests|docs)/[\w./]*)`")


def rows(section: str) -> list[list[str]]:
    """The cells of the first table below a heading of the README."""
    table = README.split(f"## {section}\n")[1].split("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_readme_names_every_setting_with_its_default() -> None:
    documented = {name.strip("`"): default.strip("`") for name, default, _ in rows("Settings")}
    assert documented == {one.name.upper(): one.metadata["default"] or "required" for one in fields(Settings)}


def test_the_readme_and_the_example_have_the_settings_in_the_same_order() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)
    assert [name.strip("`") for name, *_ in rows("Settings")] == named


async def test_the_readme_names_every_command_with_its_options() -> None:
    documented = [command.strip("`") for command, *_ in rows("Commands")]
    registered = [usage for command in await payload() for usage in usages(command)]
    assert sorted(documented) == sorted(registered), GOLDEN


def usages(command: Mapping[str, Any], *path: str) -> Iterator[str]:
    """What is typed: the command with its options, or each of its sub-commands; what is chosen in a menu."""
    if command["type"] == MESSAGE_MENU:
        yield command["name"]
        return
    options, parts = command["options"], (*path, command["name"])
    subcommands = [option for option in options if option["type"] == SUBCOMMAND]
    for subcommand in subcommands:
        yield from usages(subcommand, *parts)
    if not subcommands:
        yield " ".join([f"/{' '.join(parts)}", *(option["name"] for option in options)])


def contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


@pytest.mark.parametrize(
    ("source", "allowed"), [("bot.core", {"core"}), ("cogs", {"core", "interactions", "ui"})]
)
def test_what_is_not_for_the_core_or_for_cogs_is_forbidden_to_them_by_name(
    source: str, allowed: set[str]
) -> None:
    parts = {path.stem for path in (ROOT / "bot").iterdir() if path.suffix == ".py" or path.is_dir()}
    forbidden = [one["forbidden_modules"] for one in contracts() if one.get("source_modules") == [source]]
    unheard = parts - {"__init__", "__pycache__"} - allowed
    assert {f"bot.{name}" for name in unheard} <= set(forbidden[0])


def test_the_picture_of_the_layers_is_what_the_code_imports() -> None:
    assert redrawn(ARCHITECTURE) == ARCHITECTURE, "python -m scripts.layers draws it again"


def test_the_architecture_names_each_package_once() -> None:
    table = ARCHITECTURE.split("\n## The packages\n")[1].split("\n| package ")[1]
    packages = [
        path.parent.relative_to(ROOT).as_posix() + "/"
        for top in ("bot", "cogs", "sandbox")
        for path in (ROOT / top).rglob("__init__.py")
    ]
    assert sorted(re.findall(r"`([^`]+/)`", table)) == sorted(packages)


def test_the_list_of_models_is_what_the_table_says() -> None:
    written = (ROOT / "docs/image-models.md").read_text("utf-8")
    assert written == models.document(), "python -m scripts.models writes it again"


def test_no_row_of_the_architecture_is_too_long_to_be_read() -> None:
    assert [line for line in ARCHITECTURE.splitlines() if line.startswith("|") and len(line) > 240] == []


def test_each_method_and_field_that_the_architecture_names_is_in_its_class() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "bot").rglob("*.py")]
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    members = set[str]()
    for one in classes:
        for node in one.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                members.add(f"{one.name}.{node.name}")
            elif isinstance(node, ast.AnnAssign):
                members.add(f"{one.name}.{ast.unparse(node.target)}")
    assert sorted(set(MEMBER.findall(ARCHITECTURE)) - members) == []


def test_each_name_of_code_in_the_architecture_is_in_the_code() -> None:
    places = [path for top in ("bot", "cogs", "scripts") for path in (ROOT / top).rglob("*.py")]
    written = set(re.findall(r"\w+", "\n".join(path.read_text("utf-8") for path in places)))
    assert sorted(set(NAME.findall(ARCHITECTURE)) - written) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_whatever_a_document_points_at_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    linked = [document.parent / link for link in LINK.findall(text) if "://" not in link]
    named = [ROOT / path for path in PATH.findall(text)]
    assert [str(path) for path in linked + named if not path.exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_a_link_inside_of_a_document_leads_to_one_of_its_headings(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    headings = {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_each_promise_of_reliability_names_tests_that_there_are() -> None:
    documented = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", RELIABILITY)
    assert len(documented) > 20
    assert [
        name for path, name in documented if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ] == []
    promises = RELIABILITY.split("## Promises\n")[1].split("\n## ")[0]
    assert [line for line in promises.splitlines()[3:] if line.startswith("|") and "::" not in line] == []


def test_the_crash_matrix_is_told_point_by_point() -> None:
    points = [point.__name__ for point, _ in (*MATRIX, *IN_PARTS)]
    assert [name for name, *_ in crash_rows()] == points


def test_each_cell_of_the_crash_matrix_says_what_is_tested() -> None:
    said = ""
    for (name, seen, *cells), (_, ending) in zip(crash_rows()[: len(MATRIX)], MATRIX, strict=True):
        said = said if seen == "the same" else seen
        assert ending_described_by(said) == ending.seen, name
        # Whether it was billed is open only while the request is on its way.
        bought = {0: "never", 1: "at most once" if name == "submitted" else "once"}[ending.bought]
        # The bot's own meter counts somebody else's picture, too, where there is one.
        counted = ["yes" if count else "no" for count in (ending.counted, ending.bots)]
        assert cells == [bought, *counted], name


def test_the_numbers_of_orders_in_several_requests_are_those_that_are_tested() -> None:
    assert {name: list(map(int, cells)) for name, *cells in crash_rows()[len(MATRIX) :]} == {
        point.__name__: [ending.counted, ending.bought, ending.counted, ending.bots]
        for point, ending in IN_PARTS
    }


def crash_rows() -> list[list[str]]:
    """The name of the point, and the other cells."""
    matrix = RELIABILITY.split("## Wherever the bot is killed\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\| `(\w+)`[^|]*\|(.*)\|$", matrix, re.MULTILINE)
    return [[name, *(cell.strip() for cell in cells.split("|"))] for name, cells in lines]


def ending_described_by(cell: str) -> str:
    """Which of the endings a cell describes, in words that are cut short by "…"."""
    if cell.startswith("the picture"):
        return PICTURE
    if cell == "Discord's own “The application did not respond”":
        return DISCORDS_OWN
    begins, ends = cell.strip("“”").split("…")
    [meant] = [words for words in (APOLOGY, REFUSED) if words.startswith(begins) and words.endswith(ends)]
    return meant


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    home = re.compile(r"(?<![\w.])/(?:home|Users|root|work)/\w")
    guilty = []
    for name in tracked.stdout.splitlines():
        path = ROOT / name
        if (
            path.suffix not in {".png", ".jpg", ".mo"}
            and path != Path(__file__)
            and home.search(path.read_text("utf-8"))
        ):
            guilty.append(name)
    assert guilty == []
