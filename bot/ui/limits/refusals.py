"""What limits and moderators forbid, in words: which limit, how much, whose it is, and when it ends."""

from __future__ import annotations

from collections.abc import Collection

from discord.utils import format_dt

from bot.core.errors import (
    Blocked,
    BotError,
    ChannelClosed,
    CoolingDown,
    LimitReached,
    NotAgeRestricted,
    PlaceUnknown,
    TooManyAtOnce,
    TooManyFailed,
)
from bot.core.limits.meters import Origin, Period, Ruling, Scope
from bot.core.limits.policy import Setting
from bot.core.limits.time_zones import called
from bot.core.not_done import (
    AlreadyReported,
    DayUnreadable,
    DossierTooLarge,
    ExportTooLarge,
    Incomprehensible,
    LogChannelClosed,
    LogChannelUnfit,
    LogChannelUnknown,
    Misplaced,
    NotAModerator,
    NotMyPicture,
    NotYours,
    NowhereLeft,
    OptionImpossible,
    Outdated,
    OutOfBounds,
    PeriodBackwards,
    PeriodTooLong,
    Piece,
    PolicyTooLarge,
    RightsUnknown,
    StarInside,
    StillBusyForYou,
    TooManyChanges,
    TooManyDecisions,
    TooManyReports,
    TooManyWaiting,
    Unclear,
    UnknownZone,
    Unreadable,
    UnusableEntry,
    WordsOverLimit,
    WordTooLong,
)
from bot.ui.limits.policy_text import NAMES, duration, value
from bot.ui.text import cut, disarm, plain

MOST_MENTIONS = 10
NOT_COUNTED = "Nothing was counted."
NOTHING_CHANGED = "Nothing was changed."
TYPED_SHOWN = 100


def limit_reached(error: LimitReached) -> str:
    meter, limit = error.meter, error.meter.limit or 0
    left = max(0, limit - error.used)
    again = f"The limit resets {format_dt(meter.window.ends_at, 'R')}."
    author = "It's a limit of the bot itself." if meter.scope is Scope.BOT else whose(meter.ruling)
    if limit == 0:
        return f"{_SWITCHED_OFF[meter.scope]} {author} {NOT_COUNTED}"
    if left and error.asked > limit:
        most = f"{_HAS[meter.scope]} {images(limit)} {_EACH[meter.period]}{_left_of(limit, left)}"
        return f"You asked for {images(error.asked)}, but {most}. {author} Ask for fewer."
    if left:
        only = _ONLY_LEFT[meter.scope].format(left)
        return f"You asked for {images(error.asked)}, but {only} {_NOW[meter.period]}. {again} {author}"
    return f"{_USED_UP[meter.scope].format(images(limit), _NOW[meter.period])} {again} {author}"


def _left_of(limit: int, left: int) -> str:
    return "" if left == limit else f", with {left:,} left"


def whose(ruling: Ruling) -> str:
    """Whom a member has to ask if they want more."""
    if ruling.capped:
        return "The moderators allow more, but this is the most that this bot allows."
    return _WHOSE[ruling.origin].format(role=f"<@&{ruling.role}>")


def not_now(error: BotError) -> str:
    """What was decided against this command, here and now."""
    match error:
        case Blocked():
            return _blocked(error)
        case ChannelClosed(open_channels=channels) if channels:
            return f"The moderators allow images only in {_places(channels)}. {NOT_COUNTED}"
        case ChannelClosed():
            return f"The moderators don't allow images in this channel. {NOT_COUNTED} Try another channel."
        case NotAgeRestricted():
            return f"The moderators allow images in age-restricted channels only, and this isn't one. {NOT_COUNTED}"
        case PlaceUnknown():
            return (
                "The moderators allow images in some channels only, and I can't tell right now which channel this "
                f"thread belongs to. {NOT_COUNTED} Try again in the channel itself, or in a minute."
            )
        case CoolingDown(until=until, ruling=ruling):
            cooldown = f"{_author(ruling)} a cooldown of {duration(ruling.value or 0)} per member"
            return f"{cooldown}. You can ask again {format_dt(until, 'R')}. {NOT_COUNTED}"
        case TooManyAtOnce(running=running, ruling=ruling):
            limit = f"{_author(ruling)} a limit of {_commands(ruling.value or 0)} at a time per member"
            running_now = f"{running:,} of yours {'is' if running == 1 else 'are'} still running"
            return f"{limit}, and {running_now}. {NOT_COUNTED} Try again once that's done."
        case TooManyFailed():
            return _too_many_failed(error)
        case _:
            return f"A word in your prompt isn't allowed in this server. {NOT_COUNTED} Try rewording it."


_OUTDATED: dict[Piece, str] = {
    "command": (
        "This command is out of date. Reload Discord (Ctrl+R, or close and reopen the app), then choose it again "
        "from the list."
    ),
    "button": "This button is from another version of me. Use the command again to get a new one.",
    "form": "This form is from another version of me. Open it again.",
}


