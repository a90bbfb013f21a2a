"""What can be made to go wrong from the page: the image API, Discord, the connection, the bot."""

from __future__ import annotations

import secrets
from contextlib import AsyncExitStack
from typing import Any

from sandbox.discord import RefusedByDiscord
from sandbox.discord.kit.errors import Json
from sandbox.images import ImageApi, faults
from sandbox.page import fault_descriptions
from sandbox.page.actions import Action
from sandbox.page.environment import Stage

ROUTES = {
    "callback": "the first answer to a command",
    "edit_original": "the edit that brings the picture",
    "followup": "a follow-up message",
    "send_message": "a message in a channel",
    "any": "every request",
}
MOST_SECONDS, MOST_TIMES = 60.0, 100


class WhatIf:
    """The actions of the drawer `What if…`, and what it shows."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self.run = stage, secrets.token_hex(8)
        self._usual = {} if stage.images is None else _dials(stage.images)
        self._outage: AsyncExitStack | None = None

    def table(self) -> dict[str, Action]:
        return {
            "latency": self.latency,
            "misbehave": self.misbehave,
            "behave": self.behave,
            "balance": self.balance,
            "outage": self.outage,
            "discord": self.discord,
            "gateway": self.gateway,
            "late": self.late,
            "tomorrow": self.tomorrow,
            "bot": self.bot,
        }

    @property
    def offered(self) -> Json:
        """What there is to choose from."""
        routes = [{"name": name, "sentence": sentence} for name, sentence in ROUTES.items()]
        return {"misbehaviours": fault_descriptions.offered(), "routes": routes, "usual": self._usual}

    @property
    def standing(self) -> Json:
        """How things stand now."""
        stage = self._stage
        copies = stage.bots.copies.values()
        return {
            "bots": [{"name": c.name, "state": c.state, "pid": c.pid, "note": c.note} for c in copies],
            "connected": stage.discord.gateway.connected,
            "ahead": stage.discord.clock.ahead,
            "real": stage.images is None,
            "money": self._money,
            "images": self._image_api(stage.images),
            "planned": stage.discord.faults.pending + (stage.images.planned if stage.images else 0),
        }

    @property
    def _money(self) -> Json:
        relay = self._stage.relay
        last = None if relay.last is None else round(relay.last, 4)
        about = {"pictures": relay.pictures, "unpriced": relay.unpriced, "last": last}
        return {"dollars": round(relay.dollars, 4), **about}

    def _image_api(self, images: ImageApi | None) -> Json | None:
        if images is None:
            return None
        return {**_dials(images), "down": self._outage is not None}

    @property
    def _images(self) -> ImageApi:
        if self._stage.images is None:
            raise RefusedByDiscord("This is the real image API: it does not misbehave on demand")
        return self._stage.images

    async def latency(self, sent: Json) -> Json:
        self._images.latency = _number(sent["seconds"], 0, MOST_SECONDS)
        return self._announced()

    async def misbehave(self, sent: Json) -> Json:
        name = str(sent["name"])
        if name not in faults.ALL:
            raise RefusedByDiscord(f"There is no misbehaviour {name!r}")
        self._images.misbehave(name, int(_number(sent.get("times", 1), 1, MOST_TIMES)))
        return self._announced()

    async def behave(self, _sent: Json) -> Json:
        """All is well again, at the image API and at Discord; the image API is as fast and as rich as at first."""
        self._stage.discord.faults.clear()
        if self._stage.images is not None:
            self._stage.images.behave()
            self._stage.images.latency = self._usual["latency"]
            self._stage.images.balance = self._usual["balance"]
            await self._end_outage()
        return self._announced()

    async def balance(self, sent: Json) -> Json:
        self._images.balance = _number(sent["dollars"], 0, 1_000_000)
        return self._announced()

    async def outage(self, sent: Json) -> Json:
        """Nobody listens where the image API was, until it is ended."""
        await self._end_outage()
        if sent["down"]:
            self._outage = AsyncExitStack()
            await self._outage.enter_async_context(self._images.down())
        return self._announced()

    async def _end_outage(self) -> None:
        outage, self._outage = self._outage, None
        if outage is not None:
            await outage.aclose()

    async def discord(self, sent: Json) -> Json:
        """The next requests of a route fail."""
        faults, route = self._stage.discord.faults, str(sent["route"])
        if route not in ROUTES:
            raise RefusedByDiscord(f"There is no route {route!r}")
        times = int(_number(sent.get("times", 1), 1, MOST_TIMES))
        match sent["kind"]:
            case "429":
                faults.rate_limit(route, retry_after=2.0, times=times)
            case "cut":
                faults.cut(route, times=times)
            case "delay":
                faults.delay(route, 4.0, times=times)
            case status:
                faults.fail(route, status=int(_number(status, 500, 599)), times=times)
        return self._announced()

    async def gateway(self, sent: Json) -> Json:
        gateway = self._stage.discord.gateway
        match sent["do"]:
            case "drop":
                gateway.drop()
            case "reconnect":
                gateway.request_reconnect()
            case "invalidate":
                gateway.invalidate()
            case other:
                raise RefusedByDiscord(f"The gateway cannot {other!r}")
        return {}

    async def late(self, _sent: Json) -> Json:
        """The 15 minutes in which a bot may answer are over, for everything that was asked so far."""
        for interaction in self._stage.discord.interactions.all:
            interaction.expire_token()
        return {}

    async def tomorrow(self, _sent: Json) -> Json:
        await self._stage.let_a_day_pass()
        return self._announced()

    async def bot(self, sent: Json) -> Json:
        bots, copy = self._stage.bots, str(sent["copy"])
        if copy not in bots.copies:
            raise RefusedByDiscord(f"There is no copy {copy!r}")
        does = {"start": bots.start, "stop": bots.stop, "kill": bots.kill, "restart": bots.restart}
        if sent["do"] not in does:
            raise RefusedByDiscord(f"A bot cannot be told to {sent['do']!r}")
        await does[sent["do"]](copy)
        return {}

    def _announced(self) -> Json:
        self._stage.bots.changes.notify()
        return {}

    async def close(self) -> None:
        await self._end_outage()


def _dials(images: ImageApi) -> Json:
    return {"latency": images.latency, "balance": round(images.balance, 2)}


def _number(value: Any, least: float, most: float) -> float:
    number = float(value)
    if not least <= number <= most:
        raise RefusedByDiscord(f"It must be between {least:g} and {most:g}")
    return number
