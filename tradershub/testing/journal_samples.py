"""Events as a hub would write them, for tests of journals and tables; each call with the same number is the same."""

from decimal import Decimal

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.events import FactsRecorded, OrdersCreated, PlannedOrder, SignalStatus, SignalStored, Stages
from tradershub.domain.ids import AccountId, SignalId, StrategyName, order_id
from tradershub.domain.orders import Execution, Fact, FactKind, Intent, Order, Origin, Reason, derive
from tradershub.domain.positions import Fill, Position, book_fill
from tradershub.domain.signals import Action, OrderType, Protection, Side, Signal, SignalQuantity

BEGIN = Nanos(1_795_343_400_000_000_000)
POINT_VALUE = Decimal(5)


def instant(number: int) -> Nanos:
    """Return the `number`-th second of the tests' day."""
    return Nanos(BEGIN + number * NANOS_PER_SECOND)


def a_signal(number: int = 1, *, strategy: str = "momentum", symbol: str = "MESZ2026") -> Signal:
    return Signal(
        signal_id=SignalId(f"SG{number:012d}"),
        source="native",
        dialect="native",
        strategy=StrategyName(strategy),
        symbol=symbol,
        symbol_as_written="MES1!",
        action=Action.BUY,
        quantity=SignalQuantity(value=Decimal(2)),
        order_type=OrderType.LIMIT,
        limit_price=Decimal("5000.25"),
        stop_loss=Protection(value=Decimal("4990.5")),
        message_id=f"m-{number}",
        comment='breakout, "quoted"',
    )


def an_order(number: int = 1, *, account: str = "paper:main", signal: Signal | None = None) -> Order:
    """Return the order of a signal on an account; without a signal, a person's."""
    cause = signal.signal_id if signal is not None else f"person-{number}"
    return Order(
        order_id=order_id(cause, account, "entry"),
        signal_id=signal.signal_id if signal is not None else None,
        cause=cause,
        leg="entry",
        strategy=signal.strategy if signal is not None else None,
        account=AccountId(account),
        platform=account.partition(":")[0],
        symbol="MESZ2026",
        platform_symbol="MES 12-26",
        intent=Intent.ENTRY,
        side=Side.BUY,
        quantity=Decimal(2),
        hub_quantity=Decimal(2),
        order_type=OrderType.LIMIT,
        limit_price=Decimal("5000.25"),
        stop_loss=Protection(value=Decimal("4990.5")),
        origin=Origin.SIGNAL if signal is not None else Origin.PERSON,
        created_at=instant(number),
        expires_at=instant(number + 30),
    )


def planned(order: Order, *facts: Fact) -> PlannedOrder:
    known = facts or (Fact(kind=FactKind.SENDING, at=order.created_at),)
    return PlannedOrder(order=order, facts=known, view=derive(order, known))


def a_stored_signal(
    number: int = 1,
    *,
    key: str | None = None,
    accounts: tuple[str, ...] = ("paper:main",),
    status: SignalStatus = SignalStatus.ACCEPTED,
    strategy: str = "momentum",
) -> SignalStored:
    """Return a signal with an order being sent on each account; blocked, with a reason, if there is none."""
    signal = a_signal(number, strategy=strategy)
    blocked = Reason(code="unknown_strategy", message="no such strategy", numbers=(("name", strategy),))
    return SignalStored(
        at=instant(number),
        signal=signal,
        status=status,
        reason=None if status is SignalStatus.ACCEPTED else blocked,
        orders=tuple(planned(an_order(number, account=account, signal=signal)) for account in accounts),
        group=signal.signal_id,
        index=0,
        dedupe_key=key or f"{strategy}/m-{number}",
        content_hash=f"{number:032x}",
        raw='{"symbol": "MES1!", "action": "buy"}',
        transport="http",
        peer="127.0.0.1",
        ignored=("colour",),
        rounded=(),
        notes=(),
        parsed_us=40,
        planned_us=90,
    )


def created(*orders: Order) -> OrdersCreated:
    return OrdersCreated(at=orders[0].created_at, orders=tuple(planned(order) for order in orders))


def accepted(order: Order, number: int = 1) -> FactsRecorded:
    """Return the platform's yes."""
    sending = Fact(kind=FactKind.SENDING, at=order.created_at)
    fact = Fact(kind=FactKind.ACCEPTED, at=instant(number), platform_order_id=f"P{number}")
    facts = (sending, fact)
    stages = Stages(sent_us=400, acknowledged_us=1900)
    return FactsRecorded(
        at=instant(number),
        order_id=order.order_id,
        facts=(fact,),
        all_facts=facts,
        view=derive(order, facts),
        stages=stages,
    )


def filled(order: Order, number: int = 1, *, price: str = "5000.25", position: Position | None = None) -> FactsRecorded:
    """Return the fill of a whole order, with the position it makes and the trade it ends."""
    execution = Execution(
        execution_id=f"E{number}",
        price=Decimal(price),
        quantity=order.quantity,
        commission=Decimal("0.62"),
        currency="USD",
        at=instant(number),
    )
    sending = Fact(kind=FactKind.SENDING, at=order.created_at)
    fact = Fact(kind=FactKind.FILL, at=instant(number), execution=execution)
    fill = a_fill(order, execution)
    booked = book_fill(position, fill, point_value=POINT_VALUE)
    return FactsRecorded(
        at=instant(number),
        order_id=order.order_id,
        facts=(fact,),
        all_facts=(sending, fact),
        view=derive(order, (sending, fact)),
        stages=Stages(filled_us=2500),
        fills=(fill,),
        positions=(booked.position,),
        trades=() if booked.trade is None else (booked.trade,),
    )


def a_fill(order: Order, execution: Execution) -> Fill:
    return Fill(
        fill_id=f"{order.account}/{execution.execution_id}",
        order_id=order.order_id,
        account=order.account,
        platform=order.platform,
        strategy=order.strategy,
        symbol=order.symbol,
        platform_symbol=order.platform_symbol,
        side=order.side,
        quantity=execution.quantity,
        hub_quantity=execution.quantity,
        price=execution.price,
        commission=execution.commission,
        currency=execution.currency,
        at=execution.at,
    )
