"""A Discord look-alike on loopback: REST, gateway, and members who use the bot."""

from sandbox.discord.kit.errors import RefusedByDiscord, RestError
from sandbox.discord.kit.request_body import Upload
from sandbox.discord.look_alike import Discord
from sandbox.discord.people.member import Member
from sandbox.discord.people.pending_interaction import Asking, NotInTime
from sandbox.discord.people.replies import Embed, EmbedField, Reply, Seen
from sandbox.discord.people.server import Server
from sandbox.discord.state.permissions import Permission

__all__ = [
    "Asking",
    "Discord",
    "Embed",
    "EmbedField",
    "Member",
    "NotInTime",
    "Permission",
    "RefusedByDiscord",
    "Reply",
    "RestError",
    "Seen",
    "Server",
    "Upload",
]
