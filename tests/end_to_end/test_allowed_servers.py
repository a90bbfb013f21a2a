"""The servers that the operator has chosen, and all others."""

from __future__ import annotations

from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup

ELSEWHERE = "I only work in servers that"


async def test_in_other_servers_nothing_is_painted_counted_or_changed(setup: Setup) -> None:
    await setup.start_bot(ALLOWED_SERVERS=str(setup.tea_house.id))
    assert (await setup.ada.imagine("a fox")).attachments
    server = setup.discord.server("Elsewhere")
    mo = server.member("Mo", permissions=Permission.MANAGE_GUILD)
    given: dict[str, dict[str, object]] = {
        "imagine": {"prompt": "a fox"},
        "usage": {},
        "limits show": {},
        "limits set": {"daily": 1},
        "limits explain": {"member": mo},
        "limits history": {},
    }
    for command, options in given.items():
        reply = await mo.use(command, forged=True, options=options)
        assert reply.ephemeral, command
        assert ELSEWHERE in reply.text, command
        assert str(setup.tea_house.id) not in reply.text
    assert len(setup.images.requests) == 1
    assert ELSEWHERE not in (await mo.use("privacy info")).text  # what is kept is theirs to know everywhere
