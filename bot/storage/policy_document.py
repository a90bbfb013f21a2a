"""A policy as JSON text, and back: a number that is left out is undecided, and null is unlimited.

Of an earlier policy, only what `undoing` returns is kept: the difference that leads back to it from the next one.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.limits.meters import Window, Windows
from bot.core.limits.offer import Requirement
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
from bot.core.limits.styles import Style
from bot.core.word_filter.word_list import WordList
from bot.storage.engine.protocol import from_millis, to_millis

log = logging.getLogger(__name__)

Document = dict[str, Any]
UNDO = "undo"
"""The only key of a document that is kept as its difference from the next one."""


def encode(policy: Policy) -> str:
    """The same text for the same policy."""
    document: Document = {
        "numbers": {setting.value: limit for setting, limit in policy.numbers.items()},
        "roles": {str(role): limit for role, limit in policy.roles.items()},
        "members": {str(member): limit for member, limit in policy.members.items()},
        "blocks": {
            str(member): {"until": to_millis(block.until) if block.until else None, "reason": block.reason}
            for member, block in policy.blocks.items()
        },
        "top_ups": {str(member): [it.day, it.images] for member, it in policy.top_ups.items()},
        "fresh_starts": {str(member): [it.day, it.count] for member, it in policy.counter_resets.items()},
        "channels": {
            "mode": policy.channels.mode.value,
            "listed": sorted(policy.channels.channels),
            "age_restricted_only": policy.channels.age_restricted_only,
        },
        "words": list(policy.words.patterns),
        "zone": policy.zone.key if policy.zone else None,
        "running": encode_running(policy.running) if policy.running else None,
        "log": [policy.log.channel, policy.log.level.value] if policy.log else None,
    }
    # Left out where nothing was decided, as in the documents of the versions before.
    if policy.choices_off:
        document["choices_off"] = sorted(policy.choices_off)
    if not policy.revise:
        document["revise"] = False
    if policy.styles:
        document["styles"] = {
            key: one and [one.name, one.before, one.after] for key, one in policy.styles.items()
        }
    for name, decided in (("private", policy.private), ("spoiler", policy.spoiler)):
        if decided is not Requirement.OPTIONAL:
            document[name] = decided.value
    return _written(document)


def decode(text: str) -> Policy:
    """Raises ValueError, KeyError or TypeError for a text that `encode` did not write."""
    return read(json.loads(text))


def read(document: Document) -> Policy:
    """A policy from a document without UNDO."""
    channels, zone, log = document["channels"], document["zone"], document["log"]
    running = document.get("running")  # written by no version before the one that knows it
    return Policy(
        numbers={Setting(name): limit for name, limit in document["numbers"].items()},
        roles={int(role): limit for role, limit in document["roles"].items()},
        members={int(member): limit for member, limit in document["members"].items()},
        blocks={
            int(member): Block(None if it["until"] is None else from_millis(it["until"]), it["reason"])
            for member, it in document["blocks"].items()
        },
        top_ups={int(member): TopUp(*it) for member, it in document["top_ups"].items()},
        counter_resets={int(member): CounterReset(*it) for member, it in document["fresh_starts"].items()},
        channels=ChannelRule(
            ChannelMode(channels["mode"]), frozenset(channels["listed"]), channels["age_restricted_only"]
        ),
        words=WordList.stored(document["words"]),
        zone=decode_zone(zone) if zone else None,
        running=decode_running(running) if running else None,
        log=LogRule(log[0], LogLevel(log[1])) if log else None,
        choices_off=frozenset(document.get("choices_off", ())),
        revise=document.get("revise", True),
        styles={key: one and Style(*one) for key, one in document.get("styles", {}).items()},
        private=Requirement(document.get("private", Requirement.OPTIONAL)),
        spoiler=Requirement(document.get("spoiler", Requirement.OPTIONAL)),
    )


def undoing(newer: str, older: str) -> str:
    """The difference that leads from the document `newer` back to `older`, as a document with the key UNDO."""
    return _written({UNDO: _difference(json.loads(newer), json.loads(older))})


def undone(newer: Document, text: str) -> Document:
    """The document that `undoing` was given as the older one; or `text` itself where it is a whole one."""
    document: Document = json.loads(text)
    difference: Document | None = document.get(UNDO)
    return document if difference is None else _undone(newer, difference)


def _difference(newer: Document, older: Document) -> Document:
    """What makes `older` of `newer`: values to "set", differences "in" objects of both, and keys that are "no" more."""
    both = newer.keys() & older.keys()
    within = {key for key in both if isinstance(newer[key], dict) and isinstance(older[key], dict)}
    parts = {key: _difference(newer[key], older[key]) for key in sorted(within) if newer[key] != older[key]}
    different = (key for key in older.keys() - within if key not in newer or newer[key] != older[key])
    found = {
        "set": {key: older[key] for key in different},
        "in": parts,
        "no": sorted(newer.keys() - older.keys()),
    }
    return {name: part for name, part in found.items() if part}


def _undone(newer: Document, difference: Document) -> Document:
    gone = frozenset(difference.get("no", ()))
    within = {key: _undone(newer[key], part) for key, part in difference.get("in", {}).items()}
    kept = {key: value for key, value in newer.items() if key not in gone}
    return {**kept, **within, **difference.get("set", {})}


def _written(document: Document) -> str:
    """JSON with letters as they are, as escaped ones take up to three times the room; lone surrogates are escaped."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return re.sub(r"[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)


def decode_zone(name: str) -> ZoneInfo | None:
    """None, and with it the operator's zone, where this machine has none of that name: the policy must hold anyway."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.warning("time zone %r is not known on this machine", name)
        return None


def encode_running(running: Windows) -> Document:
    return {"day": _encode_window(running.day), "month": _encode_window(running.month)}


def decode_running(written: Document) -> Windows:
    return Windows(_decode_window(written["day"]), _decode_window(written["month"]))


def _encode_window(window: Window) -> list[str | int]:
    return [window.key, to_millis(window.starts_at), to_millis(window.ends_at)]


def _decode_window(written: Any) -> Window:
    key, starts_at, ends_at = written
    return Window(key, from_millis(starts_at), from_millis(ends_at))
