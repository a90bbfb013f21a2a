"""Delivered pictures, found again by words: PostgreSQL's full-text search or SQLite's FTS5, behind the same rules.

Either engine only says in which rows certain words are; which rows are meant is said by the same LIKE on both. Most
searches are answered without: whatever is common is found among the newest rows. Full-text search is for what is rare,
where looking at all rows would take long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeAlias

from bot.core.gallery.search import GallerySearch, OwnPictures, ServerPictures, Whose, model_key
from bot.core.gallery.words import MOST_SEARCHED, stored_words
from bot.core.generation.model import Generation, State, created_at
from bot.core.place import InServer
from bot.storage.engine.protocol import (
    Database,
    Dialect,
    Params,
    Rows,
    Transaction,
    Value,
    in_transaction,
    to_millis,
)
from bot.storage.generations import COLUMNS, decode_sources, generation_of, row_of

LOOKED_AT = 2000
"""Rows that are looked at one by one, before the index is asked. Where less than a page of so many match, there are few
of it, as long as it has not become rare since.
"""
LONGEST_BEGINNING = 6
"""Characters of a word's beginning, from two on, that are indexed like a word; LIKE looks at the rest."""
CAUGHT_UP = 200
"""Rows that a search adds by itself."""
BEYOND_ALL = 2**62
UNTIL_RESERVED = timedelta(minutes=1)
"""Between a command and its reservation, whatever the clocks say."""

# Every search has as many phrases: '%' is all there is to say for those that it lacks. `scope` and `words` have a space
# around each word, and no sign that LIKE knows.
PHRASES = tuple(f"phrase_{letter}" for letter in "abcdefgh"[:MOST_SEARCHED])
SCOPES = ("whose", "where", "model")
MATCHES = " AND ".join(
    [*(f"scope LIKE :{name}" for name in SCOPES), *(f"words LIKE :{name}" for name in PHRASES)]
)

IN_GALLERY = re.sub(r"(scope|words) LIKE", r"gallery.\1 LIKE", MATCHES)

_NEXT_TO = """
SELECT {columns} FROM (
    SELECT number FROM (
        SELECT generation AS number, scope, words FROM gallery
        WHERE {owner} = :owner AND generation {beyond} :start ORDER BY generation {order} LIMIT :looked_at
    ) AS newest
    WHERE {matches} ORDER BY number {order} LIMIT :count
) AS found CROSS JOIN generation
WHERE generation.id = found.number ORDER BY found.number DESC
"""
_LAST_LOOKED_AT = """
SELECT generation FROM gallery WHERE {owner} = :owner AND generation {beyond} :start
ORDER BY generation {order} LIMIT 1 OFFSET :others
"""
OLDER = {"beyond": "<", "order": "DESC", "step": "-1", "last": "MIN"}
NEWER = {"beyond": ">", "order": "ASC", "step": "1", "last": "MAX"}
_WAYS = [(owner, newer) for owner in ("member", "server") for newer in (False, True)]
NEXT_TO = {
    (owner, newer): _NEXT_TO.format(
        columns=COLUMNS, matches=MATCHES, owner=owner, **(NEWER if newer else OLDER)
    )
    for owner, newer in _WAYS
}
LAST_LOOKED_AT = {
    (owner, newer): _LAST_LOOKED_AT.format(owner=owner, **(NEWER if newer else OLDER))
    for owner, newer in _WAYS
}

_FOUND = """
SELECT {columns} FROM ({found}) AS found CROSS JOIN generation
WHERE generation.id = found.number ORDER BY found.number DESC
"""
# FTS5 goes through its rows backwards by itself, and stops where enough is found.
_IN_SQLITE = """
SELECT gallery_words.rowid AS number FROM gallery_words CROSS JOIN gallery
WHERE gallery_words MATCH :query AND gallery_words.rowid {beyond} :start AND gallery.generation = gallery_words.rowid
AND {matches}
ORDER BY gallery_words.rowid {order} LIMIT :count
"""
# OFFSET 0 keeps the planner from going through the table by another index than that of the words. One span of ids after
# the other, so that of what is in many rows only those spans are read that it takes for a page.
_IN_POSTGRES = """
SELECT found.number FROM (
    SELECT generate_series(
        CAST(:start AS BIGINT) >> 51, (SELECT {last}(generation) >> 51 FROM gallery WHERE {owner} = :owner), {step}
    ) AS span
) AS spans CROSS JOIN LATERAL (
    SELECT generation AS number FROM (
        SELECT generation, scope, words FROM gallery
        WHERE gallery_terms(generation, member, server, scope, words)
            @@ CAST(CAST(:in_span AS TEXT) || CAST(spans.span AS TEXT) || CAST(:query AS TEXT) AS tsquery) OFFSET 0
    ) AS matching
    WHERE generation {beyond} :start AND {matches} ORDER BY generation {order} LIMIT :count
) AS found LIMIT :count
"""
# For this transaction: nor to read all of it, or to compile for longer than the search takes.
_BY_INDEX = "SELECT set_config('enable_seqscan', 'off', TRUE), set_config('jit', 'off', TRUE)"


