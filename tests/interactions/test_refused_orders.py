"""How long a refused order is remembered, and for whom."""

from __future__ import annotations

from dataclasses import replace

from bot.core.generation.earlier_pictures import Idea
from bot.core.generation.model import ImageSpec
from bot.interactions.member_memory import MOST_OF_ONE
from bot.interactions.refused_orders import KEPT_SECONDS, MOST_KEPT, RefusedOrders

FOX = Idea(ImageSpec("a fox"), by=7)
ADA, BOB = 1, 2


def test_an_order_is_taken_once_and_by_whoever_gave_it() -> None:
    orders = RefusedOrders()
    orders.keep(ADA, 5, FOX)
    assert orders.take(BOB, 5) is None
    assert orders.find(ADA, 5) == FOX
    assert orders.take(ADA, 5) == FOX
    assert orders.take(ADA, 5) is None


def test_all_of_a_members_orders_are_forgotten_with_what_is_on_record_of_them() -> None:
    orders = RefusedOrders()
    for id, member in ((5, ADA), (6, BOB), (7, ADA)):
        orders.keep(member, id, FOX)
    orders.erase(ADA, by=9)
    assert [orders.find(member, id) for id, member in ((5, ADA), (6, BOB), (7, ADA))] == [None, FOX, None]
    orders.keep(ADA, 8, FOX)  # the refusal of which came late
    orders.keep(ADA, 10, FOX)
    assert [orders.find(ADA, id) for id in (8, 10)] == [None, FOX]
    for member in range(8, 8 + MOST_KEPT):
        orders.erase(member, by=11)
    orders.keep(ADA, 8, FOX)
    assert orders.find(ADA, 8) == FOX  # the members are bounded too


def test_what_others_wanted_of_a_member_is_forgotten_with_what_is_on_record_of_them() -> None:
    orders = RefusedOrders()
    orders.keep(BOB, 5, replace(FOX, by=ADA))
    orders.keep(BOB, 6, FOX)
    orders.erase(ADA, by=9)
    orders.keep(BOB, 8, replace(FOX, by=ADA))  # the refusal of which came late
    orders.keep(BOB, 10, replace(FOX, by=ADA))  # of a picture that came since
    assert [orders.find(BOB, id) is not None for id in (5, 6, 8, 10)] == [False, True, False, True]


def test_an_order_is_forgotten_after_an_hour() -> None:
    now = 0.0
    orders = RefusedOrders(lambda: now)
    orders.keep(ADA, 5, FOX)
    now = KEPT_SECONDS - 1
    assert orders.find(ADA, 5) == FOX
    now = KEPT_SECONDS
    assert orders.find(ADA, 5) is None


def test_nobodys_order_is_forgotten_for_anothers_many_and_all_of_them_are_bounded() -> None:
    orders = RefusedOrders()
    orders.keep(ADA, 5, FOX)
    for number in range(100, 100 + MOST_KEPT):
        orders.keep(BOB, number, FOX)
    assert orders.find(ADA, 5) == FOX
    assert sum(orders.find(BOB, number) is not None for number in range(100, 100 + MOST_KEPT)) == MOST_OF_ONE
    for member in range(8, 8 + MOST_KEPT):
        orders.keep(member, 1000 + member, FOX)
    assert orders.find(ADA, 5) is None
    assert orders.find(2 + MOST_KEPT, 1000 + 2 + MOST_KEPT) == FOX
