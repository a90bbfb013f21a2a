"""The bot with a garbage collection every half second or so, so that growth is what something still references.

It also finds tasks that nothing references: asyncio does not, so they can be collected before they are done.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import time

from sandbox.shifted_clock import run

PAUSE_SECONDS = 0.5
SHARE = 0.1
"""Of the time, at most: nothing else runs during a collection, and on a busy machine one takes long."""


def collect_garbage_repeatedly() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    pause = PAUSE_SECONDS
    while True:
        time.sleep(pause)
        begun = time.monotonic()
        gc.collect()
        if trim:  # the GNU C library's
            trim(0)
        pause = max(PAUSE_SECONDS, (time.monotonic() - begun) / SHARE)


if __name__ == "__main__":
    threading.Thread(target=collect_garbage_repeatedly, daemon=True).start()
    run(["-m", "bot"])
