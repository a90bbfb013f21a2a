"""Buttons and menus: what Discord's client sends when a member uses one."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.discord.kit.components import (
    BUTTON,
    CHANNEL_SELECT,
    FILE_UPLOAD,
    MENTIONABLE_SELECT,
    ROLE_SELECT,
    SELECTS,
    STRING_SELECT,
    USER_SELECT,
)
from sandbox.discord.kit.errors import Json, RefusedByDiscord
from sandbox.discord.limits.select_menus import int_field
from sandbox.discord.people.option_data import Resolved
from sandbox.discord.people.replies import ShownMessage
from sandbox.discord.state.guilds import Channel, GuildMember
from sandbox.discord.state.media import Attachment
from sandbox.discord.state.users import Role, User

_OFFERED: dict[int, tuple[type, ...]] = {
    USER_SELECT: (GuildMember, User),
    ROLE_SELECT: (Role,),
    MENTIONABLE_SELECT: (GuildMember, User, Role),
    CHANNEL_SELECT: (Channel,),
    FILE_UPLOAD: (Attachment,),
}


def button_data(shown: ShownMessage, wanted: str) -> Json:
    """The press of the button with that label or custom id."""
    button = _find(shown, wanted, frozenset({BUTTON}))
    if button.get("disabled"):
        raise RefusedByDiscord(f"The button {wanted!r} is greyed out")
    if not button.get("custom_id"):
        raise RefusedByDiscord(f"The button {wanted!r} is a link: the bot does not hear of it")
    return {"custom_id": button["custom_id"], "component_type": BUTTON, "id": button.get("id", 0)}


def select_data(shown: ShownMessage, wanted: str, chosen: Sequence[object]) -> Json:
    """The choice of these values (or members, roles, channels) in the menu of that custom id."""
    menu = _find(shown, wanted, SELECTS)
    least, most = int_field(menu, "min_values", 1), int_field(menu, "max_values", 1)
    if menu.get("disabled") or not least <= len(chosen) <= most:
        raise RefusedByDiscord(f"The menu {wanted!r} takes {least} to {most} values")
    if menu["type"] == STRING_SELECT:
        offered = [option["value"] for option in menu["options"]]
        if not set(chosen) <= set(offered):
            raise RefusedByDiscord(f"The menu {wanted!r} offers {offered}, not {list(chosen)}")
    check_value_types(menu["type"], wanted, chosen)
    resolved = Resolved()
    values = [resolved.add_value(value) for value in chosen]
    data: Json = {"custom_id": menu["custom_id"], "component_type": menu["type"], "values": values}
    data["id"] = menu.get("id", 0)
    return {**data, "resolved": resolved.parts} if resolved.parts else data


def check_value_types(kind: int, wanted: str, chosen: Sequence[object]) -> None:
    """A role select offers roles only; strings pass, so that ids can be given."""
    types = _OFFERED.get(kind, (object,))
    if not all(isinstance(one, (str, *types)) for one in chosen):
        raise RefusedByDiscord(f"The menu {wanted!r} does not offer {list(chosen)}")


def _find(shown: ShownMessage, wanted: str, kinds: frozenset[int]) -> Json:
    known = [component for component in shown.components if component.get("type") in kinds]
    for component in known:
        if wanted in (component.get("label"), component.get("custom_id"), component.get("placeholder")):
            return component
    names = [component.get("label") or component.get("custom_id") for component in known]
    raise RefusedByDiscord(f"There is no {wanted!r} on this message, only {names}")
