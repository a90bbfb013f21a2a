"""Sends one open page what has changed, and no more than that."""

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
from sandbox.page.demo_servers import DemoUser
from sandbox.page.environment import Environment
from sandbox.page.faults import FaultActions


class Feed:
    """One websocket: the page says whose view of which channel it shows, and is sent its changes."""

    def __init__(
        self, environment: Environment, fault_actions: FaultActions, socket: web.WebSocketResponse
    ) -> None:
        self._environment, self._fault_actions, self._socket = environment, fault_actions, socket
        self._person: DemoUser | None = None
        self._channel: Channel | None = None
        self._drawer = ""
        self._wake = asyncio.Event()
        self._sent: dict[str, Any] = {}
        self._messages: dict[int, views.Version] = {}
        self._revision = self._line = 0

    async def serve(self) -> None:
        unsubscribe = self._environment.subscribe(self._wake.set)
        sending = asyncio.create_task(self._send_updates())
        try:
            await self._send({"run": self._fault_actions.run, "choices": self._fault_actions.choices})
            self._wake.set()
            async for frame in self._socket:
                if frame.type != WSMsgType.TEXT:
                    break
                try:
                    self._select_view(json.loads(frame.data))
                except (RefusedByDiscord, ValueError, KeyError, TypeError) as problem:
                    await self._send({"problem": str(problem)})
                self._wake.set()
        finally:
            unsubscribe()
            sending.cancel()

    def _select_view(self, request: Json) -> None:
        """Whose view of which channel the page shows, and its open drawer."""
        if "drawer" in request:
            self._drawer = str(request["drawer"])
            self._revision = self._line = 0
        if "person" in request:
            person = self._environment.demo.person(int(request["person"]))
            channel = self._environment.demo.channel(person, int(request["channel"]))
            self._person, self._channel = person, channel
            self._messages, self._sent = {}, {**self._sent, "commands": None, "view": None}

    async def _send_updates(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            update = self._update()
            if update:
                await self._send(update)

    def _update(self) -> Json:
        update = self._changed(
            "directory", views.directory(self._environment.demo, self._environment.discord)
        )
        update |= self._changed("status", self._fault_actions.status)
        if self._person is not None and self._channel is not None:
            update |= self._view_update(self._person, self._channel)
        if self._drawer == "traffic":
            entries = list(self._environment.traffic_log.since(self._revision))
            if entries:
                self._revision = max(entry.revision for entry in entries)
                update["traffic"] = [entry.as_json() for entry in entries]
        if self._drawer == "log":
            lines = [line for line in self._environment.bots.lines if line.number > self._line]
            if lines:
                self._line = lines[-1].number
                update["log"] = [asdict(line) for line in lines]
        return update

    def _changed(self, name: str, value: Any) -> Json:
        if self._sent.get(name) == value:
            return {}
        self._sent[name] = value
        return {name: value}

    def _view_update(self, person: DemoUser, channel: Channel) -> Json:
        discord = self._environment.discord
        at = {"person": str(person.user.id), "channel": str(channel.id)}
        update = self._changed("view", at)
        update |= self._changed("commands", views.commands(discord, person, channel))
        update |= self._changed("newest", views.newest(discord, self._environment.demo, person))
        reset = "view" in update
        now = {one.id: one for one in views.visible(discord, person, channel)}
        changed = [one for one in now.values() if self._messages.get(one.id) != views.version(one)]
        deleted = [str(identity) for identity in self._messages if identity not in now]
        self._messages = {one.id: views.version(one) for one in now.values()}
        if changed or deleted or reset:
            uses = views.uses(discord)
            update["messages"] = {
                **at,
                "reset": reset,
                "changed": [views.message(discord, one, uses) for one in changed],
                "deleted": deleted,
                "deletable": views.may_delete(person, channel),
            }
        return update

    async def _send(self, update: Json) -> None:
        if not self._socket.closed:
            await self._socket.send_str(json.dumps(update))