ByWords: TypeAlias = Mapping[tuple[str, bool], tuple[str, ...]]
"""The statements for an owner, `member` or `server`, that go on to what is older (False), or to what is newer."""


def _by_words(found: str, matches: str, *before: str) -> ByWords:
    return {
        (owner, newer): (
            *before,
            _FOUND.format(columns=COLUMNS, found=found.format(owner=owner, matches=matches, **way)),
        )
        for owner in ("member", "server")
        for newer, way in ((False, OLDER), (True, NEWER))
    }


BY_WORDS: Mapping[Dialect, ByWords] = {
    "sqlite": _by_words(_IN_SQLITE, IN_GALLERY),
    "postgresql": _by_words(_IN_POSTGRES, MATCHES, _BY_INDEX),
}

INDEXED = "SELECT value FROM note WHERE name = 'gallery.indexed'"
SET_INDEXED = """
INSERT INTO note (name, value) VALUES ('gallery.indexed', :last) ON CONFLICT (name) DO UPDATE SET value = excluded.value
WHERE CAST(note.value AS BIGINT) < CAST(excluded.value AS BIGINT)
"""
# With `+ 0` the least of them is looked for among those that are not finished, and not from the beginning of the table.
NEXT = f"""
SELECT {COLUMNS} FROM generation WHERE id > :after AND id < :until
AND id < COALESCE((SELECT MIN(id + 0) FROM generation WHERE settled_at IS NULL OR untold IS NOT NULL), :until)
ORDER BY id LIMIT :count
"""  # noqa: S608
_MISSING = """id > :after AND state = 'delivered'
AND NOT EXISTS (SELECT 1 FROM gallery WHERE gallery.generation = generation.id)"""
MISSING_OF_MEMBER = f"""
SELECT {COLUMNS} FROM generation WHERE member = :owner AND {_MISSING} ORDER BY id DESC LIMIT :count
"""  # noqa: S608
MISSING_OF_SERVER = f"""
SELECT {COLUMNS} FROM generation WHERE server = :owner AND reserved_at > :since AND {_MISSING}
ORDER BY reserved_at DESC LIMIT :count
"""  # noqa: S608
LOCK_KEPT = """
UPDATE generation SET id = id WHERE id = :id AND state = 'kept' AND settled_at IS NOT NULL RETURNING sources
"""
SHOWN = """
UPDATE generation SET
    state = 'delivered', channel = :channel, message = :message, spec = :spec, sources = NULL, late_sources = NULL
WHERE id = :id
"""
DROP_PICTURES = "DELETE FROM picture WHERE generation = :id"
_INSERT = """
INSERT INTO gallery (generation, member, server, scope, words)
SELECT id, member, CAST(:server AS BIGINT), CAST(:scope AS TEXT),
    CASE WHEN prompt = '' THEN '' ELSE CAST(:words AS TEXT) END
FROM generation WHERE id = :id AND deleted_at IS NULL AND member = :member {locked}
ON CONFLICT (generation) DO NOTHING
"""
# Whoever erases the prompt just now comes before this, and is seen, or after it, and sees this.
INSERTS: Mapping[Dialect, str] = {
    "sqlite": _INSERT.format(locked=""),
    "postgresql": _INSERT.format(locked="FOR SHARE"),
}


