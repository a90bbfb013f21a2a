"""Work that is done again and again beside the commands, whatever becomes of it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

from bot.core.errors import BotError


async def repeat(
    work: Callable[[], Awaitable[object]],
    rest: Callable[[bool], Awaitable[object]],
    log: logging.Logger,
    trouble: str,
) -> NoReturn:
    """`work`, then `rest`, which is told whether it failed; and again, until it is cancelled.

    `trouble` is what the log says of a failure: of one that was foreseen once, until the work goes well again.
    """
    failing = False
    while True:
        try:
            await work()
            failing = False
        except BotError as error:
            if not failing:
                log.warning("%s: %s", trouble, error)
            failing = True
        except Exception:  # a mistake of ours must not end it for everybody
            log.exception("%s: unforeseen failure", trouble)
            failing = True
        await rest(failing)
