"""The bot as a process, configured to use the look-alikes and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from sandbox.discord import Discord
from sandbox.discord.kit.notifier import Notifier

REPOSITORY = Path(__file__).resolve().parent.parent
BOT = ("-m", "bot")
EDIT_MODELS = "blackforestlabs/flux-2-edit, google/nano-banana-edit"
"""As the bot uses them by itself where its image API is AI/ML API."""
_KEPT = (
    "PATH",
    "SYSTEMROOT",
    "SystemRoot",
    "TEMP",
    "TMP",
    "HOME",
    "USERPROFILE",
    "LD_LIBRARY_PATH",
    "COMSPEC",
)
_TAIL = 30


class Images(Protocol):
    """An image API to point the bot at."""

    @property
    def url(self) -> str: ...

    @property
    def key(self) -> str: ...


class BotDied(RuntimeError):
    """The process ended before it was ready; carries the tail of its log."""


class Process(Protocol):
    """As much of `asyncio.subprocess.Process` as is used here."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    @property
    def stdout(self) -> asyncio.StreamReader | None: ...

    @property
    def stderr(self) -> asyncio.StreamReader | None: ...

    async def wait(self) -> int: ...

    def send_signal(self, number: int, /) -> None: ...


def python_environment() -> dict[str, str]:
    """What a Python needs, whoever's settings it is given."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}


Start = Callable[[Sequence[str], Path, Mapping[str, str]], Awaitable[Process]]
"""Starts Python with these arguments, in this folder, with this environment and no other."""


async def start_anew(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**20,
    )


class BotProcess:
    """`async with BotProcess(discord, images) as bot:`: ready inside the block, gone after it.

    It runs in an empty folder of its own, with an environment made from nothing, so that neither a
    developer's `.env` nor exported variables reach it. Its database is a file in that folder.
    """

    def __init__(
        self,
        discord: Discord,
        images: Images,
        settings: Mapping[str, str] | None = None,
        *,
        command: Sequence[str] = BOT,
        start: Start = start_anew,
        folder: Path | None = None,
        ready_within: float = 30.0,
    ) -> None:
        self._discord, self._images = discord, images
        self._settings, self._command = dict(settings or {}), tuple(command)
        self._start = start
        self._own_folder = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="bot-"))
        self._ready_within = ready_within
        self._process: Process | None = None
        self._identifies_before = 0
        self._readers: list[asyncio.Task[None]] = []
        self.log: list[str] = []
        self.log_changes = Notifier()
        """Notified at each line of the log."""

    @property
    def environment(self) -> dict[str, str]:
        return {
            **python_environment(),
            "DISCORD_TOKEN": self._discord.token,
            "DISCORD_API_URL": self._discord.api_url,
            "DISCORD_GATEWAY_URL": self._discord.gateway_url,
            "IMAGE_API_KEY": self._images.key,
            "IMAGE_EDIT_MODEL": EDIT_MODELS,
            "IMAGE_API_URL": self._images.url,
            "DATABASE_URL": f"sqlite:///{(self.folder / 'bot.db').as_posix()}",
            "LOG_FORMAT": "json",
            "SERVER_DAILY_LIMIT": "unlimited",  # not a share of the whole: whoever tries something sees what they set
            **self._settings,
        }

    @property
    def pid(self) -> int:
        return self._started.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def _started(self) -> Process:
        if self._process is None:
            raise RuntimeError("The bot was not started")
        return self._process

    def resident_mebibytes(self) -> float:
        """Memory of the process now. Linux only."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    async def start(self) -> None:
        """Start without waiting for anything."""
        self._identifies_before = self._discord.gateway.identifies
        self._process = await self._start(self._command, self.folder, self.environment)
        streams = (self._process.stdout, self._process.stderr)
        self._readers = [asyncio.create_task(self._collect(stream)) for stream in streams if stream]

    async def ready(self) -> None:
        """Return when members can use it; raise BotDied if it ends before, or is not ready in time."""
        ready = asyncio.ensure_future(self._connected())
        ended = asyncio.ensure_future(self.ended())
        try:
            await asyncio.wait((ready, ended), return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                raise BotDied(f"The bot ended with {ended.result()} before it was ready:\n{self.tail()}")
            try:
                await ready
            except TimeoutError:
                await self.kill()
                raise BotDied(
                    f"The bot was not ready within {self._ready_within:g} s:\n{self.tail()}"
                ) from None
        finally:
            for waiting in (ready, ended):
                waiting.cancel()

    async def _connected(self) -> None:
        # A process just killed may still count as connected: only an IDENTIFY since the start is this one's.
        gateway, within = self._discord.gateway, self._ready_within
        await gateway.changes.wait_for(lambda: gateway.identifies > self._identifies_before, within)
        await self._discord.bot_ready(within)

    async def ended(self) -> int:
        """Its exit code, once it has one and its log is complete."""
        code = await self._started.wait()
        await asyncio.gather(*self._readers, return_exceptions=True)
        return code

    async def terminate(self, within: float = 60.0) -> int:
        """Ask it to stop, as a host does (SIGTERM), and return its exit code."""
        return await self._signal(signal.SIGTERM, within)

    async def kill(self) -> int:
        """SIGKILL where there is one."""
        return await self._signal(getattr(signal, "SIGKILL", signal.SIGTERM), 60.0)

    async def _signal(self, number: int, within: float) -> int:
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                self._started.send_signal(number)
        async with asyncio.timeout(within):
            return await self.ended()

    def tail(self) -> str:
        return "\n".join(self.log[-_TAIL:])

    async def _collect(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self.log.append(line.decode("utf-8", "replace").rstrip())
            self.log_changes.notify()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
            await self.ready()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop it, if it runs, and remove the folder that was made for it."""
        try:
            if self.running:
                await self.terminate(within=10.0)
        except TimeoutError:
            await self.kill()
        finally:
            if self._own_folder:
                shutil.rmtree(self.folder, ignore_errors=True)
