"""Why a member can't be shown what is kept about them."""

from __future__ import annotations

from bot.core.errors import RequestRefused


class MemberDataTooLarge(RequestRefused):
    """What is kept about a member is more than one answer can carry."""

    code = "member_data_too_large"
