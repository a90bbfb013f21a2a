"""What keeps a generation from beginning, and how one fails."""

from __future__ import annotations

from enum import StrEnum

from bot.core.errors import BotError, GenerationFailed, Refusal, RequestRefused, error


class ShuttingDown(Refusal):
    """The bot has been asked to stop and takes no new work."""

    code = "shutting_down"


class ShapeNotOffered(Refusal):
    """What would paint this has no shapes to choose from."""

    code = "shape_not_offered"


class ImageApiTrouble(StrEnum):
    """What keeps the image API from painting."""

    KEY = "key"
    CREDIT = "credit"
    MODEL = "model"
    PICTURES = "pictures"  # they are where the bot may not fetch them
    DOWN = "down"


@error
class OutOfService(Refusal):
    """The image API can't paint right now, and everybody who asks would only wait for nothing."""

    code = "out_of_service"
    trouble: ImageApiTrouble

    def __str__(self) -> str:
        return f"out of service: {self.trouble}"


class InputTrouble(StrEnum):
    """Why a picture can't be changed."""

    NOT_A_PICTURE = "not_a_picture"  # of none of the types that models take
    ANIMATED = "animated"
    TOO_LARGE = "too_large"  # in bytes
    TOO_MANY_PIXELS = "too_many_pixels"
    BROKEN = "broken"  # damaged, or cut short
    TOO_SLOW = "too_slow"  # Discord did not hand it out in time
    UNAVAILABLE = "unavailable"  # Discord does not hand it out right now
    GONE = "gone"  # deleted, or its link has expired
    ELSEWHERE = "elsewhere"  # not uploaded to Discord
    TOO_MANY = "too_many"  # more pictures than the model in service takes


@error
class InputRefused(Refusal):
    """A picture that was to be changed can't be.

    `number`, from 1, says which of several; `most` is how many of them the model in service takes.
    """

    code = "input_refused"
    trouble: InputTrouble
    number: int = 0
    most: int = 0

    def __str__(self) -> str:
        which = f"picture {self.number}" if self.number else "the picture"
        return f"{which} can't be changed: {self.trouble.replace('_', ' ')}"


class NotYourPicture(RequestRefused):
    """Only whoever asked for a picture, and moderators, decide about it."""

    code = "not_your_picture"


class StillPainting(RequestRefused):
    """A generation is not settled yet: a process may still be about to deliver it."""

    code = "still_painting"


class PictureOutOfReach(RequestRefused):
    """Discord lets the bot neither change nor delete the message with the picture."""

    code = "picture_out_of_reach"


class MenuForgotten(PictureOutOfReach):
    """It does once the menu below the picture is opened anew."""

    code = "menu_forgotten"


class PictureDeleted(RequestRefused):
    """Somebody has deleted the message with the picture."""

    code = "picture_deleted"


class SpoilerRequired(RequestRefused):
    """All pictures are hidden behind a spoiler there."""

    code = "spoiler_required"


@error
class DirectMessagesClosed(RequestRefused):
    """Discord lets the bot write no direct message to the member; `no_server`: they have no server in common."""

    code = "direct_messages_closed"
    no_server: bool = False


class CopyUnavailable(RequestRefused):
    """Discord does not hand out a picture that is in one of its messages."""

    code = "copy_unavailable"


class NoPictureThere(RequestRefused):
    """A message without any picture that was uploaded to Discord."""

    code = "no_picture_there"


class OrderForgotten(RequestRefused):
    """A refused order was to be tried again, and is not known any more."""

    code = "order_forgotten"


class NoTextThere(RequestRefused):
    """A message without any text that could become a prompt."""

    code = "no_text_there"


class PictureForgotten(RequestRefused):
    """A form asks how to change a picture, and which one is not known any more: it was opened before a restart."""

    code = "picture_forgotten"


class PromptForgotten(RequestRefused):
    """A suggestion was chosen that stands for an earlier prompt, and that one is not on record any more."""

    code = "prompt_forgotten"


class GenerationForgotten(RequestRefused):
    """A button is about a picture that is not on record any more, or that whoever pressed it may not see."""

    code = "generation_forgotten"


class PromptErased(RequestRefused):
    """What a picture was painted by is erased: by who asked for it, or because it is so old."""

    code = "prompt_erased"


class EditsOff(Refusal):
    """There is no model that changes pictures."""

    code = "edits_off"


class LeaseLost(BotError):
    """Another process has claimed this generation, or settled it: neither pay, nor deliver, nor notify."""

    code = "lease_lost"


class Cancelled(LeaseLost):
    """Whoever asked for it, or a moderator, has taken it back: it is settled, and nothing was bought."""

    code = "cancelled"
    is_fault = False


class TooLateToCancel(RequestRefused):
    """It may have been paid for: it is finished, and delivered."""

    code = "too_late_to_cancel"


class NothingToCancel(RequestRefused):
    """It has ended already, or is not on record any more."""

    code = "nothing_to_cancel"


class PictureUndelivered(BotError):
    """Paid, and there was no place left to show it: it waits for whoever asked for it."""

    code = "picture_kept"


