"""Which proxy leads to what, from the environment."""

from __future__ import annotations

import pytest

from bot.settings.proxies import adopt, proxy_for, unusable

API, GATEWAY, NEAR = "https://discord.com/api/v10", "wss://gateway.discord.gg/", "http://127.0.0.1:8080/api"


@pytest.mark.parametrize(
    ("environ", "url", "proxy"),
    [
        ({}, API, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, API, "http://proxy:3128"),
        ({"https_proxy": "http://proxy:3128"}, GATEWAY, "http://proxy:3128"),
        ({"https_proxy": "http://small", "HTTPS_PROXY": "http://large"}, API, "http://small"),
        ({"HTTPS_PROXY": "proxy:3128"}, API, "http://proxy:3128"),
        ({"HTTPS_PROXY": "http://me:pa%20ss@proxy:3128"}, API, "http://me:pa%20ss@proxy:3128"),
        ({"HTTP_PROXY": "http://proxy"}, API, None),
        ({"HTTP_PROXY": "http://proxy"}, "http://rest.internal/api", "http://proxy"),
        ({"ALL_PROXY": "http://proxy"}, GATEWAY, "http://proxy"),
        ({"HTTPS_PROXY": "http://one", "ALL_PROXY": "http://other"}, API, "http://one"),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "discord.com"}, API, None),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "example.com, .discord.com"}, API, None),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "discord.com"}, GATEWAY, "http://proxy"),
        ({"HTTPS_PROXY": "http://proxy", "no_proxy": "*"}, GATEWAY, None),
        ({"HTTP_PROXY": "http://proxy", "ALL_PROXY": "http://proxy"}, NEAR, None),
        ({"HTTPS_PROXY": "socks5://proxy:1080"}, API, None),
        ({"HTTPS_PROXY": "http://proxy:port"}, API, None),
        ({"HTTPS_PROXY": "http://"}, API, None),
        ({"HTTPS_PROXY": " "}, API, None),
    ],
)
def test_the_proxy_is_the_one_that_the_environment_names(
    environ: dict[str, str], url: str, proxy: str | None
) -> None:
    assert proxy_for(url, environ) == proxy


def test_a_proxy_that_cannot_be_used_is_named_and_not_shown() -> None:
    environ = {
        "HTTPS_PROXY": "socks5://me:secret@proxy",
        "ALL_PROXY": "http://[",
        "HTTP_PROXY": "http://fine",
    }
    assert unusable(environ) == ("HTTPS_PROXY", "ALL_PROXY")


def test_what_the_file_says_and_all_proxy_count_for_the_libraries_and_this_machine_is_left_alone() -> None:
    environ = {"no_proxy": "db.internal"}
    adopt({"ALL_PROXY": "http://proxy", "NO_PROXY": "ignored"}, environ)
    assert (environ["HTTPS_PROXY"], environ["HTTP_PROXY"]) == ("http://proxy", "http://proxy")
    assert environ["NO_PROXY"] == environ["no_proxy"] == "db.internal,localhost,127.0.0.1,::1"
    untouched: dict[str, str] = {"PATH": "/bin"}
    adopt({}, untouched)
    assert untouched == {"PATH": "/bin"}
