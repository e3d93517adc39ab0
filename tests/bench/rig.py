"""What the bench measures on: a hub and a recorder in processes of their own, and one page left open."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import tempfile
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.furnishing import link_recorder, put_quote, record_strategy
from tests.support.hub_process import TOKEN, HubProcess
from tests.support.load import Load, Sent
from tests.support.messages import numbered
from tests.support.raw_http import request_bytes
from tests.support.recorder_process import RecorderProcess

TOPICS = "signals,orders,positions,platforms,gate,status"


@dataclass
class Tally:
    """What must be none, over everything that was measured."""

    lost: int = 0
    doubled: int = 0
    refused: int = 0
    orders: int = 0


@dataclass
class Rig:
    hub: HubProcess
    recorder: RecorderProcess
    tally: Tally
    accounts: tuple[str, ...] = ()
    strategies: Sequence[str] = ()
    bodies: Iterator[bytes] = field(default_factory=lambda: numbered(uuid.uuid4().hex[:8]))

    def send(self, count: int, *, senders: int = 1, bodies: Iterator[bytes] | None = None) -> list[Sent]:
        """Send so many messages and return them with their answers; every one must have been taken."""
        chosen = itertools.islice(bodies or self.bodies, count)
        sent = asyncio.run(Load(self.hub.port, chosen, senders=senders).run())
        refused = [one for one in sent if one.status != 202]
        self.tally.refused += len(refused)
        if refused:
            raise AssertionError(f"{len(refused)} of {len(sent)} messages were not taken: {refused[0]}")
        return sent


@contextlib.contextmanager
def wire_rig(tally: Tally, *, accounts: int = 1) -> Iterator[Rig]:
    """Run a hub whose strategy sends to accounts behind the recorder."""
    with own_folder() as folder, HubProcess(folder / "home") as hub, RecorderProcess() as recorder:
        names = link_recorder(hub.api, recorder.port, accounts=accounts)
        put_quote(hub.api)
        record_strategy(hub.api, names)
        with open_page(hub):
            rig = Rig(hub, recorder, tally, names)
            rig.send(20)
            yield rig


@contextlib.contextmanager
def paper_rig(tally: Tally, *, strategies: int = 0) -> Iterator[Rig]:
    """Run a hub whose strategies send to one paper account: `momentum`, and so many others."""
    with own_folder() as folder, HubProcess(folder / "home") as hub, RecorderProcess() as recorder:
        put_quote(hub.api)
        names = [f"strategy {number}" for number in range(strategies)]
        for name in ("momentum", *names):
            record_strategy(hub.api, ("paper:main",), name=name)
        with open_page(hub):
            rig = Rig(hub, recorder, tally, ("paper:main",), names)
            rig.send(20)
            yield rig


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    # On Windows a file may stay open for a moment after its process has ended.
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.contextmanager
def open_page(hub: HubProcess) -> Iterator[None]:
    """Keep one live page open, and read what it is sent, as a browser would."""
    headers = (("Authorization", f"Bearer {TOKEN}"), ("Accept", "text/event-stream"))
    stream = socket.create_connection(("127.0.0.1", hub.port))
    stream.sendall(request_bytes("GET", f"/api/events?topics={TOPICS}", headers=headers))
    first = stream.recv(65536)
    if b" 200 " not in first.split(b"\r\n", 1)[0]:
        raise AssertionError(f"the live page was answered {first[:200]!r}")
    reader = threading.Thread(target=_read_all, args=(stream,), daemon=True)
    reader.start()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            stream.shutdown(socket.SHUT_RDWR)
        reader.join()
        stream.close()


def _read_all(stream: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while stream.recv(262_144):
            pass


def order_ids(sent: Sent, decode: Any) -> list[str]:
    """Return the orders that the answer to a message names."""
    return [order["order_id"] for order in decode(sent.answer)["orders"]]
