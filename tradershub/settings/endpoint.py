"""Where the hub of a data folder answers, told to the commands beside it."""

import json
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from tradershub.settings.data_folder import DataFolder
from tradershub.settings.private_files import read_private, write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`url` of the pages, as this machine reaches them."""

    url: str
    pid: int


def write_endpoint(folder: DataFolder, url: str) -> None:
    write_private(folder.endpoint, json.dumps({"url": url, "pid": os.getpid()}) + "\n")


def remove_endpoint(folder: DataFolder) -> None:
    folder.endpoint.unlink(missing_ok=True)


def read_endpoint(folder: DataFolder) -> Endpoint | None:
    """Return what the last hub wrote; it may have died since, and what cannot be read counts as nothing."""
    try:
        found = json.loads(read_private(folder.endpoint) or "")
        url, pid = found["url"], found["pid"]
    except (ValueError, TypeError, KeyError):
        return None
    if not isinstance(url, str) or not isinstance(pid, int) or urlsplit(url).scheme not in ("http", "https"):
        return None
    return Endpoint(url=url, pid=pid)
