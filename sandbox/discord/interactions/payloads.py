"""An interaction as Discord sends it to the bot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from sandbox.discord.kit.errors import Json
from sandbox.discord.state.guilds import Channel, Guild, GuildMember
from sandbox.discord.state.permissions import Permission
from sandbox.discord.state.users import User

IN_GUILD, IN_BOT_DM, IN_PRIVATE_CHANNEL = 0, 1, 2
"""https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-interaction-context-types"""


class InteractionType(IntEnum):
    APPLICATION_COMMAND = 2
    MESSAGE_COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


@dataclass(frozen=True)
class InteractionContext:
    """Who uses the interaction where; `member` is None in a direct message."""

    user: User
    channel: Channel
    member: GuildMember | None = None

    @property
    def guild(self) -> Guild | None:
        return None if self.member is None else self.member.guild

    @property
    def kind(self) -> int:
        if self.member is not None:
            return IN_GUILD
        return IN_PRIVATE_CHANNEL if self.channel.private else IN_BOT_DM

    @property
    def has_bot(self) -> bool:
        """Whether it is a server that has the bot, or the direct message channel with it."""
        return self.guild.bot is not None if self.guild else not self.channel.private

    @property
    def owners(self) -> Json:
        """By whose installation of the bot the interaction was possible: the server's ("0" in a direct message with
        the bot), the user's, or both. Of commands that both kinds offer.

        https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-authorizing-integration-owners-object
        """
        of_server = {"0": str(self.guild.id) if self.guild else "0"} if self.has_bot else {}
        return of_server | ({"1": str(self.user.id)} if self.user.has_installed else {})

    @property
    def answers_are_private(self) -> bool:
        """Whether Discord shows every answer to the member alone: they use a bot of their own in a server that does not
        let its members do so before everybody.

        USE_EXTERNAL_APPS in https://docs.discord.com/developers/topics/permissions
        """
        if self.member is None or self.has_bot:
            return False
        return not self.member.permissions_in(self.channel) & Permission.USE_EXTERNAL_APPS

    @property
    def app_permissions(self) -> int:
        """The bot's own in a server that has it; elsewhere those that its answers have.

        https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-interaction-structure
        """
        if self.guild and self.has_bot:
            return self.channel.effective_bot_permissions
        of_answers = Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE
        return of_answers | (Permission.USE_EXTERNAL_EMOJIS if self.has_bot else 0)


def payload(
    context: InteractionContext,
    kind: InteractionType,
    data: Json,
    *,
    identity: int,
    token: str,
    application_id: int,
    upload_limit: int,
    owners: Json,
) -> Json:
    body: Json = {
        "id": str(identity),
        "application_id": str(application_id),
        "type": int(kind),
        "data": data,
        "token": token,
        "version": 1,
        "locale": context.user.locale,
        "channel_id": str(context.channel.id),
        "app_permissions": str(int(context.app_permissions)),
        "entitlements": [],
        "attachment_size_limit": upload_limit,
    }
    if context.member is None:
        return body | {
            "channel": context.channel.as_json(),
            "user": context.user.as_json(),
            "context": context.kind,
            "authorizing_integration_owners": owners,
        }
    guild = context.member.guild
    permissions = str(context.member.permissions_in(context.channel))
    return body | {
        "channel": {**context.channel.as_json(), "permissions": permissions},
        "member": {**context.member.as_json(), "permissions": permissions},
        "guild": guild.partial_json(),
        "guild_id": str(guild.id),
        "guild_locale": guild.locale,
        "context": context.kind,
        "authorizing_integration_owners": owners,
    }
