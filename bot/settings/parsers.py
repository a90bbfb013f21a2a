"""From a setting's text to its value; what can't be read says what is expected instead, and never repeats the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from bot.core.limits.budgets import CREDITS_PER_DOLLAR
from bot.core.limits.errors import UnknownTimeZone
from bot.core.limits.policy import LONGEST_CHOICE_NAME, MOST_CHOICES, MOST_IMAGES, MOST_WEIGHT, Choice
from bot.core.limits.styles import (
    DEFAULT_STYLES,
    LONGEST_STYLE_NAME,
    LONGEST_STYLE_TEXT,
    MOST_STYLES,
    RESERVED_KEYS,
    Style,
)
from bot.core.limits.time_zones import zone_label, zone_named
from bot.core.word_filter.prompt_text import visible_text
from bot.settings.database_url import parse_url
from bot.settings.proxies import is_loopback

MOST_DOLLARS = 100_000
DEFAULT_PORTS = {"https": 443, "http": 80}
_WITH_V1 = frozenset({"api.aimlapi.com", "api.x.ai", "api.openai.com"})
INTERNAL_NAMES = (".internal", ".local", ".localhost")
_NO_MODELS = frozenset(
    {"all", "always", "auto", "false", "never", "no", "none", "off", "on", "true", "unlimited", "yes"}
)
"""Other settings are switched by these; taken for the ID of a model, such a word would fail at each order."""
MOST_MODELS = 20
"""In one list: each may be asked for in one command."""


class Unreadable(Exception):
    """Its text completes "NAME: ", and is shown: it holds nothing of the value."""


def credential(scheme: str, where: str) -> Callable[[str], str]:
    """`scheme` is the word that goes before it in a request, and that people copy along with it."""

    def read(text: str) -> str:
        if text.lower().startswith(f"{scheme.lower()} "):
            raise Unreadable(f"remove the word “{scheme}” before it")
        if not re.fullmatch(r"[!-~]+", text):
            raise Unreadable(f"doesn't look like one: it has spaces or unusual characters. {where}")
        return text

    return read


def whole_number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        # int() takes more than people mean: 1_000, +5, digits of other scripts.
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise Unreadable(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def whole_number_or_unlimited(least: int, most: int) -> Callable[[str], int | None]:
    read_number = whole_number(least, most)

    def read(text: str) -> int | None:
        if text.lower() == "unlimited":
            return None
        try:
            return read_number(text)
        except Unreadable as expected:
            raise Unreadable(f"{expected}, or the word unlimited") from None

    return read


def snowflake_or_none(text: str) -> int | None:
    """One of Discord's ids, as “Copy Channel ID” gives it."""
    if text.lower() == "none":
        return None
    if not re.fullmatch(r"[0-9]{15,20}", text) or int(text) >= 2**63:
        raise Unreadable(
            "must be an ID of 17 to 20 digits (developer mode, right click, Copy Channel ID), or the word none"
        )
    return int(text)


def servers_or_all(text: str) -> frozenset[int] | None:
    """Discord's ids with commas or spaces between them; None for `all`."""
    if text.lower() == "all":
        return None
    parts = re.split(r"[\s,;]+", text.strip(" ,;"))
    if not all(re.fullmatch(r"[0-9]{15,20}", part) and int(part) < 2**63 for part in parts):
        raise Unreadable(
            "must be server IDs with commas between them (developer mode, right click on the server, Copy Server ID), "
            "or the word all"
        )
    return frozenset(map(int, parts))


limit = whole_number_or_unlimited(0, MOST_IMAGES)
"""Images, None for `unlimited`. A slip of the finger must not become "as many as they like"."""


def budget(text: str) -> int | None:
    """Dollars and cents, in credits of the image API; None for `unlimited`."""
    if text.lower() == "unlimited":
        return None
    found = re.fullmatch(r"\$?([0-9]{1,6}(?:\.[0-9]{1,4})?)", text)
    if not found or (dollars := Decimal(found[1])) > MOST_DOLLARS:
        raise Unreadable(
            f"must be an amount in dollars from 0 to {MOST_DOLLARS}, such as 2.50, or the word unlimited"
        )
    return int(dollars * CREDITS_PER_DOLLAR)


def on_or_off(text: str) -> bool:
    """Raises Unreadable."""
    return one_of("on", "off")(text) == "on"


