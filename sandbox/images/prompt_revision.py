"""The revised prompt, as grok-2-image writes one from a short prompt."""

from __future__ import annotations

import zlib

_OPENINGS = (
    "A high-resolution photograph of",
    "A richly detailed digital painting of",
    "A cinematic wide-angle view of",
    "A softly lit illustration of",
)
_ENDINGS = (
    "in the warm light of late afternoon, with gentle hills fading into haze and a calm, inviting mood.",
    "under a wide sky with a low sun, the foreground in crisp detail and the background softly blurred.",
    "seen from a slight rise, with long shadows, saturated colours and a quiet sense of depth.",
)


_KEPT = (
    "Keep the composition, the light and everything else in the picture as they are.",
    "Leave the rest of the picture unchanged, and match its perspective and its colours.",
)


def revised_edit(prompt: str) -> str:
    """What is to be changed, and that the rest is not."""
    words = prompt.strip().rstrip(".")
    kept = _KEPT[zlib.crc32(prompt.encode("utf-8", "surrogatepass")) % len(_KEPT)]
    return f"{words[:1].upper()}{words[1:]}. {kept}"


def revised(prompt: str) -> str:
    """One description longer than the prompt; the same for the same prompt."""
    seed = zlib.crc32(prompt.encode("utf-8", "surrogatepass"))
    opening = _OPENINGS[seed % len(_OPENINGS)]
    ending = _ENDINGS[seed // 7 % len(_ENDINGS)]
    return f"{opening} {prompt.strip().rstrip('.')}, {ending}"
