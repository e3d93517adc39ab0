"""A whole hub in one process and in the test's time: real intake, pipeline, lanes and router, scripted platforms."""

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos, iso
from tradershub.domain.events import Event, Noted
from tradershub.domain.ids import OrderId
from tradershub.domain.orders import OrderState
from tradershub.hub.order_book import Record
from tradershub.hub.supervisor import Supervisor
from tradershub.ports.intake import RawMessage, Receipt
from tradershub.testing.builders import MAIN, MOMENTUM, SYMBOL
from tradershub.testing.hub_world import HubWorld
from tradershub.testing.memory_settings import SECRET
from tradershub.testing.scripted_executor import ScriptedExecutor

_numbers = itertools.count(1)
_TURN_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a sender got."""

    status: int
    document: dict[str, Any]
    retry_after_s: int | None

    @property
    def orders(self) -> list[dict[str, Any]]:
        return list(self.document["orders"])

    @property
    def order_id(self) -> OrderId:
        """The id of the only order."""
        (order,) = self.orders
        return OrderId(order["order_id"])

    @property
    def code(self) -> str | None:
        """Why it was blocked or refused."""
        reason = self.document.get("reason", self.document)
        return None if reason is None else reason["code"]


class RunningHub:
    """What can be seen of a hub."""

    def __init__(self, world: HubWorld) -> None:
        self.world = world
        self.hub = Supervisor(world.surroundings())

    def record(self, order_id: OrderId) -> Record:
        found = self.hub.engine.book.get(order_id)
        assert found is not None, f"the book does not hold {order_id}"
        return found

    def state(self, order_id: OrderId) -> OrderState:
        return self.record(order_id).view.state

    def held(self, account: str = MAIN, strategy: str = MOMENTUM, symbol: str = SYMBOL) -> str:
        """Return what is held, in hub units, signed, as text."""
        return format(self.hub.engine.tracker.held((strategy, account, symbol)).normalize(), "f")

    def platform(self, name: str = "paper") -> ScriptedExecutor:
        return self.world.platforms[name]

    @property
    def events(self) -> tuple[Event, ...]:
        return self.world.journal.events

    def alarms(self, kind: str) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Noted) and event.kind == kind]


class HubUnderTest(RunningHub):
    """Starts, crashes and restarts hubs in one world, and sends them messages."""

    async def start(self, *, wait: bool = True) -> None:
        """Start the hub; with `wait` until every account of an enabled platform is reconciled."""
        await self.hub.start()
        if wait:
            accounts = [a.id for a in self.world.registry.accounts.values() if a.platform in self.world.platforms]
            await self.until(lambda: all(map(self.hub.engine.lanes.is_reconciled, accounts)))

    async def stop(self) -> None:
        await self.hub.stop()

    async def crash(self) -> None:
        """End the hub where it stands: what is not durable is lost, nothing is tidied up."""
        self.world.after_a_crash()
        self.hub.control.kill.stop()  # type: ignore[attr-defined]
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def restart(self, *, wait: bool = True) -> None:
        """Crash, and start another hub in the same world."""
        await self.crash()
        await self.start_anew(wait=wait)

    async def start_anew(self, *, wait: bool = True) -> None:
        """Start another hub in the same world."""
        self.hub = Supervisor(self.world.surroundings())
        await self.start(wait=wait)

    async def send(self, action: str = "buy", quantity: str | None = "1", **fields: Any) -> Reply:
        """Send one native message; a field of None is left out."""
        return await self.post(self.message(action, quantity, **fields))

    def message(self, action: str = "buy", quantity: str | None = "1", **fields: Any) -> bytes:
        message = {
            "id": f"m{next(_numbers)}",
            "secret": SECRET,
            "strategy_name": MOMENTUM,
            "symbol": "MES",
            "action": action,
            "quantity": quantity,
            "timestamp": iso(self.world.clock.now()),
            **fields,
        }
        return json.dumps({key: value for key, value in message.items() if value is not None}).encode()

    async def post(self, body: bytes, source: str = "native", **fields: Any) -> Reply:
        clock = self.world.clock
        raw = RawMessage(source=source, body=body, received_at=clock.now(), received_perf=clock.perf(), **fields)
        return read_reply(await self.hub.intake.receive(raw))

    async def until(self, holds: Callable[[], object], seconds: float = 60.0) -> None:
        """Let time pass until something holds; fails if it does not within so many seconds of the test's time."""
        ends = self.world.clock.monotonic() + seconds * NANOS_PER_SECOND
        while not holds():
            assert self.world.clock.monotonic() < ends, f"it did not come about within {seconds} s"
            await self.world.clock.sleep(_TURN_S)

    async def until_state(self, order_id: OrderId, *states: OrderState, seconds: float = 60.0) -> None:
        await self.until(lambda: self.state(order_id) in states, seconds)

    async def settle(self, seconds: float = 0.1) -> None:
        """Let everything happen that is about to."""
        await self.world.clock.sleep(seconds)

    def sent_at(self, seconds_ago: float) -> str:
        """Return an instant before now, as a message writes it."""
        return iso(Nanos(self.world.clock.now() - round(seconds_ago * NANOS_PER_SECOND)))


def read_reply(receipt: Receipt) -> Reply:
    return Reply(status=receipt.http_status, document=json.loads(receipt.body), retry_after_s=receipt.retry_after_s)
