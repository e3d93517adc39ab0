"""Messages of each dialect, beside what they mean."""

import json
from pathlib import Path

import pytest

from tests.golden.signal_text import stated
from tradershub.domain.clock import Nanos
from tradershub.domain.errors import SignalRefused
from tradershub.ports.dialect import Habits
from tradershub.sources.registry import DIALECTS, SOURCE_DIALECTS, choose, dialects_of, read_body

FOLDER = Path(__file__).parent / "signals"
HABITS = Habits(received_at=Nanos(1_795_357_802_000_000_000))  # 2026-11-22T14:30:02Z


def cases(*kinds: str) -> list[tuple[str, dict]]:
    texts = [(path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.jsonl"))]
    lines = [(name, line) for name, text in texts for line in text.split("\n") if line]
    found = [(name, json.loads(line)) for name, line in lines]
    return [(name, case) for name, case in found if any(kind in case for kind in kinds)]


def name_of(value: object) -> str:
    return str(value["case"]) if isinstance(value, dict) else str(value)


def raw_of(case: dict) -> bytes:
    message = case["message"]
    return (message if isinstance(message, str) else json.dumps(message)).encode()


@pytest.mark.parametrize(("name", "case"), cases("reads"), ids=name_of)
def test_a_message_is_read_as_it_is_meant(name: str, case: dict) -> None:
    body = read_body(raw_of(case))
    dialect = DIALECTS[name]
    assert dialect.recognises(body)

    reading = dialect.parse(body, HABITS)

    assert [stated(signal) for signal in reading.signals] == case["reads"]
    assert list(reading.ignored) == case.get("ignored", [])
    assert {signal.dialect for signal in reading.signals} == {name}
    for note in case.get("notes", []):
        assert note in reading.notes


@pytest.mark.parametrize(("name", "case"), cases("refused"), ids=name_of)
def test_a_wrong_message_is_refused_with_its_reason(name: str, case: dict) -> None:
    body = read_body(raw_of(case))
    assert DIALECTS[name].recognises(body)

    with pytest.raises(SignalRefused) as refused:
        DIALECTS[name].parse(body, HABITS)

    assert [refused.value.code, refused.value.field, refused.value.status] == case["refused"]


@pytest.mark.parametrize(("name", "case"), cases("reads", "refused"), ids=name_of)
def test_the_source_finds_the_dialect_by_itself(name: str, case: dict) -> None:
    source = next(source for source, names in SOURCE_DIALECTS.items() if name in names)

    assert choose(read_body(raw_of(case)), dialects_of(source)).name == name


def test_every_dialect_has_its_golden_file() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == set(DIALECTS)
