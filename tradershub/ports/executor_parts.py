"""What every executor is built of: the composition root fills it in, each platform takes what it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tradershub.domain.accounts import Account
from tradershub.domain.clock import Nanos
from tradershub.domain.ids import AccountId, OrderId
from tradershub.domain.instruments import Instruments
from tradershub.ports.clock import Clock
from tradershub.ports.executor import Executor
from tradershub.ports.quotes import Quotes
from tradershub.ports.send_marks import SendMarks


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorParts:
    """The surroundings of an executor.

    `config`: the platform's settings as (key, value) texts. `folder`: where it may keep files of its own.
    `day_end`: when the trading day of a symbol ends that an instant belongs to.
    `unsettled`: ids of an account's orders whose fate the hub does not know, for platforms that are asked by id.
    """

    platform: str
    config: tuple[tuple[str, str], ...]
    folder: Path
    clock: Clock
    quotes: Quotes
    instruments: Instruments
    account_of: Callable[[AccountId], Account | None]
    day_end: Callable[[str, Nanos], Nanos]
    unsettled: Callable[[AccountId], tuple[OrderId, ...]]
    marks: SendMarks


ExecutorFactory = Callable[[ExecutorParts], Executor]
"""The `build` function of the module that the registry names for a platform."""
