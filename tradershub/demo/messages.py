"""Alerts as their senders write them: native JSON, TradingView's template and text, and the older copy-trade form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tradershub.domain.secrets import Secret

_JSON: Final = "application/json"
_TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One request to a webhook. `path` may hold the secret and is not for a log; `name` is."""

    name: str
    path: str
    body: bytes
    content_type: str = _JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """What a strategy wants. Positions are its own, signed; `stop` and `target` are prices."""

    strategy: str
    ticker: str
    action: str
    quantity: Decimal
    price: Decimal
    before: Decimal
    after: Decimal
    at: str
    message_id: str
    timeframe: str
    stop: Decimal | None = None
    target: Decimal | None = None


def native(instruction: Instruction, secret: Secret) -> Alert:
    message: dict[str, object] = {
        "id": instruction.message_id,
        "secret": secret.reveal(),
        "strategy_name": instruction.strategy,
        "symbol": instruction.ticker,
        "action": instruction.action,
        "sent_at": instruction.at,
        "timeframe": instruction.timeframe,
    }
    if instruction.action in ("buy", "sell"):
        message |= {"quantity": _text(instruction.quantity), "price": _text(instruction.price)}
        message |= _protection(instruction)
    return Alert(name=f"native {instruction.action}", path="/webhook/native", body=as_json(message))


def tradingview(instruction: Instruction, secret: Secret) -> Alert:
    """The template of a strategy alert, its placeholders filled in as TradingView does: all of them text."""
    message = {
        "secret": secret.reveal(),
        "strategy_name": instruction.strategy,
        "ticker": instruction.ticker,
        "exchange": "CME_MINI",
        "action": instruction.action,
        "contracts": _text(instruction.quantity),
        "price": _text(instruction.price),
        "market_position": _word(instruction.after),
        "market_position_size": _text(abs(instruction.after)),
        "prev_market_position": _word(instruction.before),
        "prev_market_position_size": _text(abs(instruction.before)),
        "order_id": "Long" if instruction.after > 0 else "Exit",
        "timenow": instruction.at,
        "interval": instruction.timeframe.rstrip("m"),
        **_protection(instruction),
    }
    return Alert(name=f"TradingView {instruction.action}", path="/tradingview-webhook", body=as_json(message))


def tradingview_text(instruction: Instruction, secret: Secret) -> Alert:
    """The text that TradingView proposes for a strategy alert; it holds no secret, so the address does."""
    text = (
        f"{instruction.strategy} (14, 2.5): order {instruction.action} @ {_text(instruction.quantity)} filled on "
        f"{instruction.ticker}. New strategy position is {_text(instruction.after)}"
    )
    path = f"/tradingview-webhook/{secret.reveal()}"
    return Alert(name=f"TradingView text {instruction.action}", path=path, body=text.encode(), content_type=_TEXT)


def copy_trade(instruction: Instruction, secret: Secret) -> Alert:
    word = {"buy": "BUY", "sell": "SELL", "close": "CLOSE"}[instruction.action]
    message: dict[str, object] = {
        "key": secret.reveal(),
        "strategy_name": instruction.strategy,
        "signal": word,
        "instrument": instruction.ticker,
        "order_type": "MARKET",
        "timeframe": instruction.timeframe,
    }
    if instruction.action != "close":
        message["accounts"] = [{"id": "paper:main", "quantity": int(instruction.quantity)}]
        message |= {"price": float(instruction.price)}
        message |= {key: float(value) for key, value in _protection(instruction).items()}
    return Alert(name=f"copy-trade {word}", path="/copy-trade", body=as_json(message))


def _protection(instruction: Instruction) -> dict[str, str]:
    found = {"stop_loss": instruction.stop, "take_profit": instruction.target}
    return {key: _text(value) for key, value in found.items() if value is not None}


def _word(position: Decimal) -> str:
    return "flat" if position == 0 else "long" if position > 0 else "short"


def _text(value: Decimal) -> str:
    return format(value, "f")


def as_json(message: Mapping[str, object]) -> bytes:
    return json.dumps(message).encode()
