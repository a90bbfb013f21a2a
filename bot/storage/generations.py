"""Generations on record: the JSON in a row, the one mapping of a row to the core's value, and what is found of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bot.core.generation.costs import MOST_BELIEVED
from bot.core.generation.earlier_prompts import BEGINNING, EarlierPrompt
from bot.core.generation.generations import Filter, OfMember, OfServer, Page, Undelivered
from bot.core.generation.model import (
    Cost,
    Generation,
    ImageSpec,
    InputImage,
    Order,
    PromptRevision,
    Request,
    Shape,
    Source,
    State,
)
from bot.core.generation.undelivered import MOST_PICTURES_SHOWN
from bot.core.limits.styles import Style
from bot.core.place import Caller, Direct, InServer, Place
from bot.storage.engine.protocol import (
    Database,
    Row,
    Statement,
    Transaction,
    Value,
    from_millis,
    in_transaction,
    storable,
    to_millis,
)

COLUMNS = """id, member, server, channel, locale, server_locale, prompt, images, spec, application, token,
    state, reserved_at, settled_at, refunded, model, credits, message, sources, untold, attempts,
    revised_prompt, revision_credits, cost, cost_estimated, idea_by, deleted_at, model_prompt"""
"""What `generation_of` reads. `untold` is the pending notice: an earlier version that runs during a deploy knows no
other name for it.
"""

GET = f"SELECT {COLUMNS} FROM generation WHERE id = :id"  # noqa: S608 — the columns are a constant
OF_MEMBER = f"""
SELECT {COLUMNS} FROM generation WHERE member = :member AND id > :after ORDER BY id LIMIT :count
"""  # noqa: S608
OF_SERVER = f"""
SELECT {COLUMNS} FROM generation
WHERE server = :server AND reserved_at < :until
AND (reserved_at > :since OR (reserved_at = :since AND id > :after))
ORDER BY reserved_at, id LIMIT :count
"""  # noqa: S608
UNDELIVERED = f"""
SELECT {COLUMNS} FROM generation
WHERE member = :member AND server = :server AND sources IS NOT NULL AND settled_at IS NOT NULL
AND (reserved_at < :before OR (reserved_at = :before AND id < :beyond))
ORDER BY reserved_at DESC, id DESC LIMIT :count
"""  # noqa: S608
DIRECT = 0
"""In the column `server`, of a generation in no server that has the bot: it takes no NULL, and SQLite can't drop that
without copying the table. Discord gives nothing this id.
"""
# Bounded by what is looked at, and not by what is found: however many of them were erased. A quotation mark of a prompt
# is escaped in `spec`.
LATEST_PROMPTS = """
SELECT id, SUBSTR(prompt, 1, :length), CASE WHEN spec LIKE '%"inputs":%' THEN 1 ELSE 0 END FROM (
    SELECT id, prompt, spec FROM generation WHERE member = :member ORDER BY id DESC LIMIT :count
) AS latest WHERE prompt <> '' ORDER BY id DESC
"""
INSERT_PICTURE = """
INSERT INTO picture (generation, position, content) VALUES (:generation, :position, :content)
ON CONFLICT (generation, position) DO NOTHING
"""
ENDLESS = 2**31 - 1
DROP_PICTURES = "DELETE FROM picture WHERE generation = :generation AND position < :before"
# Of a member in a server, those that /gallery never comes to, as it shows the newest ones: nobody's deleted messages
# fill the disk.
DROP_UNSEEN_PICTURES = """
DELETE FROM picture WHERE generation IN (
    SELECT id FROM generation
    WHERE member = (SELECT this.member FROM generation AS this WHERE this.id = :id)
    AND server = (SELECT this.server FROM generation AS this WHERE this.id = :id)
    AND sources IS NOT NULL AND settled_at IS NOT NULL
    ORDER BY reserved_at DESC, id DESC LIMIT :all OFFSET :shown
)
"""
CONTENT = "SELECT content FROM picture WHERE generation = :generation AND position = :position"
BEYOND_ALL = 2**62
LONGEST_MODEL_PROMPT = 4000
"""Characters: as many as a member's own prompt can have."""
MOST_BYTES_KEPT = 48 * 1024 * 1024
"""Of one generation's pictures that came inside answers: what one answer may have, all told."""


