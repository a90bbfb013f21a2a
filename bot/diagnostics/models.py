"""The image models: which are served, what each costs and takes, and what to set for one that the bot does not know."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import httpx

from bot.core.generation.revision import WhenToRevise
from bot.diagnostics.report import Finding, Mark
from bot.imaging.catalogue import ListedModel, Listings, ModelStatus, get
from bot.imaging.model_schema import DescribedModel, described_model
from bot.imaging.models import Model, edit_model_of, lookup
from bot.imaging.models_in_use import ModelsInUse, unable_edit_models
from bot.imaging.servers import id_at, server_of
from bot.settings.model_fields import EVERY_OTHER, ModelFields
from bot.settings.settings import Settings

_MOST_DESCRIPTIONS = 10  # that are fetched: more models are rarely in use


async def model_findings(http: httpx.AsyncClient, settings: Settings, listings: Listings) -> list[Finding]:
    """What each model in use that is served costs and takes; what is wrong with those that members can choose."""
    server, fields = server_of(settings.image_api_url), settings.image_model_fields
    wanted = [lookup(model, server, fields) for model in settings.image_edit_model or ()]
    in_use = ModelsInUse.of(settings)
    models = list(dict.fromkeys((*in_use.painting, *in_use.edit_models, *wanted)))
    served = [model for model in models if listings.is_served(model.id) is not False]
    # Nobody has said what they take.
    unknown = [model for model in served if not model.known and EVERY_OTHER not in fields]
    described = await asyncio.gather(
        *(
            description(http, settings.image_api_url, listings.find(model.id))
            for model in unknown[:_MOST_DESCRIPTIONS]
        )
    )
    return [
        *(details_finding(model, listings.find(model.id), settings) for model in served),
        *edit_findings(settings, listings),
        *prompt_findings(settings, listings),
        *choices_findings(settings, listings),
        *fields_findings(dict(zip(unknown, described, strict=False)), settings),
        *_unused_fields(settings, models),
    ]


def details_finding(model: Model, listed: ListedModel | None, settings: Settings) -> Finding:
    """What it costs, and what a member can ask it for."""
    amount = price(model, listed)
    sentence = "; ".join(
        (
            f"{model.id}: {f'{amount} an image' if amount else 'nobody says what an image costs'}",
            f"prompts of up to {model.family.longest_prompt:,} characters",
            f"shapes: {', '.join(model.family.shapes) or 'none to choose from'}",
            f"{model.family.count.most} in a request",
            _edits(model, settings),
        )
    )
    return Finding(Mark.WORKS, "Details", sentence)


def price(model: Model, listed: ListedModel | None) -> str | None:
    """Of one picture, by the API's list, else by the bot's own table; None where neither has one."""
    prices = listed.prices if listed else None
    if prices is not None:
        lowest, highest = prices
        return f"${dollars(lowest)}{f' to ${dollars(highest)}' if highest > lowest else ''}"
    return None if model.family.dollars is None else f"about ${dollars(model.family.dollars)}"


def _edits(model: Model, settings: Settings) -> str:
    """Which model changes pictures where this one makes them."""
    editor = edit_model_of(model, server_of(settings.image_api_url), settings.image_model_fields)
    if editor is None or editor.family.edit is None:
        return "doesn't change pictures"
    by = "changes pictures" if editor == model else f"{editor.id} changes pictures"
    return by if editor.family.edit.most == 1 else f"{by}, up to {editor.family.edit.most} at once"


def availability(subject: str, models: Sequence[ModelStatus], otherwise: str, gone: Mark) -> Finding:
    """Of models that stand in for each other: where all of them are `gone`, that and what to do `otherwise`."""
    sentence = "; ".join(map(_state, models))
    first = next((model for model in models if model.served is not False), None)
    if first is None:
        return Finding(gone, subject, f"{sentence}; {otherwise}")
    if first is not models[0]:
        sentence += f"; {first.id} is used"
    return Finding(Mark.WORKS if first.served else Mark.UNKNOWN, subject, sentence)


def _state(model: ModelStatus) -> str:
    if model.served is None:
        return f"{model.id} can't be looked up here"
    notice = model.deprecation
    if not model.served:
        return f"{model.id} is no longer available" if notice else f"{model.id} isn't available"
    if notice is None:
        return f"{model.id} is available"
    if notice.shutdown_at:
        return f"{model.id} is available until {notice.shutdown_at[:10]}, but {notice.status}"
    return f"{model.id} is available, but {notice.status}"


def edit_findings(settings: Settings, listings: Listings) -> list[Finding]:
    """The models that change pictures; those of IMAGE_EDIT_MODEL that can't are left out by the bot."""
    subject = "Edits"
    if settings.image_edit_model == ():
        return [Finding(Mark.WORKS, subject, "/edit is off: IMAGE_EDIT_MODEL is none")]
    able = ModelsInUse.of(settings).edit_models
    found = list[Finding]()
    if sentence := unable_edit_models(settings):
        found.append(Finding(Mark.FAILS, subject, sentence))
    elif not able:
        found.append(
            Finding(
                Mark.WORKS,
                subject,
                "/edit isn't offered: no model in use can change pictures; see IMAGE_EDIT_MODEL",
            )
        )
    if able:
        otherwise = "set IMAGE_EDIT_MODEL to one that is available, or to none"
        statuses = [listings.status_of(model.id) for model in able]
        found.append(availability(subject, statuses, otherwise, Mark.FAILS))
    return found


