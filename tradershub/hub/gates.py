"""The gates that stand now, read before every order."""

from collections.abc import Iterable

from tradershub.domain.orders import Intent
from tradershub.domain.risk import Gate, GateRow, scopes_of, tightest


class Gates:
    """Rows by scope; a scope without a row is active. Set from any thread: a dictionary write is atomic."""

    def __init__(self, rows: Iterable[GateRow] = ()) -> None:
        self._rows: dict[str, GateRow] = {row.scope: row for row in rows}

    def rows(self) -> tuple[GateRow, ...]:
        return tuple(self._rows.values())

    def row(self, scope: str) -> GateRow | None:
        return self._rows.get(scope)

    def overall(self) -> Gate:
        """Return the gate of the whole hub."""
        row = self._rows.get("global")
        return Gate.ACTIVE if row is None else row.gate

    def put(self, row: GateRow) -> None:
        self._rows[row.scope] = row

    def drop(self, scope: str) -> None:
        self._rows.pop(scope, None)

    def shut_for(self, intent: Intent, *, account: str, platform: str, strategy: str | None) -> GateRow | None:
        """Return the row that keeps such an order from leaving, None if it may."""
        if not self._rows:
            return None
        scopes = scopes_of(account=account, platform=platform, strategy=strategy)
        rows = [row for row in map(self._rows.get, scopes) if row is not None]
        gate = tightest(row.gate for row in rows)
        if gate is Gate.ACTIVE or (gate is Gate.REDUCE_ONLY and intent is not Intent.ENTRY):
            return None
        return next(row for row in rows if row.gate is gate)
