"""A hub of its own for each scenario."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.furnishing import add_strategy, put_quote
from tests.support.hub_process import HubProcess


@pytest.fixture(scope="module")
def shared_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A running hub as `hub`, for all scenarios of a file that neither stop nor kill it."""
    with HubProcess(tmp_path_factory.mktemp("scenarios") / "home") as running:
        put_quote(running.api)
        add_strategy(running.api)
        yield running


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProcess]:
    """A running hub whose strategy `momentum` trades MES on paper."""
    with HubProcess(tmp_path / "home") as running:
        put_quote(running.api)
        add_strategy(running.api)
        yield running