def prompt_findings(settings: Settings, listings: Listings) -> list[Finding]:
    """The chat models that revise prompts: without any, prompts are painted as they are written."""
    if settings.revise_prompts is WhenToRevise.NEVER:
        return []
    server = server_of(settings.image_api_url)
    models = [listings.status_of(id_at(server, model)) for model in settings.prompt_model]
    otherwise = "prompts are painted as written; set PROMPT_MODEL to one that is available, or REVISE_PROMPTS to never"
    return [availability("Prompts", models, otherwise, Mark.UNKNOWN)]


def choices_findings(settings: Settings, listings: Listings) -> list[Finding]:
    """Members are refused who choose a model that is gone, or one that counts as more than their limit."""
    models, daily = ModelsInUse.of(settings).choices, settings.daily_limit
    gone = [
        Finding(Mark.FAILS, "Choices", f"{choice.name} ({choice.model}) isn't available; see IMAGE_CHOICES")
        for choice, model in zip(settings.image_choices, models, strict=True)
        if listings.is_served(model.id) is False
    ]
    too_heavy = [
        f"{choice.name} counts as {choice.weight} images"
        for choice in settings.image_choices
        if daily is not None and 0 < daily < choice.weight
    ]
    if not too_heavy:
        return gone
    sentence = f"{', '.join(too_heavy)}, more than DAILY_LIMIT={daily}: nobody can choose that without a higher limit"
    return [*gone, Finding(Mark.UNKNOWN, "Choices", sentence)]


async def description(http: httpx.AsyncClient, url: str, listed: ListedModel | None) -> DescribedModel | None:
    """What the API says itself that a model takes; read from its own host only."""
    if listed is None or listed.docs_json is None:
        return None
    if httpx.URL(listed.docs_json).host != httpx.URL(url).host:
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
    named = (*settings.image_model, *(settings.image_edit_model or ()), *(model.id for model in models))
    used = {name.lower() for name in named}
    used |= {choice.model.lower() for choice in settings.image_choices}
    unused = [name for name in settings.image_model_fields if name != EVERY_OTHER and name not in used]
    sentence = f"IMAGE_MODEL_FIELDS has a list for {', '.join(unused)}, which is used nowhere"
    return [Finding(Mark.UNKNOWN, "Fields", sentence)] if unused else []


def dollars(amount: float) -> str:
    """With as many places as it takes: 0.02, 0.026, 0.0005."""
    return f"{amount:.4f}".rstrip("0").ljust(len(f"{amount:.2f}"), "0")
