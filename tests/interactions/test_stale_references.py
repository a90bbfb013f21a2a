"""What of a policy is gone from Discord, and how few questions that takes, asked of the look-alike."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import discord
import pytest

from bot.core.limits.policy import ChannelMode, ChannelRule, LogRule, Policy
from bot.interactions.stale_references import MOST_ASKED, MOST_MEMBERS, StaleReferences
from bot.ui.limits.panel_sections import NOTHING_GONE
from sandbox.discord import Discord
from tests.sandbox.discord.discord_py_client import logged_in

NOBODY = 1


@dataclass
class Scene:
    look_alike: Discord
    client: discord.Client
    presence: StaleReferences = field(init=False)

    def __post_init__(self) -> None:
        self.server = self.look_alike.server("Tea House")
        self.presence = StaleReferences(self.client)
        self.asked_before = len(self.look_alike.traffic)

    @property
    def asked(self) -> Counter[str]:
        return Counter(one.route for one in list(self.look_alike.traffic)[self.asked_before :])

    def policy(self, *roles: int) -> Policy:
        art = self.server.channel("art").id
        return Policy(
            roles=dict.fromkeys(roles, 5),
            channels=ChannelRule(ChannelMode.ONLY, frozenset({art})),
            log=LogRule(art),
        )


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Discord() as look_alike, logged_in(look_alike) as client:
        yield Scene(look_alike, client)


async def test_panels_that_are_opened_together_ask_once(scene: Scene) -> None:
    ada = scene.server.member("Ada").id
    policy = scene.policy(scene.server.role("Painters").id)
    found = (scene.presence.find(scene.server.id, policy, [ada]) for _ in range(20))
    assert set(await asyncio.gather(*found)) == {NOTHING_GONE}
    assert sum(scene.asked.values()) <= 6
    assert scene.asked["member"] == 2  # of them one for what the bot itself may write


async def test_panels_that_are_opened_over_and_over_make_do_with_the_last_answer(scene: Scene) -> None:
    for _ in range(3 * MOST_ASKED):
        await scene.presence.find(scene.server.id, Policy(roles={NOBODY: 5}), [NOBODY])
    assert scene.asked == {"guild": MOST_ASKED, "guild_channels": MOST_ASKED, "member": MOST_ASKED}


async def test_a_role_that_was_made_a_moment_ago_is_not_called_gone(scene: Scene) -> None:
    await scene.presence.find(scene.server.id, scene.policy())
    made = scene.server.role("Painters").id
    gone = await scene.presence.find(scene.server.id, scene.policy(made, NOBODY))
    assert gone.roles == {NOBODY}


async def test_a_rule_that_no_channel_keeps_is_found_out(scene: Scene) -> None:
    art = scene.server.channel("art").id
    art_alone = frozenset({art})

    async def nowhere(rule: ChannelRule) -> bool:
        return (await scene.presence.find(scene.server.id, Policy(channels=rule))).nowhere

    assert await nowhere(ChannelRule(age_restricted_only=True))
    assert await nowhere(ChannelRule(ChannelMode.ONLY, art_alone, age_restricted_only=True))
    assert not await nowhere(ChannelRule(ChannelMode.ONLY, art_alone))
    scene.server.channel("late", nsfw=True)
    assert not await nowhere(ChannelRule(ChannelMode.EXCEPT, art_alone, age_restricted_only=True))


async def test_who_left_is_found_out_for_so_many_at_a_look(scene: Scene) -> None:
    ada = scene.server.member("Ada").id
    strangers = range(1, MOST_MEMBERS + 5)
    gone = await scene.presence.find(scene.server.id, Policy(), [ada, *strangers])
    assert scene.asked["member"] == MOST_MEMBERS
    assert len(gone.members) == MOST_MEMBERS - 1
    gone = await scene.presence.find(scene.server.id, Policy(), [ada, *strangers])
    assert gone.members == set(strangers)


async def test_whom_discord_does_not_speak_of_has_not_left(scene: Scene) -> None:
    scene.look_alike.faults.fail("member", status=403, times=None)
    assert await scene.presence.find(scene.server.id, Policy(), [NOBODY]) == NOTHING_GONE
    scene.look_alike.faults.clear()
    assert (await scene.presence.find(scene.server.id, Policy(), [NOBODY])).members == {NOBODY}


async def test_a_discord_that_takes_too_long_is_not_waited_for_and_heard_all_the_same(scene: Scene) -> None:
    held = scene.look_alike.faults.hold("guild")
    policy = scene.policy(NOBODY)
    assert await scene.presence.find(scene.server.id, policy, seconds=0.1) == NOTHING_GONE
    held.set()
    assert (await scene.presence.find(scene.server.id, policy)).roles == {NOBODY}
