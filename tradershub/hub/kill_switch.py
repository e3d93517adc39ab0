"""Closes gates at once and for good: in memory, in the latch file, then in the journal; only a person opens them."""

import asyncio
import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tradershub.domain.accounts import AccountMode
from tradershub.domain.clock import Nanos, iso
from tradershub.domain.errors import RequestRefused, StoreError
from tradershub.domain.events import GateReset, GateSet
from tradershub.domain.orders import OrderState
from tradershub.domain.risk import Gate, GateRow, KillLevel, includes
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.hub.engine import Engine
from tradershub.hub.latch_file import (
    GATE_OF,
    SCOPE,
    kill_id,
    read_latch,
    remove_latch,
    stop_all,
    write_answer,
    write_latch,
)
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.control import Created
from tradershub.ports.views import Row

logger = logging.getLogger(__name__)

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
        self._file = threading.Lock()
        """Held while the latch file and the gates are made to agree."""
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
        if known is not None and includes(known.level, level):
            # Whoever asked first may still wait for what was on its way: this answer promises as much.
            await self._latched_and_drained()
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
        await self._latched_and_drained()
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
        await asyncio.to_thread(self._open, scope)
        return self.row()

    async def _latched_and_drained(self) -> None:
        await asyncio.to_thread(self._latch)
        await self._router.drained()

    def _in_doubt(self, platform: str, state: OrderState) -> bool:
        executor = self._router.executor(platform)
        can_be_asked = executor is None or executor.capabilities.lookup_by_our_id
        return state is OrderState.IN_DOUBT and can_be_asked

    def _check_scope(self, scope: str) -> None:
        if not SCOPE.fullmatch(scope):
            raise refused("scope", scope, "expected global, platform:NAME, account:PLATFORM:NAME or strategy:NAME")
        kind = scope.partition(":")[0]
        if not self._is_known(scope):
            raise RequestRefused(404, "not_found", f"there is no {kind} of this name", field="scope", got=scope)

    def _is_known(self, scope: str) -> bool:
        kind, _, name = scope.partition(":")
        names: Mapping[str, Collection[str]] = {
            "platform": self._registry.platforms,
            "account": self._registry.accounts,
            "strategy": self._registry.strategies,
        }
        return kind not in names or name in names[kind]

    def _latch(self) -> None:
        """Put the gate that covers most on disk: a narrower one must not take its place."""
        with self._file:
            rows = self._gates.rows()
            try:
                if rows:
                    write_latch(self._folder, _widest(rows))
            except OSError:
                logger.exception("the latch file cannot be written; the gate is closed in memory")

    def _open(self, scope: str) -> None:
        with self._file:
            # The file goes first: while it is there, the watcher would close the gate again.
            remove_latch(self._folder)
            self._gates.drop(scope)
            rows = self._gates.rows()
            if rows:
                write_latch(self._folder, _widest(rows))

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._ended.wait(_POLL_S):
            self._look(loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._file:
            row = read_latch(self._folder, now=self._clock.now())
            if row is not None and not self._is_known(row.scope):
                row = stop_all(f"the latch file names {row.scope[:80]}, which is not there", row.at)
            known = None if row is None else self._gates.row(row.scope)
            if row is None or (known is not None and includes(known.level, row.level)):
                return
            self._gates.put(row)
        logger.warning("latched by file: %s %s: %s", row.level, row.scope, row.reason)
        try:
            write_answer(self._folder, row)
        except OSError:
            logger.exception("the answer to the latch file cannot be written; the gate is closed")
        loop.call_soon_threadsafe(self._journal_quietly, GateSet(at=Nanos(self._clock.now()), row=row))

    def _journal_quietly(self, event: GateSet) -> None:
        """The gate is closed already: a store that cannot write it does not undo that."""
        stored = self._journal.append(event)
        stored.add_done_callback(_report)


def _report(stored: "asyncio.Future[Any]") -> None:
    error = None if stored.cancelled() else stored.exception()
    if isinstance(error, StoreError):
        logger.error("the kill is in force, but could not be journaled: %s", error)


def _widest(rows: Sequence[GateRow]) -> GateRow:
    """Return the gate that covers most: a global one before all others, then the tightest, then the newest."""
    return max(rows, key=lambda row: (row.scope == "global", row.gate is Gate.HALTED, row.at))


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
