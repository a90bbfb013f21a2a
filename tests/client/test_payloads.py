"""What Discord adds or leaves out costs no interaction, and nothing that a limit depends on is made up."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bot.client.payloads import DEFAULT_UPLOAD_LIMIT, address, is_complete, readable

APPLICATION = 99
USER = {"id": "7", "username": "Ada", "discriminator": "0", "avatar": None}
COMMAND: dict[str, Any] = {
    "id": "1",
    "application_id": "99",
    "type": 2,
    "token": "a-token",
    "version": 1,
    "data": {"id": "2", "name": "imagine", "type": 1},
    "guild_id": "5",
    "guild": {"id": "5", "features": [], "locale": "en-US"},
    "channel_id": "6",
    "channel": {"id": "6", "type": 0, "name": "art", "position": 3, "nsfw": True, "parent_id": "4"},
    "member": {"user": USER, "roles": ["8", "9"], "permissions": "32", "flags": 0, "joined_at": None},
    "app_permissions": "2048",
    "attachment_size_limit": 26214400,
    "context": 0,
    "locale": "de",
    "entitlements": [],
}
PRESSED: dict[str, Any] = {
    "id": "12",
    "channel_id": "6",
    "type": 0,
    "content": "a fox",
    "mentions": [],
    "author": USER,
    "components": [{"type": 1, "components": [{"type": 2, "style": 2, "custom_id": "again:1"}]}],
    "embeds": [{"image": {"url": "https://cdn/1.png"}}],
    "attachments": [
        {"id": "3", "url": "https://cdn/2.png", "filename": "2.png", "content_type": "image/png"}
    ],
}
THREAD = {"id": "6", "type": 11, "name": "a thread", "parent_id": "3", "owner_id": "7"}
DIRECT = {name: value for name, value in COMMAND.items() if name not in ("guild_id", "guild", "member")} | {
    "user": USER,
    "channel": {"id": "6", "type": 1},
}


def changed(**values: object) -> dict[str, Any]:
    return {**copy.deepcopy(COMMAND), **values}


def chosen_for(message: object) -> dict[str, Any]:
    """An entry of its menu."""
    return changed(data={"type": 3, "target_id": "12", "resolved": {"messages": {"12": message}}})


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in copy.deepcopy(COMMAND).items() if name not in names}


def test_what_the_limits_depend_on_is_kept() -> None:
    kept = readable(COMMAND, APPLICATION)
    assert kept is not None
    assert kept["guild_id"] == "5"
    assert kept["member"]["roles"] == ["8", "9"]
    assert kept["member"]["permissions"] == "32"
    assert {name: kept["channel"][name] for name in ("id", "type", "nsfw", "parent_id")} == {
        "id": "6",
        "type": 0,
        "nsfw": True,
        "parent_id": "4",
    }
    assert (kept["token"], kept["data"]) == ("a-token", COMMAND["data"])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"1": "7"}, {"1": "7"}),
        ({"0": "5", "1": 7, "2": "x"}, {"0": "5", "1": "7"}),
        ({"0": {"new": "shape"}}, {"0": "5"}),
        ({"1": {"new": "shape"}}, {"1": "0"}),
        ({}, None),
        (["1"], None),
        (None, None),
    ],
)
def test_who_has_the_bot_there_is_kept_whatever_shape_their_ids_have(sent: object, kept: object) -> None:
    found = readable(changed(authorizing_integration_owners=sent), APPLICATION)
    assert found is not None
    assert found.get("authorizing_integration_owners") == kept


@pytest.mark.parametrize("zero", ["0", 0])
def test_a_direct_message_with_the_bot_is_in_no_server_that_has_it(zero: object) -> None:
    found = readable({**DIRECT, "authorizing_integration_owners": {"0": zero}}, APPLICATION)
    assert found is not None
    assert found["authorizing_integration_owners"] == {"0": "0"}


@pytest.mark.parametrize(
    "odd",
    [
        changed(entitlements=[{"kind": "new"}]),
        changed(entitlements=None, authorizing_integration_owners={"a": {}}),
        changed(attachment_size_limit=None, version=None, locale=None, context=[7]),
        changed(guild={"emojis": 5}, app_permissions=None, application_id=None),
        changed(member={**COMMAND["member"], "roles": ["8", "new-kind", None]}),
        changed(member={"user": {"id": "7"}}),
        changed(channel={**COMMAND["channel"], "type": 99}),
        without("version", "attachment_size_limit", "entitlements", "context", "app_permissions", "guild"),
        DIRECT,
        changed(channel=THREAD),
    ],
)
def test_what_nothing_depends_on_may_be_odd_or_missing(odd: dict[str, Any]) -> None:
    kept = readable(odd, APPLICATION)
    assert kept is not None
    assert kept["attachment_size_limit"] in (DEFAULT_UPLOAD_LIMIT, 26214400)
    assert kept["application_id"] == "99"


def test_of_the_message_below_which_was_pressed_all_is_kept_that_can_be_read() -> None:
    odd = {**PRESSED, "embeds": [[], {**PRESSED["embeds"][0], "thumbnail": 7}], "attachments": [{"id": "x"}]}
    kept = readable(changed(message={**odd, "author": None, "flags": "new"}), APPLICATION)
    assert kept is not None
    message = kept["message"]
    assert (message["id"], message["author"]["id"], message["flags"]) == ("12", "0", 0)
    assert message["components"] == PRESSED["components"]
    assert message["embeds"] == [{}, *PRESSED["embeds"]]
    assert message["attachments"] == []
    nothing = readable(changed(message={"id": "12"}), APPLICATION)
    assert nothing is not None
    assert (nothing["message"]["components"], nothing["message"]["embeds"]) == ([], [])


def test_of_the_message_that_a_menu_was_opened_on_all_is_kept_that_can_be_read() -> None:
    whole = {**PRESSED, "message_snapshots": [{"message": {}}]}
    for message, kept in (
        (whole, whole),
        ({"id": "12", "content": "a hen"}, {"content": "a hen", "embeds": []}),
    ):
        found = readable(chosen_for(message), APPLICATION)
        assert found is not None
        read = found["data"]["resolved"]["messages"]["12"]
        assert {name: read[name] for name in kept} == kept
    for odd in (None, 7, {}, {"id": "x"}):
        assert readable(chosen_for(odd), APPLICATION) is None


def test_a_role_that_is_no_number_is_left_out_alone() -> None:
    kept = readable(changed(member={**COMMAND["member"], "roles": ["8", "new-kind", "9"]}), APPLICATION)
    assert kept is not None
    assert kept["member"]["roles"] == ["8", "9"]


@pytest.mark.parametrize(
    "odd",
    [
        changed(guild_id="odd"),
        changed(guild_id=None),
        changed(member=None),
        changed(member={"user": None}),
        changed(channel=None),
        changed(channel={**THREAD, "parent_id": None}),
        changed(channel={**COMMAND["channel"], "parent_id": {}}),
        changed(type=77),
        changed(type=[]),
        changed(data=None),
        changed(token=None),
        changed(id="x"),
        changed(message={"id": None}),
        None,
        [],
        "text",
    ],
)
def test_what_a_limit_depends_on_is_never_made_up(odd: Any) -> None:
    assert readable(odd, APPLICATION) is None


@pytest.mark.parametrize(
    ("odd", "found"),
    [
        (COMMAND, (1, "a-token")),
        (changed(data=None, member=None), (1, "a-token")),
        (changed(token="../../messages"), None),
        (changed(token=""), None),
        (changed(token=".."), None),
        (changed(token="\ud800"), None),
        (changed(token="a+b:c==.d~e-f_g"), (1, "a+b:c==.d~e-f_g")),
        (changed(id=True), None),
        (changed(id="9" * 400), None),
        (None, None),
    ],
)
def test_whoever_can_be_answered_is_known(odd: Any, found: tuple[int, str] | None) -> None:
    assert address(odd) == found


@pytest.mark.parametrize(
    ("payload", "trusted"),
    [
        (COMMAND, True),
        (DIRECT, True),
        (without("channel"), False),
        (without("member"), False),
        (changed(channel={"id": "6", "type": 99}), False),
        (changed(channel={"id": "6", "type": []}), False),
        (changed(channel={"id": "0", "type": 0}), False),
        (changed(guild_id=None), False),
        (changed(guild_id="0"), False),
        (changed(guild_id="9" * 30), False),
        (changed(member={"user": {"id": "0"}}), False),
        (changed(member=None), False),
        (changed(attachment_size_limit=None), False),
        (changed(attachment_size_limit=0), False),
        (changed(attachment_size_limit="1"), False),
        (None, False),
        (changed(message=PRESSED), True),
        *((changed(message={**PRESSED, name: None}), False) for name in PRESSED),
        (changed(message={"id": "12"}), False),
        (chosen_for(PRESSED), True),
        *((chosen_for({**PRESSED, name: None}), False) for name in PRESSED if name != "id"),
        (chosen_for(None), False),
    ],
)
def test_discord_py_gets_nothing_as_it_is_that_it_would_silently_misread(payload: Any, trusted: bool) -> None:
    assert is_complete(payload) is trusted


@pytest.mark.parametrize("odd", [None, 7, "", "../en", "de\0", "a" * 5000, ["de"]])
@pytest.mark.parametrize("name", ["locale", "guild_locale"])
def test_what_is_no_locale_is_taken_for_none(name: str, odd: object) -> None:
    given = changed(**{name: odd})
    assert is_complete(given) == (name == "guild_locale" and odd is None)
    kept = readable(given, APPLICATION)
    assert kept is not None
    assert kept["locale"] == ("en-US" if name == "locale" else "de")
    assert "guild_locale" not in kept


@pytest.mark.parametrize("locale", ["de", "pt-BR", "zh-TW", "es-419"])
def test_a_locale_of_discords_is_kept(locale: str) -> None:
    given = changed(locale=locale, guild_locale=locale)
    kept = readable(given, APPLICATION)
    assert is_complete(given)
    assert kept is not None
    assert (kept["locale"], kept["guild_locale"]) == (locale, locale)
