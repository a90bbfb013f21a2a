"""Every error of the domain in the words that a member reads. One place; a test proves that none is missing."""

from __future__ import annotations

from collections.abc import Collection

from discord.utils import format_dt

from bot.core.errors import (
    AlreadyClaimed,
    ApiUnavailable,
    Blocked,
    BotError,
    ChannelClosed,
    CoolingDown,
    CreditExhausted,
    DeliveryFailed,
    EmptyPrompt,
    ForbiddenWord,
    GenerationTookTooLong,
    Interrupted,
    KeyRejected,
    LedgerBusy,
    LedgerUnavailable,
    LimitReached,
    ModelGone,
    NotAgeRestricted,
    NotAModerator,
    OutcomeUnknown,
    OutOfBounds,
    PicturesLost,
    PromptRejected,
    PromptTooLong,
    RateLimited,
    RequestRejected,
    Restarting,
    RightsUnknown,
    TooManyAtOnce,
    TooManyDecisions,
    TooManyImages,
    UnforeseenFailure,
    WordsOverLimit,
    WordUnusable,
)
from bot.core.limits import Period, Scope
from bot.core.policy import Setting
from bot.ui.text import disarm

MOST_MENTIONS = 10
NOT_COUNTED = "Nothing was counted."
GIVEN_BACK = "It was not counted."
NOT_GIVEN_BACK = "It could not be taken off your count just now; the bot's operator can see that in the log."


def refusal(error: BotError) -> str:
    """What the member alone reads when nothing was begun."""
    match error:
        case LimitReached():
            return _limit_reached(error)
        case EmptyPrompt():
            return "There is nothing to paint in an empty prompt. Describe a picture, for example: a fox in the snow."
        case PromptTooLong(length=length, limit=limit):
            return f"Your prompt has {length:,} characters; the image model takes {limit:,}. Shorten it and try again."
        case TooManyImages(limit=limit):
            return f"One prompt can have at most {_images(limit)} here. Ask for fewer."
        case (
            Blocked()
            | ChannelClosed()
            | NotAgeRestricted()
            | ForbiddenWord()
            | CoolingDown()
            | TooManyAtOnce()
        ):
            return _not_now(error)
        case OutOfBounds() | TooManyDecisions() | NotAModerator() | RightsUnknown():
            return _undecidable(error)
        case WordsOverLimit() | WordUnusable():
            return _undecidable(error)
        case Restarting():
            return f"I am restarting. {NOT_COUNTED} Try again in a minute."
        case LedgerBusy():
            return f"I am very busy right now. {NOT_COUNTED} Try again in a minute."
        case LedgerUnavailable():
            return f"My database does not answer, so I can't paint right now. {NOT_COUNTED} Try again in a few minutes."
        case UnforeseenFailure(reference=reference):
            return f"Something went wrong that nobody foresaw (reference `{reference}`). {NOT_COUNTED} Try again."
        case _:
            return f"That didn't work. {NOT_COUNTED} Try again in a minute."


def apology(error: BotError, *, returned: bool) -> str:
    """What everybody reads in the place of a picture: what happened, whether it was counted, what to do."""
    what, advice = _failure(error)
    return f"{what} {GIVEN_BACK if returned else NOT_GIVEN_BACK} {advice}"


def _failure(error: BotError) -> tuple[str, str]:
    match error:
        case PromptRejected():
            return "The image API's moderation refused this prompt or its picture.", "Try other words."
        case RequestRejected():
            return "The image API did not understand this request.", "Try other words, or fewer images."
        case KeyRejected() | CreditExhausted():
            return (
                "The image API does not accept this bot's account right now.",
                "Its operator has to see to that.",
            )
        case ModelGone():
            return "The image model is no longer offered.", "The bot's operator has to choose another one."
        case RateLimited():
            return "The image API is overrun right now.", "Try again in a few minutes."
        case ApiUnavailable():
            return "The image API is not available right now.", "Try again in a few minutes."
        case OutcomeUnknown():
            return "The image API did not answer in time.", "Try again."
        case PicturesLost():
            return "The picture was painted, but could not be fetched.", "Try again."
        case GenerationTookTooLong():
            return "This took longer than Discord lets me answer.", "Try again later."
        case Interrupted():
            return "I was restarted while I was painting this.", "Try again in a minute."
        case DeliveryFailed():
            return "Discord did not take the picture.", "Try again."
        case LedgerUnavailable() | LedgerBusy():
            return "My database stopped answering, so I painted nothing.", "Try again in a few minutes."
        case UnforeseenFailure(reference=reference):
            return f"Something went wrong that nobody foresaw (reference `{reference}`).", "Try again."
        case AlreadyClaimed():
            return "This has been answered already.", "There is nothing to do."
        case _:
            return "That didn't work.", "Try again in a minute."


