"""Pictures that members want changed: what is taken, what is refused, and from where they are fetched."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from PIL import Image

from bot.core.generation.errors import InputRefused, InputTrouble
from bot.core.generation.image_api import LARGEST_INPUT
from bot.core.generation.model import InputImage
from bot.imaging.http import open_client
from bot.imaging.inputs import AT_ONCE, AT_ONCE_OF_ONE, DiscordPictures
from bot.imaging.pictures import SMALL_SIDE
from sandbox.images.broken_images import decompression_bomb
from tests.core.factories import caller
from tests.imaging.conftest import serving
from tests.patience import PATIENCE


def picture(kind: str, size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "teal").save(target, kind, **options)
    return target.getvalue()


def animation(kind: str) -> bytes:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("teal", "red")]
    target = io.BytesIO()
    frames[0].save(target, kind, save_all=True, append_images=frames[1:])
    return target.getvalue()


@dataclass
class Host:
    """Discord's host of attachments, which answers everything with `answer`."""

    origin: str = ""
    answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]] = field(init=False)
    asked: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def gives(self, content: bytes, status: int = 200) -> None:
        async def answer(_request: web.BaseRequest) -> web.StreamResponse:
            return web.Response(body=content, status=status)

        self.answer = answer

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(request.path)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self.answer(request)
        finally:
            self.at_once -= 1

    def link(self, name: str = "fox.png") -> InputImage:
        return InputImage(f"{self.origin}/ephemeral-attachments/1/2/{name}?ex=1&is=2&hm=3", "image/png")


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    made = Host()
    async with serving(made.serve) as made.origin:
        yield made


@asynccontextmanager
async def pictures(host: Host, seconds: float = 30.0) -> AsyncIterator[DiscordPictures]:
    async with open_client(4) as http:
        yield DiscordPictures(http, [host.origin], seconds=seconds)


async def trouble_with(inputs: DiscordPictures, *images: InputImage) -> tuple[InputTrouble, int]:
    with pytest.raises(InputRefused) as refused:
        await inputs.check(images, caller())
    return refused.value.trouble, refused.value.number


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_the_type_of_a_picture_is_that_of_its_bytes_whatever_it_is_called(
    host: Host, kind: str
) -> None:
    host.gives(picture(kind))
    async with pictures(host) as inputs:
        [found] = await inputs.check([host.link("fox.gif")], caller())
    assert found == InputImage(host.link("fox.gif").url, f"image/{kind.lower()}", 40, 30)


WHOLE = picture("PNG", (300, 200))
DAMAGED = WHOLE[: len(WHOLE) // 2] + bytes([WHOLE[len(WHOLE) // 2] ^ 1]) + WHOLE[len(WHOLE) // 2 + 1 :]
REFUSED = [
    (animation("GIF"), InputTrouble.ANIMATED),
    (picture("GIF"), InputTrouble.ANIMATED),
    (animation("PNG"), InputTrouble.ANIMATED),
    (animation("WEBP"), InputTrouble.ANIMATED),
    (b"%PDF-1.7", InputTrouble.NOT_A_PICTURE),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", InputTrouble.NOT_A_PICTURE),
    (b"", InputTrouble.NOT_A_PICTURE),
    (picture("BMP"), InputTrouble.NOT_A_PICTURE),
    (WHOLE[:-6], InputTrouble.BROKEN),
    (DAMAGED, InputTrouble.BROKEN),
    (picture("JPEG")[:-40], InputTrouble.BROKEN),
    (decompression_bomb(), InputTrouble.TOO_MANY_PIXELS),
    (bytes(LARGEST_INPUT + 1), InputTrouble.TOO_LARGE),
]


@pytest.mark.parametrize(("content", "trouble"), REFUSED, ids=range(len(REFUSED)))
async def test_what_no_model_can_change_is_refused_with_its_reason(
    host: Host, content: bytes, trouble: InputTrouble
) -> None:
    host.gives(content)
    async with pictures(host) as inputs:
        assert await trouble_with(inputs, host.link()) == (trouble, 0)


async def test_a_picture_without_an_announced_size_is_read_no_further_than_it_may_be_long(host: Host) -> None:
    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(LARGEST_INPUT // 2**20 + 8):
            await response.write(bytes(2**20))
        return response

    host.answer = endless
    async with pictures(host) as inputs:
        assert await trouble_with(inputs, host.link()) == (InputTrouble.TOO_LARGE, 0)


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(404, InputTrouble.GONE), (403, InputTrouble.GONE), (503, InputTrouble.UNAVAILABLE)],
)
async def test_what_discord_does_not_hand_out_is_refused(
    host: Host, status: int, trouble: InputTrouble
) -> None:
    host.gives(b"", status)
    async with pictures(host) as inputs:
        assert await trouble_with(inputs, host.link()) == (trouble, 0)


