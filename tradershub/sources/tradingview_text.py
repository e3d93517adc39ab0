"""The text that TradingView itself proposes as the message of a strategy alert, read to the letter."""

import re
from typing import Final

from tradershub.domain.errors import SignalRefused
from tradershub.domain.ids import StrategyName
from tradershub.domain.signals import Action, OrderType, Reading, Signal, SignalQuantity
from tradershub.ports.dialect import Body, Habits
from tradershub.sources.fields import Field
from tradershub.sources.redaction import without_secrets
from tradershub.sources.values import decimal_of, positive_of, symbol_of, text_of

FIELDS: Final = (
    Field(name="strategy_name", spellings=("before the colon",), meaning="the strategy, without its parameters"),
    Field(name="action", spellings=("order …",), meaning="{{strategy.order.action}}: buy or sell"),
    Field(name="quantity", spellings=("@ …",), meaning="{{strategy.order.contracts}}"),
    Field(name="symbol", spellings=("filled on …",), meaning="{{ticker}}"),
    Field(
        name="position_after",
        spellings=("New strategy position is …",),
        meaning="{{strategy.position_size}}, signed",
    ),
)
LONGEST: Final = 1024
_ORDER: Final = re.compile(
    r"(?:\A|: ?)order (buy|sell) @ (\S{1,32}) filled on (\S{1,40}?)\.?\s{1,4}new strategy position is (\S{1,32}?)\.?\Z",
    re.IGNORECASE | re.ASCII,
)
_ACTIONS: Final = {"buy": Action.BUY, "sell": Action.SELL}
_FORM: Final = "name (parameters): order buy @ 1 filled on MES1!. New strategy position is 1"


class TradingViewTextDialect:
    """It carries no secret: only a source's path token or signature lets such a message in."""

    name = "tradingview_text"
    fields = FIELDS

    def recognises(self, body: Body) -> bool:
        if body.data is not None:
            return False
        text = body.text[:LONGEST].lower()
        return " filled on " in text and "strategy position is" in text

    def secret(self, body: Body) -> str | None:
        return None

    def without_secret(self, body: Body) -> str:
        return without_secrets(body)

    def parse(self, body: Body, habits: Habits) -> Reading:
        text = body.text.strip()
        if len(text) > LONGEST:
            raise SignalRefused("too_long", None, f"expected at most {LONGEST} characters", status=400)
        found = _ORDER.search(text)
        if found is None:
            if "{{" in text:
                raise SignalRefused("unfilled_placeholder", None, "TradingView did not fill in a placeholder")
            raise SignalRefused("unreadable_text", None, f"expected exactly: {_FORM}", status=400)
        action, contracts, ticker, position = found.groups()
        after = decimal_of(position, "position")
        signal = Signal(
            dialect=self.name,
            strategy=_strategy(text[: found.start()], habits),
            symbol_as_written=symbol_of(ticker, "ticker"),
            action=_ACTIONS[action.lower()],
            quantity=SignalQuantity(value=positive_of(contracts, "contracts")),
            order_type=OrderType.MARKET,
            position_after=after,
            after_side=(after > 0) - (after < 0),
        )
        return Reading(signals=(signal,))


def _strategy(written: str, habits: Habits) -> StrategyName | None:
    title = written.strip()
    if title.endswith(")") and " (" in title:
        title = title[: title.rindex(" (")]
    name = (text_of(title, "strategy_name") if title else None) or habits.default_strategy
    return StrategyName(name) if name else None
