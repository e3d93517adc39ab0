"""The desks at which a person, the API and the pages ask the hub for something, built once."""

from collections.abc import Coroutine
from typing import Any

from tradershub.hub.account_desk import AccountDesk
from tradershub.hub.doorway import Doorway
from tradershub.hub.engine import Engine
from tradershub.hub.kill_switch import KillSwitch
from tradershub.hub.live_desk import LiveDesk
from tradershub.hub.platform_keeper import PlatformKeeper
from tradershub.hub.quote_book import QuoteBook
from tradershub.hub.strategy_manager import StrategyManager
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.control import Control


class Desks:
    """Builds each desk and gathers them as ports.control.Control."""

    def __init__(self, given: Surroundings, engine: Engine, quotes: QuoteBook, doorway: Doorway) -> None:
        registry, journal, clock = given.registry, given.journal, given.clock
        self.platforms = PlatformKeeper(given, engine, quotes).desk
        self.kill = KillSwitch(given, engine)
        self.strategies = StrategyManager(
            registry=registry, journal=journal, clock=clock, is_in_use=engine.strategy_in_use
        )
        accounts = AccountDesk(
            registry=registry,
            journal=journal,
            clock=clock,
            is_in_use=engine.account_in_use,
            changed=self.platforms.account_changed,
        )
        self.live = live = LiveDesk(given, engine, quotes, platforms=self.platforms, kill=self.kill.row)
        self.control = Control(
            platforms=self.platforms,
            accounts=accounts,
            strategies=self.strategies,
            sources=doorway.sources,
            positions=live.positions,
            kill=self.kill,
            explainer=doorway.explainer,
            quotes=quotes,
            live=live.feed,
            instruments=live.instruments,
            symbol_map=live.symbol_map,
            status=live.status,
            not_ready=live.not_ready,
            platform_info=given.infos.get,
        )

    def works(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Return what has to run beside the hub for as long as it runs."""
        return self.live.works()
