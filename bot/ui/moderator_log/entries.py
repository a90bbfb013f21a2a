"""The lines of a server's log, for its moderators. Pure: events in, embeds out.

Ten of them make one message, so each keeps to a tenth of what Discord takes in a message's embeds together.
"""

from __future__ import annotations

from discord import Embed
from discord.utils import format_dt

from bot.core.errors import (
    Blocked,
    BotError,
    ChannelClosed,
    CoolingDown,
    EmptyPrompt,
    ForbiddenWord,
    LedgerBusy,
    LedgerUnavailable,
    LimitReached,
    NotAgeRestricted,
    OutOfService,
    PlaceUnknown,
    PromptCheckBusy,
    PromptTooLong,
    Restarting,
    ServerNotServed,
    TooManyAtOnce,
    TooManyFailed,
    TooManyImages,
    UnforeseenFailure,
)
from bot.core.generation.events import Delivered, Event, Failed, Refused, Reported
from bot.core.generation.model import CREDITS_PER_DOLLAR
from bot.core.limits.rules import Caller, Period, Scope
from bot.core.moderator_log.deduplication import Entry
from bot.ui.error_messages import what_failed
from bot.ui.limits.policy_text import duration
from bot.ui.limits.refusals import images
from bot.ui.text import cut, disarm, quote

ENTRIES_IN_A_MESSAGE = 10
PROMPT_SHOWN = 200
REASON_SHOWN = 160

GREEN, GREY, RED, YELLOW = 0x3BA55D, 0x747F8D, 0xED4245, 0xFAA61A


def entry_embed(entry: Entry) -> Embed:
    colour, lines = _lines(entry.event)
    head = (
        f"{lines[0]} · **×{entry.times:,}** within a minute; this is the last one"
        if entry.times > 1
        else lines[0]
    )
    return Embed(colour=colour, description="\n".join((head, *lines[1:])), timestamp=entry.at)


def lost_words(lost: int) -> str | None:
    """What stands above the next entries where some are missing."""
    if not lost:
        return None
    return f"{'1 earlier event' if lost == 1 else f'{lost:,} earlier events'} couldn't be written here."


def dollars(credits: int | None) -> str:
    return "cost unknown" if credits is None else f"${credits / CREDITS_PER_DOLLAR:.4f}"


def _lines(event: Event) -> tuple[int, list[str]]:
    match event:
        case Delivered():
            return GREEN, _delivered(event)
        case Refused():
            head = f"**Refused**: {_by(event.request.caller)}"
            return GREY, [head, _prompt(event.request.prompt), refusal_reason(event.refusal)]
        case Failed():
            return RED, _failed(event)
        case Reported():
            return YELLOW, _reported(event)


def _delivered(event: Delivered) -> list[str]:
    caller = event.request.caller
    lost = f", {images(event.missing)} lost" if event.missing else ""
    where = (
        _link(caller, event.message)
        if event.message
        else "sent to them privately: I had no access to the channel"
    )
    return [
        f"**{images(event.images)}** for {_by(caller)} · {where}{lost}",
        _prompt(event.request.prompt),
        f"{disarm(cut(event.model, 60))} · {dollars(event.credits)}",
    ]


def _failed(event: Failed) -> list[str]:
    caller = event.request.caller
    link = f" · {_link(caller, event.message)}" if event.message else ""
    counted = "not counted" if event.returned else "still counted"
    cost = "may have been billed" if event.may_have_cost else "not billed"
    return [
        f"**Failed**: {_by(caller)}{link}",
        _prompt(event.request.prompt),
        f"{what_failed(event.failure)} ({images(event.request.images)}, {counted}, {cost})",
    ]


def _reported(event: Reported) -> list[str]:
    owner = f"<@{event.owner}>'s picture" if event.owner else "a picture"
    head = f"**Reported** by {_by(event.by)}: {owner} · {_link(event.by, event.message)}"
    return [head, quote(event.reason, REASON_SHOWN) if event.reason else "No reason given."]


def _by(caller: Caller) -> str:
    return f"<@{caller.member}> in <#{caller.channel}>"


def _link(caller: Caller, message: int) -> str:
    return f"[message](https://discord.com/channels/{caller.server}/{caller.channel}/{message})"


def _prompt(prompt: str) -> str:
    return quote(cut(prompt, 2 * PROMPT_SHOWN), PROMPT_SHOWN)  # a long one takes long to disarm


def refusal_reason(refusal: BotError) -> str:
    """Why, to a moderator: in the third person, and with what the member is not told."""
    match refusal:
        case LimitReached() | TooManyImages() | PromptTooLong() | CoolingDown() | TooManyAtOnce():
            return _too_much(refusal)
        case TooManyFailed(failed=failed):
            whose = "this server's" if failed and failed.scope is Scope.SERVER else "the member's"
            return f"Too many of {whose} images came to nothing today, though they may have been paid for."
        case ForbiddenWord(pattern=pattern):
            return f"Blocked word: “{disarm(cut(pattern, REASON_SHOWN // 2))}”."
        case Blocked(block=block):
            until = f"until {format_dt(block.until, 'f')}" if block.until else "permanently"
            return f"The member is blocked {until}."
        case UnforeseenFailure(reference=reference):
            return f"Something unexpected went wrong (reference {reference}, for the people who run the bot)."
        case _:
            return REASONS.get(type(refusal), "For another reason.")


def _too_much(refusal: LimitReached | TooManyImages | PromptTooLong | CoolingDown | TooManyAtOnce) -> str:
    match refusal:
        case LimitReached(meter=meter, used=used, asked=asked):
            limit = f"{WHOSE[meter.scope]} limit of {images(meter.limit or 0)} {EACH[meter.period]}"
            return f"{limit}: {used:,} used, {asked:,} asked for."
        case TooManyImages(asked=asked, limit=limit):
            return f"{asked:,} images in one prompt; the limit is {limit:,}."
        case PromptTooLong(length=length, limit=limit):
            return f"The prompt was {length:,} characters long; the model takes {limit:,}."
        case CoolingDown(ruling=ruling):
            return f"Cooldown of {duration(ruling.value or 0)} per member."
        case TooManyAtOnce(running=running, ruling=ruling):
            return f"{running:,} of the member's commands were running; the limit is {ruling.value or 0:,}."


WHOSE = {Scope.MEMBER: "The member's", Scope.SERVER: "The server's", Scope.BOT: "The bot's"}
EACH = {Period.DAY: "a day", Period.MONTH: "a month"}
REASONS: dict[type[BotError], str] = {
    EmptyPrompt: "The prompt was empty.",
    ChannelClosed: "Images are not allowed in that channel.",
    NotAgeRestricted: "Images are allowed in age-restricted channels only.",
    PlaceUnknown: "Discord didn't say which channel the thread belongs to.",
    ServerNotServed: "The people who run the bot haven't chosen this server.",
    Restarting: "The bot was restarting.",
    LedgerBusy: "The bot was too busy.",
    PromptCheckBusy: "Too many prompts were waiting to be checked for blocked words.",
    LedgerUnavailable: "The bot's database wasn't responding.",
    OutOfService: "The image service is unavailable.",
}