def one_of(*words: str) -> Callable[[str], str]:
    """Whatever the case it is written in, the word comes out as it is here."""
    known = {word.lower(): word for word in words}

    def read(text: str) -> str:
        if text.lower() not in known:
            raise Unreadable(f"must be one of {', '.join(words)}")
        return known[text.lower()]

    return read


def model_id(text: str) -> str:
    if not re.fullmatch(r"[\w.:/@+-]{1,200}", text, re.ASCII) or text.lower() in _NO_MODELS:
        raise Unreadable("must be the ID of a model, such as x-ai/grok-2-image")
    return text


def model_ids(text: str) -> tuple[str, ...]:
    """From a list with commas, in its order; each once."""
    expected = f"must be the IDs of 1 to {MOST_MODELS} models with commas between them"
    try:
        found = tuple(dict.fromkeys(model_id(part) for part in map(str.strip, text.split(",")) if part))
    except Unreadable:
        raise Unreadable(expected) from None
    if not found or len(found) > MOST_MODELS:
        raise Unreadable(expected)
    return found


def prompt_model_ids(text: str) -> tuple[str, ...]:
    """As `model_ids`; there is another setting for whoever wants none."""
    try:
        return model_ids(text)
    except Unreadable as expected:
        raise Unreadable(f"{expected}; without any, set REVISE_PROMPTS=never") from None


def model_ids_or_auto(text: str) -> tuple[str, ...] | None:
    """As `model_ids`; none of them for `none`, and None for `auto`."""
    match text.lower():
        case "auto":
            return None
        case "none":
            return ()
    try:
        return model_ids(text)
    except Unreadable as expected:
        raise Unreadable(f"{expected}; or the word auto or none") from None


def model_id_or_none(text: str) -> str | None:
    return None if text.lower() == "none" else model_id(text)


def choices(text: str) -> tuple[Choice, ...]:
    """`Fast=x-ai/grok-imagine-image, Detailed=google/nano-banana-pro*3`; `none` for none. In their order."""
    if text.lower() == "none":
        return ()
    expected = (
        "must be names with the IDs of models, and with *3 what counts as 3 images, such as "
        "Fast=x-ai/grok-imagine-image, Detailed=google/nano-banana-pro*3"
    )
    found = list[Choice]()
    for part in filter(None, map(str.strip, text.split(","))):
        name, has_model, rest = map(str.strip, part.partition("="))
        model, has_weight, weight = map(str.strip, rest.partition("*"))
        if not (has_model and re.fullmatch(rf"[\w .+'()&-]{{1,{LONGEST_CHOICE_NAME}}}", name)):
            raise Unreadable(f"{expected}; a name has up to {LONGEST_CHOICE_NAME} letters, digits and spaces")
        if has_weight and not (re.fullmatch("[0-9]{1,2}", weight) and 1 <= int(weight) <= MOST_WEIGHT):
            raise Unreadable(f"{expected}; a picture counts as 1 to {MOST_WEIGHT} images")
        try:
            found.append(Choice(name, model_id(model), int(weight) if has_weight else 1))
        except Unreadable:
            raise Unreadable(
                f"{expected}; number {len(found) + 1} has no ID of a model between its = and the next comma"
            ) from None
    for what, values in (
        ("name", [one.name.casefold() for one in found]),
        ("model", [one.model.casefold() for one in found]),
    ):
        if len(set(values)) < len(values):
            raise Unreadable(f"has the same {what} twice")
    if not 1 <= len(found) <= MOST_CHOICES:
        raise Unreadable(f"must be 1 to {MOST_CHOICES} models, or the word none")
    return tuple(found)


def styles(text: str) -> tuple[Style, ...]:
    """`default; Noir=film noir of {prompt}, hard shadows`: in their order; `none` for none.

    A name that is one of the default styles takes its place.
    """
    if text.lower() == "none":
        return ()
    found, own = dict[str, Style](), set[str]()
    for number, part in enumerate(filter(None, map(str.strip, re.split(r"[;\n]", text))), 1):
        if part.lower() == "default":
            found.update((style.key, style) for style in DEFAULT_STYLES)
            continue
        try:
            style = _style(part)
        except Unreadable as wrong:
            raise Unreadable(f"{wrong} (look at number {number})") from None
        if style.key in own:
            raise Unreadable(f"has the same name twice (look at number {number})")
        own.add(style.key)
        found[style.key] = style
    if not 1 <= len(found) <= MOST_STYLES:
        raise Unreadable(f"must be 1 to {MOST_STYLES} styles, or the word none")
    return tuple(found.values())


