"""Which file systems an SQLite file does not last on: https://sqlite.org/wal.html, “the same host computer”."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

OVER_A_NETWORK = re.compile(
    r"nfs4?|cifs|smb[23fs]*|afs|ceph|lustre|glusterfs|fuse\.(sshfs|s3fs|rclone|glusterfs|gcsfuse)"
)
MOUNTS = Path("/proc/self/mounts")


def network_file_system(path: Path) -> str | None:
    """The type of the file system that `path` is on, where it is one of a network; Linux alone says so."""
    try:
        return network_type(path.absolute(), MOUNTS.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None


def network_type(path: PurePath, mounts: str) -> str | None:
    """The same, from the lines of `/proc/mounts`: what is mounted, where, and as what."""
    lines = [line.split() for line in mounts.splitlines()]
    on = {PurePath(_plain(fields[1])): fields[2] for fields in lines if len(fields) > 2}
    around = [mount for mount in on if path.is_relative_to(mount)]
    kind = on[max(around, key=lambda mount: len(mount.parts))] if around else ""
    return kind if OVER_A_NETWORK.fullmatch(kind) else None


def _plain(path: str) -> str:
    """Spaces stand there in octal."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), path)
