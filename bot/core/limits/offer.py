"""What members can ask for beside the prompt in a server: its styles, and who sees the pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.core.limits.styles import Style, style_key


class Requirement(StrEnum):
    """What is decided of something that members can ask for, or leave. A stored format."""

    OPTIONAL = "optional"  # as the member likes
    REQUIRED = "required"  # whether they ask for it or not
    FORBIDDEN = "forbidden"

    def after(self, first: Requirement) -> Requirement:
        """This, where the one that counts more leaves it open."""
        return self if first is Requirement.OPTIONAL else first


@dataclass(frozen=True, slots=True)
class Offer:
    """Of the operator's styles and the server's `own`, by their keys: None is one of the operator's, switched off.

    `private`: only who asked sees the pictures; `spoiler`: they are hidden until somebody clicks on them.
    """

    operators: tuple[Style, ...]
    own: Mapping[str, Style | None]
    private: Requirement
    spoiler: Requirement

    @property
    def styles(self) -> tuple[Style, ...]:
        """The operator's first, each as the server changed it, then the server's by their names."""
        theirs = {style.key: style for style in self.operators}
        changed = (self.own.get(key, style) for key, style in theirs.items())
        added = (style for key, style in sorted(self.own.items()) if key not in theirs)
        return tuple(style for style in (*changed, *added) if style is not None)

    @property
    def styles_off(self) -> tuple[Style, ...]:
        """Those of the operator's that the moderators have switched off."""
        return tuple(one for one in self.operators if one.key in self.own and self.own[one.key] is None)

    def style(self, name: str) -> Style | None:
        """The one of that name, however it is written; None where there is none."""
        key = style_key(name)
        return self.own[key] if key in self.own else self.default_of(name)

    def default_of(self, name: str) -> Style | None:
        """The operator's of that name."""
        key = style_key(name)
        return next((style for style in self.operators if style.key == key), None)
