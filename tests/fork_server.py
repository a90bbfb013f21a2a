"""Starts bots by forking one process that has imported what they import: that is most of a start's CPU.

What comes out is a process like any other, with its own pid, signals, pipes, environment and folder. The server lives
as long as the test process, whose end, however sudden, ends all bots as well. Linux only.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import importlib
import json
import logging
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.client.bot import EXTENSIONS
from bot.core.limits.time_zones import zone_named
from bot.core.word_filter.word_list import WordList
from bot.imaging.http import trusted
from sandbox.bot_process import BOT, Process, Start, python_environment, start_anew

READ_AT_THE_START = ("PYTHON", "SSL_", "LD_", "MALLOC_")
"""Variables that the interpreter or a library reads before the bot does: with others a bot is started from nothing."""
IMPORTED_WHEN_NEEDED = ("bot.storage.engine.postgres", "bot.storage.engine.sqlite", "encodings.idna")
"""Each bot needs one of the first two, and imports it when it knows which."""
ENDS_WITH_ITS_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


class ForkedProcess:
    """One bot: `status` tells its pid, and at the end its exit code."""

    def __init__(
        self,
        pid: int,
        status: asyncio.StreamReader,
        asked: asyncio.StreamWriter,
        *outputs: asyncio.StreamReader,
    ) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout, self.stderr = outputs
        self._ending = asyncio.create_task(self._ended(status, asked))

    async def _ended(self, status: asyncio.StreamReader, asked: asyncio.StreamWriter) -> int:
        self.returncode = int(await status.readline() or -signal.SIGKILL)
        asked.close()
        return self.returncode

    async def wait(self) -> int:
        return await asyncio.shield(self._ending)

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)


class ForkServer:
    """The way to the process that forks."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    async def start(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Process:
        """As `python command` in that folder, with that environment and no other."""
        ours, theirs = socket.socketpair()
        outputs = [os.pipe() for _ in range(2)]
        socket.send_fds(self._control, [b"\0"], [theirs.fileno(), *(written for _, written in outputs)])
        theirs.close()
        for _, written in outputs:
            os.close(written)
        status, answer = await asyncio.open_unix_connection(sock=ours)
        request = {"command": command, "folder": str(folder), "environment": dict(environment)}
        answer.write(json.dumps(request).encode() + b"\n")
        if not (pid := await status.readline()):
            raise RuntimeError("the process that forks has ended; start tests.fork_server to see why")
        return ForkedProcess(int(pid), status, answer, *[await _reading(read) for read, _ in outputs])


async def _reading(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=2**20)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(descriptor, "rb", 0))
    return reader


@contextmanager
def fork_server() -> Iterator[ForkServer]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.fork_server", str(theirs.fileno())]
    with (
        ours,
        subprocess.Popen(
            command,
            env=python_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # as each child's: Python asks at its start what kind they are
            stderr=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
        ),
    ):
        theirs.close()
        yield ForkServer(ours)
        ours.close()


@pytest.fixture(scope="session")
def start() -> Iterator[Start]:
    """How to start a bot: quickly, where that is possible."""
    if sys.platform != "linux":
        yield start_anew
        return
    with fork_server() as server:
        yield server.start


# --- In the process that forks ---


def serve(control: socket.socket) -> dict[str, Any]:
    """Fork for each request, and tell how each child ends; returns in the children alone."""
    watched, parent = selectors.DefaultSelector(), os.getpid()
    watched.register(control, selectors.EVENT_READ)
    while True:
        for key, _ in watched.select():
            if key.fileobj is not control:
                watched.unregister(key.fileobj)
                _report(*key.data)
                continue
            message, descriptors, _, _ = socket.recv_fds(control, 1, 3)
            if not message:
                sys.exit()
            if pid := os.fork():
                watched.register(*_told(pid, *descriptors))
                continue
            watched.close()
            control.close()
            return _request(parent, *descriptors)


def _told(pid: int, status: int, *outputs: int) -> tuple[int, int, tuple[int, int, int]]:
    """What is watched from now on."""
    for one in outputs:
        os.close(one)
    os.write(status, b"%d\n" % pid)
    ending = os.pidfd_open(pid)
    return ending, selectors.EVENT_READ, (pid, ending, status)


def _report(pid: int, ending: int, status: int) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(BrokenPipeError):  # whoever asked for it is gone
        os.write(status, b"%d\n" % code)
    os.close(ending)
    os.close(status)


def _request(parent: int, status: int, *outputs: int) -> dict[str, Any]:
    """In the child, which keeps nothing that is its parent's."""
    ctypes.CDLL(None).prctl(ENDS_WITH_ITS_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    for standard, written in enumerate(outputs, 1):
        os.dup2(written, standard)
    with os.fdopen(os.dup(status), "rb") as asked:
        request: dict[str, Any] = json.loads(asked.readline())
    os.closerange(3, 1024)
    return request


def _become(command: list[str], folder: str, environment: dict[str, str]) -> None:
    os.chdir(folder)
    is_bot, is_script = tuple(command[: len(BOT)]) == BOT, command[0].endswith(".py")
    same_interpreter = _read_at_the_start(environment) == _read_at_the_start(os.environ)
    if not (same_interpreter and (is_bot or is_script)):
        os.execve(sys.executable, [sys.executable, *command], environment)
    os.environ.clear()
    os.environ.update(environment)
    if is_script:
        sys.argv = command
        runpy.run_path(command[0], run_name="__main__")
    else:
        sys.argv = command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)


def _read_at_the_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_THE_START)}


def _prepare() -> None:
    """Do once what each bot would do at its start in the same way."""
    runpy.run_module("bot", run_name="bot, imported only")
    for module in (*EXTENSIONS, *IMPORTED_WHEN_NEEDED):
        importlib.import_module(module)
    zone_named("UTC")
    WordList(("bear",)).found_in("a fox")
    trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


if __name__ == "__main__":
    _prepare()
    gc.collect()
    gc.freeze()  # or each child would look through it all once more
    try:
        _become(**serve(socket.socket(fileno=int(sys.argv[1]))))
    except SystemExit as end:
        if not isinstance(end.code, int):
            raise
        # As multiprocessing ends its children: to take apart what was imported would copy all pages that are shared.
        threading._shutdown()  # type: ignore[attr-defined]  # joins those that keep a process alive
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(end.code)
