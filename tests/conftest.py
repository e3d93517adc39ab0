"""Options and fixtures that every kind of test shares."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked `long`, and the others at full numbers")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long") is not None:
            item.add_marker(pytest.mark.skip(reason="takes minutes: `python3 hub.py test --long`"))


@pytest.fixture(scope="session")
def long_run(pytestconfig: pytest.Config) -> bool:
    """Whether the full numbers were asked for: a test with a short form looks here for how much to do."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(scope="session")
def must_be_present() -> bool:
    """Whether a missing part of the machine (a browser, a service) fails the test instead of skipping it."""
    return os.environ.get("CI") == "true"
