"""The image API: whether it can be reached, its key, its models and the balance, and, if it is wanted, one order."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

import httpx

from bot.core.errors import GenerationFailed
from bot.core.generation.errors import PictureOriginNotAllowed, PicturesLost
from bot.core.generation.model import ImageSpec
from bot.core.limits.budgets import CREDITS_PER_DOLLAR
from bot.diagnostics.models import availability, model_findings
from bot.diagnostics.report import NO_ANSWER, Finding, Mark, host_of, no_answer, outage
from bot.diagnostics.spending import balance_finding, dollars_at_most, dollars_each, spending_finding
from bot.imaging.catalogue import Catalogue
from bot.imaging.client import ImageClient, Unrecorded
from bot.imaging.probe import Inspection, Inspector, KeyState
from bot.imaging.servers import id_at, server_of
from bot.settings.settings import Settings

TRIAL_PROMPT = "A small red circle on a white ground"
_PATIENCE_SECONDS = 5.0
_KEY = "Image API key"
_KEY_FINDINGS = {
    KeyState.WORKS: Finding(Mark.WORKS, _KEY, "works"),
    KeyState.REJECTED: Finding(Mark.FAILS, _KEY, "isn't accepted; check IMAGE_API_KEY and IMAGE_API_URL"),
    KeyState.UNKNOWN: Finding(Mark.UNKNOWN, _KEY, "this API doesn't say without selling an image"),
}


async def image_api_findings(http: httpx.AsyncClient, settings: Settings) -> list[Finding]:
    """Without buying anything."""
    url = settings.image_api_url
    models = [id_at(server_of(url), model) for model in settings.image_model]
    catalogue = Catalogue(http, url, settings.image_api_key, models)
    inspector = Inspector(http, url, settings.image_api_key, catalogue)
    trouble, inspection = await asyncio.gather(_trouble(http, url), inspector.inspect(models))
    listings = await catalogue.read()
    if trouble is None and listings.exists is False:
        # Every API of this kind has a list of models beside its orders.
        sentence = (
            f"there's no list of models at {url}/models; check IMAGE_API_URL: it mostly ends in /v1, "
            "and what the API calls /images/generations follows after it"
        )
        trouble = Finding(Mark.FAILS, _KEY, sentence)
    if trouble:
        unknown = (
            Finding(Mark.UNKNOWN, subject, "unknown for now", relies_on=_KEY)
            for subject in ("Model", "Balance")
        )
        return [trouble, *unknown]
    return [
        _KEY_FINDINGS[inspection.key],
        model_finding(inspection),
        *await model_findings(http, settings, listings),
        balance_finding(inspection, each := dollars_each(settings, listings)),
        spending_finding(settings, each, dollars_at_most(settings, listings)),
    ]


async def _trouble(http: httpx.AsyncClient, url: str) -> Finding | None:
    """Why nothing that the API says counts."""
    try:
        async with http.stream(
            "GET", f"{url}/models", params={"id": "x"}, timeout=_PATIENCE_SECONDS
        ) as answer:
            trouble = outage(answer.status_code, host_of(url))
    except NO_ANSWER as error:
        return no_answer(Mark.FAILS, _KEY, error, host_of(url))
    return Finding(Mark.FAILS, _KEY, trouble) if trouble else None


def model_finding(inspection: Inspection) -> Finding:
    """Fails only where no image can be made: of several models, any that is served does the work."""
    return availability("Model", inspection.models, "set IMAGE_MODEL to one that is available", Mark.FAILS)


async def order_finding(buyer: ImageClient, before: Sequence[Finding]) -> Finding:
    """One order from its beginning to the picture; it is paid for."""
    subject = "Order"
    if any(finding.mark is Mark.FAILS for finding in before):
        return Finding(Mark.UNKNOWN, subject, "nothing was bought: see above")
    attempts = Unrecorded()
    try:
        async with buyer:
            order = await buyer.order(ImageSpec(TRIAL_PROMPT), f"check-{secrets.token_hex(8)}", attempts)
            cost = "the API doesn't say what it cost"
            if order.credits is not None:
                cost = f"it cost ${order.credits / CREDITS_PER_DOLLAR:.4f}"
            try:
                picture, *_ = await buyer.fetch(order)
            except PictureOriginNotAllowed as elsewhere:
                sentence = f"{order.model} painted, but {elsewhere}; if that host is the image API's, add it ({cost})"
                return Finding(Mark.FAILS, subject, sentence, misconfigured=True)
            except PicturesLost as lost:
                sentence = f"{order.model} painted, but the picture is lost: {lost} ({cost})"
                return Finding(Mark.FAILS, subject, sentence)
    except GenerationFailed as failure:
        billed = "it may have been billed" if attempts.at_risk else "it cost nothing"
        return Finding(Mark.FAILS, subject, f"no picture came: {failure} ({billed})")
    size = f"{picture.media_type}, {len(picture.content) / 1024:,.0f} KiB"
    return Finding(Mark.WORKS, subject, f"a picture by {order.model} arrived ({size}); {cost}")
