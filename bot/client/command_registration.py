"""The commands as Discord has them, beside the bot's own: whether they are the same, and what to do if not."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import discord
from discord.http import HTTPClient, Route

from bot.core.key_value_store import KeyValueStore
from bot.core.retries import Backoff

log = logging.getLogger(__name__)

FINGERPRINT = "commands of {}"
"""Under which the fingerprint of an application's commands is kept; a stored format."""

Command: TypeAlias = Mapping[str, Any]

FIRST_TRY_SECONDS = 10.0
"""A start is not held up longer."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 900.0

COMPARED = frozenset(
    {
        "type",
        "name",
        "description",
        "options",
        "default_member_permissions",
        "nsfw",
        "contexts",
        "integration_types",
        "required",
        "choices",
        "value",
        "channel_types",
        "min_value",
        "max_value",
        "min_length",
        "max_length",
        "autocomplete",
    }
)
"""What the bot decides: https://docs.discord.com/developers/interactions/application-commands. The rest is Discord's,
or follows from it (`dm_permission` from `contexts`)."""
IN_ANY_ORDER = frozenset({"contexts", "integration_types", "channel_types"})
LOCALISED = frozenset({"name_localizations", "description_localizations"})
NOTHING: tuple[object, ...] = ([], {}, "")
CHAT_INPUT, INTO_SERVERS = 1, 0
"""Where nothing is said: a slash command, for the servers that the bot was invited to."""


def different(ours: Sequence[Command], theirs: Sequence[Command]) -> list[str]:
    """The names of commands that are missing at Discord, unknown to the bot, or not the same, however written."""
    mine, others = _by_name(ours), _by_name(theirs)
    return sorted({key[1] for key in mine.keys() | others.keys() if mine.get(key) != others.get(key)})


def _by_name(commands: Sequence[Command]) -> dict[tuple[int, str], Any]:
    plain = [_plain({"type": CHAT_INPUT, **one}) for one in commands]
    return {(one["type"], one.get("name", "")): one for one in plain}


def _plain(value: Any) -> Any:
    """Without what Discord adds, and what means the same as nothing; numbers by value."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    kept = {name: _plain(value[name]) for name in COMPARED & value.keys()}
    kept |= {name: dict(value[name] or {}) for name in LOCALISED & value.keys()}
    kept |= {name: sorted(kept[name] or [], key=repr) for name in IN_ANY_ORDER & kept.keys()}
    if kept.get("default_member_permissions") is not None:
        kept["default_member_permissions"] = str(kept["default_member_permissions"])
    if kept.get("integration_types") == [INTO_SERVERS]:
        del kept["integration_types"]
    return {
        name: one for name, one in kept.items() if one is not None and one is not False and one not in NOTHING
    }


def fingerprint(ours: Sequence[Command], theirs: Sequence[Command]) -> str:
    """Of what was registered, together with what Discord made of it."""
    told = [[one for _, one in sorted(_by_name(commands).items())] for commands in (ours, theirs)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


class Registration:
    """Keeps Discord's record of the commands up to date; 200 new ones a day are allowed."""

    def __init__(
        self,
        http: HTTPClient,
        application: int,
        store: KeyValueStore,
        ours: Sequence[Command],
        registered: Callable[[Sequence[Command]], None] = lambda _: None,
    ) -> None:
        """`registered` is called with the commands as Discord has them, which knows their ids."""
        self._http, self._application, self._store, self._ours = http, application, store, ours
        self._registered = registered
        self._key = FINGERPRINT.format(application)

    async def tried(self) -> bool:
        """Whether all is done that can be done. Raises nothing that comes of Discord or of the database."""
        try:
            async with asyncio.timeout(FIRST_TRY_SECONDS):
                await self._bring_up_to_date()
        except discord.HTTPException as error:
            if error.status == 400:
                log.error("Discord doesn't take the commands of this version: %s", error)
                return True
            log.warning("Discord's record of the commands could not be compared: HTTP %d", error.status)
        except Exception as error:  # noqa: BLE001  # of Discord's answer, of the connection, of the database
            log.warning("Discord's record of the commands could not be compared: %s", type(error).__name__)
        else:
            return True
        return False

    async def keep_trying(self) -> None:
        """Until it is done."""
        backoff = Backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        while True:
            await asyncio.sleep(backoff.pause())
            if await self.tried():
                return

    async def _bring_up_to_date(self) -> None:
        route = Route("GET", "/applications/{application_id}/commands", application_id=self._application)
        theirs = _commands(await self._http.request(route, params={"with_localizations": "true"}))
        self._registered(theirs)
        changed = different(self._ours, theirs)
        if not changed:
            return
        # Discord may write something in a way that nobody foresaw: what it made of the same commands is as good.
        if await self._store.get(self._key) == fingerprint(self._ours, theirs):
            return
        answer = await self._http.bulk_upsert_global_commands(self._application, payload=self._ours)  # type: ignore[arg-type]  # as discord.py's own commands give it
        log.info("registered the commands with Discord: %s", ", ".join(changed))
        self._registered(_commands(answer))
        await self._store.put(self._key, fingerprint(self._ours, _commands(answer)))


def _commands(answer: object) -> Sequence[Command]:
    """Raises TypeError where that is no list of commands."""
    if not isinstance(answer, list) or not all(isinstance(one, Mapping) for one in answer):
        raise TypeError("no commands")
    return answer
