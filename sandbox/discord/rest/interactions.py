"""The routes that answer interactions: authorised by their token alone."""

from __future__ import annotations

from sandbox.discord.interactions.callbacks import InteractionResponses
from sandbox.discord.kit import errors
from sandbox.discord.rest.api import ApiRequest, ResponseBody, Route
from sandbox.discord.state.discord_state import DiscordState

_WEBHOOK = "/webhooks/{application}/{token}"
_MESSAGE = _WEBHOOK + "/messages/{message}"


class InteractionRoutes:
    def __init__(self, state: DiscordState, responses: InteractionResponses) -> None:
        self._state, self._responses = state, responses

    def table(self) -> list[Route]:
        original = _WEBHOOK + "/messages/@original"
        return [
            Route("POST", "/interactions/{id}/{token}/callback", "callback", self.respond, False),
            Route("POST", _WEBHOOK, "followup", self.follow_up, False),
            Route("GET", original, "get_original", self.show, False),
            Route("PATCH", original, "edit_original", self.edit, False),
            Route("DELETE", original, "delete_original", self.delete, False),
            Route("GET", _MESSAGE, "get_followup", self.show, False),
            Route("PATCH", _MESSAGE, "edit_followup", self.edit, False),
            Route("DELETE", _MESSAGE, "delete_followup", self.delete, False),
        ]

    def respond(self, request: ApiRequest) -> ResponseBody:
        resource = self._responses.respond(
            request.snowflake("id"), request.params["token"], request.body, request.now
        )
        return resource if request.flag("with_response") else None

    def follow_up(self, request: ApiRequest) -> ResponseBody:
        return self._responses.follow_up(self._token(request), request.body, request.now).as_json()

    def show(self, request: ApiRequest) -> ResponseBody:
        return self._responses.find(self._token(request), _message_id(request), request.now)[1].as_json()

    def edit(self, request: ApiRequest) -> ResponseBody:
        return self._responses.edit(
            self._token(request), _message_id(request), request.body, request.now
        ).as_json()

    def delete(self, request: ApiRequest) -> ResponseBody:
        self._responses.delete(self._token(request), _message_id(request), request.now)
        return None

    def _token(self, request: ApiRequest) -> str:
        if request.snowflake("application") != self._state.bot.id:
            raise errors.unknown_webhook()
        return request.params["token"]


def _message_id(request: ApiRequest) -> str:
    return request.params.get("message", "@original")
