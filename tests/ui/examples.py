"""Everything that `bot.ui` and the forms draw, one of each and of every branch that says something else."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.gallery.service import GalleryPage
from bot.core.generation.errors import ImageApiTrouble, PromptRejected
from bot.core.generation.events import Delivered, Failed, Refused
from bot.core.generation.model import Cost, Generation, ImageSpec, Painting, Picture, Request, Shape, State
from bot.core.generation.retry_offer import TryAgain, UseOtherWords
from bot.core.health.alerts import Alert, BalanceLow, DatabaseBack, DatabaseLost, OutageBegan, OutageEnded
from bot.core.limits.meters import FailedToday, MeterReading, Scope
from bot.core.limits.offer import Offer, Requirement
from bot.core.limits.policy import (
    Block,
    ChannelMode,
    ChannelRule,
    CounterReset,
    LogLevel,
    LogRule,
    Policy,
    Setting,
    TopUp,
)
from bot.core.limits.policy_store import Revision
from bot.core.limits.rules import rulings, server_meters, terms_for, windows_of
from bot.core.limits.styles import Style
from bot.core.limits.usage import Usage
from bot.core.moderation.diff import Aspect, Difference, differences, drastic
from bot.core.moderation.edits import (
    ChangeChannels,
    Edit,
    ResetAll,
    SetMember,
    SetNumbers,
    SetRole,
    TopUpMember,
    apply,
)
from bot.core.moderation.service import ChangeResult, Explanation, HistoryEntry, Panel
from bot.core.moderator_log.queue import Batch, Entry, LogEvent
from bot.core.moderator_log.reports import Reported, WaitingReport
from bot.core.preferences.preferences import NO_PREFERENCES, Preferences
from bot.core.privacy.service import Erased
from bot.core.statistics.usage_export import DateRange
from bot.core.word_filter.errors import ForbiddenWord
from bot.core.word_filter.word_list import WordList
from bot.interactions.prompt_form import prompt_form
from bot.interactions.services import CommandBounds
from bot.ui.embeds import credit_line, painting_message
from bot.ui.generation.details import details_message
from bot.ui.generation.gallery import (
    FoundPicture,
    GalleryPosition,
    PostedPictures,
    Whose,
    WhyNotFound,
    page_layout,
    picture_layout,
)
from bot.ui.generation.picture_buttons import picture_buttons, retry_button
from bot.ui.generation.undelivered import undelivered_message
from bot.ui.health.alerts import alert_words
from bot.ui.help_screen import help_embed
from bot.ui.join_hint import join_hint
from bot.ui.limits.explanation import explanation_embed
from bot.ui.limits.list_pages import ListKind, list_layout
from bot.ui.limits.panel import note_layout, panel_layout
from bot.ui.limits.panel_parts import Note, Part
from bot.ui.limits.panel_sections import MissingReferences, PanelContext
from bot.ui.limits.usage_embed import usage_embed
from bot.ui.moderation.confirmation import confirmation_layout
from bot.ui.moderation.diff_text import changed_just_now, describe
from bot.ui.moderation.history import history_embed
from bot.ui.moderator_log.entries import log_message
from bot.ui.moderator_log.report_list import reports_layout
from bot.ui.preferences.summary import preferences_embed
from bot.ui.privacy.summary import erased_layout, privacy_embed, question_layout
from bot.ui.sentences import IN_ENGLISH, Sentences
from cogs.limits.change import change_note, change_text
from cogs.limits.export import export_text
from cogs.limits.policy_forms import modal_for
from cogs.limits.set import zone_choices
from tests.core.factories import CHOICES, NOON, caller, operator

LATER = NOON + timedelta(days=2)
ADA = caller(roles=frozenset(range(70, 90)))
BOUNDS = operator(10, 200, ceiling=50, monthly=500, choices=CHOICES, revises=True)
WIDE = operator(10, None, per_prompt=None, cooldown=0)

POLICIES = {
    "nothing": Policy(),
    "numbers": Policy(numbers=dict.fromkeys(Setting, 3)),
    "capped": Policy(numbers={Setting.DAILY: 80, Setting.COOLDOWN: 3700}),
    "off": Policy(numbers={Setting.DAILY: 0, Setting.SERVER_DAILY: 0}),
    "lists": Policy(
        roles={role: role for role in range(70, 76)} | {99: None},
        members={2: 4, 5: 0, 6: 7, 7: None},
        blocks={2: Block(LATER, "*spam*"), 3: Block(None, "x" * 200), 4: Block(LATER), 9: Block(None)},
        top_ups={2: TopUp("2026-11-23", 4), 5: TopUp("2026-11-23", 1), 6: TopUp("2026-11-20", 1)},
        counter_resets={2: CounterReset("2026-11-23", 1)},
        channels=ChannelRule(ChannelMode.ONLY, frozenset(range(4, 12)), age_restricted_only=True),
        words=WordList(("bad", "worse*", "c*t", "a*b", "d*e", "f*g")),
        zone=ZoneInfo("Europe/Berlin"),
        log=LogRule(12, LogLevel.EVERYTHING),
    ),
    "except": Policy(
        channels=ChannelRule(ChannelMode.EXCEPT, frozenset({4, 5})), log=LogRule(12), words=WordList(("one",))
    ),
    "nowhere": Policy(channels=ChannelRule(ChannelMode.ONLY, frozenset())),
    "aged": Policy(channels=ChannelRule(age_restricted_only=True), numbers={Setting.AT_ONCE: 1}),
    "many exceptions": Policy(
        channels=ChannelRule(ChannelMode.EXCEPT, frozenset(range(4, 50)), age_restricted_only=True),
        words=WordList(("a*",), changed=(("a*b", "a*"),)),
    ),
    "unlimited": Policy(numbers=dict.fromkeys(Setting), roles={70: None}, members={ADA.member: None}),
    "one model": Policy(choices_off=frozenset({"Detailed"}), revise=False),
    "no model": Policy(choices_off=frozenset({"Detailed", "Fast", "Anime"})),
    "many channels": Policy(channels=ChannelRule(ChannelMode.ONLY, frozenset(range(4, 50)))),
}
STYLED = ImageSpec("`a fox`", 3, Shape.WIDE, style=Style("Fast", "`1`"))
OFFER = Offer((Style("Fast", "`1`"),), {}, Requirement.OPTIONAL, Requirement.OPTIONAL)
EDITS: dict[str, Edit] = {
    "number": SetNumbers({Setting.DAILY: 100}),
    "no number": SetNumbers({Setting.DAILY: None, Setting.SERVER_DAILY: None, Setting.MONTHLY: 9000}),
    "off": SetNumbers({Setting.SERVER_MONTHLY: 0}),
    "role": SetRole(5, 300),
    "member": SetMember(5, 1000),
    "top-up": TopUpMember(5, 90),
    "any at once": SetNumbers({Setting.AT_ONCE: None, Setting.PER_PROMPT: None}),
    "server": SetNumbers({Setting.MONTHLY: None, Setting.SERVER_DAILY: 900, Setting.SERVER_MONTHLY: None}),
    "any of a role": SetRole(5, None),
    "any of a member": SetMember(5, None),
    "at once": SetNumbers({Setting.AT_ONCE: 20, Setting.PER_PROMPT: 10}),
    "reset": ResetAll(),
    "channels": ChangeChannels(ChannelMode.ONLY, frozenset({4}), frozenset(), age_restricted_only=True),
}
NOTE = Note("`done`", Part.PACE, "limits:fix:pace:1:", "🔧")
GONE = MissingReferences(
    frozenset({71, 75}), frozenset({4, 12}), frozenset({2}), ("embed_links", "view_channel"), nowhere=True
)


MANY = frozenset(range(4, 12))
PAINTED = Generation(Request(1, ADA, ImageSpec("`a fox`")), State.UNDELIVERED, NOON, model="grok-2-image")
ALERTS: tuple[Alert, ...] = (
    *(OutageBegan(trouble, "`401`") for trouble in ImageApiTrouble),
    *(OutageEnded(trouble, 600) for trouble in ImageApiTrouble),
    BalanceLow(3, "USD", 5),
    DatabaseLost("`full`"),
    DatabaseBack(21),
)
EXPORTED = DateRange(NOON.date(), NOON.date(), ZoneInfo("Europe/Berlin"))
LISTS_OF_CHANNELS = (
    (MANY, MANY | {20, 21}),
    (MANY, MANY - {4}),
    (MANY, MANY - {4} | {20}),
)


def panel_of(policy: Policy, **more: Any) -> Panel:
    readings = tuple(
        MeterReading(meter, 1200)
        for meter in server_meters(policy, BOUNDS, 3, windows_of(policy, BOUNDS, NOON))
    )
    return Panel(Revision(more.pop("number", 4), policy, 77, NOON), BOUNDS, readings, **more)


def explanation_of(policy: Policy, used: int, **more: Any) -> Explanation:
    terms = terms_for(policy, BOUNDS, ADA, NOON)
    readings = tuple(MeterReading(meter, used) for meter in terms.meters)
    return Explanation(policy, terms, tuple(rulings(policy, BOUNDS, Setting.DAILY, ADA)), readings, **more)


FAILED = tuple(FailedToday(scope, 8, 8, NOON) for scope in (Scope.MEMBER, Scope.SERVER))
SOME_FAILED = (FailedToday(Scope.MEMBER, 1, 8, NOON), FailedToday(Scope.BOT, 3, 8, NOON))


def usage_of(policy: Policy, used: int, **more: Any) -> Usage:
    terms = terms_for(policy, BOUNDS, ADA, NOON)
    readings = tuple(MeterReading(meter, used) for meter in terms.meters)
    return Usage(terms, readings, (("2026-11-22", 4), ("2026-11-23", 1200)), 1, LATER, **more)


def drawings(  # noqa: C901, PLR0915 — a list of examples, one after the other
    say: Sentences = IN_ENGLISH,
) -> Iterator[tuple[str, Any]]:
    """By name: the payloads, and lists of lines, that people read."""

    def drawn(build: Callable[..., Any], *values: Any, **more: Any) -> Any:
        if "say" in inspect.signature(build).parameters:
            more["say"] = say
        return build(*values, **more)

    def embed(build: Callable[..., Any], *values: Any, **more: Any) -> Any:
        return drawn(build, *values, **more).to_dict()

    def layout(build: Callable[..., Any], *values: Any, **more: Any) -> Any:
        return [item.to_component_dict() for item in drawn(build, *values, **more).children]

    for count, missing, revised in ((1, 0, "A fox"), (2, 1, None), (1, 2, None)):
        painting = Painting((Picture(b"x", "image/png", revised),) * count, "x-ai/grok-2-image", missing)
        for name, limit, used in (
            ("limited", 1000, 1),
            ("unlimited", None, 1),
            ("unlimited, many", None, 1200),
        ):
            reading = usage_of(Policy(), used).readings[0]
            ruling = replace(reading.meter.ruling, value=limit)
            readings = [replace(reading, meter=replace(reading.meter, ruling=ruling))]
            shown = drawn(painting_message, "`a fox`", painting, readings, "https://1.2/3")
            yield f"{count} pictures, {missing} missing, {name}", [one.to_dict() for one in shown.embeds]
    for name, policy in POLICIES.items():
        for used in (0, 3):
            yield f"usage: {name}, {used}", embed(usage_embed, usage_of(policy, used))
        yield f"usage of another: {name}", embed(usage_embed, usage_of(policy, 3, failed=FAILED), 2)
        yield f"usage, failed: {name}", embed(usage_embed, usage_of(policy, 3, failed=SOME_FAILED))
        for used, more in (
            (3, {}),
            (1200, {}),
            (0, {"failed": FAILED[:1]}),
            (0, {"failed": FAILED[1:]}),
            (0, {"next_at": LATER}),
        ):
            explained = explanation_of(policy, used, **more)
            yield f"explained: {name}, {used}, {list(more)}", embed(explanation_embed, explained, ADA, BOUNDS)
        yield (
            f"explained, left: {name}",
            embed(
                explanation_embed,
                explanation_of(policy, 0),
                replace(ADA, place=replace(ADA.place, known=False)),
                WIDE,
                left=True,
            ),
        )
        yield f"panel: {name}", layout(panel_layout, panel_of(policy), NOON)
        yield f"panel, gone: {name}", layout(panel_layout, panel_of(policy), NOON, GONE, NOTE, 1)
        for kind in ListKind:
            for page in (0, 1):
                context = PanelContext(panel_of(policy), NOON, 0, GONE, say)
                yield f"{kind}: {name}, {page}", layout(list_layout, kind, page, context)
        for part in Part:
            form = drawn(modal_for, part, panel_of(policy), GONE)
            yield f"form {part}: {name}", form.to_dict()
        for other, before in POLICIES.items():
            found = differences(before, policy)
            yield f"{other} to {name}", drawn(changed_just_now, ChangeResult(found, used=1200), BOUNDS)
            entries = [HistoryEntry(Revision(3, policy, 42, NOON), found)]
            yield f"history: {other} to {name}", embed(history_embed, entries, BOUNDS)
    for mode in ChannelMode:
        for aged in (False, True):
            for old, new in LISTS_OF_CHANNELS:
                rule, changed = ChannelRule(mode, old, aged), ChannelRule(mode, new, aged)
                line = drawn(describe, Difference(Aspect.CHANNELS, None, rule, changed), BOUNDS)
                yield f"channels: {mode}, {aged}, {len(new)}", line
    yield "no history", embed(history_embed, [], BOUNDS)
    yield (
        "panel, new",
        layout(
            panel_layout,
            panel_of(Policy(), number=0, ephemeral_host="Fly", zone_from=LATER),
            NOON,
            MissingReferences(),
            None,
            1200,
        ),
    )
    yield "note", layout(note_layout, NOTE)
    for name, edit in EDITS.items():
        for overtaken in (False, True):
            before = POLICIES["lists"] if name in {"reset", "channels"} else Policy()
            after = apply(edit, before, WIDE, NOON)
            changes = drastic(before, after, WIDE)
            outcome = ChangeResult(differences(before, after), True, overtaken, changes)
            bounds = replace(WIDE, bot_daily=None) if overtaken else WIDE
            try:
                yield f"confirm {name}, {overtaken}", layout(confirmation_layout, [edit], outcome, bounds)
            except ValueError:
                continue
    for spec, revised in ((PAINTED.request.spec, ""), (STYLED, "A fox"), (ImageSpec("", 2), "")):
        asked = replace(PAINTED.request, spec=spec, idea_by=7)
        known = replace(PAINTED, request=asked, settled_at=LATER, cost=Cost(147_000, estimated=bool(revised)))
        for one in (known, replace(known, cost=Cost(147_000, estimated=False))):
            [facts] = drawn(details_message, one, revised, shows_cost=True).embeds
            yield f"details: {spec.count}, {revised}, {one.cost}", facts.to_dict()
    below = [drawn(picture_buttons, 1, changes=True)]
    below += [drawn(retry_button, 1, offer) for offer in (TryAgain(), TryAgain(1200), UseOtherWords())]
    for number, row in enumerate(below):
        yield f"buttons, {number}", row.to_components()
    for longest in (1, 4000):
        room = CommandBounds(4, longest, frozenset(Shape))
        yield f"form of a prompt, {longest}", drawn(prompt_form, "`1`", "1", STYLED, room, OFFER).to_dict()
    for idea_by in (None, 7):
        yield f"credit: {idea_by}", drawn(credit_line, 2, idea_by)
    request = Request(1, ADA, ImageSpec("`a fox`", 2))
    events: dict[str, LogEvent] = {
        "refused": Refused(request, ForbiddenWord("f*")),
        "reported": Reported(ADA, 7, 9, ""),
        "reported, of nobody": Reported(ADA, 7, None, "`1`"),
    }
    for message in (None, 7):
        for lost in (0, 1):
            events[f"delivered {message} {lost}"] = Delivered(
                request, 2, lost, "`1`", Cost(147_000, estimated=False) if lost else None, message
            )
        for counted in (0, 2):
            for may in (True, False):
                events[f"failed {message} {counted} {may}"] = Failed(
                    request, PromptRejected(), counted=counted, may_have_cost=may, message=message
                )
    for name, event in events.items():
        for times in (1, 1200):
            [entry] = drawn(log_message, Batch(3, (Entry(event, NOON, times),), Counter())).embeds
            yield f"log: {name}, {times}", entry.to_dict()
    reports = [
        WaitingReport(7 + place // 4, 4, place, 9 if place % 3 else None, "`1`" if place % 2 else "", NOON)
        for place in range(40)
    ]
    for page in (0, 1):
        yield f"reports, {page}", layout(reports_layout, 3, reports, page)
    yield "one report", layout(reports_layout, 3, reports[:1], 0)
    yield "no reports", layout(reports_layout, 3, [], 0)
    kept = drawn(undelivered_message, [(PAINTED, None)] * 2)
    yield "undelivered", [kept.content, *(one.to_dict() for one in kept.embeds)]
    for name, build, values in _gallery():
        yield name, layout(build, *values)
    for alert in ALERTS:
        yield f"alert: {alert}", drawn(alert_words, alert)
    for lines in ([], ["`1`"]):
        yield f"changed {lines}", [drawn(change_text, lines), drawn(change_note, lines)]
    for rows, files in ((0, 0), (1, 1), (1200, 2)):
        yield f"export {rows}", drawn(export_text, EXPORTED, rows, files)
    for typed in ("", "`x`", "Berl"):
        yield f"zones {typed}", [one.name for one in drawn(zone_choices, typed, NOON)]
    yield "log, lost", drawn(log_message, Batch(3, (), Counter({Refused: 3}))).content
    yield "privacy", embed(privacy_embed, timedelta(days=30))
    yield "privacy, no edits", embed(privacy_embed, timedelta(days=30), edits=False)
    yield "privacy, no prompts", embed(privacy_embed, timedelta())
    yield "privacy, one day", embed(privacy_embed, timedelta(days=1))
    for preferences in (NO_PREFERENCES, Preferences(Shape.TALL, "Noir", revise=False, language="en")):
        offer = {"revises": True, "languages": True}
        yield f"preferences: {preferences}", embed(preferences_embed, preferences, **offer)
    for usage in (None, usage_of(POLICIES["nowhere"], 3)):
        for in_server in (True, False):
            commands = ["imagine", "edit", "gallery", "preferences", "usage", "privacy", "limits"]
            shown = drawn(help_embed, commands, ["Fast"], usage, in_server=in_server)
            yield f"help: {usage is None}, {in_server}", shown.to_dict()
    yield "help, not served", drawn(help_embed, ["privacy"], [], None, in_server=True, served=False).to_dict()
    yield "joined", drawn(join_hint).content
    yield "erase?", layout(question_layout, 2)
    for erased in (Erased(0, 0, 0, 0), Erased(1, 1, 1, 1, preferences=True), Erased(1200, 2, 0, 3)):
        yield f"erased {erased}", layout(erased_layout, erased)


SHOWN = {"content", "title", "description", "name", "value", "label", "text", "placeholder"}


def _gallery() -> Iterator[tuple[str, Callable[..., Any], tuple[Any, ...]]]:
    """Each page of pictures, and each reason not to see one."""
    found = PostedPictures((FoundPicture("https://cdn.discordapp.com/attachments/1/2/a.png"),))
    for why_not in (None, *WhyNotFound):
        posted = {PAINTED.id: PostedPictures(why_not=why_not) if why_not else found}
        page = GalleryPage((PAINTED,) * 2, has_newer=True, has_older=True)
        yield f"gallery, {why_not}", page_layout, (GalleryPosition(), page, posted)
        yield f"gallery, alone, {why_not}", picture_layout, (PAINTED, posted[PAINTED.id])
    for whose in Whose:
        filtered = GalleryPosition(whose, "grok-2-image", "a fox")
        for position in (GalleryPosition(whose), filtered):
            yield f"gallery of nothing, {position.code}", page_layout, (position, GalleryPage(()), {})


def texts(payload: Any) -> Iterator[tuple[str, str]]:
    """What of a payload people read, by where it stands."""
    match payload:
        case str():
            yield "line", payload
        case dict():
            for key, inner in payload.items():
                if isinstance(inner, str):
                    if key in SHOWN and not ("value" in key and "label" in payload):
                        yield key, inner
                elif key not in {"default_values", "image"}:
                    yield from texts(inner)
        case list() | tuple():
            for inner in payload:
                yield from texts(inner)
        case _:
            pass