class SqlGenerations:
    """Implements `bot.core.generation.generations.Generations`, and `PromptRecords` beside it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @in_transaction(synchronous=False)  # not `reading`: a press would wait for whoever reads a million rows
    def get(self, id: int) -> Transaction[Generation | None]:
        rows = yield GET, {"id": id}
        return generation_of(rows[0]) if rows else None

    @in_transaction(reading=True)
    def latest_prompts(self, member: int, count: int) -> Transaction[list[EarlierPrompt]]:
        rows = yield LATEST_PROMPTS, {"member": member, "count": count, "length": BEGINNING}
        return [EarlierPrompt(int(id), prompt, bool(is_edit)) for id, prompt, is_edit in rows]

    @in_transaction(reading=True)
    def load(self, generation: int, source: Source) -> Transaction[Source]:
        return loaded(generation, source)

    @in_transaction(reading=True)
    def find(self, which: Filter, page: Page) -> Transaction[list[Generation]]:
        after, last = page.after, page.after.id if page.after else 0
        asked: Statement
        match which:
            case OfMember(member):
                asked = OF_MEMBER, {"member": member, "after": last, "count": page.count}
            case OfServer(server, since, until):
                times = {"since": to_millis(after.reserved_at if after else since), "until": to_millis(until)}
                asked = OF_SERVER, times | {"server": server, "after": last, "count": page.count}
            case Undelivered(member, server):
                before = to_millis(after.reserved_at) if after else BEYOND_ALL
                whose = {"member": member, "server": server or DIRECT, "count": page.count}
                asked = UNDELIVERED, whose | {"before": before, "beyond": last}
        rows = yield asked
        return [generation_of(row) for row in rows]


def loaded(generation: int, source: Source) -> Transaction[Source]:
    """With its content, where that is kept; empty where it was erased meanwhile."""
    if source.stored is None:
        return source
    rows = yield CONTENT, {"generation": generation, "position": source.stored}
    return replace(source, content=bytes(rows[0][0]) if rows else b"")


def row_of(request: Request) -> dict[str, Value]:
    """What is on record of a request, by the names of the columns.

    `spec` is JSON: a format of its own, that a rename in the code never changes.
    """
    caller, spec = request.caller, request.spec
    return {
        "id": request.id,
        "member": caller.member,
        "server": server_column(caller.place),
        "channel": caller.place.channel,
        "locale": caller.locale,
        "server_locale": caller.server_locale,
        "prompt": spec.prompt,
        "images": spec.counted,
        "spec": encode_spec(spec, named=request.named, elsewhere=elsewhere(caller.place)),
        "application": request.application,
        "token": request.token,
        "idea_by": request.idea_by,
    }


def server_column(place: Place) -> int:
    return place.server if isinstance(place, InServer) else DIRECT


def elsewhere(place: Place) -> int | None:
    """Of a direct place where the bot is not: the server that it is in, 0 where it is in none. None of all others."""
    return None if isinstance(place, InServer) or place.with_bot else place.server or 0


def place_of(server: int, channel: int, elsewhere: int | None) -> Place:
    """What is erased says no `elsewhere`: Discord refuses what the bot then tries there."""
    if server != DIRECT:
        return InServer(server, channel)
    return Direct(channel, with_bot=elsewhere is None, server=elsewhere or None)


def encode_spec(spec: ImageSpec, *, named: bool = False, elsewhere: int | None = None) -> str:
    """As JSON, without what says the default; with what is `named` of its request, and `elsewhere` of its place.

    The version before takes progress for pictures, and would show to everybody what is private or a spoiler. It reads
    the number as `count`, and leaves what has none: so a copy of it takes over nothing of this version during a deploy.
    """
    style = spec.style
    options: dict[str, object] = {
        "shape": spec.shape.value if spec.shape else None,
        "inputs": [[it.url, it.media_type, it.width, it.height] for it in spec.inputs] or None,
        "model": spec.model or None,
        "weight": None if spec.weight == 1 else spec.weight,
        "revise": None if spec.revise else False,
        "style": [storable(text) for text in (style.name, style.before, style.after)] if style else None,
        "private": spec.private or None,
        "spoiler": spec.spoiler or None,
        "named": named or None,
        "elsewhere": elsewhere,
    }
    asked: dict[str, object] = {"prompt": storable(spec.prompt), "images": spec.count}
    asked |= {name: value for name, value in options.items() if value is not None}
    return json.dumps(asked, ensure_ascii=False)


def decode_spec(text: str) -> tuple[ImageSpec, bool, int | None]:
    """And what `encode_spec` was given beside it. Raises ValueError, KeyError, TypeError where it can't be read."""
    asked = json.loads(text)
    shape, style = asked.get("shape"), asked.get("style")
    spec = ImageSpec(
        asked["prompt"],
        asked["images"] if "images" in asked else asked["count"],  # the version before wrote it so
        Shape(shape) if shape in tuple(Shape) else None,  # a later version may know more
        tuple(InputImage(*one) for one in asked.get("inputs", ())),
        asked.get("model"),
        asked.get("weight", 1),
        asked.get("revise", True),
        Style(*style) if style else None,
        asked.get("private", False),
        asked.get("spoiler", False),
    )
    return spec, asked.get("named", False), asked.get("elsewhere")


