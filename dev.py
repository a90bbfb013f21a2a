"""One command for each thing a developer or a curious person does here; it makes `.venv` and fills it by itself.

Standard library only, on Linux, macOS and Windows. Its syntax is parsed by Pythons that are too old, so that they
can be told so; what it prints is ASCII, which each terminal can show.
"""

import sys

OLDEST, NEWEST = (3, 11), (3, 14)


def version_complaint(version: "tuple[int, ...]") -> "str | None":
    if OLDEST <= version[:2] <= NEWEST:
        return None
    wanted = f"Python 3.{OLDEST[1]} to 3.{NEWEST[1]}"
    return (
        f"dev.py needs {wanted}, and this is {version[0]}.{version[1]}: start it as, say, python3.13 dev.py"
    )


_complaint = version_complaint(sys.version_info[:3])
if __name__ == "__main__" and _complaint:
    sys.exit(_complaint)

import contextlib
import errno
import hashlib
import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
RUNTIME = ("requirements.txt",)
DEVELOPMENT = ("requirements-dev.txt", "requirements.txt")
INTERRUPTED = VENV / ".installing"
INTERRUPT_STATUS = 130
MOST_WORKERS = 8
HELD_BY_ANOTHER = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


class Failure(Exception):
    """Carries the one line that says what to do."""


# --- What went wrong, in one line ---


def venv_failure(output: str) -> str:
    """What to do about a `python -m venv` that failed, from what it said."""
    if "ensurepip" in output or "No module named venv" in output:
        return "This Python cannot make a virtual environment: on Debian and Ubuntu, apt install python3-venv"
    if "Read-only file system" in output or "Permission denied" in output or "Access is denied" in output:
        return f"{ROOT} cannot be written to: copy the project to a folder of yours, and start dev.py there"
    return f"No virtual environment could be made in {VENV}: {_last_line(output)}"


def pip_failure(output: str) -> str:
    """What to do about a `pip install` that failed, from what it said."""
    unreachable = (
        "NewConnectionError",
        "ConnectTimeout",
        "NameResolutionError",
        "name resolution",
        "ProxyError",
    )
    if any(
        sign in output for sign in (*unreachable, "Failed to establish", "Read timed out", "ConnectionError")
    ):
        return "The package index cannot be reached: check the network (or the proxy), and start this again"
    errors = [line for line in output.splitlines() if line.startswith("ERROR:")]
    return f"pip could not install what is pinned: {_last_line(errors[-1] if errors else output)}"


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1].removeprefix("ERROR:").removeprefix("Error:").strip() if lines else "it did not say why"


# --- The virtual environment ---


def fingerprint(contents: Sequence[bytes], version: tuple[int, ...]) -> str:
    """Differs as soon as one of the requirement files or the Python does."""
    digest = hashlib.sha256(repr(version[:2]).encode())
    for content in contents:
        digest.update(hashlib.sha256(content.replace(b"\r\n", b"\n")).digest())
    return digest.hexdigest()


def _wanted(files: Sequence[str]) -> str:
    return fingerprint([(ROOT / name).read_bytes() for name in files], sys.version_info[:2])


def _stamp(files: Sequence[str]) -> Path:
    return VENV / f".installed-{files[0]}"


def _is_installed(files: Sequence[str]) -> bool:
    stamp = _stamp(files)
    return (
        PYTHON.exists()
        and not INTERRUPTED.exists()
        and stamp.exists()
        and stamp.read_text() == _wanted(files)
    )


def prepare(files: Sequence[str]) -> None:
    """Returns when `.venv` holds what the first of the files pins, whoever installed it."""
    if _is_installed(files):
        return
    with _one_at_a_time():
        if _is_installed(files):
            return
        if INTERRUPTED.exists() or not _venv_is_usable():
            _make_venv()
        _install(files)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """The lock is on this very file, so that nothing is left behind, and the system frees it when we die."""
    with open(__file__, "rb") as held:
        if not _lock(held.fileno(), wait=False):
            _say("Another dev.py is installing; waiting for it.")
            while not _lock(held.fileno(), wait=True):
                pass
        yield


