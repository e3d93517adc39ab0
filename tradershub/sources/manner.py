"""How a dialect writes: its fields, its words and how much it leaves open; and what was left aside in reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tradershub.domain.signals import Action, PositionSide
from tradershub.sources.fields import FieldTable


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWord:
    """What an action word stands for; `side`: the side that a close is limited to."""

    action: Action
    side: PositionSide | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """`zone`: of times that name none, None refuses them. `lenient`: what only informs may be blank, na or unfilled."""

    dialect: str
    table: FieldTable
    actions: Mapping[str, ActionWord]
    zone: str | None = None
    lenient: bool = False


class Aside:
    """Collects what a reading left aside, for the answer to the sender."""

    def __init__(self) -> None:
        self.ignored: list[str] = []
        self.notes: list[str] = []

    def leave(self, key: str, why: str) -> None:
        self.ignored.append(key)
        self.notes.append(f"{key} was left aside: {why}")


EXACT_ACTIONS: Final[Mapping[str, ActionWord]] = {
    "buy": ActionWord(action=Action.BUY),
    "sell": ActionWord(action=Action.SELL),
    **dict.fromkeys(("close", "exit", "flat"), ActionWord(action=Action.CLOSE)),
    **dict.fromkeys(
        ("close_long", "closelong", "exit_long", "exitlong"), ActionWord(action=Action.CLOSE, side=PositionSide.LONG)
    ),
    **dict.fromkeys(
        ("close_short", "closeshort", "exit_short", "exitshort"),
        ActionWord(action=Action.CLOSE, side=PositionSide.SHORT),
    ),
    **{
        action.value: ActionWord(action=action)
        for action in (
            *(Action.REVERSE, Action.TARGET, Action.ADD, Action.CANCEL),
            *(Action.MODIFY, Action.FLATTEN, Action.DISABLE),
        )
    },
}
SIDED_ACTIONS: Final[Mapping[str, ActionWord]] = {
    **EXACT_ACTIONS,
    "long": ActionWord(action=Action.BUY),
    "short": ActionWord(action=Action.SELL),
}
