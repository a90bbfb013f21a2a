"""What is offered in the place of a picture."""

from __future__ import annotations

import pytest

from bot.core.errors import BotError, DatabaseBusy, GenerationFailed, Refusal, UnforeseenFailure
from bot.core.generation.errors import (
    Cancelled,
    ImageApiTrouble,
    InputLost,
    InputRefused,
    InputTrouble,
    KeyRejected,
    NoBudgetForRetry,
    OutOfService,
    PromptRejected,
    RateLimited,
    ResponseLost,
)
from bot.core.generation.retry_offer import RetryOffer, TryAgain, UseOtherWords, retry_offer
from bot.core.limits.errors import (
    BudgetReached,
    FailureLimitReached,
    LimitReached,
    MemberBlocked,
    TooManyImages,
)
from bot.core.limits.meters import Ruling, Scope
from bot.core.limits.policy import Block
from bot.core.word_filter.errors import ForbiddenWord
from tests.core.factories import meter
from tests.ui.error_examples import leaves, sample

OFFERS: list[tuple[BotError, RetryOffer | None]] = [
    (DatabaseBusy(), TryAgain()),
    (RateLimited(), TryAgain()),
    (Cancelled(), UseOtherWords()),
    (ResponseLost(), TryAgain()),
    (UnforeseenFailure("1234"), TryAgain()),
    (OutOfService(ImageApiTrouble.DOWN), TryAgain()),
    (OutOfService(ImageApiTrouble.CREDIT), None),
    (InputRefused(InputTrouble.TOO_SLOW), TryAgain()),
    (InputRefused(InputTrouble.ANIMATED), None),
    (InputLost(), None),
    (KeyRejected(), None),
    (NoBudgetForRetry(), None),
    (MemberBlocked(Block(None)), None),
    (FailureLimitReached(), None),
    (TooManyImages(9, Ruling(4)), TryAgain(4)),
    (LimitReached(meter(Scope.MEMBER, 10), 9, 4), TryAgain(1)),
    (LimitReached(meter(Scope.MEMBER, 10), 10, 4), None),
    (LimitReached(meter(Scope.MEMBER, 10), 3, 12, weight=3), TryAgain(2)),
    (LimitReached(meter(Scope.MEMBER, 10), 8, 6, weight=3), None),
    (BudgetReached(meter(Scope.BOT, 100), 70, 40, 4), TryAgain(3)),
    (BudgetReached(meter(Scope.BOT, 100), 95, 40, 4), None),
    (ForbiddenWord("dragon"), UseOtherWords()),
    (PromptRejected(), UseOtherWords()),
]


@pytest.mark.parametrize(("error", "offer"), OFFERS, ids=lambda it: str(it)[:60])
def test_what_passes_can_be_tried_again_and_what_does_not_is_not_offered(
    error: BotError, offer: RetryOffer | None
) -> None:
    assert retry_offer(error) == offer


def test_of_any_error_it_is_known_what_to_offer() -> None:
    """None is an answer, too; fewer images are never none."""
    for root in (Refusal, GenerationFailed):
        for kind in leaves(root):
            offer = retry_offer(sample(kind))
            assert not isinstance(offer, TryAgain) or offer.images is None or offer.images > 0
