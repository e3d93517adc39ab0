"""What follows from several fields of an instruction together."""

import json

import pytest

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos, parse_instant
from tradershub.domain.errors import SignalRefused
from tradershub.domain.signals import Signal
from tradershub.ports.dialect import Habits
from tradershub.sources.registry import DIALECTS, read_body

BAR = parse_instant("2026-11-22T14:25:00Z", None)


def read(dialect: str, habits: Habits | None = None, /, **fields: object) -> Signal:
    message = {"symbol": "MES", "action": "buy", **fields}
    body = read_body(json.dumps(message).encode())
    (signal,) = DIALECTS[dialect].parse(body, habits or Habits()).signals
    return signal


def refusal_of(dialect: str, /, **fields: object) -> tuple[str, str | None]:
    with pytest.raises(SignalRefused) as refused:
        read(dialect, **fields)
    return refused.value.code, refused.value.field


def test_the_source_fills_in_what_the_message_leaves_open() -> None:
    habits = Habits(zone="America/New_York", default_strategy="momentum", default_symbol="MNQ")
    signal = read("native", habits, symbol=None, timestamp="2026-11-22T09:30:00")

    assert (signal.symbol_as_written, signal.strategy) == ("MNQ", "momentum")
    assert signal.sent_at == parse_instant("2026-11-22T14:30:00Z", None)


def test_what_the_message_says_wins_over_the_source() -> None:
    signal = read("native", Habits(default_strategy="momentum", default_symbol="MNQ"), strategy="other")

    assert (signal.symbol_as_written, signal.strategy) == ("MES", "other")


@pytest.mark.parametrize(
    ("late_by", "is_bar_time"),
    [(0, False), (120, False), (289, False), (291, True), (301, True), (3600, True)],
)
def test_a_boundary_is_the_bars_time_only_when_the_bar_can_be_over(late_by: int, is_bar_time: bool) -> None:
    habits = Habits(received_at=Nanos(BAR + late_by * NANOS_PER_SECOND))
    signal = read("tradingview", habits, timestamp="2026-11-22T14:25:00Z", interval="5")

    assert signal.sent_at_is_bar_time is is_bar_time
    assert signal.sent_at == BAR


def test_a_time_between_boundaries_or_one_of_sending_is_no_bar_time() -> None:
    assert read("native", timestamp="2026-11-22T14:25:01Z", timeframe="5m").sent_at_is_bar_time is False
    assert read("native", timestamp="2026-11-22T14:25:00Z").sent_at_is_bar_time is False
    assert read("native", sent_at="2026-11-22T14:25:00Z", timeframe="5m").sent_at_is_bar_time is False
    assert read("native", timestamp="2026-11-22T14:25:00Z", timeframe="5m").sent_at_is_bar_time is True


def test_negative_prices_are_left_to_the_instrument_and_their_sides_checked() -> None:
    signal = read("native", symbol="CL", price="-37.5", stop_loss="-38", take_profit="-36")

    assert signal.stop_loss is not None
    assert signal.stop_loss.value < 0
    assert refusal_of("native", price="-37.5", stop_loss="-37") == ("wrong_side", "stop_loss")
    assert refusal_of("native", stop_loss="-37") == ("not_positive", "stop_loss")


def test_a_target_position_has_the_side_of_its_sign() -> None:
    target = {"action": "target", "target_position": -2, "price": 5000}
    assert read("native", **target, stop_loss=5010).stop_loss is not None
    assert refusal_of("native", **target, stop_loss=4990) == ("wrong_side", "stop_loss")


def test_a_reversal_is_checked_as_an_entry_and_an_exit_is_not() -> None:
    reversal = {"action": "sell", "price": 5000, "market_position": "short", "prev_market_position": "long"}
    assert refusal_of("tradingview", **reversal, stop_loss=4990) == ("wrong_side", "stop_loss")
    assert read("tradingview", **{**reversal, "market_position": "long"}, stop_loss=4990).after_side == 1


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"order_type": "trailing_stop"}, ("missing", "trail")),
        ({"trail": 5, "order_type": "market"}, ("contradictory", "trail")),
        ({"trail": 5}, ("missing", "order_type")),
        ({"order_type": "stop_limit", "limit_price": 5000}, ("missing", "stop_price")),
        ({"order_type": "limit", "price": 5000, "stop_price": 4990}, ("contradictory", "stop_price")),
        ({"order_type": "iceberg"}, ("unknown_order_type", "order_type")),
        ({"stop_loss": {"value": 10, "unit": "furlongs"}}, ("unknown_unit", "stop_loss.unit")),
        ({"stop_loss": {"value": 4990, "trailing": True}}, ("contradictory", "stop_loss.trailing")),
        ({"stop_loss": {"unit": "ticks"}}, ("missing", "stop_loss.value")),
        ({"stop_loss": 4990, "sl_ticks": 40}, ("contradictory", "sl_ticks")),
        ({"sl_ticks": -40}, ("not_positive", "sl_ticks")),
        ({"take_profit": []}, ("missing", "take_profit")),
        ({"take_profit": [5010] * 9}, ("too_many_targets", "take_profit")),
        ({"quantity": 1, "lots": 1}, ("contradictory", "lots")),
        ({"percent": 50}, ("unsupported_field", "percent")),
        ({"action": "close", "percent": 150}, ("too_large", "percent")),
        ({"quantity": {"value": 1, "kind": "hands"}}, ("unknown_kind", "quantity.kind")),
        ({"close_side": "long"}, ("contradictory", "close_side")),
        ({"action": "close_long", "close_side": "short"}, ("contradictory", "close_side")),
        ({"target_position": 2}, ("contradictory", "target_position")),
        ({"action": "target"}, ("missing", "target_position")),
        ({"action": "modify"}, ("missing", "stop_loss")),
        ({"tif": "fok"}, ("unknown_time_in_force", "tif")),
        ({"accounts": ["a"] * 101}, ("too_many_accounts", "accounts")),
        ({"accounts": [{"id": "a", "leverage": 5}]}, ("unsupported_field", "accounts[0].leverage")),
        ({"signals": "buy"}, ("wrong_type", "signals")),
        ({"signals": []}, ("missing", "signals")),
        ({"signals": [1]}, ("wrong_type", "signals[0]")),
        ({"signals": [{"secret": "x"}]}, ("contradictory", "signals[0].secret")),
    ],
)
def test_fields_that_do_not_fit_together_are_refused(fields: dict, refusal: tuple[str, str]) -> None:
    assert refusal_of("native", **fields) == refusal


def test_a_refusal_never_repeats_a_part_of_the_secret() -> None:
    secret = "c0rrect-horse-battery-staple-and-some-more-letters-than-are-shown-of-a-value"
    for field in ("symbol", "action", "quantity", "strategy_name", "timestamp", "stop_loss"):
        with pytest.raises(SignalRefused) as refused:
            read("native", **{"secret": secret, field: f"x{secret}"})
        assert refused.value.got is None
        assert secret[:8] not in str(refused.value)


def test_an_alert_from_a_delayed_feed_names_it_in_the_symbol() -> None:
    assert read("tradingview", exchange="NYMEX_DLY").symbol_as_written == "NYMEX_DLY:MES"
    assert read("tradingview", exchange="NYMEX").symbol_as_written == "MES"
