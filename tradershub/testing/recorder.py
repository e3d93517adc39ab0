"""The receiving end of the JSON socket link as a process that outlives the hub: it notes each line and counts orders.

Run it with `python -m tradershub.testing.recorder --port 0`; it prints the port it listens on. A connection that
sends `{"control":"counts"}` gets one JSON line back; so do `ids`, `arrivals` (nanoseconds of `time.perf_counter_ns`),
`forget` and `stop`.
"""

import argparse
import asyncio
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import BinaryIO, cast

from tradershub.executors.timers import Timers
from tradershub.ports.clock import Clock, SystemClock

_ORDER_ID = re.compile(rb'"order_id"\s*:\s*"([^"\\]+)"')
_MAX_LINE = 1 << 20


@dataclass(slots=True, kw_only=True)
class Answers:
    """How the recorder answers; may be changed while it runs. `ack`: it acknowledges orders at all."""

    ack: bool = False
    delay_seconds: float = 0.0
    reject_rate: float = 0.0
    lookup: bool = True


class Recorder:
    """Listens on loopback. `arrivals`: when each line of each order came, by Clock.perf, one entry a line."""

    def __init__(
        self, *, clock: Clock, answers: Answers | None = None, seed: int = 1, file: Path | None = None
    ) -> None:
        self.answers = answers or Answers()
        self.arrivals: dict[str, list[int]] = {}
        self.unreadable = 0
        self.lines: list[bytes] = []
        self.keeps_lines = False
        self.connections: set[asyncio.Transport] = set()
        self.stopped = asyncio.Event()
        self._clock, self._random, self._timers = clock, Random(seed), Timers(clock)
        self._rejected: set[str] = set()
        self._file: BinaryIO | None = None if file is None else file.open("ab", buffering=0)
        self._server: asyncio.Server | None = None

    async def listen(self, port: int = 0) -> int:
        """Begin to listen; return the port."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Line(self), "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def go_away(self) -> None:
        """Stop listening and reset every connection; `listen` comes back with everything it knew."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.reset_connections()
        await self._clock.sleep(0)

    def reset_connections(self) -> None:
        for transport in tuple(self.connections):
            transport.abort()

    async def close(self) -> None:
        await self.go_away()
        await self._timers.close()
        if self._file is not None:
            self._file.close()

    def count(self, order_id: str) -> int:
        return len(self.arrivals.get(order_id, ()))

    def take(self, lines: list[bytes], transport: asyncio.Transport) -> None:
        """Note the complete lines of one read; what they are is looked at only as far as counting needs."""
        at, arrivals = self._clock.perf(), self.arrivals
        if self._file is not None:
            self._file.write(b"".join(b"%d %s\n" % (at, line) for line in lines))
        for line in lines:
            match = _ORDER_ID.search(line)
            if match is None:
                self._answer(line, transport)
                continue
            order_id = match[1].decode()
            arrivals.setdefault(order_id, []).append(at)
            if self.keeps_lines:
                self.lines.append(line)
            if self.answers.ack:
                self._acknowledge(order_id, transport)

    def _acknowledge(self, order_id: str, transport: asyncio.Transport) -> None:
        if self.answers.reject_rate and self._random.random() < self.answers.reject_rate:
            self._rejected.add(order_id)
        line = self._status(order_id)
        if self.answers.delay_seconds:
            self._timers.after(self.answers.delay_seconds, lambda: _write(transport, line))
        else:
            _write(transport, line)

    def _status(self, order_id: str) -> bytes:
        if order_id in self._rejected:
            return b'{"order_id":"%s","status":"rejected","reason":"refused by the recorder"}\n' % order_id.encode()
        status = b"accepted" if order_id in self.arrivals else b"unknown"
        return b'{"order_id":"%s","status":"%s"}\n' % (order_id.encode(), status)

    def _answer(self, line: bytes, transport: asyncio.Transport) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            self.unreadable += 1
        elif message.get("query") == "orders" and isinstance(message.get("order_ids"), list):
            if self.answers.lookup:
                _write(transport, b"".join(self._status(str(order_id)) for order_id in message["order_ids"]))
        elif "control" in message:
            _write(transport, json.dumps(self._control(message["control"])).encode() + b"\n")
        else:
            self.unreadable += 1

    def _control(self, command: object) -> dict[str, object]:
        match command:
            case "counts":
                repeated = {order_id: len(times) for order_id, times in self.arrivals.items() if len(times) > 1}
                lines = sum(len(times) for times in self.arrivals.values())
                return {
                    "lines": lines,
                    "orders": len(self.arrivals),
                    "repeated": repeated,
                    "unreadable": self.unreadable,
                }
            case "ids":
                return {"ids": list(self.arrivals)}
            case "arrivals":
                return {"arrivals": self.arrivals}
            case "forget":
                forgotten = len(self.arrivals)
                self.arrivals = {}
                return {"forgotten": forgotten}
            case "stop":
                self.stopped.set()
                return {"stopping": True}
            case _:
                return {"error": "expected counts, ids, arrivals, forget or stop"}


class _Line(asyncio.Protocol):
    """One connection: cuts what it reads into lines."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: a transport of another event loop need not inherit asyncio's class.
        self._transport = cast("asyncio.Transport", transport)
        self._recorder.connections.add(self._transport)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        *lines, self._rest = (self._rest + data).split(b"\n")
        if lines:
            self._recorder.take(lines, self._transport)
        if len(self._rest) > _MAX_LINE:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._recorder.connections.discard(self._transport)


def _write(transport: asyncio.Transport, line: bytes) -> None:
    if not transport.is_closing():
        transport.write(line)


async def _serve(arguments: argparse.Namespace) -> None:
    answers = Answers(
        ack=arguments.ack == "accepted",
        delay_seconds=arguments.delay_ms / 1000,
        reject_rate=arguments.reject_rate,
    )
    recorder = Recorder(clock=SystemClock(), answers=answers, seed=arguments.seed, file=arguments.file)
    port = await recorder.listen(arguments.port)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        await recorder.stopped.wait()
    finally:
        await recorder.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tradershub.testing.recorder", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and prints it")
    parser.add_argument("--ack", choices=("none", "accepted"), default="none")
    parser.add_argument("--delay-ms", type=float, default=0.0, help="how late acknowledgements come")
    parser.add_argument("--reject-rate", type=float, default=0.0, help="share of orders acknowledged as rejected")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", type=Path, default=None, help="also write each line here, after its arrival time")
    try:
        asyncio.run(_serve(parser.parse_args()))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
