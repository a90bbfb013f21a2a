"""An edit in a custom id comes back as the same edit, and nothing else does."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.limits.policy import MOST_IMAGES, UNDECIDED, Setting
from bot.core.limits.time_zones import NOBODYS, digest, zone_of_digest
from bot.core.moderation.diff import FINGERPRINT_LENGTH
from bot.core.moderation.edits import Edit, ResetAll, SetMember, SetNumbers, SetRole, SetZone, TopUpMember
from bot.ui.moderation.confirmation import CONFIRM_ID
from bot.ui.moderation.edit_ids import CODE, decode, encode

CUSTOM_ID_LENGTH = 100
decisions = st.one_of(st.just(UNDECIDED), st.none(), st.integers(0, MOST_IMAGES))
snowflakes = st.integers(1, 2**64 - 1)
edits = st.one_of(
    st.builds(SetNumbers, st.dictionaries(st.sampled_from(Setting), decisions, min_size=1)),
    st.builds(SetRole, snowflakes, decisions),
    st.builds(SetMember, snowflakes, decisions),
    st.builds(TopUpMember, snowflakes, st.integers(0, MOST_IMAGES)),
    st.just(ResetAll()),
)
ZONES = [ZoneInfo(name) for name in sorted(available_timezones() - NOBODYS)]


@given(edit=edits, zone=st.sampled_from([None, *ZONES]))
def test_edits_survive_their_custom_id(edit: Edit, zone: ZoneInfo | None) -> None:
    together: list[Edit] = [edit, SetZone(zone)] if isinstance(edit, SetNumbers) else [edit]
    for edits in ([edit], together):
        code = encode(*edits)
        assert decode(code) == tuple(edits)
        assert re.fullmatch(CODE, code)
        assert len(CONFIRM_ID.format(fingerprint="0" * FINGERPRINT_LENGTH, edit=code)) <= CUSTOM_ID_LENGTH


def test_every_zone_is_found_again() -> None:
    assert [zone_of_digest(digest(zone.key)) for zone in ZONES] == ZONES


@pytest.mark.parametrize(
    "code",
    [
        "",
        "d",
        "d=",
        "z=1",
        "d=-1",
        "d=1,",
        "role/=1",
        "member/1=",
        "top-up/1=u",
        "d=٣",
        "d=9999999999999",
        "d=1,z=",
        "d=1,z=1,m=2",
        "z=x",
    ],
)
def test_a_forged_code_is_no_edit(code: str) -> None:
    with pytest.raises(ValueError, match=r"no number|no zone"):
        decode(code)
    assert not re.fullmatch(CODE, code)


def test_a_zone_that_nobody_knows_is_no_edit() -> None:
    with pytest.raises(ValueError, match="no zone"):
        decode("d=1,z=00000000")


@pytest.mark.parametrize(
    "edits", [[SetZone(None)], [ResetAll(), SetZone(None)], [SetRole(1, 2), SetMember(3, 4)]]
)
def test_what_is_never_confirmed_or_not_together_has_no_code(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match=type(edits[-1]).__name__):
        encode(*edits)
