"""The bot as a process: ready, ended, silent, and isolated from the developer's own settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.bot_process import BotDied, BotProcess
from sandbox.discord import Discord
from tests.patience import PATIENCE
from tests.sandbox.discord.raw_bot import NoImages


async def test_a_process_that_dies_early_is_reported_with_its_last_words(discord: Discord) -> None:
    bot = BotProcess(discord, NoImages(), command=("-c", "import sys; sys.exit('no coffee')"))
    with pytest.raises(BotDied, match=r"ended with 1 before it was ready:\nno coffee"):
        await bot.__aenter__()
    assert not bot.folder.exists()


async def test_a_process_that_never_connects_is_given_up(discord: Discord) -> None:
    command = ("-c", "import time; print('asleep'); time.sleep(60)")
    bot = BotProcess(discord, NoImages(), command=command, ready_within=0.1)
    await bot.start()
    await bot.log_changes.wait_for(lambda: bot.log == ["asleep"], PATIENCE)
    with pytest.raises(BotDied, match=r"not ready within 0.1 s:\nasleep"):
        await bot.ready()
    assert not bot.running
    await bot.close()


async def test_a_process_sees_only_what_it_was_given(discord: Discord, tmp_path: Path) -> None:
    script = (
        "import os, pathlib; print(pathlib.Path.cwd(), *sorted(os.environ)); print(os.environ['DAILY_LIMIT'])"
    )
    bot = BotProcess(discord, NoImages(), {"DAILY_LIMIT": "5"}, command=("-c", script), folder=tmp_path)
    await bot.start()
    assert await bot.ended() == 0
    [first, limit] = bot.log
    folder, *names = first.split()
    assert (folder, limit) == (str(bot.folder), "5")
    assert {"DISCORD_TOKEN", "DISCORD_API_URL", "IMAGE_API_KEY", "DATABASE_URL"} <= set(names)
    assert not [name for name in names if name.startswith(("PYTEST", "VIRTUAL", "PWD"))]


async def test_a_killed_process_leaves_no_goodbye(discord: Discord) -> None:
    bot = BotProcess(discord, NoImages(), command=("-c", "import time; print('here'); time.sleep(60)"))
    await bot.start()
    assert await bot.kill() != 0
    await bot.close()
    assert not bot.folder.exists()
