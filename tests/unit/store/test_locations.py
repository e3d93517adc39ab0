"""A database lives on a local disk that nothing synchronises."""

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from tests.unit.store.support import SetClock
from tradershub.domain.errors import ConfigurationError
from tradershub.store.database import open_database
from tradershub.store.locations import file_system_of, synchronised_by

MOUNTS = """22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
30 22 0:40 / /mnt/share rw - nfs4 server:/export rw
31 22 0:41 / /mnt/two\\040words rw - fuse.sshfs me@server: rw
32 30 254:2 / /mnt/share/local rw - ext4 /dev/vdb1 rw
"""


@pytest.mark.parametrize(
    "path",
    [
        PureWindowsPath("C:/Users/you/OneDrive/TradersHub"),
        PureWindowsPath("C:/Users/you/OneDrive - Company/TradersHub"),
        PurePosixPath("/home/you/Dropbox/hub"),
        PurePosixPath("/home/you/Dropbox (Personal)/hub"),
        PurePosixPath("/Users/you/Library/CloudStorage/Something/hub"),
        PurePosixPath("/Users/you/Library/Mobile Documents/hub"),
    ],
    ids=str,
)
def test_a_synchronised_folder_is_recognised(path: PurePosixPath) -> None:
    assert synchronised_by(path) is not None


@pytest.mark.parametrize("path", ["/home/you/tradershub", "/home/you/my-dropbox-exports", "/srv/onedriver"])
def test_other_folders_are_not(path: str) -> None:
    assert synchronised_by(PurePosixPath(path)) is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/hub", "ext4"),
        ("/mnt/share/hub", "nfs4"),
        ("/mnt/two words/hub", "fuse.sshfs"),
        ("/mnt/share/local/hub", "ext4"),
        ("/mnt/shared/hub", "ext4"),
    ],
)
def test_the_nearest_mount_says_what_a_folder_is_on(path: str, kind: str) -> None:
    assert file_system_of(PurePosixPath(path), MOUNTS) == kind


def test_a_database_in_a_synchronised_folder_is_refused_before_anything_is_written(
    tmp_path: Path, clock: SetClock
) -> None:
    folder = tmp_path / "OneDrive" / "hub"
    with pytest.raises(ConfigurationError, match="synchronised folder; choose a folder on a local disk"):
        open_database(folder, clock=clock)
    assert not folder.exists()