def undecidable(error: BotError) -> str:
    """What a moderator can't decide."""
    match error:
        case Outdated(what=what):
            return _OUTDATED[what]
        case Incomprehensible():
            return "I couldn't read what Discord sent me with this. Try again; if it keeps happening, I need an update."
        case OutOfBounds():
            return f"{_out_of_bounds(error)} {NOTHING_CHANGED}"
        case TooManyDecisions(what=what, most=most):
            return f"The limit is {most:,} {what}. {NOTHING_CHANGED} Remove one first."
        case TooManyChanges(until=until, by_one=True):
            return (
                f"You changed this server's settings very often in a short time. {NOTHING_CHANGED} "
                f"You can change them again {format_dt(until, 'R')}; other moderators can at once."
            )
        case TooManyChanges(until=until):
            return (
                f"This server's settings were changed very often in a short time. {NOTHING_CHANGED} "
                f"They can be changed again {format_dt(until, 'R')}."
            )
        case PolicyTooLarge():
            return f"There's no room for more in this server's settings. {NOTHING_CHANGED} Lift some blocks first."
        case Unclear(options=options):
            names = ", ".join(f"`{option}`" for option in options)
            wanted = "Choose one of" if len(options) > 1 else "This needs the option"
            return f"{wanted} {names}. {NOTHING_CHANGED}"
        case OptionImpossible(option=option):
            return (
                f"Discord sent me something for `{plain(cut(option, 40))}` that can't be. {NOTHING_CHANGED} "
                "Reload Discord, and try again."
            )
        case NowhereLeft():
            return (
                f"“Only in” needs at least one channel, or images would be off everywhere. {NOTHING_CHANGED} "
                "Add one, or allow images everywhere."
            )
        case UnknownZone(nearest=nearest):
            names = ", ".join(f"`{called(name)}`" for name in nearest)
            closest = (
                f"The closest: {names}." if nearest else "Try a large city, such as `Berlin`, or `UTC+2`."
            )
            return f"There's no time zone called that. {closest} {NOTHING_CHANGED}"
        case WordsOverLimit():
            return f"{_WORDS_OVER[error.what].format(error)} {NOTHING_CHANGED}"
        case UnusableEntry(word=word):
            return f"“{disarm(cut(word, TYPED_SHOWN))}” {why_unusable(error)}. {NOTHING_CHANGED}"
        case Unreadable(text=text, expected=expected):
            where = f"**{error.field}**: " if error.field else ""
            needs = "this needs" if where else "This needs"
            given = f"“{disarm(cut(text, TYPED_SHOWN))}” isn't" if text.strip() else needs
            return f"{where}{given} {expected}. {NOTHING_CHANGED}"
        case Misplaced(field=field, takers=takers):
            return f"**{field}** only goes with {' or '.join(f'“{it}”' for it in takers)}. {NOTHING_CHANGED}"
        case LogChannelClosed() | LogChannelUnfit() | LogChannelUnknown():
            return f"{_no_log(error)} {NOTHING_CHANGED}"
        case DayUnreadable(text=text):
            given = disarm(cut(text, TYPED_SHOWN))
            return f"“{given}” isn't a date. Write it like `2026-11-23`, or `yesterday` or `today`."
        case PeriodBackwards(first=first, last=last):
            return f"That period ends ({last}) before it starts ({first}). Put the earlier date in `from`."
        case PeriodTooLong(days=days):
            return f"Records are kept for {days:,} days, so a period can't be longer. Choose a shorter one."
        case ExportTooLarge(files=files):
            return (
                f"That's more than {files} files of the size Discord accepts here. Choose a shorter period."
            )
        case StillBusyForYou():
            return "I'm still working on what you asked for last. Try again once that's done."
        case DossierTooLarge():
            return (
                "That's more than Discord lets me attach here, even zipped. Use `/privacy show` in a server with more "
                "boosts, where files can be larger, or ask the people who run the bot."
            )
        case NotYours():
            return "That button isn't yours. Nothing was erased: use `/privacy delete` yourself."
        case NotAModerator():
            return f"Only moderators of this server can do that. {NOTHING_CHANGED}"
        case RightsUnknown():
            return f"Discord didn't tell me whether you're allowed to do that. {NOTHING_CHANGED} Try again in a minute."
        case _:
            return f"That can't be changed. {NOTHING_CHANGED}"


def why_unusable(entry: UnusableEntry) -> str:
    """What is said of an entry of the blocked words that can't be looked for."""
    match entry:
        case WordTooLong(limit=limit):
            return f"is longer than the {limit} characters that an entry can have"
        case StarInside():
            return (
                "has a `*` inside. It can only stand at the beginning or at the end of an entry, as in `cat*`"
            )
        case _:
            return "has no letters to look for, so it can't be on the list"


