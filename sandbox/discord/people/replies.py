"""Messages and replies as a member sees them: live, from 'thinking…' to the last edit."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.discord.interactions.interactions import Interaction
from sandbox.discord.kit.components import walk
from sandbox.discord.kit.errors import Json
from sandbox.discord.state.media import Attachment
from sandbox.discord.state.messages import Message

THINKING = "is thinking…"
NO_ANSWER = "The application did not respond"


@dataclass(frozen=True)
class EmbedField:
    name: str
    value: str
    inline: bool = False


@dataclass(frozen=True)
class Embed:
    """One embed, as drawn. `raw` is what the bot sent, with the links resolved."""

    title: str = ""
    description: str = ""
    url: str = ""
    author: str = ""
    footer: str = ""
    colour: int | None = None
    fields: list[EmbedField] = field(default_factory=list)
    image: Attachment | None = None
    alt: str = ""
    thumbnail: Attachment | None = None
    raw: Json = field(default_factory=dict, repr=False)

    @classmethod
    def from_json(cls, raw: Json, attachments: list[Attachment]) -> Embed:
        image, thumbnail = (
            next((file for file in attachments if file.url == (raw.get(name) or {}).get("url")), None)
            for name in ("image", "thumbnail")
        )
        return cls(
            title=raw.get("title") or "",
            description=raw.get("description") or "",
            url=raw.get("url") or "",
            author=(raw.get("author") or {}).get("name") or "",
            footer=(raw.get("footer") or {}).get("text") or "",
            colour=raw.get("color"),
            fields=[
                EmbedField(one["name"], one["value"], bool(one.get("inline")))
                for one in raw.get("fields") or []
            ],
            image=image,
            thumbnail=thumbnail,
            alt=(raw.get("image") or {}).get("description") or "",
            raw=raw,
        )

    @property
    def text(self) -> str:
        lines = [self.author, self.title, self.description]
        lines += [f"{one.name}: {one.value}" for one in self.fields]
        return "\n".join(line for line in (*lines, self.footer) if line)


class ShownMessage:
    """A message as a member reads it."""

    def __init__(self, message: Message | None) -> None:
        self._message = message

    @property
    def message(self) -> Message | None:
        return self._message

    @property
    def link(self) -> str:
        """Where Discord's client jumps to; an ephemeral message has one as well, for who sees it."""
        if self.message is None:
            return ""
        channel = self.message.channel
        return f"https://discord.com/channels/{channel.guild_id or '@me'}/{channel.id}/{self.message.id}"

    @property
    def content(self) -> str:
        return "" if self.message is None else self.message.content

    @property
    def embeds(self) -> list[Embed]:
        message = self.message
        return (
            [] if message is None else [Embed.from_json(raw, message.attachments) for raw in message.embeds]
        )

    @property
    def attachments(self) -> list[Attachment]:
        return [] if self.message is None else self.message.attachments

    @property
    def components(self) -> list[Json]:
        """Every component, nested ones included."""
        return [] if self.message is None else walk(self.message.components)

    @property
    def pings(self) -> frozenset[str]:
        return frozenset() if self.message is None else self.message.pings

    @property
    def ephemeral(self) -> bool:
        return self.message is not None and self.message.ephemeral

    @property
    def edits(self) -> int:
        return 0 if self.message is None else self.message.edits

    @property
    def text(self) -> str:
        """The content, then the text of each embed and of the components."""
        shown = [component["content"] for component in self.components if component.get("type") == 10]
        parts = [self.content, *(embed.text for embed in self.embeds), *shown]
        return "\n".join(part for part in parts if part)

    def visible_to_user(self, user_id: int) -> bool:
        message = self.message
        if message is None or message.deleted:
            return False
        return message.only_for is None or message.only_for.id == user_id


class Reply(ShownMessage):
    """The original response to an interaction; times are in seconds since the interaction was sent."""

    def __init__(self, interaction: Interaction) -> None:
        super().__init__(None)
        self.interaction = interaction

    @property
    def message(self) -> Message | None:
        return self.interaction.original

    def expire_token(self) -> None:
        """As if the 15 minutes were over."""
        self.interaction.expire_token()

    @property
    def state(self) -> str:
        """waiting, thinking, in progress, done, deleted, or no answer."""
        return self.interaction.state

    @property
    def acknowledged_after(self) -> float | None:
        return _since(self.interaction, self.interaction.acknowledged_at)

    @property
    def finished_after(self) -> float | None:
        return _since(self.interaction, self.interaction.finished_at)

    @property
    def followups(self) -> list[ShownMessage]:
        return [ShownMessage(message) for message in self.interaction.followups if not message.deleted]

    @property
    def choices(self) -> list[Json]:
        return self.interaction.choices or []

    @property
    def modal(self) -> Json | None:
        return self.interaction.modal

    @property
    def text(self) -> str:
        if self.state == "no answer":
            return NO_ANSWER
        return THINKING if self.state == "thinking" else super().text

    def __repr__(self) -> str:
        private = ", ephemeral" if self.ephemeral else ""
        files = ", ".join(file.filename for file in self.attachments)
        return f"<Reply {self.state}{private} {self.text!r} [{files}]>"


def _since(interaction: Interaction, at: float | None) -> float | None:
    return None if at is None else at - interaction.sent_at
