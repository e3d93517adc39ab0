"""The way of a report from the paper broker to the hub, on which it can be repeated or overtaken."""

from collections.abc import Iterable

from tradershub.domain.orders import FactKind
from tradershub.executors.event_stream import EventStream
from tradershub.executors.paper_faults import PaperFaults
from tradershub.executors.timers import Timers
from tradershub.ports.executor import OrderReport

_OVERTAKEN_FOR_SECONDS = 0.05


class PaperReports:
    def __init__(self, *, stream: EventStream, faults: PaperFaults, timers: Timers) -> None:
        self._stream, self._faults, self._timers = stream, faults, timers
        self._held: list[OrderReport] = []

    def send(self, reports: Iterable[OrderReport]) -> None:
        for told in reports:
            if not self._held and self._faults.overtakes():
                # The next report overtakes this one; if none comes, it is merely late.
                self._held.append(told)
                self._timers.after(_OVERTAKEN_FOR_SECONDS, self.release)
                continue
            self._put(told)
            self.release()

    def release(self) -> None:
        """Let go of a report that was held back."""
        while self._held:
            self._put(self._held.pop())

    def _put(self, told: OrderReport) -> None:
        self._stream.put(told)
        if told.kind is FactKind.FILL and self._faults.repeats_fill():
            self._stream.put(told)
