"""A row of `generation` as the core's value: the one mapping, for whoever reads it."""

from __future__ import annotations

from bot.core.generation.model import Generation, Request, State
from bot.core.place import Caller, InServer
from bot.storage import spec_document
from bot.storage.engine.protocol import Row, from_millis
from bot.storage.sources import decode

COLUMNS = """id, member, server, channel, locale, server_locale, prompt, images, spec, application, token,
    state, reserved_at, settled_at, refunded, model, credits, message, sources, untold, attempts"""


def generation_of(row: Row) -> Generation:
    """What `SELECT {COLUMNS}` finds. Raises ValueError, KeyError, TypeError where it can't be read."""
    id, member, server, channel, locale, server_locale, prompt, images, spec, application, token, *rest = row
    state, reserved_at, settled_at, refunded, model, credits, message, sources, pending_notice, attempts = (
        rest
    )
    caller = Caller(int(member), InServer(int(server), (int(channel),)), locale, server_locale)
    asked = spec_document.decode(spec, prompt, images)
    return Generation(
        Request(int(id), caller, asked, application or 0, token or ""),
        State(state),
        from_millis(reserved_at),
        None if settled_at is None else from_millis(settled_at),
        refunded,
        model,
        credits,
        message,
        decode(sources),
        pending_notice,
        attempts,
    )
