"""The demo's market and alerts: the same for the same seed, plausible, and understood by the hub's own dialects."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tradershub.demo import data_set
from tradershub.demo.market import SHIPPED, STEP_SECONDS, SimulatedMarket
from tradershub.demo.messages import Alert
from tradershub.demo.script import PARTS, Script
from tradershub.domain.instruments import Instruments, instruments_from_json
from tradershub.domain.secrets import Secret
from tradershub.hub.account_documents import read_account
from tradershub.hub.strategy_documents import read_strategy
from tradershub.settings.reference_files import shipped_file

SECRET = Secret("Zk3vQm81LxwT0pRs-a24-letters")


@pytest.fixture(scope="module")
def instruments() -> Instruments:
    return Instruments(instruments_from_json(shipped_file("instruments.json").read_text(encoding="utf-8")))


def play(instruments: Instruments, seed: int, count: int) -> list[Alert]:
    market = SimulatedMarket(instruments, seed=seed)
    script = Script(market, seed=seed, secret=SECRET)
    alerts: list[Alert] = []
    while len(alerts) < count:
        for _ in range(script.pause()):
            market.step()
        alerts.append(script.next(at="2026-11-22T14:30:00Z", run="1"))
    return alerts


def test_a_seed_decides_prices_and_alerts(instruments: Instruments) -> None:
    assert play(instruments, 7, 60) == play(instruments, 7, 60)
    assert play(instruments, 7, 60) != play(instruments, 8, 60)


def test_prices_are_on_the_tick_and_never_crossed(instruments: Instruments) -> None:
    market = SimulatedMarket(instruments, seed=3)
    for _ in range(2000):
        for price in market.step():
            instrument = instruments.get(price.root)
            assert instrument is not None
            assert price.bid < price.ask
            assert price.last in (price.bid, price.ask)
            assert all(instrument.is_on_tick(side) for side in (price.bid, price.ask, price.last))


def test_an_hour_of_the_market_stays_near_where_it_began(instruments: Instruments) -> None:
    market = SimulatedMarket(instruments, seed=7)
    for _ in range(round(3600 / STEP_SECONDS)):
        market.step()
    for one in SHIPPED:
        moved = abs(market.price(one.root).last / one.start - 1)
        assert Decimal(0) < moved < Decimal("0.15"), one.root


def test_alerts_come_every_two_to_four_seconds(instruments: Instruments) -> None:
    script = Script(SimulatedMarket(instruments, seed=7), seed=7, secret=SECRET)
    pauses = [script.pause() * STEP_SECONDS for _ in range(200)]
    assert min(pauses) >= 2
    assert max(pauses) <= 4


def test_every_form_and_every_kind_of_mistake_appears(instruments: Instruments) -> None:
    names = {alert.name for alert in play(instruments, 7, 600)}
    assert {
        *("native buy", "native sell", "native close", "native reverse"),
        *("TradingView buy", "TradingView sell", "TradingView text buy", "TradingView text sell"),
        *("copy-trade BUY", "copy-trade SELL", "copy-trade CLOSE"),
        *("unknown strategy", "stop on the wrong side", "unfilled placeholder", "unknown instrument"),
        *("misspelt field", "nothing to close", "size off the step"),
    } <= names


def test_the_first_alerts_are_right(instruments: Instruments) -> None:
    names = [alert.name for alert in play(instruments, 7, len(PARTS))]
    assert all(name.startswith(("native", "TradingView", "copy-trade")) for name in names)


def test_stops_and_targets_are_on_their_sides(instruments: Instruments) -> None:
    checked = 0
    for alert in play(instruments, 7, 400):
        if not alert.name.endswith(("buy", "sell", "BUY", "SELL")) or "text" in alert.name:
            continue
        message = json.loads(alert.body)
        if "stop_loss" in message:
            checked += 1
            below, above = sorted((float(message["stop_loss"]), float(message["take_profit"])))
            assert below < float(message["price"]) < above
            assert (float(message["stop_loss"]) == below) == alert.name.lower().endswith("buy")
    assert checked > 50


def test_the_secret_is_where_its_form_carries_it(instruments: Instruments) -> None:
    for alert in play(instruments, 7, 100):
        carried = SECRET.reveal().encode() in alert.body
        assert carried != alert.path.endswith(SECRET.reveal())
        assert SECRET.reveal() not in alert.name


def test_the_data_set_is_what_the_hub_reads() -> None:
    documents = data_set.read()
    accounts = {read_account(document).id for document in documents["accounts"]}
    strategies = [read_strategy(document) for document in documents["strategies"]]
    assert len(accounts) == 3
    assert {part.strategy for part in PARTS} == {strategy.name for strategy in strategies}
    assert {route.account for strategy in strategies for route in strategy.routes} == accounts
    for part in PARTS:
        allowed = next(strategy.instruments for strategy in strategies if strategy.name == part.strategy)
        assert not allowed or part.root in allowed
