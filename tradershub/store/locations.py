"""Where a database may live: a local disk. Synchronised folders and network shares lose or corrupt it."""

import ctypes
import itertools
import os
import sys
from pathlib import Path, PurePath

from tradershub.domain.errors import ConfigurationError, Mistake

_SYNCHRONISED = ("onedrive", "dropbox", "google drive", "googledrive", "icloud drive", "box sync", "pcloud")
_MAC_SYNCHRONISED = (("library", "cloudstorage"), ("library", "mobile documents"))
_NETWORK_TYPES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "davfs", "ncpfs"})
_NETWORK_FUSE = frozenset({"fuse.sshfs", "fuse.rclone", "fuse.davfs", "fuse.s3fs", "fuse.glusterfs", "fuse.dropbox"})
_MOUNTS = Path("/proc/self/mountinfo")
_DRIVE_REMOTE = 4


def check_location(folder: Path) -> None:
    """Raise ConfigurationError if a folder is synchronised or on a network; best effort, a local one always passes."""
    resolved = folder.resolve()
    problem = synchronised_by(resolved) or _network(resolved)
    if problem is not None:
        raise ConfigurationError(
            Mistake(
                file=str(folder),
                key="TRADERSHUB_HOME",
                problem=f"the database cannot live here: {problem}",
                remedy="choose a folder on a local disk that nothing synchronises",
            )
        )


def synchronised_by(folder: PurePath) -> str | None:
    """Say which service synchronises a folder, by the names on its path."""
    parts = [part.lower() for part in folder.parts]
    for part in parts:
        for name in _SYNCHRONISED:
            # Names go on after a blank or a dash: the company, the person.
            if part == name or part.startswith((f"{name} ", f"{name}-")):
                return f"{part!r} is a synchronised folder"
    for pair in _MAC_SYNCHRONISED:
        if pair in itertools.pairwise(parts):
            return "it is a synchronised folder"
    return None


def _network(folder: Path) -> str | None:
    if str(folder).startswith("\\\\"):
        return "it is a network share"
    if sys.platform == "win32":
        root = os.path.splitdrive(folder)[0] + "\\"
        return "it is a network drive" if ctypes.windll.kernel32.GetDriveTypeW(root) == _DRIVE_REMOTE else None
    if not _MOUNTS.exists():
        return None
    kind = file_system_of(folder, _MOUNTS.read_text(encoding="utf-8", errors="replace"))
    return f"{kind} is a network file system" if kind in _NETWORK_TYPES | _NETWORK_FUSE else None


def file_system_of(folder: PurePath, mounts: str) -> str | None:
    """Return the type of the file system that holds a folder, from the text of /proc/self/mountinfo."""
    best: tuple[int, str | None] = (-1, None)
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:
            continue
        point = PurePath(fields[4].replace("\\040", " "))
        if (folder == point or point in folder.parents) and len(point.parts) >= best[0]:
            best = (len(point.parts), after.split()[0])
    return best[1]
