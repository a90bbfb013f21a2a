"""The options of a slash command as Discord sends them, after the checks of its client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.kit.errors import Json, RefusedByDiscord
from sandbox.discord.limits.form_errors import utf16_length
from sandbox.discord.state.guilds import Channel, GuildMember
from sandbox.discord.state.media import Attachment
from sandbox.discord.state.users import Role, User

SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11
_PYTHON_TYPES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    USER: (GuildMember, User),
    CHANNEL: (Channel,),
    ROLE: (Role,),
    MENTIONABLE: (GuildMember, User, Role),
    NUMBER: (int, float),
    ATTACHMENT: (Attachment,),
}


@dataclass
class Resolved:
    """The `resolved` part of an interaction's data: the objects whose ids it contains."""

    parts: dict[str, Json] = field(default_factory=dict)

    def add(self, kind: str, identity: int, body: Json) -> str:
        self.parts.setdefault(kind, {})[str(identity)] = body
        return str(identity)

    def add_value(self, value: object) -> object:
        """The id of an object; a plain value as it is."""
        match value:
            case GuildMember() if value.user.id in value.guild.members:
                member = {**value.as_json(with_user=False), "permissions": str(value.permissions)}
                self.add("members", value.user.id, member)
                return self.add("users", value.user.id, value.user.as_json())
            case GuildMember(user=user) | (User() as user):
                return self.add("users", user.id, user.as_json())
            case Role():
                return self.add("roles", value.id, value.as_json())
            case Channel():
                return self.add("channels", value.id, {**value.as_json(), "permissions": "0"})
            case Attachment():
                return self.add("attachments", value.id, value.as_json())
            case _:
                return value


def command_options(
    command: Json | None, path: list[str], given: Mapping[str, object], resolved: Resolved, *, forged: bool
) -> list[Json]:
    """The `options` of the interaction's data, nested as the sub-command's path says."""
    specs: list[Json] = [] if command is None else command["options"]
    nesting: list[Json] = []
    for word in path:
        spec = next((s for s in specs if s["name"] == word and s["type"] <= SUB_COMMAND_GROUP), None)
        if spec is None and not forged:
            raise RefusedByDiscord(f"The command has no sub-command {word!r}")
        specs = [] if spec is None else spec.get("options") or []
        nesting.append({"name": word, "type": SUB_COMMAND if spec is None else spec["type"]})
    if not forged:
        check_options(specs, given)
    options: list[Json] = []
    for name, value in given.items():
        spec = next((spec for spec in specs if spec["name"] == name), None)
        if spec is not None:
            kind = spec["type"]
        elif isinstance(value, bool):
            kind = BOOLEAN
        else:
            kind = next((kind for kind, types in _PYTHON_TYPES.items() if isinstance(value, types)), STRING)
        options.append({"name": name, "type": kind, "value": resolved.add_value(value)})
    for layer in reversed(nesting):
        options = [{**layer, "options": options}]
    return options


def check_options(specs: list[Json], given: Mapping[str, object]) -> None:
    """Raise RefusedByDiscord for what the client would mark red."""
    if any(spec["type"] <= SUB_COMMAND_GROUP for spec in specs):
        raise RefusedByDiscord("The command needs a sub-command: " + _names(specs))
    known = {spec["name"]: spec for spec in specs}
    for name, value in given.items():
        if name not in known:
            raise RefusedByDiscord(f"There is no option {name!r}, only: {_names(specs)}")
        _check_value(known[name], value)
    for spec in specs:
        if spec.get("required") and spec["name"] not in given:
            raise RefusedByDiscord(f"The option {spec['name']!r} is required")


def _names(specs: list[Json]) -> str:
    return ", ".join(spec["name"] for spec in specs) or "none"


def _check_value(spec: Json, value: object) -> None:
    name, kind = spec["name"], spec["type"]
    is_bool = isinstance(value, bool)
    if not isinstance(value, _PYTHON_TYPES[kind]) or is_bool != (kind == BOOLEAN):
        raise RefusedByDiscord(f"The option {name!r} does not take {value!r}")
    choices = spec.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        raise RefusedByDiscord(f"{value!r} is not among the choices of {name!r}")
    if isinstance(value, str):
        most = spec.get("max_length") or 6000
        _check_between(name, "length", utf16_length(value), spec.get("min_length") or 0, most)
    if isinstance(value, int | float) and not is_bool:
        _check_between(name, "value", value, spec.get("min_value"), spec.get("max_value"))


def _check_between(name: str, what: str, measured: float, least: Any, most: Any) -> None:
    if least is not None and measured < least:
        raise RefusedByDiscord(f"The {what} of {name!r} must be at least {least}, not {measured}")
    if most is not None and measured > most:
        raise RefusedByDiscord(f"The {what} of {name!r} must be at most {most}, not {measured}")
