"""Discord's error responses: status, code and message."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


class RestError(Exception):
    """An answer other than 2xx."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status, self.code, self.message, self.errors = status, code, message, errors

    def as_json(self) -> Json:
        body: Json = {"message": self.message, "code": self.code}
        return body if self.errors is None else {**body, "errors": self.errors}


class RefusedByDiscord(Exception):
    """Discord's client would not have let the member do this."""


def unauthorized() -> RestError:
    return RestError(401, 0, "401: Unauthorized")


def unknown_interaction() -> RestError:
    return RestError(404, 10062, "Unknown interaction")


def unknown_webhook() -> RestError:
    return RestError(404, 10015, "Unknown Webhook")


def token_expired() -> RestError:
    return RestError(401, 50027, "Invalid Webhook Token")


def already_acknowledged() -> RestError:
    return RestError(400, 40060, "Interaction has already been acknowledged.")


def unknown_message() -> RestError:
    return RestError(404, 10008, "Unknown Message")


def unknown_channel() -> RestError:
    return RestError(404, 10003, "Unknown Channel")


def unknown_guild() -> RestError:
    return RestError(404, 10004, "Unknown Guild")


def unknown_member() -> RestError:
    return RestError(404, 10007, "Unknown Member")


def unknown_user() -> RestError:
    return RestError(404, 10013, "Unknown User")


def unknown_role() -> RestError:
    return RestError(404, 10011, "Unknown Role")


def unknown_command() -> RestError:
    return RestError(404, 10063, "Unknown application command")


def unknown_command_permissions() -> RestError:
    return RestError(404, 10066, "Unknown application command permissions")


def missing_access() -> RestError:
    return RestError(403, 50001, "Missing Access")


def missing_permissions() -> RestError:
    return RestError(403, 50013, "Missing Permissions")


def cannot_write_to_user() -> RestError:
    return RestError(403, 50007, "Cannot send messages to this user")


def no_mutual_guilds() -> RestError:
    return RestError(403, 50278, "Cannot send messages to this user due to having no mutual guilds")


def invalid_recipients() -> RestError:
    return RestError(400, 50033, "Invalid Recipient(s)")


def too_many_followups() -> RestError:
    return RestError(400, 40094, "This interaction has reached the maximum number of follow up messages")


def edit_of_another() -> RestError:
    return RestError(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> RestError:
    return RestError(400, 50006, "Cannot send an empty message")


def not_json() -> RestError:
    return RestError(400, 50109, "The request body contains invalid JSON.")


def too_large() -> RestError:
    return RestError(413, 40005, "Request entity too large")


def too_many_creates() -> RestError:
    return RestError(400, 30034, "Max number of daily application command creates has been reached (200)")
