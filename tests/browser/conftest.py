"""One browser for all page tests; each visit is a fresh profile in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.browser_tools import open_browser
from tests.browser.preview import Preview, serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def preview() -> Iterator[Preview]:
    with serving() as server:
        yield server
