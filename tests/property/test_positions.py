"""What holds for every run of fills: sums come out, nothing is counted twice, and money is neither made nor lost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tradershub.domain.ids import OrderId
from tradershub.domain.positions import Fill, Position, Trade, book_fill
from tradershub.domain.signals import PositionSide, Side
from tradershub.testing.builders import MAIN, MOMENTUM, SYMBOL, at

POINT_VALUE = Decimal(5)
CLOSE_ENOUGH = Decimal("1e-15")
"""Averages of thirds are rounded in the 28th digit; sums of a few of them far below this."""

deals = st.lists(
    st.tuples(
        st.sampled_from(Side),
        st.sampled_from([Decimal(text) for text in ("0.1", "1", "2", "3", "7")]),
        st.integers(-40, 20_000).map(lambda ticks: Decimal(ticks) * Decimal("0.25")),
        st.sampled_from([Decimal(0), Decimal("0.62"), Decimal("1.25")]),
    ),
    min_size=1,
    max_size=14,
)


@dataclass(frozen=True)
class Booked:
    fills: list[Fill]
    positions: list[Position]
    trades: list[Trade]

    @property
    def last(self) -> Position:
        return self.positions[-1]


def book(run: list[tuple[Side, Decimal, Decimal, Decimal]], ratio: Decimal = Decimal(1)) -> Booked:
    """Book a run of fills one after the other; a hub unit is `ratio` platform units."""
    position: Position | None = None
    booked = Booked([], [], [])
    for number, (side, quantity, price, commission) in enumerate(run):
        fill = Fill(
            fill_id=f"F{number}",
            order_id=OrderId("TH"),
            account=MAIN,
            platform="paper",
            strategy=MOMENTUM,
            symbol=SYMBOL,
            platform_symbol=SYMBOL,
            side=side,
            quantity=quantity,
            hub_quantity=quantity / ratio,
            price=price,
            commission=commission,
            currency="USD",
            at=at(number),
        )
        result = book_fill(position, fill, point_value=POINT_VALUE)
        position = result.position
        booked.fills.append(fill)
        booked.positions.append(position)
        if result.trade is not None:
            booked.trades.append(result.trade)
    return booked


@given(run=deals)
def test_a_position_is_the_sum_of_its_fills(run: list[tuple[Side, Decimal, Decimal, Decimal]]) -> None:
    booked = book(run)
    assert booked.last.quantity == sum(fill.quantity * fill.side.sign for fill in booked.fills)
    assert booked.last.is_flat == (booked.last.quantity == 0)


@given(run=deals, ratio=st.sampled_from([Decimal(1), Decimal(10), Decimal("0.5")]))
def test_hub_units_follow_the_platforms_units(
    run: list[tuple[Side, Decimal, Decimal, Decimal]], ratio: Decimal
) -> None:
    for position in book(run, ratio).positions:
        assert position.hub_quantity == position.quantity / ratio


@given(run=deals)
def test_trades_and_what_is_open_add_up_to_the_money_of_the_fills(
    run: list[tuple[Side, Decimal, Decimal, Decimal]],
) -> None:
    booked, mark = book(run), Decimal(1234)
    cash = sum(-fill.side.sign * fill.quantity * fill.price * POINT_VALUE for fill in booked.fills)
    worth = cash + booked.last.quantity * mark * POINT_VALUE
    open_trip = Decimal(0) if booked.last.is_flat else booked.last.trip_realised + booked.last.unrealised(mark)
    earned = sum((trade.gross for trade in booked.trades), Decimal(0)) + open_trip
    assert abs(earned - worth) < CLOSE_ENOUGH * 1000


@given(run=deals)
def test_every_commission_is_in_one_trade_or_in_the_open_trip(
    run: list[tuple[Side, Decimal, Decimal, Decimal]],
) -> None:
    booked = book(run)
    paid = sum((fill.commission for fill in booked.fills), Decimal(0))
    open_trip = Decimal(0) if booked.last.is_flat else booked.last.trip_commission
    assert abs(sum((trade.commission for trade in booked.trades), Decimal(0)) + open_trip - paid) < CLOSE_ENOUGH


@given(run=deals)
def test_a_trade_goes_from_flat_to_flat(run: list[tuple[Side, Decimal, Decimal, Decimal]]) -> None:
    booked = book(run)
    before = Decimal(0)
    trades = iter(booked.trades)
    for position in booked.positions:
        if before and (position.is_flat or (position.quantity > 0) != (before > 0)):
            trade = next(trades)
            assert trade.side is (PositionSide.LONG if before > 0 else PositionSide.SHORT)
            assert trade.net == trade.gross - trade.commission
            assert trade.opened_at <= trade.closed_at
        before = position.quantity
    assert next(trades, None) is None


@given(run=deals)
def test_no_two_trades_and_no_two_open_positions_share_an_id(
    run: list[tuple[Side, Decimal, Decimal, Decimal]],
) -> None:
    booked = book(run)
    ids = [trade.trade_id for trade in booked.trades]
    assert len(set(ids)) == len(ids)
    for earlier, later in zip(booked.positions, booked.positions[1:], strict=False):
        stays = not earlier.is_flat and (earlier.quantity > 0) == (later.quantity > 0)
        went_out = not earlier.is_flat and later.is_flat
        assert (earlier.position_id == later.position_id) == (stays or went_out)
