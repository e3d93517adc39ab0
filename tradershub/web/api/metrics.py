"""The figures that Prometheus reads, taken from memory at the moment it asks."""

from collections.abc import Iterator
from decimal import Decimal

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from tradershub.web.services import Services
from tradershub.web.status_bar import gates_of

_TIGHTNESS = {"active": 0, "reduce_only": 1, "halted": 2}


def exposition(services: Services) -> bytes:
    """Return the text format of all figures."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(services))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        control = self._services.control
        yield InfoMetricFamily("tradershub", "The hub", value={"version": self._services.options.version})
        yield _gauge("tradershub_ready", "1 while messages are taken", int(not control.not_ready()))
        yield _gauge("tradershub_open_positions", "Open positions", len(control.positions.rows()))
        yield _gauge("tradershub_live_streams", "Pages that are open and live", len(self._services.streams))
        failed = self._services.people.sign_in.limits.failed_total
        yield _gauge("tradershub_failed_sign_ins", "Sign-ins that failed since the hub started", failed)
        gates = GaugeMetricFamily("tradershub_gate", "0 active, 1 reduce only, 2 halted", labels=("scope",))
        for row in gates_of(control):
            gates.add_metric((str(row["scope"]),), _TIGHTNESS.get(str(row["gate"]), 2))
        yield gates
        platforms = GaugeMetricFamily("tradershub_platform_up", "1 while the platform is up", labels=("platform",))
        for row in control.platforms.rows():
            platforms.add_metric((str(row["name"]),), int(row["state"] == "up"))
        yield platforms
        profit = GaugeMetricFamily(
            "tradershub_unrealised", "Open profit and loss", labels=("account", "symbol", "currency")
        )
        for (account, symbol, currency), value in self._unrealised().items():
            profit.add_metric((account, symbol, currency), float(value))
        yield profit

    def _unrealised(self) -> dict[tuple[str, str, str], Decimal]:
        sums: dict[tuple[str, str, str], Decimal] = {}
        for row in self._services.control.positions.rows():
            if row["unrealised"] is not None:
                key = (str(row["account"]), str(row["symbol"]), str(row["currency"]))
                sums[key] = sums.get(key, Decimal(0)) + Decimal(str(row["unrealised"]))
        return sums


def _gauge(name: str, text: str, value: int) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
