"""The reply to a command while its pictures are painted: edited now and then, and never in their way.

An edit is tried once, beside the lock in which discord.py has the later answers of an interaction wait for each other,
repeats what failed, and sleeps through rate limits: the pictures come by that way, and must not wait.
"""

from __future__ import annotations

import asyncio
import logging
import math
from typing import Any

import aiohttp
import discord
from discord.http import Route
from discord.webhook.async_ import async_context

from bot.core.generation.model import Request
from bot.core.generation.reply import Progress
from bot.interactions.discord_errors import CUT_OFF
from bot.interactions.rest_guard import GuardedWebhooks
from bot.ui.generation.progress import cancel_row, progress_embed
from bot.ui.sentences import Sentences

log = logging.getLogger(__name__)

EDIT_SECONDS = 3.0
"""For one edit, whatever it waits for."""
LATE_SECONDS = 10.0
"""After it was sent, Discord may still carry out an edit whose answer nobody waits for any more."""
TROUBLE_SECONDS = 10.0
"""Without another try, where Discord did not carry one out."""


class ProgressMessage:
    """`credit` says who asked, where Discord does not say it above the message."""

    def __init__(self, client: discord.Client, request: Request, say: Sentences, credit: str) -> None:
        self._client = client
        self._request = request
        self._say = say
        self._credit = credit
        self._edit: asyncio.Task[float] | None = None
        self._unanswered_until = 0.0  # on the loop's clock: an edit that was cut off may be carried out

    async def show(self, progress: Progress) -> float:
        """As `PublicReply.show_progress`."""
        self._edit = asyncio.create_task(self._show(progress))
        await asyncio.wait({self._edit})
        return self._edit.result()

    async def is_over(self, seconds: float) -> bool:
        """Whether Discord carries out no edit any more; waits `seconds` at most for the answer to the last one."""
        if self._edit is not None and not self._edit.done():
            await asyncio.wait({self._edit}, timeout=seconds)
            if not self._edit.done():
                return False
        return self._unanswered_until <= asyncio.get_running_loop().time()

    async def ended(self) -> None:
        """Return when Discord carries out no edit any more."""
        if self._edit is not None:
            await asyncio.wait({self._edit})
        await asyncio.sleep(self._unanswered_until - asyncio.get_running_loop().time())

    async def _show(self, progress: Progress) -> float:
        embed = progress_embed(self._request.spec.prompt, progress, self._say, credit=self._credit)
        payload = {
            "embeds": [embed.to_dict()],
            "components": [cancel_row(self._request.id, self._say)],
            "allowed_mentions": {"parse": []},
        }
        sent_at = asyncio.get_running_loop().time()
        try:
            status, seconds = await self._edit_once(payload)
        except CUT_OFF as error:
            self._unanswered_until = sent_at + LATE_SECONDS
            log.debug("generation %d: its progress was not shown: %s", self._request.id, type(error).__name__)
            return TROUBLE_SECONDS
        if status < 300:
            return 0.0
        log.debug("generation %d: its progress was not shown: Discord answered %d", self._request.id, status)
        if status == 429:
            return max(seconds, TROUBLE_SECONDS)
        return TROUBLE_SECONDS if status >= 500 else math.inf

    async def _edit_once(self, payload: dict[str, Any]) -> tuple[int, float]:
        """Discord's status, and after how many seconds it wants to be asked again."""
        request, adapter = self._request, async_context.get()
        webhook = discord.Webhook.partial(request.application, request.token, client=self._client)
        route = Route(
            "PATCH",
            "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
            webhook_id=request.application,
            webhook_token=request.token,
        )
        if not isinstance(adapter, GuardedWebhooks):
            raise TypeError("the requests of webhooks are not guarded")
        timeout = aiohttp.ClientTimeout(total=EDIT_SECONDS)
        return await adapter.request_once(
            route, webhook.session, payload, timeout=timeout, proxy=self._client.http.proxy
        )
