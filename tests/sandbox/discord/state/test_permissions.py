"""Permissions: what discord.py computes from the look-alike's responses is what the look-alike enforces."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import discord
import pytest

from sandbox.discord import Discord, Member, Permission, RefusedByDiscord, Server
from sandbox.discord.state.guilds import Channel, GuildMember
from tests.sandbox.discord.discord_py_client import logged_in
from tests.sandbox.discord.raw_bot import command


@dataclass
class Scene:
    look_alike: Discord
    server: Server
    client: discord.Client

    async def reckoned(self, member_id: int, channel: Channel) -> int:
        guild = await self.client.fetch_guild(self.server.id)
        member = await guild.fetch_member(member_id)
        [there] = [one for one in await guild.fetch_channels() if one.id == channel.id]
        return there.permissions_for(member).value

    async def writable(self, channel: Channel) -> discord.abc.Messageable:
        found = await self.client.fetch_channel(channel.id)
        assert isinstance(found, discord.abc.Messageable)
        return found


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Discord() as look_alike, logged_in(look_alike) as client:
        yield Scene(look_alike, look_alike.server("Tea House"), client)


def profile(scene: Scene) -> GuildMember:
    member = scene.server.guild.bot
    assert member is not None
    return member


async def test_the_library_reckons_the_same_permissions_as_the_look_alike(scene: Scene) -> None:
    quiet, loud = scene.server.role("Quiet"), scene.server.role("Loud", Permission.MANAGE_MESSAGES)
    ada = scene.server.member("Ada", roles=[quiet, loud], permissions=Permission.MODERATE_MEMBERS)
    art = scene.server.channel("art")
    changes: list[Callable[[], None]] = [
        lambda: art.deny(scene.server.everyone, send_messages=True, add_reactions=True),
        lambda: art.deny(quiet, attach_files=True),
        lambda: art.allow(loud, send_messages=True, mention_everyone=True),
        lambda: art.deny(ada, embed_links=True),
        lambda: art.deny(ada, send_messages=True),
        lambda: art.deny(quiet, view_channel=True),
        lambda: art.deny(ada, view_channel=True),
        lambda: art.reset(ada),
    ]
    for change in changes:
        change()
        assert await scene.reckoned(ada.id, art) == ada.profile.permissions_in(art)


async def test_owners_and_administrators_may_do_everything_everywhere(scene: Scene) -> None:
    hall = scene.server.channel("hall")
    hall.deny(scene.server.everyone, view_channel=True)
    max_ = scene.server.member("Max", permissions=Permission.ADMINISTRATOR)
    for member in (scene.server.owner, max_):
        assert member.profile.permissions_in(hall) & Permission.MANAGE_CHANNELS
        assert await scene.reckoned(member.id, hall) & Permission.SEND_MESSAGES


async def test_the_bots_own_permissions_can_be_read_before_it_writes(scene: Scene) -> None:
    log = scene.server.channel("log")
    log.deny_bot(embed_links=True)
    me = profile(scene)
    assert await scene.reckoned(me.id, log) == me.permissions_in(log) == log.effective_bot_permissions
    assert not log.effective_bot_permissions & Permission.EMBED_LINKS
    log.allow_bot(embed_links=True)
    assert await scene.reckoned(me.id, log) & Permission.EMBED_LINKS


@pytest.mark.parametrize(
    ("taken", "code"), [("view_channel", 50001), ("send_messages", 50013)], ids=["unseen", "silent"]
)
async def test_where_the_bot_may_not_write_discord_says_why(scene: Scene, taken: str, code: int) -> None:
    log = scene.server.channel("log")
    there = await scene.writable(log)
    log.deny_bot(**{taken: True})
    with pytest.raises(discord.Forbidden) as refused:
        await there.send("words")
    assert refused.value.code == code


async def test_in_a_thread_it_takes_the_permission_for_threads(scene: Scene) -> None:
    thread = scene.server.thread("sketches")
    there = await scene.writable(thread)
    scene.server.general.deny_bot(send_messages=True)
    await there.send("still here")
    scene.server.revoke_from_bot(send_messages_in_threads=True)
    with pytest.raises(discord.Forbidden, match="50013"):
        await there.send("not any more")


async def test_what_the_server_takes_from_the_bot_a_channel_can_give_back(scene: Scene) -> None:
    there = await scene.writable(scene.server.general)
    scene.server.revoke_from_bot(send_messages=True)
    with pytest.raises(discord.Forbidden, match="50013"):
        await there.send("words")
    scene.server.general.allow_bot(send_messages=True)
    assert (await there.send("words")).content == "words"


async def test_without_embed_links_an_embed_alone_is_refused_and_one_beside_words_is_dropped(
    scene: Scene,
) -> None:
    there = await scene.writable(scene.server.general)
    sent = await there.send("before", embed=discord.Embed(title="then"))
    scene.server.general.deny_bot(embed_links=True)
    embed = discord.Embed(title="now")
    with pytest.raises(discord.Forbidden, match="50013"):
        await there.send(embed=embed)
    assert (await there.send("words", embed=embed)).embeds == []
    assert (await sent.edit(content="after", embed=embed)).embeds == []
    with pytest.raises(discord.HTTPException, match="50006"):
        await sent.edit(content=None, embed=embed)


async def test_without_attach_files_a_picture_is_refused(scene: Scene) -> None:
    there = await scene.writable(scene.server.general)
    scene.server.general.deny_bot(attach_files=True)
    with pytest.raises(discord.Forbidden, match="50013"):
        await there.send("words", file=discord.File(io.BytesIO(b"x"), "fox.png"))


async def test_a_channel_hidden_from_a_member_offers_them_no_command(scene: Scene) -> None:
    scene.look_alike.commands.replace([command("imagine")], None)
    ada, attic = scene.server.member("Ada"), scene.server.channel("attic")
    attic.deny(scene.server.everyone, view_channel=True)
    with pytest.raises(RefusedByDiscord, match="does not see #attic"):
        ada.begin("imagine", channel=attic)
    attic.allow(ada, view_channel=True)
    ada.begin("imagine", channel=attic)


async def test_an_interaction_says_what_member_and_bot_may_do_there(scene: Scene) -> None:
    scene.look_alike.commands.replace([command("imagine")], None)
    ada, thread = scene.server.member("Ada"), scene.server.thread("sketches")
    scene.server.general.deny(ada, attach_files=True)
    scene.server.general.deny_bot(embed_links=True)
    sent = ada.begin("imagine", channel=thread).interaction.payload
    assert not int(sent["member"]["permissions"]) & Permission.ATTACH_FILES
    assert int(sent["app_permissions"]) == thread.effective_bot_permissions
    assert not thread.effective_bot_permissions & Permission.EMBED_LINKS
    assert (sent["channel"]["type"], sent["channel"]["parent_id"]) == (11, str(scene.server.general.id))


async def test_what_admins_decide_about_a_command_goes_before_its_default(scene: Scene) -> None:
    needed = str(int(Permission.MANAGE_GUILD))
    [made] = scene.look_alike.commands.replace([command("limits", default_member_permissions=needed)], None)
    fetched = (await scene.client.http.get_global_commands(scene.look_alike.state.bot.id))[0]
    assert fetched["id"] == made["id"]
    helpers, art = scene.server.role("Helpers"), scene.server.channel("art")
    ada, mo = scene.server.member("Ada", roles=[helpers]), scene.server.member("Mo")
    mo.permit(manage_guild=True)
    about = (scene.look_alike.state.bot.id, scene.server.id, int(made["id"]))
    with pytest.raises(discord.NotFound, match="10066"):
        await scene.client.http.get_application_command_permissions(*about)

    def offered(member: Member, channel: Channel) -> bool:
        try:
            member.begin("limits", channel=channel)
        except RefusedByDiscord:
            return False
        return True

    assert (offered(ada, art), offered(mo, art)) == (False, True)
    scene.server.set_command_permission("limits", helpers, allowed=True)
    assert offered(ada, art)
    scene.server.set_command_permission("limits", ada, allowed=False)
    scene.server.set_command_permission("limits", scene.server.everyone, allowed=False)
    assert (offered(ada, art), offered(mo, art)) == (False, False)
    scene.server.set_command_permission("limits", mo, allowed=True)
    scene.server.set_command_permission("limits", None, allowed=False)
    assert not offered(mo, art)
    scene.server.set_command_permission("limits", art, allowed=True)
    thread = scene.server.thread("in art", parent=art)
    assert (offered(mo, art), offered(mo, thread), offered(mo, scene.server.general)) == (True, True, False)
    assert offered(scene.server.owner, scene.server.general), "administrators are never held back"
    decided = (await scene.client.http.get_application_command_permissions(*about))["permissions"]
    [of_all] = await scene.client.http.get_guild_application_command_permissions(*about[:2])
    assert (of_all["id"], of_all["permissions"]) == (made["id"], decided)
    assert {one["id"] for one in decided} >= {str(scene.server.id), str(scene.server.id - 1), str(art.id)}
