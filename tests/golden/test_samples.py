"""Real messages, where they are at hand: a reading means what is expected of it, and nothing wrong is read."""

import base64
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from tradershub.domain.errors import SignalRefused
from tradershub.domain.signals import DistanceUnit, OrderType, Protection, Signal
from tradershub.ports.dialect import Habits
from tradershub.sources.registry import DIALECTS, choose, read_body

SAMPLES = Path(os.environ.get("TRADERSHUB_SAMPLES") or Path(__file__).parents[3] / "shared" / "samples")
FULLY_READ = ("tv_webhook_bots", "derived_transport", "hostile_json")
# These need the instrument or the strategy, which a message does not know.
LEFT_TO_THE_HUB = frozenset({"B041", "B058", "B066", "B073"})
READ_CLASSES = ("syntax", "missing", "types", "numbers", "text", "injection", "time", "semantics", "override")

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no sample messages here (TRADERSHUB_SAMPLES)")


def lines_of(pattern: str) -> list[dict]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob(pattern))]
    return [json.loads(line) for text in texts for line in text.split("\n") if line]


def raw_of(sample: dict) -> bytes:
    return base64.b64decode(sample["raw_b64"]) if sample.get("raw_b64") else sample["raw"].encode()


def read(raw: bytes) -> tuple[Signal, ...] | SignalRefused:
    try:
        body = read_body(raw)
        return choose(body, tuple(DIALECTS.values())).parse(body, Habits()).signals
    except SignalRefused as refused:
        return refused


@pytest.mark.parametrize("sample", lines_of("signals/*.jsonl"), ids=lambda sample: sample["id"])
def test_a_sample_means_what_is_expected_or_is_refused(sample: dict) -> None:
    result = read(raw_of(sample))

    if isinstance(result, SignalRefused):
        assert sample["expected"]["status"] != "accept" or sample["dialect"] not in FULLY_READ, result
        return
    assert sample["expected"]["status"] == "accept"
    # An account's unit is the platform's: a bridge that means lots by `quantity` says so nowhere.
    expected = [without_unit(order) for order in sample["expected"]["orders"]]
    assert [without_unit(meaning(signal)) for signal in result] == expected


@pytest.mark.parametrize("case", lines_of("bad_inputs.jsonl"), ids=lambda case: case["id"])
def test_a_message_that_is_wrong_in_itself_is_refused(case: dict) -> None:
    if case["class"] not in READ_CLASSES or case["id"] in LEFT_TO_THE_HUB or case.get("transform") == "add_10000_keys":
        pytest.skip("judged elsewhere")
    result = read(bytes_of(case))

    if case["expect_status_class"] == "4xx":
        assert isinstance(result, SignalRefused)
        assert 400 <= result.status < 500
    if case["expect_status_class"] == "2xx":
        assert not isinstance(result, SignalRefused)


def bytes_of(case: dict) -> bytes:
    if "body_b64" in case:
        return base64.b64decode(case["body_b64"])
    text = case.get("body", "")
    if "body_gen" in case:
        text = case["body_gen"]["template"].replace("@@", case["body_gen"]["fill"] * case["body_gen"]["count"])
    for name, value in (("NOW", "2026-11-22T14:30:01Z"), ("SECRET", "sample-of-a-secret-1"), ("UUID", "u-1")):
        text = text.replace("{{" + name + "}}", value)
    encoding = {"utf-16-le-bom": "utf-16", "utf-8-bom": "utf-8-sig"}.get(case.get("transform", ""), "utf-8")
    return text.encode(encoding)


def meaning(signal: Signal) -> dict:
    """Return the signal in the words of the samples, as far as they say the same of every dialect."""
    quantity = signal.quantity
    return {
        "symbol": signal.symbol_as_written,
        "action": signal.action.value,
        "quantity": None if quantity is None else quantity.value,
        "order_type": None if signal.order_type is None else signal.order_type.value,
        "limit_price": signal.limit_price,
        "stop_price": signal.stop_price,
        "sl": level(signal.stop_loss),
        "tp": level(signal.take_profit[0]) if signal.take_profit else None,
        "strategy": signal.strategy,
    }


def without_unit(order: dict) -> dict:
    names = ("symbol", "action", "quantity", "order_type", "limit_price", "stop_price", "strategy")
    levels = {name: order[name] for name in ("sl", "tp")}
    return {
        **{name: number(order[name]) for name in names},
        **{name: value and (number(value["value"]), value["unit"]) for name, value in levels.items()},
    }


def number(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, int | float) else value


def level(protection: Protection | None) -> dict | None:
    if protection is None:
        return None
    assert protection.unit in DistanceUnit
    return {"value": protection.value, "unit": protection.unit.value}


def test_the_words_of_the_samples_are_ours() -> None:
    used = {order["order_type"] for sample in lines_of("signals/*.jsonl") for order in sample["expected"]["orders"]}

    assert used - {None} <= {kind.value for kind in OrderType}
