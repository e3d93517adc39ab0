"""A small world for the executors' tests: a clock and quotes that are set by hand, accounts, and orders."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from tradershub.domain.accounts import Account, AccountMode
from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.ids import AccountId, OrderId, StrategyName, order_id
from tradershub.domain.instruments import Instruments, instruments_from_json
from tradershub.domain.orders import FactKind, Intent, Order
from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import DistanceUnit, OrderType, Protection, Side
from tradershub.ports.executor import Executor, OrderReport, PlatformEvent
from tradershub.ports.executor_parts import ExecutorParts
from tradershub.ports.quotes import Quote

START = Nanos(1_795_000_000 * NANOS_PER_SECOND)
DAY = Nanos(86_400 * NANOS_PER_SECOND)
MAIN = AccountId("paper:main")
_counter = itertools.count(1)


class StepClock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self._now = int(START)
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []

    def now(self) -> Nanos:
        return Nanos(self._now)

    def monotonic(self) -> Nanos:
        return Nanos(self._now)

    def perf(self) -> int:
        return self._now

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + int(seconds * NANOS_PER_SECOND), next(_counter), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper in its turn."""
        until = self._now + int(seconds * NANOS_PER_SECOND)
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            at, _, future = heapq.heappop(self._sleepers)
            self._now = max(self._now, at)
            if not future.done():
                future.set_result(None)
            await settle()
        self._now = until
        await settle()


class HandQuotes:
    """Holds the quotes that a test sets."""

    def __init__(self, clock: StepClock) -> None:
        self._clock = clock
        self._latest: dict[str, Quote] = {}
        self._receivers: list[Callable[[Quote], None]] = []

    def latest(self, symbol: str, *, live: bool = False) -> Quote | None:
        return self._latest.get(symbol)

    def watch(self, receiver: Callable[[Quote], None]) -> None:
        self._receivers.append(receiver)

    def set(
        self, bid: str | None = None, ask: str | None = None, last: str | None = None, symbol: str = "MESZ2026"
    ) -> None:
        quote = Quote(
            symbol=symbol, bid=_price(bid), ask=_price(ask), last=_price(last), at=self._clock.now(), origin="api"
        )
        self._latest[symbol] = quote
        for receiver in self._receivers:
            receiver(quote)


class NoMarks:
    """Notes which orders were marked."""

    def __init__(self) -> None:
        self.marked: list[OrderId] = []

    def mark(self, order_id: OrderId) -> None:
        self.marked.append(order_id)

    def surely_not_sent(self, order_id: OrderId, sending_since: Nanos) -> bool:
        return order_id not in self.marked


class Reader:
    """Takes an executor's events as they come."""

    def __init__(self, executor: Executor) -> None:
        self.events: list[PlatformEvent] = []
        self._task = asyncio.get_running_loop().create_task(self._read(executor))

    async def _read(self, executor: Executor) -> None:
        async for event in executor.events():
            self.events.append(event)

    @property
    def is_ended(self) -> bool:
        return self._task.done()

    @property
    def reports(self) -> list[OrderReport]:
        return [event for event in self.events if isinstance(event, OrderReport)]

    def told(self, kind: FactKind) -> list[OrderReport]:
        return [told for told in self.reports if told.kind is kind]

    def of(self, order: Order) -> list[FactKind | None]:
        return [told.kind for told in self.reports if told.order_id == order.order_id]

    def fills(self, order: Order) -> list[tuple[str, str]]:
        """Return price and quantity of each execution of an order."""
        return [
            (decimal_text(execution.price), decimal_text(execution.quantity))
            for told in self.reports
            if told.order_id == order.order_id
            for execution in told.executions
        ]


async def settle() -> None:
    for _ in range(12):
        await asyncio.sleep(0)


def parts(
    folder: Path, clock: StepClock, quotes: HandQuotes, *, platform: str = "paper", **config: Any
) -> ExecutorParts:
    accounts = {
        AccountId(f"{platform}:{name}"): Account(
            id=AccountId(f"{platform}:{name}"), platform=platform, label=name, mode=AccountMode.PAPER
        )
        for name in ("main", "second")
    }
    return ExecutorParts(
        platform=platform,
        config=tuple((key, str(value)) for key, value in config.items()),
        folder=folder,
        clock=clock,
        quotes=quotes,
        instruments=instruments(),
        account_of=accounts.get,
        day_end=lambda _symbol, at: Nanos(at - at % DAY + DAY),
        unsettled=lambda _account: (),
        marks=NoMarks(),
    )


def instruments() -> Instruments:
    file = Path(__file__).resolve().parents[3] / "config" / "instruments.json"
    return Instruments(instruments_from_json(file.read_text(encoding="utf-8")))


def an_order(side: Side = Side.BUY, quantity: str = "1", **changes: Any) -> Order:
    """Return a market entry of a micro future; each call makes another order."""
    cause = changes.pop("cause", f"S{next(_counter)}")
    account = changes.pop("account", MAIN)
    terms: dict[str, Any] = {
        "order_id": order_id(cause, account, "entry"),
        "signal_id": None,
        "cause": cause,
        "leg": "entry",
        "strategy": StrategyName("momentum"),
        "account": account,
        "platform": account.partition(":")[0],
        "symbol": "MESZ2026",
        "platform_symbol": "MESZ2026",
        "intent": Intent.ENTRY,
        "side": side,
        "quantity": Decimal(quantity),
        "hub_quantity": Decimal(quantity),
        "created_at": START,
        "expires_at": Nanos(START + DAY),
    }
    for name in ("limit_price", "stop_price", "trail", "reference_price"):
        if name in changes:
            changes[name] = _price(changes[name])
    return Order(**{**terms, **changes})


def an_exit(side: Side = Side.SELL, quantity: str = "1", **changes: Any) -> Order:
    return an_order(side, quantity, intent=Intent.EXIT, **changes)


def a_limit(side: Side, price: str, quantity: str = "1", **changes: Any) -> Order:
    return an_order(side, quantity, order_type=OrderType.LIMIT, limit_price=price, **changes)


def a_stop(side: Side, price: str, quantity: str = "1", **changes: Any) -> Order:
    return an_order(side, quantity, order_type=OrderType.STOP, stop_price=price, **changes)


def at_price(price: str, trailing: str | None = None) -> Protection:
    return Protection(value=Decimal(price), trailing=_price(trailing))


def points(distance: str, trailing: str | None = None) -> Protection:
    return Protection(value=Decimal(distance), unit=DistanceUnit.POINTS, trailing=_price(trailing))


def _price(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
