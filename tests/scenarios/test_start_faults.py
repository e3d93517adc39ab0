"""What a hub must refuse to start with: every mistake at once, and nothing half begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.hub_process import HubProcess


def refused(tmp_path: Path, environment: dict[str, str], settings: str = "") -> str:
    """Start a hub that must not start, and return what it said."""
    hub = HubProcess(tmp_path / "home", extra_environment=environment)
    if settings:
        (hub.home / "tradershub.toml").write_text(settings, encoding="utf-8")
    hub.launch()
    assert hub.ended() != 0
    assert not hub.database().exists(), "the hub half started"
    said = hub.output.read_text(encoding="utf-8")
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("secret", ["", "tiny-tim", "changeme-changeme", "aaaaaaaaaaaaaaaaaaaaaaaa"])
def test_a_secret_that_is_missing_short_or_an_example_is_refused(tmp_path: Path, secret: str) -> None:
    """F070."""
    said = refused(tmp_path, {"TRADERSHUB_WEBHOOK_SECRET": secret})
    assert "TRADERSHUB_WEBHOOK_SECRET" in said
    assert not secret or secret not in said


def test_pages_are_not_shown_to_others_without_encryption(tmp_path: Path) -> None:
    """F070: a wider address needs TLS or a listed proxy."""
    assert "TLS" in refused(tmp_path, {"TRADERSHUB_UI__HOST": "0.0.0.0"})


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """F070: with its place, its key and what to do."""
    settings = '[ui]\nhost = "nowhere at all"\n[http]\nconnections = 3\n[log]\nlevle = "info"\n'
    said = refused(tmp_path, {"TRADERSHUB_WEBHOOK_SECRET": "tiny-tim"}, settings)
    for key in ("TRADERSHUB_WEBHOOK_SECRET", "host", "connections", "levle"):
        assert key in said
