"""docs/signals.md says what the code reads: every dialect's fields, every source, every code of a refusal."""

import ast
import json
import re
from pathlib import Path

import pytest

from tests.docs.field_tables import HEADER, table_of
from tradershub.ports.dialect import Habits
from tradershub.sources.registry import DIALECTS, FIELDS, SOURCE_DIALECTS, choose, dialects_of, read_body

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "signals.md").read_text(encoding="utf-8")
CODE = re.compile(r"[a-z]+(?:_[a-z0-9]+)*")


def section(title: str) -> str:
    _, found, rest = TEXT.partition(f"\n## {title}\n")
    assert found, title
    return rest.partition("\n## ")[0]


def codes_in_the_code() -> set[str]:
    """Return every code given to a refusal: the first argument, or the last one of `word_of`."""
    given: list[ast.expr] = []
    for path in (ROOT / "tradershub" / "sources").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                places = {"word_of": node.args[3:], "SignalRefused": node.args[:1], "refusal": node.args[:1]}
                given += places.get(node.func.id, [])
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "code" for t in node.targets):
                given.append(node.value)
    texts = [node.value for expression in given for node in ast.walk(expression) if isinstance(node, ast.Constant)]
    return {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}


@pytest.mark.parametrize("dialect", sorted(FIELDS))
def test_the_fields_of_a_dialect_are_the_ones_it_reads(dialect: str) -> None:
    table = section(f"Dialect `{dialect}`").partition(HEADER)
    assert HEADER + table[2].partition("\n\n")[0].rstrip() == table_of(FIELDS[dialect])


def test_every_source_is_listed_with_what_it_reads() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|[^|]*\| ([^|]*) \|$", section("Sources"), re.MULTILINE))
    assert {source: tuple(re.findall(r"`(\w+)`", names)) for source, names in rows.items()} == dict(SOURCE_DIALECTS)


def test_every_code_of_a_refusal_is_explained() -> None:
    documented = set(re.findall(r"^\| `(\w+)` \|", section("Refusals"), re.MULTILINE))
    assert documented == codes_in_the_code()


def test_the_examples_are_read_by_the_dialect_they_stand_under() -> None:
    examples = re.findall(r"\n## Dialect `(\w+)`\n.*?```(?:json|text)\n(.*?)\n```", TEXT, re.DOTALL)
    assert {name for name, _ in examples} == set(DIALECTS)
    for name, text in examples:
        filled = re.sub(r"\{\{([\w.]+)\}\}", lambda match: FILLED[match.group(1)], text)
        source = next(source for source, names in SOURCE_DIALECTS.items() if name in names)
        dialect = choose(read_body(filled.encode()), dialects_of(source))
        assert dialect.name == name
        assert dialect.parse(read_body(filled.encode()), Habits()).signals


FILLED = json.loads(
    """{"ticker": "MES1!", "exchange": "CME_MINI", "close": "5000.25", "timenow": "2026-11-22T14:30:01Z",
    "interval": "5", "strategy.order.action": "buy", "strategy.order.contracts": "1", "strategy.order.price": "5000.5",
    "strategy.order.id": "Long", "strategy.order.comment": "breakout", "strategy.market_position": "long",
    "strategy.market_position_size": "1", "strategy.prev_market_position": "flat",
    "strategy.prev_market_position_size": "0", "strategy.position_size": "1"}"""
)
