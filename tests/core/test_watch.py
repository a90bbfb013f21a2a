"""The watch: an outage ends when a probe says so, and a low balance is told once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.core.errors import CreditExhausted, Trouble
from bot.core.watch import Alert, BalanceLow, OutageBegan, OutageEnded, Watch
from tests.core.background import running


@dataclass
class Purse:
    amount: float
    currency: str = "USD"


class FakeDoctor:
    def __init__(self) -> None:
        self.purse: Purse | None = None
        self.mended: list[bool | None] = []
        self.serves = True
        self.mistakes = 0

    async def survey(self) -> bool:
        return self.serves

    async def is_mended(self, trouble: Trouble) -> bool | None:
        assert trouble in Trouble
        if self.mistakes:
            self.mistakes -= 1
            raise ZeroDivisionError
        return self.mended.pop(0) if self.mended else None

    async def balance(self) -> Purse | None:
        return self.purse


class Ward:
    def __init__(self, low_balance: float = 5) -> None:
        self.doctor = FakeDoctor()
        self.told: asyncio.Queue[Alert] = asyncio.Queue()
        self.watch = Watch(
            self.doctor,
            self.told.put_nowait,
            asyncio.get_running_loop().time,
            low_balance=low_balance,
            probe_seconds=0.01,
            balance_seconds=0.01,
        )


async def test_an_outage_ends_with_the_first_probe_that_says_so() -> None:
    ward = Ward()
    ward.doctor.mended = [False, None, True]
    async with running(ward.watch.run()):
        ward.watch.breaker.failed(CreditExhausted("403"))
        assert await ward.told.get() == OutageBegan(Trouble.CREDIT, "403")
        ended = await ward.told.get()
    assert isinstance(ended, OutageEnded)
    assert ward.doctor.mended == []
    assert ward.watch.breaker.outage is None


async def test_a_second_outage_is_probed_like_the_first() -> None:
    ward = Ward()
    async with running(ward.watch.run()):
        for _ in range(2):
            ward.doctor.mended = [True]
            ward.watch.breaker.failed(CreditExhausted("403"))
            kinds = [type(await ward.told.get()) for _ in range(2)]
            assert kinds == [OutageBegan, OutageEnded]


async def test_a_start_without_a_model_opens_it_before_anybody_asks() -> None:
    ward = Ward()
    ward.doctor.serves = False
    async with running(ward.watch.run()):
        began = await ward.told.get()
    assert isinstance(began, OutageBegan)
    assert began.trouble is Trouble.MODEL


async def test_a_mistake_of_ours_does_not_end_the_watch() -> None:
    ward = Ward()
    ward.doctor.mended = [True]
    ward.doctor.mistakes = 3
    async with running(ward.watch.run()):
        ward.watch.breaker.failed(CreditExhausted("403"))
        kinds = [type(await ward.told.get()) for _ in range(2)]
    assert kinds == [OutageBegan, OutageEnded]
    assert ward.doctor.mistakes == 0


async def test_a_low_balance_is_told_once_and_again_after_it_was_topped_up() -> None:
    ward = Ward(low_balance=5)
    ward.doctor.purse = Purse(4.5)
    async with running(ward.watch.run()):
        assert await ward.told.get() == BalanceLow(4.5, "USD", 5)
        await asyncio.sleep(0.05)
        assert ward.told.empty()
        ward.doctor.purse = Purse(50)
        await asyncio.sleep(0.05)
        ward.doctor.purse = Purse(1)
        assert await ward.told.get() == BalanceLow(1, "USD", 5)


async def test_nobody_is_warned_who_does_not_want_to_be() -> None:
    ward = Ward(low_balance=0)
    ward.doctor.purse = Purse(0)
    async with running(ward.watch.run()):
        await asyncio.sleep(0.05)
    assert ward.told.empty()
