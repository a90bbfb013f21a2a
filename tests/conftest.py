"""Fixtures that tests of every folder may ask for."""

import faulthandler
import gc
import importlib
import os
import signal
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import settings

from tests.databases import (
    database_url,
    fresh_schema,
    own_postgres,
    postgres_server,
    postgres_url,
    sqlite_url,
)
from tests.fork_server import start

__all__ = [
    "database_url",
    "fresh_schema",
    "own_postgres",
    "postgres_server",
    "postgres_url",
    "sqlite_url",
    "start",
]

# How long an example takes says more about the machine than about the code: that is what bench/ is for.
# Where CI is set, the same examples are tried each time.
settings.register_profile("untimed", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("untimed")

# Collecting makes a great many objects that live as long as the process. Not looking through them again and again saves
# a tenth of the time, and no test that bounds its processor time pays for them.
gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where no module's assertions are rewritten and cached yet, xdist's workers would each do that for all of them. So
    each imports a share first, and finds the others' in the cache.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        return
    folders = [Path(argument).resolve() for argument in session.config.args]
    modules = sorted({module for folder in folders for module in folder.rglob("test_*.py")})
    for module in modules[int(worker.removeprefix("gw")) :: int(os.environ["PYTEST_XDIST_WORKER_COUNT"])]:
        name = ".".join(module.relative_to(session.config.rootpath).with_suffix("").parts)
        with suppress(Exception):  # whoever collects it is told
            importlib.import_module(name)


ONLY_ON_LINUX = ("tests/browser/", "tests/end_to_end/")
POSTGRES = {"fresh_schema", "own_postgres", "postgres_server", "postgres_url"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`-m portable` selects what runs on each system: no PostgreSQL, no browser, no signals to a bot as a process."""
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        asked_for = {*getattr(item, "fixturenames", ()), f"{parameters.get('database_url')}_url"}
        if not item.nodeid.startswith(ONLY_ON_LINUX) and not asked_for & POSTGRES:
            item.add_marker("portable")
    items[:] = mixed(items)


def mixed(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The files of tests that wait most of the time, for a bot or a browser, spread evenly among those that compute:
    each process begins with as many of both, and what one waits for the processors have another's work. Those that take
    so long that they have a limit of their own are the first of one process each: one after the other, they would take
    longer than all others together.
    """
    files = defaultdict[str, list[pytest.Item]](list)
    longest = [item for item in items if item.get_closest_marker("timeout")]
    for item in items:
        if item not in longest:
            files[item.nodeid.partition("::")[0]].append(item)
    places = list[tuple[float, str]]()
    for waits in (True, False):
        names = [name for name in files if name.startswith(ONLY_ON_LINUX) is waits]
        ends = list(accumulate(len(files[name]) for name in names))
        places += [(end / ends[-1], name) for end, name in zip(ends, names, strict=True)]
    in_order = [item for _, name in sorted(places) for item in files[name]]
    share = len(items) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    for number, item in enumerate(longest):
        in_order.insert(number * share, item)
    return in_order


TEARDOWN_SECONDS = 60.0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None]:
    """pytest-timeout ends a test that hangs, but not a thread of it that its event loop then waits for: there the
    process ends, with the stacks of all threads, and its bots with it. xdist reports the test and starts another.
    """
    faulthandler.dump_traceback_later(TEARDOWN_SECONDS, exit=True)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Processes hear SIGINT, even where the tests themselves were started in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
