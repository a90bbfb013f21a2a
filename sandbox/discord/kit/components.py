"""The component types, and functions on trees of components."""

from __future__ import annotations

from typing import Any

from sandbox.discord.kit.errors import Json

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 18, 19, 21, 22, 23
SELECTS = frozenset({STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT})
COMPONENTS_V2 = 1 << 15
LARGEST_COMPONENT_ID = (1 << 31) - 1


def children(component: Json) -> list[Json]:
    """Its child components, the accessory last."""
    found = list(component.get("components") or [])
    found += [component["component"]] if component.get("component") else []
    return found + ([component["accessory"]] if component.get("accessory") else [])


def walk(components: list[Json]) -> list[Json]:
    """Every component, parents before their children."""
    found: list[Json] = []
    for component in components:
        found += [component, *walk(children(component))]
    return found


def modal_fields(rows: list[Json]) -> list[Json]:
    """What a member fills in, wherever it sits: in a row or in a label."""
    return [field for row in rows for field in children(row)]


def text_contents(components: list[Json]) -> list[str]:
    """The texts of a layout, from top to bottom."""
    return [str(one.get("content") or "") for one in walk(components) if one.get("type") == TEXT_DISPLAY]


def as_stored(components: list[Json]) -> list[Json]:
    """Numbered, and each snowflake as a string: bots may send a number, which a browser's JSON would round."""
    return numbered(_with_string_snowflakes(components))


def _with_string_snowflakes(value: Any) -> Any:
    """A component's own id is no snowflake, and stays a number."""
    if isinstance(value, list):
        return [_with_string_snowflakes(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {name: _with_string_snowflakes(one) for name, one in value.items()}
    identity = made.get("id")
    if isinstance(identity, int) and identity > LARGEST_COMPONENT_ID:
        made["id"] = str(identity)
    return made


def numbered(components: list[Json]) -> list[Json]:
    """With an id for each that has none (0 counts as none), in order, none twice."""
    taken = {one["id"] for one in walk(components) if one.get("id")}
    free = (number for number in range(1, LARGEST_COMPONENT_ID) if number not in taken)

    def with_id(component: Json) -> Json:
        made = {**component, "id": component.get("id") or next(free)}
        for name in ("component", "accessory"):
            if made.get(name):
                made[name] = with_id(made[name])
        if made.get("components"):
            made["components"] = [with_id(child) for child in made["components"]]
        return made

    return [with_id(component) for component in components]
