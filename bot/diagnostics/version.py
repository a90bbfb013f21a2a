"""The version of the bot, as `pyproject.toml` in its checkout says."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@cache
def version() -> str:
    """`0+unknown` where somebody installed the packages without that file."""
    try:
        return str(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"])
    except OSError:
        return "0+unknown"
