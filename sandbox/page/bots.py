"""The bot's processes: one, a second copy on the same database, killed and started again at will."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.bot_process import BOT, BotDied, BotProcess, Images, Start, start_anew
from sandbox.discord import Discord
from sandbox.discord.kit.notifier import Notifier

REMEMBERED = 400
SHIFTED_CLOCK = ("-m", "sandbox.shifted_clock")


@dataclass(frozen=True)
class Line:
    """One line of a bot's log; `at` is in seconds since the epoch, by the clock of the sandbox."""

    number: int
    copy: str
    at: float
    level: str
    text: str


class Copy:
    """One of the bot's processes; `state` is starting, running, stopping or stopped."""

    def __init__(self, name: str) -> None:
        self.name, self.state, self.note = name, "stopped", ""
        self.process: BotProcess | None = None
        self.read = 0

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None and self.process.running else None


class Bots:
    """`async with Bots(…) as bots:`: whatever was started is stopped at the end."""

    def __init__(
        self,
        discord: Discord,
        images: Images,
        settings: Mapping[str, str],
        command: Sequence[str] = BOT,
        start_process: Start = start_anew,
    ) -> None:
        self._discord, self._images = discord, images
        self._settings, self._command, self._start_process = dict(settings), command, start_process
        self.folder = Path(tempfile.mkdtemp(prefix="bot-"))
        self._watching: set[asyncio.Task[None]] = set()
        self.copies = {name: Copy(name) for name in ("first", "second")}
        self.lines: deque[Line] = deque(maxlen=REMEMBERED)
        self.changes = Notifier()
        self._pausing = asyncio.Lock()

    async def start(self, name: str) -> None:
        """Return when members can use it, or when it has failed to start."""
        copy = self.copies[name]
        if copy.state != "stopped":
            return
        ahead = int(self._discord.clock.ahead)
        command = (*SHIFTED_CLOCK, str(ahead), *self._command) if ahead else self._command
        copy.process = BotProcess(
            self._discord,
            self._images,
            self._settings,
            command=command,
            start=self._start_process,
            folder=self.folder,
        )
        copy.process.log_changes.subscribe(lambda: self._read_log(copy))
        copy.read = 0
        self._set_state(copy, "starting")
        await copy.process.start()
        watching = asyncio.create_task(self._watch_until_end(copy, copy.process))
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)
        try:
            await copy.process.ready()
        except BotDied as died:
            copy.note = reason(str(died))
        else:
            self._set_state(copy, "running")

    async def kill(self, name: str) -> None:
        copy = self.copies[name]
        if copy.process is not None and copy.process.running:
            copy.note = "killed"
            await copy.process.kill()

    async def stop(self, name: str) -> None:
        """As a host stops it (SIGTERM): it may finish its work."""
        copy = self.copies[name]
        if copy.process is not None and copy.process.running:
            self._set_state(copy, "stopping")
            await copy.process.terminate()

    async def restart(self, name: str) -> None:
        await self.kill(name)
        await self.changes.wait_for(lambda: self.copies[name].state == "stopped", 10)
        await self.start(name)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Those that run are stopped, as a host does it, and started again after the block."""
        async with self._pausing:
            names = [name for name, copy in self.copies.items() if copy.state in ("starting", "running")]
            await asyncio.gather(*map(self.stop, names))
            await self.changes.wait_for(
                lambda: all(self.copies[name].state == "stopped" for name in names), 10
            )
            yield
            await asyncio.gather(*map(self.start, names))

    async def _watch_until_end(self, copy: Copy, process: BotProcess) -> None:
        code = await process.ended()
        copy.note = copy.note or ("stopped when it was asked to" if code == 0 else f"ended with {code}")
        self._set_state(copy, "stopped")

    def _set_state(self, copy: Copy, state: str) -> None:
        copy.state = state
        if state != "stopped":
            copy.note = ""
        self.changes.notify()

    def _read_log(self, copy: Copy) -> None:
        if copy.process is None:
            return
        for text in copy.process.log[copy.read :]:
            number = self.lines[-1].number + 1 if self.lines else 1
            self.lines.append(Line(number, copy.name, self._discord.clock.now(), *parse_log_line(text)))
        copy.read = len(copy.process.log)
        self.changes.notify()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        processes = [copy.process for copy in self.copies.values() if copy.process is not None]
        await asyncio.gather(*(process.close() for process in processes), return_exceptions=True)
        await asyncio.gather(*self._watching, return_exceptions=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def parse_log_line(line: str) -> tuple[str, str]:
    """The level and the message of a line of the log, which is JSON where the bot itself wrote it."""
    try:
        said = json.loads(line)
    except ValueError:
        return "ERROR" if line.startswith(("Traceback", "  File")) else "INFO", line
    if not isinstance(said, dict):
        return "INFO", line
    return str(said.get("level", "INFO")).upper(), str(said.get("message", line))


def reason(log_tail: str) -> str:
    """The last thing that a bot logged before it ended."""
    lines = log_tail.strip().splitlines()
    return parse_log_line(lines[-1])[1] if lines else "it did not say why"
