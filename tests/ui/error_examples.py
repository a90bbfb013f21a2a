"""Errors as people can meet them: one of each kind, and of every branch that says something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import get_args

from bot.core import errors, not_done
from bot.core.errors import BotError, LimitReached
from bot.core.limits.meters import FailedToday, Origin, Period, Ruling, Scope
from bot.core.limits.policy import Block, Setting
from tests.core.samples import NOON, meter


def leaves(kind: type[BotError]) -> Iterator[type[BotError]]:
    children = [child for child in kind.__subclasses__() if child.__module__.startswith("bot.core")]
    if not children:
        yield kind
    for child in children:
        yield from leaves(child)


def sample(kind: type[BotError]) -> BotError:
    arguments: dict[type[BotError], tuple[object, ...]] = {
        errors.PromptTooLong: (1500, 1024),
        errors.TooManyImages: (9, Ruling(4)),
        errors.LimitReached: (meter(Scope.MEMBER, 10), 10, 1),
        errors.ModelGone: ("grok-2-image",),
        errors.PicturesNotAllowed: ("https://elsewhere.example",),
        errors.Blocked: (Block(NOON, "spam"),),
        errors.ChannelClosed: (frozenset({9}),),
        errors.ForbiddenWord: ("f*",),
        not_done.LogChannelClosed: (9, ("Embed Links",)),
        not_done.LogChannelUnfit: (9,),
        not_done.TooManyReports: (NOON,),
        not_done.WordsOverLimit: ("words", 201, 200),
        not_done.WordUnusable: ("!!!",),
        not_done.StarInside: ("b*d",),
        not_done.WordTooLong: ("bad" * 30, 60),
        errors.CoolingDown: (NOON, Ruling(90)),
        errors.TooManyAtOnce: (2, Ruling(2)),
        not_done.OutOfBounds: (Setting.DAILY, 101, 100),
        errors.OutOfService: (errors.Trouble.DOWN,),
        not_done.TooManyChanges: (NOON,),
        not_done.OptionImpossible: ("images",),
        not_done.TooManyDecisions: ("roles", 100),
        not_done.DayUnreadable: ("yesterday",),
        not_done.PeriodBackwards: (date(2026, 11, 2), date(2026, 11, 1)),
        not_done.PeriodTooLong: (400,),
        not_done.ExportTooLarge: (10,),
        not_done.Unclear: (("images", "unlimited"),),
        not_done.UnknownZone: (("Europe/Berlin", "UTC"),),
        not_done.Outdated: ("command",),
        not_done.Unreadable: ("12abc", "a whole number"),
        not_done.Misplaced: ("Images per day", ("Own limit", "Top up today")),
        errors.UnforeseenFailure: ("abcd1234",),
    }
    return kind(*arguments.get(kind, ()))


def examples() -> Mapping[str, BotError]:
    """By a name that stays when a class is called otherwise."""
    return {**_kinds(), **dict(_branches()), **dict(_limits())}


def _kinds() -> Mapping[str, BotError]:
    return {kind.__name__: sample(kind) for kind in leaves(BotError)}


def _limits() -> Iterator[tuple[str, BotError]]:
    amounts = ((3, 1), (1, 2), (2, 3), (1, 4), (0, 4))
    for scope in Scope:
        for period in Period:
            for limit in (3, 1, 0):
                for used, asked in amounts:
                    here = meter(scope, limit, period)
                    name = f"limit {limit} of {scope}, {period}: {used} used, {asked} asked for"
                    yield name, LimitReached(here, used, asked)
    for name, ruling in {
        "server": Ruling(3, Origin.SERVER),
        "member": Ruling(3, Origin.MEMBER),
        "role": Ruling(3, Origin.ROLE, 7),
        "capped": Ruling(3, Origin.ROLE, 7, capped=True),
    }.items():
        yield f"limit of {name}", LimitReached(replace(meter(), ruling=ruling), 3, 1)


def _branches() -> Iterator[tuple[str, BotError]]:
    yield "too many images, one", errors.TooManyImages(9, Ruling(1, Origin.ROLE, 7))
    yield "too many images, capped", errors.TooManyImages(9, Ruling(4, Origin.SERVER, capped=True))
    yield "blocked for good", errors.Blocked(Block(None))
    yield "blocked for good, why", errors.Blocked(Block(None, "*spam*\n@everyone"))
    yield "blocked until", errors.Blocked(Block(NOON))
    yield "no channel", errors.ChannelClosed(frozenset())
    yield "many channels", errors.ChannelClosed(frozenset(range(1, 15)))
    for name, ruling in (
        ("bot", Ruling(1)),
        ("moderators", Ruling(1, Origin.SERVER)),
        ("capped", Ruling(3700, Origin.SERVER, capped=True)),
    ):
        yield f"cooling down, {name}", errors.CoolingDown(NOON, ruling)
        yield f"one at once, {name}", errors.TooManyAtOnce(1, ruling)
        yield f"many at once, {name}", errors.TooManyAtOnce(1200, ruling)
    for scope in (Scope.MEMBER, Scope.SERVER):
        for used in (1, 8):
            yield f"{used} failed of {scope}", errors.TooManyFailed(FailedToday(scope, used, used, NOON))
    for trouble in errors.Trouble:
        yield f"out of service: {trouble}", errors.OutOfService(trouble)
    for what in get_args(not_done.Piece):
        yield f"outdated {what}", not_done.Outdated(what)
    yield "unlimited out of bounds", not_done.OutOfBounds(Setting.DAILY, None, 100)
    yield "out of bounds", not_done.OutOfBounds(Setting.MONTHLY, 100_001, None)
    yield "cooldown out of bounds", not_done.OutOfBounds(Setting.COOLDOWN, 5, 30)
    yield "cooldown out of no bounds", not_done.OutOfBounds(Setting.COOLDOWN, 100_000, None)
    yield "too many changes by one", not_done.TooManyChanges(NOON, by_one=True)
    yield "one option", not_done.Unclear(("images",))
    yield "hostile option", not_done.OptionImpossible("images" * 20)
    yield "no zone like it", not_done.UnknownZone(())
    yield "list too long", not_done.WordsOverLimit("list", 4001, 4000)
    yield "named field", not_done.Unreadable("*many*", "a whole number", "Images per day")
    yield "named field left empty", not_done.Unreadable(" ", "a whole number", "Images per day")
    yield "one taker", not_done.Misplaced("Reason", ("Block",))
    yield "two permissions", not_done.LogChannelClosed(9, ("Embed Links", "View Channel"))
    yield "three permissions", not_done.LogChannelClosed(9, ("Embed Links", "Send Messages", "View Channel"))
    yield "too many waiting of one", not_done.TooManyWaiting(of_one=True)
