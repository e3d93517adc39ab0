"""What the web shell is told once, when the hub builds it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """Facts and limits of one hub.

    `webhook_base` is the address that senders use, without a slash at its end; `started_at` is ISO-8601 text. A hub
    serves `most_streams` live pages at once, each with at most `stream_events` events that it has not read yet.
    """

    version: str
    started_at: str
    demo: bool = False
    webhook_base: str = "http://127.0.0.1:8787"
    user_name: str = "admin"
    database: str = ""
    database_schema: str = ""
    data_folder: str = ""
    heartbeat_seconds: float = 9.0
    most_streams: int = 200
    stream_events: int = 512
    body_bytes: int = 1024 * 1024
    templates: Path = _HERE / "templates"
    static: Path = _HERE / "static"
