"""Faults that can be injected from the page: of the image API, Discord, the connection, the bot."""

from __future__ import annotations

import secrets
from contextlib import AsyncExitStack
from typing import Any

from sandbox.discord import RefusedByDiscord
from sandbox.discord.kit.errors import Json
from sandbox.images import ImageApi, models
from sandbox.images import faults as image_faults
from sandbox.page import fault_descriptions
from sandbox.page.actions import Action
from sandbox.page.environment import Environment

ROUTES = {
    "callback": "the first answer to a command",
    "edit_original": "the edit that brings the picture",
    "followup": "a follow-up message",
    "send_message": "a message in a channel",
    "attachment": "the download of a picture that is to be changed",
    "any": "every request",
}
MOST_SECONDS, MOST_TIMES = 60.0, 100


class FaultActions:
    """The actions of the drawer `What if…`, and its status."""

    def __init__(self, environment: Environment) -> None:
        self._environment, self.run = environment, secrets.token_hex(8)
        self._usual = {} if environment.images is None else _adjustable(environment.images)
        self._outage: AsyncExitStack | None = None

    def table(self) -> dict[str, Action]:
        return {
            "latency": self.latency,
            "chat-latency": self.chat_latency,
            "model-gone": self.model_gone,
            "models-back": self.models_back,
            "inject-fault": self.inject_fault,
            "clear-faults": self.clear_faults,
            "balance": self.balance,
            "outage": self.outage,
            "discord": self.discord,
            "gateway": self.gateway,
            "expire-tokens": self.expire_tokens,
            "advance-day": self.advance_day,
            "bot": self.bot,
        }

    @property
    def choices(self) -> Json:
        """The faults and routes to choose from."""
        routes = [{"name": name, "description": description} for name, description in ROUTES.items()]
        return {"faults": fault_descriptions.choices(), "routes": routes, "usual": self._usual}

    @property
    def status(self) -> Json:
        """The current status."""
        environment = self._environment
        copies = environment.bots.copies.values()
        proxy, images = environment.image_proxy, environment.images
        return {
            "bots": [{"name": c.name, "state": c.state, "pid": c.pid, "note": c.note} for c in copies],
            "connected": environment.discord.gateway.connected,
            "ahead": environment.discord.clock.ahead,
            "real": environment.images is None,
            "money": {
                "dollars": round(proxy.dollars, 4),
                "pictures": proxy.pictures,
                "unpriced": proxy.unpriced,
                "last": None if proxy.last is None else round(proxy.last, 4),
            },
            "images": images and {**_adjustable(images), "down": self._outage is not None},
            "planned": environment.discord.faults.pending
            + (environment.images.pending_faults if environment.images else 0),
        }

    @property
    def _images(self) -> ImageApi:
        if self._environment.images is None:
            raise RefusedByDiscord("This is the real image API: it injects no faults on demand")
        return self._environment.images

    async def latency(self, sent: Json) -> Json:
        self._images.latency = _number(sent["seconds"], 0, MOST_SECONDS)
        return self._announced()

    async def chat_latency(self, sent: Json) -> Json:
        """How long it takes to rewrite a prompt."""
        self._images.chat_latency = _number(sent["seconds"], 0, MOST_SECONDS)
        return self._announced()

    async def model_gone(self, sent: Json) -> Json:
        """The model that was asked for last is gone from now on, also for orders that are in flight."""
        images = self._images
        gone = {
            "retired": images.retired,
            "withdrawn": images.withdrawn,
            "no-channels": images.without_channels,
        }
        if sent["how"] not in gone:
            raise RefusedByDiscord(f"A model cannot be {sent['how']!r}")
        painting = models.find(images.requests[-1].body.get("model")) if images.requests else None
        if painting is None:
            raise RefusedByDiscord("Ask for a picture first: then there is a model that paints")
        if painting.id in _gone(images):
            raise RefusedByDiscord(f"{painting.id} is gone already; ask for a picture to see what paints now")
        gone[sent["how"]].add(painting.id)
        return self._announced()

    async def models_back(self, _sent: Json) -> Json:
        self._bring_models_back(self._images)
        return self._announced()

    @staticmethod
    def _bring_models_back(images: ImageApi) -> None:
        for gone in (images.retired, images.withdrawn, images.without_channels):
            gone.clear()

    async def inject_fault(self, sent: Json) -> Json:
        name = str(sent["name"])
        if name not in image_faults.ALL:
            raise RefusedByDiscord(f"There is no fault {name!r}")
        self._images.inject_fault(name, int(_number(sent.get("times", 1), 1, MOST_TIMES)))
        return self._announced()

    async def clear_faults(self, _sent: Json) -> Json:
        """Clear every fault; the image API's latencies, balance and models are as at first."""
        self._environment.discord.faults.clear()
        if self._environment.images is not None:
            self._environment.images.clear_faults()
            self._environment.images.latency = self._usual["latency"]
            self._environment.images.chat_latency = self._usual["chatLatency"]
            self._environment.images.balance = self._usual["balance"]
            self._bring_models_back(self._environment.images)
            await self._end_outage()
        return self._announced()

    async def balance(self, sent: Json) -> Json:
        self._images.balance = _number(sent["dollars"], 0, 1_000_000)
        return self._announced()

    async def outage(self, sent: Json) -> Json:
        """Connections to the image API are refused until this is ended."""
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
        faults, route = self._environment.discord.faults, str(sent["route"])
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
        gateway = self._environment.discord.gateway
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

    async def expire_tokens(self, _sent: Json) -> Json:
        """The 15 minutes in which a bot may answer are over, for every interaction so far."""
        for interaction in self._environment.discord.interactions.all:
            interaction.expire_token()
        return {}

    async def advance_day(self, _sent: Json) -> Json:
        await self._environment.advance_one_day()
        return self._announced()

    async def bot(self, sent: Json) -> Json:
        bots, copy = self._environment.bots, str(sent["copy"])
        if copy not in bots.copies:
            raise RefusedByDiscord(f"There is no copy {copy!r}")
        does = {"start": bots.start, "stop": bots.stop, "kill": bots.kill, "restart": bots.restart}
        if sent["do"] not in does:
            raise RefusedByDiscord(f"A bot cannot be told to {sent['do']!r}")
        await does[sent["do"]](copy)
        return {}

    def _announced(self) -> Json:
        self._environment.bots.changes.notify()
        return {}

    async def close(self) -> None:
        await self._end_outage()


def _adjustable(images: ImageApi) -> Json:
    return {
        "latency": images.latency,
        "chatLatency": images.chat_latency,
        "balance": round(images.balance, 2),
        "gone": sorted(_gone(images)),
    }


def _gone(images: ImageApi) -> set[str]:
    return images.retired | images.withdrawn | images.without_channels


def _number(value: Any, least: float, most: float) -> float:
    number = float(value)
    if not least <= number <= most:
        raise RefusedByDiscord(f"It must be between {least:g} and {most:g}")
    return number
