"""Settings are read once, and whatever is wrong with them is told at once, in words, without a secret."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.generation.revision import WhenToRevise
from bot.core.limits.budgets import Budgets
from bot.core.limits.meters import generosity
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import Bounds, Choice, Setting
from bot.core.limits.styles import DEFAULT_STYLES, Style
from bot.core.redaction import MASK
from bot.settings.settings import Settings, SettingsError, load_environment, read_settings

REQUIRED = {"DISCORD_TOKEN": "the.discord.token", "IMAGE_API_KEY": "the-image-key"}
NAMES = [one.name.upper() for one in fields(Settings)]
EXAMPLE = Path(__file__).parents[2] / ".env.example"


def read(**given: str) -> Settings:
    return read_settings({**REQUIRED, **given})


def problems(environ: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(environ)
    assert str(caught.value).splitlines() == list(caught.value.problems)  # one line for each
    return caught.value.problems


def test_the_token_and_the_key_are_enough() -> None:
    assert read() == Settings(
        discord_token="the.discord.token",
        image_api_key="the-image-key",
        image_api_url="https://api.aimlapi.com/v1",
        image_model=("x-ai/grok-2-image", "x-ai/grok-imagine-image-2.0", "x-ai/grok-imagine-image"),
        image_fallback_model=None,
        image_edit_model=None,
        image_model_fields={},
        image_choices=(),
        styles=DEFAULT_STYLES,
        private_pictures=Requirement.OPTIONAL,
        spoiler_pictures=Requirement.OPTIONAL,
        revise_prompts=WhenToRevise.AUTO,
        prompt_model=(
            "x-ai/grok-4-20-0309-non-reasoning",
            "x-ai/grok-4.20-non-reasoning",
            "openai/gpt-4.1-mini-2025-04-14",
        ),
        image_download_origins=(
            "https://cdn.aimlapi.com",
            "https://imgen.x.ai",
            "https://api.aimlapi.com",
        ),
        image_timeout_seconds=120,
        image_concurrency=64,
        show_costs=False,
        operator_channel_id=None,
        allowed_servers=None,
        low_balance=5,
        daily_limit=10,
        daily_limit_ceiling=100,
        monthly_limit=None,
        monthly_limit_ceiling=None,
        server_daily_limit=100,
        server_daily_limit_ceiling=100,
        server_monthly_limit=None,
        server_monthly_limit_ceiling=None,
        bot_daily_limit=200,
        bot_daily_budget=None,
        bot_monthly_budget=None,
        direct_daily_limit=0,
        failed_daily_limit=8,
        server_failed_daily_limit=40,
        max_images_per_prompt=4,
        at_once_limit=None,
        cooldown_seconds=0,
        day_time_zone=ZoneInfo("UTC"),
        database_url="sqlite:///data/imagine.db",
        keep_prompts_days=30,
        shutdown_grace_seconds=20,
        log_level="INFO",
        log_format="auto",
        discord_api_url="https://discord.com/api/v10",
        discord_gateway_url="wss://gateway.discord.gg/",
    )


def test_a_variable_that_is_empty_is_not_set() -> None:
    assert read_settings({**dict.fromkeys(NAMES, "  "), **REQUIRED}) == read()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("DAILY_LIMIT", "0", 0),
        ("DAILY_LIMIT", " 25 ", 25),
        ("BOT_DAILY_LIMIT", "Unlimited", None),
        ("BOT_DAILY_LIMIT", "unlimited", None),
        ("SERVER_DAILY_LIMIT", "100000", 100_000),
        ("BOT_DAILY_BUDGET", "2.50", 5_000_000),
        ("BOT_DAILY_BUDGET", "$0.0001", 200),
        ("BOT_MONTHLY_BUDGET", "100000", 200_000_000_000),
        ("BOT_MONTHLY_BUDGET", "Unlimited", None),
        ("MAX_IMAGES_PER_PROMPT", "10", 10),
        ("IMAGE_TIMEOUT_SECONDS", "600", 600),
        ("IMAGE_CONCURRENCY", "1", 1),
        ("IMAGE_MODEL", "flux/dev", ("flux/dev",)),
        ("IMAGE_MODEL", " a/b ,c,, a/b,", ("a/b", "c")),
        ("IMAGE_FALLBACK_MODEL", "NONE", None),
        ("IMAGE_EDIT_MODEL", "Auto", None),
        ("IMAGE_EDIT_MODEL", "none", ()),
        ("IMAGE_EDIT_MODEL", "a, b", ("a", "b")),
        ("IMAGE_API_URL", "https://api.x.ai/v1/", "https://api.x.ai/v1"),
        ("IMAGE_API_URL", "https://api.aimlapi.com", "https://api.aimlapi.com/v1"),
        ("IMAGE_API_URL", "https://api.x.ai/v1/images/generations", "https://api.x.ai/v1"),
        ("IMAGE_API_URL", "https://api.x.ai//v1/images/generations//", "https://api.x.ai/v1"),
        ("IMAGE_API_URL", "https://api.example.com/openai/v1/models", "https://api.example.com/openai/v1"),
        ("IMAGE_API_URL", "http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("IMAGE_API_URL", "http://litellm:4000/v1", "http://litellm:4000/v1"),
        ("DISCORD_API_URL", "http://[::1]:99/api/v10", "http://[::1]:99/api/v10"),
        ("DISCORD_GATEWAY_URL", "ws://localhost:99/", "ws://localhost:99/"),
        ("DAY_TIME_ZONE", "Europe/Berlin", ZoneInfo("Europe/Berlin")),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("LOG_FORMAT", "JSON", "json"),
        ("DATABASE_URL", "sqlite:////srv/imagine.db", "sqlite:////srv/imagine.db"),
        ("DATABASE_URL", "postgres://u:p@h/d?sslmode=require", "postgres://u:p@h/d?sslmode=require"),
        ("DATABASE_URL", "postgresql://u:p@a:1,b:2/d", "postgresql://u:p@a:1,b:2/d"),
        ("DATABASE_URL", "postgresql://u:p@w@[::1]:5432/d", "postgresql://u:p@w@[::1]:5432/d"),
        ("DATABASE_URL", "postgresql://u@/d?host=/run/pg", "postgresql://u@/d?host=/run/pg"),
    ],
)
def test_what_is_written_is_what_counts(name: str, text: str, value: object) -> None:
    assert getattr(read(**{name: text}), name.lower()) == value


@pytest.mark.parametrize(
    ("models", "fallback", "all_of_them"),
    [
        ("a", "b", ("a", "b")),
        ("a, b", "c", ("a", "b", "c")),
        ("a, b", "a", ("a", "b")),
        ("a", "none", ("a",)),
    ],
)
def test_a_fallback_model_is_added_to_the_end_of_the_list_with_a_line_that_says_what_replaces_it(
    models: str, fallback: str, all_of_them: tuple[str, ...]
) -> None:
    settings = read(IMAGE_MODEL=models, IMAGE_FALLBACK_MODEL=fallback)
    assert settings.image_model == all_of_them
    instead = (
        f"IMAGE_FALLBACK_MODEL: IMAGE_MODEL takes several; set IMAGE_MODEL={', '.join(all_of_them)} instead"
    )
    assert settings.superseded == (() if fallback == "none" else (instead,))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("DISCORD_TOKEN", "", "must be set"),
        ("DISCORD_TOKEN", "Bot abc.def", "remove the word “Bot”"),
        ("DISCORD_TOKEN", "my bot's token", "spaces"),
        ("DISCORD_TOKEN", "tökén", "unusual characters"),
        ("DISCORD_TOKEN", '"abc.def"', "quotation marks"),
        ("IMAGE_API_KEY", "Bearer abc", "remove the word “Bearer”"),
        ("IMAGE_API_URL", "api.aimlapi.com/v1", "begins with https://"),
        ("IMAGE_API_URL", "http://api.aimlapi.com/v1", "your own network only"),
        ("IMAGE_API_URL", "https://me:pass@api.aimlapi.com", "without a user name"),
        ("IMAGE_API_URL", "https://h:99999/v1", "begins with https://"),
        ("IMAGE_API_URL", "https://", "begins with https://"),
        ("IMAGE_API_URL", "https://api.x.ai/v1?key=1", "without a user name, ? or #"),
        ("DISCORD_GATEWAY_URL", "https://gateway.discord.gg", "begins with wss://"),
        ("IMAGE_MODEL", "grok 2", "the IDs of 1 to 20 models with commas"),
        ("IMAGE_MODEL", "a; b", "the IDs of 1 to 20 models with commas"),
        ("IMAGE_MODEL", "none", "the IDs of 1 to 20 models"),
        ("IMAGE_MODEL", "auto", "the IDs of 1 to 20 models"),
        ("IMAGE_FALLBACK_MODEL", "auto", "the ID of a model"),
        ("IMAGE_EDIT_MODEL", "off", "or the word auto or none"),
        ("IMAGE_EDIT_MODEL", "auto, google/nano-banana-edit", "or the word auto or none"),
        ("PROMPT_MODEL", "None", "without any, set REVISE_PROMPTS=never"),
        ("IMAGE_MODEL", ",", "1 to 20 models with commas"),
        ("IMAGE_MODEL", ",".join(f"m{number}" for number in range(21)), "1 to 20 models with commas"),
        ("IMAGE_DOWNLOAD_ORIGINS", "https://cdn.example/files", "nothing after the name"),
        ("IMAGE_DOWNLOAD_ORIGINS", "http://cdn.example", "this machine only"),
        ("IMAGE_DOWNLOAD_ORIGINS", "https://a.example https://b.example", "commas"),
        ("IMAGE_DOWNLOAD_ORIGINS", "*", "commas"),
        ("DAILY_LIMIT", "-1", "or the word unlimited"),
        ("DAILY_LIMIT", "1000000000", "or the word unlimited"),
        ("DAILY_LIMIT", "100001", "or the word unlimited"),
        ("BOT_DAILY_LIMIT", "999999999", "or the word unlimited"),
        ("DAILY_LIMIT", "1e9", "or the word unlimited"),
        ("DAILY_LIMIT", "ten", "or the word unlimited"),
        ("DAILY_LIMIT", "1_0", "or the word unlimited"),
        ("DAILY_LIMIT", "٣", "or the word unlimited"),
        ("SERVER_DAILY_LIMIT", "none", "or the word unlimited"),
        ("BOT_DAILY_LIMIT", "inf", "or the word unlimited"),
        (
            "BOT_DAILY_BUDGET",
            "2,50",
            "an amount in dollars from 0 to 100000, such as 2.50, or the word unlimited",
        ),
        ("BOT_DAILY_BUDGET", "-1", "an amount in dollars"),
        ("BOT_DAILY_BUDGET", "1e3", "an amount in dollars"),
        ("BOT_DAILY_BUDGET", "€5", "an amount in dollars"),
        ("BOT_MONTHLY_BUDGET", "100000.01", "an amount in dollars"),
        ("BOT_MONTHLY_BUDGET", "0.00001", "an amount in dollars"),
        ("MAX_IMAGES_PER_PROMPT", "0", "from 1 to 10"),
        ("MAX_IMAGES_PER_PROMPT", "unlimited", "from 1 to 10"),
        ("IMAGE_TIMEOUT_SECONDS", "601", "from 1 to 600"),
        ("IMAGE_CONCURRENCY", "2.5", "from 1 to 1000"),
        ("DAY_TIME_ZONE", "Europe/Berln", "the closest: Europe/Berlin"),
        ("DAY_TIME_ZONE", "Europe", "the name of a time zone"),
        ("DAY_TIME_ZONE", "../../etc/passwd", "the name of a time zone"),
        ("SHUTDOWN_GRACE_SECONDS", "601", "0 to 600"),
        ("LOG_LEVEL", "chatty", "one of DEBUG"),
        ("LOG_FORMAT", "xml", "one of auto, text, json"),
        ("DATABASE_URL", "mysql://u:p@h/d", "must begin with sqlite:///"),
        ("DATABASE_URL", "postgresql+asyncpg://u:p@h/d", "must begin with sqlite:///"),
        ("DATABASE_URL", "data/imagine.db", "must begin with sqlite:///"),
        ("DATABASE_URL", "sqlite://imagine.db", "three slashes"),
        ("DATABASE_URL", "sqlite:///", "names no file"),
        ("DATABASE_URL", "postgres://u:p#w@h:5432/d", "cannot be read"),
        ("DATABASE_URL", "postgres://u:p/w@h:5432/d", "cannot be read"),
        ("DATABASE_URL", "postgres:///d", "cannot be read"),
        ("DATABASE_URL", "postgres://u:p@h:54x/d", "cannot be read"),
        ("DATABASE_URL", "postgres://u:p@a:1,b:x/d", "cannot be read"),
        ("DATABASE_URL", "postgres://u:p@h/d?sslmode=maybe", "sslmode must be one of allow, disable"),
        ("DATABASE_URL", "sqlite:///:memory:", "must name a file"),
    ],
)
def test_a_mistake_is_named_and_says_what_is_expected(name: str, text: str, expected: str) -> None:
    (problem,) = problems({**REQUIRED, name: text})
    assert problem.startswith(f"{name}: ")
    assert expected in problem


def test_all_mistakes_are_told_at_once() -> None:
    wrong = dict.fromkeys(NAMES, "no\x00 such thing")
    assert [problem.partition(":")[0] for problem in problems(wrong)] == NAMES


def test_what_two_settings_say_together_is_told_with_the_mistakes_of_others() -> None:
    wrong = {
        **REQUIRED,
        "DAILY_LIMIT": "500",
        "DAILY_LIMIT_CEILING": "100",
        "MONTHLY_LIMIT": "many",
        "LOG_LEVEL": "loud",
    }
    assert [problem.partition(":")[0] for problem in problems(wrong)] == [
        "MONTHLY_LIMIT",
        "LOG_LEVEL",
        "DAILY_LIMIT",
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("BOT_DAILY_LIMT", "BOT_DAILY_LIMIT"),
        ("DISCORD_BOT_TOKEN", "DISCORD_TOKEN"),
        ("SERVER_LIMIT", "SERVER_DAILY_LIMIT"),
        ("daily_limit", "DAILY_LIMIT"),
    ],
)
def test_a_name_in_the_file_that_is_nearly_a_settings_is_a_mistake(
    tmp_path: Path, written: str, meant: str
) -> None:
    (tmp_path / ".env").write_text(f"{written}=5\n")
    environment = load_environment(tmp_path)
    with pytest.raises(SettingsError) as caught:
        read_settings({**environment.values, **REQUIRED}, environment.written)
    assert caught.value.problems == (f"{written}: isn't a setting; did you mean {meant}?",)


def test_a_name_in_the_file_that_is_like_none_may_be_somebody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("POSTGRES_PASSWORD=x\nIMAGE_NAME=y\nDAILY_LIMIT=5\nEMPTY=\n")
    monkeypatch.setenv("DAILY_LIMT", "of another program")
    environment = load_environment(tmp_path)
    assert environment.unknown_names == ("POSTGRES_PASSWORD", "IMAGE_NAME")
    assert read_settings({**environment.values, **REQUIRED}, environment.written).daily_limit == 5


def test_a_time_zone_that_nobody_knows_is_answered_with_the_three_nearest() -> None:
    (problem,) = problems({**REQUIRED, "DAY_TIME_ZONE": "Europe/Berln"})
    assert problem.endswith("the closest: Europe/Berlin, Europe/Dublin, Europe/Belfast")


def test_origins_are_compared_in_one_form() -> None:
    settings = read(
        IMAGE_API_URL="https://API.example:443/v1",
        IMAGE_DOWNLOAD_ORIGINS="https://CDN.example:443/, https://cdn.example,,http://[::1]:8080",
    )
    assert settings.image_download_origins == (
        "https://cdn.example",
        "http://[::1]:8080",
        "https://api.example",
    )


def test_the_operator_decides_defaults_and_ceilings() -> None:
    operator = read(
        DAILY_LIMIT="3",
        SERVER_MONTHLY_LIMIT_CEILING="5000",
        SERVER_MONTHLY_LIMIT="900",
        BOT_DAILY_LIMIT="unlimited",
        BOT_DAILY_BUDGET="1",
        BOT_MONTHLY_BUDGET="10",
        COOLDOWN_SECONDS="15",
        DAY_TIME_ZONE="Asia/Tokyo",
    ).operator
    assert operator.bounds == {
        Setting.DAILY: Bounds(3, 100),
        Setting.MONTHLY: Bounds(None, None),
        Setting.SERVER_DAILY: Bounds(None, None),
        Setting.SERVER_MONTHLY: Bounds(900, 5000),
        Setting.PER_PROMPT: Bounds(4, 4),
        Setting.AT_ONCE: Bounds(None, None),
        Setting.COOLDOWN: Bounds(15, 15),
    }
    assert (operator.bot_daily, operator.zone) == (None, ZoneInfo("Asia/Tokyo"))
    assert operator.budgets == Budgets(2_000_000, 20_000_000, ZoneInfo("Asia/Tokyo"))


LIMITS_WITH_CEILINGS = [Setting.DAILY, Setting.MONTHLY, Setting.SERVER_DAILY, Setting.SERVER_MONTHLY]


@pytest.mark.parametrize("setting", LIMITS_WITH_CEILINGS)
@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("5", 5), ("150", 150), ("100000", 100_000), ("unlimited", None)]
)
def test_of_a_default_and_its_ceiling_either_can_be_set_alone(
    setting: Setting, text: str, value: int | None
) -> None:
    name = f"{setting.value.upper()}_LIMIT"
    default_set = read(**{name: text}).operator.bounds[setting]
    assert default_set.default == value
    assert generosity(default_set.ceiling) >= generosity(value)
    ceiling_set = read(**{f"{name}_CEILING": text}).operator.bounds[setting]
    assert ceiling_set.ceiling == value
    assert generosity(ceiling_set.default) <= generosity(value)


@pytest.mark.parametrize("default", ["101", "unlimited"])
def test_a_default_over_a_ceiling_that_is_set_too_is_a_slip(default: str) -> None:
    assert problems({**REQUIRED, "DAILY_LIMIT": default, "DAILY_LIMIT_CEILING": "100"}) == (
        "DAILY_LIMIT: is above DAILY_LIMIT_CEILING; lower one or raise the other",
    )


ONE = "197038439483310086"


@pytest.mark.parametrize(
    ("given", "share"),
    [
        ({}, 100),
        ({"BOT_DAILY_LIMIT": "7"}, 4),
        ({"BOT_DAILY_LIMIT": "1"}, 1),
        ({"BOT_DAILY_LIMIT": "0"}, 0),
        ({"BOT_DAILY_LIMIT": "unlimited"}, None),
        ({"ALLOWED_SERVERS": ONE}, None),
        ({"SERVER_DAILY_LIMIT": "unlimited"}, None),
        ({"SERVER_DAILY_LIMIT_CEILING": "unlimited"}, None),
        ({"SERVER_DAILY_LIMIT": "30", "SERVER_DAILY_LIMIT_CEILING": "40"}, 30),
    ],
)
def test_no_server_that_anybody_can_add_has_all_to_itself(given: dict[str, str], share: int | None) -> None:
    bounds = read(**given).operator.bounds[Setting.SERVER_DAILY]
    assert bounds.default == share
    assert given.get("SERVER_DAILY_LIMIT_CEILING") == "40" or bounds.ceiling == share


@pytest.mark.parametrize(
    "text", [f"{ONE},{int(ONE) + 1}", f" {ONE} ; {int(ONE) + 1},", f"{ONE} {int(ONE) + 1}"]
)
def test_the_servers_that_are_served_are_named_by_their_ids(text: str) -> None:
    operator = read(ALLOWED_SERVERS=text).operator
    assert operator.allowed_servers == frozenset({int(ONE), int(ONE) + 1})
    assert operator.serves(int(ONE))
    assert not operator.serves(3)
    assert read(ALLOWED_SERVERS="all").operator.serves(3)


@pytest.mark.parametrize("text", ["Tea house", f"{ONE},x", "-1", "9" * 20, ","])
def test_servers_that_are_no_ids_are_told(text: str) -> None:
    [problem] = problems({**REQUIRED, "ALLOWED_SERVERS": text})
    assert problem.startswith("ALLOWED_SERVERS: must be server IDs")


def test_the_secrets_are_known_in_every_form_in_which_they_could_be_written() -> None:
    settings = read(DATABASE_URL="postgres://me:p%40ss@db/d?password=other")
    for secret in ("the.discord.token", "the-image-key", "p%40ss", "p@ss", "other"):
        assert settings.redact(f"<{secret}>") == f"<{MASK}>"
    assert read().redact("the.discord.token, other") == f"{MASK}, other"


SECRET = st.text(st.characters(codec="utf-8"), min_size=6, max_size=40).map(lambda text: f"§{text.strip()}§")


@given(token=SECRET, key=SECRET, password=SECRET, name=st.sampled_from(NAMES))
def test_no_mistake_shows_what_was_written(token: str, key: str, password: str, name: str) -> None:
    wrong = {
        **dict.fromkeys(NAMES, "!"),
        "DISCORD_TOKEN": token,
        "IMAGE_API_KEY": key,
        "DATABASE_URL": f"postgres://me:{password}#@host/d",
        name: token,  # … even in the wrong place
    }
    told = repr(problems(wrong)) + "\n".join(problems(wrong))
    assert not any(secret in told for secret in (token, key, password))


@given(secret=st.text(st.characters(min_codepoint=48, max_codepoint=122), min_size=8).filter(str.isalnum))
def test_secrets_are_not_in_the_repr(secret: str) -> None:
    # The leading mark keeps the secret from being part of an ordinary word.
    settings = read(
        DISCORD_TOKEN=f"~{secret}",
        IMAGE_API_KEY=f"~{secret}",
        DATABASE_URL=f"postgres://me:~{secret}@host/d",
    )
    assert f"~{secret}" not in f"{settings!r} {settings}"
    assert settings.redact(f"<~{secret}>") == f"<{MASK}>"


def test_the_env_file_fills_what_the_environment_leaves_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "\ufeffDAILY_LIMIT=1\nBOT_DAILY_LIMIT='2'\nIMAGE_MODEL=$5${HOME}\nLOG_LEVEL=\n"
    )
    monkeypatch.setenv("DAILY_LIMIT", "")
    monkeypatch.setenv("BOT_DAILY_LIMIT", "7")
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    environ = load_environment(tmp_path).values
    assert environ["DAILY_LIMIT"] == "1"
    assert environ["BOT_DAILY_LIMIT"] == "7"
    assert environ["IMAGE_MODEL"] == "$5${HOME}"
    assert "LOG_LEVEL" not in environ


def test_there_need_not_be_an_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILY_LIMIT", "9")
    assert load_environment(tmp_path).values["DAILY_LIMIT"] == "9"


def test_an_env_file_in_another_encoding_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("DAILY_LIMIT=1".encode("utf-16"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_environment(tmp_path)


EXAMPLE_LINE = re.compile(r"^(# )?([A-Z_]+)=(.*)$")


def example_lines() -> list[tuple[bool, str, str]]:
    """Commented out or not, name, value."""
    found = [EXAMPLE_LINE.match(line) for line in EXAMPLE.read_text("utf-8").splitlines()]
    return [(bool(one[1]), one[2], one[3]) for one in found if one]


def test_the_example_has_every_setting_once_and_no_other() -> None:
    assert sorted(name for _, name, _ in example_lines()) == sorted(NAMES)


def test_the_example_shows_the_defaults() -> None:
    defaults = {one.name.upper(): one.metadata["default"] for one in fields(Settings)}
    assert {name: value or None for _, name, value in example_lines()} == defaults


def test_only_what_has_to_be_filled_in_is_not_commented_out() -> None:
    assert [name for commented, name, _ in example_lines() if not commented] == list(REQUIRED)
    assert [name for _, name, _ in example_lines()][:2] == list(REQUIRED)


def test_each_setting_of_the_example_is_explained() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    for before, line in itertools.pairwise(lines):
        if EXAMPLE_LINE.match(line):
            assert re.match(r"# \S.{20,}", before), line


def test_models_to_choose_from_have_a_name_and_count_as_so_many_images() -> None:
    written = "Fast = x-ai/grok-imagine-image, Détaillé 2=google/nano-banana-pro * 3,"
    assert read(IMAGE_CHOICES=written).operator.choices == (
        Choice("Fast", "x-ai/grok-imagine-image"),
        Choice("Détaillé 2", "google/nano-banana-pro", 3),
    )
    assert read(IMAGE_CHOICES="none").operator.choices == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("google/nano-banana-pro", "must be names with the IDs of models"),
        ("=google/nano-banana-pro", "must be names with the IDs of models"),
        ("Fast=", "number 1 has no ID of a model"),
        ("Fast=a b", "number 1 has no ID of a model"),
        ("Fast=a; Slow=b", "number 1 has no ID of a model between its = and the next comma"),
        ("Fast=a, Slow=auto", "number 2 has no ID of a model"),
        (f"{'x' * 33}=a", "a name has up to 32 letters, digits and spaces"),
        ("<@1>=a", "a name has up to 32 letters, digits and spaces"),
        ("Fast=a*", "a picture counts as 1 to 20 images"),
        ("Fast=a*0", "a picture counts as 1 to 20 images"),
        ("Fast=a*21", "a picture counts as 1 to 20 images"),
        ("Fast=a*-1", "a picture counts as 1 to 20 images"),
        ("Fast=a*1.5", "a picture counts as 1 to 20 images"),
        ("Fast=a, FAST=b", "has the same name twice"),
        ("Fast=a, Slow=A", "has the same model twice"),
        (
            ",".join(f"n{number}=m{number}" for number in range(11)),
            "must be 1 to 10 models, or the word none",
        ),
        (",", "must be 1 to 10 models, or the word none"),
    ],
)
def test_models_to_choose_from_that_can_not_be_read_say_what_is_expected(written: str, expected: str) -> None:
    [problem] = problems({**REQUIRED, "IMAGE_CHOICES": written})
    assert problem.startswith("IMAGE_CHOICES: ")
    assert expected in problem


def test_when_prompts_are_revised_is_one_of_three_words_in_any_case_and_by_several_models() -> None:
    assert read(REVISE_PROMPTS="Never").revise_prompts is WhenToRevise.NEVER
    assert read(REVISE_PROMPTS="Never").operator.revises is False
    assert read(REVISE_PROMPTS="always").operator.revises is True
    assert read(PROMPT_MODEL="a/one, two,a/one").prompt_model == ("a/one", "two")
    assert problems({**REQUIRED, "REVISE_PROMPTS": "sometimes", "PROMPT_MODEL": ","}) == (
        "REVISE_PROMPTS: must be one of auto, always, never",
        "PROMPT_MODEL: must be the IDs of 1 to 20 models with commas between them; "
        "without any, set REVISE_PROMPTS=never",
    )


@pytest.mark.parametrize(
    ("written", "styles"),
    [
        ("none", ()),
        ("DEFAULT", DEFAULT_STYLES),
        ("Noir=film noir of {prompt} in the rain", (Style("Noir", "film noir of", "in the rain"),)),
        (
            "Noir = {prompt}, noir ;\n Oil=oil of {prompt};",
            (Style("Noir", "", ", noir"), Style("Oil", "oil of")),
        ),
        ("default; Noir={prompt}, noir", (*DEFAULT_STYLES, Style("Noir", "", ", noir"))),
        ("default; photo={prompt} = so", (Style("photo", "", "= so"), *DEFAULT_STYLES[1:])),
    ],
)
def test_styles_are_names_with_what_is_painted(written: str, styles: tuple[Style, ...]) -> None:
    assert read(STYLES=written).operator.styles == styles


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Noir", "must be the word default, or names"),
        ("Noir=film noir", "must be the word default, or names"),
        ("Noir={prompt}", "must be the word default, or names"),
        ("={prompt}, noir", "must be the word default, or names"),
        ("Noir={prompt} and {prompt}", "must be the word default, or names"),
        (f"{'n' * 33}={{prompt}}, noir", "a style's name has up to 32 characters"),
        (f"Noir={{prompt}} {'n' * 301}", "after the prompt 300 each"),
        ("default; Noir={prompt}, noir; Oil=oil", "(look at number 3)"),
        ("Noir={prompt}, noir; noir={prompt}, dark", "has the same name twice (look at number 2)"),
        ("None={prompt}, noir", "can't be called none or any"),
        (";", "must be 1 to 25 styles"),
        (";".join(f"{number}={{prompt}}!" for number in range(26)), "must be 1 to 25 styles"),
    ],
)
def test_a_style_that_says_nothing_is_a_mistake_that_is_told(written: str, expected: str) -> None:
    [problem] = problems({**REQUIRED, "STYLES": written})
    assert problem.startswith("STYLES: ")
    assert expected in problem


def test_an_operator_decides_who_sees_pictures_or_leaves_it_open() -> None:
    decided = read(PRIVATE_PICTURES="Forbidden", SPOILER_PICTURES="required").operator
    assert (decided.private, decided.spoiler) == (Requirement.FORBIDDEN, Requirement.REQUIRED)
    [problem] = problems({**REQUIRED, "PRIVATE_PICTURES": "no"})
    assert "must be one of optional, required, forbidden" in problem
