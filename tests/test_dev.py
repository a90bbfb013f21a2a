"""dev.py is the first thing that anybody runs here, so each way it can fail must end in one helpful line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dev

HERE = dev.ROOT


def run(*arguments: str, folder: Path = HERE, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    command = [sys.executable, str(folder / "dev.py"), *arguments]
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Somebody else's copy, with a `.venv` whose Python only says what it was asked to do."""
    for name in ("dev.py", *dev.DEVELOPMENT):
        shutil.copy(HERE / name, tmp_path)
    return tmp_path


def pretend_python(checkout: Path, pip: str) -> Path:
    """A POSIX stand-in for `.venv/bin/python`: `pip` is the shell that runs for `-m pip`."""
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        f'  "-m pip"*) echo "$@" >> {checkout}/pip.log; {pip} ;;\n'
        "  -c*) exit 0 ;;\n"
        '  *) echo "ran $*"; exit 3 ;;\n'
        "esac\n"
    )
    python.chmod(0o755)
    return checkout / "pip.log"


posix = pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a shell script")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_without_a_command_each_is_listed_with_a_line(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    listed = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert listed == ["try", "run", "test", "check", "bench", "pictures", "lock"]


def test_an_unknown_command_is_answered_with_those_there_are() -> None:
    done = run("tset")
    assert done.returncode == 2
    assert (
        done.stderr == "There is no command 'tset': there are try, run, test, check, bench, pictures, lock\n"
    )


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 0), (3, 14, 10)])
def test_each_supported_python_is_accepted(version: tuple[int, ...]) -> None:
    assert dev.version_complaint(version) is None


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (3, 15, 0), (4, 0, 0)])
def test_another_python_is_told_which_to_use(version: tuple[int, ...]) -> None:
    complaint = dev.version_complaint(version)
    assert complaint is not None
    assert "\n" not in complaint
    assert "Python 3.11 to 3.14" in complaint
    assert f"this is {version[0]}.{version[1]}" in complaint


def test_a_python_that_is_too_old_can_still_parse_it() -> None:
    compiler = f"import ast, sys; ast.parse(sys.stdin.read(), feature_version={(3, 7)})"
    subprocess.run([sys.executable, "-c", compiler], input=Path(dev.__file__).read_bytes(), check=True)


def test_what_it_prints_is_ascii() -> None:
    assert Path(dev.__file__).read_text(encoding="utf-8").isascii()


def test_the_stamp_is_the_same_for_the_same_files_and_python() -> None:
    assert dev.fingerprint([b"a==1\n"], (3, 11)) == dev.fingerprint([b"a==1\n"], (3, 11))
    assert dev.fingerprint([b"a==1\r\n"], (3, 11)) == dev.fingerprint([b"a==1\n"], (3, 11))


@pytest.mark.parametrize(
    ("contents", "version"),
    [([b"a==2"], (3, 11)), ([b"a==1"], (3, 12)), ([b"a==1", b""], (3, 11)), ([b"", b"a==1"], (3, 11))],
)
def test_a_changed_file_or_python_changes_the_stamp(contents: list[bytes], version: tuple[int, ...]) -> None:
    assert dev.fingerprint(contents, version) != dev.fingerprint([b"a==1"], (3, 11))


@posix
def test_a_second_call_installs_nothing_and_a_changed_file_does(checkout: Path) -> None:
    log = pretend_python(checkout, pip="exit 0")
    first, second = run("run", folder=checkout), run("run", folder=checkout)
    assert "Installing what requirements.txt pins" in first.stderr
    assert second.stderr == ""
    assert len(log.read_text().splitlines()) == 1
    with (checkout / "requirements.txt").open("a") as file:
        file.write("# another\n")
    run("run", folder=checkout)
    assert len(log.read_text().splitlines()) == 2


@posix
def test_what_development_needs_covers_what_running_needs(checkout: Path) -> None:
    log = pretend_python(checkout, pip="exit 0")
    run("bench", folder=checkout)
    run("run", folder=checkout)
    uv, everything = log.read_text().splitlines()
    assert uv.endswith("--require-hashes -r " + str(checkout / ".venv" / "uv.txt"))
    assert everything.endswith("--require-hashes -r " + str(checkout / "requirements-dev.txt"))


@posix
@pytest.mark.parametrize("status", [0, 1])
def test_what_development_needs_is_installed_by_the_pinned_uv_where_that_can(
    checkout: Path, status: int
) -> None:
    log = pretend_python(checkout, pip="exit 0")
    uv = checkout / ".venv" / "bin" / "uv"
    uv.write_text(f'#!/bin/sh\necho "uv $@" >> {log}\nexit {status}\n')
    uv.chmod(0o755)
    assert "ran -m bench" in run("bench", folder=checkout).stdout
    pinned, by_uv, *by_pip = log.read_text().splitlines()
    assert pinned.endswith("--require-hashes -r " + str(checkout / ".venv" / "uv.txt"))
    assert by_uv.startswith("uv pip install --quiet --require-hashes")
    assert by_uv.endswith(f"-r {checkout / 'requirements-dev.txt'}")
    assert len(by_pip) == status


