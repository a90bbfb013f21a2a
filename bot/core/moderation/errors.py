"""What moderators can't decide, and what a form or a command says that can't be read."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from bot.core.errors import RequestRefused, error
from bot.core.limits.meters import Limit
from bot.core.limits.policy import Setting


@error
class SettingOutOfBounds(RequestRefused):
    """A moderator's number that `setting` does not have, or that is beyond the operator's `ceiling`."""

    code = "setting_out_of_bounds"
    setting: Setting
    value: Limit
    ceiling: Limit

    def __str__(self) -> str:
        return f"{self.setting}: {self.value} is out of bounds (ceiling {self.ceiling})"


@error
class PolicyListFull(RequestRefused):
    """A list of a policy has room for `most`; `what` says which."""

    code = "policy_list_full"
    What = Literal["roles", "members", "blocks", "top_ups", "counter_resets", "channels", "styles"]
    what: What
    most: int

    def __str__(self) -> str:
        return f"more than {self.most} {self.what}"


@error
class TooManyPolicyChanges(RequestRefused):
    """This server's settings were changed very often in a short time; they can be changed again `until` then.

    `by_one`: by the one who asks; the other moderators can change them all the same.
    """

    code = "too_many_policy_changes"
    until: datetime
    by_one: bool = False

    def __str__(self) -> str:
        whose = " by one moderator" if self.by_one else ""
        return f"too many changes{whose}, until {self.until:%H:%M:%S}"


class PolicyTooLarge(RequestRefused):
    """All that a server's moderators decided takes more room than there is."""

    code = "policy_too_large"


class StyleIncomplete(RequestRefused):
    """A style without a name, or without any text that would change a picture."""

    code = "style_incomplete"


@error
class StyleNameTaken(RequestRefused):
    """There is another style of that `name`."""

    code = "style_name_taken"
    name: str

    def __str__(self) -> str:
        return f"there is a style {self.name!r} already"


@error
class StyleNameReserved(RequestRefused):
    """That `name` stands for no style at all, wherever one is chosen."""

    code = "style_name_reserved"
    name: str

    def __str__(self) -> str:
        return f"no style can be called {self.name!r}"


@error
class StyleGone(RequestRefused):
    """The style of that `name`, which was to be changed, is not there any more."""

    code = "style_gone"
    name: str

    def __str__(self) -> str:
        return f"no style {self.name!r} any more"


class NoChannelLeft(RequestRefused):
    """Images in the listed channels only, and none is listed."""

    code = "no_channel_left"


@error
class InvalidInput(RequestRefused):
    """A field of a form, or an option, says `text`, not what is `expected`; `field` is the code of its name."""

    Expected = Literal["number", "positive_number", "duration", "block_duration", "own_limit", "choice"]

    code = "invalid_input"
    text: str
    expected: Expected
    field: str = ""

    def __str__(self) -> str:
        return f"{self.field or 'a field'}: not {self.expected}"


@error
class OneOptionNeeded(RequestRefused):
    """None of `options` was given, or several that exclude each other: the command takes one."""

    code = "conflicting_options"
    options: tuple[str, ...]

    def __str__(self) -> str:
        return f"one of {', '.join(self.options)} is needed"


@error
class FieldNotApplicable(RequestRefused):
    """`field` was filled in, and only goes with one of `takers`: the codes of their names."""

    code = "field_not_applicable"
    field: str
    takers: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.field} goes with {', '.join(self.takers)} only"


class NotAModerator(RequestRefused):
    """Whoever pressed or submitted this may not change the server's limits."""

    code = "not_a_moderator"


class PermissionsUnknown(RequestRefused):
    """Discord does not say whether this person may moderate; so they may not (fail closed)."""

    code = "permissions_unknown"


@error
class LogChannelForbidden(RequestRefused):
    """The bot can't write its log into `channel`: it lacks the permissions of the names `missing`."""

    code = "log_channel_forbidden"
    channel: int
    missing: tuple[str, ...]

    def __str__(self) -> str:
        return f"no permission to write into channel {self.channel}: {', '.join(self.missing)}"


@error
class LogChannelUnusable(RequestRefused):
    """`channel` is gone, or it is none of this server's that takes messages."""

    code = "log_channel_unusable"
    channel: int

    def __str__(self) -> str:
        return f"channel {self.channel} takes no messages"


class LogChannelUnknown(RequestRefused):
    """Discord does not say whether the bot may write there."""

    code = "log_channel_unknown"
