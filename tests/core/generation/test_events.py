"""Whoever wants to know what happened hears of it, whatever the others do."""

from __future__ import annotations

import pytest

from bot.core.generation.events import Listeners


def test_a_listener_that_fails_keeps_an_event_neither_from_the_others_nor_from_whoever_published_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, last = list[str](), list[str]()

    def fail(_: str) -> None:
        raise ZeroDivisionError

    Listeners(first.append, fail, last.append).publish("delivered")
    assert first == last == ["delivered"]
    assert "an event was not handled: str" in caplog.text
