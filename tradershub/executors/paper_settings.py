"""The paper broker's configuration: costs, delays and accidents, all off unless asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tradershub.domain.platform_config import read_config
from tradershub.domain.signals import OrderType, TimeInForce
from tradershub.executors.registry import PAPER_FIELDS
from tradershub.ports.executor import Capabilities

ZERO = Decimal(0)
REPLY_TIMEOUT_SECONDS = 2.0
"""How long a lost reply is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSettings:
    latency_ms: int = 0
    latency_jitter_ms: int = 0
    slippage_ticks: int = 0
    commission_per_unit: Decimal = ZERO
    reject_rate: Decimal = ZERO
    lost_order_rate: Decimal = ZERO
    lost_reply_rate: Decimal = ZERO
    duplicate_fill_rate: Decimal = ZERO
    reorder_rate: Decimal = ZERO
    partial_fill_rate: Decimal = ZERO
    seed: int = 1
    hedging: bool = False

    @classmethod
    def of(cls, config: Iterable[tuple[str, str]]) -> "PaperSettings":
        """Read (key, value) texts; raises ConfigurationError with every mistake in them."""
        values = read_config("paper", PAPER_FIELDS, config)
        return cls(
            latency_ms=values.whole("latency_ms"),
            latency_jitter_ms=values.whole("latency_jitter_ms"),
            slippage_ticks=values.whole("slippage_ticks"),
            commission_per_unit=values.number("commission_per_unit"),
            reject_rate=values.number("reject_rate"),
            lost_order_rate=values.number("lost_order_rate"),
            lost_reply_rate=values.number("lost_reply_rate"),
            duplicate_fill_rate=values.number("duplicate_fill_rate"),
            reorder_rate=values.number("reorder_rate"),
            partial_fill_rate=values.number("partial_fill_rate"),
            seed=values.whole("seed"),
            hedging=values.flag("hedging"),
        )

    @property
    def capabilities(self) -> Capabilities:
        slowest = (self.latency_ms + self.latency_jitter_ms) / 1000
        return Capabilities(
            order_types=frozenset(OrderType),
            times_in_force=frozenset(TimeInForce),
            hedging=self.hedging,
            attached_stops=True,
            modify=True,
            pushes_fills=True,
            lookup_by_our_id=True,
            max_in_flight=64,
            submit_timeout_s=REPLY_TIMEOUT_SECONDS + 1 + slowest,
            settle_after_s=1 + 2 * slowest,
        )
