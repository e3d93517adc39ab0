"""Positions and round trips from fills, for accounts that net and for accounts that hold tickets side by side."""

from dataclasses import dataclass, replace
from decimal import Decimal

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import AccountId, OrderId, PositionId, StrategyName, TradeId, derived_id
from tradershub.domain.signals import PositionSide, Side

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution of one order. `quantity` and `hub_quantity` are positive, `commission` is a positive cost."""

    fill_id: str
    order_id: OrderId
    account: AccountId
    platform: str
    strategy: StrategyName | None
    symbol: str
    platform_symbol: str
    side: Side
    quantity: Decimal
    hub_quantity: Decimal
    price: Decimal
    commission: Decimal
    currency: str
    at: Nanos


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What a strategy holds of a symbol on an account, or (ticket set) one ticket of a hedging account.

    `quantity` is signed, in the platform's unit. The `trip_*` sums belong to the round trip under way, in money of the
    instrument where they are money: they become the trade once the position is flat.
    """

    position_id: PositionId
    account: AccountId
    platform: str
    strategy: StrategyName | None
    symbol: str
    platform_symbol: str
    ticket: str | None = None
    quantity: Decimal
    hub_quantity: Decimal
    average_price: Decimal
    point_value: Decimal
    currency: str
    opened_at: Nanos
    as_of: Nanos
    trip_entered: Decimal = ZERO
    trip_entry_value: Decimal = ZERO
    trip_exited: Decimal = ZERO
    trip_exit_value: Decimal = ZERO
    trip_realised: Decimal = ZERO
    trip_commission: Decimal = ZERO
    trip_fills: int = 0
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    external: bool = False

    @property
    def is_flat(self) -> bool:
        return self.quantity == 0

    @property
    def side(self) -> PositionSide:
        return PositionSide.LONG if self.quantity > 0 else PositionSide.SHORT

    @property
    def key(self) -> tuple[StrategyName | None, AccountId, str, str | None]:
        return (self.strategy, self.account, self.symbol, self.ticket)

    def unrealised(self, mark: Decimal) -> Decimal:
        """Return the profit at the price `mark`, in the instrument's currency, before commission."""
        return (mark - self.average_price) * self.hub_quantity * self.point_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One round trip, from flat to flat. `quantity`: the units that went in (and out), in the platform's unit.

    `gross` is before, `net` after `commission`, in the instrument's currency.
    """

    trade_id: TradeId
    account: AccountId
    platform: str
    strategy: StrategyName | None
    symbol: str
    side: PositionSide
    quantity: Decimal
    hub_quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal
    opened_at: Nanos
    closed_at: Nanos
    gross: Decimal
    commission: Decimal
    net: Decimal
    currency: str
    fills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What a fill made of a position: its new value, and the trade that ended, if one did."""

    position: Position
    trade: Trade | None = None


def book_fill(position: Position | None, fill: Fill, *, point_value: Decimal, ticket: str | None = None) -> Booked:
    """Apply one fill. A fill beyond the open size closes the round trip and opens one on the other side.

    Give `ticket` on a hedging account: each ticket is a position of its own, closed by fills that name it.
    """
    if position is None or position.is_flat:
        return Booked(position=_opened(fill, fill.quantity, fill.commission, point_value=point_value, ticket=ticket))
    signed = fill.quantity * fill.side.sign
    if (position.quantity > 0) == (signed > 0):
        return Booked(position=_increased(position, fill))
    closing = min(fill.quantity, abs(position.quantity))
    beyond = fill.quantity - closing
    share = fill.commission * closing / fill.quantity
    reduced = _reduced(position, fill, closing, share)
    if not reduced.is_flat:
        return Booked(position=reduced)
    trade = _trade(reduced, opened_side=position.side, hub_ratio=_hub_ratio(fill))
    if beyond:
        rest = _opened(fill, beyond, fill.commission - share, point_value=point_value, ticket=ticket)
        return Booked(position=rest, trade=trade)
    return Booked(position=reduced, trade=trade)


def _hub_ratio(fill: Fill) -> Decimal:
    return fill.hub_quantity / fill.quantity


def _opened(
    fill: Fill, quantity: Decimal, commission: Decimal, *, point_value: Decimal, ticket: str | None
) -> Position:
    signed = quantity * fill.side.sign
    named = (fill.account, fill.strategy or "", fill.symbol, ticket or "", fill.fill_id)
    return Position(
        position_id=PositionId(derived_id("PO", *named)),
        account=fill.account,
        platform=fill.platform,
        strategy=fill.strategy,
        symbol=fill.symbol,
        platform_symbol=fill.platform_symbol,
        ticket=ticket,
        quantity=signed,
        hub_quantity=signed * _hub_ratio(fill),
        average_price=fill.price,
        point_value=point_value,
        currency=fill.currency,
        opened_at=fill.at,
        as_of=fill.at,
        trip_entered=quantity,
        trip_entry_value=quantity * fill.price,
        trip_commission=commission,
        trip_fills=1,
    )


def _increased(position: Position, fill: Fill) -> Position:
    held = abs(position.quantity)
    quantity = position.quantity + fill.quantity * fill.side.sign
    return replace(
        position,
        quantity=quantity,
        hub_quantity=quantity * _hub_ratio(fill),
        average_price=(position.average_price * held + fill.price * fill.quantity) / (held + fill.quantity),
        as_of=max(position.as_of, fill.at),
        trip_entered=position.trip_entered + fill.quantity,
        trip_entry_value=position.trip_entry_value + fill.quantity * fill.price,
        trip_commission=position.trip_commission + fill.commission,
        trip_fills=position.trip_fills + 1,
    )


def _reduced(position: Position, fill: Fill, closing: Decimal, commission: Decimal) -> Position:
    quantity = position.quantity + closing * fill.side.sign
    gained = (fill.price - position.average_price) * (1 if position.quantity > 0 else -1)
    realised = gained * closing * _hub_ratio(fill) * position.point_value
    return replace(
        position,
        quantity=quantity,
        hub_quantity=quantity * _hub_ratio(fill),
        as_of=max(position.as_of, fill.at),
        trip_exited=position.trip_exited + closing,
        trip_exit_value=position.trip_exit_value + closing * fill.price,
        trip_realised=position.trip_realised + realised,
        trip_commission=position.trip_commission + commission,
        trip_fills=position.trip_fills + 1,
    )


def _trade(closed: Position, *, opened_side: PositionSide, hub_ratio: Decimal) -> Trade:
    return Trade(
        trade_id=TradeId(derived_id("TR", closed.position_id)),
        account=closed.account,
        platform=closed.platform,
        strategy=closed.strategy,
        symbol=closed.symbol,
        side=opened_side,
        quantity=closed.trip_entered,
        hub_quantity=closed.trip_entered * hub_ratio,
        entry_price=closed.trip_entry_value / closed.trip_entered,
        exit_price=closed.trip_exit_value / closed.trip_exited,
        opened_at=closed.opened_at,
        closed_at=closed.as_of,
        gross=closed.trip_realised,
        commission=closed.trip_commission,
        net=closed.trip_realised - closed.trip_commission,
        currency=closed.currency,
        fills=closed.trip_fills,
    )