def test_of_the_pins_that_of_uv_is_found_with_its_hashes() -> None:
    lock = (HERE / "requirements-dev.txt").read_text(encoding="utf-8")
    pin, *hashes = dev.uv_pin(lock).splitlines()
    assert pin.startswith("uv==")
    assert hashes
    assert all("--hash=sha256:" in line for line in hashes)
    assert not hashes[-1].endswith("\\")
    assert dev.uv_pin("other==1 \\\n    --hash=sha256:0\n") == ""


@posix
def test_two_at_once_install_once(checkout: Path) -> None:
    log = pretend_python(checkout, pip="sleep 0.3; exit 0")
    command = [sys.executable, str(checkout / "dev.py"), "run"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    outputs = [process.communicate(timeout=150)[0] for process in both]
    assert outputs == [b"ran -m bot\n"] * 2
    assert len(log.read_text().splitlines()) == 1


@posix
@pytest.mark.parametrize(
    ("command", "passed_on"),
    [
        (("try", "a fox", "--real", "--yes"), "-m sandbox a fox --real --yes"),
        (("run",), "-m bot"),
        (("run", "check"), "-m bot check"),
        (("run", "models"), "-m bot models"),
        (("bench", "--quick"), "-m bench --quick"),
    ],
)
def test_a_command_becomes_its_module_with_its_exit_status(
    checkout: Path, command: tuple[str, ...], passed_on: str
) -> None:
    pretend_python(checkout, pip="exit 0")
    done = run(*command, folder=checkout)
    assert (done.stdout, done.returncode) == (f"ran {passed_on}\n", 3)


@pytest.mark.parametrize(
    ("arguments", "code"), [(("run", "--help"), 0), (("run", "chekc"), 2), (("check", "--fast"), 2)]
)
def test_arguments_that_there_are_not_are_answered_as_they_were_typed(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    shutil.copy(HERE / "dev.py", tmp_path)
    done = run(*arguments, folder=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(f"usage: python3 dev.py {arguments[0]}")
    assert not (tmp_path / ".venv").exists()


@posix
def test_a_failed_install_ends_in_one_line_and_is_tried_again(checkout: Path) -> None:
    log = pretend_python(checkout, pip="echo 'ERROR: No space left on device' >&2; exit 1")
    first, second = run("run", folder=checkout), run("run", folder=checkout)
    for done in (first, second):
        assert done.returncode == 1
        assert done.stderr.splitlines()[1:] == [
            "pip could not install what is pinned: No space left on device"
        ]
    assert len(log.read_text().splitlines()) == 2


@posix
def test_an_install_that_was_killed_is_made_again_from_the_start_whatever_an_older_stamp_says(
    checkout: Path,
) -> None:
    python = checkout / ".venv" / "bin" / "python"
    pretend_python(checkout, pip="exit 0")
    (checkout / "requirements.txt").write_text("")
    run("run", folder=checkout)
    python.write_text(python.read_text().replace("exit 0", "kill -9 $PPID; exit 1", 1))
    (checkout / "requirements.txt").write_text("# another\n")
    killed = run("run", folder=checkout)
    assert killed.returncode == -9
    assert (checkout / ".venv" / ".installing").exists()
    (checkout / "requirements.txt").write_text("")
    again = run("run", folder=checkout)
    assert "Making .venv" in again.stderr
    assert not (checkout / ".venv" / ".installing").exists()


def test_a_python_without_venv_is_told_what_to_install() -> None:
    debian = "The virtual environment was not created successfully because ensurepip is not available.\n"
    for output in (debian, "/usr/bin/python3: No module named venv\n"):
        assert dev.venv_failure(output).endswith("on Debian and Ubuntu, apt install python3-venv")


@pytest.mark.parametrize(
    "reason", ["[Errno 30] Read-only file system: 'x'", "[Errno 13] Permission denied: 'x'"]
)
def test_a_folder_that_cannot_be_written_to_is_named(reason: str) -> None:
    assert dev.venv_failure(f"Error: {reason}\n").startswith(f"{HERE} cannot be written to")


def test_another_failure_of_venv_is_passed_on_in_its_own_words() -> None:
    assert dev.venv_failure("one\nError: the disk is on fire\n\n").endswith(": the disk is on fire")
    assert dev.venv_failure("").endswith(": it did not say why")


def test_no_network_is_called_by_its_name() -> None:
    output = "WARNING: Retrying after connection broken by 'NewConnectionError(…)'\nERROR: No matching distribution"
    assert dev.pip_failure(output).startswith("The package index cannot be reached")


def test_another_failure_of_pip_is_its_last_error() -> None:
    output = "ERROR: first\nERROR: Hashes are required in --require-hashes mode\nnotice\n"
    assert dev.pip_failure(output).endswith(": Hashes are required in --require-hashes mode")
