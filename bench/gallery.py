"""How long a page of the gallery is looked for, among a million pictures: rare words and common ones, one member's
pictures and a whole server's.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from time import perf_counter

from bench.measurements import Measurement
from bench.scale import Engine, engines
from bot.core.gallery.search import GallerySearch, OwnPictures, ServerPictures, Whose
from bot.core.gallery.service import PICTURES_ON_A_PAGE
from bot.core.gallery.words import searched_words
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Database
from bot.storage.gallery import SqlPictureIndex

MEMBER, SERVER = 7, 9
MOST_MILLISECONDS = 50
FIRST = 1_300_000_000_000_000_000
APART = 60_000 << 22
"""Between two ids: one picture a minute, for two years."""
WHOSE: Mapping[str, Whose] = {"a member's": OwnPictures(MEMBER), "a server's": ServerPictures(SERVER)}
SEARCHES = {
    "no words": "",
    "a common word": "fox snow",
    "a common beginning": "a fox la",
    "a rare word": "zebrafish",
    "a rare beginning": "zebr",
    "a rare word and a common one": "fox zebrafish",
    "no such word": "nothinglikeit",
    "words that are never together": "evenly oddly",
    "a word that was common once": "formerly",
    "a beginning that was common once": "forme",
}
GENERATIONS = """
INSERT INTO generation
    (id, member, server, channel, prompt, images, state, model, reserved_at, settled_at, message)
SELECT {first} + n * {apart}, CASE WHEN n % 100 = 0 THEN {member} ELSE 1000 + n % 5000 END, {server}, 7,
    'a fox in the snow with a lantern, painted by number ' || (n % 40000)
        || CASE WHEN n % 2 = 0 THEN ' evenly' ELSE ' oddly' END
        || CASE WHEN n % 100000 = 50000 THEN ' zebrafish' ELSE '' END
        || CASE WHEN n <= {once} THEN ' formerly' ELSE '' END,
    1, 'delivered', 'grok', n, n, n
FROM ({numbers}) AS numbers
"""
GALLERY = """
INSERT INTO gallery (generation, member, server, scope, words)
SELECT id, member, server, ' #m' || member || ' #ogrok #s' || server || ' #v' || server || ' ',
    ' ' || REPLACE(prompt, ',', '') || ' '
FROM generation
"""


async def gallery(rounds: int, generations: int = 1_000_000) -> list[Measurement]:
    measured = list[Measurement]()
    with engines() as both:
        for engine in both:
            async with open_database(engine.url):
                pass
            await _fill(engine, generations)
            async with open_database(engine.url) as database:
                for name, whose in WHOSE.items():
                    measured.append(await _slowest(database, engine.name, name, whose, rounds, generations))
    return measured


async def _fill(engine: Engine, generations: int) -> None:
    values = {
        "first": FIRST,
        "apart": APART,
        "once": generations // 2,
        "member": MEMBER,
        "server": SERVER,
        "numbers": engine.numbers(generations),
    }
    await engine.execute([GENERATIONS.format(**values), GALLERY, "ANALYZE"])


async def _slowest(
    database: Database, engine: str, name: str, whose: Whose, rounds: int, generations: int
) -> Measurement:
    """Of all searches, the one whose median is the longest."""
    index, medians = SqlPictureIndex(database), dict[str, float]()
    for kind, typed in SEARCHES.items():
        took = list[float]()
        for _ in range(rounds):
            begin = perf_counter()
            await index.find(GallerySearch(whose, searched_words(typed)), PICTURES_ON_A_PAGE + 1)
            took.append(1000 * (perf_counter() - begin))
        medians[kind] = median(took)
    slowest = max(medians, key=lambda kind: medians[kind])
    return Measurement(
        f"{engine}, {name} among {generations:,} pictures: {slowest}",
        f"{min(medians.values()):.1f} ms",
        f"{medians[slowest]:.1f} ms",
        medians[slowest],
        MOST_MILLISECONDS,
        "ms",
    )
