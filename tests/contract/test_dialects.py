"""Every dialect passes the suite that is shipped for all of them."""

import json

from tradershub.ports.dialect import Dialect
from tradershub.sources.copy_trade import CopyTradeDialect
from tradershub.sources.native import NativeDialect
from tradershub.sources.registry import DIALECTS
from tradershub.sources.tradingview import TradingViewDialect
from tradershub.sources.tradingview_text import TradingViewTextDialect
from tradershub.testing.dialect_suite import SECRET, DialectSuite, JsonDialectSuite


class TestNative(JsonDialectSuite):
    message = json.dumps(
        {
            "id": "n-1",
            "secret": SECRET,
            "strategy_name": "momentum",
            "symbol": "MES",
            "action": "buy",
            "quantity": 1,
            "price": "5000.25",
            "stop_loss": 4990,
            "take_profit": [5010, 5020],
            "timestamp": "2026-11-22T14:30:01Z",
            "timeframe": "5m",
            "comment": "breakout",
        }
    )
    required = ("symbol", "action")

    def dialect(self) -> Dialect:
        return NativeDialect()


class TestTradingView(JsonDialectSuite):
    message = json.dumps(
        {
            "passphrase": SECRET,
            "ticker": "MES1!",
            "action": "sell",
            "contracts": "2",
            "close": "5000.25",
            "market_position": "short",
            "market_position_size": "1",
            "prev_market_position": "long",
            "prev_market_position_size": "1",
            "timenow": "2026-11-22T14:30:01Z",
            "interval": "5",
        }
    )
    required = ("ticker",)
    symbol_key = "ticker"
    size_key = "contracts"
    misspelt = "contrcats"

    def dialect(self) -> Dialect:
        return TradingViewDialect()


class TestCopyTrade(JsonDialectSuite):
    message = json.dumps(
        {
            "key": SECRET,
            "strategy_name": "opening range",
            "signal": "LONG",
            "instrument": "MNQ 12-26",
            "order_type": "LIMIT",
            "entry": 21000.5,
            "sl": 20980,
            "tp": 21040,
            "timeframe": "5",
            "quantity": 1,
            "accounts": [{"id": "Sim101", "quantity": 2}],
        }
    )
    required = ("instrument", "signal", "entry")
    side_key = "signal"
    symbol_key = "instrument"

    def dialect(self) -> Dialect:
        return CopyTradeDialect()


class TestTradingViewText(DialectSuite):
    message = "Opening Range (15, 2.5): order buy @ 2 filled on MES1!. New strategy position is 2"
    carries_secret = False

    def dialect(self) -> Dialect:
        return TradingViewTextDialect()


def test_every_registered_dialect_passes_the_suite() -> None:
    tested = {type(suite().dialect()) for suite in (TestNative, TestTradingView, TestCopyTrade, TestTradingViewText)}

    assert tested == {type(dialect) for dialect in DIALECTS.values()}
