"""Who is painted next when there are more requests than places."""

from __future__ import annotations

import asyncio

from bot.core.fair_limiter import Turns


class ImagineService:
    """Holds each turn until `gate` opens and remembers who got one, in order."""

    def __init__(self, places: int) -> None:
        self.turns = Turns(places)
        self.gate = asyncio.Event()
        self.served: list[str] = []
        self.at_once = 0
        self.most_at_once = 0

    async def work(self, server: int, name: str) -> None:
        async with self.turns.take(server):
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
            await self.gate.wait()
            self.served.append(name)
            await asyncio.sleep(0)
            self.at_once -= 1


async def start(imagine_service: ImagineService, *names: str) -> list[asyncio.Task[None]]:
    """Queue up in this order; the first letter names the server."""
    tasks = [asyncio.create_task(imagine_service.work(ord(name[0]), name)) for name in names]
    await asyncio.sleep(0)
    return tasks


async def test_a_busy_server_does_not_keep_the_others_waiting() -> None:
    imagine_service = ImagineService(places=1)
    tasks = await start(imagine_service, "a1", "a2", "a3", "a4", "b1", "c1", "b2")
    imagine_service.gate.set()
    await asyncio.gather(*tasks)
    assert imagine_service.served == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_no_more_than_the_places_are_taken_and_all_are_served() -> None:
    imagine_service = ImagineService(places=3)
    tasks = await start(imagine_service, *(f"{server}{number}" for number in range(10) for server in "abc"))
    imagine_service.gate.set()
    await asyncio.gather(*tasks)
    assert imagine_service.most_at_once == 3
    assert len(imagine_service.served) == 30


async def test_whoever_gives_up_waiting_loses_nobody_a_place() -> None:
    imagine_service = ImagineService(places=1)
    first, second, third = await start(imagine_service, "a1", "a2", "a3")
    second.cancel()
    imagine_service.gate.set()
    await asyncio.gather(first, third)
    assert imagine_service.served == ["a1", "a3"]
    async with asyncio.timeout(1), imagine_service.turns.take(9):
        pass


async def test_whoever_gives_up_in_the_moment_of_being_called_passes_the_place_on() -> None:
    turns = Turns(places=1)
    holding = turns.take(1)
    await holding.__aenter__()
    waiting = asyncio.create_task(turns.take(1).__aenter__())
    await asyncio.sleep(0)
    await holding.__aexit__(None, None, None)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(1), turns.take(1):
        pass