def _lock(descriptor: int, *, wait: bool) -> bool:
    try:
        if sys.platform == "win32":
            # Far behind the end: others cannot read what is locked.
            os.lseek(descriptor, 1 << 30, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        return problem.errno not in HELD_BY_ANOTHER  # a file system without locks stops nobody
    return True


def _venv_is_usable() -> bool:
    """A Python we support, with its pip: after an upgrade of the system's Python, pip is no longer found."""
    if not PYTHON.exists():
        return False
    question = f"import pip, sys; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    return _quietly([str(PYTHON), "-c", question])[0] == 0


def _make_venv() -> None:
    _say(f"Making {VENV.name} with Python {sys.version_info[0]}.{sys.version_info[1]}.")
    # Not the Python that is about to be removed.
    outside = getattr(sys, "_base_executable", None) or sys.executable
    status, output = _quietly([outside, "-m", "venv", "--clear", str(VENV)])
    if status:
        raise Failure(venv_failure(output))


def _install(files: Sequence[str]) -> None:
    _say(f"Installing what {files[0]} pins; this happens once and takes up to a minute.")
    INTERRUPTED.touch()  # a package may be half there if we are stopped: then all of it is made again
    status, output = 0, ""
    if not (files == DEVELOPMENT and _install_by_uv(ROOT / files[0])):
        status, output = _pip_install(ROOT / files[0])
    if status < 0:
        raise Failure("pip was stopped: start this again")
    INTERRUPTED.unlink()
    if status:
        raise Failure(pip_failure(output))
    _stamp(files).write_text(_wanted(files))
    if files == DEVELOPMENT:  # has the runtime's pins among its own
        _stamp(RUNTIME).write_text(_wanted(RUNTIME))


def _pip_install(requirements: Path) -> tuple[int, str]:
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries=3", "--require-hashes"]
    command = [str(PYTHON), "-m", "pip", "install", *options, "-r", str(requirements)]
    return _quietly(command, {**os.environ, "PIP_USER": "0"})


def _install_by_uv(requirements: Path) -> bool:
    """With the pinned uv, in a fifth of the time; False where it cannot (an index that only pip knows of, say)."""
    pin = VENV / "uv.txt"
    pin.write_text(uv_pin(requirements.read_text("utf-8")))
    if _pip_install(pin)[0] != 0:
        return False
    options = ["--quiet", "--require-hashes", "--python", str(PYTHON)]
    if sys.dont_write_bytecode:  # as pip does, or each start would compile all that it imports
        options.append("--compile-bytecode")
    uv = shutil.which("uv", path=str(BIN))
    return bool(uv and _quietly([uv, "pip", "install", *options, "-r", str(requirements)])[0] == 0)


def uv_pin(requirements: str) -> str:
    """The lines that pin uv, with its hashes."""
    lines = iter(requirements.splitlines())
    pin = next(([line] for line in lines if line.startswith("uv==")), [])
    return "\n".join(pin + list(itertools.takewhile(lambda line: "--hash=" in line, lines)))


# --- Other processes ---


def _quietly(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def _become(*arguments: str) -> NoReturn:
    """Signals and the exit status are those of the command: it takes our place where the system can do that."""
    command = [str(PYTHON), *arguments]
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    with subprocess.Popen(command) as child:
        while True:
            # The child has had its own Ctrl-C, and ends in its own time.
            with contextlib.suppress(KeyboardInterrupt):
                sys.exit(child.wait())


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


# --- The commands ---


def _test(arguments: Sequence[str]) -> int:
    # Three times as many as there are cores: most of a test's time is spent waiting for other processes.
    workers = str(min(3 * _cores(), MOST_WORKERS))
    _become("-m", "pytest", "-n", workers, "--dist", "worksteal", *arguments)


def _cores() -> int:
    allowed = getattr(os, "sched_getaffinity", None)  # where the system can say which of them we may use
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _check(_: Sequence[str]) -> int:
    """All are run, so that one round of repairs is enough."""
    failed = [headline for headline, command in _checks() if not _passes(headline, command)]
    print("\n" + ("Failed: " + ", ".join(failed) if failed else "All checks passed."), flush=True)
    return 1 if failed else 0


def _checks() -> list[tuple[str, list[str]]]:
    return [
        ("format", [str(BIN / "ruff"), "format", "--check", "."]),
        ("lint", [str(BIN / "ruff"), "check", "."]),
        ("types", [str(BIN / "mypy")]),
        ("architecture", [str(BIN / "lint-imports"), "--no-logo"]),
    ]


def _passes(headline: str, command: Sequence[str]) -> bool:
    print(f"\n== {headline}", flush=True)
    return subprocess.call(command) == 0


def _lock_pins(arguments: Sequence[str]) -> int:
    """Pins the same versions whatever index or mirror this machine is set up with."""
    personal = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX", "UV_FIND_LINKS")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(personal)}
    # Dependabot repeats the options that it finds in the header of a lock.
    options = ["--universal", f"--python-version=3.{OLDEST[1]}", "--generate-hashes"]
    header = f"python3 dev.py lock (uv pip compile {' '.join(options)})"
    for name in ("requirements", "requirements-dev"):
        command = [
            str(BIN / "uv"),
            "pip",
            "compile",
            "--custom-compile-command",
            header,
            "--no-config",
            "--quiet",
        ]
        command += [*options, "--output-file", f"{name}.txt", f"{name}.in"]
        status = subprocess.call([*command, *arguments], env=environment)
        if status:
            return status
    return 0


def _module(name: str) -> Callable[[Sequence[str]], int]:
    return lambda arguments: _become("-m", name, *arguments)


class Command(NamedTuple):
    """`takes` are all arguments there are; None: what it becomes reads them, and answers for itself."""

    usage: str
    needs: Sequence[str]
    run: Callable[[Sequence[str]], int]
    summary: str
    takes: "Sequence[str] | None" = None


COMMANDS = {
    "try": Command("try [prompt] [--real]", RUNTIME, _module("sandbox"), "the bot on a page, no account"),
    "run": Command(
        "run [check [--buy] | models | clear-left-overs]",
        RUNTIME,
        _module("bot"),
        "the bot, with the settings in .env",
        ("check", "--buy", "models", "clear-left-overs"),
    ),
    "test": Command("test [for pytest]", DEVELOPMENT, _test, "all tests"),
    "check": Command("check", DEVELOPMENT, _check, "format, lint, types and architecture", ()),
    "bench": Command("bench [options]", DEVELOPMENT, _module("bench"), "the bot beside the least bot"),
    "pictures": Command(
        "pictures", DEVELOPMENT, _module("tests.browser.pictures"), "the README's pictures", ()
    ),
    "lock": Command("lock [--upgrade]", DEVELOPMENT, _lock_pins, "re-pins what requirements*.in ask for"),
}


def overview() -> str:
    width = max(len(command.usage) for command in COMMANDS.values())
    lines = [f"  {command.usage:{width}}  {command.summary}" for command in COMMANDS.values()]
    return "\n".join(["python3 dev.py <command>", "", *lines])


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        _say(f"There is no command {name!r}: there are {', '.join(COMMANDS)}")
        return 2
    command = COMMANDS[name]
    if command.takes is not None and not set(rest) <= set(command.takes):
        _say(f"usage: python3 dev.py {command.usage}")
        return 0 if rest in (["-h"], ["--help"]) else 2
    os.chdir(ROOT)
    os.environ.setdefault("PYTHONUTF8", "1")  # what the commands print is more than ASCII
    prepare(command.needs)
    return command.run(rest)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit(INTERRUPT_STATUS)
    except OSError as problem:
        sys.exit(f"dev.py could not go on: {problem}")
