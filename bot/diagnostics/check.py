"""`python -m bot check`: whether what the bot depends on works, before a member finds out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.client.command_registration import Command
from bot.diagnostics.database import buys_again_findings, database_findings
from bot.diagnostics.discord_account import channel_findings, discord_findings
from bot.diagnostics.image_api import image_api_findings, order_finding
from bot.diagnostics.report import Finding, Mark, unknown_in_env, with_network_once
from bot.diagnostics.spending import budget_findings
from bot.imaging.client import ImageClient
from bot.imaging.http import open_client
from bot.logs import one_line
from bot.settings.settings import Settings

LONGEST_PROBE = 10.0  # seconds; they run side by side


async def check(
    settings: Settings,
    say: Callable[[str], object] = print,
    *,
    patience: float = LONGEST_PROBE,
    unknown_names: Sequence[str] = (),
    commands: Sequence[Command] | None = None,
    buyer: ImageClient | None = None,
) -> int:
    """One line for each finding; `patience` in seconds. 1 where something does not work, else 0.

    `unknown_names` are names in `.env` that are no settings; `commands` are what a start would register; `buyer`, not
    opened yet, buys one picture where nothing speaks against it.
    """
    async with open_client(concurrency=4) as http:
        discord, channel, image_api, database = await asyncio.gather(
            bounded("Discord token", discord_findings(http, settings, commands), patience),
            bounded("Alert channel", channel_findings(http, settings), patience),
            bounded("Image API key", image_api_findings(http, settings), patience),
            bounded("Database", database_findings(settings.database_url), patience),
        )
    findings = with_network_once([*discord, *channel, *image_api, *database])
    if not any(it.mark is Mark.FAILS for it in database):
        findings += await bounded("Budget", budget_findings(settings), patience)
    if buyer is not None:
        bought = await order_finding(buyer, image_api)
        findings.append(bought)
        if bought.mark is Mark.WORKS and not any(it.mark is Mark.FAILS for it in database):
            findings += await bounded("Pictures", buys_again_findings(settings.database_url), patience)
    if unknown_names:
        sentence = unknown_in_env(unknown_names)
        findings.append(Finding(Mark.UNKNOWN, "Settings", sentence))
    findings += (Finding(Mark.UNKNOWN, "Settings", line) for line in settings.superseded)
    redact = settings.redact
    for finding in findings:
        say(one_line(redact(str(finding))))
    return int(any(finding.mark is Mark.FAILS for finding in findings))


async def bounded(subject: str, probe: Awaitable[list[Finding]], patience: float) -> list[Finding]:
    """Whatever happens to it, a probe ends in time and in words."""
    try:
        async with asyncio.timeout(patience):
            return await probe
    except TimeoutError:
        sentence = f"no answer within {patience:g} seconds: check the network"
    except Exception as error:  # noqa: BLE001  # an operator who asks what is wrong gets a line, not a traceback
        sentence = f"couldn't be checked ({type(error).__name__})"
    return [Finding(Mark.FAILS, subject, sentence)]
