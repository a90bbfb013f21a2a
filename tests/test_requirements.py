"""What is pinned is what hosts install: whole, hashed, from nowhere in particular, and each with a reason."""

import json
import re
import tomllib
from itertools import pairwise
from typing import Any

import pytest

import dev
from bot.diagnostics.discord_account import version

LOCKS = ["requirements.txt", "requirements-dev.txt"]
SOURCES = ["requirements.in", "requirements-dev.in"]


def text(name: str) -> str:
    return (dev.ROOT / name).read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    """From the name of each package to all that is said about it, its version and hashes included."""
    entries = re.split(r"\n(?=[a-z0-9])", text(name))
    return {entry.split("==")[0]: entry for entry in entries if not entry.startswith("#")}


def direct(name: str) -> list[str]:
    return re.findall(r"^[a-z][\w.-]*", text(name), re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_each_pin_is_exact_and_has_hashes(name: str) -> None:
    assert len(pins(name)) > 15
    for package, entry in pins(name).items():
        assert re.match(r"[\w.-]+==[\w.]+ ", entry), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), package


@pytest.mark.parametrize("name", [*LOCKS, *SOURCES])
def test_no_index_and_no_machine_is_named(name: str) -> None:
    assert not re.search(r"://|index-url|find-links|/(home|root|tmp|opt|work|Users)/", text(name))


@pytest.mark.parametrize("name", SOURCES)
def test_each_direct_dependency_has_its_reason_above_it(name: str) -> None:
    lines = text(name).splitlines()
    reasons = {line.split(";")[0]: above for above, line in pairwise(lines) if re.match(r"[a-z]", line)}
    assert reasons
    assert [package for package, above in reasons.items() if not above.startswith("# ")] == []


@pytest.mark.parametrize(("source", "lock"), list(zip(SOURCES, LOCKS, strict=True)))
def test_each_direct_dependency_is_pinned(source: str, lock: str) -> None:
    assert {package.replace(".", "-") for package in direct(source)} <= pins(lock).keys()


def test_development_has_the_pins_of_the_runtime() -> None:
    version = re.compile(r"==([\w.]+)")
    development = {
        package: version.findall(entry)[0] for package, entry in pins("requirements-dev.txt").items()
    }
    for package, entry in pins("requirements.txt").items():
        assert development[package] == version.findall(entry)[0]


def test_what_not_every_python_and_system_has_is_marked() -> None:
    runtime = pins("requirements.txt")
    assert "; sys_platform != 'win32'" in runtime["uvloop"]
    assert "; python_full_version >= '3.13'" in runtime["audioop-lts"]


def test_the_procfile_is_the_one_line_that_each_host_takes() -> None:
    assert (dev.ROOT / "Procfile").read_bytes() == b"worker: python -m bot\n"


def test_hosts_are_told_a_python_that_is_supported() -> None:
    version = tuple(int(part) for part in text(".python-version").split("."))
    assert dev.version_complaint(version) is None


def project() -> dict[str, Any]:
    described: dict[str, Any] = tomllib.loads(text("pyproject.toml"))["project"]
    return described


def test_each_place_names_the_same_pythons() -> None:
    pythons = [f"3.{minor}" for minor in range(dev.OLDEST[1], dev.NEWEST[1] + 1)]
    assert project()["requires-python"] == f">={pythons[0]},<3.{dev.NEWEST[1] + 1}"
    tested = re.findall(r"^        python: (\[.+\])$", text(".github/workflows/ci.yml"), re.MULTILINE)
    assert [json.loads(row) for row in tested] == [pythons, [pythons[0], pythons[-1]]]
    assert f"Python {pythons[0]} to {pythons[-1]}" in text("CONTRIBUTING.md")


def test_the_licence_of_the_project_is_that_of_its_file() -> None:
    assert text("LICENSE").startswith(f"{project()['license']} License")


def test_the_bot_knows_its_version_from_the_project() -> None:
    assert version() == project()["version"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_the_options_that_dependabot_has_to_repeat(name: str) -> None:
    header = text(name).split("\n", 2)[1]
    assert (
        header
        == "#    python3 dev.py lock (uv pip compile --universal --python-version=3.11 --generate-hashes)"
    )


def test_what_github_runs_is_pinned_to_a_commit() -> None:
    used = re.findall(r"uses: (\S+)", text(".github/workflows/ci.yml"))
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action)] == []
