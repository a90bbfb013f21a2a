"""Who may moderate, row by row of Discord's own order: member › roles › everybody › the command's default."""

from __future__ import annotations

import pytest
from discord import Permissions
from discord.enums import AppCommandPermissionType as Target

from bot.core.place import Caller, InServer
from bot.interactions.permissions import Override, allows

SERVER, CHANNEL, CATEGORY, ELSEWHERE = 1000, 50, 40, 60
ADA, HELPER, GUEST, STRANGER = 7, 21, 22, 23
CALLER = Caller(ADA, InServer(SERVER, CHANNEL, (CATEGORY,), frozenset({HELPER, GUEST})))
DEFAULT = Permissions(manage_guild=True)
NOBODY = Permissions.none()
MANAGER = Permissions(manage_guild=True)
ADMINISTRATOR = Permissions(administrator=True)
EVERYONE, ALL_CHANNELS = SERVER, SERVER - 1


def member(allowed: bool) -> Override:
    return Override(Target.user, ADA, allowed)


def role(identity: int, allowed: bool) -> Override:
    return Override(Target.role, identity, allowed)


def channel(identity: int, allowed: bool) -> Override:
    return Override(Target.channel, identity, allowed)


@pytest.mark.parametrize(
    ("overrides", "permissions", "expected"),
    [
        ([], NOBODY, False),
        ([], MANAGER, True),
        ([member(True)], NOBODY, True),
        ([member(False)], MANAGER, False),
        ([member(False), role(HELPER, True)], NOBODY, False),
        ([member(True), role(HELPER, False), role(EVERYONE, False)], NOBODY, True),
        ([role(HELPER, True)], NOBODY, True),
        ([role(HELPER, True), role(GUEST, False)], NOBODY, True),
        ([role(HELPER, False), role(GUEST, False)], MANAGER, False),
        ([role(HELPER, False), role(EVERYONE, True)], NOBODY, False),
        ([role(EVERYONE, False), role(HELPER, True)], NOBODY, True),
        ([role(STRANGER, True)], NOBODY, False),
        ([role(EVERYONE, True)], NOBODY, True),
        ([role(EVERYONE, False)], MANAGER, False),
        ([Override(Target.user, STRANGER, True)], NOBODY, False),
        ([Override(Target.role, ADA, True)], NOBODY, False),
        ([channel(CHANNEL, True)], NOBODY, False),
        ([channel(CHANNEL, False)], MANAGER, False),
        ([channel(CHANNEL, False), member(True)], NOBODY, False),
        ([channel(CATEGORY, False)], MANAGER, False),
        ([channel(CHANNEL, True), channel(CATEGORY, False)], MANAGER, True),
        ([channel(ALL_CHANNELS, False)], MANAGER, False),
        ([channel(ALL_CHANNELS, False), channel(CHANNEL, True)], MANAGER, True),
        ([channel(ELSEWHERE, False)], MANAGER, True),
        ([member(False), role(EVERYONE, False), channel(ALL_CHANNELS, False)], ADMINISTRATOR, True),
    ],
)
def test_the_nearest_decision_counts(
    overrides: list[Override], permissions: Permissions, expected: bool
) -> None:
    assert allows(overrides, DEFAULT, CALLER, permissions) is expected
    assert allows(reversed(overrides), DEFAULT, CALLER, permissions) is expected


@pytest.mark.parametrize(
    ("default", "permissions", "expected"),
    [
        (None, NOBODY, True),
        (NOBODY, MANAGER, False),
        (NOBODY, ADMINISTRATOR, True),
        (Permissions(manage_guild=True, ban_members=True), MANAGER, False),
        (Permissions(manage_guild=True, ban_members=True), Permissions.all(), True),
    ],
)
def test_without_a_decision_the_commands_own_default_counts(
    default: Permissions | None, permissions: Permissions, expected: bool
) -> None:
    assert allows([], default, CALLER, permissions) is expected
