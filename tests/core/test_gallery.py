"""What `/gallery` finds, against stand-ins of its ports."""

from __future__ import annotations

from bot.core.errors import PicturesLost
from bot.core.gallery import Gallery, Kept
from bot.core.generation import Order, Source
from tests.core.fakes import FakePainter
from tests.core.samples import NOON, caller
from tests.core.use_cases import FakeShelf

KEPT = Kept("a fox", NOON, Order("m", (Source("http://pictures/0"), Source("http://pictures/1"))))


async def test_what_is_kept_is_fetched_and_never_bought_again() -> None:
    painter = FakePainter()
    [exhibit] = await Gallery(FakeShelf(KEPT), painter).of(caller())
    assert exhibit.kept == KEPT
    assert len(exhibit.pictures) == 2
    assert painter.orders == []


async def test_what_has_expired_is_a_gap() -> None:
    painter = FakePainter()
    painter.fetch_error = PicturesLost()
    [exhibit] = await Gallery(FakeShelf(KEPT), painter).of(caller())
    assert exhibit.pictures == ()
