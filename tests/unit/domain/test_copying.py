"""Which way and how large: the legs of every action against what is held, and every kind of size."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradershub.domain.copying import (
    Basis,
    CannotSize,
    close,
    distance_in_price,
    entry_size,
    exit_size,
    is_worked_out,
    side_of,
    stated_units,
    toward,
    trade,
)
from tradershub.domain.instruments import Instrument
from tradershub.domain.orders import Intent
from tradershub.domain.signals import Action, DistanceUnit, Protection, QuantityKind, Side, SignalQuantity
from tradershub.domain.strategies import Opposite, Sizing, SizingKind
from tradershub.testing.builders import priced, sized
from tradershub.testing.shipped import shipped_market

MARKET = shipped_market()


def instrument(root: str) -> Instrument:
    found = MARKET.instruments.get(root)
    assert found is not None
    return found


def basis(root: str = "MES", price: str | None = "5000", stop: str | None = "10", balance: str = "50000") -> Basis:
    return Basis(
        instrument=instrument(root),
        price=None if price is None else Decimal(price),
        stop_distance=None if stop is None else Decimal(stop),
        balance=Decimal(balance),
    )


def said(legs: object) -> list[str]:
    """Return legs as people say them: `out sell 2`, `in buy 1`."""
    assert isinstance(legs, tuple)
    return [
        f"{'out' if leg.intent is Intent.EXIT else 'in'} {leg.side.value} {leg.quantity.normalize():f}" for leg in legs
    ]


@pytest.mark.parametrize(
    ("side", "quantity", "held", "opposite", "legs"),
    [
        ("buy", "2", "0", "net", ["in buy 2"]),
        ("buy", "2", "1", "net", ["in buy 2"]),
        ("sell", "2", "-1", "reverse", ["in sell 2"]),
        ("sell", "1", "3", "net", ["out sell 1"]),
        ("sell", "3", "3", "net", ["out sell 3"]),
        ("sell", "5", "3", "net", ["out sell 3", "in sell 2"]),
        ("buy", "5", "-3", "net", ["out buy 3", "in buy 2"]),
        ("sell", "1", "3", "reverse", ["out sell 3", "in sell 1"]),
        ("buy", "5", "-3", "reverse", ["out buy 3", "in buy 5"]),
        ("sell", "5", "3", "close_only", ["out sell 3"]),
        ("sell", "1", "3", "close_only", ["out sell 1"]),
        ("buy", "5", "-3", "close_only", ["out buy 3"]),
        ("sell", "5", "0", "close_only", ["in sell 5"]),
    ],
)
def test_a_trade_against_what_is_held(side: str, quantity: str, held: str, opposite: str, legs: list[str]) -> None:
    assert said(trade(Side(side), Decimal(quantity), Decimal(held), Opposite(opposite))) == legs


@pytest.mark.parametrize(
    ("target", "held", "legs"),
    [
        ("0", "0", []),
        ("2", "2", []),
        ("2", "0", ["in buy 2"]),
        ("-2", "0", ["in sell 2"]),
        ("3", "1", ["in buy 2"]),
        ("-3", "-1", ["in sell 2"]),
        ("1", "3", ["out sell 2"]),
        ("-1", "-3", ["out buy 2"]),
        ("0", "3", ["out sell 3"]),
        ("0", "-3", ["out buy 3"]),
        ("-2", "3", ["out sell 3", "in sell 2"]),
        ("2", "-3", ["out buy 3", "in buy 2"]),
    ],
)
def test_the_way_to_a_target(target: str, held: str, legs: list[str]) -> None:
    assert said(toward(Decimal(target), Decimal(held))) == legs


@pytest.mark.parametrize(
    ("held", "quantity", "legs"),
    [("3", "1", ["out sell 1"]), ("-3", "9", ["out buy 3"]), ("0", "1", []), ("3", "0", [])],
)
def test_a_close_never_takes_more_than_is_held(held: str, quantity: str, legs: list[str]) -> None:
    assert said(close(Decimal(held), Decimal(quantity))) == legs


positions = st.integers(-50, 50).map(Decimal)
sizes = st.integers(1, 50).map(Decimal)


@given(held=positions, target=positions)
def test_the_legs_to_a_target_reach_it_and_exits_come_first(held: Decimal, target: Decimal) -> None:
    legs = toward(target, held)
    assert held + sum(leg.quantity * leg.side.sign for leg in legs) == target
    assert [leg.intent for leg in legs] == sorted((leg.intent for leg in legs), key=lambda i: i is Intent.ENTRY)


@given(held=positions, quantity=sizes, side=st.sampled_from(Side), opposite=st.sampled_from(Opposite))
def test_no_exit_enters_or_flips(held: Decimal, quantity: Decimal, side: Side, opposite: Opposite) -> None:
    for leg in trade(side, quantity, held, opposite):
        if leg.intent is Intent.EXIT:
            assert abs(held + leg.quantity * leg.side.sign) == abs(held) - leg.quantity
            held += leg.quantity * leg.side.sign
        else:
            assert held * leg.side.sign >= 0


@pytest.mark.parametrize(
    ("protection", "distance"),
    [
        (priced("8", DistanceUnit.POINTS), "8"),
        (priced("8", DistanceUnit.TICKS), "2"),
        (priced("8", DistanceUnit.PIPS), "2"),
        (priced("1", DistanceUnit.PERCENT), "50"),
        (priced("100", DistanceUnit.CASH), "10"),
        (priced("4990", DistanceUnit.PRICE), "10"),
        (priced("5012.5", DistanceUnit.PRICE), "12.5"),
    ],
)
def test_distances_of_every_unit_become_prices(protection: Protection, distance: str) -> None:
    assert distance_in_price(protection, basis(), Decimal(2)) == Decimal(distance)


def test_a_pip_is_the_pip_of_a_currency() -> None:
    assert distance_in_price(priced("8", DistanceUnit.PIPS), basis("EURUSD", "1.08"), None) == Decimal("0.0008")


@pytest.mark.parametrize(
    ("protection", "known"),
    [
        (priced("1", DistanceUnit.PERCENT), basis(price=None)),
        (priced("4990", DistanceUnit.PRICE), basis(price=None)),
        (priced("100", DistanceUnit.CASH), basis()),
        (priced("1", DistanceUnit.EA_SETTING), basis()),
    ],
)
def test_a_distance_that_cannot_be_worked_out_says_what_is_missing(protection: Protection, known: Basis) -> None:
    with pytest.raises(CannotSize, match=r"needs|set elsewhere"):
        distance_in_price(protection, known, None)


@pytest.mark.parametrize(
    ("value", "kind", "units"),
    [
        ("2", QuantityKind.UNITS, "2"),
        ("0.5", QuantityKind.LOTS, "0.5"),
        ("50000", QuantityKind.CASH, "2"),
        ("100", QuantityKind.RISK_CASH, "2"),
        ("1", QuantityKind.RISK_PERCENT, "10"),
        ("50", QuantityKind.EQUITY_PERCENT, "1"),
        ("150", QuantityKind.BALANCE_PERCENT, "3"),
    ],
)
def test_sizes_of_every_kind_become_units(value: str, kind: QuantityKind, units: str) -> None:
    assert stated_units(sized(value, kind), basis()) == Decimal(units)


@pytest.mark.parametrize(
    "kind",
    [QuantityKind.MARGIN_PERCENT, QuantityKind.RISK_SETTING, QuantityKind.EQUITY_RATIO, QuantityKind.POSITION_PERCENT],
)
def test_a_size_that_depends_on_its_sender_is_not_guessed(kind: QuantityKind) -> None:
    with pytest.raises(CannotSize, match="send units"):
        stated_units(sized("1", kind), basis())


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        (QuantityKind.CASH, basis(price=None)),
        (QuantityKind.CASH, basis("CL", "0")),
        (QuantityKind.RISK_CASH, basis(stop=None)),
        (QuantityKind.RISK_PERCENT, basis(stop="0")),
    ],
)
def test_a_size_in_money_needs_a_price_or_a_stop(kind: QuantityKind, known: Basis) -> None:
    with pytest.raises(CannotSize, match="needs"):
        stated_units(sized("100", kind), known)


@pytest.mark.parametrize(
    ("sizing", "stated", "default", "size"),
    [
        (Sizing(), "3", None, "3"),
        (Sizing(), None, "2", "2"),
        (Sizing(), None, None, None),
        (Sizing(kind=SizingKind.FIXED, value=Decimal(4)), "3", None, "4"),
        (Sizing(kind=SizingKind.FIXED, value=Decimal(4)), None, None, "4"),
        (Sizing(kind=SizingKind.MULTIPLIER, value=Decimal("0.5")), "3", None, "1.5"),
        (Sizing(kind=SizingKind.MULTIPLIER, value=Decimal("0.5")), None, "4", "2"),
        (Sizing(kind=SizingKind.MULTIPLIER, value=Decimal(2)), None, None, None),
        (Sizing(kind=SizingKind.RISK_CASH, value=Decimal(125)), "3", None, "2.5"),
        (Sizing(kind=SizingKind.RISK_PERCENT, value=Decimal("0.5")), None, None, "5"),
        (Sizing(kind=SizingKind.NOTIONAL, value=Decimal(60_000)), None, None, "2.4"),
    ],
)
def test_a_routes_sizing(sizing: Sizing, stated: str | None, default: str | None, size: str | None) -> None:
    found = entry_size(
        None if stated is None else sized(stated), None if default is None else Decimal(default), sizing, basis()
    )
    assert found == (None if size is None else Decimal(size))


def test_what_the_message_states_is_not_the_hubs_to_round() -> None:
    assert not is_worked_out(sized("1.5"), Sizing())
    assert not is_worked_out(sized("1.5", QuantityKind.LOTS), Sizing())
    assert not is_worked_out(None, Sizing())
    assert is_worked_out(sized("100", QuantityKind.RISK_CASH), Sizing())
    assert is_worked_out(sized("1"), Sizing(kind=SizingKind.MULTIPLIER))


@pytest.mark.parametrize(
    ("stated", "held", "size"),
    [
        (None, "-3", "3"),
        (sized("1", QuantityKind.ALL), "3", "3"),
        (sized("1"), "3", "1"),
        (sized("9"), "-3", "3"),
        (sized("50", QuantityKind.POSITION_PERCENT), "3", "1.5"),
        (sized("250", QuantityKind.POSITION_PERCENT), "3", "3"),
        (sized("2", QuantityKind.LOTS), "3", "2"),
    ],
)
def test_a_closing_action_takes_off_no_more_than_all(stated: SignalQuantity | None, held: str, size: str) -> None:
    assert exit_size(stated, Decimal(held)) == Decimal(size)


def test_a_closing_action_has_no_size_by_risk() -> None:
    with pytest.raises(CannotSize, match="percent of the position"):
        exit_size(sized("100", QuantityKind.RISK_CASH), Decimal(3))


def test_only_buy_and_sell_name_a_side() -> None:
    sides = {action: side_of(action) for action in Action}
    assert {action for action, side in sides.items() if side is not None} == {Action.BUY, Action.SELL}
    assert (sides[Action.BUY], sides[Action.SELL]) == (Side.BUY, Side.SELL)
