"""Every error of the domain in the words that a member reads. One place; a test proves that none is missing."""

from __future__ import annotations

from discord.utils import format_dt

from bot.core.errors import (
    AlreadyClaimed,
    AnswerLost,
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
    NoPicture,
    NotAgeRestricted,
    NotANumberOfImages,
    OutcomeUnknown,
    OutOfService,
    PictureKept,
    PicturesLost,
    PicturesOutOfReach,
    PlaceUnknown,
    PromptCheckBusy,
    PromptRejected,
    PromptTooLong,
    PromptTooLongForModel,
    RateLimited,
    RequestRejected,
    Restarting,
    ServerNotServed,
    TooManyAtOnce,
    TooManyFailed,
    TooManyImages,
    Trouble,
    UnforeseenFailure,
)
from bot.core.limits.policy import MOST_PER_PROMPT
from bot.core.not_done import (
    AlreadyReported,
    NotDone,
    NotMyPicture,
    TooManyReports,
    TooManyWaiting,
)
from bot.ui.limits.refusals import (
    NOT_COUNTED,
    images,
    limit_reached,
    not_now,
    not_reported,
    undecidable,
    whose,
)
from bot.ui.text import LONGEST_CONTENT, plain, quote, units

GIVEN_BACK = "None of your images were used."
KEPT = "Your picture is ready, but I couldn't post it here. You'll find it in `/gallery`."
NOT_GIVEN_BACK = "I couldn't give your images back yet; I'll keep trying."


def not_carried_out(error: BotError) -> str:
    """What a person alone reads where something other than a picture was asked for: nothing is ever counted then."""
    match error:
        case LedgerBusy():
            return "I'm very busy right now. Try again in a minute."
        case LedgerUnavailable():
            return "My database isn't responding. Try again in a few minutes."
        case DeliveryFailed():
            return "Discord didn't take my answer, though what you asked for may be done. Look before you try again."
        case UnforeseenFailure(reference=reference):
            return f"Something unexpected went wrong (reference `{reference}`). Try again."
        case _:
            return refusal(error)


def refusal(error: BotError) -> str:
    """What the member alone reads when a picture was asked for and nothing was begun."""
    match error:
        case LimitReached():
            return limit_reached(error)
        case EmptyPrompt():
            return "Your prompt is empty. Describe a picture, for example: a fox in the snow."
        case PromptTooLong(length=length, limit=limit):
            return f"Your prompt is {length:,} characters long; the image model takes {limit:,}. Shorten it."
        case TooManyImages(limit=limit, ruling=ruling):
            return f"You can ask for at most {images(limit)} per prompt here. {whose(ruling)} Ask for fewer."
        case ServerNotServed():
            return (
                "I only work in servers that the people who run me chose; this isn't one. Nothing was done."
            )
        case NotANumberOfImages():
            return f"Ask for 1 to {MOST_PER_PROMPT} images. {NOT_COUNTED}"
        case (
            Blocked()
            | ChannelClosed()
            | NotAgeRestricted()
            | PlaceUnknown()
            | ForbiddenWord()
            | CoolingDown()
            | TooManyAtOnce()
            | TooManyFailed()
        ):
            return not_now(error)
        case NotDone():
            return undecidable(error)
        case NotMyPicture() | TooManyWaiting() | AlreadyReported() | TooManyReports():
            return not_reported(error)
        case OutOfService(trouble=trouble):
            return f"{_OUT_OF_SERVICE[trouble]} {NOT_COUNTED}"
        case Restarting():
            return f"I'm restarting. {NOT_COUNTED} Try again in a minute."
        case LedgerBusy():
            return f"I'm very busy right now. {NOT_COUNTED} Try again in a minute."
        case PromptCheckBusy():
            return f"I couldn't check your prompt in time: too many are waiting. {NOT_COUNTED} Try again in a minute."
        case LedgerUnavailable():
            return f"I can't paint right now: my database isn't responding. {NOT_COUNTED} Try again in a few minutes."
        case UnforeseenFailure(reference=reference):
            return f"Something unexpected went wrong (reference `{reference}`). {NOT_COUNTED} Try again."
        case _:
            return f"That didn't work. {NOT_COUNTED} Try again in a minute."


