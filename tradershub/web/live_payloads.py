"""What the stream tells pages: the feed's events, completed to what their scripts read."""

from collections.abc import Mapping

from tradershub.domain.clock import iso
from tradershub.ports.clock import Clock
from tradershub.ports.control import Control, LiveEvent
from tradershub.ports.views import Row
from tradershub.web.day_figures import DayFigures
from tradershub.web.status_bar import STATUS_KEYS, gates_in, status_of


class LivePayloads:
    """Completes events so that an open page shows the same as one that was just loaded."""

    def __init__(self, *, control: Control, clock: Clock, day: DayFigures) -> None:
        self._control = control
        self._clock = clock
        self._day = day

    def of(self, event: LiveEvent) -> Row:
        payload = event.payload
        match event.name:
            case "status":
                return self.status(payload)
            case "snapshot":
                return self._snapshot(payload)
            case "gate" if "gates" in payload:
                return {**gates_in(payload)[0], **payload}
            case "signal":
                return {"received_at": payload.get("at"), **payload}
            case "order":
                return {"reason": None, **payload}
            case _:
                return payload

    def status(self, told: Row) -> Row:
        if told.keys() >= STATUS_KEYS:
            return told
        return {**status_of(self._control, iso(self._clock.now()), self._day.net()), **told}

    def _snapshot(self, payload: Row) -> Row:
        added: dict[str, object] = {}
        status, gate = payload.get("status"), payload.get("gate")
        if isinstance(status, Mapping):
            added["status"] = self.status(status)
        if isinstance(gate, Mapping) and "gates" not in payload:
            added["gates"] = gates_in(gate)
        return {**payload, **added}
