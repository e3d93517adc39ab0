"""Gates, and the verdict that a check gives with the rule and the numbers that decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import KillId
from tradershub.domain.orders import Reason

MAX_ORDER_QUANTITY = Decimal(100)
"""The built-in cap on one order, in hub units, where no limit is set."""


class Gate(StrEnum):
    """What may leave; ordered from open to shut."""

    ACTIVE = "active"
    REDUCE_ONLY = "reduce_only"
    HALTED = "halted"


class KillLevel(StrEnum):
    STOP = "stop"
    CANCEL = "cancel"
    FLATTEN = "flatten"


_LEVELS = tuple(KillLevel)


def includes(standing: KillLevel, asked: KillLevel) -> bool:
    """Say whether a level that stands already does what is asked for."""
    return _LEVELS.index(standing) >= _LEVELS.index(asked)


_TIGHTNESS = {Gate.ACTIVE: 0, Gate.REDUCE_ONLY: 1, Gate.HALTED: 2}


def tightest(gates: Iterable[Gate]) -> Gate:
    """Return the tightest gate on a path; active where there is none."""
    return max(gates, key=_TIGHTNESS.__getitem__, default=Gate.ACTIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """A gate that is not active: scope `global`, `platform:nt8`, `account:nt8:Sim101` or `strategy:momentum`."""

    scope: str
    gate: Gate
    level: KillLevel
    kill_id: KillId
    set_by: str
    reason: str
    at: Nanos


def scopes_of(*, account: str, platform: str, strategy: str | None) -> tuple[str, ...]:
    """Return the scopes whose gates stand in the way of an order, the widest first."""
    path = ("global", f"platform:{platform}", f"account:{account}")
    return path if strategy is None else (*path, f"strategy:{strategy}")


def blocked(code: str, message: str, *, rule: str | None = None, **numbers: object) -> Reason:
    """Return the reason of a refusal, with its numbers as text."""
    return Reason(code=code, message=message, rule=rule, numbers=tuple((k, str(v)) for k, v in numbers.items()))
