"""What moderators decide, as people read it: values, rules, and where a number comes from.

People, roles and channels are mentions; whoever sends this lets nobody be pinged by them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from bot.core.limits.meters import Limit, Ruling
from bot.core.limits.policy import Block, ChannelMode, ChannelRule, Choice, LogRule, Setting
from bot.core.limits.styles import Style
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import cut, disarm, units

MOST_MENTIONS = 5
REASON_SHOWN = 100
WORD_SHOWN = 24
STYLE_SHOWN = 120


def amount(limit: Limit, say: Sentences = IN_ENGLISH) -> str:
    return say("amount.unlimited") if limit is None else say("amount.number", number=limit)


def value(setting: Setting, limit: Limit, say: Sentences = IN_ENGLISH) -> str:
    return say.duration(limit or 0) if setting is Setting.COOLDOWN else amount(limit, say)


def origin(ruling: Ruling, say: Sentences = IN_ENGLISH, *, yours: bool = False) -> str:
    """Who decided a number, and what was done to it; `yours` is for the eyes of the member it is about."""
    mine = yours and ruling.origin == "member"
    return say(
        f"origin.{'you' if mine else ruling.origin}"
        f"{'.added' if ruling.added else ''}{'.capped' if ruling.capped else ''}",
        role=f"<@&{ruling.role}>",
        added=ruling.added,
    )


def channel_rule(rule: ChannelRule, say: Sentences = IN_ENGLISH) -> str:
    """As it stands on a line of its own: `only in #art, age-restricted only`."""
    if rule.mode is ChannelMode.ONLY and not rule.channels:
        return say("channels.nowhere")
    if rule.channels and rule.mode is not ChannelMode.EVERYWHERE:
        channels = channel_mentions(rule.channels, say)
        return say(f"channels.{rule.mode}{'.aged' if rule.age_restricted_only else ''}", channels=channels)
    return say("channels.aged" if rule.age_restricted_only else "channels.everywhere")


def log_rule(rule: LogRule | None, say: Sentences = IN_ENGLISH) -> str:
    if rule is None:
        return say("log_rule.off")
    return say(f"log_rule.{rule.level}", channel=f"<#{rule.channel}>")


def block_words(block: Block, say: Sentences = IN_ENGLISH) -> str:
    reason = disarm(cut(block.reason, REASON_SHOWN))
    if block.until is None:
        return say("block.for_good.why" if reason else "block.for_good", reason=reason)
    return say("block.until.why" if reason else "block.until", until=block.until, reason=reason)


def channel_mentions(channels: Collection[int], say: Sentences = IN_ENGLISH) -> str:
    """The first few, and how many more there are."""
    return say.listed((f"<#{channel}>" for channel in sorted(channels)), most=MOST_MENTIONS)


def choice_names(
    names: Iterable[str], say: Sentences = IN_ENGLISH, last: Literal["comma", "or"] = "comma"
) -> str:
    """The operator's names of models that members can choose."""
    return say.listed((f"“{disarm(name)}”" for name in names), last)


def choice_label(choice: Choice, say: Sentences = IN_ENGLISH) -> str:
    """As something to choose: `Detailed · counts as 3 images`."""
    if choice.weight == 1:
        return choice.name
    return say("choice.label", model=choice.name, count=choice.weight)


def choices(offered: Iterable[Choice], say: Sentences = IN_ENGLISH) -> str:
    """Models that members can choose, each with how many images one of its pictures counts as, where that is not 1."""
    return say.listed(
        say("choice.counted", model=disarm(one.name), number=one.weight)
        if one.weight > 1
        else disarm(one.name)
        for one in offered
    )


def style_text(style: Style) -> str:
    """What it makes of a prompt: `“film noir of … in black and white”`."""
    return f"“{disarm(cut(style.applied_to('…'), STYLE_SHOWN))}”"


def spoiler(word: str) -> str:
    """Nobody likes to look at a blocked word itself."""
    return f"||{disarm(cut(word, WORD_SHOWN))}||"


def fitting(lines: Sequence[str], room: int, say: Sentences = IN_ENGLISH) -> str:
    """As many of `lines` as go into `room` units, and how many were left away."""
    shown: list[str] = []
    left = room - units(say("list.left_away", count=len(lines)))
    for line in lines:
        left -= units(line) + 1
        if left < 0:
            return "\n".join([*shown, say("list.left_away", count=len(lines) - len(shown))])
        shown.append(line)
    return "\n".join(shown)
