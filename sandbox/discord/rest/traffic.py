"""Every REST request to the look-alike, in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.notifier import Notifier


@dataclass
class RecordedRequest:
    """One request: `at` is on the loop's clock, in seconds; `status` None means it was cut."""

    route: str
    method: str
    path: str
    at: float
    headers: dict[str, str] = field(repr=False)
    body: Json | list[Json] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    status: int | None = None
    answered_at: float | None = None


class Traffic(list[RecordedRequest]):
    """`traffic.of("callback")`: the requests of one route."""

    def __init__(self) -> None:
        super().__init__()
        self.changes = Notifier()

    def of(self, route: str) -> list[RecordedRequest]:
        return [asked for asked in self if asked.route == route]
