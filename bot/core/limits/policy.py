"""What is decided about limits, as data: by the operator for every server, and by a server's moderators for theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from bot.core.limits.budgets import Budgets
from bot.core.limits.meters import Limit, Windows
from bot.core.limits.offer import Offer, Requirement
from bot.core.limits.styles import Style
from bot.core.word_filter.word_list import WordList


class Undecided(Enum):
    UNDECIDED = "undecided"


UNDECIDED: Literal[Undecided.UNDECIDED] = Undecided.UNDECIDED
"""No decision was made. Not None, which is the decision that something is unlimited."""

Decision: TypeAlias = Limit | Literal[Undecided.UNDECIDED]

MOST_IMAGES = 100_000  # thousands of dollars: whoever means more means unlimited
# A list that is longer belongs into a role.
MOST_ROLES = 100
MOST_CHANNELS = 100
MOST_MEMBERS = 500
LONGEST_COOLDOWN = 24 * 60 * 60
MOST_AT_ONCE = 100
MOST_PER_PROMPT = 10  # a message of Discord shows no more
MOST_CHOICES = 10  # a group of checkboxes in Discord's forms has no more
LONGEST_CHOICE_NAME = 32  # characters
MOST_WEIGHT = 20
LONGEST_REASON = 300
MOST_BYTES = 256 * 1024
"""Of one server's policy as it is stored: 500 blocks with long reasons, and everything else."""
MOST_CHANGES = {timedelta(minutes=1): 30, timedelta(days=1): 450}
"""How often one server's policy may be changed within such a span: more often than people do, and within what the
history keeps."""
SHARE_OF_ONE_MODERATOR = 2 / 3
"""Of MOST_CHANGES: whatever one moderator does, the others can still change the policy."""


class Setting(StrEnum):
    """A number that the operator and each server can decide: of images, unless its comment says otherwise.

    The values are stored with the policy; `/limits set` calls most of its options so, too.
    """

    DAILY = "daily"  # one member, one day
    MONTHLY = "monthly"  # one member, one month
    SERVER_DAILY = "server_daily"
    SERVER_MONTHLY = "server_monthly"
    PER_PROMPT = "per_prompt"
    AT_ONCE = "at_once"  # generations of one member that run at the same time
    COOLDOWN = "cooldown"  # seconds between two commands of a member

    @property
    def least(self) -> int:
        return 1 if self in {Setting.PER_PROMPT, Setting.AT_ONCE} else 0

    @property
    def most(self) -> int:
        return {Setting.COOLDOWN: LONGEST_COOLDOWN, Setting.AT_ONCE: MOST_AT_ONCE}.get(self, MOST_IMAGES)


@dataclass(frozen=True, slots=True)
class Bounds:
    """`default` holds where a server decided nothing; `ceiling` is the most generous that it can decide."""

    default: Limit
    ceiling: Limit


@dataclass(frozen=True, slots=True)
class FailureLimits:
    """How many images a day, in `zone`, may be paid for in vain: of a member in all servers; of one server."""

    member: Limit
    server: Limit
    zone: ZoneInfo
    running: Windows | None = None  # as the operator's


