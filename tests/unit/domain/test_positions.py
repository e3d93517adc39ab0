"""Positions and round trips, by example."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tradershub.domain.ids import OrderId, StrategyName
from tradershub.domain.positions import Booked, Fill, Position, book_fill
from tradershub.domain.signals import PositionSide, Side
from tradershub.testing.builders import MAIN, MOMENTUM, SYMBOL, at


def fill(side: Side, quantity: str, price: str, number: int = 1, **changes: Any) -> Fill:
    terms: dict[str, Any] = {
        "fill_id": f"F{number}",
        "order_id": OrderId("TH"),
        "account": MAIN,
        "platform": "paper",
        "strategy": MOMENTUM,
        "symbol": SYMBOL,
        "platform_symbol": SYMBOL,
        "side": side,
        "quantity": Decimal(quantity),
        "hub_quantity": Decimal(quantity),
        "price": Decimal(price),
        "commission": Decimal("0.50"),
        "currency": "USD",
        "at": at(number),
    }
    return Fill(**{**terms, **changes})


def booked(*fills: Fill, ticket: str | None = None) -> Booked:
    result = Booked(position=_NO_POSITION)
    position: Position | None = None
    for one in fills:
        result = book_fill(position, one, point_value=Decimal(5), ticket=ticket)
        position = result.position
    return result


_NO_POSITION = book_fill(None, fill(Side.BUY, "1", "1"), point_value=Decimal(5)).position


def test_a_first_fill_opens_a_position() -> None:
    position = booked(fill(Side.SELL, "2", "5000")).position
    assert (position.side, position.quantity, position.average_price) == (
        PositionSide.SHORT,
        Decimal(-2),
        Decimal(5000),
    )
    assert position.opened_at == position.as_of == at(1)


def test_more_of_the_same_side_averages_the_price() -> None:
    position = booked(fill(Side.BUY, "1", "5000"), fill(Side.BUY, "3", "5004", 2)).position
    assert (position.quantity, position.average_price, position.trip_fills) == (Decimal(4), Decimal(5003), 2)


def test_a_part_taken_off_leaves_the_average_price() -> None:
    result = booked(fill(Side.BUY, "4", "5000"), fill(Side.SELL, "1", "5010", 2))
    assert result.trade is None
    assert (result.position.quantity, result.position.average_price) == (Decimal(3), Decimal(5000))
    assert result.position.trip_realised == Decimal(50)


def test_a_round_trip_becomes_one_trade() -> None:
    trade = booked(fill(Side.BUY, "2", "5000"), fill(Side.SELL, "1", "5010", 2), fill(Side.SELL, "1", "5020", 3)).trade
    assert trade is not None
    assert (trade.side, trade.quantity, trade.entry_price, trade.exit_price) == (
        PositionSide.LONG,
        Decimal(2),
        Decimal(5000),
        Decimal(5015),
    )
    assert (trade.gross, trade.commission, trade.net, trade.fills) == (
        Decimal(150),
        Decimal("1.50"),
        Decimal("148.50"),
        3,
    )
    assert (trade.opened_at, trade.closed_at) == (at(1), at(3))


def test_a_short_earns_when_the_price_falls() -> None:
    trade = booked(fill(Side.SELL, "1", "5000"), fill(Side.BUY, "1", "4990", 2)).trade
    assert trade is not None
    assert (trade.side, trade.gross) == (PositionSide.SHORT, Decimal(50))


def test_a_fill_beyond_the_position_closes_it_and_opens_the_other_side() -> None:
    result = booked(fill(Side.BUY, "1", "5000"), fill(Side.SELL, "4", "5010", 2, commission=Decimal(2)))
    assert result.trade is not None
    assert (result.trade.quantity, result.trade.commission) == (Decimal(1), Decimal("1.00"))
    assert (result.position.quantity, result.position.average_price) == (Decimal(-3), Decimal(5010))
    assert result.position.trip_commission == Decimal("1.50")
    assert result.position.position_id != _NO_POSITION.position_id


def test_what_is_open_is_valued_at_the_mark() -> None:
    assert booked(fill(Side.SELL, "2", "5000")).position.unrealised(Decimal(4999)) == Decimal(10)
    assert booked(fill(Side.BUY, "2", "-1")).position.unrealised(Decimal("-1.5")) == Decimal(-5)


def test_a_report_that_comes_late_does_not_turn_the_clock_back() -> None:
    position = booked(fill(Side.BUY, "1", "5000", 5), fill(Side.BUY, "1", "5000", 2)).position
    assert position.as_of == at(5)


@pytest.mark.parametrize("other", [{"strategy": StrategyName("other")}, {"strategy": None}, {"symbol": "MNQZ2026"}])
def test_each_strategy_and_symbol_has_a_position_of_its_own(other: dict[str, Any]) -> None:
    mine = booked(fill(Side.BUY, "1", "5000")).position
    theirs = booked(fill(Side.BUY, "1", "5000", **other)).position
    assert mine.key != theirs.key
    assert mine.position_id != theirs.position_id


def test_tickets_of_a_hedging_account_are_positions_of_their_own() -> None:
    one = booked(fill(Side.BUY, "1", "5000"), ticket="T1").position
    two = booked(fill(Side.SELL, "1", "5000"), ticket="T2").position
    assert (one.quantity, two.quantity) == (Decimal(1), Decimal(-1))
    assert one.position_id != two.position_id


def test_a_position_that_was_flat_begins_a_new_round_trip() -> None:
    result = booked(fill(Side.BUY, "1", "5000"), fill(Side.SELL, "1", "5001", 2), fill(Side.BUY, "1", "5002", 3))
    assert result.trade is None
    assert (result.position.trip_fills, result.position.opened_at) == (1, at(3))
