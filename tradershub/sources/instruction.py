"""Makes a signal of what one instruction says, in the same way for every dialect that is written in named fields."""

from decimal import Decimal
from typing import Final

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos, timeframe_seconds
from tradershub.domain.errors import SignalRefused
from tradershub.domain.ids import StrategyName
from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import (
    AccountRequest,
    Action,
    PositionSide,
    Protection,
    QuantityKind,
    Side,
    Signal,
    SignalQuantity,
)
from tradershub.ports.dialect import Habits
from tradershub.sources.fields import Given
from tradershub.sources.manner import ActionWord, Aside, Manner
from tradershub.sources.order_terms import Terms, read_terms, read_time_in_force
from tradershub.sources.protections import check_levels, check_sides, read_stop_loss, read_take_profits
from tradershub.sources.values import (
    decimal_of,
    id_of,
    instant_of,
    is_unfilled,
    positive_of,
    remark_of,
    symbol_of,
    text_of,
    word_of,
)

MOST_ACCOUNTS: Final = 100
_WITHOUT_SYMBOL: Final = frozenset({Action.FLATTEN, Action.DISABLE})
_STANDINGS: Final = {"long": 1, "flat": 0, "short": -1}
_SIDES: Final = {side.value: side for side in PositionSide}
_KINDS: Final = {kind.value: kind for kind in QuantityKind if kind not in (QuantityKind.ALL, QuantityKind.RISK_SETTING)}
# A bar's own time arrives when the bar is over; one that arrives earlier was the time of sending.
_EARLY_NS: Final = 10 * NANOS_PER_SECOND


def read_instruction(given: Given, manner: Manner, habits: Habits, aside: Aside) -> Signal:
    """Return the signal; raises SignalRefused for the first thing that is wrong with it."""
    word = _action(given, manner)
    terms = read_terms(given, word.action, manner, aside)
    target = _target(given, word.action)
    before, before_side = _standing(given, "position_before")
    after, after_side = _standing(given, "position_after")
    side = _checked(given, _side(word.action, target), before, after)
    stop, targets = _protections(given, _entering(side, after_side), terms, word.action)
    timeframe = _timeframe(given, manner, aside)
    sent_at, is_bar_time = _sent_at(given, manner, habits, timeframe, aside)
    return Signal(
        dialect=manner.dialect,
        strategy=_strategy(given, habits),
        symbol_as_written=_symbol(given, word.action, habits),
        action=word.action,
        quantity=_quantity(given, word.action),
        order_type=terms.order_type,
        limit_price=terms.limit,
        stop_price=terms.stop,
        trail=terms.trail,
        stop_loss=stop,
        take_profit=targets,
        time_in_force=read_time_in_force(given),
        good_till=_instant(given, "good_till", manner, habits),
        target_position=target,
        position_before=before,
        position_after=after,
        before_side=before_side,
        after_side=after_side,
        close_side=_close_side(given, word),
        signal_price=terms.seen,
        sent_at=sent_at,
        sent_at_is_bar_time=is_bar_time,
        timeframe=timeframe,
        message_id=_identifier(given, "id"),
        sender_order_id=_order_id(given, manner, aside),
        comment=_comment(given, aside),
        accounts=_accounts(given),
    )


def _action(given: Given, manner: Manner) -> ActionWord:
    value = given.get("action")
    if value is None:
        raise SignalRefused("missing", "action", f"expected one of {', '.join(manner.actions)}")
    return word_of(value, given.key("action"), manner.actions, "unknown_action")


def _symbol(given: Given, action: Action, habits: Habits) -> str | None:
    value = given.get("symbol")
    if value is not None:
        return symbol_of(value, given.key("symbol"))
    if habits.default_symbol is None and action not in _WITHOUT_SYMBOL:
        raise SignalRefused("missing", "symbol", "expected the instrument, such as MES or MESZ2026")
    return habits.default_symbol


