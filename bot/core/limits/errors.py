"""What a limit, or a decision of the moderators, keeps a member from."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from bot.core.errors import Refusal, RequestRefused, error
from bot.core.limits.budgets import CREDITS_PER_DOLLAR
from bot.core.limits.meters import FailedToday, Meter, Ruling
from bot.core.limits.policy import Block


class ServerNotAllowed(Refusal):
    """The operator has said which servers the bot works in, and this is none of them."""

    code = "server_not_allowed"


class DirectUseOff(Refusal):
    """The operator has images painted in servers only, and this is none that has the bot."""

    code = "direct_use_off"


class OnlyInServers(RequestRefused):
    """There are no moderators, and so nothing of theirs, where there is no server that has the bot."""

    code = "only_in_servers"


@error
class MemberBlocked(Refusal):
    """The moderators have blocked this member."""

    code = "member_blocked"
    block: Block


@error
class ChannelNotAllowed(Refusal):
    """Not in this channel; in those of `allowed`, where the moderators named such."""

    code = "channel_not_allowed"
    allowed: frozenset[int]


class ChannelNotAgeRestricted(Refusal):
    """The moderators allow images in age-restricted channels only, and this is none."""

    code = "channel_not_age_restricted"


@error
class ChannelUnknown(Refusal):
    """The moderators allow images in some channels, and Discord does not say whether this is one (fail closed).

    `hidden`: the channel that this thread is in, where the bot may not view it; 0 where Discord did not answer.
    """

    code = "channel_unknown"
    hidden: int = 0


Obstacle: TypeAlias = MemberBlocked | ChannelNotAllowed | ChannelNotAgeRestricted | ChannelUnknown
"""What keeps a member from asking at all, whatever they ask for."""


@error
class ChoiceNotAllowed(Refusal):
    """The moderators do not allow the model that the member chose by its `name`; they allow those of `allowed`.

    An empty name: the operator offers that model no more.
    """

    code = "choice_not_allowed"
    name: str
    allowed: tuple[str, ...]

    def __str__(self) -> str:
        return f"model {self.name!r} not allowed" if self.name else "that model is not offered any more"


@error
class StyleNotOffered(Refusal):
    """There is no style of that `name` in this server; those `offered` are there."""

    code = "style_not_offered"
    name: str
    offered: tuple[str, ...]

    def __str__(self) -> str:
        return f"no style {self.name!r} here"


@error
class ForbiddenWithStyle(Refusal):
    """The prompt contains what the server's `pattern` forbids only together with its `style`."""

    code = "forbidden_with_style"
    pattern: str
    style: str

    def __str__(self) -> str:
        return f"a blocked word in the style {self.style!r}, or between it and the prompt"


@error
class PromptTooLongForStyle(Refusal):
    """The `style` leaves room for `limit` characters of a prompt, and it has `length`."""

    code = "prompt_too_long_for_style"
    style: str
    length: int
    limit: int

    def __str__(self) -> str:
        return f"prompt of {self.length} characters, the style {self.style!r} leaves room for {self.limit}"


class PrivateNotAllowed(Refusal):
    """Pictures that only one member sees are not made in this server."""

    code = "private_not_allowed"


class OnlyPrivateHere(RequestRefused):
    """Where the moderators want pictures to be private, none is shown to everybody."""

    code = "only_private_here"


class SpoilerNotAllowed(Refusal):
    """Pictures behind a spoiler are not made in this server."""

    code = "spoiler_not_allowed"


class InvalidImageCount(Refusal):
    """Fewer images than one, or more than any command can ask for."""

    code = "invalid_image_count"


@error
class TooManyImages(Refusal):
    """More images in one prompt than `ruling` allows here."""

    code = "too_many_images"
    asked: int
    ruling: Ruling

    def __str__(self) -> str:
        return f"{self.asked} images asked for, {self.ruling.value} allowed per prompt"


@error
class LimitReached(Refusal):
    """`asked` images do not fit on `meter`, of which `used` are used; each picture counts as `weight` of them."""

    code = "limit_reached"
    meter: Meter
    used: int
    asked: int
    weight: int = 1

    @property
    def left(self) -> int:
        return max(0, (self.meter.limit or 0) - self.used)

    def __str__(self) -> str:
        counted = f"{self.meter.name} of a {self.meter.period}"
        return f"{counted}: {self.used} used, {self.asked} asked for, limit {self.meter.limit}"


@error
class BudgetReached(Refusal):
    """So many `images` would cost about `asked` credits, which the operator's budget of `meter` has no room for.

    `used` are spent, or reserved by what is being painted.
    """

    code = "budget_reached"
    meter: Meter
    used: int
    asked: int
    images: int

    @property
    def fitting(self) -> int:
        """So many images would still fit, at the same price."""
        left = max(0, (self.meter.limit or 0) - self.used)
        return left * self.images // self.asked if self.asked else 0

    def __str__(self) -> str:
        used, asked, limit = (
            f"{it / CREDITS_PER_DOLLAR:.4f}" for it in (self.used, self.asked, self.meter.limit or 0)
        )
        return f"the budget of the {self.meter.period}: {used} of {limit} dollars used, {asked} asked for"


@error
class OnCooldown(Refusal):
    """The member's last command is not as long ago as `ruling` asks; the next can be given `until` then."""

    code = "on_cooldown"
    until: datetime
    ruling: Ruling

    def __str__(self) -> str:
        return f"on cooldown until {self.until:%H:%M:%S}"


@error
class MaxConcurrencyReached(Refusal):
    """`running` generations of this member are not finished; no more than `ruling` says may run at a time."""

    code = "max_concurrency_reached"
    running: int
    ruling: Ruling

    def __str__(self) -> str:
        return f"{self.running} generations run at once, limit {self.ruling.value}"


@error
class FailureLimitReached(Refusal):
    """So many images came to nothing today, though they may have been paid for, that no more may be tried.

    `failed` is whose; None where that is not known any more.
    """

    code = "failure_limit_reached"
    failed: FailedToday | None = None

    def __str__(self) -> str:
        failed = self.failed
        whose = f"{failed.scope}: {failed.used}, limit {failed.limit}" if failed else "too many"
        return f"images that came to nothing today: {whose}"


@error
class UnknownTimeZone(RequestRefused):
    """No time zone has that name; `nearest` are the names that are most like it."""

    code = "unknown_time_zone"
    nearest: tuple[str, ...]
