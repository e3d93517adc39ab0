"""How much is measured: the full run, or a quick look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`messages`: in a round of one sender; more senders send more, but no round makes more than `most_orders`."""

    rounds: int = 5
    messages: int = 600
    most_orders: int = 10_000
    accounts: tuple[int, ...] = (1, 10, 100)
    throughput_messages: int = 6000
    idle_seconds: float = 60.0
    trades: int = 100_000
    history_events: int = 3_000_000
    is_long: bool = False


QUICK = Plan(
    rounds=3,
    messages=150,
    most_orders=2000,
    accounts=(1, 10),
    throughput_messages=1500,
    idle_seconds=10.0,
    trades=20_000,
    history_events=200_000,
)
FULL = Plan()
LONG = Plan(accounts=(1, 10, 100, 1000), trades=1_000_000, is_long=True)
