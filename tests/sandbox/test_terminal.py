"""A reply rendered in a terminal reads as it does in Discord."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.__main__ import real_settings
from sandbox.bot_process import REPOSITORY
from sandbox.discord import ShownMessage
from sandbox.discord.kit.request_body import RequestBody, Upload
from sandbox.discord.kit.snowflakes import Snowflakes
from sandbox.discord.state.administration import create_channel
from sandbox.discord.state.discord_state import DiscordState
from sandbox.discord.state.messages import Messages
from sandbox.page.bots import reason
from sandbox.terminal import WIDTH, plain_text, printable, render, timestamp_text

NOW = 1_800_000_000.0


def seen(**payload: object) -> ShownMessage:
    ids = Snowflakes()
    state, messages = DiscordState(ids, "Imagine"), Messages(ids)
    channel = create_channel(state, state.create_guild("Tea House", "en-US", 1000), "art")
    form = RequestBody(payload, {0: Upload("fox.png", bytes(3000))} if "attachments" in payload else {})
    return ShownMessage(messages.add(messages.new(channel, state.bot), form, 10_000))


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (r"\*not bold\* and **bold**", "*not bold* and bold"),
        (r"\[a link\]\(https\://a.example\)", "[a link](https://a.example)"),
        ("[a link](https://a.example)", "a link"),
        ("> a fox\n> and a hen", "▎ a fox\n▎ and a hen"),
        (r"\> not quoted", "> not quoted"),
        (f"again <t:{int(NOW) + 5 * 3600}:R>", "again in 5 hours"),
        ("snake_case_name", "snake_case_name"),
        (r"\`code\` and `code`", "`code` and code"),
        (r"1\. and \\", "1. and \\"),
        ("😀 @everyone", "😀 @everyone"),
    ],
)
def test_markdown_reads_as_it_is_drawn(sent: str, read: str) -> None:
    assert plain_text(sent, NOW) == read


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "in 1 second"), (90, "in 2 minutes"), (86_400, "in 1 day"), (-7200, "2 hours ago"), (0, "now")],
)
def test_a_moment_is_told_in_words(seconds: int, words: str) -> None:
    assert timestamp_text(int(NOW) + seconds, "R", NOW) == words


def test_a_whole_message_is_drawn_in_a_box() -> None:
    embed = {
        "description": "> a fox",
        "image": {"url": "attachment://fox.png"},
        "fields": [{"name": "Today", "value": f"3 / 10 · resets <t:{int(NOW) + 7200}:R>"}],
        "footer": {"text": "A red fox, " + "very " * 30 + "red"},
    }
    box = render(seen(embeds=[embed], attachments=[{"id": 0}]), "Imagine", NOW)
    lines = box.splitlines()
    assert {len(line) for line in lines} == {WIDTH + 4}
    assert "Imagine  APP" in lines[1]
    order = [box.index(part) for part in ("a fox", "Today: 3 / 10", "fox.png, 3 kB", "A red fox, very")]
    assert order == sorted(order)
    assert "resets in 2 hours" in box


def test_words_longer_than_a_line_and_wide_ones_stay_in_the_box() -> None:
    box = render(seen(content="x" * 200 + " " + "狐" * 100), "Imagine", NOW)
    assert box.count("x") == 200
    assert box.count("狐") == 100
    assert all(len(line) + line.count("狐") == WIDTH + 4 for line in box.splitlines())


def test_an_old_console_gets_plain_characters() -> None:
    box = render(seen(content="狐 – fox"), "Imagine", NOW)
    for encoding in ("cp1252", "ascii", "cp437", None, "no-such-encoding"):
        printable(box, encoding).encode("cp437" if encoding == "cp437" else "cp1252")
    assert printable(box, "utf-8") == box
    assert "+---" in printable(box, "cp1252")


def test_the_environment_goes_before_the_file() -> None:
    file = {"IMAGE_API_KEY": "file", "IMAGE_MODEL": "", "DISCORD_TOKEN": "secret"}
    assert real_settings(file, {"IMAGE_API_KEY": "shell", "DAILY_LIMIT": "3"}) == {"IMAGE_API_KEY": "shell"}
    assert real_settings(file, {"IMAGE_API_KEY": ""}) == {"IMAGE_API_KEY": "file"}


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ('starting\n{"level": "error", "message": "no database"}', "no database"),
        ("Traceback…\nValueError: oh", "ValueError: oh"),
        ("[1]", "[1]"),
    ],
)
def test_the_reason_for_not_starting_is_one_sentence(log: str, told: str) -> None:
    assert reason(log) == told


def run(folder: Path, *arguments: str, said: str = "", **environment: str) -> tuple[int, str]:
    """`python -m sandbox …`, with that on the keyboard: its exit code and what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IMAGE_")}
    done = subprocess.run(
        (sys.executable, "-m", "sandbox", *arguments),
        cwd=folder,
        env={**kept, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "utf-8", **environment},
        input=said.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=150,
        check=False,
    )
    return done.returncode, done.stdout.decode(environment.get("PYTHONIOENCODING", "utf-8"))


@pytest.mark.parametrize(("argument", "code"), [("--help", 0), ("--bogus", 2)])
def test_what_it_takes_is_answered_as_it_was_typed(tmp_path: Path, argument: str, code: int) -> None:
    ended, told = run(tmp_path, argument)
    assert ended == code
    assert "usage: dev.py try" in told
    assert "sandbox" not in told


def test_real_money_is_not_spent_without_a_key(tmp_path: Path) -> None:
    code, told = run(tmp_path, "--real")
    assert code == 78
    assert "IMAGE_API_KEY is not set" in told


@pytest.mark.parametrize("said", ["", "\n", "n\n"])
def test_real_money_is_not_spent_without_a_yes(tmp_path: Path, said: str) -> None:
    (tmp_path / ".env").write_text("IMAGE_API_KEY=k\n")
    code, told = run(tmp_path, "--real", said=said)
    assert code == 1
    assert "$0.05 or less" in told
    assert "nothing was paid" in told


def test_one_command_leads_to_a_picture(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DAILY_LIMIT=0\nDISCORD_TOKEN=real\n")
    code, told = run(tmp_path, "a fox")
    assert (code, run(tmp_path, "a fox", PYTHONIOENCODING="cp1252")[0]) == (0, 0), told
    assert "▎ a fox" in told
    assert "▎ ▎" not in told
    assert "1 of 10" in told
    pictures = sorted(path.stem for path in (tmp_path / "pictures").iterdir())
    assert pictures == ["a-fox"]


def test_what_discord_would_not_send_is_one_sentence(tmp_path: Path) -> None:
    code, told = run(tmp_path, "x" * 7000)
    assert code == 1
    assert "Discord would not have sent this: The length of 'prompt' must be at most" in told
    assert "Traceback" not in told


def test_a_real_api_that_is_away_is_told_in_the_words_of_the_bot(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("IMAGE_API_KEY=k\nIMAGE_API_URL=http://127.0.0.1:9/v1\n")
    code, told = run(tmp_path, "--real", "--yes", "a fox")
    assert code == 1
    assert "Imagine  APP" in told
    assert not (tmp_path / "pictures").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_it_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("IMAGE_API_KEY=k\n")
    command = (sys.executable, "-m", "sandbox", "--real")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as trying:
        assert trying.stdout is not None
        assert b"0.05" in trying.stdout.readline()
        trying.send_signal(signal.SIGINT)
        trying.wait(timeout=150)
        rest = trying.stdout.read()
    assert trying.returncode == 130
    assert b"Stopped." in rest
    assert b"Traceback" not in rest
