"""Canaries in every place where a secret is, and much goes wrong: no line that the process writes holds one."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

import pytest

from sandbox.discord import ReplyTimeout
from tests.databases import terminate
from tests.end_to_end.conftest import Stage

PASSWORD = "canary/pass@word"
OF_THE_API = ["key_echoed", "internal_error", "reset", "moderated_flag", "picture_redirect_away"]


@pytest.mark.parametrize(("level", "form"), [("INFO", "json"), ("DEBUG", "text")])
async def test_no_secret_is_in_anything_that_the_process_ever_wrote(
    stage: Stage, postgres_server: str, postgres_url: str, level: str, form: str
) -> None:
    url = postgres_url.replace("postgres:@", f"postgres:{quote(PASSWORD, safe='')}@")
    assert url != postgres_url
    settings = {"LOG_LEVEL": level, "LOG_FORMAT": form, "IMAGE_TIMEOUT_SECONDS": "2"}
    bot = await stage.start_bot(DATABASE_URL=f"{url}&application_name=canary", **settings)
    tokens = [await told(stage)]
    for misfortune in OF_THE_API:
        stage.images.inject_fault(misfortune)
        tokens.append(await told(stage))
    tokens += await through_discords_misfortunes(stage)
    await terminate(postgres_server, "canary")
    tokens.append(await told(stage))
    stage.discord.gateway.drop()
    await bot.terminate()
    written = "\n".join(bot.log)
    assert "generation" in written
    secrets = [stage.discord.token, stage.images.key, PASSWORD, quote(PASSWORD, safe=""), *tokens]
    assert [secret for secret in secrets if secret in written] == []


async def told(stage: Stage, seconds: float = 10) -> str:
    """The token of an `/imagine` that has come to an end, or has not in so many seconds."""
    asking = stage.ada.begin("imagine", prompt="a fox")
    with suppress(ReplyTimeout):
        await asking.finished(within=seconds)
    return asking.interaction.token


async def through_discords_misfortunes(stage: Stage) -> list[str]:
    """Each error that could carry an address, and with it an interaction's token."""
    stage.left_open = "those who never got a first answer"
    tokens = []
    for route in ("callback", "edit_original"):
        stage.discord.faults.fail(route, status=403)
        tokens.append(await told(stage, 2))
        stage.discord.faults.fail(route, status=502, after_effect=True)
        tokens.append(await told(stage))
        stage.discord.faults.cut(route, times=3)
        tokens.append(await told(stage, 3))
        stage.discord.faults.clear()
    return tokens