def contents_kept(sources: Sequence[Source]) -> dict[int, bytes]:
    """The pictures that came inside the answer, by their position: as many as MOST_BYTES_KEPT hold."""
    kept, size = dict[int, bytes](), 0
    for position, source in enumerate(sources):
        if source.content and size + len(source.content) <= MOST_BYTES_KEPT:
            kept[position] = source.content
            size += len(source.content)
    return kept


def insert_pictures(generation: int, contents: Mapping[int, bytes], since: int) -> Transaction[None]:
    """Those from the position `since` on; before any meter is locked, for which everybody would wait meanwhile."""
    for position, content in contents.items():
        if position >= since:  # one after the other: each may be large
            yield INSERT_PICTURE, {"generation": generation, "position": position, "content": content}


def drop_pictures(generation: int, sources: str | None) -> Transaction[None]:
    """Those that come before the `sources` which are kept; and of its member, what `/gallery` does not come to.

    Like `insert_pictures` before any meter is locked.
    """
    stored = [it.stored for it in decode_sources(sources) if it.stored is not None]
    yield DROP_PICTURES, {"generation": generation, "before": min(stored, default=ENDLESS)}
    if stored:
        yield DROP_UNSEEN_PICTURES, {"id": generation, "shown": MOST_PICTURES_SHOWN, "all": ENDLESS}


def encode_sources(sources: Sequence[Source], stored: Collection[int] = (), since: int = 0) -> str | None:
    """As JSON, for whoever has to fetch paid pictures after a crash: each one's address, its revised prompt and, where
    its content is `stored`, under which position. Those from the position `since` on.
    """
    kept: list[list[str | int | None]] = []
    for position, source in enumerate(sources):
        at = position if position in stored else source.stored
        if position >= since and (source.url or at is not None):
            kept.append([source.url, source.revised_prompt, *([] if at is None else [at])])
    return json.dumps(kept) if kept else None


def decode_sources(text: str | None) -> tuple[Source, ...]:
    """Raises ValueError, TypeError where it can't be read."""

    def source(url: str | None, revised: str | None, stored: int | None = None) -> Source:
        return Source(url, revised_prompt=revised, stored=stored)

    return tuple(source(*one) for one in json.loads(text or "[]"))


