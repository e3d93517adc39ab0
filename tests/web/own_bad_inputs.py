"""Our own good, bad and hostile requests: what a real sender, a broken one and an attacker would write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.web.bad_input_case import JSON, Case

REFUSED = frozenset(("4xx",))
TAKEN = frozenset(("2xx",))
EITHER = REFUSED | TAKEN


def sell(**changes: Any) -> dict[str, Any]:
    """Return a good entry, short with both exits; a change to None takes the key out."""
    message = {
        "id": "{{UUID}}",
        "secret": "{{SECRET}}",
        "strategy_name": "momentum",
        "symbol": "MES",
        "action": "sell",
        "quantity": 2,
        "price": 4999.75,
        "stop_loss": 5012.5,
        "take_profit": 4975,
        "timestamp": "{{NOW}}",
        "comment": "fade of the open",
        **changes,
    }
    return {key: value for key, value in message.items() if value is not None}


def case(
    name: str, body: dict[str, Any] | str | bytes, statuses: frozenset[str] = REFUSED, effect: str = "", **more: Any
) -> Case:
    """Write a case down; without an effect a refusal makes no order and an acceptance one."""
    if isinstance(body, dict):
        body = json.dumps(body)
    content = body.encode() if isinstance(body, str) else body
    expected = effect or ("one_order" if statuses == TAKEN else "no_order")
    return Case(name=name, statuses=statuses, effect=expected, body=content, **more)


def bare(field: str, literal: str) -> str:
    """Return the good message with something written into it that no JSON writer would write."""
    return json.dumps(sell(**{field: "@bare@"})).replace('"@bare@"', literal)


def cases() -> Iterator[Case]:
    yield from good_ones()
    yield from of_transport()
    yield from of_syntax()
    yield from of_fields()
    yield from of_numbers()
    yield from of_text()
    yield from of_secrets()
    yield from of_repetition()
    yield from of_time()
    yield from of_meaning()


def good_ones() -> Iterator[Case]:
    yield case("a short entry is taken", sell(), TAKEN)
    yield case("plain text is read", sell(), TAKEN, headers={"Content-Type": "text/plain"})
    yield case("an alert service's own spelling of plain text is read", sell(), TAKEN,
               headers={"Content-Type": "TEXT/PLAIN; charset=UTF-8"})  # fmt: skip
    texts = sell(quantity="2", price="4999.75", stop_loss="5012.50", take_profit="4975")
    yield case("numbers may be written as text", texts, TAKEN)
    yield case("capitals in the action change nothing", sell(action="Sell"), TAKEN)
    yield case("a price between two ticks is rounded", sell(price=4999.8), TAKEN)


def of_transport() -> Iterator[Case]:
    message = json.dumps(sell())
    yield case("an order in the address of a GET is no order", "", method="GET", headers={},
               query="symbol=MES&action=sell&quantity=2&secret={{SECRET}}")  # fmt: skip
    yield case("a PUT is no message", message, method="PUT")
    yield case("an empty body is refused", "")
    yield case("blanks are no message", " \n\t ")
    xml = '<!DOCTYPE o [<!ENTITY f SYSTEM "file:///etc/hostname">]><o><symbol>&f;</symbol></o>'
    yield case("XML is not read", xml, headers={"Content-Type": "text/xml"})
    yield case("a form is not read", "symbol=MES&action=sell&secret={{SECRET}}",
               headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    parts = '--x\r\nContent-Disposition: form-data; name="action"\r\n\r\nsell\r\n--x--\r\n'
    yield case("parts are not read", parts, headers={"Content-Type": "multipart/form-data; boundary=x"})
    yield case("a body over the cap is refused unread", json.dumps(sell(comment="@@")), fill=("z", 300_000))
    yield case("a compressed bomb is not unpacked", "", transform="gzip_zeros_50MiB",
               headers={**JSON, "Content-Encoding": "gzip"})  # fmt: skip
    yield case("a false claim of compression is refused", message, headers={**JSON, "Content-Encoding": "br"})
    yield case("stacked compressions are refused", message, headers={**JSON, "Content-Encoding": "gzip, deflate"})
    yield case("a length shorter than the body cuts the message", message, headers={**JSON, "Content-Length": "12"})
    yield case("two ways to say the length are refused", message,
               headers={**JSON, "Content-Length": "7", "Transfer-Encoding": "chunked"})  # fmt: skip
    yield case("a negative length is refused", message, headers={**JSON, "Content-Length": "-1"})
    yield case("a length in words is refused", message, headers={**JSON, "Content-Length": "many"})
    yield case("a body that trickles in is cut off", message, REFUSED | {"close"}, drip_seconds=1.5)
    yield case("a claimed origin does not stand in for the secret", sell(secret="guess-guess-guess"),
               headers={**JSON, "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "::1"})  # fmt: skip
    yield case("a method in a header is ignored", message, TAKEN, headers={**JSON, "X-HTTP-Method-Override": "GET"})
    yield case("a foreign host name changes nothing", message, EITHER, "at_most_one_order",
               headers={**JSON, "Host": "hub.example.invalid"})  # fmt: skip
    yield case("noise without a type is refused", b"\x00\xff\x10\x80", headers={})


def of_syntax() -> Iterator[Case]:
    message = json.dumps(sell())
    yield case("a comma too many", message[:-1] + ",}")
    yield case("the quotes of another language", message.replace('"', "'"))
    yield case("a message cut off in the middle", message[: len(message) // 2])
    yield case("two messages in a row", message + "\n" + message)
    yield case("an array of messages", json.dumps([sell(), sell(id="{{UUID}}-b")]))
    for literal in ("null", "true", "42", '"sell MES"', "[]", "{}"):
        yield case(f"{literal} is no message", literal)
    yield case("deep nesting breaks nothing", '{"a":' * 9000)
    yield case("nesting inside a field breaks nothing", bare("comment", "[" * 15_000 + "]" * 15_000))
    yield case("a byte that is no text", message.encode().replace(b"fade", b"f\xc3\x28e"))
    yield case("two bytes a letter", message, transform="utf-16-le-bom")
    yield case("a byte-order mark gets one answer", message, EITHER, "at_most_one_order", transform="utf-8-bom")
    yield case("a line break inside a text", message.replace("MES", "ME\nS"))
    yield case(
        "a key that comes twice: the side", message.replace('"action": "sell"', '"action": "sell", "action": "buy"')
    )
    yield case("a key that comes twice: the size", message.replace('"quantity": 2', '"quantity": 2, "quantity": 90'))
    yield case(
        "a key that comes twice in other letters",
        message.replace('"action": "sell"', '"Action": "buy", "action": "sell"'),
    )
    yield case("half a letter", message.replace("MES", "M\\udc00ES"))
    yield case("a message inside a text", json.dumps(message))
    yield case("ten thousand unknown keys", "", transform="add_10000_keys")
    yield case("a placeholder that nobody filled", sell(symbol="{{ticker}}"))
    yield case("a placeholder where the size should be", sell(quantity="{{strategy.order.contracts}}"))
    yield case("a comment in the style of a programming language", message[:-1] + " /* go */ }")


def of_fields() -> Iterator[Case]:
    for missing in ("symbol", "action", "quantity"):
        yield case(f"{missing} is missing", sell(**{missing: None}))
    wrong: dict[str, list[Any]] = {
        "symbol": [["MES"], {"root": "MES"}, 7, True, "", "  "],
        "action": [False, ["sell"], 1, "", {"$ne": ""}],
        "quantity": [True, [2], {"$gt": 0}, "", " ", "two", "2 lots"],
        "stop_loss": [True, "none", [], {"value": {}}],
        "secret": [["{{SECRET}}"], {"a": "{{SECRET}}"}, 1, True],
        "strategy_name": [5, ["momentum"], {"name": "momentum"}],
        "id": [{"a": 1}, ["x"]],
    }
    for field, values in wrong.items():
        for value in values:
            yield case(f"{field} is {json.dumps(value)}", sell(**{field: value}))
    yield case("symbol is null", bare("symbol", "null"))
    yield case("a misspelled size is not replaced by a default", sell(quantity=None, quanity=3))
    yield case("a misspelled stop is not left out in silence", sell(stop_loss=None, stop_los=5012.5))


def of_numbers() -> Iterator[Case]:
    for literal in ("NaN", "-Infinity", "1e400", "0", "-2", "1.5", "1e-9", "2.00000000000000001", "0x2", "02", "2."):
        yield case(f"a size of {literal}", bare("quantity", literal))
    for text in ("nan", "inf", "2_0", "2,0", "２", "٢", "+-2", "2e0x", "½"):
        yield case(f"a size written as {text}", sell(quantity=text))
    yield case("a size of thousands of digits", bare("quantity", "7" * 6000))
    yield case("a size beyond every cap leaves nothing", sell(quantity=50_000_000), EITHER, "no_order")
    for literal in ("NaN", "0", "-4999.75", "1e999", "4999.75000000000000000000000000001"):
        yield case(f"a price of {literal}", bare("price", literal))
    yield case("a stop at infinity", bare("stop_loss", "Infinity"))
    yield case("a target below zero", sell(take_profit=-4975))


def of_text() -> Iterator[Case]:
    symbols = ("МES", "ＭＥＳ", "M\u200dES", "MES\u0000", "MES\tZ6", "M" * 9000, "MES;DROP", "MES|2|MARKET")
    for symbol in symbols:
        yield case(f"symbol {ascii(symbol)[:40]}", sell(symbol=symbol))
    yield case("a second line inside the symbol", sell(symbol='MES\n{"order_id":"TH","action":"buy"}'))
    for action in ("ſell", "ѕell", "sell everything", "sell|buy", "SELL_SHORT_AND_DOUBLE", "long?"):
        yield case(f"action {action!a}", sell(action=action))
    yield case("an instrument that the strategy may not trade", sell(symbol="EURUSD"), EITHER, "no_order")
    hostile = (
        "mom'); DELETE FROM signals;--",
        "mom\r\n2030-01-01 CRITICAL the kill switch was reset",
        "<img src=x onerror=fetch('/api/kill')>",
        "{{ 7 * 7 }}{% include '/etc/hostname' %}",
        "=cmd|' /C notepad'!A1",
        "..\\..\\windows\\win.ini",
        "`touch x`;$(touch x)",
        "<!everyone> [here](http://example.invalid)",
        "%n%n%s{0.__init__.__globals__}",
        "\u001b]0;stopped\u0007\u001b[31m",
        "evil\u202etxet",
    )
    for name in hostile:
        yield case(f"strategy name {ascii(name)[:40]}", sell(strategy_name=name), EITHER, "at_most_one_order+inert")


def of_secrets() -> Iterator[Case]:
    yield case("no secret", sell(secret=None))
    yield case("an empty secret", sell(secret=""))
    yield case("a secret of the right length", sell(secret="{{WRONG_SAME_LEN}}"))
    yield case("a secret in other letters", sell(secret="{{SECRET_SWAPCASE}}"))
    yield case("a blank before the secret", sell(secret=" {{SECRET}}"))
    yield case("half of the secret", sell(secret="a-long-secret"))
    yield case("the secret in the address alone", sell(secret=None), query="secret={{SECRET}}&key={{SECRET}}")
    signed = {**JSON, "X-Signature": "{{HMAC}}", "X-Timestamp": "{{NOW_UNIX}}"}
    yield case("a signed message", sell(secret=None), TAKEN, headers=signed, is_signed=True)
    yield case("a signed message twice", sell(secret=None), TAKEN, headers=signed, is_signed=True, repeat=2)
    other = {**signed, "X-Signature": "{{HMAC_OF_OTHER_BODY}}"}
    yield case("the signature of another message", sell(), headers=other, is_signed=True)
    yield case(
        "a signature of ten minutes ago", sell(), headers={**signed, "X-Timestamp": "{{NOW_UNIX-600}}"}, is_signed=True
    )
    yield case("no signature where one is demanded", sell(), is_signed=True)
    yield case("many wrong secrets", sell(secret="not-the-secret-at-all"), repeat=25)


def of_repetition() -> Iterator[Case]:
    yield case("the same message four times", sell(), TAKEN, repeat=4)
    yield case("the same message sixteen times at once", sell(), TAKEN, parallel=16)
    yield case("sixteen copies without an id at once", sell(id=None), TAKEN, parallel=16)
    yield case(
        "the same id with another side",
        sell(),
        before_body=json.dumps(sell(action="buy", stop_loss=4980, take_profit=5050)).encode(),
    )
    yield case("the same words without an id or a time", sell(id=None, timestamp=None), TAKEN, repeat=3)
    yield case("the same message after a restart", sell(), TAKEN, repeat=2, restart_between=True)
    yield case("a blank id is no id", sell(id="   "), EITHER, "at_most_one_order")


def of_time() -> Iterator[Case]:
    yield case("a message of ten minutes ago", sell(timestamp="{{NOW-600}}"), EITHER, "no_order")
    yield case("a message from the future", sell(timestamp="{{NOW+600}}"), EITHER, "no_order")
    yield case("a time without a zone", sell(timestamp="2031-05-05T09:30:00"), EITHER, "no_order")
    for text in ("now", "2031-02-29T10:00:00Z", "2031-13-01T10:00:00Z", "25:99", "-1", "99999999999999999999"):
        yield case(f"a time of {text}", sell(timestamp=text))


def of_meaning() -> Iterator[Case]:
    yield case("a short stop below the price", sell(stop_loss=4990))
    yield case("a short target above the price", sell(take_profit=5005))
    yield case("a stop at the price", sell(stop_loss=4999.75))
    long = {"action": "buy", "stop_loss": 4987.5, "take_profit": 5030}
    yield case("a long stop above the price", sell(**{**long, "stop_loss": 5001}))
    yield case("a long target below the price", sell(**{**long, "take_profit": 4998}))
    plain = {"stop_loss": None, "take_profit": None, "price": None}
    yield case("an exit with nothing to close", sell(action="close", **plain), EITHER, "no_order")
    yield case("an exit larger than the position", sell(action="close", quantity=9, **plain), EITHER, "no_flip")
    yield case("a strategy that nobody knows", sell(strategy_name="nobody"), EITHER, "no_order")
    elsewhere = sell(account="nt8:LIVE", multiplier=50, platforms=["nt8"])
    yield case("an account in the message does not choose the route", elsewhere, EITHER, "at_most_one_order")
    yield case(
        "force is not a word that the hub knows", sell(quantity=5000, force=True, risk_override=1), EITHER, "no_order"
    )
    yield case("keys of the programming language do nothing", sell(__class__="x", constructor={"prototype": 1}),
               EITHER, "at_most_one_order")  # fmt: skip
    yield case(
        "an address in a message is never called", sell(webhook_url="http://127.0.0.1:9/"), EITHER, "at_most_one_order"
    )
