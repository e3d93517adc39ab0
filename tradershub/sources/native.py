"""The hub's own way to write a signal: one JSON object, strict in every field."""

from typing import Final

from tradershub.domain.signals import Reading
from tradershub.ports.dialect import Body, Habits
from tradershub.sources.fields import Field, FieldTable, Treatment
from tradershub.sources.manner import EXACT_ACTIONS, Manner
from tradershub.sources.messages import read_message
from tradershub.sources.protections import DISTANCES
from tradershub.sources.redaction import carried_secret, without_secrets


def _distances(name: str, short: str, what: str) -> tuple[Field, ...]:
    return tuple(
        Field(
            name=f"{name}_{unit}",
            spellings=(f"{name}_{unit}", f"{short}_{unit}"),
            meaning=f"the {what} as a distance from the entry, in {unit}",
            treatment=Treatment.MAPPED,
        )
        for unit in DISTANCES
    )


def _refused(meaning: str, *spellings: str) -> Field:
    return Field(name=spellings[0], spellings=spellings, meaning=meaning, treatment=Treatment.REFUSED)


_SAYS: Final = (
    Field(
        name="signals",
        spellings=("signals",),
        meaning="1 to 8 instructions, all or none; what stands outside the list holds for each of them",
    ),
    Field(name="secret", spellings=("secret", "key"), meaning="the secret of the source or of the strategy"),
    Field(
        name="id",
        spellings=("id", "message_id", "signal_id"),
        meaning="the sender's own id of the message: the same id never trades twice",
    ),
    Field(
        name="strategy_name",
        spellings=("strategy_name", "strategy", "strategyName"),
        meaning="the strategy, as it is registered",
    ),
    Field(
        name="symbol",
        spellings=("symbol", "instrument", "ticker"),
        meaning="the instrument: MES, MES1!, @MES, MESZ6, MESZ2026, MES 12-26",
    ),
    Field(
        name="action",
        spellings=("action", "side"),
        meaning="buy, sell, close (exit, flat), close_long, close_short, reverse, target, add, cancel, modify, "
        "flatten, disable",
    ),
    Field(
        name="quantity",
        spellings=("quantity", "qty", "contracts", "size"),
        meaning="the size: a number of units, or {value, kind} with kind units, lots, base_units, cash, risk_cash, "
        "risk_percent, equity_percent, equity_ratio, balance_percent, margin_percent, position_percent",
    ),
    Field(
        name="lots",
        spellings=("lots", "lot_size", "lotsize"),
        meaning="the size in lots, instead of quantity",
        treatment=Treatment.MAPPED,
    ),
    Field(name="percent", spellings=("percent",), meaning="the part of the position that a close closes, up to 100"),
    Field(
        name="target_position",
        spellings=("target_position", "targetPosition"),
        meaning="the signed position that the action target reaches",
    ),
    Field(
        name="close_side",
        spellings=("close_side", "closeSide"),
        meaning="long or short: a close of that side only",
    ),
    Field(
        name="order_type",
        spellings=("order_type", "orderType", "type"),
        meaning="market (if none is named), limit, stop, stop_limit, trailing_stop",
    ),
    Field(
        name="price",
        spellings=("price", "entry_price", "entryPrice", "entry"),
        meaning="the limit or stop price; for a market order the price that the strategy saw",
    ),
    Field(
        name="signal_price",
        spellings=("signal_price", "signalPrice"),
        meaning="the price that the strategy saw",
    ),
    Field(name="limit_price", spellings=("limit_price", "limitPrice"), meaning="the price of a limit"),
    Field(name="stop_price", spellings=("stop_price", "stopPrice"), meaning="the price that triggers a stop entry"),
    Field(
        name="trail",
        spellings=("trail", "trail_distance"),
        meaning="the distance of a trailing_stop order: points, or {value, unit}",
    ),
    Field(
        name="stop_loss",
        spellings=("stop_loss", "sl", "stopLoss", "sl_price", "stop_loss_price"),
        meaning="a price, or {value, unit: price, points, ticks, pips, percent, cash, trailing: true or a distance}",
    ),
    *_distances("stop_loss", "sl", "stop"),
    Field(
        name="take_profit",
        spellings=("take_profit", "tp", "takeProfit", "tp_price", "take_profit_price"),
        meaning="as stop_loss, or a list of up to 8 of them",
    ),
    *_distances("take_profit", "tp", "target"),
    Field(
        name="time_in_force",
        spellings=("time_in_force", "tif", "timeInForce"),
        meaning="day, gtc, ioc or gtd",
    ),
    Field(name="good_till", spellings=("good_till", "goodTill"), meaning="the instant until which a gtd order works"),
    Field(
        name="timestamp",
        spellings=("timestamp", "time"),
        meaning="when it was sent: ISO-8601 with a zone, or Unix time; on a bar boundary of the timeframe it is read "
        "as the bar's own time",
    ),
    Field(name="sent_at", spellings=("sent_at", "sentAt"), meaning="when it was sent, never read as a bar's time"),
    Field(
        name="timeframe",
        spellings=("timeframe", "interval", "time_frame"),
        meaning="the length of a bar: 5m, 1h, D, or minutes",
    ),
    Field(name="comment", spellings=("comment",), meaning="free text, shown and stored, never acted on"),
    Field(
        name="order_id",
        spellings=("order_id", "orderId"),
        meaning="the strategy's name for the order; it repeats, so it is no message id",
    ),
    Field(
        name="position_before",
        spellings=("position_before", "positionBefore"),
        meaning="the strategy's signed position before the order, or long, flat, short",
    ),
    Field(
        name="position_after",
        spellings=("position_after", "positionAfter"),
        meaning="the strategy's signed position after the order, or long, flat, short",
    ),
    Field(
        name="accounts",
        spellings=("accounts", "account", "account_id"),
        meaning="accounts by name, or {id, quantity}; they count only where the strategy allows it",
    ),
)
REFUSED_FIELDS: Final = (
    _refused("the position after the trade is written as position_after", "sentiment"),
    _refused("write quantity as {value, kind}", "quantityType", "quantity_type", "amount", "amountPerTrade"),
    _refused("risk is written as quantity {value, kind: risk_percent or risk_cash}", "risk", "risk_percent"),
    _refused("write quantity; the hub sets no leverage", "leverage"),
    _refused("send the action cancel as an instruction of its own", "cancel", "cancelOrderType"),
    _refused("the hub does not postpone orders", "delay", "delay_seconds"),
    _refused("write the action close, which never enters", "reduce_only", "reduceOnly"),
    _refused("name the option itself as the symbol", "optionType", "option_type", "strikePrice", "strikesAway"),
    _refused("name the option itself as the symbol", "expiration", "strikeCount", "intrinsicValue"),
    _refused("write order_type trailing_stop with trail, or stop_loss with trailing", "trailAmount", "trailPercent"),
    _refused("write several targets as a list in take_profit", "tp1", "tp2", "tp3", "tp4", "take_profit_1"),
    _refused("write several targets as a list in take_profit", "take_profit_2", "take_profit_3", "targets"),
    _refused("write take_profit for a price, target_position for a position", "target"),
    _refused("write several instructions as a list in signals", "orders", "order", "legs"),
)
FIELDS: Final = (*_SAYS, *REFUSED_FIELDS)
TABLE: Final = FieldTable(FIELDS)
SECRET_FIELDS: Final = ("secret", "key")

_MANNER: Final = Manner(dialect="native", table=TABLE, actions=EXACT_ACTIONS)
_MARKS: Final = frozenset({"symbol", "instrument", "ticker", "action", "side", "signals"})


class NativeDialect:
    name = "native"
    fields = FIELDS

    def recognises(self, body: Body) -> bool:
        if body.data is None:
            return False
        keys = {key.lower() for key in body.data}
        # The older form of the copy-trade endpoint names the action `signal`.
        return not _MARKS.isdisjoint(keys) and ("signal" not in keys or "action" in keys)

    def secret(self, body: Body) -> str | None:
        return carried_secret(body, SECRET_FIELDS)

    def without_secret(self, body: Body) -> str:
        return without_secrets(body)

    def parse(self, body: Body, habits: Habits) -> Reading:
        return read_message(body, _MANNER, habits, secret=self.secret(body))
