"""What each image model takes, as data: a model is one row, and only what its row lists is ever sent.

The rows are in the order of the API's own documentation. A row is `Family(longest prompt, shapes, count, fixed fields)`
and, by name, whatever else differs. A name that ends in `*` is of models of which nothing is known but how their names
begin: what all the known ones take, a new one most likely takes, too; it is given no pictures. To add a model, add its
row, and its schema to `sandbox/images/schemas/`.

Sources: https://docs.aimlapi.com (a schema for each model, as of August 2026), https://docs.x.ai,
https://platform.openai.com/docs/api-reference/images, https://docs.together.ai/reference, https://deepinfra.com/docs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.core.generation.model import Shape
from bot.imaging.family import Count, Edit, Family, Fields, Form, Route, Value
from bot.imaging.servers import Server

NO_SHAPES: Mapping[Shape, Fields] = MappingProxyType({})
_NOTHING: Fields = MappingProxyType({})
_ANY = 4000
"""Characters of a prompt where the documentation gives no most: as much as Discord lets a member type."""


def _shapes(name: str, *values: Value) -> Mapping[Shape, Fields]:
    """The values of the field `name` for square, portrait, landscape and, where it has them, wide and tall."""
    return MappingProxyType({shape: {name: value} for shape, value in zip(Shape, values, strict=False)})


def _pixels(width: int, height: int) -> dict[str, int]:
    return {"width": width, "height": height}


def _links(most: int, *, follows_input: bool = True, dollars: float | None = None) -> Edit:
    return Edit("image_urls", Form.LINKS, most, follows_input=follows_input, dollars=dollars)


def _link(name: str = "image_url") -> Edit:
    return Edit(name, Form.LINK)


def _files(name: str, *, follows_input: bool, count: Count, dollars: float | None = None) -> Edit:
    return Edit(name, Form.FILES, 16, Route.EDITS, follows_input=follows_input, count=count, dollars=dollars)


def _editor(
    longest_prompt: int,
    shapes: Mapping[Shape, Fields],
    count: Count,
    fixed: Fields = _NOTHING,
    *,
    edit: Edit,
    dollars: float | None = None,
) -> Family:
    """What only changes pictures."""
    return Family(longest_prompt, shapes, count, fixed, edit=edit, generates=False, dollars=dollars)


def _improver(fixed: Fields) -> Family:
    """What improves a picture, without a prompt that says how."""
    return Family(_ANY, fixed=fixed, edit=_link(), generates=False, takes_prompt=False)


ASPECT = _shapes("aspect_ratio", "1:1", "3:4", "4:3", "16:9", "9:16")
ASPECT_2_3 = _shapes("aspect_ratio", "1:1", "2:3", "3:2", "16:9", "9:16")
NAMED = _shapes(
    *("image_size", "square_hd", "portrait_4_3", "landscape_4_3", "landscape_16_9", "portrait_16_9")
)
THREE_SIZES = _shapes("size", "1024x1024", "1024x1536", "1536x1024")
# Multiples of 16, which gpt-image-2 asks for, and some builds of stable-diffusion.cpp.
FIVE_SIZES = _shapes("size", "1024x1024", "1152x1536", "1536x1152", "1536x864", "864x1536")
MEGAPIXEL_SIZES = _shapes("size", "1024x1024", "768x1024", "1024x768", "1024x576", "576x1024")
WIDTH_AND_HEIGHT: Mapping[Shape, Fields] = {
    Shape.SQUARE: _pixels(1024, 1024),
    Shape.PORTRAIT: _pixels(768, 1024),
    Shape.LANDSCAPE: _pixels(1024, 768),
    Shape.WIDE: _pixels(1024, 576),
    Shape.TALL: _pixels(576, 1024),
}
# Inside the bounds of all of its models: 1440–4096 and 1024–2752.
SEEDREAM = _shapes(
    "image_size",
    *(_pixels(2048, 2048), _pixels(1728, 2304), _pixels(2304, 1728), _pixels(2560, 1440)),
    _pixels(1440, 2560),
)

ONE = Count()
N_4, N_10 = Count("n", 4), Count("n", 10)
NUM_4, NUM_9 = Count("num_images", 4), Count("num_images", 9)

# What the default would cost otherwise: a 2816×1536 PNG, too much for Discord, and no more to see for a member.
LOWER_1K: Fields = MappingProxyType({"resolution": "1k"})
UPPER_1K: Fields = MappingProxyType({"resolution": "1K"})
# The default, "auto", may be five times as dear.
MEDIUM: Fields = MappingProxyType({"quality": "medium"})

_XAI_EDIT = Edit("image", Form.OBJECTS, 3, Route.EDITS, dollars_per_input=0.002)
_XAI_EDIT_2 = replace(_XAI_EDIT, most=5, dollars=0.06, dollars_per_input=0.01)
_OPENAI_EDIT = _files("image[]", follows_input=True, count=N_10)
_LUMA_EDIT = Edit("image_urls", Form.SOURCE_AND_LINKS, 9, fixed={"type": "image_edit"})
_KONTEXT_EDIT = Edit("image_url", Form.LINK_OR_LINKS, 4, follows_input=False)

AIML_API: Mapping[str, Family] = {
    # xAI. No picture goes to any of them here: a field for one is ignored, and the request billed.
    "x-ai/grok-2-image": Family(1024, NO_SHAPES, N_10, revises=True, dollars=0.0735),
    "x-ai/grok-imagine-image": Family(8000, ASPECT, N_10, LOWER_1K, dollars=0.026),
    "x-ai/grok-imagine-image-pro": Family(8000, ASPECT, N_10, LOWER_1K, dollars=0.052),
    "x-ai/grok-imagine-image-2.0": Family(8000, ASPECT, N_10, LOWER_1K, dollars=0.052),
    "x-ai/grok-2-image*": Family(1024, NO_SHAPES, N_10, revises=True),
    "x-ai/grok-imagine*": Family(8000, ASPECT, N_10, LOWER_1K),
    # OpenAI
    "openai/gpt-image-2": Family(
        32000,
        THREE_SIZES,
        ONE,
        edit=_files("image", follows_input=False, count=N_10, dollars=0.095),
        dollars=0.054,
    ),
    "openai/gpt-image-1": Family(
        32000, THREE_SIZES, ONE, edit=_files("image", follows_input=False, count=N_10)
    ),
    "openai/gpt-image-1-5": Family(32000, THREE_SIZES, ONE),
    "openai/gpt-image-1-mini": Family(32000, THREE_SIZES, ONE),
    "openai/gpt-image-*": Family(32000, THREE_SIZES, ONE),
    # Google
    "google/imagen-4.0-fast-generate-001": Family(400, ASPECT, NUM_4, dollars=0.021),
    "google/imagen-4.0-generate-001": Family(400, ASPECT, NUM_4, dollars=0.042),
    "google/imagen-4.0-ultra-generate-001": Family(400, ASPECT, NUM_4, dollars=0.063),
    "google/imagen4/preview": Family(400, ASPECT, NUM_4),
    "imagen-3.0-generate-002": Family(400, ASPECT, NUM_4),
    "google/gemini-2.5-flash-image": Family(_ANY, ASPECT, NUM_4, edited_by="google/nano-banana-edit"),
    "google/nano-banana-edit": _editor(_ANY, ASPECT, NUM_4, edit=_links(3)),
    "google/gemini-3-pro-image-preview": Family(
        _ANY, ASPECT, NUM_4, UPPER_1K, edited_by="google/gemini-3-pro-image-edit", dollars=0.158
    ),
    "google/nano-banana-pro": Family(
        _ANY, ASPECT, NUM_4, UPPER_1K, edited_by="google/gemini-3-pro-image-edit", dollars=0.158
    ),
    "google/gemini-3-pro-image-edit": _editor(_ANY, ASPECT, NUM_4, UPPER_1K, edit=_links(5)),
    "google/gemini-3-1-flash-image-preview": Family(
        _ANY, ASPECT, ONE, UPPER_1K, edit=_links(5, follows_input=False), dollars=0.09
    ),
    "google/nano-banana-2": Family(
        _ANY, ASPECT, ONE, UPPER_1K, edit=_links(5, follows_input=False), dollars=0.09
    ),
    "google/gemini-3-1-flash-lite-image": Family(_ANY, ASPECT, ONE, UPPER_1K, edit=_links(5)),
    "google/imagen*": Family(400, ASPECT, NUM_4),
    "google/gemini-*": Family(_ANY, ASPECT, ONE),
    "google/nano-banana*": Family(_ANY, ASPECT, ONE),
    # Black Forest Labs
    "flux/schnell": Family(4000, NAMED, NUM_4),
    "flux/dev": Family(4000, NAMED, NUM_4, edited_by="flux/dev/image-to-image"),
    "flux/dev/image-to-image": _editor(4000, NO_SHAPES, NUM_4, edit=_link()),
    "flux-realism": Family(4000, NAMED, NUM_4),
    "flux/srpo": Family(4000, NAMED, NUM_4, edited_by="flux/srpo/image-to-image"),
    "flux/srpo/image-to-image": _editor(4000, NO_SHAPES, NUM_4, edit=_link()),
    "flux-pro": Family(4000, NAMED, NUM_4),
    "flux-pro/v1.1": Family(4000, NAMED, NUM_4),
    "flux-pro/v1.1-ultra": Family(4000, ASPECT, NUM_4),
    "flux/kontext-pro/text-to-image": Family(
        4000, ASPECT, NUM_4, edited_by="flux/kontext-pro/image-to-image"
    ),
    "flux/kontext-pro/image-to-image": _editor(4000, ASPECT, NUM_4, edit=_KONTEXT_EDIT),
    "flux/kontext-max/text-to-image": Family(
        4000, ASPECT, NUM_4, edited_by="flux/kontext-max/image-to-image"
    ),
    "flux/kontext-max/image-to-image": _editor(4000, ASPECT, NUM_4, edit=_KONTEXT_EDIT),
    "blackforestlabs/flux-2": Family(
        4000, NAMED, NUM_4, edited_by="blackforestlabs/flux-2-edit", dollars=0.0126
    ),
    "blackforestlabs/flux-2-edit": _editor(
        4000, NAMED, NUM_4, edit=_links(3, follows_input=False), dollars=0.038
    ),
    "blackforestlabs/flux-2-pro": Family(
        4000, NAMED, ONE, edited_by="blackforestlabs/flux-2-pro-edit", dollars=0.0315
    ),
    "blackforestlabs/flux-2-max": Family(4000, NAMED, ONE, edited_by="blackforestlabs/flux-2-pro-edit"),
    "blackforestlabs/flux-2-pro-edit": _editor(
        4000, NAMED, ONE, edit=_links(3, follows_input=False), dollars=0.0945
    ),
    "flux/kontext-*": Family(4000, ASPECT, NUM_4),
    "blackforestlabs/flux-2*": Family(4000, NAMED, ONE),
    # ByteDance
    "bytedance/seedream-4-5": Family(_ANY, SEEDREAM, ONE, edit=_links(14), dollars=0.042),
    "bytedance/seedream-5-0-lite-preview": Family(_ANY, SEEDREAM, ONE, edit=_links(14), dollars=0.0455),
    "bytedance/seedream-5-0-pro": Family(_ANY, SEEDREAM, ONE, edit=_links(14)),
    "bytedance/dola-seedream-5-0-pro": Family(_ANY, SEEDREAM, ONE, edit=_links(14)),
    "bytedance/seedream-v4-text-to-image": Family(
        4000, NAMED, NUM_4, edited_by="bytedance/seedream-v4-edit", dollars=0.0315
    ),
    "bytedance/seedream-v4-edit": _editor(4000, NAMED, NUM_4, edit=_links(10, follows_input=False)),
    "bytedance/seedream-*": Family(_ANY, SEEDREAM, ONE),
    "bytedance/dola-seedream-*": Family(_ANY, SEEDREAM, ONE),
    # Alibaba
    "alibaba/qwen-image-2-0": Family(2000, NAMED, ONE, edit=_links(3, follows_input=False), dollars=0.0455),
    "alibaba/qwen-image-2-0-pro": Family(
        2000, NAMED, ONE, edit=_links(3, follows_input=False), dollars=0.0975
    ),
    "alibaba/wan-2-6-image": Family(2000, NAMED, ONE, edit=_links(3, follows_input=False)),
    "alibaba/wan-2-7-image": Family(2000, NAMED, ONE, edit=_links(3, follows_input=False)),
    "alibaba/wan-2-7-image-pro": Family(2000, NAMED, ONE, edit=_links(3, follows_input=False)),
    "alibaba/qwen-image-3": Family(800, NAMED, NUM_4, edited_by="alibaba/qwen-image-3-edit"),
    "alibaba/qwen-image-3-edit": _editor(800, NAMED, NUM_4, edit=_links(3)),
    "alibaba/qwen-image-edit": _editor(800, NO_SHAPES, ONE, edit=_link("image")),
    "alibaba/qwen-image": Family(4000, NAMED, NUM_4, dollars=0.0455),
    "alibaba/wan2.2-t2i-flash": Family(2000, NAMED, NUM_4),
    "alibaba/wan2.2-t2i-plus": Family(2000, NAMED, NUM_4),
    "alibaba/wan2.5-t2i-preview": Family(2000, NAMED, NUM_4),
    "alibaba/z-image-turbo": Family(4000, NAMED, NUM_4, dollars=0.005),
    "alibaba/qwen-image-*": Family(800, NAMED, ONE),
    "alibaba/wan*": Family(2000, NAMED, ONE),
    "alibaba/z-image-*": Family(4000, NAMED, NUM_4),
    # Others
    "recraft-v3": Family(4000, NAMED, ONE),
    "stable-diffusion-v35-large": Family(4000, NAMED, NUM_4),
    "stable-diffusion-v3-medium": Family(4000, NAMED, NUM_4),
    "hunyuan/hunyuan-image-v3-text-to-image": Family(4000, NAMED, NUM_4, dollars=0.105),
    "reve/create-image": Family(2560, ASPECT, ONE, edited_by="reve/edit-image", dollars=0.063),
    "reve/edit-image": _editor(2560, NO_SHAPES, ONE, edit=_link(), dollars=0.105),
    "reve/remix-edit-image": _editor(2560, ASPECT, ONE, edit=_links(4, follows_input=False), dollars=0.105),
    "luma/uni-1": Family(6000, ASPECT_2_3, ONE, edit=_LUMA_EDIT),
    "luma/uni-1-max": Family(6000, ASPECT_2_3, ONE, edit=_LUMA_EDIT),
    "klingai/image-o1": _editor(4000, ASPECT, NUM_9, UPPER_1K, edit=_links(10, follows_input=False)),
    "microsoft/mai-image-2.5": Family(4000, ASPECT, ONE, dollars=0.063),
    "stable-diffusion-*": Family(4000, NAMED, NUM_4),
    "reve/*": Family(2560, ASPECT, ONE),
    "luma/uni-*": Family(6000, ASPECT_2_3, ONE),
    "microsoft/mai-image-*": Family(4000, ASPECT, ONE),
    "bytedance/dreamina-creative-upscale": _improver({"resolution": "2k"}),
    "topaz-labs/sharpen": _improver({"mode": "Standard"}),
    "topaz-labs/sharpen-gen": _improver({"mode": "Super Focus V2"}),
}

XAI: Mapping[str, Family] = {
    "grok-2-image": Family(1024, NO_SHAPES, N_10, revises=True, dollars=0.07),
    "grok-2-image*": Family(1024, NO_SHAPES, N_10, revises=True),
    "grok-imagine-image": Family(8000, ASPECT, N_10, LOWER_1K, edit=_XAI_EDIT, dollars=0.02),
    "grok-imagine-image-2.0": Family(8000, ASPECT, N_10, LOWER_1K, edit=_XAI_EDIT_2, dollars=0.04),
    # Retired in 2026: both are answered by 2.0 since, at its lower quality.
    "grok-imagine-image-quality": Family(8000, ASPECT, N_10, LOWER_1K, edit=_XAI_EDIT_2, dollars=0.04),
    "grok-imagine-image-pro": Family(8000, ASPECT, N_10, LOWER_1K, edit=_XAI_EDIT_2, dollars=0.04),
    "grok-imagine*": Family(8000, ASPECT, N_10, LOWER_1K),
}

# It takes no `response_format`: the pictures always come inside the answer.
OPENAI: Mapping[str, Family] = {
    "gpt-image-1": Family(32000, THREE_SIZES, N_10, MEDIUM, edit=_OPENAI_EDIT, dollars=0.042),
    "gpt-image-1-mini": Family(32000, THREE_SIZES, N_10, MEDIUM, edit=_OPENAI_EDIT, dollars=0.011),
    "gpt-image-1.5": Family(32000, THREE_SIZES, N_10, MEDIUM, edit=_OPENAI_EDIT, dollars=0.034),
    "gpt-image-2": Family(32000, FIVE_SIZES, N_10, MEDIUM, edit=_OPENAI_EDIT, dollars=0.042),
    "gpt-image-2.5-flare": Family(32000, FIVE_SIZES, N_10, MEDIUM, edit=_OPENAI_EDIT),
    "gpt-image-2.5-sunburst": Family(32000, FIVE_SIZES, N_10, MEDIUM, edit=_OPENAI_EDIT),
    "gpt-image-2.6-flare": Family(32000, FIVE_SIZES, N_10, MEDIUM, edit=_OPENAI_EDIT),
    "gpt-image-2.6-sunburst": Family(32000, FIVE_SIZES, N_10, MEDIUM, edit=_OPENAI_EDIT),
    "gpt-image-*": Family(32000, THREE_SIZES, N_10),
}

# The shortest prompt of any model that is asked first by default, and no field that one of them refuses: a longer
# prompt would be turned down by some, a shorter limit only asks the member for fewer words.
UNKNOWN = Family(1024)

UNKNOWN_AT: Mapping[Server, Family] = {
    Server.TOGETHER: Family(1024, WIDTH_AND_HEIGHT, N_4),
    Server.DEEPINFRA: Family(1024, MEGAPIXEL_SIZES, N_4),
    # Its link to a picture may name a host that only it knows, or that a picture must not be fetched from.
    Server.LOCAL: Family(1024, response_format="b64_json"),
}
"""The smallest set of fields by server, where it is not `UNKNOWN`."""


TABLES: Mapping[Server, tuple[Mapping[str, Family], ...]] = {
    Server.AIML_API: (AIML_API,),
    Server.XAI: (XAI,),
    Server.OPENAI: (OPENAI,),
    Server.TOGETHER: (),
    Server.DEEPINFRA: (),
}
_ALL = tuple(table for tables in TABLES.values() for table in tables)
"""For any other server: a gateway goes by the names, and takes the fields, of what is behind it."""
_ANYBODYS = ("stable-diffusion-",)
"""How names begin for which a server of the operator's own may have any other fields."""

_MAKERS = ("", "x-ai/", "openai/", "google/")
"""Those without whose names AI/ML API knows their models, too."""


def exact(model_id: str, server: Server) -> Family | None:
    """The row of that very model at that server."""
    names = _names(model_id, server)
    return next((table[one] for table in TABLES.get(server, _ALL) for one in names if one in table), None)


def by_prefix(model_id: str, server: Server) -> Family | None:
    """The row, with a `*` at its end, of models whose names begin like that one's; the longest that fits."""
    names = _names(model_id, server)
    if server not in TABLES and model_id.lower().startswith(_ANYBODYS):
        return None
    fitting = {
        row: family
        for table in TABLES.get(server, _ALL)
        for row, family in table.items()
        if row.endswith("*") and any(name.startswith(row[:-1]) for name in names)
    }
    return fitting[max(fitting, key=len)] if fitting else None


def _names(model_id: str, server: Server) -> list[str]:
    """The names under which `server` may mean that model."""
    name = model_id.lower()
    return [maker + name for maker in _MAKERS] if server is Server.AIML_API else [name]