@pytest.mark.parametrize(
    "address",
    [
        "{origin}/v1/models",
        "{origin}/attachments/../v1/models",
        "http://127.0.0.1:9/attachments/1/2/fox.png",
        "http://cdn.discordapp.com/attachments/1/2/fox.png",
        "https://me@cdn.discordapp.com/attachments/1/2/fox.png",
        "https://cdn.discordapp.com.example/attachments/1/2/fox.png",
        "https://cdn.discordapp.com:8443/attachments/1/2/fox.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "https://[",
        "",
    ],
)
async def test_nothing_is_fetched_from_anywhere_but_discords_attachments(host: Host, address: str) -> None:
    host.gives(picture("PNG"))
    async with pictures(host) as inputs:
        image = InputImage(address.format(origin=host.origin), "image/png")
        assert await trouble_with(inputs, image) == (InputTrouble.ELSEWHERE, 0)
    assert host.asked == []


async def test_a_redirect_leads_nowhere(host: Host) -> None:
    async def elsewhere(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": f"{host.origin}/attachments/1/2/other.png"})

    host.answer = elsewhere
    async with pictures(host) as inputs:
        assert await trouble_with(inputs, host.link()) == (InputTrouble.UNAVAILABLE, 0)
    assert len(host.asked) == 1


async def test_a_picture_that_takes_too_long_to_read_is_refused_and_read_no_further(host: Host) -> None:
    gone = asyncio.Event()

    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        if request.path.endswith("fast.png"):
            return web.Response(body=picture("PNG"))
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return web.Response()

    host.answer = slow
    async with pictures(host, seconds=0.2) as inputs:
        images = host.link("fast.png"), host.link("slow.png")
        assert await trouble_with(inputs, *images) == (InputTrouble.TOO_SLOW, 2)


async def test_of_several_pictures_the_refusal_says_which(host: Host) -> None:
    async def second_is_a_gif(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=picture("GIF" if request.path.endswith("2.png") else "PNG"))

    host.answer = second_is_a_gif
    async with pictures(host) as inputs:
        links = [host.link(f"{number}.png") for number in (1, 2, 3)]
        assert await trouble_with(inputs, *links) == (InputTrouble.ANIMATED, 2)


async def test_only_so_many_pictures_are_in_memory_at_once(host: Host) -> None:
    async def hesitant(_request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(0.02)
        return web.Response(body=picture("PNG"))

    host.answer = hesitant
    async with pictures(host) as inputs:
        await asyncio.gather(*(inputs.check([host.link()] * 3, caller(member)) for member in range(8)))
    assert host.most_at_once == AT_ONCE


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "RGB"), ("WEBP", "RGBA")])
async def test_the_small_copy_shows_the_whole_picture(host: Host, kind: str, mode: str) -> None:
    target = io.BytesIO()
    Image.new(mode, (1600, 900)).save(target, kind)
    host.gives(target.getvalue())
    async with pictures(host) as inputs:
        copy = await inputs.small_copy(host.link())
    assert copy is not None
    with Image.open(io.BytesIO(copy.content)) as shown:
        assert (shown.size, shown.format, copy.media_type) == ((SMALL_SIDE, 144), "JPEG", "image/jpeg")


async def test_the_small_copy_stands_as_the_camera_was_held(host: Host) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    host.gives(picture("JPEG", (1600, 900), exif=exif))
    async with pictures(host) as inputs:
        copy = await inputs.small_copy(host.link())
    assert copy is not None
    with Image.open(io.BytesIO(copy.content)) as shown:
        assert shown.size == (144, SMALL_SIDE)


async def test_of_a_huge_photograph_only_as_much_is_decoded_as_is_shown(host: Host) -> None:
    host.gives(picture("JPEG", (8000, 4500)))
    async with pictures(host) as inputs:
        assert await inputs.small_copy(host.link()) is not None
        host.gives(picture("PNG", (8000, 4500)))
        assert await inputs.small_copy(host.link()) is None


@pytest.mark.parametrize("content", [b"nothing", decompression_bomb(), DAMAGED])
async def test_a_result_goes_without_the_small_copy_where_there_is_none(host: Host, content: bytes) -> None:
    host.gives(content)
    async with pictures(host) as inputs:
        assert await inputs.small_copy(host.link()) is None
        assert await inputs.small_copy(InputImage("https://example.org/fox.png", "image/png")) is None


async def test_nobody_waits_for_the_many_pictures_of_another_member(host: Host) -> None:
    let_go = asyncio.Event()

    async def slow_or_fast(request: web.BaseRequest) -> web.StreamResponse:
        if request.path.endswith("slow.png"):
            await let_go.wait()
        return web.Response(body=picture("PNG"))

    host.answer = slow_or_fast
    async with pictures(host) as inputs:
        many = [
            asyncio.create_task(inputs.check([host.link("slow.png")], caller(member=1)))
            for _ in range(2 * AT_ONCE)
        ]
        async with asyncio.timeout(PATIENCE):
            while host.at_once < AT_ONCE_OF_ONE:  # noqa: ASYNC110 — a server tells by its requests alone
                await asyncio.sleep(0.01)
            await inputs.check([host.link("fast.png")], caller(member=2))
        assert host.most_at_once == AT_ONCE_OF_ONE + 1
        let_go.set()
        assert len(await asyncio.gather(*many)) == 2 * AT_ONCE
