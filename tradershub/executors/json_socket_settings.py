"""The JSON socket link's configuration, and what the link can do with it."""

from collections.abc import Iterable
from dataclasses import dataclass

from tradershub.domain.platform_config import read_config
from tradershub.domain.signals import TimeInForce
from tradershub.executors.json_socket_wire import ORDER_TYPES
from tradershub.executors.registry import JSON_SOCKET_FIELDS
from tradershub.ports.executor import Capabilities

_SETTLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonSocketSettings:
    host: str = "127.0.0.1"
    port: int
    per_order: bool = False
    lookup: bool = False
    buffer_limit: int = 256 * 1024

    @classmethod
    def of(cls, platform: str, config: Iterable[tuple[str, str]]) -> "JsonSocketSettings":
        """Read (key, value) texts; raises ConfigurationError with every mistake in them."""
        values = read_config(platform, JSON_SOCKET_FIELDS, config)
        return cls(
            host=values.text("host"),
            port=values.whole("port"),
            per_order=values.text("mode") == "per_order",
            lookup=values.flag("lookup"),
            buffer_limit=values.whole("buffer_kib") * 1024,
        )

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            order_types=frozenset(ORDER_TYPES),
            # The line has no word for it: how long a working order lasts is up to the receiver.
            times_in_force=frozenset({TimeInForce.DAY, TimeInForce.GTC}),
            attached_stops=True,
            lookup_by_our_id=self.lookup,
            max_in_flight=1 if self.per_order else 64,
            settle_after_s=_SETTLE_SECONDS,
        )
