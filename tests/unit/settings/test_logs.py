"""The log is one JSON object a line, turned over, and holds no secret."""

from __future__ import annotations

import io
import json
import logging
import pickle
from pathlib import Path

import pytest

from tradershub.domain.secrets import Secret
from tradershub.settings.configuration import LogLevel, LogSettings
from tradershub.settings.logs import Redactor, escaped, logging_to

logger = logging.getLogger("tradershub.test")
VALUE = "Zk3vQm81LxwT0pRs"


def entries(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()]


def test_a_record_is_one_line_however_it_is_written(tmp_path: Path) -> None:
    file, terminal = tmp_path / "logs" / "hub.log", io.StringIO()
    with logging_to(file, LogSettings(), Redactor(), terminal=terminal):
        logger.warning("strategy %s", 'a\n{"level": "info"}\r\x1b[31m\u2028 é')
    (entry,) = entries(file)
    assert entry["message"] == 'strategy a\n{"level": "info"}\r\x1b[31m\u2028 é'
    assert (entry["level"], entry["logger"]) == ("warning", "tradershub.test")
    assert entry["at"].endswith("Z")
    (shown,) = terminal.getvalue().splitlines()
    assert "\x1b" not in shown
    assert shown.endswith("\\u2028 é")


def test_secrets_are_masked_by_value_and_by_name(tmp_path: Path) -> None:
    file, terminal = tmp_path / "hub.log", io.StringIO()
    redactor = Redactor([Secret(VALUE)])
    with logging_to(file, LogSettings(), redactor, terminal=terminal):
        logger.info("got %s from %s", VALUE, "tradingview", extra={"webhook_secret": "in-a-field"})
        logger.info('{"secret": "unknown-one", "symbol": "MES"}')
        logger.info("Authorization: Bearer th_abcdef and api_key=zzz&x=1 password='p q'")
        try:
            raise ValueError(f"cannot parse {VALUE}")
        except ValueError:
            logger.exception("failed")
    text = file.read_text(encoding="utf-8") + terminal.getvalue()
    for hidden in (VALUE, "unknown-one", "th_abcdef", "zzz", "p q", "in-a-field"):
        assert hidden not in text, hidden
    assert "MES" in text
    assert "x=1" in text
    assert "Traceback" in entries(file)[3]["error"]
    assert "Traceback" not in terminal.getvalue()


def test_a_secret_told_later_is_masked_from_then_on() -> None:
    redactor = Redactor()
    assert redactor.mask(VALUE) == VALUE
    redactor.add(Secret(VALUE))
    redactor.add(Secret("abc"))
    assert redactor.mask(f"<{VALUE}> abc") == "<***> abc"


def test_ordinary_words_are_left_alone() -> None:
    text = "the token of this source was used; secret rotated, tokens: none"
    assert Redactor().mask(text).startswith("the token of this source was used; secret rotated")


def test_the_terminal_is_calm_and_the_file_is_not(tmp_path: Path) -> None:
    file, terminal = tmp_path / "hub.log", io.StringIO()
    with logging_to(file, LogSettings(level=LogLevel.DEBUG), Redactor(), terminal=terminal):
        logger.debug("detail")
        logger.info("news")
    assert [entry["message"] for entry in entries(file)] == ["detail", "news"]
    assert len(terminal.getvalue().splitlines()) == 1


def test_the_file_is_turned_over_and_old_ones_go(tmp_path: Path) -> None:
    file = tmp_path / "hub.log"
    with logging_to(file, LogSettings(megabytes=1, files=1), Redactor(), terminal=io.StringIO()):
        for _ in range(300):
            logger.info("x" * 10_000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hub.log", "hub.log.1"]
    assert file.stat().st_size < 1_000_000


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    with logging_to(tmp_path / "hub.log", LogSettings(), Redactor(), terminal=io.StringIO()):
        pass
    assert logging.getLogger().handlers == before


def test_printable_text_is_not_escaped() -> None:
    assert escaped("Zürich – 5 %") == "Zürich – 5 %"


def test_a_secret_shows_itself_to_nobody_by_accident() -> None:
    secret = Secret(VALUE)
    shown = f"{secret} {secret!r} {secret:>5} {[secret]} %s" % secret
    assert VALUE not in shown
    assert secret.reveal() == VALUE
    assert secret == Secret(VALUE)
    assert len({secret, Secret(VALUE)}) == 1
    with pytest.raises(TypeError):
        pickle.dumps(secret)
