"""The image models: which are served, what each costs and takes, and what to set for one that the bot does not know."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

import httpx

from bot.diagnostics.report import Finding, Mark
from bot.imaging.catalogue import ListedModel, Listings, get
from bot.imaging.model_schema import DescribedModel, described_model
from bot.imaging.models import Model, editor_of, lookup
from bot.imaging.prices import listed_prices
from bot.imaging.servers import server_of
from bot.settings.model_fields import EVERY_OTHER, ModelFields
from bot.settings.settings import Settings

_MOST_DESCRIPTIONS = 10  # that are fetched: more models are rarely in use


async def model_findings(http: httpx.AsyncClient, settings: Settings, listings: Listings) -> list[Finding]:
    """What each model in use that is served costs and takes; what is wrong with those that members can choose."""
    models = models_in_use(settings)
    served = [model for model in models if listings.is_served(model.id) is not False]
    unknown = [  # nobody has said what it takes
        model for model in served if not model.known and EVERY_OTHER not in settings.image_model_fields
    ]
    described = await asyncio.gather(
        *(
            description(http, settings.image_api_url, listings.find(model.id))
            for model in unknown[:_MOST_DESCRIPTIONS]
        )
    )
    return [
        *(details_finding(model, listings.find(model.id), settings) for model in served),
        *choices_findings(settings, listings),
        *fields_findings(dict(zip(unknown, described, strict=False)), settings),
        *_unused_fields(settings, models),
    ]


def details_finding(model: Model, listed: ListedModel | None, settings: Settings) -> Finding:
    """What it costs, and what a member can ask it for."""
    sentence = "; ".join(
        (
            f"{model.id}: an image costs {price(model, listed)}",
            f"prompts of up to {model.family.longest_prompt:,} characters",
            f"shapes: {', '.join(model.family.shapes) or 'none to choose from'}",
            f"{model.family.count.most} in a request",
            _edits(model, settings),
        )
    )
    return Finding(Mark.WORKS, "Details", sentence)


def price(model: Model, listed: ListedModel | None) -> str:
    """Of one picture, by the API's list, else by the bot's own table."""
    prices = listed_prices(listed.row) if listed else None
    if prices is not None:
        lowest, highest = prices
        return f"${dollars(lowest)}{f' to ${dollars(highest)}' if highest > lowest else ''}"
    return "unknown" if model.family.dollars is None else f"about ${dollars(model.family.dollars)}"


def _edits(model: Model, settings: Settings) -> str:
    """Which model changes pictures where this one makes them."""
    editor = editor_of(model, server_of(settings.image_api_url), settings.image_model_fields)
    if editor is None or editor.family.edit is None:
        return "doesn't change pictures"
    by = "changes pictures" if editor == model else f"{editor.id} changes pictures"
    return by if editor.family.edit.most == 1 else f"{by}, up to {editor.family.edit.most} at once"


def choices_findings(settings: Settings, listings: Listings) -> list[Finding]:
    """Members who choose a model that is gone are refused."""
    server = server_of(settings.image_api_url)
    gone = [
        choice
        for choice in settings.image_choices
        if listings.is_served(lookup(choice.model, server).id) is False
    ]
    return [
        Finding(
            Mark.FAILS, "Choices", f"{choice.name} ({choice.model}) is no longer available; see IMAGE_CHOICES"
        )
        for choice in gone
    ]


async def description(http: httpx.AsyncClient, url: str, listed: ListedModel | None) -> DescribedModel | None:
    """What the API says itself that a model takes; read from its own host only."""
    if listed is None or listed.docs_json is None:
        return None
    if urlsplit(listed.docs_json).hostname != urlsplit(url).hostname:
        return None
    return described_model((await get(http, listed.docs_json)).content, listed.id)


def fields_findings(unknown: Mapping[Model, DescribedModel | None], settings: Settings) -> list[Finding]:
    """What to set for models that neither the bot nor the operator knows the fields of."""
    subject, found = "Fields", list[Finding]()
    lists = {**settings.image_model_fields}
    for model, described in unknown.items():
        sent = "what similar models take" if model.family.shapes else "the model and the prompt only"
        sentence = f"{model.id} isn't known to the bot, and is sent {sent}"
        if described is None:
            sentence += "; IMAGE_MODEL_FIELDS can say more"
        else:
            lists[model.id.lower()] = described.fields
            sentence += f"; by the API it takes {str(described.fields) or 'nothing else'}"
            if described.needs_pictures:
                sentence += ", and makes no pictures of a prompt alone"
            if described.required:
                sentence += f", and must have {', '.join(described.required)}, which only you can say"
        found.append(Finding(Mark.UNKNOWN, subject, sentence))
    if lists.keys() > settings.image_model_fields.keys():
        found.append(Finding(Mark.UNKNOWN, subject, f"so set IMAGE_MODEL_FIELDS={written(lists)}"))
    return found


def written(lists: Mapping[str, ModelFields]) -> str:
    """As the operator writes them, one for each model."""
    return "; ".join(
        f"{model}: {fields}" if model != EVERY_OTHER else str(fields)
        for model, fields in lists.items()
        if str(fields)
    )


def _unused_fields(settings: Settings, models: Iterable[Model]) -> list[Finding]:
    used = {name.lower() for name in (*settings.image_model, *(model.id for model in models))}
    used |= {choice.model.lower() for choice in settings.image_choices}
    unused = [name for name in settings.image_model_fields if name != EVERY_OTHER and name not in used]
    sentence = f"IMAGE_MODEL_FIELDS has a list for {', '.join(unused)}, which is used nowhere"
    return [Finding(Mark.UNKNOWN, "Fields", sentence)] if unused else []


def models_in_use(settings: Settings) -> Sequence[Model]:
    """Each once, in the order of preference; then those that members can choose."""
    server = server_of(settings.image_api_url)
    names = (*settings.image_model, *(choice.model for choice in settings.image_choices))
    return list(dict.fromkeys(lookup(name, server, settings.image_model_fields) for name in names))


def dollars(amount: float) -> str:
    """With as many places as it takes: 0.02, 0.026, 0.0005."""
    return f"{amount:.4f}".rstrip("0").ljust(len(f"{amount:.2f}"), "0")
