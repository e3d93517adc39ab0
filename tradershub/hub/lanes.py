"""An account's queue: slots, rate tokens and order. All waiting happens here, before the last gate."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import OrderId
from tradershub.domain.orders import Intent, Order, OrderState, Reason
from tradershub.domain.risk import blocked
from tradershub.hub.order_book import OrderBook, Record
from tradershub.ports.clock import Clock
from tradershub.ports.executor import Capabilities

_NANOS = 1_000_000_000
_SHORTEST_WAIT_S = 0.001
_WHOLE_TOKEN = 0.999999
"""Sums of parts of a token may lack the last digit of 1."""


@dataclass(slots=True)
class Lane:
    """One account. `waiting` keeps the order of arrival; `reconciled`: its books have agreed since the start.

    `held_until`: when something may leave again, by the monotonic clock, after the platform took nothing.
    """

    account: str
    capabilities: Capabilities
    reconciled: bool = False
    in_flight: int = 0
    waiting: dict[OrderId, Order] = field(default_factory=dict)
    tokens: float = 0.0
    refilled_at: int = 0
    held_until: int = 0
    pump: "asyncio.Task[None] | None" = None
    alarm: asyncio.TimerHandle | None = None

    def refill(self, now: int) -> None:
        rate = self.capabilities.rate_per_second
        if rate is None:
            return
        self.tokens = min(max(rate, 1.0), self.tokens + (now - self.refilled_at) / _NANOS * rate)
        self.refilled_at = now

    def has_token(self) -> bool:
        return self.capabilities.rate_per_second is None or self.tokens >= _WHOLE_TOKEN

    def take(self) -> None:
        self.in_flight += 1
        if self.capabilities.rate_per_second is not None:
            self.tokens -= 1.0

    def give_back(self, *, unused: bool) -> None:
        self.in_flight -= 1
        if unused and self.capabilities.rate_per_second is not None:
            self.tokens += 1.0

    def closed_for(self, now: int) -> float:
        """Return the seconds until something may leave as far as rate and refusals go; 0 for now."""
        wait_s = max(0.0, (self.held_until - now) / _NANOS)
        rate = self.capabilities.rate_per_second
        if rate is None or self.has_token():
            return wait_s
        return max(wait_s, (1.0 - self.tokens) / rate)


class PlatformLinks:
    """Which platforms run, what they can do, and whether their link is up."""

    def __init__(self) -> None:
        self._capabilities: dict[str, Capabilities] = {}
        self._up: set[str] = set()

    def capabilities(self, platform: str) -> Capabilities | None:
        """Return what a platform can do that has been up since the start; None for one that has not."""
        return self._capabilities.get(platform)

    def is_up(self, platform: str) -> bool:
        return platform in self._up

    def found(self, platform: str, capabilities: Capabilities) -> None:
        self._capabilities[platform] = capabilities
        self._up.add(platform)

    def lost(self, platform: str) -> None:
        self._up.discard(platform)


class AccountLanes:
    """All lanes. Accounts never wait for each other."""

    def __init__(self, *, book: OrderBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self.links = PlatformLinks()
        self._lanes: dict[str, Lane] = {}
        self._claim: Callable[[tuple[Record, ...]], Awaitable[None]] | None = None
        self._draining = True

    def on_claim(self, claim: Callable[[tuple[Record, ...]], Awaitable[None]]) -> None:
        """Set who writes the claim of waiting orders and sends them."""
        self._claim = claim

    def platform_up(self, platform: str, capabilities: Capabilities) -> None:
        self.links.found(platform, capabilities)
        for lane in self._of(platform):
            lane.capabilities = capabilities
            self.wake(lane.account)

    def platform_down(self, platform: str) -> None:
        """A link was lost: its accounts wait, and are reconciled before they go on."""
        self.links.lost(platform)
        for lane in self._of(platform):
            lane.reconciled = False

    def reconciled(self, account: str, platform: str) -> None:
        """The account's books agree: what waits for it may leave."""
        lane = self._lane(account, platform)
        if lane is not None:
            lane.reconciled = True
            self.wake(account)

    def is_reconciled(self, account: str) -> bool:
        lane = self._lanes.get(account)
        return lane is not None and lane.reconciled

    def take_slot(self, order: Order) -> Reason | None:
        """Take a slot, or queue the order and say what it waits for."""
        lane = self._lane(order.account, order.platform)
        reason = blocked("waiting_for_account", f"{order.platform} is not connected") if lane is None else None
        if lane is None:
            lane = self._lanes.setdefault(order.account, Lane(order.account, _NO_PLATFORM))
        reason = reason or self._waits_for(lane, order)
        if reason is not None:
            lane.waiting[order.order_id] = order
            return reason
        lane.take()
        return None

    def queue(self, order: Order, *, pause_s: float = 0.0) -> None:
        """Put an order in line without asking for a slot now; nothing of its account leaves for so many seconds."""
        lane = self._lane(order.account, order.platform)
        if lane is None:
            lane = self._lanes.setdefault(order.account, Lane(order.account, _NO_PLATFORM))
        lane.waiting[order.order_id] = order
        if pause_s:
            lane.held_until = self._clock.monotonic() + int(pause_s * _NANOS)

    def give_back(self, order: Order, *, unused: bool = False) -> None:
        """End an order's hold on a slot, and let the next one go. `unused`: no byte of it left."""
        lane = self._lanes[order.account]
        lane.give_back(unused=unused)
        if lane.waiting:
            self.wake(order.account)

    def leave(self, order: Order) -> None:
        """Take an order out of the line."""
        lane = self._lanes.get(order.account)
        if lane is not None:
            lane.waiting.pop(order.order_id, None)

    def wake(self, account: str) -> None:
        """See whether something can leave now."""
        lane = self._lanes.get(account)
        if lane is None or not lane.waiting or not self._draining or self._claim is None:
            return
        if lane.pump is None or lane.pump.done():
            lane.pump = asyncio.ensure_future(self._drain(lane))

    def overdue(self, now: Nanos) -> tuple[Order, ...]:
        """Return what is in line and too old to leave."""
        return tuple(o for lane in self._lanes.values() for o in lane.waiting.values() if now > o.expires_at)

    async def stop(self) -> None:
        """Claim nothing more; what is being claimed still leaves."""
        self._draining = False
        for lane in self._lanes.values():
            if lane.alarm is not None:
                lane.alarm.cancel()
        await asyncio.gather(*(lane.pump for lane in self._lanes.values() if lane.pump), return_exceptions=True)

    def _of(self, platform: str) -> tuple[Lane, ...]:
        return tuple(lane for lane in self._lanes.values() if lane.account.startswith(f"{platform}:"))

    def _lane(self, account: str, platform: str) -> Lane | None:
        capabilities = self.links.capabilities(platform)
        if capabilities is None:
            return None
        lane = self._lanes.get(account)
        if lane is None:
            lane = self._lanes[account] = Lane(account, capabilities)
            lane.tokens, lane.refilled_at = capabilities.rate_per_second or 0.0, self._clock.monotonic()
        elif lane.capabilities is _NO_PLATFORM:
            lane.capabilities = capabilities
        return lane

    def _waits_for(self, lane: Lane, order: Order) -> Reason | None:
        if not self.links.is_up(order.platform) or not lane.reconciled:
            return blocked("waiting_for_account", f"{order.account} is not connected and reconciled yet")
        if order.after is not None and not self._has_filled(order.after):
            return blocked("waiting_for_fill", f"waits for the fill of {order.after}")
        if self._queued_before(lane, order):
            return blocked("waiting_in_lane", "earlier orders of the account go first")
        if lane.in_flight >= lane.capabilities.max_in_flight:
            return blocked("waiting_in_lane", "all slots of the account are taken")
        if self._closed_for(lane):
            return blocked("waiting_in_lane", "the platform takes nothing for a moment")
        return None

    def _closed_for(self, lane: Lane) -> float:
        """Return for how many seconds nothing may leave, and see to it that the lane looks again then."""
        now = self._clock.monotonic()
        lane.refill(now)
        wait_s = lane.closed_for(now)
        if wait_s and lane.alarm is None:
            lane.alarm = asyncio.get_running_loop().call_later(max(wait_s, _SHORTEST_WAIT_S), self._open_again, lane)
        return wait_s

    def _open_again(self, lane: Lane) -> None:
        lane.alarm = None
        self.wake(lane.account)

    def _queued_before(self, lane: Lane, order: Order) -> bool:
        """Say whether something in line goes first: an exit overtakes only other strategies' and symbols' orders."""
        for other in lane.waiting.values():
            if other.order_id == order.order_id:
                return False
            same = (other.strategy, other.symbol) == (order.strategy, order.symbol)
            if same or (order.intent is Intent.ENTRY and other.after is None):
                return True
        return False

    def _has_filled(self, order_id: OrderId) -> bool:
        record = self._book.get(order_id)
        return record is None or record.view.is_final

    async def _drain(self, lane: Lane) -> None:
        while self._draining and self._claim is not None:
            claimed = self._claimable(lane)
            if not claimed:
                return
            await self._claim(claimed)

    def _claimable(self, lane: Lane) -> tuple[Record, ...]:
        """Take slots for every waiting order that may leave: exits first, else in order of arrival."""
        claimed: list[Record] = []
        for order in sorted(lane.waiting.values(), key=lambda o: o.intent is Intent.ENTRY):
            record = self._book.get(order.order_id)
            if record is None or record.view.state is not OrderState.READY:
                lane.waiting.pop(order.order_id, None)
                continue
            if lane.in_flight >= lane.capabilities.max_in_flight or self._closed_for(lane):
                break
            if self._waits_for(lane, order) is None:
                lane.take()
                del lane.waiting[order.order_id]
                claimed.append(record)
        return tuple(claimed)


_NO_PLATFORM = Capabilities(order_types=frozenset(), times_in_force=frozenset())
