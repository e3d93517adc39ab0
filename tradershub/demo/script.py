"""Who alerts what and when: a seeded play of strategies that enter, add, turn and leave, and of senders that err."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tradershub.demo import messages
from tradershub.demo.market import STEP_SECONDS, SimulatedMarket
from tradershub.demo.messages import Alert, Instruction
from tradershub.domain.secrets import Secret

Form = Callable[[Instruction, Secret], Alert]

_SHORTEST_PAUSE_S: Final = 2.0
_LONGEST_PAUSE_S: Final = 4.0
_ERRS: Final = 0.1
"""The share of alerts that are wrong in some way."""
_TO_ADD: Final = 0.25
_TO_TURN: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One strategy on one instrument. Distances of stop and target in ticks; 0: it sends none."""

    strategy: str
    root: str
    ticker: str
    form: Form
    quantity: Decimal
    timeframe: str
    stop: int = 0
    target: int = 0
    may_be_short: bool = True
    adds: bool = False
    turns: bool = False


PARTS: Final = (
    Part(
        strategy="momentum", root="MES", ticker="MES1!", form=messages.tradingview, quantity=Decimal(1),
        timeframe="5m", stop=60, target=90, turns=True,
    ),
    Part(
        strategy="momentum", root="MNQ", ticker="MNQ1!", form=messages.tradingview, quantity=Decimal(1),
        timeframe="5m", stop=160, target=240,
    ),
    Part(
        strategy="gold breakout", root="MGC", ticker="MGC", form=messages.native, quantity=Decimal(2),
        timeframe="15m", stop=70, target=140,
    ),
    Part(
        strategy="crude scalper", root="MCL", ticker="MCL", form=messages.copy_trade, quantity=Decimal(1),
        timeframe="1m", stop=25, target=25,
    ),
    Part(
        strategy="euro drift", root="EURUSD", ticker="EURUSD", form=messages.native, quantity=Decimal("0.10"),
        timeframe="1h", stop=120, target=180, adds=True, turns=True,
    ),
    Part(
        strategy="nasdaq reversal", root="MNQ", ticker="MNQ1!", form=messages.tradingview_text, quantity=Decimal(1),
        timeframe="1m", may_be_short=False,
    ),
    Part(
        strategy="bond carry", root="ZN", ticker="ZN1!", form=messages.tradingview, quantity=Decimal(1),
        timeframe="1h",
    ),
)  # fmt: skip


class Script:
    """The same seed gives the same alerts at the same steps of the market; only times and secret differ."""

    def __init__(self, market: SimulatedMarket, *, seed: int, secret: Secret) -> None:
        self._market = market
        self._secret = secret
        self._chance = random.Random(f"{seed}:script")
        self._positions: dict[Part, Decimal] = dict.fromkeys(PARTS, Decimal(0))
        self._order = list(PARTS)
        self._count = 0

    def pause(self) -> int:
        """Return the number of steps until the next alert."""
        seconds = self._chance.uniform(_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S)
        return max(1, round(seconds / STEP_SECONDS))

    def next(self, *, at: str, run: str) -> Alert:
        """Return the next alert. `run` keeps the ids of one start apart from those of the next."""
        self._count += 1
        part = self._next_part()
        message_id = f"demo-{run}-{self._count}"
        # The first few are right: somebody is watching for them.
        if self._count > len(PARTS) and self._chance.random() < _ERRS:
            return self._wrong(at=at, message_id=message_id)
        return part.form(self._act(part, at=at, message_id=message_id), self._secret)

    def _next_part(self) -> Part:
        """Give every part its turn before anyone has two, in an order that changes."""
        index = (self._count - 1) % len(self._order)
        if index == 0 and self._count > 1:
            self._chance.shuffle(self._order)
        return self._order[index]

    def _act(self, part: Part, *, at: str, message_id: str) -> Instruction:
        before = self._positions[part]
        after = self._wanted(part, before)
        self._positions[part] = after
        price = self._market.price(part.root).last
        is_entry = after != 0 and (before == 0 or after * before < 0 or abs(after) > abs(before))
        direction = 1 if after > before else -1
        tick = self._market.tick(part.root)
        return Instruction(
            strategy=part.strategy,
            ticker=part.ticker,
            action=self._action(part, before, after),
            quantity=abs(after - before) if part.form is not messages.native else part.quantity,
            price=price,
            before=before,
            after=after,
            at=at,
            message_id=message_id,
            timeframe=part.timeframe,
            stop=price - direction * part.stop * tick if is_entry and part.stop else None,
            target=price + direction * part.target * tick if is_entry and part.target else None,
        )

    def _wanted(self, part: Part, before: Decimal) -> Decimal:
        """Return the position that a strategy wants next."""
        draw = self._chance.random()
        if before == 0:
            return -part.quantity if part.may_be_short and draw < 0.5 else part.quantity
        if part.adds and draw < _TO_ADD and abs(before) < 3 * part.quantity:
            return before + part.quantity.copy_sign(before)
        if part.turns and draw < _TO_ADD + _TO_TURN:
            return -part.quantity.copy_sign(before)
        return Decimal(0)

    def _action(self, part: Part, before: Decimal, after: Decimal) -> str:
        """TradingView speaks of buying and selling only; the other forms can say close and reverse."""
        if part.form in (messages.native, messages.copy_trade):
            if after == 0:
                return "close"
            if before * after < 0:
                return "reverse"
        return "buy" if after > before else "sell"

    def _wrong(self, *, at: str, message_id: str) -> Alert:
        """Return an alert that the hub has to refuse or block, as they come in real life."""
        price = self._market.price("MES").last
        base: Mapping[str, object] = {
            "id": message_id,
            "secret": self._secret.reveal(),
            "strategy_name": "momentum",
            "symbol": "MES",
            "action": "buy",
            "quantity": "1",
            "price": format(price, "f"),
            "sent_at": at,
        }
        wrongs: tuple[tuple[str, Mapping[str, object]], ...] = (
            ("unknown strategy", {"strategy_name": self._chance.choice(("golden cross", "night owl", "vwap fade"))}),
            ("stop on the wrong side", {"stop_loss": format(price + 10, "f")}),
            ("unfilled placeholder", {"quantity": "{{strategy.order.contracts}}"}),
            ("unknown instrument", {"symbol": "QQQQ1!"}),
            ("misspelt field", {"stop_los": format(price - 10, "f")}),
            ("nothing to close", {"action": "close", "symbol": "M2K"}),
            ("size off the step", {"quantity": "1.5"}),
        )
        name, change = self._chance.choice(wrongs)
        body = messages.as_json({**base, **change})
        return Alert(name=name, path="/webhook/native", body=body)
