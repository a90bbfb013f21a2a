"""What the state machines that hypothesis drives have in common: a database of their own, and a way to wait for it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import ClassVar, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Database
from bot.storage.policies import SqlPolicies

T = TypeVar("T")


class DatabaseMachine(RuleBasedStateMachine):
    """`fresh_url` makes an empty database for each run."""

    fresh_url: ClassVar[Callable[[], str]]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.opening: AbstractAsyncContextManager[Database] = open_database(type(self).fresh_url())
        self.database = self.wait(self.opening.__aenter__())
        self.policies = SqlPolicies(self.database)

    def wait(self, coming: Awaitable[T]) -> T:
        async def waiting() -> T:
            return await coming

        return self.runner.run(waiting())

    def teardown(self) -> None:
        self.wait(self.opening.__aexit__(None, None, None))
        self.runner.close()


def sqlite_files(folder: Path) -> Callable[[], str]:
    """Makes one URL after the other, each of a file that does not exist yet."""
    return lambda: f"sqlite:///{folder.as_posix()}/{uuid.uuid4().hex}.db"


def run_machine(kind: type[DatabaseMachine], fresh_url: Callable[[], str], tried: settings) -> None:
    patient = settings(tried, deadline=None, suppress_health_check=list(HealthCheck))
    machine = type("Machine", (kind,), {"fresh_url": staticmethod(fresh_url)})
    run_state_machine_as_test(machine, settings=patient)