# The image API: nothing was bought, or nobody knows.


class ModerationStage(StrEnum):
    """What moderation looked at."""

    INPUT = "input"  # the prompt: nothing was painted
    INPUTS = "inputs"  # the prompt, or a picture that was to be changed: nobody says which
    OUTPUT = "output"  # what was painted


class PromptRejected(GenerationFailed):
    """Moderation refused the prompt or the picture; a repeat may be billed and chance decides.

    `stage` is None where the image API doesn't say. `categories` are why, by its names for them, in small letters with
    `_` between words; empty where it doesn't say.
    """

    code = "prompt_rejected"
    may_have_cost = True

    def __init__(
        self,
        detail: str = "",
        *,
        may_have_cost: bool | None = None,
        stage: ModerationStage | None = None,
        categories: tuple[str, ...] = (),
    ) -> None:
        super().__init__(detail, may_have_cost=may_have_cost)
        self.stage = stage
        self.categories = categories


class RequestRejected(GenerationFailed):
    """The image API calls our request wrong: a mistake of ours, or a model that we do not know."""

    code = "request_rejected"


class InputLost(GenerationFailed):
    """The picture that was to be changed can't be had from Discord any more: deleted, or its link has expired."""

    code = "input_lost"


class InputRejected(RequestRejected):
    """The image API can't use a picture that was to be changed: it can't fetch or read it, or finds it too large."""

    code = "input_rejected"


class PromptTooLongForModel(RequestRejected):
    """The image API says that the prompt has more characters, or tokens, than the model takes."""

    code = "prompt_too_long_for_model"


class KeyRejected(GenerationFailed):
    """The operator's key is wrong."""

    code = "key_rejected"


class CreditExhausted(GenerationFailed):
    """The operator's balance is used up."""

    code = "credit_exhausted"


@error
class ModelRetired(GenerationFailed):
    """`model` is no longer served, and no other of the operator's is left."""

    code = "model_retired"
    model: str

    def __str__(self) -> str:
        return f"{self.model} is no longer served"


@error
class ChosenModelRetired(GenerationFailed):
    """`model`, which the member chose, is no longer served; the operator's own models may well be."""

    code = "chosen_model_retired"
    model: str

    def __str__(self) -> str:
        return f"{self.model} is no longer served, though IMAGE_CHOICES offers it"


@error
class EditModelRetired(GenerationFailed):
    """`model` is no longer served, and no other is left that changes pictures; those that paint may well be."""

    code = "edit_model_retired"
    model: str

    def __str__(self) -> str:
        return f"{self.model} is no longer served, and no other changes pictures: see IMAGE_EDIT_MODEL"


class RateLimited(GenerationFailed):
    """The image API asked to slow down, and went on asking."""

    code = "rate_limited"


class ApiUnavailable(GenerationFailed):
    """The image API is down or cannot be reached; where only a proxy says so, it may have been billed."""

    code = "api_unavailable"


class NoBudgetForRetry(ApiUnavailable):
    """An attempt failed that may have been billed, and another one does not fit on what the operator pays in a day."""

    code = "no_budget_for_retry"


class OutcomeUnknown(GenerationFailed):
    """The request went out and no answer came back: it may have been billed."""

    code = "outcome_unknown"
    may_have_cost = True


class ResponseLost(OutcomeUnknown):
    """A response came and got lost: the connection was cut, or the body is too large or can't be read."""

    code = "response_lost"


class NoPicture(OutcomeUnknown):
    """A success without a picture, and without a word of why."""

    code = "no_picture"


# Paid, and not shown.


class PicturesLost(GenerationFailed):
    """The pictures were paid for, but none of them could be fetched whole."""

    code = "pictures_lost"
    may_have_cost = True


class PicturesUnavailable(PicturesLost):
    """Paid for, and their host does not hand them out right now: they may be had in a while."""

    code = "pictures_unavailable"


@error
class PictureOriginNotAllowed(PicturesUnavailable):
    """Paid for, and at `origin`, which is none that the operator allows: all others would be there as well."""

    code = "picture_origin_not_allowed"
    origin: str

    def __str__(self) -> str:
        return f"the pictures are at {self.origin}, which IMAGE_DOWNLOAD_ORIGINS doesn't allow"


class GenerationTimedOut(GenerationFailed):
    """Discord's 15 minutes for an answer are nearly over; it is given up while the member can still be notified."""

    code = "generation_timed_out"
    may_have_cost = True


class Interrupted(GenerationFailed):
    """Its process ended in the middle of it, and no other may go on: it may have been bought, or it is too late."""

    code = "interrupted"
    may_have_cost = True


class DeliveryFailed(GenerationFailed):
    """Discord did not take the answer."""

    code = "delivery_failed"
    may_have_cost = True


class AcknowledgementUnclear(DeliveryFailed):
    """Discord has a first answer already, and does not say whose."""

    code = "acknowledgement_unclear"


@error
class AcknowledgementPending(DeliveryFailed):
    """For so many `seconds` an acknowledgement may still be on its way; until then nobody knows what is shown."""

    code = "acknowledgement_pending"
    seconds: float = 0.0
