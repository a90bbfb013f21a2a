"""What a person at the page does, through the same calls that tests use."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from sandbox.discord import (
    Member,
    PendingInteraction,
    RefusedByDiscord,
    Reply,
    RestError,
    ShownMessage,
    Upload,
)
from sandbox.discord.kit.components import FILE_UPLOAD, SELECTS, modal_fields
from sandbox.discord.kit.errors import Json
from sandbox.discord.people.option_data import ATTACHMENT
from sandbox.discord.state.guilds import Channel
from sandbox.page import views
from sandbox.page.demo_servers import DemoUser
from sandbox.page.environment import Environment
from sandbox.page.selections import SELECT_TYPES, Selections

Action: TypeAlias = Callable[[Json], Awaitable[Json]]
LONGEST_MESSAGE, MOST_FILES = 2000, 10


class Actions:
    """Each takes the page's JSON and returns its response; raises RefusedByDiscord as Discord's client would."""

    def __init__(self, environment: Environment) -> None:
        self._environment, self._selections = environment, Selections(environment.demo, environment.discord)
        self._numbers = itertools.count(1)
        self._modals: dict[str, tuple[DemoUser, Reply]] = {}
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
        person, member, channel = self._acting(sent)
        name, options = str(sent["command"]), self._options(sent, person, channel)
        return await self._response_to(person, member.begin(name, channel=channel, options=options))

    async def use_on(self, sent: Json) -> Json:
        person, member, channel = self._acting(sent)
        target: Member | ShownMessage
        if "user" in sent:
            profile = member.profile.guild.members.get(int(sent["user"]))
            if profile is None:
                raise RefusedByDiscord("They are not in this server")
            target = Member(self._environment.discord, profile)
        else:
            target = self._message(person, channel, sent)
        pending = member.begin_on(target, str(sent["command"]), channel=channel)
        return await self._response_to(person, pending)

    async def suggest(self, sent: Json) -> Json:
        person, member, channel = self._acting(sent)
        command, focused = str(sent["command"]), str(sent["focused"])
        options = self._options(sent, person, channel)
        typed = str(sent.get("typed", ""))
        reply = await member.begin_typing(command, focused, typed, channel=channel, **options).finished()
        if reply.state == "no answer":
            raise RefusedByDiscord("Loading options failed")
        return {"choices": reply.choices}

    async def press(self, sent: Json) -> Json:
        person, member, channel = self._acting(sent)
        shown = self._message(person, channel, sent)
        return await self._response_to(person, member.begin_press(shown, str(sent["component"])))

    async def choose(self, sent: Json) -> Json:
        person, member, channel = self._acting(sent)
        shown = self._message(person, channel, sent)
        menu = next(one for one in shown.components if one.get("custom_id") == sent["component"])
        chosen = self._selections.resolve(person, channel, menu["type"], sent["values"], menu)
        return await self._response_to(person, member.begin_choice(shown, menu["custom_id"], *chosen))

    async def submit(self, sent: Json) -> Json:
        person, reply = self._modals[str(sent["modal"])]
        components = (reply.modal or {}).get("components") or []
        fields = {one["custom_id"]: one for one in modal_fields(components)}
        here = reply.interaction.context.channel
        member = person.member_in(here)
        given: dict[str, object] = {}
        for key, value in sent["fields"].items():
            field = fields[key]
            if field["type"] == FILE_UPLOAD:
                given[key] = [self._uploads[str(number)] for number in value]
            elif field["type"] in SELECTS:
                given[key] = self._selections.resolve(person, here, field["type"], value, field)
            else:
                given[key] = value
        return await self._response_to(person, member.begin_submit(reply, given))

    async def say(self, sent: Json) -> Json:
        """A message of a person's own, for context menus to be used on."""
        _, member, channel = self._acting(sent)
        text = str(sent["text"]).strip()
        files = [self._uploads[str(number)] for number in sent.get("uploads") or ()]
        if len(text) > LONGEST_MESSAGE or not (text or files) or len(files) > MOST_FILES:
            raise RefusedByDiscord(
                f"A message has 1 to {LONGEST_MESSAGE} characters, or 1 to {MOST_FILES} files"
            )
        try:
            member.say(text, *files, channel=channel)
        except RestError as error:
            raise RefusedByDiscord(error.message) from None
        return {}

    async def delete(self, sent: Json) -> Json:
        person, member, channel = self._acting(sent)
        member.delete(self._message(person, channel, sent))
        return {}

    def _acting(self, sent: Json) -> tuple[DemoUser, Member, Channel]:
        person = self._environment.demo.person(int(sent["person"]))
        channel = self._environment.demo.channel(person, int(sent["channel"]))
        return person, person.member_in(channel), channel

    def _message(self, person: DemoUser, channel: Channel, sent: Json) -> ShownMessage:
        for message in views.visible(self._environment.discord, person, channel):
            if message.id == int(sent["message"]):
                return ShownMessage(message)
        raise RefusedByDiscord("That message is gone")

    async def _response_to(self, person: DemoUser, pending: PendingInteraction) -> Json:
        reply = await pending.acknowledged()
        answer: Json = {"state": reply.state}
        if reply.modal is not None:
            number = str(next(self._numbers))
            self._modals[number] = (person, reply)
            answer["modal"] = {"number": number, **reply.modal}
        return answer

    def _options(self, sent: Json, person: DemoUser, channel: Channel) -> dict[str, object]:
        """The options that the page sent, with ids resolved by the types of the command's options."""
        name, *path = str(sent["command"]).split()
        command = self._environment.discord.commands.find(name, channel.guild_id)
        specs = {spec["name"]: spec for spec in option_specs(command or {}, path)}
        options: dict[str, object] = {}
        for key, value in (sent.get("options") or {}).items():
            spec = specs.get(key, {})
            kind = spec.get("type", 0)
            if kind == ATTACHMENT:
                options[key] = self._uploads[str(value)]
            elif kind in SELECT_TYPES:
                options[key] = self._selections.resolve(person, channel, SELECT_TYPES[kind], [value], spec)[0]
            else:
                options[key] = value
        return options


def option_specs(command: Json, path: list[str]) -> list[Json]:
    """The options of the (sub-)command that the path leads to."""
    specs: list[Json] = command.get("options") or []
    for word in path:
        specs = next((spec.get("options") or [] for spec in specs if spec["name"] == word), [])
    return specs
