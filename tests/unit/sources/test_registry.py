"""Which dialect a message is written in is decided, never guessed."""

import json

import pytest

from tradershub.domain.errors import SignalRefused
from tradershub.ports.dialect import Body, Dialect, Habits
from tradershub.sources.native import NativeDialect
from tradershub.sources.registry import DIALECTS, SOURCE_DIALECTS, choose, dialects_of, read_body

ALL = tuple(DIALECTS.values())


class Shouting(NativeDialect):
    """A dialect of another family that claims the same messages."""

    name = "shouting"


def chosen(data: object, dialects: tuple[Dialect, ...] = ALL) -> str:
    text = data if isinstance(data, str) else json.dumps(data)
    return choose(read_body(text.encode()), dialects).name


def refusal_of(data: object, dialects: tuple[Dialect, ...] = ALL) -> SignalRefused:
    with pytest.raises(SignalRefused) as refused:
        chosen(data, dialects)
    assert refused.value.status == 400
    return refused.value


def test_a_source_speaks_its_own_dialects_or_those_of_its_settings() -> None:
    assert [dialect.name for dialect in dialects_of("native")] == ["native"]
    assert [dialect.name for dialect in dialects_of("tradingview")] == list(SOURCE_DIALECTS["tradingview"])
    assert [dialect.name for dialect in dialects_of("native", ("copy_trade", "unheard_of"))] == ["copy_trade"]
    assert dialects_of("unheard_of") == ()


def test_a_message_of_native_fields_alone_is_native_wherever_native_is_read() -> None:
    message = {"symbol": "MES", "action": "buy", "quantity": 1}
    assert chosen(message) == chosen(message, ALL[::-1]) == "native"
    assert chosen(message, dialects_of("tradingview")) == "tradingview"


def test_one_field_of_tradingview_makes_it_tradingview() -> None:
    message = {"symbol": "MES", "action": "buy", "quantity": 1, "market_position": "long"}
    assert chosen(message) == chosen(message, ALL[::-1]) == "tradingview"


def test_both_readings_of_a_native_message_mean_the_same() -> None:
    body = read_body(b'{"symbol": "MES", "action": "sell", "quantity": 2, "price": 5000, "sl": 5010, "tp": [4990]}')
    readings = [DIALECTS[name].parse(body, Habits()).signals[0] for name in ("native", "tradingview")]

    assert len({(s.action, s.quantity, s.stop_loss, s.take_profit, s.signal_price) for s in readings}) == 1


def test_the_older_form_is_told_by_its_signal_and_instrument() -> None:
    assert chosen({"signal": "BUY", "instrument": "MES"}) == "copy_trade"
    assert refusal_of({"signal": "SHORT", "stop_loss": 5}).code == "unknown_dialect"


def test_two_dialects_that_claim_a_message_are_too_many() -> None:
    refused = refusal_of({"symbol": "MES", "action": "buy"}, (DIALECTS["native"], Shouting()))
    assert refused.code == "ambiguous_dialect"
    assert "native, shouting" in refused.advice


@pytest.mark.parametrize(
    ("message", "service"),
    [
        ({"secret": "s", "bot_uuid": "u", "action": "enter_long"}, "3Commas"),
        ({"message_type": "bot", "bot_id": 1, "email_token": "t"}, "3Commas"),
        ({"platform_name": "ctrader", "ticker": "XAUUSD", "order_action": "buy", "order_contracts": 1}, "AlgoWay"),
        ({"ticker": "XAUUSD", "order_action": "buy", "order_contracts": 1, "stop_loss": 25}, "AlgoWay"),
        ({"apikey": "k", "symbol": "X", "action": "BUY", "quantity": 1, "product": "MIS"}, "OpenAlgo"),
        ({"token": "t", "symbol": "MNQ1!", "data": "buy", "quantity": 1}, "PickMyTrade"),
        ({"alertId": "a"}, "Capitalise.ai"),
        ({"type": "POSITION_TYPE_BUY", "symbol": "X", "volume": 1}, "MetaApi CopyFactory"),
    ],
)
def test_a_message_for_another_service_is_named_and_refused(message: dict, service: str) -> None:
    for dialects in (ALL, dialects_of("native"), dialects_of("tradingview")):
        refused = refusal_of(message, dialects)
        assert refused.code == "unknown_dialect"
        assert service in refused.advice


def test_plain_order_fields_with_tradingview_names_are_no_other_service() -> None:
    assert chosen({"ticker": "MES1!", "order_action": "buy", "order_contracts": 1}) == "tradingview"


def test_broken_json_keeps_its_own_reason() -> None:
    assert refusal_of('{"symbol": "MES",}').code == "malformed_json"
    assert refusal_of('{"action": "buy", "action": "sell"}').code == "duplicate_key"
    assert refusal_of("[1]").code == "not_an_object"


def test_text_that_nobody_reads_is_refused() -> None:
    assert refusal_of("buy 2 MES now").code == "unknown_dialect"
    assert refusal_of("{{ticker}} crossed {{close}}").code == "unfilled_placeholder"
    assert refusal_of("null").code == "unknown_dialect"


def test_a_dialect_given_something_else_refuses_it() -> None:
    for dialect in ALL:
        with pytest.raises(SignalRefused):
            dialect.parse(Body(text="noise", data=None), Habits())
