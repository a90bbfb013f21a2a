"""What people read of an error, which is not the same for everybody.

The sentences are `refused.…` for a member whose picture was not begun, `undone.…` for whoever asked for something else,
`failed.…` and `advice.…` for the channel, `reason.…` for moderators in their log.
"""

from __future__ import annotations

from bot.core.errors import BotError
from bot.core.generation.errors import PictureUndelivered
from bot.core.limits.errors import BudgetReached, LimitReached, TooManyImages
from bot.core.limits.meters import Ruling, Scope
from bot.core.word_filter.errors import InvalidEntry
from bot.ui.error_sentences import OTHER, Sentence, sentence_of
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import LONGEST_CONTENT, plain, quote, units


def not_carried_out(error: BotError, say: Sentences = IN_ENGLISH) -> str:
    """What a person alone reads where something other than a picture was asked for: nothing is ever counted then."""
    return _refused(error, ("undone", "refused"), say)


def refusal(error: BotError, say: Sentences = IN_ENGLISH) -> str:
    """What the member alone reads when a picture was asked for and nothing was begun."""
    return _refused(error, ("refused",), say)


def apology(error: BotError, *, returned: bool, say: Sentences = IN_ENGLISH) -> str:
    """What everybody reads in the place of a picture: what happened, whether it was counted, what to do."""
    if isinstance(error, PictureUndelivered):
        return say("apology.picture_kept")
    counted = say("failed.given_back") if returned else say("failed.not_given_back")
    return say.text(what_failed(error, say), counted, _first(say, ("advice",), sentence_of(error, say)))


def what_failed(error: BotError, say: Sentences = IN_ENGLISH) -> str:
    """Without advice, for whoever only looks on."""
    return _first(say, ("failed",), sentence_of(error, say))


def refusal_reason(error: BotError, say: Sentences = IN_ENGLISH) -> str:
    """Why, to a moderator: in the third person, and with what the member is not told."""
    code, places = sentence_of(error, say)
    if isinstance(error, LimitReached):
        places["count"] = error.meter.limit or 0
    return _first(say, ("reason",), (code, places))


def with_prompt(sentence: str, prompt: str) -> str:
    """For the member alone: with what they asked for, to copy and try again, as far as a message has room."""
    room = LONGEST_CONTENT - units(sentence) - 1
    return f"{sentence}\n{quote(prompt, room)}" if plain(prompt) else sentence


def left_out(entry: InvalidEntry, shown: str, say: Sentences = IN_ENGLISH) -> str:
    """Of an entry of the blocked words that can't be looked for, on a list of those; `shown` as it is to be seen."""
    code, places = sentence_of(entry, say)
    return _first(say, ("left_out",), (code, {**places, "word": shown}))


def _refused(error: BotError, kinds: tuple[str, ...], say: Sentences) -> str:
    """What happened; of a limit on images also who set it, and what to do."""
    code, places = sentence_of(error, say)
    said = _first(say, kinds, (code, places))
    match error:
        case TooManyImages(ruling=ruling):
            return say.text(said, _author(ruling, say), say("refused.ask_for_fewer"))
        case LimitReached(meter=meter):
            author = say("author.bot") if meter.scope is Scope.BOT else _author(meter.ruling, say)
            match code.rpartition(".")[2]:
                case "off":
                    return say.text(said, author, say("refused.nothing_counted"))
                case "used_up":
                    return say.text(said, author)
                case how:
                    each = say("refused.each_counts", count=error.weight) if error.weight > 1 else ""
                    fewer = how != "left" and error.left >= error.weight
                    return say.text(said, each, author, say("refused.ask_for_fewer") if fewer else "")
        case BudgetReached(fitting=fitting):
            return say.text(said, say("author.bot"), say("refused.ask_for_fewer") if fitting else "")
    return said


def _author(ruling: Ruling, say: Sentences) -> str:
    """Whom a member has to ask if they want more."""
    return say("author.capped" if ruling.capped else f"author.{ruling.origin}", role=f"<@&{ruling.role}>")


def _first(say: Sentences, kinds: tuple[str, ...], sentence: Sentence) -> str:
    code, places = sentence
    parts = code.split(".")
    shorter = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    codes = [f"{kind}.{one}" for kind in kinds for one in shorter]
    return say(next(filter(say.knows, codes), f"{kinds[-1]}.{OTHER}"), **places)
