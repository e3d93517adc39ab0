"""Every setting of a platform is explained on its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradershub.domain.platform_config import ConfigField
from tradershub.executors.json_socket_wire import ORDER_TYPES
from tradershub.executors.registry import JSON_SOCKET_FIELDS, PAPER_FIELDS

PAGES = Path(__file__).resolve().parents[2] / "docs" / "platforms"


@pytest.mark.parametrize(("page", "fields"), [("paper.md", PAPER_FIELDS), ("json_socket.md", JSON_SOCKET_FIELDS)])
def test_the_page_names_every_setting(page: str, fields: tuple[ConfigField, ...]) -> None:
    text = (PAGES / page).read_text(encoding="utf-8")
    assert [field.name for field in fields if f"`{field.name}`" not in text] == []


def test_the_page_names_every_order_type_of_the_line() -> None:
    text = (PAGES / "json_socket.md").read_text(encoding="utf-8")
    assert [word for word in ORDER_TYPES.values() if f"`{word}`" not in text] == []
