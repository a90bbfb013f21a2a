"""What a person at the page does, through the same calls that tests use."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from sandbox.discord import Asking, Member, RefusedByDiscord, Reply, Seen, Upload
from sandbox.discord.components import SELECTS, STRING_SELECT, modal_fields
from sandbox.discord.errors import Json
from sandbox.discord.forms import Form
from sandbox.discord.options import ATTACHMENT, CHANNEL, MENTIONABLE, ROLE, USER
from sandbox.discord.world import Channel, Guild
from sandbox.page import views
from sandbox.page.cast import Person
from sandbox.page.stage import Stage

Action: TypeAlias = Callable[[Json], Awaitable[Json]]
FILES = 19
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
_OPTION_KINDS = {
    USER: USER_SELECT,
    ROLE: ROLE_SELECT,
    MENTIONABLE: MENTIONABLE_SELECT,
    CHANNEL: CHANNEL_SELECT,
}
LONGEST_MESSAGE = 2000


class Actions:
    """Each takes what the page sent and returns what it is to know; RefusedByDiscord is the client's own refusal."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._numbers = itertools.count(1)
        self._modals: dict[str, tuple[Member, Reply]] = {}
        self._uploads: dict[str, Upload] = {}

    def table(self) -> dict[str, Action]:
        return {
            "use": self.use,
            "use-on": self.use_on,
            "suggest": self.suggest,
            "press": self.press,
            "choose": self.choose,
            "submit": self.submit,
            "say": self.say,
            "delete": self.delete,
        }

    def take_upload(self, filename: str, data: bytes) -> Json:
        """A file that the next command or modal may name."""
        number = str(next(self._numbers))
        self._uploads[number] = Upload(filename, data)
        return {"upload": number}

    async def use(self, sent: Json) -> Json:
        _, member, channel = self._who(sent)
        name, options = str(sent["command"]), self._options(sent, channel)
        return await self._answered(member, member.begin(name, channel=channel, options=options))

    async def use_on(self, sent: Json) -> Json:
        person, member, channel = self._who(sent)
        target: Member | Seen
        if "user" in sent:
            target = self._stage.cast.person(int(sent["user"])).member_in(channel)
        else:
            target = self._message(person, channel, sent)
        asking = member.begin_on(target, str(sent["command"]), channel=channel)
        return await self._answered(member, asking)

    async def suggest(self, sent: Json) -> Json:
        _, member, channel = self._who(sent)
        command, focused = str(sent["command"]), str(sent["focused"])
        options = self._options(sent, channel)
        typed = str(sent.get("typed", ""))
        choices = await member.suggestions(command, focused, typed, channel=channel, **options)
        return {"choices": choices}

    async def press(self, sent: Json) -> Json:
        person, member, channel = self._who(sent)
        seen = self._message(person, channel, sent)
        return await self._answered(member, member.begin_press(seen, str(sent["component"])))

    async def choose(self, sent: Json) -> Json:
        person, member, channel = self._who(sent)
        seen = self._message(person, channel, sent)
        menu = next(one for one in seen.components if one.get("custom_id") == sent["component"])
        chosen = self._chosen(menu["type"], sent["values"], self._guild(channel))
        return await self._answered(member, member.begin_choice(seen, menu["custom_id"], *chosen))

    async def submit(self, sent: Json) -> Json:
        member, reply = self._modals[str(sent["modal"])]
        components = (reply.modal or {}).get("components") or []
        fields = {one["custom_id"]: one for one in modal_fields(components)}
        guild = self._guild(reply.interaction.place.channel)
        given = {name: self._field(fields[name], value, guild) for name, value in sent["fields"].items()}
        return await self._answered(member, member.begin_submit(reply, given))

    async def say(self, sent: Json) -> Json:
        """A message of a person's own, for context menus to be used on."""
        person, _, channel = self._who(sent)
        text = str(sent["text"]).strip()
        if not 0 < len(text) <= LONGEST_MESSAGE:
            raise RefusedByDiscord(f"A message has 1 to {LONGEST_MESSAGE} characters")
        messages = self._stage.discord.messages
        messages.add(messages.blank(channel, person.user), Form({"content": text}))
        return {}

    async def delete(self, sent: Json) -> Json:
        person, member, channel = self._who(sent)
        member.delete(self._message(person, channel, sent))
        return {}

    def _who(self, sent: Json) -> tuple[Person, Member, Channel]:
        person = self._stage.cast.person(int(sent["person"]))
        channel = self._stage.cast.channel(person, int(sent["channel"]))
        return person, person.member_in(channel), channel

    def _guild(self, channel: Channel) -> Guild | None:
        return self._stage.discord.world.guild_of(channel)

    def _message(self, person: Person, channel: Channel, sent: Json) -> Seen:
        for message in views.visible(self._stage.discord, person, channel):
            if message.id == int(sent["message"]):
                return Seen(message)
        raise RefusedByDiscord("That message is gone")

    async def _answered(self, member: Member, asking: Asking) -> Json:
        reply = await asking.acknowledged()
        answer: Json = {"state": reply.state}
        if reply.modal is not None:
            number = str(next(self._numbers))
            self._modals[number] = (member, reply)
            answer["modal"] = {"number": number, **reply.modal}
        return answer

    def _options(self, sent: Json, channel: Channel) -> dict[str, object]:
        """What the page sent, with ids turned into what they stand for, as the command's own options say."""
        name, *path = str(sent["command"]).split()
        guild = self._guild(channel)
        command = self._stage.discord.commands.find(name, None if guild is None else guild.id)
        specs = {spec["name"]: spec for spec in option_specs(command or {}, path)}
        given: Mapping[str, Any] = sent.get("options") or {}
        return {key: self._option(specs.get(key, {}), value, guild) for key, value in given.items()}

    def _option(self, spec: Json, value: Any, guild: Guild | None) -> object:
        kind = spec.get("type", 0)
        if kind == ATTACHMENT:
            return self._uploads[str(value)]
        return self._chosen(_OPTION_KINDS[kind], [value], guild)[0] if kind in _OPTION_KINDS else value

    def _field(self, field: Json, value: Any, guild: Guild | None) -> Any:
        if field["type"] == FILES:
            return [self._uploads[str(number)] for number in value]
        if field["type"] not in SELECTS:
            return value
        return self._chosen(field["type"], value, guild)

    def _chosen(self, kind: int, values: list[str], guild: Guild | None) -> list[object]:
        if kind == STRING_SELECT:
            return list(values)
        return [self._pointed_at(kind, int(value), guild) for value in values]

    def _pointed_at(self, kind: int, identity: int, guild: Guild | None) -> object:
        if guild is None:
            return self._stage.discord.world.users[identity]
        if kind == CHANNEL_SELECT:
            return guild.channels[identity]
        if kind == ROLE_SELECT or (kind == MENTIONABLE_SELECT and identity in guild.roles):
            return guild.roles[identity]
        return guild.members[identity]


def option_specs(command: Json, path: list[str]) -> list[Json]:
    """The options of the (sub-)command that the path leads to."""
    specs: list[Json] = command.get("options") or []
    for word in path:
        specs = next((spec.get("options") or [] for spec in specs if spec["name"] == word), [])
    return specs