def _strategy(given: Given, habits: Habits) -> StrategyName | None:
    value = given.get("strategy_name")
    name = text_of(value, given.key("strategy_name")) if value is not None else None
    name = name or habits.default_strategy
    return StrategyName(name) if name else None


def _target(given: Given, action: Action) -> Decimal | None:
    value = given.get("target_position")
    if action is not Action.TARGET:
        if value is not None:
            raise SignalRefused(
                "contradictory", given.key("target_position"), "only the action target has a target position"
            )
        return None
    if value is None:
        raise SignalRefused("missing", "target_position", "the action target needs the signed position to reach")
    return decimal_of(value, given.key("target_position"))


def _side(action: Action, target: Decimal | None) -> Side | None:
    if action is Action.BUY or (target is not None and target > 0):
        return Side.BUY
    if action is Action.SELL or (target is not None and target < 0):
        return Side.SELL
    return None


def _standing(given: Given, name: str) -> tuple[Decimal | None, int | None]:
    """Return a position as signed size and side; the words long and short state the side alone."""
    value = given.get(name)
    if value is None:
        return None, None
    if isinstance(value, str) and value.lower() in _STANDINGS:
        side = _STANDINGS[value.lower()]
        return (None if side else Decimal(0)), side
    size = decimal_of(value, given.key(name))
    return size, (size > 0) - (size < 0)


def _entering(side: Side | None, after_side: int | None) -> Side | None:
    """Return the side of an entry; None for a trade that leaves no position, or one of the other side, behind it."""
    return None if side is None or after_side in (0, -side.sign) else side


def _checked(given: Given, side: Side | None, before: Decimal | None, after: Decimal | None) -> Side | None:
    """Return the side if it leads from the position before to the one after, where the message states both."""
    if side is not None and before is not None and after is not None and (after - before) * side.sign <= 0:
        raise SignalRefused(
            "contradictory",
            given.key("position_after"),
            f"a {side} does not lead from {decimal_text(before)} to {decimal_text(after)}",
        )
    return side


def _protections(
    given: Given, entering: Side | None, terms: Terms, action: Action
) -> tuple[Protection | None, tuple[Protection, ...]]:
    stop, targets = read_stop_loss(given, entering), read_take_profits(given, entering)
    if action is Action.MODIFY and stop is None and not targets:
        raise SignalRefused("missing", "stop_loss", "the action modify needs stop_loss or take_profit")
    if entering is None:
        check_levels(given, stop, targets)
    else:
        check_sides(given, entering, terms.entry, stop, targets)
    return stop, targets


def _quantity(given: Given, action: Action) -> SignalQuantity | None:
    stated = [name for name in ("quantity", "lots", "percent") if given.get(name) is not None]
    if not stated:
        return None
    name, key = stated[0], given.key(stated[0])
    if len(stated) > 1:
        raise SignalRefused("contradictory", given.key(stated[1]), f"{key} states a size too; send one")
    value, kind = given.get(name), QuantityKind.LOTS if name == "lots" else QuantityKind.UNITS
    if name == "percent":
        if action is not Action.CLOSE:
            raise SignalRefused("unsupported_field", key, "only a close may be a percentage of the position")
        kind = QuantityKind.POSITION_PERCENT
    elif isinstance(value, dict):
        if "value" not in value or not value.keys() <= {"value", "kind"}:
            raise SignalRefused("wrong_type", key, "expected a number, or an object of value and kind")
        kind = word_of(value.get("kind", "units"), f"{key}.kind", _KINDS, "unknown_kind")
        value = value["value"]
    number = positive_of(value, key)
    if kind is QuantityKind.POSITION_PERCENT and number > 100:
        raise SignalRefused("too_large", key, "expected at most 100 percent of the position", got=value)
    return SignalQuantity(value=number, kind=kind)


def _close_side(given: Given, word: ActionWord) -> PositionSide | None:
    value = given.get("close_side")
    if value is None:
        return word.side
    key = given.key("close_side")
    side = word_of(value, key, _SIDES, "unknown_side")
    if word.action is not Action.CLOSE or word.side not in (None, side):
        raise SignalRefused("contradictory", key, f"the action {given.get('action')} does not close {side} positions")
    return side


