"""What Discord's client sends for a modal that somebody fills in."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord import Discord
from sandbox.discord.kit.components import as_stored
from sandbox.discord.kit.errors import RefusedByDiscord, RestError
from sandbox.discord.limits.modals import check_modal
from sandbox.discord.people.modal_data import initial_values, modal_submit_data

TEXT: dict[str, Any] = {"type": 4, "custom_id": "text", "value": "old", "max_length": 5, "style": 1}
COLOURS = [{"label": "Red", "value": "red"}, {"label": "Blue", "value": "blue", "default": True}]
RADIO: dict[str, Any] = {"type": 21, "custom_id": "colour", "options": COLOURS}
TICK: dict[str, Any] = {"type": 23, "custom_id": "tick", "default": True}
MENU: dict[str, Any] = {
    "type": 8,
    "custom_id": "places",
    "min_values": 0,
    "max_values": 2,
    "required": False,
    "default_values": [{"id": "1576370883151265798", "type": "channel"}],
}


def modal(*fields: dict[str, Any]) -> dict[str, Any]:
    rows = [{"type": 18, "label": field["custom_id"], "component": field} for field in fields]
    return {"custom_id": "modal", "title": "Modal", "components": rows}


def sent(form: dict[str, Any], **given: object) -> dict[str, Any]:
    rows = modal_submit_data(form, given, forged=False)["components"]
    said = [row["component"] for row in rows]
    return {field["custom_id"]: field.get("value", field.get("values")) for field in said}


def test_untouched_fields_are_sent_as_they_were_filled() -> None:
    form = modal(TEXT, RADIO, TICK, MENU)
    assert (
        sent(form)
        == initial_values(form)
        == {"text": "old", "colour": "blue", "tick": True, "places": ["1576370883151265798"]}
    )


async def test_a_menu_sends_what_was_chosen_and_what_stands_behind_it(discord: Discord) -> None:
    general = discord.server("Tea House").general
    data = modal_submit_data(modal(MENU), {"places": [general]}, forged=False)
    assert data["components"][0]["component"]["values"] == [str(general.id)]
    assert data["resolved"]["channels"][str(general.id)]["name"] == "general"


@pytest.mark.parametrize(
    "given", [{"text": "longer"}, {"colour": "green"}, {"places": [1, 2, 3]}, {"other": "x"}]
)
def test_the_client_does_not_send_what_a_field_does_not_take(given: dict[str, object]) -> None:
    form = modal(TEXT, RADIO, MENU)
    with pytest.raises(RefusedByDiscord):
        modal_submit_data(form, given, forged=False)
    modal_submit_data(form, given, forged=True)


@pytest.mark.parametrize(
    "field",
    [
        {**RADIO, "options": COLOURS[:1]},
        {**MENU, "required": True},
        {**MENU, "max_values": 0},
        {**TEXT, "value": "longer"},
    ],
)
def test_discord_refuses_a_modal_that_cannot_be_filled_in(field: dict[str, Any]) -> None:
    check_modal(modal(TEXT, RADIO, TICK, MENU))
    with pytest.raises(RestError):
        check_modal(modal(field))


async def test_a_modal_is_submitted_by_whom_it_was_opened_for(discord: Discord) -> None:
    house = discord.server("Tea House")
    ada, bob = house.member("Ada"), house.member("Bob")
    asking = ada.begin("imagine", forged=True)
    asking.interaction.modal = modal(TEXT)
    opened = asking.reply
    with pytest.raises(RefusedByDiscord):
        bob.begin_submit(opened, {})
    forged = bob.begin_submit(opened, {}, forged=True)
    assert forged.interaction.context.user is bob.profile.user


def test_a_snowflake_that_a_bot_sends_as_a_number_is_sent_on_as_a_string() -> None:
    number = {"id": 1576370883151265798, "type": "channel"}
    sent_on = as_stored(modal({**MENU, "default_values": [number]})["components"])
    assert sent_on[0]["component"]["default_values"] == MENU["default_values"]
    assert (sent_on[0]["id"], sent_on[0]["component"]["id"]) == (1, 2)
