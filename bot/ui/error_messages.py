"""Every error of the domain as the code of a sentence, and what stands in its places: one match, and none is missing.

The same error reads differently for different people: the sentences are `refused.…` for a member whose picture was
not begun, `undone.…` for whoever asked for something else, `failed.…` and `advice.…` for the channel, `reason.…` for
moderators in their log. Where a sentence says less, its code is shorter: `out_of_service` for `out_of_service.key`.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

from bot.core import errors, not_done
from bot.core.errors import BotError
from bot.core.limits.meters import Origin, Ruling, Scope
from bot.core.limits.policy import MOST_PER_PROMPT, Setting
from bot.core.limits.time_zones import called
from bot.ui.limits.policy_text import NAMES, value
from bot.ui.sentences import IN_ENGLISH, Place, Sentences
from bot.ui.text import LONGEST_CONTENT, cut, disarm, plain, quote, units

MOST_MENTIONS = 10
TYPED_SHOWN = 100
PATTERN_SHOWN = 80
OTHER = "other"

KnownError: TypeAlias = (
    errors.EmptyPrompt
    | errors.PromptTooLong
    | errors.Blocked
    | errors.ChannelClosed
    | errors.NotAgeRestricted
    | errors.PlaceUnknown
    | errors.ForbiddenWord
    | errors.TooManyImages
    | errors.ServerNotServed
    | errors.NotANumberOfImages
    | errors.LimitReached
    | errors.CoolingDown
    | errors.TooManyAtOnce
    | errors.TooManyFailed
    | errors.Restarting
    | errors.OutOfService
    | errors.LedgerBusy
    | errors.PromptCheckBusy
    | errors.LedgerUnavailable
    | errors.AlreadyClaimed
    | errors.PictureKept
    | errors.LeaseLost
    | errors.PromptRejected
    | errors.RequestRejected
    | errors.KeyRejected
    | errors.CreditExhausted
    | errors.ModelGone
    | errors.RateLimited
    | errors.ApiUnavailable
    | errors.OutcomeUnknown
    | errors.PicturesLost
    | errors.GenerationTookTooLong
    | errors.Interrupted
    | errors.DeliveryFailed
    | errors.UnforeseenFailure
    | not_done.Outdated
    | not_done.Incomprehensible
    | not_done.OutOfBounds
    | not_done.OptionImpossible
    | not_done.TooManyDecisions
    | not_done.TooManyChanges
    | not_done.PolicyTooLarge
    | not_done.Unreadable
    | not_done.NotAModerator
    | not_done.RightsUnknown
    | not_done.LogChannelClosed
    | not_done.LogChannelUnfit
    | not_done.LogChannelUnknown
    | not_done.NotMyPicture
    | not_done.TooManyWaiting
    | not_done.AlreadyReported
    | not_done.TooManyReports
    | not_done.WordsOverLimit
    | not_done.WordTooLong
    | not_done.StarInside
    | not_done.WordUnusable
    | not_done.Unclear
    | not_done.Misplaced
    | not_done.NowhereLeft
    | not_done.UnknownZone
    | not_done.DayUnreadable
    | not_done.PeriodBackwards
    | not_done.PeriodTooLong
    | not_done.ExportTooLarge
    | not_done.StillBusyForYou
    | not_done.DossierTooLarge
    | not_done.NotYours
)
"""With their subclasses, all there are: a test holds it."""

Told: TypeAlias = tuple[str, dict[str, Place]]
"""The code of a sentence, and what stands in its places."""


def not_carried_out(error: BotError, say: Sentences = IN_ENGLISH) -> str:
    """What a person alone reads where something other than a picture was asked for: nothing is ever counted then."""
    return _first(say, ("undone", "refused"), told(error, say))


def refusal(error: BotError, say: Sentences = IN_ENGLISH) -> str:
    """What the member alone reads when a picture was asked for and nothing was begun."""
    return _first(say, ("refused",), told(error, say))


def apology(error: BotError, *, returned: bool, say: Sentences = IN_ENGLISH) -> str:
    """What everybody reads in the place of a picture: what happened, whether it was counted, what to do."""
    if isinstance(error, errors.PictureKept):
        return say("apology.picture_kept")
    counted = say("failed.given_back") if returned else say("failed.not_given_back")
    return say.text(what_failed(error, say), counted, _first(say, ("advice",), told(error, say)))


def what_failed(error: BotError, say: Sentences = IN_ENGLISH) -> str:
    """Without advice, for whoever only looks on."""
    return _first(say, ("failed",), told(error, say))


def refusal_reason(error: BotError, say: Sentences = IN_ENGLISH) -> str:
    """Why, to a moderator: in the third person, and with what the member is not told."""
    code, places = told(error, say)
    if isinstance(error, errors.LimitReached):
        places["count"] = error.meter.limit or 0
    return _first(say, ("reason",), (code, places))


def with_prompt(sentence: str, prompt: str) -> str:
    """For the member alone: with what they asked for, to copy and try again, as far as a message has room."""
    room = LONGEST_CONTENT - units(sentence) - 1
    return f"{sentence}\n{quote(prompt, room)}" if plain(prompt) else sentence


def author_of(ruling: Ruling, say: Sentences) -> str:
    """Whom a member has to ask if they want more."""
    return say(
        "author.capped" if ruling.capped else f"author.{ruling.origin}",
        role=f"<@&{ruling.role}>",
    )


def left_out(entry: not_done.UnusableEntry, shown: str, say: Sentences = IN_ENGLISH) -> str:
    """Of an entry of the blocked words that can't be looked for, on a list of those; `shown` as it is to be seen."""
    code, places = told(entry, say)
    return _first(say, ("left_out",), (code, {**places, "word": shown}))


