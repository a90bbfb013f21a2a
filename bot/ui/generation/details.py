"""What a member alone reads about a picture: all that is on record of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from discord import Embed

from bot.core.generation.model import Generation
from bot.core.limits.budgets import CREDITS_PER_DOLLAR
from bot.ui.embeds import COLOUR, model_name
from bot.ui.outgoing_message import OutgoingMessage, Upload
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import code_block, disarm, units

PROMPT_SHOWN, REVISED_SHOWN, STYLE_SHOWN = 3500, 1000, 500
"""Of 4,096 characters that a description takes, and 6,000 of an embed:
https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""


def details_message(
    generation: Generation, revised: str, say: Sentences = IN_ENGLISH, *, shows_cost: bool = False
) -> OutgoingMessage:
    """`revised`: the words that it was painted by, where they are others than the member's."""
    spec = generation.request.spec
    prompt = code_block(spec.prompt, PROMPT_SHOWN) if spec.prompt else say("details.prompt_erased")
    embed = Embed(colour=COLOUR, title=say("details.title"), description=prompt)
    if revised:
        embed.add_field(
            name=say("details.name.revised"), value=code_block(revised, REVISED_SHOWN), inline=False
        )
    if spec.style:
        name = disarm(spec.style.name)
        has_text = spec.style.before or spec.style.after
        words = f"{name}\n{code_block(spec.style.applied_to('…'), STYLE_SHOWN)}" if has_text else name
        embed.add_field(name=say("details.name.style"), value=words, inline=False)
    for code, value in _facts(generation, say, shows_cost=shows_cost):
        embed.add_field(name=say(f"details.name.{code}"), value=value)
    return OutgoingMessage(embeds=(embed,), files=tuple(_whole(spec.prompt, revised)))


def _whole(prompt: str, revised: str) -> Iterator[Upload]:
    """What has no room in the embed, as files."""
    for name, text, room in (("prompt", prompt, PROMPT_SHOWN), ("painted-by", revised, REVISED_SHOWN)):
        if units(text) > room:
            yield Upload(f"{name}.txt", text.encode())


def _facts(generation: Generation, say: Sentences, *, shows_cost: bool) -> Iterator[tuple[str, str]]:
    """Short ones, by the codes of their names."""
    request, spec = generation.request, generation.request.spec
    if generation.model:
        yield "model", f"`{model_name(generation.model).replace('`', '')}`"
    if spec.shape:
        yield "shape", say(f"option.shape.{spec.shape}")
    yield "when", say("details.at", at=generation.reserved_at)
    if generation.settled_at:
        took = round((generation.settled_at - generation.reserved_at).total_seconds())
        yield "took", say.duration(max(1, took))
    yield "counted", say("image.used", count=(spec.count - generation.refunded) * spec.weight)
    if request.caller.member:
        yield "asked_by", f"<@{request.caller.member}>"
    if request.idea_by:
        yield "idea_by", f"<@{request.idea_by}>"
    if shows_cost and generation.cost:
        revision = generation.revision.credits if generation.revision else None
        dollars = Decimal(generation.cost.credits + (revision or 0)) / CREDITS_PER_DOLLAR
        code = "details.cost_estimated" if generation.cost.estimated else "details.cost_known"
        yield "cost", say(code, dollars=dollars.quantize(Decimal("0.0001")))
    yield "id", f"`{generation.id}`"
