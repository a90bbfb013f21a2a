"""Tells one open page what changed, and no more than that."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.discord import RefusedByDiscord
from sandbox.discord.kit.errors import Json
from sandbox.discord.state.guilds import Channel
from sandbox.page import views
from sandbox.page.demo_servers import Person
from sandbox.page.environment import Stage
from sandbox.page.faults import WhatIf


class Feed:
    """One websocket: the page says whom and where it shows, and is told what they see."""

    def __init__(self, stage: Stage, what_if: WhatIf, socket: web.WebSocketResponse) -> None:
        self._stage, self._what_if, self._socket = stage, what_if, socket
        self._person: Person | None = None
        self._channel: Channel | None = None
        self._drawer = ""
        self._rung = asyncio.Event()
        self._told: dict[str, Any] = {}
        self._messages: dict[int, tuple[int, int]] = {}
        self._touched = self._line = 0

    async def serve(self) -> None:
        silence = self._stage.tell(self._rung.set)
        telling = asyncio.create_task(self._tell_on())
        try:
            await self._send({"run": self._what_if.run, "offered": self._what_if.offered})
            self._rung.set()
            await self._listen()
        finally:
            silence()
            telling.cancel()

    async def _listen(self) -> None:
        async for heard in self._socket:
            if heard.type != WSMsgType.TEXT:
                break
            try:
                self._look(json.loads(heard.data))
            except (RefusedByDiscord, ValueError, KeyError, TypeError) as problem:
                await self._send({"problem": str(problem)})
            self._rung.set()

    def _look(self, wish: Json) -> None:
        """At somebody in some place, with some drawer open."""
        if "drawer" in wish:
            self._drawer = str(wish["drawer"])
            self._touched = self._line = 0
        if "person" in wish:
            person = self._stage.cast.person(int(wish["person"]))
            channel = self._stage.cast.channel(person, int(wish["channel"]))
            self._person, self._channel = person, channel
            self._messages, self._told = {}, {**self._told, "commands": None, "scene": None}

    async def _tell_on(self) -> None:
        while True:
            await self._rung.wait()
            self._rung.clear()
            news = self._news()
            if news:
                await self._send(news)

    def _news(self) -> Json:
        news = self._changed("setting", views.setting(self._stage.cast, self._stage.discord))
        news |= self._changed("status", self._what_if.standing)
        if self._person is not None and self._channel is not None:
            news |= self._scene(self._person, self._channel)
        if self._drawer == "traffic":
            news |= self._traffic()
        if self._drawer == "log":
            news |= self._log()
        return news

    def _changed(self, name: str, value: Any) -> Json:
        if self._told.get(name) == value:
            return {}
        self._told[name] = value
        return {name: value}

    def _scene(self, person: Person, channel: Channel) -> Json:
        discord = self._stage.discord
        at = {"person": str(person.user.id), "channel": str(channel.id)}
        news = self._changed("scene", at)
        news |= self._changed("commands", views.commands(discord, person, channel))
        news |= self._changed("newest", views.newest(discord, self._stage.cast, person))
        messages = self._message_news(person, channel, fresh="scene" in news)
        return news | ({"messages": {**at, **messages}} if messages else {})

    def _message_news(self, person: Person, channel: Channel, *, fresh: bool) -> Json:
        discord = self._stage.discord
        now = {one.id: one for one in views.visible(discord, person, channel)}
        changed = [one for one in now.values() if self._messages.get(one.id) != views.version(one)]
        gone = [str(identity) for identity in self._messages if identity not in now]
        self._messages = {one.id: views.version(one) for one in now.values()}
        if not (changed or gone or fresh):
            return {}
        uses = views.uses(discord)
        shown = [views.message(discord, one, uses) for one in changed]
        deletable = views.may_delete(person, channel)
        return {"fresh": fresh, "changed": shown, "gone": gone, "deletable": deletable}

    def _traffic(self) -> Json:
        entries = list(self._stage.journal.since(self._touched))
        if not entries:
            return {}
        self._touched = max(entry.touched for entry in entries)
        return {"traffic": [entry.as_json() for entry in entries]}

    def _log(self) -> Json:
        lines = [line for line in self._stage.bots.lines if line.number > self._line]
        if not lines:
            return {}
        self._line = lines[-1].number
        shown = [asdict(line) for line in lines]
        return {"log": shown}

    async def _send(self, news: Json) -> None:
        if not self._socket.closed:
            await self._socket.send_str(json.dumps(news))
