"""The log: JSON lines in the data folder, a calm terminal, and no secret in either."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final, TextIO

from tradershub.domain.secrets import Secret
from tradershub.settings.configuration import LogLevel, LogSettings

_MASK: Final = "***"
_SHORTEST: Final = 6
_LONGEST_LINE: Final = 16 * 1024
# Every repetition is bounded or stands at the end: a log line of 16 KiB must not cost a second.
_KEYED: Final = re.compile(
    r"(?i)((?:secret|password|passwd|token|api[_-]?key|signing[_-]?key|authorization|signature|cookie|totp)"
    r"[\"']?\s{0,4}[:=]\s{0,4})(\"[^\"]*\"|'[^']*'|(?:bearer\s{1,4})?[^\s,;&}\])\"']+)"
)
_BEARER: Final = re.compile(r"(?i)(\bbearer\s+)[A-Za-z0-9._~+/=-]+")
_OUR_FIELDS: Final = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {"message", "taskName"}


class Redactor:
    """Masks secrets in text: those it was told by value, and whatever stands behind a name such as `password=`."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._values: tuple[str, ...] = ()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        """Mask this one from now on; a very short one would mask ordinary words and is left to its name."""
        text = secret.reveal()
        if len(text) >= _SHORTEST:
            # Longest first: one secret may hold another.
            self._values = tuple(sorted({*self._values, text}, key=len, reverse=True))

    def mask(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, _MASK)
        return _BEARER.sub(rf"\1{_MASK}", _KEYED.sub(rf"\1{_MASK}", text))


class JsonLines(logging.Formatter):
    """One record, one line of JSON; whatever a message holds, it cannot begin a second line."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, str] = {
            "at": _instant(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._clean(record.getMessage()),
        }
        for name, value in record.__dict__.items():
            if name not in _OUR_FIELDS:
                entry[name] = self._clean(f"{name}={value}").partition("=")[2]
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = self._clean("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps(entry, ensure_ascii=True)

    def _clean(self, text: str) -> str:
        return self._redactor.mask(text)[:_LONGEST_LINE]


class CalmTerminal(logging.Formatter):
    """A time and a sentence; the level where it matters, no trace of where in the code it happened."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            text += f" ({record.exc_info[0].__name__}: {record.exc_info[1]}; the log file has the details)"
        level = "" if record.levelno <= logging.INFO else f"{record.levelname.lower()}: "
        return f"{_local_time(record)}  {level}{escaped(self._redactor.mask(text))[:_LONGEST_LINE]}"


def escaped(text: str) -> str:
    """Return a text in which no character can move a cursor, change a colour or begin a line."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


@contextmanager
def logging_to(
    file: Path, settings: LogSettings, redactor: Redactor, *, terminal: TextIO | None = None
) -> Iterator[None]:
    """Send the program's log to a file and a terminal while the context lasts."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    turned = RotatingFileHandler(
        file, maxBytes=settings.megabytes * 1_000_000, backupCount=settings.files, encoding="utf-8", errors="replace"
    )
    turned.setFormatter(JsonLines(redactor))
    shown = logging.StreamHandler(terminal or sys.stderr)
    shown.setFormatter(CalmTerminal(redactor))
    # The terminal stays calm while the file says everything.
    shown.setLevel(max(logging.INFO, _number(settings.level)))
    root = logging.getLogger()
    before = root.level
    root.setLevel(_number(settings.level))
    for handler in (turned, shown):
        root.addHandler(handler)
    logging.captureWarnings(capture=True)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        root.setLevel(before)
        for handler in (turned, shown):
            root.removeHandler(handler)
        turned.close()


def _number(level: LogLevel) -> int:
    return logging.getLevelNamesMapping()[level.value.upper()]


def _instant(record: logging.LogRecord) -> str:
    return f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _local_time(record: logging.LogRecord) -> str:
    return f"{datetime.fromtimestamp(record.created, UTC).astimezone():%H:%M:%S}"
