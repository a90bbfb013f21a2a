"""An edit in a custom id comes back as the same edit, and nothing else does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.limits.policy import MOST_IMAGES, UNDECIDED, Setting
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


@given(edit=edits)
def test_an_edit_survives_its_custom_id(edit: Edit) -> None:
    code = encode(edit)
    assert decode(code) == edit
    assert re.fullmatch(CODE, code)
    assert len(CONFIRM_ID.format(fingerprint="0" * FINGERPRINT_LENGTH, edit=code)) <= CUSTOM_ID_LENGTH


@pytest.mark.parametrize(
    "code",
    ["", "d", "d=", "z=1", "d=-1", "d=1,", "role/=1", "member/1=", "top-up/1=u", "d=٣", "d=9999999999999"],
)
def test_a_forged_code_is_no_edit(code: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        decode(code)
    assert not re.fullmatch(CODE, code)


def test_what_needs_no_confirmation_has_no_code() -> None:
    with pytest.raises(ValueError, match="SetZone"):
        encode(SetZone(None))
