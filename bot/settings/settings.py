"""What the operator decides: read once, all mistakes reported at once, never changed after."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from bot.core.generation.revision import WhenToRevise
from bot.core.limits.meters import Limit, generosity
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import (
    LONGEST_COOLDOWN,
    MOST_AT_ONCE,
    MOST_IMAGES,
    MOST_PER_PROMPT,
    Bounds,
    Choice,
    FailureLimits,
    Operator,
    Setting,
)
from bot.core.limits.styles import Style
from bot.core.redaction import Redact, Redactor
from bot.settings import parsers, proxies
from bot.settings.model_fields import ModelFields, model_fields
from bot.settings.parsers import Unreadable

NEAR = 0.8
"""Of difflib's ratio: some letters or a word too few or too many is a slip; IMAGE_NAME may be somebody else's."""

WHERE_THE_TOKEN_IS = (
    "You'll find it at https://discord.com/developers/applications: your application, Bot, Reset Token"
)
WHERE_THE_KEY_IS = "You'll find it at https://aimlapi.com/app/keys"


class SettingsError(Exception):
    """One line for each mistake, in the words of the operator; no line holds a value."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def variable(
    read: Callable[[str], object], default: str | None = None, where: str = ""
) -> dict[str, Callable[[str], object] | str | None]:
    """For a field named after its environment variable. Without a default it has to be set."""
    return {"read": read, "default": default, "where": where}


def _when_to_revise(text: str) -> WhenToRevise:
    return WhenToRevise(parsers.one_of(*WhenToRevise)(text))


