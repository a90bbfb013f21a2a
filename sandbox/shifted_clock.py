"""`python -m sandbox.shifted_clock SECONDS -m MODULE` (or a script): runs Python with a clock that is so much ahead.

The program needs no seam for it: whatever it asks for the time is moved before it is loaded. Monotonic clocks, and so
timeouts and pauses, go on as they are.
"""

from __future__ import annotations

import datetime
import runpy
import sys
import time


def move_clocks(seconds: int) -> None:
    real, real_ns = time.time, time.time_ns

    class Later(datetime.datetime):
        """`datetime.datetime` reads the system clock in C: the class is replaced."""

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Later:
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def today(cls) -> Later:
            return cls.now()

        @classmethod
        def utcnow(cls) -> Later:
            return cls.now(datetime.UTC).replace(tzinfo=None)

    vars(time).update(time=lambda: real() + seconds, time_ns=lambda: real_ns() + seconds * 10**9)
    vars(datetime).update(datetime=Later)


def run(program: list[str]) -> None:
    if program[0] == "-m":
        sys.argv = program[1:]
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = program
        runpy.run_path(program[0], run_name="__main__")


if __name__ == "__main__":
    move_clocks(int(sys.argv[1]))
    run(sys.argv[2:])
