"""Holds the lock of a folder until it is killed."""

import sys
from pathlib import Path

from tradershub.store.lock import FolderLock

if __name__ == "__main__":
    with FolderLock(Path(sys.argv[1])):
        sys.stdout.write("locked\n")
        sys.stdout.flush()
        sys.stdin.read()
