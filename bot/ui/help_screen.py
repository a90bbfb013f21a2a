"""What `/help` shows: one screen, of what the member can use here. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from discord import Embed

from bot.core.limits.usage import Usage
from bot.ui.embeds import COLOUR
from bot.ui.limits.policy_text import fitting
from bot.ui.limits.usage_embed import usage_lines
from bot.ui.sentences import IN_ENGLISH, Sentences

SHOWN_OF_GROUPS = {"privacy": ("info", "show", "delete"), "limits": ("show",)}
"""Of a group, the commands that are named: only those can be clicked."""
FIELD_LIMIT = 1024
"""https://docs.discord.com/developers/resources/message#embed-object-embed-limits"""


def help_embed(
    commands: Sequence[str],
    menus: Sequence[str],
    usage: Usage | None,
    say: Sentences = IN_ENGLISH,
    *,
    in_server: bool,
    served: bool = True,
) -> Embed:
    """`commands` are the names of those that can be used, `menus` the names of entries in the menu of a message;
    `usage` is None where no pictures can be asked for. `in_server`: there are moderators and admins; `served`: the
    operator lets people paint there.
    """
    lines = [
        say("help.command", names=say.listed(_clickable(one)), what=say(f"command.{one}")) for one in commands
    ]
    if usage:
        lines.append(say("help.buttons"))
    else:
        where = "not_served" if not served else "server" if in_server else "direct"
        lines.append(say(f"help.no_pictures.{where}"))
    if menus:
        lines.append(say("help.menus", names=say.listed(f"**{one}**" for one in menus)))
    embed = Embed(colour=COLOUR, title=say("help.title"), description="\n".join(lines))
    if usage:
        limits = list(usage_lines(usage, say))
        if in_server:
            limits.append(say("help.change_limits" if "limits" in commands else "help.ask_moderators"))
        embed.add_field(name=say("help.limits"), value=fitting(limits, FIELD_LIMIT, say), inline=False)
    return embed


def _clickable(name: str) -> list[str]:
    return [f"`/{name} {one}`" for one in SHOWN_OF_GROUPS.get(name, ())] or [f"`/{name}`"]
