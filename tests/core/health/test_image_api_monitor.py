"""The image API's monitor: an outage ends when a probe says so, and a low balance is alerted once."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.errors import DatabaseUnavailable
from bot.core.generation.circuit_breaker import FEWEST_RESULTS
from bot.core.generation.errors import (
    CreditExhausted,
    ImageApiTrouble,
    KeyRejected,
    OutcomeUnknown,
    PictureOriginNotAllowed,
)
from bot.core.health.alerts import Alert, BalanceLow, OutageBegan, OutageEnded
from bot.core.health.image_api_monitor import PICTURES_AT, Balance, ImageApiMonitor
from tests.core.background import running
from tests.core.factories import caller
from tests.patience import until


class FakeProbe:
    def __init__(self) -> None:
        self.balance_source: Balance | None = None
        self.asked_for_balance = 0
        self.ended: list[bool | None] = []
        self.asked_for_an_end = 0
        self.serves = True
        self.mistakes = 0
        self.allowed: set[str] = set()

    async def choose_model(self) -> bool:
        return self.serves

    async def has_ended(self, trouble: ImageApiTrouble) -> bool | None:
        assert trouble in ImageApiTrouble
        self.asked_for_an_end += 1
        if self.mistakes:
            self.mistakes -= 1
            raise ZeroDivisionError
        return self.ended.pop(0) if self.ended else None

    async def balance(self) -> Balance | None:
        self.asked_for_balance += 1
        return self.balance_source

    def allows(self, origin: str) -> bool:
        return origin in self.allowed


class FakeKeyValueStore:
    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.failures = 0
        self.slow: asyncio.Event | None = None

    async def get(self, name: str) -> str | None:
        self._fail()
        return self.values.get(name)

    async def put(self, name: str, value: str) -> None:
        self._fail()
        if self.slow:
            await self.slow.wait()
        self.values[name] = value

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise DatabaseUnavailable("away")


class MonitorSetup:
    def __init__(self, low_balance: float = 5, steady_seconds: float = 0, origin: str | None = None) -> None:
        self.probe = FakeProbe()
        self.origin = origin
        self.alerts: asyncio.Queue[Alert] = asyncio.Queue()
        self.store = FakeKeyValueStore()
        self.watch = ImageApiMonitor(
            self.probe,
            self.alerts.put_nowait,
            asyncio.get_running_loop().time,
            self.store,
            low_balance=low_balance,
            probe_seconds=0.01,
            balance_seconds=0.01,
            steady_seconds=steady_seconds,
        )

    async def run(self) -> None:
        await self.watch.run(self.origin)

    async def balance_seen(self) -> None:
        """Until it was asked for once more and the answer was judged."""
        asked = self.probe.asked_for_balance
        await until(lambda: self.probe.asked_for_balance >= asked + 2)


async def test_an_outage_ends_with_the_first_probe_that_says_so() -> None:
    setup = MonitorSetup()
    setup.probe.ended = [False, None, True]
    async with running(setup.run()):
        setup.watch.breaker.failed(CreditExhausted("403"))
        assert await setup.alerts.get() == OutageBegan(ImageApiTrouble.CREDIT, "403")
        ended = await setup.alerts.get()
    assert isinstance(ended, OutageEnded)
    assert setup.probe.ended == []
    assert setup.watch.breaker.outage is None


async def test_a_second_outage_is_probed_like_the_first() -> None:
    setup = MonitorSetup()
    async with running(setup.run()):
        for _ in range(2):
            setup.probe.ended = [False, True]
            setup.watch.breaker.failed(CreditExhausted("403"))
            kinds = [type(await setup.alerts.get()) for _ in range(2)]
            assert kinds == [OutageBegan, OutageEnded]


async def test_a_start_without_a_model_opens_it_before_anybody_asks() -> None:
    setup = MonitorSetup()
    setup.probe.serves = False
    async with running(setup.run()):
        began = await setup.alerts.get()
    assert isinstance(began, OutageBegan)
    assert began.trouble is ImageApiTrouble.MODEL


async def test_a_mistake_of_ours_does_not_end_the_watch() -> None:
    setup = MonitorSetup()
    setup.probe.ended = [False, True]
    setup.probe.mistakes = 3
    async with running(setup.run()):
        setup.watch.breaker.failed(CreditExhausted("403"))
        kinds = [type(await setup.alerts.get()) for _ in range(2)]
    assert kinds == [OutageBegan, OutageEnded]
    assert setup.probe.mistakes == 0


async def test_a_low_balance_is_told_once_and_again_after_it_was_topped_up() -> None:
    setup = MonitorSetup(low_balance=5)
    setup.probe.balance_source = Balance(4.5, "USD")
    async with running(setup.run()):
        assert await setup.alerts.get() == BalanceLow(4.5, "USD", 5)
        await setup.balance_seen()
        assert setup.alerts.empty()
        setup.probe.balance_source = Balance(50, "USD")
        await setup.balance_seen()
        setup.probe.balance_source = Balance(1, "USD")
        assert await setup.alerts.get() == BalanceLow(1, "USD", 5)


async def test_a_probe_that_contradicts_the_error_mends_nothing() -> None:
    setup = MonitorSetup()
    setup.probe.ended = [True] * 1000
    async with running(setup.run()):
        setup.watch.breaker.failed(CreditExhausted("403"))
        assert isinstance(await setup.alerts.get(), OutageBegan)
        await until(lambda: len(setup.probe.ended) < 997)
    assert setup.alerts.empty()
    assert setup.watch.breaker.outage is not None


async def test_what_comes_and_goes_is_told_to_have_ended_once_it_has_stayed_away() -> None:
    setup = MonitorSetup(steady_seconds=0.3)
    breaker = setup.watch.breaker
    async with running(setup.run()):
        for _ in range(10):
            breaker.failed(KeyRejected("401"))
            breaker.close()
        kinds = [type(await setup.alerts.get()) for _ in range(4)]
        await asyncio.sleep(0.4)
    assert kinds == [OutageBegan, OutageEnded, OutageBegan, OutageEnded]
    assert setup.alerts.empty()


async def test_each_of_several_troubles_is_told_once_and_each_has_an_end() -> None:
    setup = MonitorSetup(steady_seconds=60)
    breaker = setup.watch.breaker
    async with running(setup.run()):
        for _ in range(5):
            breaker.failed(KeyRejected("401"))
            breaker.failed(CreditExhausted("403"))
        breaker.close()
        alerts = [await setup.alerts.get() for _ in range(4)]
    assert [(type(it), getattr(it, "trouble", None)) for it in alerts] == [
        (OutageBegan, ImageApiTrouble.KEY),
        (OutageBegan, ImageApiTrouble.CREDIT),
        (OutageEnded, ImageApiTrouble.KEY),
        (OutageEnded, ImageApiTrouble.CREDIT),
    ]
    assert setup.alerts.empty()


async def test_an_end_is_not_told_while_something_else_is_wrong() -> None:
    setup = MonitorSetup(steady_seconds=0.3)
    breaker = setup.watch.breaker
    async with running(setup.run()):
        for _ in range(2):
            breaker.failed(KeyRejected("401"))
            breaker.close()
        breaker.failed(CreditExhausted("403"))
        await asyncio.sleep(0.4)
        kinds = [type(setup.alerts.get_nowait()) for _ in range(setup.alerts.qsize())]
        assert kinds == [OutageBegan, OutageEnded, OutageBegan, OutageBegan]
        breaker.close()
        ended = [await setup.alerts.get() for _ in range(2)]
    assert all(isinstance(it, OutageEnded) for it in ended)


async def test_an_api_that_cannot_be_reached_is_down_whoever_finds_out() -> None:
    setup = MonitorSetup()
    setup.probe.ended = [False]
    async with running(setup.run()):
        for _ in range(FEWEST_RESULTS):
            setup.watch.breaker.failed(OutcomeUnknown("reset"), caller())
        began = await setup.alerts.get()
    assert isinstance(began, OutageBegan)
    assert began.trouble is ImageApiTrouble.DOWN


async def test_a_balance_at_the_threshold_is_told_once() -> None:
    setup = MonitorSetup(low_balance=5)
    async with running(setup.run()):
        for amount in (4.99, 5.01, 4.98, 5.02):
            setup.probe.balance_source = Balance(amount, "USD")
            await setup.balance_seen()
    assert setup.alerts.qsize() == 1


async def test_nobody_is_warned_who_does_not_want_to_be() -> None:
    setup = MonitorSetup(low_balance=0)
    setup.probe.balance_source = Balance(0, "USD")
    async with running(setup.run()):
        await asyncio.sleep(0.05)
    assert setup.alerts.empty()


@pytest.mark.parametrize("failures", [0, 2])
async def test_pictures_out_of_reach_are_remembered_over_a_restart_that_changed_nothing(
    failures: int,
) -> None:
    before = MonitorSetup()
    async with running(before.run()):
        await asyncio.sleep(0)
        before.store.failures = failures
        before.watch.breaker.failed(PictureOriginNotAllowed("https://elsewhere.example"))
        before.probe.ended = [True]
        await until(lambda: bool(before.store.values))
    after = MonitorSetup(origin=before.store.values[PICTURES_AT])
    async with running(after.run()):
        began = await after.alerts.get()
    assert isinstance(began, OutageBegan)
    assert began.trouble is ImageApiTrouble.PICTURES
    assert "https://elsewhere.example" in began.detail


async def test_pictures_out_of_reach_are_remembered_whatever_was_wrong_before() -> None:
    setup = MonitorSetup()
    async with running(setup.run()):
        setup.watch.breaker.failed(CreditExhausted("403"))
        await until(lambda: setup.probe.asked_for_an_end > 0)
        setup.watch.breaker.failed(PictureOriginNotAllowed("https://elsewhere.example"))
        await until(lambda: setup.store.values == {PICTURES_AT: "https://elsewhere.example"})


async def test_pictures_out_of_reach_stop_buying_from_the_start_whatever_the_database_does_then() -> None:
    setup = MonitorSetup(origin="https://elsewhere.example")
    setup.store.failures = 1000
    async with running(setup.run()):
        await until(lambda: setup.watch.breaker.outage is not None)


async def test_pictures_found_out_of_reach_elsewhere_while_that_is_written_are_remembered() -> None:
    setup = MonitorSetup()
    setup.store.slow = asyncio.Event()
    async with running(setup.run()):
        setup.watch.breaker.failed(PictureOriginNotAllowed("https://one.example"))
        await asyncio.sleep(0.01)
        setup.watch.breaker.close()
        setup.watch.breaker.failed(PictureOriginNotAllowed("https://another.example"))
        setup.store.slow.set()
        await until(lambda: setup.store.values == {PICTURES_AT: "https://another.example"})


async def test_pictures_that_the_operator_allows_now_are_no_outage() -> None:
    setup = MonitorSetup(origin="https://elsewhere.example")
    setup.probe.allowed = {"https://elsewhere.example"}
    async with running(setup.run()):
        await until(lambda: setup.store.values == {PICTURES_AT: ""})
        await asyncio.sleep(0.05)
    assert setup.alerts.empty()


async def test_pictures_found_out_of_reach_while_the_last_ones_can_not_be_erased_are_remembered() -> None:
    setup = MonitorSetup(origin="https://one.example")
    setup.probe.allowed = {"https://one.example"}
    setup.store.failures = 1
    async with running(setup.run()):
        while setup.store.failures:  # noqa: ASYNC110 — not a moment later
            await asyncio.sleep(0)
        setup.watch.breaker.failed(PictureOriginNotAllowed("https://another.example"))
        await until(lambda: setup.store.values == {PICTURES_AT: "https://another.example"})
        await asyncio.sleep(0.05)
    assert setup.store.values == {PICTURES_AT: "https://another.example"}