def _timeframe(given: Given, manner: Manner, aside: Aside) -> str | None:
    value = given.get("timeframe")
    if isinstance(value, Decimal):
        return decimal_text(decimal_of(value, given.key("timeframe")))
    if value is not None and manner.lenient and is_unfilled(value):
        aside.leave(given.key("timeframe"), "a placeholder was not filled in; it only informs")
        return None
    return text_of(value, given.key("timeframe"), 16) if value is not None else None


def _sent_at(
    given: Given, manner: Manner, habits: Habits, timeframe: str | None, aside: Aside
) -> tuple[Nanos | None, bool]:
    for name in ("sent_at", "timestamp"):
        at = _instant(given, name, manner, habits)
        if at is not None:
            return at, name == "timestamp" and _is_bar_time(at, timeframe, habits.received_at)
    value = given.get("time")
    if value is None:
        return None, False
    try:
        at = instant_of(value, given.key("time"), habits.zone or manner.zone)
    except SignalRefused as refused:
        aside.leave(given.key("time"), f"{refused.advice}; the moment of arrival counts")
        return None, False
    return at, _is_bar_time(at, timeframe, habits.received_at)


def _instant(given: Given, name: str, manner: Manner, habits: Habits) -> Nanos | None:
    value = given.get(name)
    if value is None or (manner.lenient and value == ""):
        return None
    return instant_of(value, given.key(name), habits.zone or manner.zone)


def _is_bar_time(at: Nanos, timeframe: str | None, received_at: Nanos) -> bool:
    bar = timeframe_seconds(timeframe)
    if bar is None or at % (bar * NANOS_PER_SECOND):
        return False
    return not received_at or received_at - at >= bar * NANOS_PER_SECOND - _EARLY_NS


def _identifier(given: Given, name: str) -> str | None:
    value = given.get(name)
    return id_of(value, given.key(name)) if value is not None else None


def _order_id(given: Given, manner: Manner, aside: Aside) -> str | None:
    if manner.lenient and is_unfilled(given.get("order_id")):
        aside.leave(given.key("order_id"), "a placeholder was not filled in; it only informs")
        return None
    return _identifier(given, "order_id")


def _comment(given: Given, aside: Aside) -> str | None:
    for name in ("comment", "alert_message"):
        value = given.get(name)
        if value is None:
            continue
        if is_unfilled(value):
            aside.leave(given.key(name), "a placeholder was not filled in; it only informs")
            continue
        remark = remark_of(value, given.key(name))
        if remark is not None:
            return remark
    return None


def _accounts(given: Given) -> tuple[AccountRequest, ...]:
    value, key = given.get("accounts"), given.key("accounts")
    if value is None:
        return ()
    entries = value if isinstance(value, list) else [value]
    if len(entries) > MOST_ACCOUNTS:
        raise SignalRefused("too_many_accounts", key, f"expected at most {MOST_ACCOUNTS} accounts")
    return tuple(_account(entry, f"{key}[{at}]") for at, entry in enumerate(entries))


def _account(entry: object, key: str) -> AccountRequest:
    if not isinstance(entry, dict):
        return AccountRequest(account=_account_name(entry, key))
    unknown = [name for name in entry if name not in ("id", "account", "quantity")]
    if unknown:
        raise SignalRefused("unsupported_field", f"{key}.{unknown[0]}"[:64], "expected id and quantity")
    quantity = entry.get("quantity")
    return AccountRequest(
        account=_account_name(entry.get("id", entry.get("account")), f"{key}.id"),
        quantity=positive_of(quantity, f"{key}.quantity") if quantity is not None else None,
    )


def _account_name(value: object, key: str) -> str:
    name = id_of(value, key) if value is not None else None
    if name is None:
        raise SignalRefused("missing", key, "expected an account's name")
    return name
