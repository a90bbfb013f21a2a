"""The bot, giving memory back again and again: what it then grows by is kept by somebody.

That finds tasks that nobody holds, too: asyncio does not, so that they can be garbage before they are done.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import time

from sandbox.shifted_clock import run

PAUSE_SECONDS = 0.5


def collect_again_and_again() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    while True:
        time.sleep(PAUSE_SECONDS)
        gc.collect()
        if trim:  # the GNU C library's
            trim(0)


if __name__ == "__main__":
    threading.Thread(target=collect_again_and_again, daemon=True).start()
    run(["-m", "bot"])
