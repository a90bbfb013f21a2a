"""How long a refused order is remembered, and for whom."""

from __future__ import annotations

from bot.core.generation.earlier_pictures import Idea
from bot.core.generation.model import ImageSpec
from bot.interactions.refused_orders import KEPT_SECONDS, MOST_KEPT, MOST_OF_ONE, RefusedOrders

FOX = Idea(ImageSpec("a fox"), by=7)
ADA, BOB = 1, 2


def test_an_order_is_taken_once_and_by_whoever_gave_it() -> None:
    orders = RefusedOrders()
    orders.keep(5, ADA, FOX)
    assert orders.take(5, BOB) is None
    assert orders.find(5, ADA) == FOX
    assert orders.take(5, ADA) == FOX
    assert orders.take(5, ADA) is None


def test_all_of_a_members_orders_are_forgotten_with_what_is_on_record_of_them() -> None:
    orders = RefusedOrders()
    for id, member in ((5, ADA), (6, BOB), (7, ADA)):
        orders.keep(id, member, FOX)
    orders.forget(ADA)
    assert [orders.find(id, member) for id, member in ((5, ADA), (6, BOB), (7, ADA))] == [None, FOX, None]


def test_an_order_is_forgotten_after_an_hour() -> None:
    now = 0.0
    orders = RefusedOrders(lambda: now)
    orders.keep(5, ADA, FOX)
    now = KEPT_SECONDS - 1
    assert orders.find(5, ADA) == FOX
    now = KEPT_SECONDS
    assert orders.find(5, ADA) is None


def test_nobodys_order_is_forgotten_for_anothers_many_and_all_of_them_are_bounded() -> None:
    orders = RefusedOrders()
    orders.keep(5, ADA, FOX)
    for number in range(100, 100 + MOST_KEPT):
        orders.keep(number, BOB, FOX)
    assert orders.find(5, ADA) == FOX
    assert sum(orders.find(number, BOB) is not None for number in range(100, 100 + MOST_KEPT)) == MOST_OF_ONE
    for member in range(3, 3 + MOST_KEPT):
        orders.keep(1000 + member, member, FOX)
    assert orders.find(5, ADA) is None
    assert orders.find(1000 + 2 + MOST_KEPT, 2 + MOST_KEPT) == FOX
