"""One event, one line; and whatever goes through the log, no secret comes out."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.health.alerts import DatabaseLost
from bot.core.redaction import MASK, Redactor
from bot.interactions.operator_alerts import OperatorAlerts
from bot.interactions.sending import DiscordConnection
from bot.logs import MUTED, QUIET, JsonLines, configure

TOKEN = "MTIz.GaBcDe.the-discord-token"
PASSWORD = "p@ss\"w'rd"
SECRETS = (TOKEN, PASSWORD)

log = logging.getLogger("bot.test")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in (*QUIET, *MUTED):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def lines() -> io.StringIO:
    stream = io.StringIO()
    configure("INFO", "json", stream=stream, redact=Redactor(SECRETS))
    return stream


@pytest.fixture
def terminal() -> Terminal:
    stream = Terminal()
    configure("INFO", "auto", stream=stream, redact=Redactor(SECRETS))
    return stream


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_away_from_a_terminal_each_event_is_one_json_object(lines: io.StringIO) -> None:
    log.warning("two\nlines of %s\u2028", "text", extra={"server": 5, "models": ["a"], "spent": None})
    (event,) = events(lines)
    time = event.pop("time")
    assert time.endswith("Z")
    assert event == {
        "level": "warning",
        "logger": "bot.test",
        "message": "two\nlines of text\u2028",
        "server": 5,
        "models": ["a"],
        "spent": None,
    }


def test_an_exception_is_one_field(lines: io.StringIO) -> None:
    try:
        raise LookupError(f"no {TOKEN}")
    except LookupError:
        log.exception("failed", stack_info=True)
    (event,) = events(lines)
    assert event["exception"].startswith("Traceback")
    assert f"LookupError: no {MASK}" in event["exception"]
    assert "Stack (most recent call last)" in event["exception"]


def test_on_a_terminal_an_event_is_a_line_that_nothing_can_break(terminal: Terminal) -> None:
    log.info("a\nb\x1b[31m\u202e", extra={"server": 5})
    (line,) = terminal.getvalue().splitlines()
    assert line[8:] == r" INFO     bot.test: a\nb\x1b[31m\u202e server=5"


def test_text_that_goes_to_a_file_says_the_day_as_well() -> None:
    file = io.StringIO()
    configure("INFO", "text", stream=file)
    log.info("hello")
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO     bot.test: hello$", file.getvalue())


def test_a_traceback_stands_indented_under_its_line(terminal: Terminal) -> None:
    try:
        raise LookupError("first\nsecond")
    except LookupError:
        log.exception("failed")
    _, *rest = terminal.getvalue().splitlines()
    assert rest[-1] == "    second"
    assert all(line.startswith("    ") for line in rest)


@pytest.mark.parametrize(
    ("format", "stream", "is_json"),
    [
        ("auto", io.StringIO, True),
        ("auto", Terminal, False),
        ("text", io.StringIO, False),
        ("json", Terminal, True),
    ],
)
def test_the_format_follows_the_setting(format: str, stream: type[io.StringIO], is_json: bool) -> None:
    out = stream()
    configure("INFO", format, stream=out)
    log.info("hello")
    assert out.getvalue().startswith("{") is is_json


def test_lines_go_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO", "json")
    log.info("hello")
    out, err = capsys.readouterr()
    assert json.loads(out)["message"] == "hello"
    assert err == ""


def test_a_line_survives_a_stream_that_cannot_spell_it() -> None:
    raw = io.BytesIO()
    configure("INFO", "text", stream=io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    log.info("a 🦖 and \ud800")
    assert rb"a \U0001f996 and \ud800" in raw.getvalue()


@pytest.mark.parametrize("name", ["httpx", "httpcore", "discord.http", "discord.gateway", "discord.webhook"])
def test_libraries_that_tell_every_url_are_quiet_even_when_debugging(name: str) -> None:
    out = io.StringIO()
    configure("DEBUG", "json", stream=out)
    logging.getLogger(name).info("POST /webhooks/1/token")
    logging.getLogger(f"{name}.below").debug("POST /webhooks/1/token")
    logging.getLogger(name).warning("rate limited")
    assert [event["message"] for event in events(out)] == ["rate limited"]


def test_what_discord_py_misses_on_purpose_is_not_worth_a_line(lines: io.StringIO) -> None:
    client = logging.getLogger("discord.client")
    client.warning("PyNaCl is not installed, voice will NOT be supported")
    client.warning("davey is not installed, voice will NOT be supported")
    logging.getLogger("discord.state").warning("Guilds intent seems to be disabled. This may cause …")
    client.info("logging in using static token")
    logging.getLogger("asyncio").warning("Executing <Task …> took 0.3 seconds")
    assert [event["logger"] for event in events(lines)] == ["discord.client", "asyncio"]


def test_arguments_that_do_not_fit_cost_neither_the_line_nor_the_caller() -> None:
    record = logging.makeLogRecord({"msg": "%d images", "args": (TOKEN,)})
    assert json.loads(JsonLines(Redactor(SECRETS)).format(record))["message"] == f"%d images ('{MASK}',)"


@pytest.mark.parametrize("format", ["text", "json"])
def test_secrets_are_taken_out_wherever_they_are(format: str) -> None:
    out = io.StringIO()
    configure("INFO", format, stream=out, redact=Redactor(SECRETS))
    error = ValueError(TOKEN)
    error.add_note(PASSWORD)
    log.error(
        "%s %r", TOKEN, [PASSWORD], exc_info=error, extra={"deep": {"x": [TOKEN, error]}, TOKEN: PASSWORD}
    )
    for form in (TOKEN, PASSWORD, repr(PASSWORD)[1:-1], json.dumps(PASSWORD)[1:-1]):
        assert form not in out.getvalue()
    assert out.getvalue().count("hidden") >= 5


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("PATCH https://discord.com/api/v10/webhooks/12/aW50=.Z-x_9/messages/@original 500", "aW50=.Z-x_9"),
        ("POST /interactions/12/aW50ZXJhY3Rpb24/callback", "aW50ZXJhY3Rpb24"),
        ("Authorization: Bearer abc", "abc"),
        ("{'Authorization': 'Bot abc.def'}", "abc.def"),
        ('{"authorization":"abc.def"}', "abc.def"),
        (r"{\"Authorization\": \"Bearer abc\"}", "abc"),
        ("(b'Authorization', b'Bearer abc')", "abc"),
        ("Proxy-Authorization=Basic abc==", "abc=="),
        ("sent Bearer 0123456789abcdefghijkl", "0123456789abcdefghijkl"),
        ("postgres://me:s3c@ret@host/db", "s3c"),
        ("postgres://me:s3c@ret@host/db", "ret@"),
        ("redis://:s3cret@host", "s3cret"),
        ("postgres://host/db?password=s3cret&x=1", "s3cret"),
    ],
)
def test_what_is_shaped_like_a_secret_is_taken_out_too(said: str, written: str) -> None:
    assert written not in Redactor(())(said)
    assert MASK in Redactor(())(said)


@pytest.mark.parametrize(
    "said",
    [
        "Discord is out of reach (GatewayNotFound); next attempt in 2 s",
        "no authorization was given, or none that counts",
        "GET https://cdn.aimlapi.com:443/a.png?at=12:30@5",
        "the bot needs a rest",
        "http://[::1]:8080/v1",
        "a prompt about webhooks/interactions: 3:4 @ noon",
    ],
)
def test_ordinary_words_are_left_alone(said: str) -> None:
    assert Redactor(())(said) == said


def test_a_password_of_one_letter_does_not_ruin_every_line() -> None:
    assert Redactor(("a",))("an apple") == "an apple"


def test_a_secret_that_begins_with_another_is_taken_out_whole() -> None:
    assert Redactor(("secret", "secret-longer"))("secret-longer secret") == f"{MASK} {MASK}"


@given(secret=st.text(min_size=4), before=st.text(), after=st.text())
def test_no_json_line_holds_a_secret(secret: str, before: str, after: str) -> None:
    secret = f"§{secret}§"
    text = f"{before}{secret}{after}"
    record = logging.makeLogRecord({"msg": "%s", "args": (text,), "one": text, "two": {text: [text]}})
    line = JsonLines(Redactor((secret,))).format(record)
    assert "\n" not in line
    assert secret not in str(json.loads(line))
    assert secret not in json.loads(line)["message"]


def test_what_the_pool_says_of_a_database_that_is_away_is_left_to_the_bot(lines: io.StringIO) -> None:
    logging.getLogger("asyncpg.pool").warning("Failed to restore the pool connection floor")
    assert lines.getvalue() == ""


def test_an_alert_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    OperatorAlerts(None, DiscordConnection(), Redactor(SECRETS)).raise_alert(
        DatabaseLost(f"no way in with {PASSWORD}")
    )
    (record,) = caplog.records
    assert MASK in record.message
    assert PASSWORD not in record.message
