"""Every error of the domain as the code of a sentence, and what stands in its places; the matches leave none out.

`bot.ui.error_messages` puts before the code for whom it is. Where a sentence says less, its code is shorter:
`out_of_service` for `out_of_service.key`.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

from bot.core.errors import (
    AlreadyAcknowledged,
    BotError,
    BulkWorkRunning,
    CommandWithheld,
    DatabaseBusy,
    DatabaseUnavailable,
    InvalidInteraction,
    InvalidOption,
    NotYourButton,
    OutdatedInteraction,
    UnforeseenFailure,
)
from bot.core.generation.errors import (
    ApiUnavailable,
    Cancelled,
    ChosenModelRetired,
    CopyUnavailable,
    CreditExhausted,
    DeliveryFailed,
    DirectMessagesClosed,
    EditModelRetired,
    EditsOff,
    GenerationForgotten,
    GenerationTimedOut,
    InputLost,
    InputRefused,
    InputRejected,
    Interrupted,
    KeyRejected,
    LeaseLost,
    MenuForgotten,
    ModelRetired,
    ModerationStage,
    NoPicture,
    NoPictureThere,
    NoTextThere,
    NothingToCancel,
    NotYourPicture,
    OrderForgotten,
    OutcomeUnknown,
    OutOfService,
    PictureDeleted,
    PictureForgotten,
    PictureOutOfReach,
    PicturesLost,
    PicturesUnavailable,
    PictureUndelivered,
    PromptErased,
    PromptForgotten,
    PromptRejected,
    PromptTooLongForModel,
    RateLimited,
    RequestRejected,
    ResponseLost,
    ShapeNotOffered,
    ShuttingDown,
    SpoilerRequired,
    StillPainting,
    TooLateToCancel,
)
from bot.core.generation.image_api import LARGEST_INPUT, MOST_PIXELS
from bot.core.limits.errors import (
    BudgetReached,
    ChannelNotAgeRestricted,
    ChannelNotAllowed,
    ChannelUnknown,
    ChoiceNotAllowed,
    DirectUseOff,
    FailureLimitReached,
    ForbiddenWithStyle,
    InvalidImageCount,
    LimitReached,
    MaxConcurrencyReached,
    MemberBlocked,
    OnCooldown,
    OnlyInServers,
    OnlyPrivateHere,
    PrivateNotAllowed,
    PromptTooLongForStyle,
    ServerNotAllowed,
    SpoilerNotAllowed,
    StyleNotOffered,
    TooManyImages,
    UnknownTimeZone,
)
from bot.core.limits.meters import Origin, Ruling, Scope
from bot.core.limits.policy import MOST_PER_PROMPT, Setting
from bot.core.limits.styles import LONGEST_STYLE_NAME
from bot.core.limits.time_zones import zone_label
from bot.core.moderation.errors import (
    FieldNotApplicable,
    InvalidInput,
    LogChannelForbidden,
    LogChannelUnknown,
    LogChannelUnusable,
    NoChannelLeft,
    NotAModerator,
    OneOptionNeeded,
    PermissionsUnknown,
    PolicyListFull,
    PolicyTooLarge,
    SettingOutOfBounds,
    StyleGone,
    StyleIncomplete,
    StyleNameReserved,
    StyleNameTaken,
    TooManyPolicyChanges,
)
from bot.core.moderator_log.errors import AlreadyReported, NotABotPicture, ReportingTooFast, ReportQueueFull
from bot.core.privacy.errors import MemberDataTooLarge
from bot.core.statistics.errors import ExportTooLarge, InvalidDate, PeriodReversed, PeriodTooLong
from bot.core.word_filter.errors import (
    EmptyPrompt,
    EntryTooLong,
    EntryWithoutLetters,
    ForbiddenWord,
    MisplacedWildcard,
    PromptCheckBusy,
    PromptTooLong,
    WordListTooLong,
)
from bot.ui.limits.policy_text import choice_names, value
from bot.ui.sentences import PlaceValue, Sentences
from bot.ui.text import cut, disarm, plain

MOST_MENTIONS = 10
TYPED_SHOWN = 100
PATTERN_SHOWN = 80
OTHER = "other"

RuleError: TypeAlias = (
    EmptyPrompt
    | PromptTooLong
    | ForbiddenWord
    | PromptCheckBusy
    | ServerNotAllowed
    | DirectUseOff
    | OnlyInServers
    | MemberBlocked
    | ChannelNotAllowed
    | ChannelNotAgeRestricted
    | ChannelUnknown
    | ChoiceNotAllowed
    | StyleNotOffered
    | ForbiddenWithStyle
    | PromptTooLongForStyle
    | PrivateNotAllowed
    | OnlyPrivateHere
    | SpoilerNotAllowed
    | InvalidImageCount
    | TooManyImages
    | LimitReached
    | BudgetReached
    | OnCooldown
    | MaxConcurrencyReached
    | FailureLimitReached
)
"""Of the rules and the word filter: what keeps a picture from being begun."""

GenerationError: TypeAlias = (
    ShuttingDown
    | ShapeNotOffered
    | OutOfService
    | EditsOff
    | InputLost
    | NoPictureThere
    | NoTextThere
    | OrderForgotten
    | NotYourPicture
    | StillPainting
    | PictureOutOfReach
    | PictureDeleted
    | SpoilerRequired
    | DirectMessagesClosed
    | CopyUnavailable
    | PictureForgotten
    | PromptForgotten
    | GenerationForgotten
    | PromptErased
    | InputRefused
    | Cancelled
    | TooLateToCancel
    | NothingToCancel
    | LeaseLost
    | PictureUndelivered
    | PromptRejected
    | RequestRejected
    | KeyRejected
    | CreditExhausted
    | ModelRetired
    | ChosenModelRetired
    | EditModelRetired
    | RateLimited
    | ApiUnavailable
    | OutcomeUnknown
    | PicturesLost
    | GenerationTimedOut
    | Interrupted
    | DeliveryFailed
)
"""Of a generation: what keeps a picture from being finished."""

EditError: TypeAlias = (
    SettingOutOfBounds
    | PolicyListFull
    | TooManyPolicyChanges
    | PolicyTooLarge
    | StyleIncomplete
    | StyleNameTaken
    | StyleNameReserved
    | StyleGone
    | NoChannelLeft
    | InvalidInput
    | OneOptionNeeded
    | FieldNotApplicable
    | NotAModerator
    | PermissionsUnknown
    | LogChannelForbidden
    | LogChannelUnusable
    | LogChannelUnknown
    | UnknownTimeZone
    | WordListTooLong
    | EntryTooLong
    | MisplacedWildcard
    | EntryWithoutLetters
)
"""Of the changes that moderators make."""

OtherError: TypeAlias = (
    DatabaseBusy
    | DatabaseUnavailable
    | AlreadyAcknowledged
    | UnforeseenFailure
    | OutdatedInteraction
    | InvalidInteraction
    | InvalidOption
    | NotYourButton
    | CommandWithheld
    | BulkWorkRunning
    | NotABotPicture
    | ReportQueueFull
    | AlreadyReported
    | ReportingTooFast
    | InvalidDate
    | PeriodReversed
    | PeriodTooLong
    | ExportTooLarge
    | MemberDataTooLarge
)
"""Of any command, and of reports and exports."""

KnownError: TypeAlias = RuleError | GenerationError | EditError | OtherError
"""With their subclasses, all there are: a test holds it."""

Sentence: TypeAlias = tuple[str, dict[str, PlaceValue]]
"""The code of a sentence, and what stands in its places."""


def sentence_of(error: BotError, say: Sentences) -> Sentence:
    """Which sentence, without who reads it."""
    if not isinstance(error, KnownError):
        return OTHER, {}
    if isinstance(error, RuleError):
        return _of_rules(error, say)
    if isinstance(error, GenerationError):
        return _of_generation(error, say)
    if isinstance(error, EditError):
        return _of_edits(error, say)
    return _of_others(error, say)


def _of_rules(error: RuleError, say: Sentences) -> Sentence:
    match error:
        case (
            EmptyPrompt()
            | PromptCheckBusy()
            | ServerNotAllowed()
            | DirectUseOff()
            | OnlyInServers()
            | ChannelNotAgeRestricted()
            | PrivateNotAllowed()
            | OnlyPrivateHere()
            | SpoilerNotAllowed()
        ):
            return error.code, {}
        case ChannelUnknown(hidden=hidden):
            hidden_in: dict[str, PlaceValue] = {
                "channel": f"<#{hidden}>",
                "permission": f"**{say('permission.view_channel')}**",
            }
            return f"channel_unknown{'.hidden' if hidden else ''}", hidden_in
        case PromptTooLong(length=length, limit=limit):
            return "prompt_too_long", {"length": length, "limit": limit}
        case ForbiddenWord(pattern=pattern):
            return "forbidden_word", {"word": disarm(cut(pattern, PATTERN_SHOWN))}
        case MemberBlocked(block=block):
            until: dict[str, PlaceValue] = {"until": block.until} if block.until else {}
            code = f"member_blocked.{'until' if block.until else 'for_good'}{'.why' if block.reason else ''}"
            return code, {**until, "reason": disarm(block.reason)}
        case ChannelNotAllowed(allowed=channels):
            names = say.listed((f"<#{channel}>" for channel in sorted(channels)), "comma", MOST_MENTIONS)
            where = "elsewhere" if channels else "here"
            return f"channel_not_allowed.{where}", {"channels": names}
        case ChoiceNotAllowed(name=name, allowed=allowed):
            about = "off" if name else "gone"
            offered: dict[str, PlaceValue] = {
                "model": choice_names([name], say),
                "models": choice_names(allowed, say, "or"),
            }
            return f"choice_not_allowed.{about}.{'others' if allowed else 'none'}", offered
        case StyleNotOffered(name=name, offered=styles):
            chosen = choice_names([cut(name, LONGEST_STYLE_NAME)], say)
            listed = choice_names(styles, say, "or")
            return f"style_not_offered.{'others' if styles else 'none'}", {"style": chosen, "styles": listed}
        case ForbiddenWithStyle(pattern=pattern, style=style):
            word = disarm(cut(pattern, PATTERN_SHOWN))
            return error.code, {"word": word, "style": choice_names([style], say)}
        case PromptTooLongForStyle(style=style, length=length, limit=limit):
            return error.code, {"style": choice_names([style], say), "length": length, "limit": limit}
        case InvalidImageCount():
            return "invalid_image_count", {"most": MOST_PER_PROMPT}
        case TooManyImages(asked=asked, ruling=ruling):
            return "too_many_images", {"asked": asked, "count": ruling.value or 0}
        case LimitReached():
            return _limit_reached(error)
        case BudgetReached(meter=meter, fitting=fitting):
            # Credits of all images on both sides: whether even one is more than the whole budget.
            too_dear = error.asked > (meter.limit or 0) * error.images
            how = "left" if fitting else "over" if too_dear else "used_up"
            return f"budget_reached.{meter.period}.{how if meter.limit else 'off'}", {
                "asked": error.images,
                "count": fitting,
                "until": meter.window.ends_at,
            }
        case OnCooldown(until=ends, ruling=ruling):
            cooldown = say.duration(ruling.value or 0)
            return f"on_cooldown.{_decider(ruling)}", {"cooldown": cooldown, "until": ends}
        case MaxConcurrencyReached(running=running, ruling=ruling):
            places: dict[str, PlaceValue] = {"count": running, "most": ruling.value or 0}
            return f"max_concurrency_reached.{_decider(ruling)}", places
        case FailureLimitReached(failed=failed):
            if failed is None:
                return "failure_limit_reached.unknown", {}
            whose = Scope.MEMBER if failed.scope is Scope.MEMBER else Scope.SERVER
            return f"failure_limit_reached.{whose}", {"count": failed.used, "until": failed.until}
    assert_never(error)


def _of_generation(error: GenerationError, say: Sentences) -> Sentence:
    match error:
        case PromptRejected(stage=stage, categories=categories):
            code = f"prompt_rejected{'.why' if categories else ''}"
            if stage in (ModerationStage.OUTPUT, ModerationStage.INPUTS):
                code = f"prompt_rejected.{stage}{'.why' if categories else ''}"
            return code, {"categories": _categories(categories, say)}
        case (
            ShuttingDown()
            | ShapeNotOffered()
            | EditsOff()
            | InputLost()
            | InputRejected()
            | NoPictureThere()
            | NoTextThere()
            | OrderForgotten()
            | NotYourPicture()
            | StillPainting()
            | MenuForgotten()
            | PictureOutOfReach()
            | PictureDeleted()
            | SpoilerRequired()
            | CopyUnavailable()
            | PictureForgotten()
            | PromptForgotten()
            | GenerationForgotten()
            | PromptErased()
            | Cancelled()
            | TooLateToCancel()
            | NothingToCancel()
            | PictureUndelivered()
            | PromptTooLongForModel()
            | ModelRetired()
            | ChosenModelRetired()
            | EditModelRetired()
            | RateLimited()
            | ResponseLost()
            | NoPicture()
            | GenerationTimedOut()
            | Interrupted()
        ):
            return error.code, {}
        case InputRefused(trouble=trouble, number=number, most=most):
            return f"input_refused.{trouble}{'.nth' if number else ''}", {
                "number": number,
                "megabytes": LARGEST_INPUT // 2**20,
                "megapixels": MOST_PIXELS // 10**6,
                "count": most,
            }
        case DirectMessagesClosed(no_server=no_server):
            return f"direct_messages_closed.{'no_server' if no_server else 'setting'}", {}
        case OutOfService(trouble=trouble):
            return f"out_of_service.{trouble}", {}
        case LeaseLost():
            return OTHER, {}
        case KeyRejected() | CreditExhausted():
            return "account_refused", {}
        # Of these, what a kind has more to say is for operators and moderators alone.
        case RequestRejected():
            return RequestRejected.code, {}
        case ApiUnavailable():
            return ApiUnavailable.code, {}
        case OutcomeUnknown():
            return OutcomeUnknown.code, {}
        case PicturesUnavailable():
            return PicturesUnavailable.code, {}
        case PicturesLost():
            return PicturesLost.code, {}
        case DeliveryFailed():
            return DeliveryFailed.code, {}
    assert_never(error)


def _of_edits(error: EditError, say: Sentences) -> Sentence:
    match error:
        case (
            PolicyTooLarge()
            | StyleIncomplete()
            | NoChannelLeft()
            | NotAModerator()
            | PermissionsUnknown()
            | LogChannelUnknown()
        ):
            return error.code, {}
        case SettingOutOfBounds():
            return _out_of_bounds(error, say)
        case PolicyListFull(what=what, most=most):
            return f"policy_list_full.{what}", {"count": most}
        case StyleNameTaken(name=name) | StyleNameReserved(name=name) | StyleGone(name=name):
            return error.code, {"style": choice_names([name], say)}
        case TooManyPolicyChanges(until=ends, by_one=by_one):
            return f"too_many_policy_changes.{'by_one' if by_one else 'together'}", {"until": ends}
        case InvalidInput(text=text, expected=expected, field=field):
            how = f"{'text' if text.strip() else 'empty'}{'_in_field' if field else ''}"
            places: dict[str, PlaceValue] = {"text": _typed(text), "field": say(field) if field else ""}
            return f"invalid_input.{expected}.{how}", places
        case OneOptionNeeded(options=options):
            names = say.listed(f"`{option}`" for option in options)
            return f"conflicting_options.{'several' if len(options) > 1 else 'one'}", {"options": names}
        case FieldNotApplicable(field=field, takers=takers):
            names = say.listed((f"“{say(it)}”" for it in takers), "or")
            return "field_not_applicable", {"field": say(field), "takers": names}
        case LogChannelForbidden(channel=channel, missing=missing):
            names = say.listed((f"**{say(f'permission.{name}')}**" for name in missing), "and")
            return "log_channel_forbidden", {"permissions": names, "channel": f"<#{channel}>"}
        case LogChannelUnusable(channel=channel):
            return "log_channel_unusable", {"channel": f"<#{channel}>"}
        case UnknownTimeZone(nearest=nearest):
            names = say.listed(f"`{zone_label(name)}`" for name in nearest)
            return f"unknown_time_zone.{'nearest' if nearest else 'none'}", {"zones": names}
        case WordListTooLong(what=what, given=given, limit=limit):
            return f"word_list_too_long.{what}", {"count": limit, "given": given}
        case EntryTooLong(word=word, limit=limit):
            return "entry_too_long", {"word": _typed(word), "limit": limit}
        case MisplacedWildcard(word=word) | EntryWithoutLetters(word=word):
            return error.code, {"word": _typed(word)}
    assert_never(error)


def _of_others(error: OtherError, say: Sentences) -> Sentence:
    match error:
        case (
            DatabaseBusy()
            | DatabaseUnavailable()
            | AlreadyAcknowledged()
            | InvalidInteraction()
            | NotYourButton()
            | BulkWorkRunning()
            | NotABotPicture()
            | AlreadyReported()
            | MemberDataTooLarge()
        ):
            return error.code, {}
        case CommandWithheld(command=command):
            return "command_withheld", {"command": command}
        case UnforeseenFailure(reference=reference):
            return "unforeseen_failure", {"reference": reference}
        case OutdatedInteraction(what=what):
            return f"outdated_interaction.{what}", {}
        case InvalidOption(option=option, offered=offered):
            how = "choose" if offered else "impossible"
            places: dict[str, PlaceValue] = {
                "option": plain(cut(option, 40)),
                "offered": choice_names(offered, say, "or"),
            }
            return f"invalid_option.{how}", places
        case ReportQueueFull(of_one=of_one):
            return f"report_queue_full.{'of_one' if of_one else 'of_all'}", {}
        case ReportingTooFast(until=ends):
            return "reporting_too_fast", {"until": ends}
        case InvalidDate(text=text):
            return "invalid_date", {"text": _typed(text)}
        case PeriodReversed(first=first, last=last):
            return "period_reversed", {"first": first.isoformat(), "last": last.isoformat()}
        case PeriodTooLong(days=days):
            return "period_too_long", {"count": days}
        case ExportTooLarge(files=files):
            return "export_too_large", {"count": files}
    assert_never(error)


def _limit_reached(error: LimitReached) -> Sentence:
    meter, limit = error.meter, error.meter.limit or 0
    left = error.left
    places: dict[str, PlaceValue] = {
        "asked": error.asked,
        "used": error.used,
        "left": left,
        "until": meter.window.ends_at,
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


def _out_of_bounds(error: SettingOutOfBounds, say: Sentences) -> Sentence:
    setting, ceiling = error.setting, error.ceiling
    least, most = setting.least, setting.most if ceiling is None else ceiling
    if setting is Setting.COOLDOWN:
        least, most = ceiling or 0, setting.most
    elif error.value is None:
        return "setting_out_of_bounds.unlimited", {
            "setting": say(f"setting.{setting}"),
            "most": value(setting, ceiling, say),
        }
    limits: dict[str, PlaceValue] = {"least": value(setting, least, say), "most": value(setting, most, say)}
    by = "setting" if ceiling is None else "operator"
    if setting is Setting.COOLDOWN and least == 0:
        return f"setting_out_of_bounds.{by}.from_none", {"setting": say(f"setting.{setting}"), **limits}
    return f"setting_out_of_bounds.{by}", {"setting": say(f"setting.{setting}"), **limits}


def _categories(categories: tuple[str, ...], say: Sentences) -> str:
    """Why moderation refused, in words; of a category that nobody foresaw, the image API's own."""
    words = [
        say(f"moderation.category.{one}")
        if say.knows(f"moderation.category.{one}")
        else disarm(one.replace("_", " "))
        for one in categories
    ]
    return say.listed(dict.fromkeys(words), "and")


def _decider(ruling: Ruling) -> str:
    of_bot = ruling.origin in {Origin.OPERATOR, Origin.BOT} or ruling.capped
    return "bot" if of_bot else "moderators"


def _typed(text: str) -> str:
    return disarm(cut(text, TYPED_SHOWN))