class SqlPictureIndex:
    """Implements `bot.core.gallery.search.PictureIndex`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @in_transaction(reading=True)
    def find(
        self, search: GallerySearch, count: int, beside: int | None = None, *, newer: bool = False
    ) -> Transaction[list[Generation]]:
        owner, id = _owner_of(search.whose)
        asked = _patterns(search) | {"owner": id, "start": BEYOND_ALL if beside is None else beside}
        rows = list((yield NEXT_TO[owner, newer], asked | {"looked_at": LOOKED_AT, "count": count}))
        if len(rows) < count:
            since = {"owner": id, "start": asked["start"], "others": LOOKED_AT - 1}
            if end := (yield LAST_LOOKED_AT[owner, newer], since):
                rest = asked | {"start": end[0][0], "count": count - len(rows)}
                *settings, statement = BY_WORDS[self.database.dialect][owner, newer]
                for setting in settings:
                    yield setting, {}
                further = yield statement, rest | QUERIES[self.database.dialect](search)
                rows = [*further, *rows] if newer else [*rows, *further]
        return [generation_of(row) for row in rows]

    async def catch_up(self, whose: Whose) -> None:
        if missing := await self._missing(whose):
            await self._insert(missing)

    @in_transaction(reading=True)
    def _missing(self, whose: Whose) -> Transaction[list[Generation]]:
        after = yield from _indexed()
        rows: Rows
        match whose:
            case OwnPictures(member):
                rows = yield MISSING_OF_MEMBER, {"owner": member, "after": after, "count": CAUGHT_UP}
            case ServerPictures(server):
                since = to_millis(created_at(after) - UNTIL_RESERVED)
                about: Params = {"owner": server, "after": after, "since": since, "count": CAUGHT_UP}
                rows = yield MISSING_OF_SERVER, about
        return _delivered(rows)

    @in_transaction(synchronous=False)
    def _insert(self, generations: list[Generation]) -> Transaction[None]:
        yield INSERTS[self.database.dialect], [_row_of(one) for one in generations]

    @in_transaction()
    def shown(self, generation: Generation, channel: int, message: int) -> Transaction[None]:
        """It may have been passed over by `index_next`, so it is added here."""
        kept = yield LOCK_KEPT, {"id": generation.id}
        if (
            not kept or decode_sources(kept[0][0]) != generation.sources
        ):  # deleted meanwhile, or more has come
            return
        spec = row_of(generation.request)["spec"]
        yield SHOWN, {"id": generation.id, "channel": channel, "message": message, "spec": spec}
        yield DROP_PICTURES, {"id": generation.id}
        yield INSERTS[self.database.dialect], [_row_of(generation)]

    @in_transaction(synchronous=False)
    def index_next(self, until: int, count: int) -> Transaction[int]:
        after = yield from _indexed()
        rows = yield NEXT, {"after": after, "until": until, "count": count}
        if rows:
            yield INSERTS[self.database.dialect], [_row_of(one) for one in _delivered(rows)]
            yield SET_INDEXED, {"last": str(rows[-1][0])}
        return len(rows)


def _indexed() -> Transaction[int]:
    """The id up to which all is indexed."""
    rows = yield INDEXED, {}
    return int(rows[0][0]) if rows else 0


def _delivered(rows: Rows) -> list[Generation]:
    found = (generation_of(row) for row in rows if row[STATE] == State.DELIVERED)
    return [one for one in found if one.request.caller.member]


STATE = [name.strip() for name in COLUMNS.split(",")].index("state")


def _owner_of(whose: Whose) -> tuple[str, int]:
    """The column of whose pictures they are, and its value."""
    match whose:
        case OwnPictures(member):
            return "member", member
        case ServerPictures(server):
            return "server", server


def _row_of(generation: Generation) -> dict[str, Value]:
    """What is on record of a delivered generation. A moderator sees what everybody saw."""
    request = generation.request
    place, member = request.caller.place, request.caller.member
    scope = [_of_member(member), _of_model(generation.model or "")]
    server = 0
    if isinstance(place, InServer):
        scope.append(_in_server(place.server))
        if not request.spec.private:
            server = place.server
            scope.append(_shown_in(server))
    return {
        "id": generation.id,
        "member": member,
        "server": server,
        "scope": f" {' '.join(scope)} ",
        "words": stored_words(request.spec.prompt),
    }


# Words of `scope`; no word of a prompt has such a sign.


def _of_member(member: int) -> str:
    return f"#m{member}"


def _in_server(server: int) -> str:
    return f"#s{server}"


def _shown_in(server: int) -> str:
    return f"#v{server}"


def _of_model(model: str) -> str:
    return f"#o{model_key(model)}"


def _scopes(search: GallerySearch) -> list[str]:
    scopes: list[str]
    match search.whose:
        case OwnPictures(member, server):
            scopes = [_of_member(member), *([_in_server(server)] if server else [])]
        case ServerPictures(server):
            scopes = [_shown_in(server)]
    return [*scopes, *([_of_model(search.model)] if search.model else [])]


def _patterns(search: GallerySearch) -> dict[str, Value]:
    patterns: dict[str, Value] = dict.fromkeys((*SCOPES, *PHRASES), "%")
    patterns |= dict(zip(SCOPES, (f"% {scope} %" for scope in _scopes(search)), strict=False))
    patterns |= dict(zip(PHRASES, (f"% {phrase}%" for phrase in search.words.phrases), strict=False))
    return patterns


def _query_of_sqlite(search: GallerySearch) -> dict[str, Value]:
    """https://sqlite.org/fts5.html#full_text_query_syntax"""
    terms = [f'"{word}"' for word in (*_scopes(search), *search.words.words)]
    if search.words.prefix:
        terms.append(f'"{search.words.prefix[:LONGEST_BEGINNING]}" *')
    return {"query": " AND ".join(terms)}


def _query_of_postgres(search: GallerySearch) -> dict[str, Value]:
    """Around the number of the span: https://www.postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSQUERY"""
    owner, *scopes = _scopes(search)
    terms = ["", *(f"'{word}'" for word in (*scopes, *search.words.words))]
    if beginning := (search.words.prefix or "")[:LONGEST_BEGINNING]:
        terms.append(f"'{beginning}*'" if len(beginning) > 1 else f"'{beginning}':*")
    return {"in_span": f"'{owner}#", "query": "'" + " & ".join(terms)}


QUERIES: Mapping[Dialect, Callable[[GallerySearch], dict[str, Value]]] = {
    "sqlite": _query_of_sqlite,
    "postgresql": _query_of_postgres,
}
