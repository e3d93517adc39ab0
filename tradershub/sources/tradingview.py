"""TradingView alerts as JSON: placeholders as people write them, flat or nested, and the native fields beside them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from tradershub.domain.errors import SignalRefused
from tradershub.domain.signals import Reading
from tradershub.ports.dialect import Body, Habits
from tradershub.sources.fields import Field, FieldTable, Given, Treatment
from tradershub.sources.manner import SIDED_ACTIONS, Aside, Manner
from tradershub.sources.messages import read_message
from tradershub.sources.native import FIELDS as NATIVE_FIELDS
from tradershub.sources.redaction import carried_secret, without_secrets
from tradershub.sources.values import decimal_of, word_of

SECRET_FIELDS: Final = ("secret", "key", "passphrase", "password", "token", "webhook_secret", "auth_token")
_DELAYED: Final = ("_DL", "_DLY")
_STANDINGS: Final = {"long": 1, "flat": 0, "short": -1}
_MARKS: Final = frozenset(
    ("symbol", "instrument", "ticker", "action", "side", "signals", "order_action", "market_position", "position_size")
)


def _written(placeholder: str, *others: str) -> tuple[str, ...]:
    """Return the keys that people make of a placeholder's name: `strategy.order.action` in all its spellings."""
    nested = placeholder.replace("order.", "order_")
    names = (placeholder, nested, placeholder.replace(".", "_"), placeholder.replace(".", "-"))
    return tuple(dict.fromkeys((*others, *names)))


def _native(name: str) -> tuple[str, ...]:
    return next(field.spellings for field in NATIVE_FIELDS if field.name == name)


def _mapped(name: str, meaning: str, spellings: tuple[str, ...]) -> Field:
    return Field(name=name, spellings=spellings, meaning=meaning, treatment=Treatment.MAPPED)


def _ignored(name: str, meaning: str, *spellings: str) -> Field:
    return Field(name=name, spellings=(name, *spellings), meaning=meaning, treatment=Treatment.IGNORED)


_OWN: Final = (
    Field(name="secret", spellings=SECRET_FIELDS, meaning="the secret of the source or of the strategy"),
    Field(
        name="action",
        spellings=_written("strategy.order.action", *_native("action"), "order_action"),
        meaning="buy (long), sell (short), close (exit, flat), and the other actions of the native form; without it, "
        "market_position with its size is a target",
    ),
    Field(
        name="quantity",
        spellings=_written("strategy.order.contracts", *_native("quantity"), "order_contracts"),
        meaning="{{strategy.order.contracts}}, or as in the native form",
    ),
    _mapped(
        "order_price",
        "{{strategy.order.price}}: the price that the strategy saw, where price says nothing",
        _written("strategy.order.price", "order_price"),
    ),
    _mapped("close", "{{close}}: the price that the strategy saw, where nothing else says it", ("close", "bar.close")),
    Field(
        name="order_id",
        spellings=_written("strategy.order.id", *_native("order_id")),
        meaning="{{strategy.order.id}}: it repeats, so it is no message id",
    ),
    Field(
        name="comment",
        spellings=_written("strategy.order.comment", "comment", "order_comment"),
        meaning="free text, shown and stored, never acted on",
    ),
    _mapped(
        "alert_message",
        "the comment where there is none",
        _written("strategy.order.alert_message", "alert_message", "order_alert_message", "strategy.alert_message"),
    ),
    _mapped(
        "market_position",
        "long, flat or short after the order; with its size the signed position_after",
        _written("strategy.market_position", "market_position", "position"),
    ),
    _mapped(
        "market_position_size",
        "the size of market_position",
        _written("strategy.market_position_size", "market_position_size"),
    ),
    _mapped(
        "prev_market_position",
        "long, flat or short before the order; with its size the signed position_before",
        _written("strategy.prev_market_position", "prev_market_position", "prev_position"),
    ),
    _mapped(
        "prev_market_position_size",
        "the size of prev_market_position",
        _written("strategy.prev_market_position_size", "prev_market_position_size"),
    ),
    _mapped(
        "position_size",
        "the signed position_after",
        _written("strategy.position_size", "position_size"),
    ),
    _mapped("long_stop_loss", "the stop_loss of a buy", ("long SL", "long_sl", "long_stop_loss")),
    _mapped("short_stop_loss", "the stop_loss of a sell", ("short SL", "short_sl", "short_stop_loss")),
    _mapped("long_take_profit", "the take_profit of a buy", ("long TP", "long_tp", "long_take_profit")),
    _mapped("short_take_profit", "the take_profit of a sell", ("short TP", "short_tp", "short_take_profit")),
    Field(name="sent_at", spellings=("timenow", *_native("sent_at")), meaning="{{timenow}}: when it was sent"),
    Field(
        name="timestamp",
        spellings=("timestamp",),
        meaning="when it was sent; on a bar boundary of the timeframe it is read as the bar's own time; UTC where it "
        "names no zone",
    ),
    Field(
        name="time",
        spellings=("time", "bar_time", "date"),
        meaning="as timestamp, where there is none; what is no time is left aside and the arrival counts",
    ),
    Field(
        name="exchange",
        spellings=("exchange", "syminfo.prefix"),
        meaning="an exchange that ends in _DL or _DLY sends delayed prices, which is noted and kept with the symbol",
    ),
    _ignored("open", "of the bar, not needed", "bar.open"),
    _ignored("high", "of the bar, not needed", "bar.high"),
    _ignored("low", "of the bar, not needed", "bar.low"),
    _ignored("volume", "of the bar; it is never a size", "bar.volume"),
    _ignored("bar.time", "of the bar; time and timenow count"),
    _ignored("currency", "not needed", "syminfo.currency", "basecurrency", "syminfo.basecurrency"),
    _ignored("strategy_id", "not needed: strategy_name names the strategy", "strategy-id"),
    _ignored("plot_0", "not needed", *(f"plot_{number}" for number in range(1, 20))),
)
_OWN_NAMES: Final = frozenset(field.name for field in _OWN)
FIELDS: Final = (*_OWN, *(field for field in NATIVE_FIELDS if field.name not in _OWN_NAMES))

