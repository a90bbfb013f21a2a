"""What servers of the shape of OpenAI's answer, each in its own dialect, is judged as what it is."""

from __future__ import annotations

import json

import pytest

from bot.core.generation.errors import (
    ApiUnavailable,
    CreditExhausted,
    KeyRejected,
    ModelRetired,
    PromptRejected,
    RateLimited,
    RequestRejected,
)
from bot.imaging.response import FinalFailure, NotFound, Repeat, judge
from sandbox.images.other_servers import DIALECTS, Trouble

MEANT: dict[Trouble, tuple[type[Exception], ...]] = {
    "moderated": (PromptRejected,),
    "gone": (ModelRetired,),
    "broken": (ApiUnavailable,),
    "busy": (ApiUnavailable, RateLimited),
    "invalid": (RequestRejected,),
    "unauthorized": (KeyRejected,),
    "no credit": (CreditExhausted,),
}


@pytest.mark.parametrize("trouble", MEANT)
@pytest.mark.parametrize("name", DIALECTS)
def test_each_trouble_is_what_the_server_means_by_it(name: str, trouble: Trouble) -> None:
    dialect = DIALECTS[name]
    status, content = dialect.errors[trouble]
    text = content if isinstance(content, str) else json.dumps(content)
    model = dialect.models[0]

    answer = judge(status, {}, text.replace("{model}", model).encode(), model=model, prompt="a red fox")

    if isinstance(answer, NotFound):
        # A server that runs the one model it has, whatever it is asked for.
        assert (trouble, len(dialect.models)) == ("gone", 1)
        return
    assert isinstance(answer, FinalFailure | Repeat)
    assert isinstance(answer.error, MEANT[trouble])
    assert isinstance(answer, Repeat) is (trouble in ("broken", "busy"))
