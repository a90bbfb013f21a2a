"""On a file system of a network an SQLite file does not last; that is said before it is lost."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from bot.storage.engine.file_systems import network_file_system, network_type

MOUNTS = r"""
/dev/sda1 / ext4 rw 0 0
server:/export /srv/shared nfs4 rw 0 0
//nas/share /mnt/the\040nas cifs rw 0 0
/dev/sdb1 /srv/shared/local xfs rw 0 0
me@host:/ /mnt/far fuse.sshfs rw 0 0
/dev/fuse /mnt/near fuse.ntfs rw 0 0
odd
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/data/imagine.db", None),
        ("/srv/shared/imagine.db", "nfs4"),
        ("/srv/sharedish/imagine.db", None),
        ("/srv/shared/local/imagine.db", None),
        ("/mnt/the nas/imagine.db", "cifs"),
        ("/mnt/far/imagine.db", "fuse.sshfs"),
        ("/mnt/near/imagine.db", None),
    ],
)
def test_what_is_mounted_over_a_network_is_known_by_its_type(path: str, kind: str | None) -> None:
    assert network_type(PurePath(path), MOUNTS) == kind


def test_without_a_word_from_the_system_nothing_is_said(tmp_path: Path) -> None:
    assert network_type(PurePath("/data/imagine.db"), "") is None
    assert network_file_system(tmp_path / "imagine.db") is None
