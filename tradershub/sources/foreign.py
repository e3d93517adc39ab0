"""Messages written for other services: recognised by their signature, so that none is half understood."""

from collections.abc import Callable
from typing import Final

_Keys = frozenset[str]


def _bears(*keys: str) -> Callable[[dict[str, object], _Keys], bool]:
    wanted = frozenset(keys)
    return lambda _, present: wanted <= present


def _bears_beside(key: str, *others: str) -> Callable[[dict[str, object], _Keys], bool]:
    wanted = frozenset(others)
    return lambda _, present: key in present and not wanted.isdisjoint(present)


def _says(key: str, *beginnings: str) -> Callable[[dict[str, object], _Keys], bool]:
    return lambda data, _: str(data.get(key, "")).upper().startswith(beginnings)


def _is_algoway(_: dict[str, object], present: _Keys) -> bool:
    # Without its platform the stop is still a distance there and a price here, so only plain orders may pass.
    terms = {"stop_loss", "take_profit", "sl_price", "tp_price", "trailing_pips", "trade_type"}
    return "platform_name" in present or ({"order_action", "order_contracts"} <= present and bool(terms & present))


def _is_pickmytrade(data: dict[str, object], present: _Keys) -> bool:
    return "multiple_accounts" in present or ("token" in present and isinstance(data.get("data"), str))


SIGNATURES: Final = (
    ("3Commas", _bears("secret", "bot_uuid")),
    ("3Commas", _bears("bot_id", "email_token")),
    ("3Commas", _says("message_type", "BOT")),
    ("AlgoWay", _is_algoway),
    ("OpenAlgo", _bears_beside("apikey", "pricetype", "product", "position_size", "orderid", "strategy")),
    ("OpenAlgo", _bears("webhook_id", "stocks")),
    ("PickMyTrade", _is_pickmytrade),
    ("Capitalise.ai", _bears("alertid")),
    ("MetaApi CopyFactory", _says("type", "POSITION_TYPE_", "ORDER_TYPE_")),
    ("WunderTrading", _bears_beside("code", "amountpertrade", "amountpertradetype", "placeconditionalorders")),
    ("tvwb", _says("event", "WEBHOOKRECEIVED", "DEAL_")),
    ("Tickerly", _bears("pointer", "prev_position")),
    ("alerts processor", _bears("stub", "direction")),
)


def foreign_service(data: dict[str, object]) -> str | None:
    """Return the service that the message was written for, None if it bears no service's signature."""
    present = frozenset(key.lower() for key in data)
    return next((service for service, bears in SIGNATURES if bears(data, present)), None)
