"""Errors as people can meet them: one of each kind, and of every branch that says something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import get_args

from bot.core.errors import (
    BotError,
    CommandWithheld,
    InvalidOption,
    OutdatedInteraction,
    Piece,
    UnforeseenFailure,
)
from bot.core.generation.errors import (
    ChosenModelRetired,
    EditModelRetired,
    ImageApiTrouble,
    InputRefused,
    InputTrouble,
    ModelRetired,
    ModerationStage,
    OutOfService,
    PictureOriginNotAllowed,
    PromptRejected,
)
from bot.core.limits.errors import (
    BudgetReached,
    ChannelNotAllowed,
    ChoiceNotAllowed,
    FailureLimitReached,
    ForbiddenWithStyle,
    LimitReached,
    MaxConcurrencyReached,
    MemberBlocked,
    OnCooldown,
    PromptTooLongForStyle,
    StyleNotOffered,
    TooManyImages,
    UnknownTimeZone,
)
from bot.core.limits.meters import FailedToday, Origin, Period, Ruling, Scope
from bot.core.limits.policy import Block, Setting
from bot.core.moderation.errors import (
    FieldNotApplicable,
    InvalidInput,
    LogChannelForbidden,
    LogChannelUnusable,
    OneOptionNeeded,
    PolicyListFull,
    SettingOutOfBounds,
    StyleGone,
    StyleNameReserved,
    StyleNameTaken,
    TooManyPolicyChanges,
)
from bot.core.moderator_log.errors import ReportingTooFast, ReportQueueFull
from bot.core.statistics.errors import ExportTooLarge, InvalidDate, PeriodReversed, PeriodTooLong
from bot.core.word_filter.errors import (
    EntryTooLong,
    EntryWithoutLetters,
    ForbiddenWord,
    MisplacedWildcard,
    PromptTooLong,
    WordListTooLong,
)
from tests.core.factories import NOON, meter


def kinds(root: type[BotError] = BotError) -> Iterator[type[BotError]]:
    """Every error of the domain."""
    for kind in root.__subclasses__():
        if kind.__module__.startswith("bot.core."):
            yield kind
            yield from kinds(kind)


def leaves(kind: type[BotError]) -> Iterator[type[BotError]]:
    children = [child for child in kind.__subclasses__() if child.__module__.startswith("bot.core")]
    if not children:
        yield kind
    for child in children:
        yield from leaves(child)


def sample(kind: type[BotError]) -> BotError:
    arguments: dict[type[BotError], tuple[object, ...]] = {
        CommandWithheld: ("imagine",),
        PromptTooLong: (1500, 1024),
        TooManyImages: (9, Ruling(4)),
        LimitReached: (meter(Scope.MEMBER, 10), 10, 1),
        BudgetReached: (meter(Scope.BUDGET, 2_000_000), 1_960_000, 140_000, 1),
        ModelRetired: ("grok-2-image",),
        ChosenModelRetired: ("grok-2-image",),
        EditModelRetired: ("grok-2-image",),
        PictureOriginNotAllowed: ("https://elsewhere.example",),
        MemberBlocked: (Block(NOON, "spam"),),
        ChannelNotAllowed: (frozenset({9}),),
        ForbiddenWord: ("f*",),
        ChoiceNotAllowed: ("Detailed", ("Fast", "*Fine*")),
        StyleNotOffered: ("noir", ("Comic", "*Clay*")),
        ForbiddenWithStyle: ("f*", "Noir"),
        PromptTooLongForStyle: ("Noir", 1500, 900),
        StyleNameTaken: ("Noir",),
        StyleNameReserved: ("Any",),
        StyleGone: ("Noir",),
        LogChannelForbidden: (9, ("embed_links",)),
        LogChannelUnusable: (9,),
        ReportingTooFast: (NOON,),
        WordListTooLong: ("words", 201, 200),
        EntryWithoutLetters: ("!!!",),
        MisplacedWildcard: ("b*d",),
        EntryTooLong: ("bad" * 30, 60),
        OnCooldown: (NOON, Ruling(90)),
        MaxConcurrencyReached: (2, Ruling(2)),
        SettingOutOfBounds: (Setting.DAILY, 101, 100),
        OutOfService: (ImageApiTrouble.DOWN,),
        InputRefused: (InputTrouble.BROKEN,),
        TooManyPolicyChanges: (NOON,),
        InvalidOption: ("images",),
        PolicyListFull: ("roles", 100),
        InvalidDate: ("yesterday",),
        PeriodReversed: (date(2026, 11, 2), date(2026, 11, 1)),
        PeriodTooLong: (400,),
        ExportTooLarge: (10,),
        OneOptionNeeded: (("images", "unlimited"),),
        UnknownTimeZone: (("Europe/Berlin", "UTC"),),
        OutdatedInteraction: ("command",),
        InvalidInput: ("12abc", "number"),
        FieldNotApplicable: ("field.images", ("form.choice.limit", "form.choice.top-up")),
        UnforeseenFailure: ("abcd1234",),
    }
    return kind(*arguments.get(kind, ()))


def examples() -> Mapping[str, BotError]:
    """By a name that stays when a class is called otherwise."""
    return {**_kinds(), **dict(_branches()), **dict(_limits())}


def _kinds() -> Mapping[str, BotError]:
    return {kind.__name__: sample(kind) for kind in leaves(BotError)}


def _limits() -> Iterator[tuple[str, BotError]]:
    amounts = ((3, 1), (1, 2), (2, 3), (1, 4), (0, 4))
    for period in Period:
        for limit, used, asked in ((100, 98, 7), (100, 60, 70), (100, 0, 101), (5, 0, 7), (0, 0, 7)):
            images = 10 if asked > 10 else 1
            name = f"budget {limit} of a {period}: {used} used, {asked} asked for by {images} images"
            yield name, BudgetReached(meter(Scope.BUDGET, limit, period), used, asked, images)
    yield "limit 10 of member, day, by pictures that count 3", LimitReached(meter(limit=10), 6, 6, 3)
    for scope in (Scope.MEMBER, Scope.SERVER, Scope.BOT):
        for period in Period:
            for limit in (3, 1, 0):
                for used, asked in amounts:
                    here = meter(scope, limit, period)
                    name = f"limit {limit} of {scope}, {period}: {used} used, {asked} asked for"
                    yield name, LimitReached(here, used, asked)
    for limit in (3, 1, 0):
        for used, asked in amounts:
            outside = replace(meter(Scope.DIRECT, limit), ruling=Ruling(limit, Origin.BOT))
            yield (
                f"limit {limit} outside of servers: {used} used, {asked}",
                LimitReached(outside, used, asked),
            )
    for name, ruling in {
        "server": Ruling(3, Origin.SERVER),
        "member": Ruling(3, Origin.MEMBER),
        "role": Ruling(3, Origin.ROLE, 7),
        "capped": Ruling(3, Origin.ROLE, 7, capped=True),
    }.items():
        yield f"limit of {name}", LimitReached(replace(meter(), ruling=ruling), 3, 1)


def _branches() -> Iterator[tuple[str, BotError]]:
    yield "too many images, one", TooManyImages(9, Ruling(1, Origin.ROLE, 7))
    yield "too many images, outside of servers", TooManyImages(9, Ruling(4, Origin.BOT))
    yield "too many images, capped", TooManyImages(9, Ruling(4, Origin.SERVER, capped=True))
    yield "blocked for good", MemberBlocked(Block(None))
    yield "blocked for good, why", MemberBlocked(Block(None, "*spam*\n@everyone"))
    yield "blocked until", MemberBlocked(Block(NOON))
    yield "no channel", ChannelNotAllowed(frozenset())
    yield "no other model", ChoiceNotAllowed("Detailed", ())
    yield "model gone", ChoiceNotAllowed("", ("Fast",))
    yield "models gone", ChoiceNotAllowed("", ())
    yield "no styles", StyleNotOffered("noir", ())
    yield "many channels", ChannelNotAllowed(frozenset(range(1, 15)))
    for name, ruling in (
        ("bot", Ruling(1)),
        ("moderators", Ruling(1, Origin.SERVER)),
        ("capped", Ruling(3700, Origin.SERVER, capped=True)),
    ):
        yield f"cooling down, {name}", OnCooldown(NOON, ruling)
        yield f"one at once, {name}", MaxConcurrencyReached(1, ruling)
        yield f"many at once, {name}", MaxConcurrencyReached(1200, ruling)
    for scope in (Scope.MEMBER, Scope.SERVER):
        for used in (1, 8):
            yield f"{used} failed of {scope}", FailureLimitReached(FailedToday(scope, used, used, NOON))
    for trouble in ImageApiTrouble:
        yield f"out of service: {trouble}", OutOfService(trouble)
    for wrong in InputTrouble:
        yield f"a picture that can't be changed: {wrong}", InputRefused(wrong, most=1)
        yield f"the second picture that can't be changed: {wrong}", InputRefused(wrong, 2, most=1)
    yield "more pictures than can be changed", InputRefused(InputTrouble.TOO_MANY, most=3)
    for name, categories in (("", ()), (", why", ("violence", "*odd* @one"))):
        yield f"refused{name}", PromptRejected(categories=categories)
        yield (
            f"prompt or picture refused{name}",
            PromptRejected(stage=ModerationStage.INPUTS, categories=categories),
        )
        yield (
            f"painted and refused{name}",
            PromptRejected(stage=ModerationStage.OUTPUT, categories=categories),
        )
    for what in get_args(Piece):
        yield f"outdated {what}", OutdatedInteraction(what)
    yield "unlimited out of bounds", SettingOutOfBounds(Setting.DAILY, None, 100)
    yield "out of bounds", SettingOutOfBounds(Setting.MONTHLY, 100_001, None)
    yield "cooldown out of bounds", SettingOutOfBounds(Setting.COOLDOWN, 5, 30)
    yield "cooldown out of no bounds", SettingOutOfBounds(Setting.COOLDOWN, 100_000, None)
    yield "too many changes by one", TooManyPolicyChanges(NOON, by_one=True)
    yield "one option", OneOptionNeeded(("images",))
    yield "hostile option", InvalidOption("images" * 20)
    yield "option that is not offered", InvalidOption("model", ("Fast", "*Detailed*"))
    yield "no zone like it", UnknownTimeZone(())
    yield "list too long", WordListTooLong("list", 4001, 4000)
    yield "named field", InvalidInput("*many*", "number", "field.images")
    yield "named field left empty", InvalidInput(" ", "number", "field.images")
    yield "one taker", FieldNotApplicable("field.reason", ("form.choice.block",))
    yield "two permissions", LogChannelForbidden(9, ("embed_links", "view_channel"))
    yield "three permissions", LogChannelForbidden(9, ("embed_links", "send_messages", "view_channel"))
    yield "too many waiting of one", ReportQueueFull(of_one=True)