def _first(say: Sentences, kinds: tuple[str, ...], sentence: Told) -> str:
    code, places = sentence
    parts = code.split(".")
    shorter = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    codes = [f"{kind}.{one}" for kind in kinds for one in shorter]
    return say(next(filter(say.knows, codes), f"{kinds[-1]}.{OTHER}"), **places)


def told(error: BotError, say: Sentences) -> Told:
    """Which sentence, without who reads it."""
    if not isinstance(error, KnownError):
        return OTHER, {}
    match error:
        case errors.EmptyPrompt():
            return "empty_prompt", {}
        case errors.PromptTooLong(length=length, limit=limit):
            return "prompt_too_long", {"length": length, "limit": limit}
        case errors.TooManyImages(asked=asked, limit=limit, ruling=ruling):
            return "too_many_images", {"asked": asked, "count": limit, "author": author_of(ruling, say)}
        case errors.LimitReached():
            return _limit_reached(error, say)
        case errors.Blocked(block=block):
            until: dict[str, Place] = {"until": block.until} if block.until else {}
            code = f"blocked.{'until' if block.until else 'for_good'}{'.why' if block.reason else ''}"
            return code, {**until, "reason": disarm(block.reason)}
        case errors.ChannelClosed(open_channels=channels):
            names = say.listed((f"<#{channel}>" for channel in sorted(channels)), "comma", MOST_MENTIONS)
            return ("channel_closed.elsewhere" if channels else "channel_closed.here"), {"channels": names}
        case errors.NotAgeRestricted():
            return "not_age_restricted", {}
        case errors.PlaceUnknown():
            return "place_unknown", {}
        case errors.ForbiddenWord(pattern=pattern):
            return "forbidden_word", {"word": disarm(cut(pattern, PATTERN_SHOWN))}
        case errors.CoolingDown(until=ends, ruling=ruling):
            cooldown = say.duration(ruling.value or 0)
            return f"cooling_down.{_decider(ruling)}", {"cooldown": cooldown, "until": ends}
        case errors.TooManyAtOnce(running=running, ruling=ruling):
            most = ruling.value or 0
            places: dict[str, Place] = {"count": running, "most": most}
            return f"at_once.{_decider(ruling)}", {**places, "limit": say("amount.commands", count=most)}
        case errors.TooManyFailed(failed=failed):
            if failed is None:
                return "too_many_failed.unknown", {}
            whose = Scope.MEMBER if failed.scope is Scope.MEMBER else Scope.SERVER
            return f"too_many_failed.{whose}", {"count": failed.used, "until": failed.until}
        case errors.ServerNotServed():
            return "server_not_served", {}
        case errors.NotANumberOfImages():
            return "not_a_number_of_images", {"most": MOST_PER_PROMPT}
        case errors.Restarting():
            return "restarting", {}
        case errors.OutOfService(trouble=trouble):
            return f"out_of_service.{trouble}", {}
        case errors.LedgerBusy():
            return "busy", {}
        case errors.PromptCheckBusy():
            return "prompt_check_busy", {}
        case errors.LedgerUnavailable():
            return "database_unavailable", {}
        case errors.AlreadyClaimed():
            return "already_claimed", {}
        case errors.PictureKept():
            return "picture_kept", {}
        case errors.LeaseLost():
            return OTHER, {}
        case errors.PromptRejected():
            return "prompt_rejected", {}
        case errors.PromptTooLongForModel():
            return "prompt_too_long_for_model", {}
        case errors.RequestRejected():
            return "request_rejected", {}
        case errors.KeyRejected() | errors.CreditExhausted():
            return "account_refused", {}
        case errors.ModelGone():
            return "model_gone", {}
        case errors.RateLimited():
            return "rate_limited", {}
        case errors.ApiUnavailable():
            return "api_unavailable", {}
        case errors.AnswerLost():
            return "answer_lost", {}
        case errors.NoPicture():
            return "no_picture", {}
        case errors.OutcomeUnknown():
            return "outcome_unknown", {}
        case errors.PicturesOutOfReach():
            return "pictures_out_of_reach", {}
        case errors.PicturesLost():
            return "pictures_lost", {}
        case errors.GenerationTookTooLong():
            return "took_too_long", {}
        case errors.Interrupted():
            return "interrupted", {}
        case errors.DeliveryFailed():
            return "delivery_failed", {}
        case errors.UnforeseenFailure(reference=reference):
            return "unforeseen", {"reference": reference}
        case not_done.Outdated(what=what):
            return f"outdated.{what}", {}
        case not_done.Incomprehensible():
            return "incomprehensible", {}
        case not_done.OutOfBounds():
            return _out_of_bounds(error)
        case not_done.TooManyDecisions(what=what, most=most):
            return f"too_many_decisions.{what}", {"count": most}
        case not_done.TooManyChanges(until=ends, by_one=by_one):
            return ("too_many_changes.by_one" if by_one else "too_many_changes.together"), {"until": ends}
        case not_done.PolicyTooLarge():
            return "policy_too_large", {}
        case not_done.Unclear(options=options):
            names = say.listed(f"`{option}`" for option in options)
            return ("unclear.several" if len(options) > 1 else "unclear.one"), {"options": names}
        case not_done.OptionImpossible(option=option):
            return "option_impossible", {"option": plain(cut(option, 40))}
        case not_done.NowhereLeft():
            return "nowhere_left", {}
        case not_done.UnknownZone(nearest=nearest):
            names = say.listed(f"`{called(name)}`" for name in nearest)
            return ("unknown_zone.nearest" if nearest else "unknown_zone.none"), {"zones": names}
        case not_done.WordsOverLimit(what=what, given=given, limit=limit):
            return f"words_over_limit.{what}", {"count": limit, "given": given}
        case not_done.WordTooLong(word=word, limit=limit):
            return "word_too_long", {"word": _typed(word), "limit": limit}
        case not_done.StarInside(word=word):
            return "star_inside", {"word": _typed(word)}
        case not_done.WordUnusable(word=word):
            return "word_unusable", {"word": _typed(word)}
        case not_done.Unreadable(text=text, expected=expected, field=field):
            code = f"unreadable.{'text' if text.strip() else 'empty'}{'_in_field' if field else ''}"
            return code, {"text": _typed(text), "expected": expected, "field": field}
        case not_done.Misplaced(field=field, takers=takers):
            return "misplaced", {"field": field, "takers": say.listed((f"“{it}”" for it in takers), "or")}
        case not_done.LogChannelClosed(channel=channel, missing=missing):
            names = say.listed((f"**{name}**" for name in missing), "and")
            return "log_channel_closed", {"permissions": names, "channel": f"<#{channel}>"}
        case not_done.LogChannelUnfit(channel=channel):
            return "log_channel_unfit", {"channel": f"<#{channel}>"}
        case not_done.LogChannelUnknown():
            return "log_channel_unknown", {}
        case not_done.DayUnreadable(text=text):
            return "day_unreadable", {"text": _typed(text)}
        case not_done.PeriodBackwards(first=first, last=last):
            return "period_backwards", {"first": first.isoformat(), "last": last.isoformat()}
        case not_done.PeriodTooLong(days=days):
            return "period_too_long", {"count": days}
        case not_done.ExportTooLarge(files=files):
            return "export_too_large", {"count": files}
        case not_done.StillBusyForYou():
            return "still_busy_for_you", {}
        case not_done.DossierTooLarge():
            return "dossier_too_large", {}
        case not_done.NotYours():
            return "not_yours", {}
        case not_done.NotAModerator():
            return "not_a_moderator", {}
        case not_done.RightsUnknown():
            return "rights_unknown", {}
        case not_done.NotMyPicture():
            return "not_my_picture", {}
        case not_done.TooManyWaiting(of_one=of_one):
            return ("too_many_waiting.of_one" if of_one else "too_many_waiting.of_all"), {}
        case not_done.AlreadyReported():
            return "already_reported", {}
        case not_done.TooManyReports(until=ends):
            return "too_many_reports", {"until": ends}
    assert_never(error)


