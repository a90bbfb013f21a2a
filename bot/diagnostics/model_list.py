"""`python -m bot models`: the image models that the API serves now, with what each costs and takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.core.generation.model import Shape
from bot.diagnostics.models import price
from bot.diagnostics.report import host_of
from bot.imaging.catalogue import Catalogue, ListedModel, Listings
from bot.imaging.families import by_prefix
from bot.imaging.http import open_client
from bot.imaging.models import Model, edit_model_of, lookup
from bot.imaging.models_in_use import ModelsInUse
from bot.imaging.servers import server_of
from bot.logs import one_line
from bot.settings.settings import Settings

_LOOKS_LIKE_ONE = re.compile(
    r"image|imagen|flux|diffusion|sdxl|\bsd\d|dall-?e|banana|seedream|recraft|ideogram|midjourney|paint",
    re.IGNORECASE,
)
_NOT_SET = "it-is-not-set"  # most APIs show their list without a key
_IN_USE, _NOT_IN_USE = "*", " "
_HEADINGS = ("", "model", "an image", "shapes", "at once", "changes pictures", "fields")


async def list_models(settings: Settings, say: Callable[[str], object] = print) -> int:
    """One line for each; nothing is bought. 1 where there is no list to be read, else 0."""
    url = settings.image_api_url
    in_use = ModelsInUse.of(settings)
    used = list(dict.fromkeys((*in_use.painting, *in_use.edit_models)))
    async with open_client(concurrency=1) as http:
        catalogue = Catalogue(http, url, settings.image_api_key, [model.id for model in used])
        listings = await catalogue.read()
        await catalogue.close()
    lines = _lines(listings, used, settings) if listings.exists else _no_list(listings, url)
    for line in lines:
        say(one_line(settings.redact(line)))
    return 0 if listings.exists else 1


def _no_list(listings: Listings, url: str) -> Iterator[str]:
    if listings.status is None:
        yield f"nothing answers at {host_of(url)}: check the network and IMAGE_API_URL"
    elif listings.exists is False:
        yield f"there's no list of models at {url}/models; check IMAGE_API_URL: it mostly ends in /v1"
    else:
        yield f"{url}/models can't be read now (HTTP {listings.status}): check IMAGE_API_KEY, or try again later"


def _lines(listings: Listings, used: Sequence[Model], settings: Settings) -> Iterator[str]:
    models = {model.id: model for model in listings.models.values()}
    server = server_of(settings.image_api_url)
    in_use = {found.id for model in used if (found := listings.find(model.id))}
    shown = {
        name: model for name, model in models.items() if name in in_use or _is_image_model(model, settings)
    }
    yield f"{settings.image_api_url} serves {_number(len(shown), 'image model')}; {_IN_USE} is in use:"
    rows = list[tuple[str, ...]]([_HEADINGS])
    for name in sorted(shown):
        model = lookup(name, server, settings.image_model_fields)
        mark = _IN_USE if name in in_use else _NOT_IN_USE
        rows.append(_row(mark, model, shown[name], settings))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if others := len(models) - len(shown):
        yield f"{_number(others, 'other model')} make no pictures, as far as the API says"
    if any(row[-1] == "unknown" for row in rows):
        yield "unknown fields: the model gets the prompt only; `python -m bot check` reads what else it takes"
    for model in used:
        yield from _notices(listings, model)


def _row(mark: str, model: Model, listed: ListedModel, settings: Settings) -> tuple[str, ...]:
    family = model.family
    editor = edit_model_of(model, server_of(settings.image_api_url), settings.image_model_fields)
    shapes = "all" if len(family.shapes) == len(Shape) else ", ".join(family.shapes) or "none"
    changes = "no"
    if editor is not None and editor.family.edit is not None:
        by = "yes" if editor == model else editor.id
        changes = by if editor.family.edit.most == 1 else f"{by}, up to {editor.family.edit.most}"
    fields = "known" if model.known else "by its name" if family.shapes else "unknown"
    if not family.takes_prompt:
        fields = "not usable: it takes no prompt"
    elif not family.generates:
        fields += ", for changing pictures only"
    return mark, listed.id, price(model, listed) or "unknown", shapes, str(family.count.most), changes, fields


def _notices(listings: Listings, model: Model) -> Iterator[str]:
    """What the operator has to know of a model in use."""
    notice = listings.deprecation(model.id)
    if listings.is_served(model.id) is False:
        yield f"{model.id}, which is in use, isn't served" + (f": {notice.status}" if notice else "")
    elif notice is not None:
        until = f" until {notice.shutdown_at[:10]}" if notice.shutdown_at else ""
        instead = f"; {notice.replaced_by} replaces it" if notice.replaced_by else ""
        yield f"{model.id}, which is in use, is {notice.status}, and served{until}{instead}"


def _is_image_model(model: ListedModel, settings: Settings) -> bool:
    """Where the API doesn't say, by its name."""
    if model.makes_images is not None:
        return model.makes_images
    found = lookup(model.id, server_of(settings.image_api_url), settings.image_model_fields)
    by_name = by_prefix(found.id, server_of(settings.image_api_url)) is not None
    return found.known or by_name or _LOOKS_LIKE_ONE.search(model.id) is not None


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def only_image_settings(values: Mapping[str, str]) -> dict[str, str]:
    """Of the environment what this command needs: no mistake elsewhere, and no missing token, keeps it from running."""
    found = {name: value for name, value in values.items() if name.startswith("IMAGE_")}
    return {"IMAGE_API_KEY": _NOT_SET, **found, "DISCORD_TOKEN": _NOT_SET}
