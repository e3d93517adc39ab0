"""The status bar's figures: the same on a page, in the stream's `status` event and in its snapshot."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from tradershub.ports.control import Control
from tradershub.ports.views import Row

_MODES: Final = ("paper", "demo", "live")
_TOLD: Final = ("gate", "day_pnl", "currency", "day_pnl_partial", "in_doubt", "last_signal_at")
STATUS_KEYS: Final = frozenset(
    (
        *_TOLD,
        *("mode", "scoped_gates", "platforms_up", "platforms_enabled", "open_positions", "at"),
    )
)


def status_of(control: Control, at: str, net: Mapping[str, object] | None) -> Row:
    """Return the status bar. `net`: what trades brought today by currency; without it the day is partial."""
    told = control.status()
    platforms = [row for row in control.platforms.rows() if row["enabled"]]
    enabled = {row["name"] for row in platforms}
    accounts = [row for row in control.accounts.rows() if row["enabled"] and row["platform"] in enabled]
    positions = control.positions.rows()
    currency, day_pnl, is_partial = day_profit(accounts, positions, net)
    status: dict[str, object] = {
        "mode": _most_real(accounts),
        "gate": "active",
        "scoped_gates": sum(row["scope"] != "global" and row["gate"] != "active" for row in gates_of(control)),
        "platforms_up": sum(row["state"] == "up" for row in platforms),
        "platforms_enabled": len(platforms),
        "day_pnl": day_pnl,
        "currency": currency,
        "day_pnl_partial": is_partial,
        "open_positions": len(positions),
        "in_doubt": 0,
        "last_signal_at": None,
        "at": at,
    }
    return status | {key: told[key] for key in _TOLD if key in told}


def gates_of(control: Control) -> tuple[Row, ...]:
    """Return the gate rows with the global one first, which is always there."""
    return gates_in(control.kill.row())


def gates_in(kill: Row) -> tuple[Row, ...]:
    rows = kill["gates"]
    gates: tuple[Row, ...] = tuple(rows) if isinstance(rows, list | tuple) else ()
    whole = [row for row in gates if row["scope"] == "global"]
    if not whole:
        whole = [{"scope": "global", "gate": "active", "level": None, "set_by": None, "reason": None, "at": None}]
    return (*whole, *(row for row in gates if row["scope"] != "global"))


def day_profit(
    accounts: Iterable[Row], positions: Iterable[Row], net: Mapping[str, object] | None
) -> tuple[str | None, str | None, bool]:
    """Return currency, profit of the day in it, and whether something is left out of that.

    One currency only: that of the most accounts.
    """
    most = Counter(str(row["currency"]) for row in accounts).most_common(1)
    if not most:
        return None, None, False
    currency = most[0][0]
    same = [row for row in positions if row["currency"] == currency]
    known = [Decimal(str(row["unrealised"])) for row in same if row["unrealised"] is not None]
    total = sum(known, Decimal(str((net or {}).get(currency, 0))))
    others = any(name != currency for name in (*(net or {}), *(row["currency"] for row in positions)))
    return currency, f"{total:f}", net is None or others or len(known) < len(same)


def open_profit(positions: Iterable[Row]) -> tuple[str | None, str | None, bool]:
    """Return currency, sum of open profit in it, and whether anything is left out of the sum."""
    rows = list(positions)
    if not rows:
        return None, None, False
    currency = Counter(str(row["currency"]) for row in rows).most_common(1)[0][0]
    known = [row["unrealised"] for row in rows if row["unrealised"] is not None and row["currency"] == currency]
    total = sum((Decimal(str(value)) for value in known), Decimal(0))
    return currency, f"{total:f}" if known else None, len(known) < len(rows)


def _most_real(accounts: Iterable[Mapping[str, object]]) -> str:
    modes = {str(row["mode"]) for row in accounts}
    return max((mode for mode in _MODES if mode in modes), key=_MODES.index, default="paper")
