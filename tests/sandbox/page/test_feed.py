"""What an open page is sent, and what it can do: over real sockets, without a browser."""

from __future__ import annotations

import asyncio

from sandbox.page.faults import FaultActions
from tests.sandbox.page.conftest import Scene

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000000000500017a5eab3f0000000049454e44ae426082"
)


async def test_a_command_that_one_may_not_use_is_not_offered(scene: Scene) -> None:
    offered = {}
    for name in ("Ada", "Mia", "Olga"):
        await scene.tab.look(scene.person(name))
        offered[name] = sorted(command["name"] for command in scene.tab.seen["commands"])
    assert offered == {
        "Ada": ["imagine", "show"],
        "Mia": ["imagine", "reign", "show"],
        "Olga": ["imagine", "reign", "show"],
    }


async def test_a_private_answer_reaches_nobody_else(scene: Scene) -> None:
    ada, bob = scene.person("Ada"), scene.person("Bob")
    await scene.tab.look(ada)
    using = asyncio.create_task(scene.tab.act("use", ada, command="imagine", options={"prompt": "a fox"}))
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 4, content="for you alone", flags=64)
    assert await using == (200, {"state": "done"})
    await scene.tab.until(lambda: scene.tab.messages)
    [message] = scene.tab.messages.values()
    assert (message["content"], message["ephemeral"]) == ("for you alone", True)
    assert message["used"]["name"] == "imagine"
    await scene.tab.look(bob)
    await scene.tab.until(lambda: "messages" in scene.tab.seen)
    assert scene.tab.messages == {}


async def test_an_edit_and_a_deletion_arrive(scene: Scene) -> None:
    ada = scene.person("Ada")
    await scene.tab.look(ada)
    using = asyncio.create_task(scene.tab.act("use", ada, command="imagine", options={"prompt": "a fox"}))
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 5)
    assert await using == (200, {"state": "thinking"})
    await scene.tab.until(lambda: [one["thinking"] for one in scene.tab.messages.values()] == [True])
    button = {"type": 2, "style": 2, "label": "Cancel", "custom_id": "cancel:1"}
    for content in ("20 %", "50 %", "a fox"):
        await scene.bot.edit(event, content=content, components=[{"type": 1, "components": [button]}])
        await scene.tab.until(
            lambda now=content: [one["content"] for one in scene.tab.messages.values()] == [now]
        )
    await scene.bot.call("DELETE", scene.bot.original(event))
    await scene.tab.until(lambda: scene.tab.messages == {})


async def test_what_discords_client_refuses_is_said_in_words(scene: Scene) -> None:
    ada = scene.person("Ada")
    status, said = await scene.tab.act("use", ada, command="imagine", options={})
    assert (status, said["refused"]) == (200, "The option 'prompt' is required")
    status, said = await scene.tab.act("use", ada, command="show", options={"times": 4})
    assert (status, said["refused"]) == (200, "The value of 'times' must be at most 3, not 4")
    assert "refused" in (await scene.tab.act("use", ada, command="reign"))[1]
    assert "refused" in (await scene.tab.act("press", ada, message="1", component="x"))[1]


async def test_nonsense_is_refused_and_harms_nobody(scene: Scene) -> None:
    ada, finn = scene.person("Ada"), scene.person("Finn")
    assert (await scene.tab.act("use", ada, person="nobody"))[0] == 400
    _, said = await scene.tab.act("use", finn, channel=str(ada.home.id), command="imagine")
    assert said == {"refused": "Finn does not see that channel"}
    assert (await scene.tab.act("latency", ada, seconds="long"))[0] == 400
    _, said = await scene.tab.act("inject-fault", ada, name="politely")
    assert said == {"refused": "There is no fault 'politely'"}
    assert await scene.tab.status("POST", "/actions/nothing", **scene.tab.own) == 404


async def test_people_files_and_numbers_arrive_as_discord_sends_them(scene: Scene) -> None:
    ada, bob = scene.person("Ada"), scene.person("Bob")
    number = await scene.tab.upload("dot.png", PIXEL)
    options = {"file": number, "to": str(bob.user.id), "times": 2}
    using = asyncio.create_task(scene.tab.act("use", ada, command="show", options=options))
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 4, content="thanks")
    assert (await using)[0] == 200
    data = event["data"]
    sent = {one["name"]: one["value"] for one in data["options"]}
    assert (sent["to"], sent["times"]) == (str(bob.user.id), 2)
    assert data["resolved"]["users"][str(bob.user.id)]["global_name"] == "Bob"
    assert data["resolved"]["attachments"][sent["file"]]["filename"] == "dot.png"


async def test_the_traffic_shows_each_call_with_its_answer_and_no_token(scene: Scene) -> None:
    ada = scene.person("Ada")
    await scene.tab.look(ada, "traffic")
    using = asyncio.create_task(scene.tab.act("use", ada, command="imagine", options={"prompt": "a fox"}))
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 4, content="here")
    await using
    entries = {entry.title.split("/callback")[0]: entry for entry in scene.environment.traffic_log.entries}
    call = next(entry for entry in entries.values() if "/interactions/" in entry.title)
    assert (call.kind, call.status) == ("discord", 200)
    assert call.seconds is not None
    assert event["token"] not in "".join(str(entry.as_json()) for entry in entries.values())
    assert entries["INTERACTION_CREATE"].kind == "gateway event"


async def test_a_drawer_is_heard_of_though_the_person_is_of_an_earlier_run(scene: Scene) -> None:
    await scene.tab.look(scene.person("Ada"))
    scene.tab.seen.clear()
    await scene.tab.wish({"person": "1", "channel": "1", "drawer": "traffic"})
    await scene.tab.until(lambda: "traffic" in scene.tab.seen)
    assert scene.tab.seen["problem"] == "There is nobody of that id"


async def test_each_run_of_the_sandbox_has_a_name_of_its_own(scene: Scene) -> None:
    await scene.tab.look(scene.person("Ada"))
    assert FaultActions(scene.environment).run != scene.tab.seen["run"]


async def test_a_message_can_have_files_and_needs_no_words_then(scene: Scene) -> None:
    ada = scene.person("Ada")
    number = await scene.tab.upload("dot.png", PIXEL)
    assert await scene.tab.act("say", ada, text="", uploads=[number]) == (200, {})
    status, nothing = await scene.tab.act("say", ada, text="", uploads=[])
    assert (status, nothing["refused"]) == (200, "A message has 1 to 2000 characters, or 1 to 10 files")
    [message] = scene.environment.discord.messages.by_channel[ada.home.id].values()
    assert ([file.data for file in message.attachments], message.author) == ([PIXEL], ada.user)