def _not_now(error: BotError) -> str:
    """What a server's moderators decided against this command."""
    match error:
        case Blocked(block=block):
            until = (
                f" until {format_dt(block.until, 'f')} ({format_dt(block.until, 'R')})" if block.until else ""
            )
            reason = f"\nTheir reason: {disarm(block.reason)}" if block.reason else ""
            return f"The moderators of this server have blocked you from asking for images{until}.{reason}"
        case ChannelClosed(open_channels=channels) if channels:
            return f"The moderators allow images only in {_mentions(channels)}. {NOT_COUNTED}"
        case ChannelClosed():
            return f"The moderators don't allow images in this channel. {NOT_COUNTED} Try another channel."
        case NotAgeRestricted():
            return f"The moderators allow images in age-restricted channels only. {NOT_COUNTED}"
        case CoolingDown(until=until):
            return f"You can ask for the next image {format_dt(until, 'R')}. {NOT_COUNTED}"
        case TooManyAtOnce(running=running):
            return f"{_pictures(running)} of yours still being painted. {NOT_COUNTED} Try again when they are there."
        case _:
            return f"A word of your prompt is not allowed in this server. {NOT_COUNTED} Try other words."


def _undecidable(error: BotError) -> str:
    """What a moderator can't decide."""
    match error:
        case OutOfBounds(setting=setting, ceiling=ceiling):
            least, most = setting.least, setting.most if ceiling is None else ceiling
            if setting is Setting.COOLDOWN:
                least, most = ceiling or 0, setting.most
            return f"That is out of bounds: it can be {least:,} to {most:,} here. Nothing was changed."
        case NotAModerator():
            return "Only moderators of this server can do that. Nothing was changed."
        case RightsUnknown():
            return (
                "Discord did not tell me whether you may do that. Nothing was changed. Try again in a minute."
            )
        case TooManyDecisions(what=what, most=most):
            return f"There is room for {most:,} {what}. Nothing was changed: take one away first."
        case WordsOverLimit():
            return f"{_words_over_limit(error)} Nothing was changed."
        case WordUnusable(word=word):
            return f"“{disarm(word)}” has no letter to look for, so it can't be on the list. Nothing was changed."
        case _:
            return "That can't be decided. Nothing was changed."


def _words_over_limit(error: WordsOverLimit) -> str:
    match error.what:
        case "words":
            return f"The list can have at most {error.limit:,} words; these are {error.given:,}."
        case "word":
            return f"A word on the list can have at most {error.limit:,} characters; one has {error.given:,}."
        case "list":
            return (
                f"The list can have at most {error.limit:,} characters in all; this one has {error.given:,}."
            )


def _mentions(channels: Collection[int]) -> str:
    shown = ", ".join(f"<#{channel}>" for channel in sorted(channels)[:MOST_MENTIONS])
    return f"{shown} and {len(channels) - MOST_MENTIONS} more" if len(channels) > MOST_MENTIONS else shown


def _pictures(running: int) -> str:
    return "A command is" if running == 1 else f"{running} commands are"


def _limit_reached(error: LimitReached) -> str:
    meter, limit = error.meter, error.meter.limit or 0
    again = f"New ones arrive {format_dt(meter.window.ends_at, 'R')}."
    left = max(0, limit - error.used)
    if limit == 0:
        return f"{_WHOSE_SWITCHED_OFF[meter.scope]} {NOT_COUNTED}"
    if left:
        only = _ONLY_LEFT[meter.scope].format(left)
        return f"You asked for {_images(error.asked)}, but {only} {_RUNNING[meter.period]}. {again}"
    return f"{_USED_UP[meter.scope].format(_images(limit), _RUNNING[meter.period])} {again}"


_WHOSE_SWITCHED_OFF = {
    Scope.MEMBER: "Images are switched off for members right now.",
    Scope.SERVER: "Images are switched off in this server right now.",
    Scope.BOT: "Images are switched off right now.",
}
_ONLY_LEFT = {
    Scope.MEMBER: "you have only {} left",
    Scope.SERVER: "this server has only {} left",
    Scope.BOT: "this bot has only {} left",
}
_USED_UP = {
    Scope.MEMBER: "You have used your {} for {}.",
    Scope.SERVER: "This server has used its {} for {}.",
    Scope.BOT: "This bot has painted the {} that it may paint in a day, for all servers together.",
}
_RUNNING = {Period.DAY: "today", Period.MONTH: "this month"}


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"
