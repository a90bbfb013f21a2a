"""Canaries in every place where a secret is, and much goes wrong: no line that the process writes holds one."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

import pytest

from sandbox.discord import ReplyTimeout
from tests.databases import terminate
from tests.end_to_end.conftest import Setup

PASSWORD = "canary/pass@word"
OF_THE_API = ["key_echoed", "internal_error", "reset", "moderated_flag", "picture_redirect_away"]


@pytest.mark.parametrize(("level", "form"), [("INFO", "json"), ("DEBUG", "text")])
async def test_no_secret_is_in_anything_that_the_process_ever_wrote(
    setup: Setup, postgres_server: str, postgres_url: str, level: str, form: str
) -> None:
    url = postgres_url.replace("postgres:@", f"postgres:{quote(PASSWORD, safe='')}@")
    assert url != postgres_url
    settings = {"LOG_LEVEL": level, "LOG_FORMAT": form, "IMAGE_TIMEOUT_SECONDS": "2"}
    bot = await setup.start_bot(DATABASE_URL=f"{url}&application_name=canary", **settings)
    tokens = [await token_of_an_imagine(setup)]
    for misfortune in OF_THE_API:
        setup.images.inject_fault(misfortune)
        tokens.append(await token_of_an_imagine(setup))
    tokens += await through_discords_misfortunes(setup)
    await terminate(postgres_server, "canary")
    tokens.append(await token_of_an_imagine(setup))
    setup.discord.gateway.drop()
    await bot.terminate()
    written = "\n".join(bot.log)
    assert "generation" in written
    secrets = [setup.discord.token, setup.images.key, PASSWORD, quote(PASSWORD, safe=""), *tokens]
    assert [secret for secret in secrets if secret in written] == []


async def token_of_an_imagine(setup: Setup, seconds: float = 10) -> str:
    """The token of an `/imagine` that has come to an end, or has not in so many seconds."""
    asking = setup.ada.begin("imagine", prompt="a fox")
    with suppress(ReplyTimeout):
        await asking.finished(within=seconds)
    return asking.interaction.token


async def through_discords_misfortunes(setup: Setup) -> list[str]:
    """Each error that could carry an address, and with it an interaction's token."""
    setup.left_open = "those who never got a first answer"
    tokens = []
    for route in ("callback", "edit_original"):
        setup.discord.faults.fail(route, status=403)
        tokens.append(await token_of_an_imagine(setup, 2))
        setup.discord.faults.fail(route, status=502, after_effect=True)
        tokens.append(await token_of_an_imagine(setup))
        setup.discord.faults.cut(route, times=3)
        tokens.append(await token_of_an_imagine(setup, 3))
        setup.discord.faults.clear()
    return tokens
