"""A Discord look-alike on loopback: REST, gateway, and members who use the bot."""

from sandbox.discord.kit.errors import RefusedByDiscord, RestError
from sandbox.discord.kit.request_body import Upload
from sandbox.discord.look_alike import Discord
from sandbox.discord.people.member import Member
from sandbox.discord.people.pending_interaction import PendingInteraction, ReplyTimeout
from sandbox.discord.people.replies import Embed, EmbedField, Reply, ShownMessage
from sandbox.discord.people.server import Server
from sandbox.discord.state.permissions import Permission

__all__ = [
    "Discord",
    "Embed",
    "EmbedField",
    "Member",
    "PendingInteraction",
    "Permission",
    "RefusedByDiscord",
    "Reply",
    "ReplyTimeout",
    "RestError",
    "Server",
    "ShownMessage",
    "Upload",
]
