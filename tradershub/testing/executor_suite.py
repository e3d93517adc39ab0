"""What every executor must hold, as tests to inherit: sent at most once, never guessed, and what it lacks refused."""

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from unittest import SkipTest

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.errors import PlatformError
from tradershub.domain.ids import AccountId, OrderId, StrategyName, order_id
from tradershub.domain.orders import FactKind, Intent, Order, OrderChange
from tradershub.domain.signals import DistanceUnit, OrderType, Protection, Side, TimeInForce
from tradershub.ports.clock import Clock
from tradershub.ports.executor import (
    Accepted,
    Executor,
    LinkChange,
    LinkState,
    NotSent,
    OrderReport,
    Outcome,
    PlatformEvent,
    Rejected,
    Unknown,
)

PRICE = Decimal(5000)
"""The counterpart's market stands here, bid and ask."""
_SYMBOL = "MESZ2026"
_DAY = 86_400 * NANOS_PER_SECOND
_counter = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """An executor and the other end of its wire.

    `arrived`: how many times an order reached the platform. `wait`: let everything happen that takes this long.
    `expect_lookup`: the platform will be asked for these orders. Where a counterpart cannot do a thing, it is None.
    """

    executor: Executor
    account: AccountId
    clock: Clock
    arrived: Callable[[OrderId], Awaitable[int]]
    wait: Callable[[float], Awaitable[None]]
    expect_lookup: Callable[[tuple[OrderId, ...]], None] = lambda _: None
    lose_replies: Callable[[], None] | None = None
    cut: Callable[[], Awaitable[None]] | None = None
    restore: Callable[[], Awaitable[None]] | None = None

    def order(self, side: Side = Side.BUY, quantity: str = "2", **changes: Any) -> Order:
        """Return an entry that the platform takes; each call makes another order."""
        cause = f"suite-{next(_counter)}"
        now = self.clock.now()
        plain = Order(
            order_id=order_id(cause, self.account, "entry"),
            signal_id=None,
            cause=cause,
            leg="entry",
            strategy=StrategyName("suite"),
            account=self.account,
            platform=self.executor.platform,
            symbol=_SYMBOL,
            platform_symbol=_SYMBOL,
            intent=Intent.ENTRY,
            side=side,
            quantity=Decimal(quantity),
            hub_quantity=Decimal(quantity),
            reference_price=PRICE,
            created_at=now,
            expires_at=Nanos(now + _DAY),
        )
        return replace(plain, **changes)

    def order_of(self, order_type: OrderType) -> Order:
        """Return an order of a type that does not fill at once unless it is a market order."""
        below, above = PRICE - 100, PRICE + 100
        terms: dict[OrderType, dict[str, Any]] = {
            OrderType.MARKET: {},
            OrderType.LIMIT: {"limit_price": below},
            OrderType.STOP: {"stop_price": above},
            OrderType.STOP_LIMIT: {"stop_price": above, "limit_price": above},
            OrderType.TRAILING_STOP: {"trail": Decimal(50)},
        }
        return self.order(order_type=order_type, **terms[order_type])

    async def finish(self, submitting: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Let a submit, a change or a cancel run to its end."""
        task = asyncio.ensure_future(submitting)
        await self.wait(self.executor.capabilities.submit_timeout_s)
        assert task.done(), "it ends within capabilities.submit_timeout_s by itself"
        return task.result()


class Listener:
    """Takes the executor's events; one at a time may."""

    def __init__(self, executor: Executor) -> None:
        self.events: list[PlatformEvent] = []
        self.task = asyncio.get_running_loop().create_task(self._take(executor))

    async def _take(self, executor: Executor) -> None:
        async for event in executor.events():
            self.events.append(event)

    def links(self) -> list[LinkState]:
        return [event.state for event in self.events if isinstance(event, LinkChange)]

    def reports(self) -> list[OrderReport]:
        return [event for event in self.events if isinstance(event, OrderReport)]

    def filled(self, order: Order) -> Decimal:
        """Return what has filled, each execution counted once."""
        executions = {
            execution.execution_id: execution.quantity
            for told in self.reports()
            if told.order_id == order.order_id
            for execution in told.executions
        }
        return sum(executions.values(), Decimal(0))


class _WithRig(ABC):
    @abstractmethod
    def rig(self, *, connected: bool = True) -> AbstractAsyncContextManager[Rig]:
        """Return a fresh executor with its counterpart, closed at the end."""


class SendingSuite(_WithRig):
    """What leaves: once, at once, or not at all."""

    async def test_the_first_step_of_submit_puts_the_order_on_the_wire(self) -> None:
        async with self.rig() as rig:
            order = rig.order()
            submitting = rig.executor.submit(order)
            try:
                submitting.send(None)
            except StopIteration as ended:
                assert isinstance(ended.value, Accepted | Rejected | NotSent | Unknown)
            await rig.wait(0.05)
            assert await rig.arrived(order.order_id) == 1
            submitting.close()

    async def test_before_it_is_connected_nothing_leaves(self) -> None:
        async with self.rig(connected=False) as rig:
            order = rig.order()
            outcome = await rig.finish(rig.executor.submit(order))
            assert isinstance(outcome, NotSent)

    async def test_an_order_arrives_once_and_its_outcome_is_honest(self) -> None:
        async with self.rig() as rig:
            order = rig.order()
            outcome = await rig.finish(rig.executor.submit(order))
            assert isinstance(outcome, Accepted | Unknown)
            assert await rig.arrived(order.order_id) == 1

    async def test_the_same_order_submitted_again_makes_nothing_new(self) -> None:
        async with self.rig() as rig:
            order = rig.order()
            first = await rig.finish(rig.executor.submit(order))
            second = await rig.finish(rig.executor.submit(order))
            assert second == first
            assert await rig.arrived(order.order_id) == 1

    async def test_many_at_once_arrive_once_each(self) -> None:
        async with self.rig() as rig:
            orders = [rig.order() for _ in range(rig.executor.capabilities.max_in_flight)]
            tasks = [asyncio.ensure_future(rig.executor.submit(order)) for order in orders]
            await rig.wait(rig.executor.capabilities.submit_timeout_s)
            outcomes = [task.result() for task in tasks]
            assert all(isinstance(outcome, Accepted | Unknown) for outcome in outcomes)
            assert [await rig.arrived(order.order_id) for order in orders] == [1] * len(orders)

    async def test_what_it_declares_it_takes_and_what_it_lacks_it_refuses(self) -> None:
        async with self.rig() as rig:
            capabilities = rig.executor.capabilities
            for order_type in OrderType:
                order = rig.order_of(order_type)
                outcome = await rig.finish(rig.executor.submit(order))
                assert isinstance(outcome, Rejected) is (order_type not in capabilities.order_types), order_type
                assert await rig.arrived(order.order_id) == int(order_type in capabilities.order_types)
            until = Nanos(rig.clock.now() + _DAY)
            for time_in_force in TimeInForce:
                order = replace(rig.order_of(OrderType.LIMIT), time_in_force=time_in_force, good_till=until)
                outcome = await rig.finish(rig.executor.submit(order))
                assert isinstance(outcome, Rejected) is (time_in_force not in capabilities.times_in_force)

    async def test_a_lost_reply_is_unknown_and_the_order_is_never_resent(self) -> None:
        async with self.rig() as rig:
            if rig.lose_replies is None:
                raise SkipTest("this counterpart does not lose replies")
            rig.lose_replies()
            order = rig.order()
            outcome = await rig.finish(rig.executor.submit(order))
            assert isinstance(outcome, Unknown)
            await rig.wait(1)
            assert await rig.arrived(order.order_id) == 1

    async def test_a_lost_link_is_told_and_found_again_and_nothing_is_resent(self) -> None:
        async with self.rig() as rig:
            if rig.cut is None or rig.restore is None:
                raise SkipTest("this counterpart has no link to cut")
            listener = Listener(rig.executor)
            before, meanwhile, after = rig.order(), rig.order(), rig.order()
            await rig.finish(rig.executor.submit(before))
            await rig.cut()
            await rig.wait(1)
            outcome = await rig.finish(rig.executor.submit(meanwhile))
            assert isinstance(outcome, NotSent)
            await rig.restore()
            for _ in range(100):
                await rig.wait(0.1)
                if listener.links()[-1] is LinkState.UP:
                    break
            assert listener.links()[-2:] == [LinkState.DOWN, LinkState.UP]
            await rig.finish(rig.executor.submit(after))
            assert [await rig.arrived(order.order_id) for order in (before, meanwhile, after)] == [1, 0, 1]


class TellingSuite(_WithRig):
    """What is told: fills, children, books, and the end."""

    async def test_a_snapshot_without_a_link_raises(self) -> None:
        async with self.rig(connected=False) as rig:
            await self._refuses_to_guess(rig)

    async def test_a_snapshot_knows_an_order_by_our_id_or_is_refused(self) -> None:
        async with self.rig() as rig:
            known, never_sent = rig.order(), rig.order()
            await rig.finish(rig.executor.submit(known))
            rig.expect_lookup((known.order_id, never_sent.order_id))
            if not rig.executor.capabilities.lookup_by_our_id:
                await self._refuses_to_guess(rig)
                return
            snapshot = await rig.executor.snapshot(rig.account, Nanos(0))
            assert [row.order_id for row in snapshot.orders] == [known.order_id]

    async def test_fills_are_told_each_with_an_id_of_its_own(self) -> None:
        async with self.rig() as rig:
            if not rig.executor.capabilities.pushes_fills:
                raise SkipTest("this platform reports no fills")
            listener = Listener(rig.executor)
            orders = [rig.order() for _ in range(8)]
            for order in orders:
                await rig.finish(rig.executor.submit(order))
            await rig.wait(2)
            assert [listener.filled(order) for order in orders] == [order.quantity for order in orders]
            snapshot = await rig.executor.snapshot(rig.account, Nanos(0))
            assert sum(position.quantity for position in snapshot.positions) == 16

    async def test_without_fills_of_its_own_it_never_claims_one(self) -> None:
        async with self.rig() as rig:
            if rig.executor.capabilities.pushes_fills:
                raise SkipTest("this platform reports fills")
            listener = Listener(rig.executor)
            await rig.finish(rig.executor.submit(rig.order()))
            await rig.wait(0.5)
            assert not any(told.executions or told.kind is FactKind.FILL for told in listener.reports())

    async def test_an_entry_is_protected_by_children_that_name_it(self) -> None:
        async with self.rig() as rig:
            capabilities = rig.executor.capabilities
            if not (capabilities.attached_stops and capabilities.pushes_fills):
                raise SkipTest("this platform reports no brackets")
            listener = Listener(rig.executor)
            distance = Protection(value=Decimal(50), unit=DistanceUnit.POINTS)
            order = rig.order(stop_loss=distance, take_profit=(distance,))
            await rig.finish(rig.executor.submit(order))
            await rig.wait(2)
            children = {told.leg: told for told in listener.reports() if told.parent == order.order_id}
            assert set(children) == {"stop_loss", "take_profit_1"}
            assert {child.side for child in children.values()} == {Side.SELL}
            assert children["stop_loss"].stop_price == PRICE - 50

    async def test_a_working_order_is_canceled_or_the_cancel_is_refused(self) -> None:
        async with self.rig() as rig:
            order = rig.order_of(OrderType.LIMIT)
            await rig.finish(rig.executor.submit(order))
            outcome = await rig.finish(rig.executor.cancel(order, 1))
            assert isinstance(outcome, Accepted | Rejected | Unknown)
            unknown = await rig.finish(rig.executor.cancel(rig.order(), 1))
            assert isinstance(unknown, Rejected | Unknown)

    async def test_a_change_is_made_or_refused(self) -> None:
        async with self.rig() as rig:
            order = rig.order_of(OrderType.LIMIT)
            await rig.finish(rig.executor.submit(order))
            outcome = await rig.finish(rig.executor.modify(order, OrderChange(limit_price=PRICE - 50), 1))
            expected = (Accepted, Unknown) if rig.executor.capabilities.modify else (Rejected,)
            assert isinstance(outcome, expected)

    async def test_closing_ends_the_events_and_nothing_leaves_any_more(self) -> None:
        async with self.rig() as rig:
            listener = Listener(rig.executor)
            await rig.wait(0)
            await rig.executor.close()
            await asyncio.wait_for(listener.task, 5)
            assert listener.links()[:1] == [LinkState.UP]
            outcome = await rig.finish(rig.executor.submit(rig.order()))
            assert isinstance(outcome, NotSent)

    async def _refuses_to_guess(self, rig: Rig) -> None:
        try:
            await rig.executor.snapshot(rig.account, Nanos(0))
        except PlatformError:
            return
        raise AssertionError("a snapshot that cannot be had raises PlatformError")


class ExecutorSuite(SendingSuite, TellingSuite):
    """Inherit it, give `rig`, and every promise of the contract is tested, by what the capabilities declare."""
