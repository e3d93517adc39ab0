"""The lines of the JSON socket link are, byte for byte, what receivers were written for."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.executors.market import START, a_limit, a_stop, an_order, at_price, points
from tradershub.domain.ids import OrderId
from tradershub.domain.orders import FactKind
from tradershub.domain.signals import DistanceUnit, OrderType, Protection, Side
from tradershub.executors.json_socket_wire import (
    Acknowledgement,
    NotExpressible,
    decode_line,
    encode_order,
    encode_question,
)

LINES = Path(__file__).parent / "json_socket" / "orders.jsonl"
BUY, SELL = Side.BUY, Side.SELL


ORDERS = {
    "market": an_order(BUY, "2", cause="g1"),
    "bracket": a_limit(
        SELL, "5000.25", "1", cause="g2", stop_loss=at_price("5010.50"), take_profit=(at_price("4990"),)
    ),
    "distances": an_order(
        BUY, "1", cause="g3", reference_price="5000.25", stop_loss=points("10"), take_profit=(points("20.5"),)
    ),
    "stop": a_stop(BUY, "5001.00", "3", cause="g4", platform_symbol="MES 12-26"),
    "stop limit": an_order(
        SELL, cause="g5", order_type=OrderType.STOP_LIMIT, stop_price="4999.75", limit_price="4999.50"
    ),
    "exact numbers": a_limit(BUY, "0.000000012345678901", "0.10", cause="g6"),
    "odd names": an_order(cause="g7", strategy='a"b\\é', platform_symbol="US500.cash"),
    "no strategy": an_order(cause="g8", strategy=None),
}


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_is_this_line(name: str) -> None:
    lines = LINES.read_bytes().splitlines(keepends=True)
    assert encode_order(ORDERS[name], account="Sim101", sent_at=START) == lines[list(ORDERS).index(name)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"order_type": OrderType.TRAILING_STOP, "trail": "5"}, "trailing stop"),
        ({"take_profit": (points("1"), points("2")), "reference_price": "5000"}, "one target"),
        ({"stop_loss": points("1")}, "did not name"),
        ({"stop_loss": points("1", trailing="1"), "reference_price": "5000"}, "no trailing"),
        ({"stop_loss": Protection(value=Decimal(4), unit=DistanceUnit.TICKS), "reference_price": "1"}, "points"),
    ],
)
def test_what_a_line_cannot_say_is_not_said(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotExpressible, match=reason):
        encode_order(an_order(**changes), account="Sim101", sent_at=START)


def test_a_question_names_every_order() -> None:
    assert encode_question([OrderId("THA"), OrderId("THB")]) == b'{"query":"orders","order_ids":["THA","THB"]}\n'


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("accepted", FactKind.ACCEPTED),
        ("Working", FactKind.ACCEPTED),
        ("OK", FactKind.ACCEPTED),
        ("rejected", FactKind.REJECTED),
        ("filled", None),
        ("unknown", None),
    ],
)
def test_a_status_is_read_or_left_open(status: str, kind: FactKind | None) -> None:
    line = f'{{"order_id":"TH1","status":"{status}","reason":"no margin","account":"Sim101","more":[1]}}\r'
    assert decode_line(line.encode()) == Acknowledgement(
        order_id=OrderId("TH1"),
        status=status.lower(),
        kind=kind,
        is_unknown=status == "unknown",
        reason="no margin",
        account="Sim101",
    )


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"order_id":1,"status":"ok"}',
        b'{"order_id":"","status":"ok"}',
        b'{"order_id":"TH1","status":null}',
        b"[" * 30_000,
        b'{"order_id":"TH1","status":"ok"',
    ],
)
def test_anything_else_is_no_acknowledgement(line: bytes) -> None:
    with pytest.raises(ValueError):
        decode_line(line)
