"""Runs the demo beside a hub: prices by the quote desk, alerts by the real webhooks, for as long as the hub lasts."""

import asyncio
import http.client
import logging
from typing import Final

from tradershub.app import Hub
from tradershub.cli.local_http import request
from tradershub.demo import data_set
from tradershub.demo.market import STEP_SECONDS, Price, SimulatedMarket
from tradershub.demo.messages import Alert
from tradershub.demo.script import Script
from tradershub.domain.clock import iso
from tradershub.domain.secrets import Secret
from tradershub.ports.clock import Clock
from tradershub.ports.control import QuoteDesk
from tradershub.settings.configuration import Configuration, DemoOptions

logger = logging.getLogger(__name__)

_FIRST_ALERT_STEP: Final = 2
_MOST_WAITING: Final = 8


async def run_demo(hub: Hub, *, configuration: Configuration, options: DemoOptions) -> None:
    """Run until cancelled."""
    control, clock = hub.supervisor.control, hub.clock
    await data_set.install(control, seed=options.seed)
    secret = configuration.secrets.webhook_secret or Secret("")
    market = SimulatedMarket(configuration.reference.instruments, seed=options.seed)
    script = Script(market, seed=options.seed, secret=secret)
    alerts: asyncio.Queue[Alert] = asyncio.Queue(_MOST_WAITING)
    async with asyncio.TaskGroup() as group:
        group.create_task(_play(market, script, alerts, desk=control.quotes, clock=clock))
        group.create_task(_deliver(alerts, configuration.ui_url))


async def _play(
    market: SimulatedMarket, script: Script, alerts: "asyncio.Queue[Alert]", *, desk: QuoteDesk, clock: Clock
) -> None:
    """Let the market move and the strategies speak; alerts are written at fixed steps, whenever those come."""
    run = str(clock.now())
    step, next_alert = 0, _FIRST_ALERT_STEP
    while True:
        for price in market.step():
            desk.put(_quote(price), who=data_set.WHO)
        step += 1
        if step == next_alert:
            alert = script.next(at=iso(clock.now()), run=run)
            next_alert += script.pause()
            if alerts.full():
                logger.warning("the demo leaves an alert out: the hub has not answered the last %d", _MOST_WAITING)
            else:
                alerts.put_nowait(alert)
        await clock.sleep(STEP_SECONDS)


def _quote(price: Price) -> dict[str, object]:
    sides = {"bid": price.bid, "ask": price.ask, "last": price.last}
    return {"symbol": price.root, **{side: format(value, "f") for side, value in sides.items()}}


async def _deliver(alerts: "asyncio.Queue[Alert]", url: str) -> None:
    """Post one alert after the other, as an alert service would."""
    while True:
        alert = await alerts.get()
        try:
            answer = await asyncio.to_thread(
                request,
                "POST",
                url + alert.path,
                body=alert.body,
                headers={"Content-Type": alert.content_type},
                is_local=True,
            )
        except (OSError, http.client.HTTPException) as error:
            logger.warning("the demo's alert %s did not arrive: %s", alert.name, error)
            continue
        logger.debug("demo alert %s: HTTP %d", alert.name, answer.status)
