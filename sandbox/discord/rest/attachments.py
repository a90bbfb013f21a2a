"""The host of attachments: cdn.discordapp.com, which takes no token and wants signed links."""

from __future__ import annotations

import asyncio

from aiohttp import web

from sandbox.discord.rest.api import apply_delay, fault_response, replaces
from sandbox.discord.rest.faults import Faults
from sandbox.discord.rest.traffic import RecordedRequest, Traffic
from sandbox.discord.state.messages import Messages

NAME = "attachment"
"""Of the route, in faults and traffic."""


class AttachmentHost:
    def __init__(self, messages: Messages, faults: Faults, traffic: Traffic) -> None:
        self._messages, self._faults, self._traffic = messages, faults, traffic

    def routes(self) -> list[web.RouteDef]:
        folders = ("attachments", "ephemeral-attachments")
        return [web.get(f"/{folder}/{{owner}}/{{id}}/{{name}}", self._serve) for folder in folders]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        clock = asyncio.get_running_loop().time
        recorded = RecordedRequest(NAME, request.method, request.path, clock(), dict(request.headers))
        self._traffic.append(recorded)
        self._traffic.changes.notify()
        fault = self._faults.take(NAME)
        if fault is not None:
            await apply_delay(fault)
        if fault is not None and replaces(fault):
            response: web.Response = fault_response(fault, request)
        else:
            response = self._file(request)
        recorded.status = None if fault is not None and fault.cut else response.status
        recorded.answered_at = clock()
        self._traffic.changes.notify()
        return response

    def _file(self, request: web.Request) -> web.Response:
        identity = request.match_info["id"]
        file = self._messages.files.get(int(identity)) if identity.isdigit() else None
        if file is None or not self._messages.links.is_good(request.path, request.query):
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=file.data, content_type=file.content_type)
