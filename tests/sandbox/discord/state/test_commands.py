"""Commands: what Discord lets an application register, and what its client lets a member send."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord import Permission, RefusedByDiscord, RestError, Upload
from sandbox.discord.limits.commands import check_command, check_set
from tests.sandbox.discord.conftest import Scene
from tests.sandbox.discord.raw_bot import command, option

CHOICE = {"name": "a", "value": "a"}


@pytest.mark.parametrize("name", ["imagine", "x" * 32, "größe", "a-b_c'd", "絵"])
def test_a_good_name_is_taken(name: str) -> None:
    check_command(command(name))


@pytest.mark.parametrize(
    "form",
    [
        command(""),
        command("x" * 33),
        command("Imagine"),
        command("two words"),
        command("x!"),
        {"name": "x", "description": ""},
        {"name": "x", "description": "x" * 101},
        command("x", *(option(f"o{n}") for n in range(26))),
        command("x", option("o", choices=[CHOICE] * 26)),
        command("x", option("o", choices=[{"name": "x" * 101, "value": "a"}])),
        command("x", option("o", choices=[CHOICE], autocomplete=True)),
        command("x", option("o"), option("o")),
        command("x", option("a"), option("b", required=True)),
        command("x", option("o", kind=12)),
        command("x", option("o", max_length=6001)),
        command("x", option("o", max_value=3)),
        {"name": "x", "type": 2, "description": "context menus have none"},
        command(
            "x", *(option(f"o{n}", choices=[{"name": "x" * 99, "value": "y" * 99}] * 2) for n in range(25))
        ),
    ],
)
def test_a_bad_command_is_refused(form: dict[str, Any]) -> None:
    with pytest.raises(RestError) as refused:
        check_command(form)
    assert (refused.value.status, refused.value.code) == (400, 50035)


def test_two_commands_of_one_name_and_kind_are_refused() -> None:
    check_set([command("x"), {"name": "x", "type": 2}])
    with pytest.raises(RestError):
        check_set([command("x"), command("x")])


async def test_a_command_keeps_its_id_when_it_is_registered_again(scene: Scene) -> None:
    _, [before] = await scene.bot.call("GET", f"/applications/{scene.bot.id}/commands")
    _, [after, _] = await scene.bot.register(command("imagine", option("prompt")), command("usage"))
    assert before["id"] == after["id"]
    assert before["version"] != after["version"]
    assert (scene.discord.commands.syncs, scene.discord.commands.creates) == (2, 2)


async def test_commands_can_be_added_changed_and_removed_one_by_one(scene: Scene) -> None:
    path = f"/applications/{scene.bot.id}/commands"
    _, made = await scene.bot.call("POST", path, command("usage"))
    _, changed = await scene.bot.call("PATCH", f"{path}/{made['id']}", {"description": "Mine"})
    assert changed["description"] == "Mine"
    assert (await scene.bot.call("DELETE", f"{path}/{made['id']}"))[0] == 204
    assert (await scene.bot.call("GET", f"{path}/{made['id']}"))[1]["code"] == 10063
    assert scene.discord.commands.syncs == 1


async def test_two_hundred_commands_a_day_may_be_created(scene: Scene) -> None:
    scene.discord.commands.creates = 200
    assert (await scene.bot.register(command("imagine")))[0] == 200
    assert (await scene.bot.register(command("other")))[1]["code"] == 30034


async def test_a_server_has_commands_of_its_own(scene: Scene) -> None:
    path = f"/applications/{scene.bot.id}/guilds/{scene.server.id}/commands"
    await scene.bot.call("PUT", path, [command("local")])
    scene.ada.begin("local")
    assert (await scene.socket.hear_event("INTERACTION_CREATE"))["data"]["guild_id"] == str(scene.server.id)
    with pytest.raises(RefusedByDiscord):
        scene.discord.server("Elsewhere").member("Eve").begin("local")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "required"),
        ({"prompt": ""}, "at least 1"),
        ({"prompt": "x" * 101}, "at most 100"),
        ({"prompt": "🦖" * 51}, "at most 100"),
        ({"prompt": "x", "images": 0}, "at least 1"),
        ({"prompt": "x", "images": 5}, "at most 4"),
        ({"prompt": "x", "images": "2"}, "does not take"),
        ({"prompt": "x", "images": True}, "does not take"),
        ({"prompt": "x", "size": "big"}, "no option"),
    ],
)
async def test_the_client_refuses_bad_options_but_not_forged_ones(
    scene: Scene, options: dict[str, Any], why: str
) -> None:
    with pytest.raises(RefusedByDiscord, match=why):
        scene.ada.begin("imagine", options=options)
    scene.ada.begin("imagine", options=options, forged=True)
    sent = (await scene.socket.hear_event("INTERACTION_CREATE"))["data"]["options"]
    assert {one["name"]: one["value"] for one in sent} == options


async def test_an_unknown_command_is_refused_unless_forged(scene: Scene) -> None:
    with pytest.raises(RefusedByDiscord, match="no command"):
        scene.ada.begin("conquer")
    scene.ada.begin("conquer", forged=True)
    assert (await scene.socket.hear_event("INTERACTION_CREATE"))["data"]["name"] == "conquer"


async def test_a_choice_must_be_among_the_choices(scene: Scene) -> None:
    await scene.bot.register(command("paint", option("style", choices=[{"name": "Oil", "value": "oil"}])))
    scene.ada.begin("paint", style="oil")
    with pytest.raises(RefusedByDiscord, match="choices"):
        scene.ada.begin("paint", style="crayon")


async def test_a_command_for_moderators_is_hidden_from_others(scene: Scene) -> None:
    needed = str(int(Permission.MANAGE_GUILD))
    await scene.bot.register(command("limits", default_member_permissions=needed))
    moderators = scene.server.role("Moderators", Permission.MANAGE_GUILD)
    scene.server.member("Mo", roles=[moderators]).begin("limits")
    scene.server.member("Max", permissions=Permission.ADMINISTRATOR).begin("limits")
    with pytest.raises(RefusedByDiscord, match="lacks"):
        scene.ada.begin("limits")


async def test_permissions_of_zero_mean_administrators_only(scene: Scene) -> None:
    await scene.bot.register(command("limits", default_member_permissions="0"))
    with pytest.raises(RefusedByDiscord):
        scene.server.member("Mo", permissions=Permission.MANAGE_GUILD).begin("limits")
    scene.server.member("Max", permissions=Permission.ADMINISTRATOR).begin("limits")


async def test_a_command_for_servers_is_not_offered_in_direct_messages(scene: Scene) -> None:
    await scene.bot.register(command("limits", contexts=[0]), command("help"))
    scene.ada.begin("help", channel=scene.ada.dm)
    with pytest.raises(RefusedByDiscord, match="not offered"):
        scene.ada.begin("limits", channel=scene.ada.dm)


async def test_options_of_every_type_arrive_resolved(scene: Scene) -> None:
    kinds = {"text": 3, "number": 4, "flag": 5, "who": 6, "where": 7, "role": 8, "any": 9, "ratio": 10}
    inner = option("all", kind=1, options=[option(name, kind) for name, kind in kinds.items()])
    await scene.bot.register(command("set", option("group", kind=2, options=[inner])))
    art, painters = scene.server.channel("art"), scene.server.role("Painters")
    values = {"text": "t", "number": 1, "flag": True, "who": scene.bob, "where": art, "role": painters}
    scene.ada.begin("set group all", options={**values, "any": painters, "ratio": 0.5})
    data = (await scene.socket.hear_event("INTERACTION_CREATE"))["data"]
    [group] = data["options"]
    [sub] = group["options"]
    assert (group["type"], sub["name"], sub["type"]) == (2, "all", 1)
    sent = {one["name"]: (one["type"], one["value"]) for one in sub["options"]}
    assert sent["who"] == (6, str(scene.bob.id))
    assert sent["any"] == (9, str(painters.id))
    assert sent["flag"] == (5, True)
    assert data["resolved"]["users"][str(scene.bob.id)]["global_name"] == "Bob"
    assert "permissions" in data["resolved"]["members"][str(scene.bob.id)]
    assert data["resolved"]["channels"][str(art.id)]["name"] == "art"
    assert data["resolved"]["roles"][str(painters.id)]["name"] == "Painters"


async def test_a_command_with_sub_commands_is_not_used_alone(scene: Scene) -> None:
    await scene.bot.register(command("limits", option("show", kind=1)))
    with pytest.raises(RefusedByDiscord, match="sub-command"):
        scene.ada.begin("limits")
    with pytest.raises(RefusedByDiscord, match="sub-command"):
        scene.ada.begin("limits hide")


async def test_a_picture_can_be_given_to_a_command(scene: Scene) -> None:
    await scene.bot.register(command("edit", option("picture", kind=11)))
    scene.ada.begin("edit", picture=Upload("fox.png", b"data"))
    data = (await scene.socket.hear_event("INTERACTION_CREATE"))["data"]
    [picture] = data["resolved"]["attachments"].values()
    assert data["options"][0]["value"] == picture["id"]
    assert await scene.bot.fetch(picture["url"]) == ("image/png", b"data")


async def test_an_interaction_says_who_where_and_what(scene: Scene) -> None:
    art = scene.server.channel("art")
    scene.ada.begin("imagine", prompt="a fox", images=2, channel=art)
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert event["type"] == 2
    assert event["application_id"] == str(scene.bot.id)
    assert event["guild_id"] == event["guild"]["id"] == str(scene.server.id)
    assert event["channel_id"] == event["channel"]["id"] == str(art.id)
    assert event["member"]["user"]["id"] == str(scene.ada.id)
    assert int(event["member"]["permissions"]) == scene.ada.profile.permissions
    assert event["authorizing_integration_owners"] == {"0": str(scene.server.id)}
    assert (event["context"], event["entitlements"], event["version"]) == (0, [], 1)
    assert (event["locale"], event["guild_locale"]) == ("en-US", "en-US")
    assert [one["value"] for one in event["data"]["options"]] == ["a fox", 2]


async def test_a_direct_interaction_has_a_user_and_no_server(scene: Scene) -> None:
    scene.ada.begin("imagine", prompt="a fox", channel=scene.ada.dm)
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert event["user"]["id"] == str(scene.ada.id)
    assert event["context"] == 1
    assert not {"guild_id", "member", "guild"} & set(event)


async def test_five_hundred_interactions_have_five_hundred_ids(scene: Scene) -> None:
    sent = [scene.ada.begin("imagine", prompt="a fox").interaction for _ in range(500)]
    assert len({one.id for one in sent}) == len({one.token for one in sent}) == 500
    assert [one.id for one in sent] == sorted(one.id for one in sent)