def apology(error: BotError, *, returned: bool) -> str:
    """What everybody reads in the place of a picture: what happened, whether it was counted, what to do."""
    if isinstance(error, PictureKept):
        return KEPT
    what, advice = _failure(error)
    return f"{what} {GIVEN_BACK if returned else NOT_GIVEN_BACK} {advice}"


def with_prompt(sentence: str, prompt: str) -> str:
    """For the member alone: with what they asked for, to copy and try again, as far as a message has room."""
    room = LONGEST_CONTENT - units(sentence) - 1
    return f"{sentence}\n{quote(prompt, room)}" if plain(prompt) else sentence


def what_failed(error: BotError) -> str:
    """Without advice, for whoever only looks on."""
    return _failure(error)[0]


def _failure(error: BotError) -> tuple[str, str]:
    match error:
        case PromptRejected():
            return "That prompt was turned down by the image service's safety filter.", "Try rewording it."
        case PromptTooLongForModel():
            return "Your prompt is too long for the image model.", "Shorten it."
        case TooManyFailed(failed=failed):
            again = f"Ask again {format_dt(failed.until, 'R')}." if failed else "Ask again tomorrow."
            return "Too many images came to nothing today, though they may have been paid for.", again
        case RequestRejected():
            return (
                "The image service didn't understand this request.",
                "Try rewording it, or ask for fewer images.",
            )
        case KeyRejected() | CreditExhausted():
            return (
                "The image service isn't accepting this bot's account right now.",
                "The people who run the bot have been told.",
            )
        case ModelGone():
            return "The image model is no longer offered.", "The people who run the bot have been told."
        case RateLimited():
            return "The image service is overloaded right now.", "Try again in a few minutes."
        case ApiUnavailable():
            return "The image service isn't available right now.", "Try again in a few minutes."
        case AnswerLost():
            return "The picture got lost on its way back.", "Try again."
        case NoPicture():
            return "The image service answered without a picture.", "Try again, or reword your prompt."
        case OutcomeUnknown():
            return "The image service didn't answer in time.", "Try again."
        case PicturesOutOfReach():
            return (
                "The picture was painted, but I couldn't download it yet.",
                "Look in `/gallery` later, or try again.",
            )
        case PicturesLost():
            return "The picture was painted, but I couldn't download it.", "Try again."
        case GenerationTookTooLong():
            return "This took longer than Discord gives me to answer.", "Try again later."
        case Interrupted():
            return "I was restarted while painting this.", "Try again in a minute."
        case DeliveryFailed():
            return "Discord didn't accept the picture.", "Try again."
        case LedgerUnavailable() | LedgerBusy():
            return "My database stopped responding, so I painted nothing.", "Try again in a few minutes."
        case UnforeseenFailure(reference=reference):
            return f"Something unexpected went wrong (reference `{reference}`).", "Try again."
        case AlreadyClaimed():
            return "This has already been answered.", "There's nothing you need to do."
        case _:
            return "That didn't work.", "Try again in a minute."


_OUT_OF_SERVICE = {
    Trouble.KEY: "I can't paint right now: the image service isn't accepting this bot's key. "
    "The people who run the bot have been told.",
    Trouble.CREDIT: "I can't paint right now: this bot is out of credit. The people who run it have been told.",
    Trouble.MODEL: "I can't paint right now: the image service has retired this bot's model. "
    "The people who run the bot have been told.",
    Trouble.PICTURES: "I can't paint right now: the image service keeps its pictures where I may not fetch them. "
    "The people who run the bot have been told.",
    Trouble.DOWN: "The image service is down right now. I'm checking regularly; try again in a few minutes.",
}
