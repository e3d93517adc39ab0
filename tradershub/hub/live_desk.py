"""What is shown of the running hub: positions, catalogue, status, and the feed of changes."""

from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

from tradershub.domain.clock import Nanos, iso
from tradershub.domain.orders import OrderState
from tradershub.domain.quantities import decimal_text
from tradershub.hub.engine import Engine
from tradershub.hub.live_feed import LiveFeed
from tradershub.hub.platform_desk import PlatformDesk
from tradershub.hub.position_desk import PositionDesk
from tradershub.hub.position_rows import PositionRows
from tradershub.hub.quote_book import QuoteBook
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.views import Row


class LiveDesk:
    """Reads memory only: a page of live values never waits for the store."""

    def __init__(
        self,
        given: Surroundings,
        engine: Engine,
        quotes: QuoteBook,
        *,
        platforms: PlatformDesk,
        kill: Callable[[], Row],
    ) -> None:
        self._given = given
        self._engine = engine
        self._platforms = platforms
        self._started_at: Nanos | None = None
        rows = PositionRows(book=engine.book, quotes=quotes, registry=given.registry)
        self.positions = PositionDesk(engine, rows, clock=given.clock, step_of=given.market.step_of)
        self.feed = LiveFeed(
            journal=given.journal,
            clock=given.clock,
            tracker=engine.tracker,
            book=engine.book,
            positions=rows,
            platforms=platforms.rows,
            status=self.status,
            kill=kill,
        )

    def started(self) -> None:
        self._started_at = self._given.clock.now()

    def works(self) -> tuple[Coroutine[Any, Any, None], ...]:
        return (self.feed.follow(self._given.newest), self.feed.paint())

    def not_ready(self) -> tuple[str, ...]:
        return () if self._started_at is not None else ("the hub is starting",)

    def status(self) -> Row:
        registry = self._given.registry
        enabled = [name for name in self._given.infos if registry.platform_is_enabled(name)]
        open_records = self._engine.book.open_records()
        return {
            "mode": registry.mode().value,
            "gate": self._engine.gates.overall().value,
            "scoped_gates": sum(row.scope != "global" for row in self._engine.gates.rows()),
            "platforms_up": sum(self._platforms.state(name) == "up" for name in enabled),
            "platforms": len(enabled),
            "accounts": len(registry.accounts),
            "open_positions": len(self._engine.tracker.positions()),
            "in_doubt": sum(record.view.state is OrderState.IN_DOUBT for record in open_records),
            "demo": self._given.demo,
            "version": self._given.version,
            "started_at": None if self._started_at is None else iso(self._started_at),
            "last_signal_at": self.feed.last_signal_at,
            "at": iso(self._given.clock.now()),
        }

    def instruments(self) -> tuple[Row, ...]:
        at = self._given.clock.now()
        rows = []
        for instrument in self._given.market.instruments.all():
            known = self._given.market.read(instrument.root, at)
            rows.append(
                {
                    "root": instrument.root,
                    "symbol": None if known is None else known.symbol,
                    "name": instrument.name,
                    "asset_class": instrument.asset_class.value,
                    "exchange": instrument.exchange,
                    "currency": instrument.currency,
                    "tick": _plain(instrument.tick),
                    "point_value": _plain(instrument.point_value),
                    "quantity_step": _plain(instrument.quantity_step),
                    "min_quantity": _plain(instrument.min_quantity),
                    "max_quantity": _plain(instrument.max_quantity),
                    "calendar": instrument.calendar,
                    "group": instrument.group,
                }
            )
        return tuple(rows)

    def symbol_map(self, platform: str) -> Row | None:
        symbol_map = self._given.market.maps.get(platform)
        if symbol_map is None:
            return None
        entries = [
            {
                "symbol": entry.symbol,
                "platform_symbol": entry.platform_symbol,
                "quantity_ratio": _plain(entry.quantity_ratio),
                "quantity_step": None if entry.quantity_step is None else _plain(entry.quantity_step),
                "min_quantity": None if entry.min_quantity is None else _plain(entry.min_quantity),
                "max_quantity": None if entry.max_quantity is None else _plain(entry.max_quantity),
            }
            for entry in symbol_map.entries
        ]
        return {"platform": platform, "entries": entries}


def _plain(value: Decimal) -> str:
    return decimal_text(value)
