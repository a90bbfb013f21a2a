"""The image API: paid requests, as few for each order as can be, repeated only where most likely nothing was bought."""

from __future__ import annotations

import asyncio
import logging
import random as chance
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic
from typing import Self

import aiohttp
import httpx

from bot.core.fair_limiter import FairLimiter, Turn
from bot.core.generation.errors import (
    ApiUnavailable,
    ChosenModelRetired,
    EditModelRetired,
    EditsOff,
    InputLost,
    ModelRetired,
    OutcomeUnknown,
    PictureOriginNotAllowed,
    PicturesLost,
    PicturesUnavailable,
    PromptTooLongForModel,
    RateLimited,
    RequestRejected,
    ResponseLost,
)
from bot.core.generation.image_api import Attempts, Capabilities
from bot.core.generation.model import ImageSpec, InputImage, Order, Picture
from bot.core.limits.budgets import Estimate
from bot.core.place import Caller, Place
from bot.core.redaction import Redact, Redactor
from bot.core.retries import Backoff
from bot.imaging.catalogue import AFTER_A_FAILURE_SECONDS, FRESH_SECONDS, Catalogue, Listings
from bot.imaging.family import Route
from bot.imaging.http import (
    REQUEST_FAILURES,
    BodyLost,
    api_headers,
    exchange,
    off_loop,
    open_client,
    was_never_sent,
)
from bot.imaging.inputs import DiscordPictures
from bot.imaging.models import (
    NO_FIELDS,
    Model,
    ModelChoice,
    OperatorFields,
    edit_model_of,
    edit_models,
    lookup,
)
from bot.imaging.pictures import DEADLINE_SECONDS, Downloads, Lost
from bot.imaging.prices import estimate_of
from bot.imaging.probe import Inspector, Probe
from bot.imaging.purchase import Purchase, Run
from bot.imaging.request import has_shape, request_for, why_impossible
from bot.imaging.response import (
    REPEATS_OF_BROKEN,
    REPEATS_OF_BUSY,
    Answer,
    FinalFailure,
    NotFound,
    Repeat,
    judge,
)
from bot.imaging.servers import server_of

log = logging.getLogger(__name__)

LARGEST_ANSWER = 48 * 1024 * 1024  # bytes: ten usual pictures in base64, and more
LARGEST_PICTURE_IN_AN_ANSWER = 34 * 1024 * 1024  # bytes: the largest picture that is taken, in base64
MOST_INPUTS = 3
"""Pictures that are changed into one: as many as `/edit` has options for."""
LOOK_AGAIN_SECONDS = FRESH_SECONDS
"""So often at most, the list of models is asked whether one that had gone has come back."""
_CONNECT_SECONDS = 5.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 8.0
_TOLERABLE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


@dataclass(frozen=True, slots=True)
class ImagingSettings:
    """`url` up to and with /v1; `models` in the order of preference, and the operator's own `fields` of some of them;
    `timeout_seconds` bounds an order with all its requests and repeats; `concurrency` in requests.

    What that many take is bounded by the bytes of an answer (48 MiB) and of a picture (25 MiB), by four connections for
    each request, and by two threads that parse whatever is large, so that the event loop never does.
    """

    url: str
    key: str = field(repr=False)
    models: Sequence[str]
    fields: OperatorFields = field(default_factory=lambda: NO_FIELDS)  # Python 3.11 takes no mapping as it is
    download_origins: Sequence[str] = ()
    edit_models: Sequence[str] | None = None
    """None: those of the image models that change pictures, or else usual ones."""
    input_origins: Sequence[str] = ()
    timeout_seconds: float = 120.0
    concurrency: int = 64
    download_seconds: float = DEADLINE_SECONDS
    redact: Redact | None = None


class Unrecorded:
    """`Attempts` of an order of no generation, as `check --buy` makes one: counted only.

    `at_risk`: how many images may be on the bill.
    """

    def __init__(self) -> None:
        self.at_risk = 0

    async def prompt_for(self, spec: ImageSpec, longest: int, *, revises: bool) -> str:  # noqa: ARG002
        return spec.painted

    async def submitting(self, model: str, images: int) -> None:  # noqa: ARG002  # nobody asks which
        self.at_risk += images

    def not_billed(self, images: int) -> None:
        self.at_risk -= images

    async def bought(self, order: Order) -> None:
        """Nobody takes it over."""


