"""Who gives a command, and where."""

from __future__ import annotations

from bot.core.place import Caller, Direct, InServer, is_in_server


def test_members_share_with_their_server_and_outside_of_servers_with_nobody() -> None:
    here, also_here = Caller(1, InServer(7, 3)), Caller(2, InServer(7, 4))
    alone, also_alone = Caller(1, Direct(3)), Caller(2, Direct(3, with_bot=False, server=7))
    assert here.tenant == also_here.tenant == 7
    assert (alone.tenant, also_alone.tenant) == (1, 2)
    assert [is_in_server(one) for one in (here, alone, also_alone)] == [True, False, False]
