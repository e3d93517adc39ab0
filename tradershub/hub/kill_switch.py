"""Closes gates at once and for good: in memory, in the latch file, then in the journal; only a person opens them."""

import asyncio
import logging
import re
import threading
from collections.abc import Collection, Mapping
from typing import Any

from tradershub.domain.accounts import AccountMode
from tradershub.domain.clock import Nanos, iso
from tradershub.domain.errors import RequestRefused, StoreError
from tradershub.domain.events import GateReset, GateSet
from tradershub.domain.orders import OrderState
from tradershub.domain.risk import GateRow, KillLevel
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.hub.engine import Engine
from tradershub.hub.latch_file import GATE_OF, kill_id, read_latch, remove_latch, write_answer, write_latch
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.control import Created
from tradershub.ports.views import Row

logger = logging.getLogger(__name__)

_SCOPE = re.compile(r"global|platform:[a-z0-9]{1,16}|account:[a-z0-9]{1,16}:[A-Za-z0-9_.-]{1,48}|strategy:.{1,64}")
_POLL_S = 0.1
_OFFERED = (KillLevel.STOP,)
"""Levels that this version can carry out; the others come with the sweep."""


class KillSwitch:
    """Implements ports.control.KillDesk. The gate closes before anything that could fail is tried."""

    def __init__(self, given: Surroundings, engine: Engine) -> None:
        self._folder = given.folder
        self._registry = given.registry
        self._journal = given.journal
        self._clock = given.clock
        self._gates = engine.gates
        self._router = engine.router
        self._book = engine.book
        self._ended = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """Watch the latch file from a thread of its own: a hung event loop does not keep the gate open."""
        loop = asyncio.get_running_loop()
        self._look(loop)
        self._watcher = threading.Thread(target=self._watch, args=(loop,), name="latch", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        self._ended.set()
        if self._watcher is not None:
            self._watcher.join(timeout=1.0)

    def row(self) -> Row:
        return {"gates": [_gate_row(row) for row in self._gates.rows()], "sweep": None}

    async def kill(self, document: Mapping[str, object], *, who: str) -> Created:
        reader = DocumentReader(document)
        level = reader.choice("level", KillLevel, KillLevel.STOP)
        scope = reader.text("scope", "global")
        reason = reader.text("reason", "")
        reader.finish()
        if level not in _OFFERED:
            raise refused("level", level.value, "this version stops; cancelling and flattening are not offered yet")
        self._check_scope(scope)
        known = self._gates.row(scope)
        if known is not None and known.level is level:
            return Created(row=_kill_row(known), is_new=False)
        now = self._clock.now()
        row = GateRow(
            scope=scope,
            gate=GATE_OF[level],
            level=level,
            kill_id=kill_id(scope, level, now),
            set_by=who,
            reason=reason or "no reason given",
            at=now,
        )
        self._gates.put(row)
        await asyncio.to_thread(self._latch, row)
        await self._router.drained()
        self._journal_quietly(GateSet(at=now, row=row))
        return Created(row=_kill_row(row), is_new=True)

    async def reset(self, document: Mapping[str, object], *, who: str, second_factor: bool) -> Row:
        reader = DocumentReader(document)
        scope = reader.text("scope", "global")
        reason = reader.text("reason", "")
        reader.raw("totp")
        reader.finish()
        if not reason.strip():
            raise refused("reason", None, "say why trading may go on", code="missing")
        if self._gates.row(scope) is None:
            raise RequestRefused(404, "not_found", "there is no closed gate of this scope", field="scope", got=scope)
        accounts = [a for a in self._registry.accounts.values() if _covers(scope, a.id)]
        if any(a.mode is AccountMode.LIVE and a.enabled for a in accounts) and not second_factor:
            raise RequestRefused(403, "second_factor_required", "a live account is in scope: give your one-time code")
        doubtful = [
            r.order.account for r in self._book.open_records() if self._in_doubt(r.order.platform, r.view.state)
        ]
        if any(_covers(scope, account) for account in doubtful):
            advice = "an order is in doubt: wait until it is settled"
            raise RequestRefused(409, "not_reconciled", advice, field="scope", got=scope)
        await self._journal.append(GateReset(at=self._clock.now(), scope=scope, who=who, reason=reason))
        self._gates.drop(scope)
        await asyncio.to_thread(self._unlatch)
        return self.row()

    def _in_doubt(self, platform: str, state: OrderState) -> bool:
        executor = self._router.executor(platform)
        can_be_asked = executor is None or executor.capabilities.lookup_by_our_id
        return state is OrderState.IN_DOUBT and can_be_asked

    def _check_scope(self, scope: str) -> None:
        if not _SCOPE.fullmatch(scope):
            raise refused("scope", scope, "expected global, platform:NAME, account:PLATFORM:NAME or strategy:NAME")
        kind, _, name = scope.partition(":")
        known: Mapping[str, Collection[str]] = {
            "platform": self._registry.platforms,
            "account": self._registry.accounts,
            "strategy": self._registry.strategies,
        }
        if kind in known and name not in known[kind]:
            raise RequestRefused(404, "not_found", f"there is no {kind} of this name", field="scope", got=scope)

    def _latch(self, row: GateRow) -> None:
        try:
            write_latch(self._folder, row)
        except OSError:
            logger.exception("the latch file cannot be written; the gate is closed in memory")

    def _unlatch(self) -> None:
        rows = self._gates.rows()
        remove_latch(self._folder)
        if rows:
            write_latch(self._folder, rows[-1])

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._ended.wait(_POLL_S):
            self._look(loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        row = read_latch(self._folder, now=self._clock.now())
        if row is None:
            return
        known = self._gates.row(row.scope)
        if known is not None and known.level is row.level:
            return
        self._gates.put(row)
        logger.warning("latched by file: %s %s: %s", row.level, row.scope, row.reason)
        write_answer(self._folder, row)
        loop.call_soon_threadsafe(self._journal_quietly, GateSet(at=Nanos(self._clock.now()), row=row))

    def _journal_quietly(self, event: GateSet) -> None:
        """The gate is closed already: a store that cannot write it does not undo that."""
        stored = self._journal.append(event)
        stored.add_done_callback(_report)


def _report(stored: "asyncio.Future[Any]") -> None:
    error = None if stored.cancelled() else stored.exception()
    if isinstance(error, StoreError):
        logger.error("the kill is in force, but could not be journaled: %s", error)


def _covers(scope: str, account: str) -> bool:
    platform = account.partition(":")[0]
    return scope in ("global", f"platform:{platform}", f"account:{account}") or scope.startswith("strategy:")


def _gate_row(row: GateRow) -> Row:
    return {
        "scope": row.scope,
        "gate": row.gate.value,
        "level": row.level.value,
        "set_by": row.set_by,
        "reason": row.reason,
        "at": iso(row.at),
    }


def _kill_row(row: GateRow) -> Row:
    return {
        "kill_id": row.kill_id,
        "gate": row.gate.value,
        "level": row.level.value,
        "scope": row.scope,
        "at": iso(row.at),
        "sweep": {"state": "confirmed", "accounts": []},
    }
