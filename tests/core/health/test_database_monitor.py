"""The operator is alerted when an outage of the database begins and when it ends, once each, and never of a blip."""

from __future__ import annotations

import asyncio

from bot.core.errors import DatabaseUnavailable
from bot.core.health.alerts import Alert, DatabaseBack, DatabaseLost
from bot.core.health.database_monitor import DatabaseMonitor
from tests.core.background import running
from tests.patience import until


class MonitorSetup:
    """A database that fails the next `failures` probes."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.probes = 0
        self.alerts: asyncio.Queue[Alert] = asyncio.Queue()
        clock = asyncio.get_running_loop().time
        self.database_monitor = DatabaseMonitor(
            self._probe, self.alerts.put_nowait, clock, probe_seconds=0.01
        )

    async def _probe(self) -> None:
        self.probes += 1
        if self.failures:
            self.failures -= 1
            raise DatabaseUnavailable("disk full")


async def test_an_outage_is_told_once_when_it_begins_and_once_when_it_ends() -> None:
    setup = MonitorSetup(failures=5)
    begun = asyncio.get_running_loop().time()
    async with running(setup.database_monitor.run()):
        for _ in range(3):
            setup.database_monitor.failed()
        assert await setup.alerts.get() == DatabaseLost("disk full")
        ended = await setup.alerts.get()
    assert isinstance(ended, DatabaseBack)
    assert 0.03 < ended.seconds <= asyncio.get_running_loop().time() - begun
    assert setup.alerts.empty()


async def test_a_blip_is_no_outage() -> None:
    setup = MonitorSetup(failures=1)
    async with running(setup.database_monitor.run()):
        setup.database_monitor.failed()
        await until(lambda: setup.probes == 2)
        await asyncio.sleep(0.05)
    assert setup.probes == 2
    assert setup.alerts.empty()


async def test_a_database_that_works_is_left_alone() -> None:
    setup = MonitorSetup(failures=0)
    async with running(setup.database_monitor.run()):
        await asyncio.sleep(0.05)
    assert setup.probes == 0


async def test_a_second_outage_is_told_like_the_first() -> None:
    setup = MonitorSetup(failures=2)
    async with running(setup.database_monitor.run()):
        for _ in range(2):
            setup.failures = 2
            setup.database_monitor.failed()
            assert [type(await setup.alerts.get()) for _ in range(2)] == [DatabaseLost, DatabaseBack]
