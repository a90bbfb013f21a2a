"""Every use case on fakes, for a bot that is looked at without its surroundings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.core.bulk_work import BulkWork
from bot.core.gallery.service import PictureGallery
from bot.core.gallery.showing import Showings
from bot.core.generation.cancellation import Cancellations
from bot.core.generation.deletion import Deletions
from bot.core.generation.display_rules import DisplayRules
from bot.core.generation.earlier_pictures import EarlierPictures
from bot.core.generation.earlier_prompts import EarlierPrompt, EarlierPrompts
from bot.core.generation.generations import Filter, OfMember, OfServer, Page
from bot.core.generation.model import Generation, Picture, Shape, Source
from bot.core.generation.service import ImagineService
from bot.core.generation.undelivered import UndeliveredPictures
from bot.core.limits.policy import Operator
from bot.core.limits.usage import UsageService
from bot.core.moderation.service import Moderation
from bot.core.moderator_log.reports import Reports
from bot.core.preferences.preferences import NO_PREFERENCES, MemberPreferences, Preferences
from bot.core.privacy.service import Erased, MemberData, Privacy, Retention
from bot.core.statistics.usage_export import UsageExport
from bot.core.word_filter.search import WordSearch
from bot.interactions.drafts import Drafts
from bot.interactions.moderator_log import ModeratorLog
from bot.interactions.refused_orders import RefusedOrders
from bot.interactions.replies import AbandonedReplies
from bot.interactions.sending import DiscordConnection, UploadBudget
from bot.interactions.services import CommandBounds, Services
from tests.core.fakes import (
    FakeEvents,
    FakeImageApi,
    FakeLedger,
    FakeLogChannels,
    FakePictureIndex,
    FakePolicies,
    FakeReportStore,
    breaker,
    noon,
)


class FakeRecords:
    """Generations in memory; `sweeps` says how many rows each sweep finds."""

    def __init__(self) -> None:
        self.generations: list[Generation] = []
        self.erased: list[tuple[int, datetime]] = []
        self.sweeps: list[int] = []
        self.retentions: list[Retention] = []
        self.down: list[Exception] = []

    async def about(self, member: int) -> MemberData:
        mine = tuple(one for one in self.generations if one.request.caller.member == member)
        return MemberData(member, mine, (), (), ())

    async def erase(self, member: int, now: datetime) -> Erased:
        self.erased.append((member, now))
        return Erased(0, 0, 0, 0)

    async def finish_erasures(self, now: datetime) -> int:
        if self.down:
            raise self.down.pop()
        return sum(at <= now for _, at in self.erased)

    async def sweep(self, retention: Retention, at_most: int) -> int:
        self.retentions.append(retention)
        return min(at_most, self.sweeps.pop(0)) if self.sweeps else 0


class FakeDeletions:
    """Keeps which generations' pictures were deleted."""

    def __init__(self) -> None:
        self.deleted: list[int] = []

    async def delete(self, generation: int, now: datetime, *, for_good: bool) -> None:
        self.deleted.append(generation)


class FakeGenerations:
    """Finds those of the server and the time that are asked about, in their order; keeps `pictures` by the id of their
    generation and their position.
    """

    def __init__(self, *generations: Generation) -> None:
        self.generations = list(generations)
        self.pictures: dict[tuple[int, int], bytes] = {}

    async def load(self, generation: int, source: Source) -> Source:
        if source.stored is None:
            return source
        return replace(source, content=self.pictures.get((generation, source.stored), b""))

    async def get(self, id: int) -> Generation | None:
        return next((it for it in self.generations if it.id == id), None)

    async def latest_prompts(self, member: int, count: int) -> Sequence[EarlierPrompt]:
        mine = [it.request for it in reversed(self.generations) if it.request.caller.member == member]
        return [
            EarlierPrompt(it.id, it.spec.prompt, bool(it.spec.inputs))
            for it in mine[:count]
            if it.spec.prompt
        ]

    async def find(self, which: Filter, page: Page) -> Sequence[Generation]:
        found = [
            it
            for it in self.generations
            if (isinstance(which, OfMember) or it.request.caller.place.server == which.server)
            and (not isinstance(which, OfServer) or which.since <= it.reserved_at < which.until)
        ]
        return found[found.index(page.after) + 1 if page.after else 0 :][: page.count]


class FakePreferenceStore:
    """Preferences in memory; `reads` counts how often they were asked for."""

    def __init__(self) -> None:
        self.kept: dict[int, Preferences] = {}
        self.reads = 0

    async def of(self, member: int) -> Preferences:
        self.reads += 1
        return self.kept.get(member, NO_PREFERENCES)

    async def put(self, member: int, preferences: Preferences, now: datetime) -> None:
        assert now == noon()
        self.kept[member] = preferences


async def as_it_is(picture: Picture, limit: int) -> Picture:
    assert limit
    return picture


def services(
    operator: Operator,
    policies: FakePolicies | None = None,
    *,
    most_images: int = 4,
    longest_prompt: int = 1000,
    shapes: frozenset[Shape] = frozenset(Shape),
    edit_inputs: int = 3,
) -> Callable[..., Services]:
    """For `ImagineBot`: over fakes of our own ports."""
    policies = policies or FakePolicies()
    ledger, records = FakeLedger(), FakeRecords()
    imagine_service = ImagineService(
        ledger, FakeImageApi(), operator, noon, breaker(), FakeEvents(), concurrency=1
    )
    preferences = MemberPreferences(FakePreferenceStore(), noon)
    return partial(
        Services,
        imagine_service=imagine_service,
        cancellations=Cancellations(
            ledger,
            FakeGenerations(),
            AbandonedReplies(DiscordConnection(), as_it_is, UploadBudget(), noon, changes=True),
            imagine_service.pipeline,
            imagine_service.in_flight,
            noon,
        ),
        usage_service=UsageService(ledger, policies, operator, noon),
        moderation=Moderation(policies, ledger, operator, noon),
        usage_export=UsageExport(FakeGenerations(), policies, operator, noon),
        privacy=Privacy(records, records, noon, keep_prompts=timedelta(days=30), preferences=preferences),
        preferences=preferences,
        reports=Reports(FakeReportStore(), policies, FakeEvents(), FakeLogChannels(), noon),
        moderator_log=ModeratorLog(policies, noon, DiscordConnection()),
        gallery=PictureGallery(FakePictureIndex()),
        undelivered=UndeliveredPictures(FakeGenerations(), FakeImageApi()),
        showings=Showings(policies, operator, WordSearch(1), noon),
        earlier_prompts=EarlierPrompts(FakeGenerations()),
        earlier_pictures=EarlierPictures(FakeGenerations(), operator),
        generations=FakeGenerations(),
        deletions=Deletions(FakeDeletions(), noon),
        display_rules=DisplayRules(policies, operator, WordSearch(1.0)),
        fetch_shown=FakeImageApi().shown,
        bulk=BulkWork(),
        erasures=BulkWork(),
        drafts=Drafts(),
        refused_orders=RefusedOrders(),
        fit=as_it_is,
        upload_budget=UploadBudget(),
        imagine_bounds=CommandBounds(most_images, longest_prompt, shapes),
        edit_bounds=CommandBounds(edit_inputs, longest_prompt, shapes),
        models={"grok": "Grok", "flux": "Flux"},
        shows_costs=True,
    )