def _requirement(text: str) -> Requirement:
    return Requirement(parsers.one_of(*Requirement)(text))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Limits are in images, budgets in credits of the image API; None is unlimited.

    `image_model` ends with that of IMAGE_FALLBACK_MODEL, where there is one.
    """

    discord_token: str = field(
        repr=False,
        metadata=variable(parsers.credential("Bot", WHERE_THE_TOKEN_IS), where=WHERE_THE_TOKEN_IS),
    )
    image_api_key: str = field(
        repr=False, metadata=variable(parsers.credential("Bearer", WHERE_THE_KEY_IS), where=WHERE_THE_KEY_IS)
    )
    image_api_url: str = field(metadata=variable(parsers.image_api_url, "https://api.aimlapi.com/v1"))
    image_model: tuple[str, ...] = field(
        metadata=variable(
            parsers.model_ids, "x-ai/grok-2-image, x-ai/grok-imagine-image-2.0, x-ai/grok-imagine-image"
        )
    )
    image_fallback_model: str | None = field(metadata=variable(parsers.model_id_or_none, "none"))
    image_edit_model: tuple[str, ...] | None = field(metadata=variable(parsers.model_ids_or_auto, "auto"))
    image_model_fields: Mapping[str, ModelFields] = field(metadata=variable(model_fields, "none"))
    image_choices: tuple[Choice, ...] = field(metadata=variable(parsers.choices, "none"))
    styles: tuple[Style, ...] = field(metadata=variable(parsers.styles, "default"))
    private_pictures: Requirement = field(metadata=variable(_requirement, Requirement.OPTIONAL))
    spoiler_pictures: Requirement = field(metadata=variable(_requirement, Requirement.OPTIONAL))
    revise_prompts: WhenToRevise = field(metadata=variable(_when_to_revise, WhenToRevise.AUTO))
    prompt_model: tuple[str, ...] = field(
        metadata=variable(
            parsers.prompt_model_ids,
            "x-ai/grok-4-20-0309-non-reasoning, x-ai/grok-4.20-non-reasoning, openai/gpt-4.1-mini-2025-04-14",
        )
    )
    image_download_origins: tuple[str, ...] = field(
        metadata=variable(parsers.origins, "https://cdn.aimlapi.com,https://imgen.x.ai")
    )
    image_timeout_seconds: int = field(metadata=variable(parsers.whole_number(1, 600), "120"))
    image_concurrency: int = field(metadata=variable(parsers.whole_number(1, 1000), "64"))
    show_costs: bool = field(metadata=variable(parsers.on_or_off, "off"))
    operator_channel_id: int | None = field(metadata=variable(parsers.snowflake_or_none, "none"))
    allowed_servers: frozenset[int] | None = field(metadata=variable(parsers.servers_or_all, "all"))
    low_balance: int = field(metadata=variable(parsers.whole_number(0, 1_000_000), "5"))
    daily_limit: Limit = field(metadata=variable(parsers.limit, "10"))
    daily_limit_ceiling: Limit = field(metadata=variable(parsers.limit, "100"))
    monthly_limit: Limit = field(metadata=variable(parsers.limit, "unlimited"))
    monthly_limit_ceiling: Limit = field(metadata=variable(parsers.limit, "unlimited"))
    server_daily_limit: Limit = field(metadata=variable(parsers.limit, "unlimited"))
    server_daily_limit_ceiling: Limit = field(metadata=variable(parsers.limit, "unlimited"))
    server_monthly_limit: Limit = field(metadata=variable(parsers.limit, "unlimited"))
    server_monthly_limit_ceiling: Limit = field(metadata=variable(parsers.limit, "unlimited"))
    bot_daily_limit: Limit = field(metadata=variable(parsers.limit, "200"))
    bot_daily_budget: Limit = field(metadata=variable(parsers.budget, "unlimited"))
    bot_monthly_budget: Limit = field(metadata=variable(parsers.budget, "unlimited"))
    direct_daily_limit: Limit = field(metadata=variable(parsers.limit, "0"))
    failed_daily_limit: Limit = field(
        metadata=variable(parsers.whole_number_or_unlimited(1, MOST_IMAGES), "8")
    )
    server_failed_daily_limit: Limit = field(
        metadata=variable(parsers.whole_number_or_unlimited(1, MOST_IMAGES), "40")
    )
    max_images_per_prompt: int = field(metadata=variable(parsers.whole_number(1, MOST_PER_PROMPT), "4"))
    at_once_limit: Limit = field(
        metadata=variable(parsers.whole_number_or_unlimited(1, MOST_AT_ONCE), "unlimited")
    )
    cooldown_seconds: int = field(metadata=variable(parsers.whole_number(0, LONGEST_COOLDOWN), "0"))
    day_time_zone: ZoneInfo = field(metadata=variable(parsers.zone, "UTC"))
    database_url: str = field(
        repr=False, metadata=variable(parsers.database_url, "sqlite:///data/imagine.db")
    )
    keep_prompts_days: int = field(metadata=variable(parsers.whole_number(0, 3650), "30"))
    # Most hosts kill a process 30 s after they have asked it to stop.
    shutdown_grace_seconds: int = field(metadata=variable(parsers.whole_number(0, 600), "20"))
    log_level: str = field(
        metadata=variable(parsers.one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), "INFO")
    )
    log_format: str = field(metadata=variable(parsers.one_of("auto", "text", "json"), "auto"))
    discord_api_url: str = field(metadata=variable(parsers.api_url, "https://discord.com/api/v10"))
    discord_gateway_url: str = field(metadata=variable(parsers.gateway_url, "wss://gateway.discord.gg/"))

    @property
    def operator(self) -> Operator:
        """Where a limit has one variable only, its default is its ceiling."""
        bounds = {
            Setting.DAILY: Bounds(self.daily_limit, self.daily_limit_ceiling),
            Setting.MONTHLY: Bounds(self.monthly_limit, self.monthly_limit_ceiling),
            Setting.SERVER_DAILY: Bounds(self.server_daily_limit, self.server_daily_limit_ceiling),
            Setting.SERVER_MONTHLY: Bounds(self.server_monthly_limit, self.server_monthly_limit_ceiling),
            Setting.PER_PROMPT: Bounds(self.max_images_per_prompt, self.max_images_per_prompt),
            Setting.AT_ONCE: Bounds(self.at_once_limit, self.at_once_limit),
            Setting.COOLDOWN: Bounds(self.cooldown_seconds, self.cooldown_seconds),
        }
        return Operator(
            bounds,
            self.bot_daily_limit,
            self.day_time_zone,
            allowed_servers=self.allowed_servers,
            choices=self.image_choices,
            revises=self.revise_prompts is not WhenToRevise.NEVER,
            styles=self.styles,
            private=self.private_pictures,
            spoiler=self.spoiler_pictures,
            daily_budget=self.bot_daily_budget,
            monthly_budget=self.bot_monthly_budget,
            direct_daily=self.direct_daily_limit,
        )

    @property
    def failure_limits(self) -> FailureLimits:
        return FailureLimits(self.failed_daily_limit, self.server_failed_daily_limit, self.day_time_zone)

    @property
    def superseded(self) -> tuple[str, ...]:
        """One line for each setting in use that another one has taken the place of."""
        if self.image_fallback_model is None:
            return ()
        models = ", ".join(self.image_model)
        return (f"IMAGE_FALLBACK_MODEL: IMAGE_MODEL takes several; set IMAGE_MODEL={models} instead",)

    @cached_property
    def redact(self) -> Redact:
        """Takes out of a text what no line of a log, no alert and no answer may show.

        One for all: what it looks for has a thousand parts.
        """
        url = urlsplit(self.database_url)
        written = [url.password or "", *parse_qs(url.query).get("password", [])]
        # As written in the URL, and as the database knows them.
        passwords = tuple(dict.fromkeys(form for one in written for form in (one, unquote(one)) if form))
        return Redactor(passwords, (self.discord_token, self.image_api_key))


NAMES = tuple(one.name.upper() for one in fields(Settings))


@dataclass(frozen=True, slots=True)
class Environment:
    """`values` that hold, `written` the names that the file gives a value."""

    values: Mapping[str, str] = field(repr=False)
    written: tuple[str, ...] = ()

    @property
    def unknown_names(self) -> tuple[str, ...]:
        """Names in the file that are like no setting: docker compose and others read the same file."""
        known = {*NAMES, *proxies.NAMES}
        return tuple(name for name in self.written if name.upper() not in known and not _nearest(name))


def read_settings(environ: Mapping[str, str], written: Sequence[str] = ()) -> Settings:
    """Raises SettingsError. A variable that is empty counts as one that is not set.

    `written` are the names in `.env`: one that is nearly a setting's was meant to be it, and what it says is not in
    force. The environment proper has too many names of others for that.
    """
    values: dict[str, Any] = {}
    problems: list[str] = [
        f"{name}: isn't a setting; did you mean {near}?"
        for name in written
        if name not in NAMES and (near := _nearest(name))
    ]
    for one in fields(Settings):
        name = one.name.upper()
        try:
            text, default = environ.get(name, "").strip(), one.metadata["default"]
            if not text and default is None:
                raise Unreadable(f"must be set. {one.metadata['where']}")
            if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
                raise Unreadable("remove the quotation marks around it")
            values[one.name] = one.metadata["read"](text or default)
        except Unreadable as expected:
            problems.append(f"{name}: {expected}")
    given = {one.name for one in fields(Settings) if environ.get(one.name.upper(), "").strip()}
    problems += _complete(values, given)
    if problems:
        raise SettingsError(tuple(problems))
    return Settings(**values)


def load_environment(folder: Path) -> Environment:
    """The real environment, and `folder/.env` for what is not set there. Raises SettingsError."""
    try:
        written = _read(folder / ".env")
    except UnicodeDecodeError:
        raise SettingsError((".env: save it as UTF-8; it's in another encoding",)) from None
    except OSError as error:
        raise SettingsError((f".env: can't be read ({error.strerror})",)) from None
    given = {name: value for name, value in os.environ.items() if value.strip()}
    filled = {name: value for name, value in written.items() if value}
    return Environment({**filled, **given}, tuple(filled))


def _read(file: Path) -> dict[str, str | None]:
    """Raises UnicodeDecodeError and OSError."""
    if not file.exists():  # as in a container
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 — imported where there is something to read

    # utf-8-sig: some editors on Windows put a mark before the first name. A $ in a password is just a $.
    return dotenv_values(file, encoding="utf-8-sig", interpolate=False)


def _complete(values: dict[str, Any], given: set[str]) -> list[str]:
    """Fill in what follows from several settings together; the contradictions among them.

    `given` are the names of those that are set. One that could not be read is missing among `values`.
    """
    problems = list[str]()
    ceilings = [one.name for one in fields(Settings) if one.name.endswith("_ceiling")]
    for ceiling in ceilings:
        limit = ceiling.removesuffix("_ceiling")
        if not {limit, ceiling} <= values.keys() or generosity(values[limit]) <= generosity(values[ceiling]):
            continue
        if {limit, ceiling} <= given:
            problems.append(f"{limit.upper()}: is above {ceiling.upper()}; lower one or raise the other")
        elif limit in given:  # the one that is not set follows the other: DAILY_LIMIT=150 raises the ceiling
            values[ceiling] = values[limit]
        else:
            values[limit] = values[ceiling]
    if not {"server_daily_limit", "server_daily_limit_ceiling"} & given and "bot_daily_limit" in values:
        # Where anybody can invite the bot, no server has all of its images to itself.
        whole: Limit = values["bot_daily_limit"]
        half = None if whole is None or values.get("allowed_servers") is not None else (whole + 1) // 2
        values |= {"server_daily_limit": half, "server_daily_limit_ceiling": half}
    if values.get("image_fallback_model") and "image_model" in values:
        values["image_model"] = tuple(dict.fromkeys((*values["image_model"], values["image_fallback_model"])))
    if {"image_download_origins", "image_api_url"} <= values.keys():
        own_origin = parsers.origin_of(values["image_api_url"])
        values["image_download_origins"] = tuple(
            dict.fromkeys((*values["image_download_origins"], own_origin))
        )
    return problems


def _nearest(name: str) -> str | None:
    """The setting whose name was meant, where one is so near that it can be nothing else."""
    from difflib import get_close_matches  # noqa: PLC0415 — seldom needed, and not small

    return next(iter(get_close_matches(name.upper(), NAMES, n=1, cutoff=NEAR)), None)