def _limit_reached(error: errors.LimitReached, say: Sentences) -> Told:
    meter, limit = error.meter, error.meter.limit or 0
    left = max(0, limit - error.used)
    author = say("author.bot") if meter.scope is Scope.BOT else author_of(meter.ruling, say)
    places: dict[str, Place] = {
        "asked": error.asked,
        "used": error.used,
        "left": left,
        "until": meter.window.ends_at,
        "author": author,
        "count": limit,
    }
    if limit == 0:
        how = "off"
    elif left == 0:
        how = "used_up"
    elif error.asked > limit:
        how = "over" if left == limit else "over_rest"
    else:
        how, places["count"] = "left", error.asked
    return f"limit_reached.{meter.scope}.{meter.period}.{how}", places


def _out_of_bounds(error: not_done.OutOfBounds) -> Told:
    setting, ceiling = error.setting, error.ceiling
    least, most = setting.least, setting.most if ceiling is None else ceiling
    if setting is Setting.COOLDOWN:
        least, most = ceiling or 0, setting.most
    elif error.value is None:
        return "out_of_bounds.unlimited", {"setting": NAMES[setting], "most": value(setting, ceiling)}
    limits: dict[str, Place] = {"least": value(setting, least), "most": value(setting, most)}
    by = "setting" if ceiling is None else "operator"
    return f"out_of_bounds.{by}", {"setting": NAMES[setting], **limits}


def _decider(ruling: Ruling) -> str:
    return "bot" if ruling.origin is Origin.OPERATOR or ruling.capped else "moderators"


def _typed(text: str) -> str:
    return disarm(cut(text, TYPED_SHOWN))
