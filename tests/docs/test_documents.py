"""The documents point at what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.tree import REPOSITORY, is_foreign, project_files, relative

DOCUMENTS = [path for path in project_files() if path.suffix == ".md" and not is_foreign(path)]
DECISIONS = [path for path in DOCUMENTS if relative(path).startswith("docs/decisions/")]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_every_link_leads_somewhere(document: Path) -> None:
    missing = [
        link for link in LINK.findall(document.read_text(encoding="utf-8")) if not (document.parent / link).exists()
    ]
    assert missing == []


def test_a_dead_link_would_be_seen() -> None:
    assert LINK.findall("[a](docs/a.md#part) [b](https://example.org) [c](#here)") == ["docs/a.md"]


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) == len(set(numbers))
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name) for path in DECISIONS)


@pytest.mark.parametrize("decision", DECISIONS, ids=relative)
def test_a_decision_says_its_context_choice_and_cost(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")
    assert text.startswith(f"# {decision.name[:4]}. ")
    assert all(f"\n## {part}" in text for part in ("Context", "Choice", "Cost"))


def test_the_first_ten_minutes_name_commands_that_exist() -> None:
    verbs = re.findall(r"python3 hub\.py (\w+)", (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert set(verbs) <= {"demo", "run", "setup", "test", "check", "bench"}
    assert verbs