class ImageClient:
    """An `ImageApi`, and in `probe` an `ImageApiProbe` of the same API.

    Used as `async with ImageClient(settings) as images:`; `sleep`, `random` and `clock` (seconds) are ports.
    """

    def __init__(
        self,
        settings: ImagingSettings,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = chance.random,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._random = random
        url = settings.url.rstrip("/")
        self.server = server_of(url)
        self._http = open_client(settings.concurrency)
        self._models = ModelChoice(
            (lookup(model, self.server, settings.fields) for model in settings.models), clock
        )
        able = edit_models(settings.edit_models, self._models.configured, self.server, settings.fields)
        self._edit_models = ModelChoice(able, clock, "model that changes pictures") if able else None
        self._all_models = (self._models, self._edit_models) if self._edit_models else (self._models,)
        self._redact = settings.redact or Redactor((), (settings.key,))
        # Reading one takes as long as the rest of a request.
        self._urls = {route: httpx.URL(f"{url}{route}") for route in Route}
        self._headers = api_headers(self._http, settings.key)
        self._downloads = Downloads(
            self._http,
            url,
            settings.download_origins,
            sleep=sleep,
            random=random,
            deadline=settings.download_seconds,
        )
        self._inputs = DiscordPictures(self._http, settings.input_origins)
        ours = [model.id for models in self._all_models for model in models.configured]
        self.catalogue = Catalogue(self._http, url, settings.key, ours, clock)
        self._inspector = Inspector(self._http, url, settings.key, self.catalogue)
        self._looking: asyncio.Task[None] | None = None
        self.probe = Probe(self._inspector, self._models, self._edit_models, self._downloads.allows)

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.catalogue.close()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._http.aclose()

    @property
    def model(self) -> str:
        """The model in service."""
        return self._models.current.id

    def capabilities(self, spec: ImageSpec) -> Capabilities:
        family = self._painter_of(spec).family
        return Capabilities(family.longest_prompt, frozenset(family.shapes), family.revises)

    @property
    def edit_inputs(self) -> int:
        """How many pictures can be changed into one, at most; 0 where no model changes any."""
        able = self._edit_models.configured if self._edit_models else ()
        return min(
            MOST_INPUTS, max((model.family.edit.most for model in able if model.family.edit), default=0)
        )

    def estimate(self, spec: ImageSpec) -> Estimate:
        """What one picture of `spec` will probably cost, by the model that would paint it now. Raises EditsOff."""
        model = self._painter_of(spec)
        return estimate_of(model, len(spec.inputs), self.catalogue.last_listed.prices_of(model.id))

    async def logged_cost(self, request_id: str, attempts: int) -> int | None:
        return await self._inspector.logged_cost(request_id, attempts)

    async def order(
        self, spec: ImageSpec, request_id: str, attempts: Attempts | None = None, turn: Turn | None = None
    ) -> Order:
        """Buy the pictures that `spec` asks for, 1..10. Raises GenerationFailed, and what `attempts` raise."""
        turn = turn or Turn(FairLimiter(1, sleep=self._sleep), None, 0)  # it waits for no other order
        self._look_for_returned_models()
        models, purchase = self._models_for(spec), Purchase(attempts or Unrecorded(), request_id)
        await self._buy_from(models, spec, turn, purchase)
        if spec.model:
            return purchase.outcome(none_left=ChosenModelRetired(spec.model))
        retired = EditModelRetired if spec.inputs else ModelRetired
        return purchase.outcome(none_left=retired(models.current.id))

    async def _buy_from(self, models: ModelChoice, spec: ImageSpec, turn: Turn, purchase: Purchase) -> None:
        """From the first of `models` that is still served; where one goes in the middle, the rest from the next."""
        images = spec.count
        listings: Listings | None = None  # asked for once a model has turned out gone
        for model in models.preferring(partial(has_shape, spec)):
            if listings is not None and listings.is_served(model.id) is False:
                models.mark_unserved(model, is_listed=False)
                continue
            if why_impossible(model, spec):  # it takes fewer pictures
                continue
            try:
                spec = await self._with_contents(spec, model)
            except InputLost as lost:
                purchase.failures.append(lost)
                break
            longest = model.family.longest_prompt
            if len(spec.painted) > longest:
                purchase.passed_over = PromptTooLongForModel(f"{model.id} takes {longest} characters")
                if model == self._painter_of(spec):
                    break
                continue
            prompt = await purchase.attempts.prompt_for(spec, longest, revises=model.family.revises)
            # Not before: a slow revision must not cost a picture its time.
            deadline = purchase.begin(self._settings.timeout_seconds)
            run = Run.of(model, replace(spec, prompt=prompt, style=None), images, deadline)
            await run.buy_all(turn, self._buy, purchase)
            if not run.retired:
                current = models.current
                if run.has_sold and not why_impossible(current, spec) and has_shape(spec, current):
                    models.use(model)
                break
            images = sum(run.waiting)
            if spec.model is None:
                listings = await self.catalogue.read(AFTER_A_FAILURE_SECONDS)
                models.mark_unserved(model, is_listed=listings.is_served(model.id))

    def _painter_of(self, spec: ImageSpec) -> Model:
        """The model that would paint `spec` now: the one in service, if it takes so many pictures and has shapes where
        one is asked for; else the next that does. Raises EditsOff.
        """
        models = self._models_for(spec)
        if has_shape(spec, models.current) and not why_impossible(models.current, spec):
            return models.current
        others = models.preferring(partial(has_shape, spec))
        return next((one for one in others if not why_impossible(one, spec)), models.current)

    def _models_for(self, spec: ImageSpec) -> ModelChoice:
        """The operator's; or the one that the member chose, which has no successor, and no part in theirs.

        Raises EditsOff where pictures are to be changed, and there is no model for it.
        """
        if spec.model is not None:
            chosen = lookup(spec.model, self.server, self._settings.fields)
            model = edit_model_of(chosen, self.server, self._settings.fields) if spec.inputs else chosen
            models = ModelChoice([model]) if model else None
        else:
            models = self._edit_models if spec.inputs else self._models
        if models is None:
            raise EditsOff
        return models

    async def check_inputs(
        self, inputs: Sequence[InputImage], caller: Caller[Place]
    ) -> tuple[InputImage, ...]:
        return await self._inputs.check(inputs, caller)

    async def small_copy(self, image: InputImage) -> Picture | None:
        return await self._inputs.small_copy(image)

    async def shown(self, url: str) -> Picture:
        return await self._inputs.shown(url)

    async def _with_contents(self, spec: ImageSpec, model: Model) -> ImageSpec:
        """With the files, where `model` is not given links to them. Raises InputLost: nothing has been bought yet."""
        edit = model.family.edit if spec.inputs else None
        if edit is None or not edit.needs_content or all(picture.content for picture in spec.inputs):
            return spec
        return replace(spec, inputs=await self._inputs.read(spec.inputs))

    def _look_for_returned_models(self) -> None:
        """Now and then, where a model has gone that comes before the one in service; no order waits for it."""
        all_first = all(models.current == models.configured[0] for models in self._all_models)
        if all_first or self.catalogue.age() < LOOK_AGAIN_SECONDS:
            return

        async def look() -> None:
            listings = await self.catalogue.read()
            for models in self._all_models:
                models.find_returned(listings.is_served)

        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(look())

    async def fetch(self, order: Order) -> tuple[Picture, ...]:
        """The pictures of a paid order that could be fetched whole, at least one. Raises PicturesLost."""
        results = await asyncio.gather(*map(self._downloads.fetch, order.sources), return_exceptions=True)
        pictures = tuple(result for result in results if isinstance(result, Picture))
        failures = [result for result in results if isinstance(result, BaseException)]
        for failure in failures:
            if not isinstance(failure, Exception):
                raise failure
            # Whatever it is, it loses one picture and not the batch.
            log.warning(
                "a paid picture is lost: %s", failure, exc_info=None if isinstance(failure, Lost) else failure
            )
        if not pictures:
            lost = [failure for failure in failures if isinstance(failure, Lost)]
            if elsewhere := next((failure.origin for failure in lost if failure.origin), None):
                raise PictureOriginNotAllowed(elsewhere)
            later = any(failure.out_of_reach for failure in lost)
            raise (PicturesUnavailable if later else PicturesLost)(
                f"{len(failures)} of {len(order.sources)}: {failures[0] if failures else 'none'}"
            )
        return pictures

    async def _buy(self, run: Run, images: int, purchase: Purchase, turn: Turn) -> Order:
        """Ask one model for so many images until it sells, another attempt would not help, or there is no time for one.

        Its attempts are told of each that it has cost nothing, if that is certain. Raises what `order` raises, and
        ModelRetired where this one is no longer served.
        """
        model, spec, deadline = run.model, replace(run.spec, count=images), run.deadline
        clock, repeats = asyncio.get_running_loop().time, 0
        backoff = Backoff(_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS)
        while True:
            await run.wait_to_send(turn)
            await purchase.attempts.submitting(model.id, images)
            if deadline.is_too_late_to_send:  # the database was slow, or this process stood still
                purchase.attempts.not_billed(images)
                raise ApiUnavailable("there was no time left to send it once it was written down")
            seconds = max(1.0, deadline.answer_by - clock())
            answer = await self._post(model, spec, purchase.request_id, seconds)
            if isinstance(answer, NotFound | FinalFailure):
                answer = await self._look_into(answer, model, editing=bool(spec.inputs))
            if isinstance(answer, Order):
                return answer
            if not answer.error.may_have_cost:
                purchase.attempts.not_billed(images)
            if isinstance(answer, FinalFailure):
                raise answer.error
            own = backoff.pause() * self._random()  # full jitter
            # Never without any wait, even where the API asks for none.
            pause = own if answer.after is None else max(answer.after + 0.5 * self._random(), own)
            throttled = isinstance(answer.error, RateLimited)
            if throttled:
                turn.throttled(pause)
            if (answer.times is not None and repeats >= answer.times) or clock() + pause >= deadline.send_by:
                raise answer.error
            if not throttled:  # else every order waits before it sends, and this one too
                await self._sleep(pause)
            repeats += 1

    async def _post(self, model: Model, spec: ImageSpec, request_id: str, seconds: float) -> Answer:
        """One paid request, sent exactly once; its answer is waited for `seconds` at most. Raises nothing."""
        headers = self._headers.copy()
        if _TOLERABLE_ID.fullmatch(request_id):
            headers["X-Client-Request-Id"] = request_id
        connect = min(_CONNECT_SECONDS, seconds)
        timeout = httpx.Timeout(seconds, connect=connect, pool=connect)
        size = sum(len(picture.content) for picture in spec.inputs)
        sent = await off_loop(size, partial(request_for, model, spec, self.server))
        headers["Content-Type"] = sent.content_type
        request = httpx.Request(
            "POST",
            self._urls[sent.route],
            content=sent.content,
            headers=headers,
            extensions={"timeout": timeout.as_dict()},
        )
        try:
            async with asyncio.timeout(seconds):
                most = min(LARGEST_ANSWER, spec.count * LARGEST_PICTURE_IN_AN_ANSWER)
                response, body = await exchange(self._http, request, most)
        except (BodyLost, *REQUEST_FAILURES) as error:
            return _judge_loss(error, seconds)
        decide = partial(
            judge,
            response.status_code,
            response.headers,
            body,
            model=model.id,
            prompt=spec.prompt,
            images=spec.count,
            editing=bool(spec.inputs),
            redact=self._redact,
        )
        return await off_loop(len(body), decide)

    async def _look_into(
        self, answer: NotFound | FinalFailure, model: Model, *, editing: bool
    ) -> FinalFailure | Repeat:
        """What an answer means after all: a 404 by the list of models, one that speaks of credit by the balance."""
        if isinstance(answer, NotFound):
            # A 404 that names nothing is a model that has gone only if the catalogue says the same, or its deprecation.
            listings = await self.catalogue.read(AFTER_A_FAILURE_SECONDS)
            if listings.is_served(model.id) is False or listings.is_withdrawn(model.id):
                return FinalFailure(ModelRetired(model.id))
            if editing and listings.exists:
                # Some servers have no path to change pictures: that says nothing of those that are made.
                error = f"{answer.said}; if this API changes no pictures, set IMAGE_EDIT_MODEL to none"
                return Repeat(REPEATS_OF_BROKEN, RequestRejected(error))
            missing = ""
            if listings.exists is False:
                missing = "; nor is there a list of models: check IMAGE_API_URL"
            return Repeat(REPEATS_OF_BROKEN, ApiUnavailable(f"{answer.said}{missing}"))
        if answer.unless_there_is_credit is None:
            return answer
        account = await self._inspector.account()
        return answer.unless_there_is_credit if account.has_credit else answer


def _judge_loss(error: Exception, seconds: float) -> FinalFailure | Repeat:
    """What it means that no whole answer came."""
    if was_never_sent(error):
        return Repeat(REPEATS_OF_BUSY, ApiUnavailable("no connection"))
    if isinstance(error, BodyLost):
        return FinalFailure(ResponseLost(str(error)))
    cause = error.__cause__
    # httpx-aiohttp 0.2 calls a connection that was cut after sending a timeout as well.
    cut = isinstance(cause, aiohttp.ClientConnectionError) and not isinstance(cause, TimeoutError)
    # The cause of a timeout is a cancellation, which says nothing.
    if isinstance(error, TimeoutError | httpx.TimeoutException) and not cut:
        return FinalFailure(OutcomeUnknown(f"no answer within {seconds:.3g} s"))
    return FinalFailure(ResponseLost(type(cause or error).__name__))