_MANNER: Final = Manner(
    dialect="tradingview", table=FieldTable(FIELDS), actions=SIDED_ACTIONS, zone="UTC", lenient=True
)


class TradingViewDialect:
    name = "tradingview"
    fields = FIELDS

    def recognises(self, body: Body) -> bool:
        if body.data is None:
            return False
        keys = {key.lower() for key in body.data}
        if "signal" in keys and "action" not in keys:
            return False
        if not _MARKS.isdisjoint(keys) or any(key.startswith("strategy.") for key in keys):
            return True
        return any(key.lower() in ("strategy", "data") and isinstance(body.data[key], dict) for key in body.data)

    def secret(self, body: Body) -> str | None:
        return carried_secret(body, SECRET_FIELDS)

    def without_secret(self, body: Body) -> str:
        return without_secrets(body)

    def parse(self, body: Body, habits: Habits) -> Reading:
        secret = self.secret(body)
        return read_message(body, _MANNER, habits, secret=secret, spread=_spread, complete=_complete)


def _spread(data: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Bring the objects of the well-known template to one level: `strategy` and `bar` by name, `data` as it is."""
    for key, value in data.items():
        name = f"{prefix}{key}"
        lowered = name.lower()
        if isinstance(value, dict) and lowered in ("strategy", "bar", "strategy.order"):
            yield from _spread(value, f"{lowered}.")
        elif isinstance(value, dict) and lowered == "data":
            yield from _spread(value)
        else:
            yield name, value


def _complete(given: Given, aside: Aside) -> Given:
    """Add the positions before and after, the target that they are without an action, and a delayed exchange."""
    values: dict[str, object] = {}
    for name, word, size, signed in (
        ("position_after", "market_position", "market_position_size", "position_size"),
        ("position_before", "prev_market_position", "prev_market_position_size", None),
    ):
        stated = _position(given, word, size, signed)
        if stated is None:
            continue
        if name in given.values:
            raise SignalRefused("contradictory", given.key(name), f"{given.key(word)} says it too; send one of them")
        values[name] = stated
    after = values.get("position_after")
    if given.get("action") is None and "market_position" in given.values and isinstance(after, Decimal):
        values |= {"action": "target", "target_position": after}
    return _with_exchange(given.having(**values), aside)


def _position(given: Given, word: str, size: str, signed: str | None) -> Decimal | str | None:
    """Return the signed position, or the word alone where no size is stated."""
    side = None
    if given.get(word) is not None:
        side = word_of(given.get(word), given.key(word), _STANDINGS, "unknown_position")
    position = decimal_of(given.get(signed), given.key(signed)) if signed and given.get(signed) is not None else None
    if given.get(size) is not None:
        if side is None:
            raise SignalRefused("missing", word, f"{given.key(size)} needs {word} for its sign")
        # The size is absolute; a sender that signs it anyway must agree with the word.
        written = decimal_of(given.get(size), given.key(size))
        from_size = abs(written) * side if side else written
        if (written < 0 and side > 0) or (position is not None and position != from_size):
            raise SignalRefused("contradictory", given.key(size), "the size and the side of the position disagree")
        position = from_size
    if position is None:
        return None if side is None else str(given.get(word)).strip(" ")
    if side is not None and (position > 0) - (position < 0) != side:
        raise SignalRefused("contradictory", given.key(word), "the size and the side of the position disagree")
    return position


def _with_exchange(given: Given, aside: Aside) -> Given:
    exchange, symbol = given.get("exchange"), given.get("symbol")
    if not isinstance(symbol, str):
        return given
    if isinstance(exchange, str) and ":" not in symbol and exchange.strip(" ").upper().endswith(_DELAYED):
        symbol = f"{exchange.strip(' ')}:{symbol.strip(' ')}"
    if symbol.partition(":")[0].upper().endswith(_DELAYED) and ":" in symbol:
        aside.notes.append(f"delayed data: {symbol} comes from a delayed feed")
    return given.having(symbol=symbol)
