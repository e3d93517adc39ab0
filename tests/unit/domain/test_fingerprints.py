"""A signal's fingerprint is the same for a repeat and different for anything else."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest

from tradershub.domain.clock import Nanos
from tradershub.domain.fingerprints import content_hash
from tradershub.domain.ids import SignalId, StrategyName
from tradershub.domain.signals import (
    AccountRequest,
    Action,
    DistanceUnit,
    OrderType,
    PositionSide,
    Protection,
    QuantityKind,
    Signal,
    SignalQuantity,
    TimeInForce,
)

SIGNAL = Signal(
    dialect="native",
    strategy=StrategyName("momentum"),
    symbol_as_written="MES",
    action=Action.BUY,
    quantity=SignalQuantity(value=Decimal(1)),
    order_type=OrderType.MARKET,
    stop_loss=Protection(value=Decimal(4990)),
)
OTHER: dict[str, Any] = {
    "strategy": StrategyName("other"),
    "symbol_as_written": "MNQ",
    "action": Action.SELL,
    "quantity": SignalQuantity(value=Decimal(1), kind=QuantityKind.LOTS),
    "order_type": OrderType.LIMIT,
    "limit_price": Decimal(1),
    "stop_price": Decimal(1),
    "trail": Protection(value=Decimal(1), unit=DistanceUnit.TICKS),
    "stop_loss": Protection(value=Decimal(4990), trailing=Decimal(1)),
    "take_profit": (Protection(value=Decimal(5010)),),
    "time_in_force": TimeInForce.GTC,
    "good_till": Nanos(1),
    "target_position": Decimal(0),
    "position_before": Decimal(0),
    "position_after": Decimal(1),
    "before_side": 0,
    "after_side": 1,
    "close_side": PositionSide.LONG,
    "signal_price": Decimal(5000),
    "sent_at": Nanos(5),
    "timeframe": "5m",
    "message_id": "m-1",
    "sender_order_id": "Long",
    "comment": "again",
    "accounts": (AccountRequest(account="Sim101"),),
}
NOT_SAID: dict[str, Any] = {
    "dialect": "tradingview",
    "source": "file",
    "signal_id": SignalId("S1"),
    "symbol": "MESZ2026",
    "sent_at_is_bar_time": True,
    "needs": ("quantity",),
}


def test_every_field_is_either_said_or_not() -> None:
    assert {field.name for field in fields(Signal)} == OTHER.keys() | NOT_SAID.keys()


@pytest.mark.parametrize("name", OTHER)
def test_whatever_the_sender_says_otherwise_counts(name: str) -> None:
    assert content_hash(replace(SIGNAL, **{name: OTHER[name]})) != content_hash(SIGNAL)


@pytest.mark.parametrize("name", NOT_SAID)
def test_what_the_hub_adds_does_not_count(name: str) -> None:
    assert content_hash(replace(SIGNAL, **{name: NOT_SAID[name]})) == content_hash(SIGNAL)


def test_equal_numbers_are_equal_however_they_are_written() -> None:
    assert content_hash(replace(SIGNAL, quantity=SignalQuantity(value=Decimal("1.00")))) == content_hash(SIGNAL)


def test_a_text_cannot_imitate_other_fields() -> None:
    honest = replace(SIGNAL, comment="a", timeframe="5m")
    assert content_hash(replace(SIGNAL, comment="a;timeframe=2:5m")) != content_hash(honest)


def test_two_signals_together_are_not_one() -> None:
    assert len({content_hash(SIGNAL), content_hash(SIGNAL, SIGNAL), content_hash()}) == 3


def test_the_fingerprint_is_the_same_in_every_process() -> None:
    assert content_hash(SIGNAL) == "5ed6c0227f2728003eb4cdf9396c0f17"
