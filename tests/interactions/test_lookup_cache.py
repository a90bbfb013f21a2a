"""What several ask for is looked up once, and kept for as long as suits the answer."""

from __future__ import annotations

from bot.interactions.lookup_cache import LookupCache


async def test_how_long_an_answer_is_kept_may_depend_on_the_answer() -> None:
    asked = list[str]()

    async def ask(key: str) -> bool:
        asked.append(key)
        return key == "good"

    cache = LookupCache(ask, lambda good: 300.0 if good else 0.0, most_asked=1)
    for _ in range(3):
        assert (await cache.get("good"), await cache.get("bad")) == (True, False)
    assert (asked.count("good"), asked.count("bad")) == (1, 3)