def not_reported(error: NotMyPicture | TooManyWaiting | AlreadyReported | TooManyReports) -> str:
    """Why the moderators do not read it from the bot."""
    match error:
        case NotMyPicture():
            return "You can only report pictures I made. For anything else, tell a moderator."
        case TooManyWaiting(of_one=True):
            return "A lot of your reports are waiting for the moderators already. Tell a moderator directly."
        case TooManyWaiting():
            return "The moderators of this server have a lot of reports waiting already. Tell a moderator directly."
        case AlreadyReported():
            return "You've already reported this picture; the moderators can see your report."
        case TooManyReports(until=until):
            return (
                "You've reported a lot of pictures in a short time. You can report another "
                f"{format_dt(until, 'R')}, or tell a moderator directly."
            )


def _too_many_failed(error: TooManyFailed) -> str:
    failed = error.failed
    if failed is None:
        return f"Too many images came to nothing today. {NOT_COUNTED} Try again tomorrow."
    of_whom = "of yours" if failed.scope is Scope.MEMBER else "of this server"
    return (
        f"Today {images(failed.used)} {of_whom} came to nothing, though they may have been paid for: turned "
        "down by the safety filter, or lost on the way, which may be nobody's fault. So there are no more for today: "
        f"you can ask again {format_dt(failed.until, 'R')}. {NOT_COUNTED} It's a limit of the bot itself."
    )


def images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"


def _blocked(error: Blocked) -> str:
    until, reason = error.block.until, error.block.reason
    permanently = "" if until else "permanently "
    ends = f" until {format_dt(until, 'f')} ({format_dt(until, 'R')})" if until else ""
    said = f"\nTheir reason: {disarm(reason)}" if reason else ""
    return f"The moderators of this server have {permanently}blocked you from making images{ends}. {NOT_COUNTED}{said}"


def _out_of_bounds(error: OutOfBounds) -> str:
    setting, ceiling = error.setting, error.ceiling
    name = f"**{NAMES[setting]}**"
    whose = "" if ceiling is None else " It's a limit of the bot itself."
    least, most = setting.least, setting.most if ceiling is None else ceiling
    if setting is Setting.COOLDOWN:
        least, most = ceiling or 0, setting.most
    elif error.value is None:
        return f"{name} can't be unlimited: the most this bot allows is {value(setting, ceiling)}."
    return f"{name} can be from {value(setting, least)} to {value(setting, most)} here.{whose}"


def _no_log(error: LogChannelClosed | LogChannelUnfit | LogChannelUnknown) -> str:
    match error:
        case LogChannelClosed(channel=channel, missing=missing):
            lacking = " and ".join(f"**{name}**" for name in missing)
            return f"I need {lacking} in <#{channel}> to write there. Allow it in the channel's settings."
        case LogChannelUnfit(channel=channel):
            return f"I can't write a log in <#{channel}>: it's gone, or doesn't take messages."
        case _:
            return "Discord didn't tell me whether I can write there. Try again in a minute."


def _author(ruling: Ruling) -> str:
    by_bot = ruling.origin is Origin.OPERATOR or ruling.capped
    return "This bot sets" if by_bot else "The moderators set"


def _places(channels: Collection[int]) -> str:
    shown = ", ".join(f"<#{channel}>" for channel in sorted(channels)[:MOST_MENTIONS])
    return f"{shown} and {len(channels) - MOST_MENTIONS} more" if len(channels) > MOST_MENTIONS else shown


def _commands(count: int) -> str:
    return "1 command" if count == 1 else f"{count:,} commands"


_WORDS_OVER = {
    "words": "The list can have at most {0.limit:,} words; this one has {0.given:,}.",
    "list": "The list can have at most {0.limit:,} characters in total; this one has {0.given:,}.",
}
_SWITCHED_OFF = {
    Scope.MEMBER: "Images are turned off for you right now: your limit is 0.",
    Scope.SERVER: "Images are turned off in this server right now: its limit is 0.",
    Scope.BOT: "Images are turned off right now, in all servers.",
}
_HAS = {
    Scope.MEMBER: "your limit is",
    Scope.SERVER: "the limit of this server is",
    Scope.BOT: "the limit of this bot is",
}
_ONLY_LEFT = {
    Scope.MEMBER: "you have only {} left",
    Scope.SERVER: "this server has only {} left",
    Scope.BOT: "this bot has only {} left",
}
_USED_UP = {
    Scope.MEMBER: "You've used your {} for {}.",
    Scope.SERVER: "This server has used its {} for {}.",
    Scope.BOT: "This bot has painted its {} for {}, across all servers.",
}
_NOW = {Period.DAY: "today", Period.MONTH: "this month"}
_EACH = {Period.DAY: "a day", Period.MONTH: "a month"}
_WHOSE = {
    Origin.MEMBER: "The moderators set this limit for you.",
    Origin.ROLE: "This limit comes from your role {role}.",
    Origin.SERVER: "The moderators of this server set this limit.",
    Origin.OPERATOR: "If you need more, ask this server's moderators.",
}
