"""The lines of a server's log, for its moderators. Pure: events in, messages out.

Ten entries make one message, so each stays within a tenth of what Discord takes in all embeds of a message.
"""

from __future__ import annotations

from decimal import Decimal

from discord import Embed

from bot.core.generation.events import Delivered, Failed, Refused
from bot.core.generation.model import Request
from bot.core.limits.budgets import CREDITS_PER_DOLLAR
from bot.core.moderator_log.queue import Batch, LogEvent
from bot.core.moderator_log.reports import Reported
from bot.core.place import Caller, Place
from bot.ui.error_messages import refusal_reason, what_failed
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import channel_link, cut, disarm, quote

ENTRIES_IN_A_MESSAGE = 10
PROMPT_SHOWN = 135
STYLE_SHOWN = 16
REASON_SHOWN = 160

GREEN, GREY, RED, YELLOW = 0x3BA55D, 0x747F8D, 0xED4245, 0xFAA61A


def log_message(batch: Batch, say: Sentences = IN_ENGLISH) -> OutgoingMessage:
    """A message with an embed for each entry of `batch`, of which it has ENTRIES_IN_A_MESSAGE at most.

    Above them stands how many events are missing before them.
    """
    missing, embeds = batch.lost.total(), []
    for entry in batch.entries:
        colour, (head, *lines) = _drawn(entry.event, say)
        if entry.times > 1:
            head = say.text(head, say("log.times", times=entry.times))
        embeds.append(Embed(colour=colour, description="\n".join((head, *lines)), timestamp=entry.at))
    lost = say("log.lost", count=missing) if missing else None
    return OutgoingMessage(lost, tuple(embeds), silent=True)


def _drawn(event: LogEvent, say: Sentences) -> tuple[int, list[str]]:
    """The colour of its embed, and the lines."""
    match event:
        case Delivered(request=request):
            how = "private" if request.spec.private else "posted" if event.message else "privately"
            head = say(
                f"log.delivered.{how}{'.lost' if event.missing else ''}",
                **_where(request.caller, event.message),
                count=event.images,
                lost=event.missing,
            )
            cost = say("log.cost_unknown")
            if event.cost is not None:
                cost = say(
                    "log.cost_estimated" if event.cost.estimated else "log.cost",
                    dollars=Decimal(f"{event.cost.credits / CREDITS_PER_DOLLAR:.4f}"),
                )
            last = say("log.model", model=disarm(cut(event.model, 60)), cost=cost)
            return GREEN, [head, *_asked(request, say), last]
        case Refused(request=request):
            head = say("log.refused", **_where(request.caller))
            return GREY, [head, *_asked(request, say), refusal_reason(event.refusal, say)]
        case Failed(request=request):
            head = say(
                "log.failed.linked" if event.message else "log.failed",
                **_where(request.caller, event.message),
            )
            counted = say(
                f"log.failure.{'kept' if event.counted else 'returned'}"
                f".{'paid' if event.may_have_cost else 'free'}",
                count=event.counted or request.spec.count,
            )
            last = say.text(what_failed(event.failure, say), counted)
            return RED, [head, *_asked(request, say), last]
        case Reported(by=by, owner=owner):
            head = say(
                "log.reported.owned" if owner else "log.reported",
                **_where(by, event.message),
                owner=f"<@{owner}>",
            )
            reason = quote(event.reason, REASON_SHOWN) if event.reason else say("log.no_reason")
            return YELLOW, [head, reason]


def _where(caller: Caller[Place], message: int | None = None) -> dict[str, str]:
    link = f"{channel_link(caller.place)}/{message}"
    return {"member": f"<@{caller.member}>", "channel": f"<#{caller.place.channel}>", "link": link}


def _asked(request: Request, say: Sentences) -> list[str]:
    """The prompt, its style, whose picture it is once more, and that it was to change pictures."""
    spec = request.spec
    lines = [quote(cut(spec.prompt, 2 * PROMPT_SHOWN), PROMPT_SHOWN)]  # a long one takes long to disarm
    if spec.style:
        lines.append(say("log.style", style=disarm(cut(spec.style.name, STYLE_SHOWN))))
    if request.idea_by:
        lines.append(say("log.idea_by", member=f"<@{request.idea_by}>"))
    return [*lines, say("log.changes", count=len(spec.inputs))] if spec.inputs else lines
