"""`--real`: the bot uses an image API that is not the sandbox's, and the page shows what that costs."""

from __future__ import annotations

import base64
import io

from PIL import Image

from sandbox.bot_process import Start
from sandbox.discord import Upload
from sandbox.images import ImageApi
from sandbox.page.environment import run_environment
from sandbox.page.faults import FaultActions


async def test_a_real_image_api_gets_the_pictures_that_it_could_not_reach(start: Start) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(picture, "PNG")
    async with ImageApi(style="plain") as bought:
        real = {"IMAGE_API_URL": bought.url, "IMAGE_API_KEY": bought.key}
        async with run_environment(real=real, start=start) as environment:
            await environment.bots.start("first")
            ada = environment.demo.people[0]
            given = Upload("sea.png", picture.getvalue())
            reply = await ada.member_in(ada.home).use("edit", prompt="make it night", image=given)
    assert len(reply.attachments) == 2
    inside = base64.b64encode(given.data).decode()
    assert bought.requests[-1].body["image_urls"] == [f"data:image/png;base64,{inside}"]


async def test_a_real_picture_is_bought_with_the_operators_key_and_its_price_is_known(start: Start) -> None:
    async with ImageApi(style="plain") as bought:
        bought.key = "the-operators-own-key"
        real = {"IMAGE_API_URL": bought.url, "IMAGE_API_KEY": bought.key, "IMAGE_TIMEOUT_SECONDS": "30"}
        async with run_environment(real=real, start=start) as environment:
            await environment.bots.start("first")
            ada = environment.demo.people[0]
            reply = await ada.member_in(ada.home).imagine("a fox", 2)
            status = FaultActions(environment).status
    assert len(reply.attachments) == 2
    assert bought.paid_pictures == 2
    assert status["real"]
    assert status["money"] == {"dollars": 0.147, "pictures": 2, "unpriced": 0, "last": 0.147}
    assert status["images"] is None
    assert bought.key not in str([entry.as_json() for entry in environment.traffic_log.entries])
    assert not any(bought.key in line.text for line in environment.bots.lines)
