"""The application's commands: registered, counted, and looked up as a member would."""

from __future__ import annotations

from typing import Any

from sandbox.discord.kit import errors
from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.notifier import Notifier
from sandbox.discord.kit.snowflakes import Snowflakes
from sandbox.discord.limits.commands import CHAT_INPUT, check_command, check_set

CREATES_A_DAY = 200
_DEFAULTS: Json = {
    "options": [],
    "default_member_permissions": None,
    "nsfw": False,
    "contexts": None,
    "integration_types": [0],
    "name_localizations": None,
    "description_localizations": None,
}


class Commands:
    """Global commands (scope None) and those of single servers (scope: its id)."""

    def __init__(self, ids: Snowflakes, application_id: int) -> None:
        self._ids, self._application_id = ids, application_id
        self._by_scope: dict[int | None, dict[int, Json]] = {}
        self._permission_overwrites: dict[tuple[int, str], dict[tuple[int, int], bool]] = {}
        self.syncs = 0
        """How often the application replaced its commands as a whole."""
        self.creates = 0
        self.changes = Notifier()

    def registered(self, scope: int | None = None) -> list[Json]:
        return list(self._by_scope.get(scope, {}).values())

    def find(self, name: str, guild_id: int | None, kind: int = CHAT_INPUT) -> Json | None:
        """A server's own command goes before the global one of the same name."""
        own = [] if guild_id is None else self.registered(guild_id)
        for command in (*own, *self.registered()):
            if command["name"] == name and command["type"] == kind:
                return command
        return None

    def replace(self, forms: list[Json], scope: int | None) -> list[Json]:
        check_set(forms)
        known = {(command["name"], command["type"]): command for command in self.registered(scope)}
        fresh = [form for form in forms if (form["name"], form.get("type") or CHAT_INPUT) not in known]
        self._count_creates(len(fresh))
        kept = [self._with_defaults(form, scope, known) for form in forms]
        self._by_scope[scope] = {int(command["id"]): command for command in kept}
        self.syncs += 1
        self.changes.notify()
        return kept

    def create(self, form: Json, scope: int | None) -> Json:
        check_command(form)
        known = {(command["name"], command["type"]): command for command in self.registered(scope)}
        self._count_creates((form["name"], form.get("type") or CHAT_INPUT) not in known)
        return self._put(self._with_defaults(form, scope, known), scope)

    def edit(self, command_id: int, form: Json, scope: int | None) -> Json:
        before = self.get(command_id, scope)
        after = {**before, **form, "version": str(self._ids.make())}
        check_command(after)
        return self._put(after, scope)

    def get(self, command_id: int, scope: int | None) -> Json:
        command = self._by_scope.get(scope, {}).get(command_id)
        if command is None:
            raise errors.unknown_command()
        return command

    def delete(self, command_id: int, scope: int | None) -> None:
        self.get(command_id, scope)
        del self._by_scope[scope][command_id]
        self.changes.notify()

    def set_permission(self, guild_id: int, name: str, target: tuple[int, int], allowed: bool) -> None:
        """What an admin sets in the integration settings; `target` is a type (role, user, channel) and an id."""
        self._permission_overwrites.setdefault((guild_id, name), {})[target] = allowed

    def clear_permissions(self, guild_id: int) -> None:
        """As when the application is removed from the server."""
        self._permission_overwrites = {
            key: overwrites for key, overwrites in self._permission_overwrites.items() if key[0] != guild_id
        }

    def permission_overwrites(self, guild_id: int | None, name: str) -> dict[tuple[int, int], bool]:
        return {} if guild_id is None else self._permission_overwrites.get((guild_id, name), {})

    def permissions(self, guild_id: int, command_id: int) -> Json:
        scope = guild_id if command_id in self._by_scope.get(guild_id, {}) else None
        command = self.get(command_id, scope)
        overwrites = self.permission_overwrites(guild_id, command["name"])
        if not overwrites:
            raise errors.unknown_command_permissions()
        return {
            "id": command["id"],
            "application_id": str(self._application_id),
            "guild_id": str(guild_id),
            "permissions": [
                {"type": kind, "id": str(identity), "permission": allowed}
                for (kind, identity), allowed in overwrites.items()
            ],
        }

    def all_permissions(self, guild_id: int) -> list[Json]:
        """Of each command that an admin has decided anything about."""
        known = {**self._by_scope.get(None, {}), **self._by_scope.get(guild_id, {})}
        decided = [it for it, one in known.items() if self.permission_overwrites(guild_id, one["name"])]
        return [self.permissions(guild_id, one) for one in decided]

    def _put(self, command: Json, scope: int | None) -> Json:
        self._by_scope.setdefault(scope, {})[int(command["id"])] = command
        self.changes.notify()
        return command

    def _count_creates(self, number: int) -> None:
        if self.creates + number > CREATES_A_DAY:
            raise errors.too_many_creates()
        self.creates += number

    def _with_defaults(self, form: Json, scope: int | None, known: dict[tuple[str, int], Json]) -> Json:
        kind = form.get("type") or CHAT_INPUT
        before = known.get((form["name"], kind))
        identity = before["id"] if before else str(self._ids.make())
        fixed: dict[str, Any] = {
            "id": identity,
            "application_id": str(self._application_id),
            "version": str(self._ids.make()),
            "type": kind,
            "dm_permission": form.get("dm_permission", True),
        }
        place = {} if scope is None else {"guild_id": str(scope)}
        return {**_DEFAULTS, "description": "", **form, **fixed, **place}