@dataclass(frozen=True, slots=True)
class Choice:
    """A model that members can choose by `name`; each of its pictures counts as `weight` images, 1 to MOST_WEIGHT."""

    name: str
    model: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Operator:
    """What the operator decides: bounds for every setting, the bot's own limit and budgets, and when its day begins.

    `running` are the windows that had begun when the bot was started with another zone. `allowed_servers`: None is all.
    `choices` are the models that members can choose from; `revises`: whether a chat model revises prompts at all.
    `styles` are there in every server until its moderators decide otherwise; they decide on `private` and `spoiler`
    pictures where the operator has left that open.
    `direct_daily`: images of one person on one day in all direct places together.
    """

    bounds: Mapping[Setting, Bounds]
    bot_daily: Limit
    zone: ZoneInfo
    running: Windows | None = None
    allowed_servers: frozenset[int] | None = None
    choices: tuple[Choice, ...] = ()
    revises: bool = False
    styles: tuple[Style, ...] = ()
    private: Requirement = Requirement.OPTIONAL
    spoiler: Requirement = Requirement.OPTIONAL
    daily_budget: Limit = None
    monthly_budget: Limit = None
    direct_daily: Limit = 0

    @property
    def serves_directly(self) -> bool:
        """Whether anybody can have images where there is no server that has the bot."""
        return self.direct_daily is None or self.direct_daily > 0

    @property
    def budgets(self) -> Budgets:
        return Budgets(self.daily_budget, self.monthly_budget, self.zone, self.running)

    @property
    def offers_picture_settings(self) -> bool:
        """Whether there is anything about the pictures themselves that moderators can decide."""
        leaves_open = Requirement.OPTIONAL in {self.private, self.spoiler}
        return bool(self.choices) or self.revises or leaves_open

    def serves(self, server: int) -> bool:
        return self.allowed_servers is None or server in self.allowed_servers

    def within(self, setting: Setting, value: Limit) -> Limit:
        """`value`, or the ceiling where that is less generous: a longer cooldown, fewer images."""
        ceiling = self.bounds[setting].ceiling
        if setting is Setting.COOLDOWN:
            return max(value or 0, ceiling or 0)
        if value is None or ceiling is None:
            return ceiling if value is None else value
        return min(value, ceiling)

    def numbers_for(self, setting: Setting) -> tuple[int, int]:
        """The least and the most that a server can decide."""
        ceiling = self.bounds[setting].ceiling
        if setting is Setting.COOLDOWN:
            return ceiling or 0, setting.most
        return setting.least, setting.most if ceiling is None else ceiling


class ChannelMode(StrEnum):
    EVERYWHERE = "everywhere"
    ONLY = "only"  # in the listed channels
    EXCEPT = "except"  # everywhere but there


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """Where images may be asked for. A category or a forum stands for what is in it, a channel for its threads."""

    mode: ChannelMode = ChannelMode.EVERYWHERE
    channels: frozenset[int] = frozenset()
    age_restricted_only: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """`until` is an instant in UTC, or None for good. `reason` is shown to the member."""

    until: datetime | None
    reason: str = ""

    def runs_at(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class TopUp:
    """So many more `images` for a member on the day with the key `day`."""

    day: str
    images: int


@dataclass(frozen=True, slots=True)
class CounterReset:
    """How often a member's counter was set back to zero on the day with the key `day`."""

    day: str
    count: int


class LogLevel(StrEnum):
    EVERYTHING = "everything"
    PROBLEMS = "problems"  # refusals, failures and reports


@dataclass(frozen=True, slots=True)
class LogRule:
    channel: int
    level: LogLevel = LogLevel.PROBLEMS


@dataclass(frozen=True, slots=True)
class Policy:
    """What one server's moderators decided; whatever is left out is the operator's business. Keys are Discord's ids.

    Without a `zone` the operator's holds. `running` are the windows that had begun when it was changed last.
    `choices_off` are the names of the operator's choices that members can't choose; `revise`: whether prompts are
    revised, where the operator has that done. `styles` are the server's own by their keys, and None where one of the
    operator's is switched off.
    """

    numbers: Mapping[Setting, Limit] = field(default_factory=dict)
    roles: Mapping[int, Limit] = field(default_factory=dict)
    members: Mapping[int, Limit] = field(default_factory=dict)
    blocks: Mapping[int, Block] = field(default_factory=dict)
    top_ups: Mapping[int, TopUp] = field(default_factory=dict)
    counter_resets: Mapping[int, CounterReset] = field(default_factory=dict)
    channels: ChannelRule = ChannelRule()
    words: WordList = field(default_factory=WordList)
    zone: ZoneInfo | None = None
    running: Windows | None = None
    log: LogRule | None = None
    choices_off: frozenset[str] = frozenset()
    revise: bool = True
    styles: Mapping[str, Style | None] = field(default_factory=dict)
    private: Requirement = Requirement.OPTIONAL
    spoiler: Requirement = Requirement.OPTIONAL

    def number(self, setting: Setting) -> Decision:
        return self.numbers.get(setting, UNDECIDED)


NOTHING_DECIDED = Policy()


def offer_of(policy: Policy, operator: Operator) -> Offer:
    """What members can ask for beside the prompt."""
    return Offer(
        operator.styles,
        policy.styles,
        policy.private.after(operator.private),
        policy.spoiler.after(operator.spoiler),
    )