def _style(written: str) -> Style:
    name, _, painted = written.partition("=")
    before, has_prompt, after = painted.partition("{prompt}")
    style = Style.typed(name, before, after)
    if not (style.key and has_prompt and (style.before or style.after) and "{prompt}" not in after):
        raise Unreadable(
            "must be the word default, or names with what is painted and {prompt} in it once, such as "
            "Noir={prompt}, film noir, hard shadows; with a semicolon between two"
        )
    if style.key in RESERVED_KEYS:
        raise Unreadable("a style can't be called none or any")
    if (style.name, style.before, style.after) != tuple(map(visible_text, (name, before, after))):
        raise Unreadable(
            f"a style's name has up to {LONGEST_STYLE_NAME} characters, "
            f"and what stands before and after the prompt {LONGEST_STYLE_TEXT} each"
        )
    return style


def zone(text: str) -> ZoneInfo:
    try:
        return zone_named(text)
    except UnknownTimeZone as unknown:
        if not unknown.nearest:
            raise Unreadable("must be the name of a time zone, such as Europe/Berlin") from None
        near = ", ".join(map(zone_label, unknown.nearest))
        raise Unreadable(
            f"must be the name of a time zone, such as Europe/Berlin; the closest: {near}"
        ) from None


def api_url(text: str) -> str:
    """Without a slash at its end."""
    return _address(text, "https", "http").rstrip("/")


def image_api_url(text: str) -> str:
    """Up to and with /v1: people copy the address of an order, and leave out what all addresses begin with."""
    url = urlsplit(api_url(text))
    path = re.sub("/+", "/", url.path)
    for ending in ("/generations", "/edits", "/images", "/models", "/chat/completions"):
        path = path.removesuffix(ending)
    if not path and url.hostname in _WITH_V1:
        path = "/v1"
    return f"{url.scheme}://{url.netloc}{path}"


def gateway_url(text: str) -> str:
    return _address(text, "wss", "ws")


def _address(text: str, secure: str, plain: str) -> str:
    url = _split(text, f"must be a URL that begins with {secure}://")
    if url.scheme not in (secure, plain):
        raise Unreadable(f"must be a URL that begins with {secure}://")
    host = url.hostname or ""
    try:
        internal = ip_address(host).is_private
    except ValueError:
        internal = "." not in host or host.endswith(INTERNAL_NAMES)
    # Where a proxy for the API runs beside the bot, its address can't be on the internet.
    if url.scheme == plain and not internal:
        raise Unreadable(
            f"must be a URL that begins with {secure}://; {plain}:// is for your own network only"
        )
    if url.username is not None or url.query or url.fragment:
        raise Unreadable("must be a URL without a user name, ? or #")
    return text


def origins(text: str) -> tuple[str, ...]:
    """From a list with commas; each once."""
    expected = (
        "must be origins with commas between them, such as https://cdn.example.com (nothing after the name)"
    )
    found = list[str]()
    for part in filter(None, map(str.strip, text.split(","))):
        url = _split(part, expected)
        if url.scheme not in DEFAULT_PORTS or url.path not in ("", "/") or url.query or url.fragment:
            raise Unreadable(expected)
        if url.username is not None:
            raise Unreadable(expected)
        if url.scheme == "http" and not is_loopback(url.hostname or ""):
            raise Unreadable(f"{expected}; http:// is for this machine only")
        found.append(origin_of(part))
    return tuple(dict.fromkeys(found))


def origin_of(address: str) -> str:
    """scheme://host[:port] of a valid URL, in lower case, without the port that goes without saying."""
    url = urlsplit(address)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    port = "" if url.port in (None, DEFAULT_PORTS.get(url.scheme)) else f":{url.port}"
    return f"{url.scheme}://{host}{port}"


def database_url(text: str) -> str:
    try:
        parse_url(text)
    except ValueError as expected:
        raise Unreadable(str(expected)) from None
    return text


def _split(text: str, expected: str) -> SplitResult:
    """A URL with a host, in plain ASCII, whose port is a number."""
    try:
        url = urlsplit(text)
        if re.fullmatch(r"[!-~]+", text) and url.hostname and url.port != 0:
            return url
    except ValueError:
        pass
    raise Unreadable(expected)
