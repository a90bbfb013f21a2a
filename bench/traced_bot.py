"""`python -m bench.traced_bot`: the bot, recording each function that it enters between SIGUSR1 and SIGUSR2.

At SIGUSR2 it prints them on one line, as JSON behind `TRACE`: path and qualified name of each, in order.
"""

from __future__ import annotations

import inspect
import json
import os
import runpy
import signal
import sys
import threading
from pathlib import Path
from types import CodeType, FrameType

ROOT = Path(__file__).resolve().parent.parent
TRACE = "entered: "


class Recorder:
    def __init__(self) -> None:
        self.entered: dict[CodeType, None] = {}
        self.recording = False

    def record(self, frame: FrameType, event: str, _: object) -> None:
        """A profile function: called for each call of a function and each step of a coroutine."""
        if event == "call" and self.recording:
            self.entered.setdefault(frame.f_code)

    def begin(self, *_: object) -> None:
        self.entered.clear()
        self.recording = True

    def end(self, *_: object) -> None:
        self.recording = False
        found = [
            (Path(code.co_filename).relative_to(ROOT).as_posix(), code.co_qualname)
            for code in self.entered
            if is_function(code)
        ]
        print(TRACE + json.dumps(found), flush=True)


def is_function(code: CodeType) -> bool:
    """Of the bot, with a `def` of its own: no body of a module or class, comprehension, lambda or generated method."""
    ours = code.co_filename.startswith((str(ROOT / "bot") + os.sep, str(ROOT / "cogs") + os.sep))
    return ours and bool(code.co_flags & inspect.CO_OPTIMIZED) and not code.co_name.startswith("<")


if __name__ == "__main__":
    recorder = Recorder()
    signal.signal(signal.SIGUSR1, recorder.begin)
    signal.signal(signal.SIGUSR2, recorder.end)
    threading.setprofile(recorder.record)  # threads that are started from here on
    sys.setprofile(recorder.record)
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
