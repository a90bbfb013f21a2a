"""The page's server: same-origin requests only, and nothing that it shows can run."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter

import pytest

from sandbox.page.server import STATIC
from tests.sandbox.page.conftest import Scene


async def test_a_name_that_somebody_else_pointed_at_this_machine_is_refused(scene: Scene) -> None:
    assert await scene.tab.status("GET", "/", Host="evil.example") == 403
    assert await scene.tab.status("GET", "/", Host="127.0.0.1") == 403
    assert await scene.tab.status("GET", "/") == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
@pytest.mark.parametrize("path", ["/actions/say", "/actions/bot", "/uploads"])
async def test_another_sites_page_cannot_act_here(scene: Scene, path: str, origin: str) -> None:
    assert await scene.tab.status("POST", path, Origin=origin) == 403
    assert await scene.tab.status("POST", path) == 403


async def test_another_sites_page_cannot_listen_here(scene: Scene) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    assert await scene.tab.status("GET", "/feed", Origin="http://evil.example", **upgrade) == 403
    assert await scene.tab.status("GET", "/feed", **upgrade) == 403


async def test_only_the_pages_own_files_run(scene: Scene) -> None:
    for path in ("/", "/static/js/main.js", "/static/css/theme.css"):
        headers, _ = await scene.tab.fetch(path)
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_nothing_outside_its_folder_is_served(scene: Scene) -> None:
    for path in ("/static/../server.py", "/static/%2e%2e/server.py", "/static//etc/passwd"):
        assert await scene.tab.status("GET", path) in (403, 404)


def test_the_page_carries_no_script_or_style_in_its_markup() -> None:
    markup = (STATIC / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)", markup) == []


def test_no_script_makes_markup_from_text() -> None:
    sinks = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|setHTML")
    guilty = [path.name for path in STATIC.rglob("*.js") if sinks.search(path.read_text(encoding="utf-8"))]
    assert guilty == []


def test_each_script_is_small() -> None:
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in STATIC.rglob("*.js")}
    assert {name: length for name, length in lengths.items() if length >= 300} == {}


def test_no_script_imports_itself_by_way_of_others() -> None:
    imported = re.compile(r'from "\./(\w+)\.js"')
    imports = {
        path.stem: set(imported.findall(path.read_text(encoding="utf-8"))) for path in STATIC.rglob("*.js")
    }
    assert "store" in imports["main"]
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the cycle


async def test_a_file_whose_name_is_not_understood_is_refused(scene: Scene) -> None:
    headers = {**scene.tab.own, "X-File-Name": '"no end'}
    assert await scene.tab.status("POST", "/uploads", **headers) == 400