def model_prompt_of(order: Order) -> Value:
    """What the model says it made of the prompt, as the caption of its pictures has it: of the first of them."""
    said = order.sources[0].revised_prompt if order.sources else None
    return storable(said[:LONGEST_MODEL_PROMPT]) if said else None


def joined(*texts: str | None) -> str | None:
    """Several of `encode_sources` as one."""
    kept = [one for text in texts if text for one in json.loads(text)]
    return json.dumps(kept) if kept else None


def columns_with_late(
    state: State, sources: str | None, late_sources: str | None, late: str | None, recorded: int
) -> dict[str, Value] | None:
    """Both columns of a generation in `state`, with those sources that came `late`, after `recorded` others; None where
    they are not kept, or are there already.

    What is paid may be delivered just now: until it is settled or claimed anew, they stand in `late_sources` then.
    """
    if state is State.REFUNDED:
        return {"sources": joined(sources, late), "late_sources": None}
    first = sources is None and state in {State.SUBMITTED, State.UNKNOWN}
    if not late or not (first or (recorded and state not in {State.RESERVED, State.ACKNOWLEDGED})):
        return None
    there, added = json.loads(late_sources or sources or "[]"), json.loads(late)
    if there[-len(added) :] == added:
        return None
    if sources is None or state is not State.PAID:
        return {"sources": joined(sources, late), "late_sources": late_sources}
    return {"sources": sources, "late_sources": joined(late_sources, late)}


def bigint_or_none(credits: int | None) -> int | None:
    """`credits` where they fit into a BIGINT: an absurd cost, named by the image API, must not lose a paid picture."""
    return None if credits is None or not -(2**63) <= credits < 2**63 else credits


def revision_columns(revision: PromptRevision | None) -> dict[str, Value]:
    """An empty text stands for a revision that failed: the member's own words were painted."""
    if revision is None:
        return {"revised_prompt": None, "revision_credits": None}
    credits = revision.credits
    believed = credits is not None and credits <= MOST_BELIEVED
    return {
        "revised_prompt": storable(revision.prompt or ""),
        "revision_credits": credits if believed else None,
    }


def generation_of(row: Row) -> Generation:
    """What `SELECT {COLUMNS}` finds. Raises ValueError, KeyError, TypeError where it can't be read."""
    id, member, server, channel, locale, server_locale, prompt, images, spec, application, token, *rest = row
    state, reserved_at, settled_at, refunded, model, credits, message, sources, *others = rest
    (
        pending_notice,
        attempts,
        revised,
        revision_credits,
        cost,
        estimated,
        idea_by,
        deleted_at,
        model_prompt,
    ) = others
    # None: it was erased, or is of a version that had columns for it.
    erased = ImageSpec(prompt, images), False, None
    asked, named, elsewhere = erased if spec is None else decode_spec(spec)
    caller = Caller(int(member), place_of(int(server), int(channel), elsewhere), locale, server_locale)
    return Generation(
        Request(
            int(id),
            caller,
            asked,
            application or 0,
            token or "",
            None if idea_by is None else int(idea_by),
            named,
        ),
        State(state),
        from_millis(reserved_at),
        None if settled_at is None else from_millis(settled_at),
        refunded // asked.weight,
        model,
        credits,
        message,
        decode_sources(sources),
        pending_notice,
        attempts,
        None
        if revised is None and revision_credits is None
        else PromptRevision(revised or None, revision_credits),
        _cost_of(credits, cost, revision_credits or 0, estimated),
        None if deleted_at is None else from_millis(deleted_at),
        model_prompt,
    )


def _cost_of(credits: int | None, cost: int | None, revision: int, estimated: int | None) -> Cost | None:
    """`cost` is that of the pictures and of the revision, once it is settled; of a row of the version before, `credits`
    are all that is known.
    """
    if cost is not None and estimated is not None:
        return Cost(cost - revision, bool(estimated))
    return None if credits is None else Cost(credits, estimated=False)
