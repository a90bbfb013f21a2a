"""What the operator is told, in the log and in a channel of theirs."""

from __future__ import annotations

from bot.core.generation.errors import Trouble
from bot.core.health.image_api import Alert, BalanceLow, DatabaseBack, DatabaseLost, OutageBegan, OutageEnded

_TROUBLE = {
    Trouble.KEY: "The image API doesn't accept the key. Set a new IMAGE_API_KEY and restart the bot.",
    Trouble.CREDIT: "The image API says the balance is used up. Top it up; nothing else is needed.",
    Trouble.MODEL: "None of the configured models is available any more. Set IMAGE_MODEL and restart the bot.",
    Trouble.PICTURES: "The image API keeps its pictures at a host that isn't allowed. If it's theirs, add it to "
    "IMAGE_DOWNLOAD_ORIGINS and restart the bot; the picture that was paid for is kept until then. If it isn't, "
    "`python -m bot check --buy` buys one picture to see whether they come again.",
    Trouble.DOWN: "The image API is down: most orders of the last minute got no answer, or it can't be reached.",
}
_ENDED = {
    Trouble.KEY: "The image API accepts the key again",
    Trouble.CREDIT: "The image API has credit again",
    Trouble.MODEL: "A configured model is available again",
    Trouble.PICTURES: "The image API's pictures can be fetched again",
    Trouble.DOWN: "The image API is responding again",
}


def alert_words(alert: Alert) -> str:
    """One paragraph. What others said stands in it as they said it: it is redacted before it is shown."""
    match alert:
        case OutageBegan(trouble=trouble, detail=detail):
            return (
                f"{_TROUBLE[trouble]} Until that's over, /imagine is refused and nothing is counted. "
                f"It said: {detail}"
            )
        case OutageEnded(trouble=trouble, seconds=seconds):
            return f"{_ENDED[trouble]}, after {_duration(seconds)}. /imagine works."
        case BalanceLow(amount=amount, currency=currency, threshold=threshold):
            left = f"{amount:,.2f} {currency}"
            return f"The image API's balance is down to {left} (LOW_BALANCE is {threshold:,.2f}). Top it up."
        case DatabaseLost(detail=detail):
            return (
                "The database isn't responding. Until it is, no command is carried out and nothing is counted. "
                f"It said: {detail}"
            )
        case DatabaseBack(seconds=seconds):
            return f"The database is responding again, after {_duration(seconds)}. Commands work."


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
