"""Turns the stages of a trace into bars, so that a template can draw them without arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH = 1000
"""Bars are measured in thousandths of the drawing's width."""
SMALLEST = 4
HUB_STAGES = (
    ("parsed", "Read and understood"),
    ("planned", "Planned and checked"),
    ("stored", "Written to disk"),
    ("answered", "Sender answered"),
)
ACCOUNT_STAGES = (("sent", "Sent"), ("acknowledged", "Acknowledged"), ("filled", "Filled"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    name: str
    label: str
    start_us: int | None
    end_us: int | None
    x: int
    width: int

    @property
    def took_us(self) -> int | None:
        if self.start_us is None or self.end_us is None:
            return None
        return self.end_us - self.start_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    account: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    hub: tuple[Bar, ...]
    hub_ticks: tuple[int, ...]
    """Where the scale is labelled, in microseconds, from 0 to its end."""
    accounts: tuple[Lane, ...]
    account_ticks: tuple[int, ...]


def waterfall(trace: Mapping[str, object]) -> Waterfall:
    """Draw the hub's stages and each account's on a scale of their own: a fill may take a thousand times longer."""
    hub_stages = _stages(trace["stages_us"])
    accounts = [(str(_key(row, "account")), _stages(_key(row, "stages_us"))) for row in _rows(trace["accounts"])]
    hub_ticks = scale(hub_stages.values())
    account_ticks = scale([end for _, stages in accounts for end in stages.values()])
    stored = hub_stages.get("stored")
    return Waterfall(
        hub=bars(HUB_STAGES, hub_stages, start=0, full=hub_ticks[-1]),
        hub_ticks=hub_ticks,
        accounts=tuple(
            Lane(account=account, bars=bars(ACCOUNT_STAGES, stages, start=stored or 0, full=account_ticks[-1]))
            for account, stages in accounts
        ),
        account_ticks=account_ticks,
    )


def bars(
    names: Sequence[tuple[str, str]], stages: Mapping[str, int | None], *, start: int | None, full: int
) -> tuple[Bar, ...]:
    """Lay the stages end to end; one that hasn't happened has no length."""
    drawn = []
    for name, label in names:
        end = stages.get(name)
        # A fill may be told before the acknowledgement: then its bar starts where it ends.
        begin = end if end is not None and start is not None and start > end else start
        drawn.append(_bar(name, label, begin, end, full))
        start = end if end is not None else start
    return tuple(drawn)


def scale(ends_us: object) -> tuple[int, ...]:
    """Return four to six round marks from 0 to at least the longest stage."""
    longest = max((end for end in _integers(ends_us)), default=0)
    unit = 1
    while True:
        for step in (unit, 2 * unit, 5 * unit):
            if step * 5 >= longest:
                count = max(4, -(-longest // step))
                return tuple(step * mark for mark in range(count + 1))
        unit *= 10


def _bar(name: str, label: str, start: int | None, end: int | None, full: int) -> Bar:
    if start is None or end is None:
        return Bar(name=name, label=label, start_us=start, end_us=end, x=0, width=0)
    width = max(SMALLEST, (end - start) * WIDTH // full)
    x = min(start * WIDTH // full, WIDTH - width)
    return Bar(name=name, label=label, start_us=start, end_us=end, x=x, width=width)


def _integers(values: object) -> list[int]:
    return [value for value in values if isinstance(value, int)] if hasattr(values, "__iter__") else []


def _rows(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) else ()


def _key(row: object, name: str) -> object:
    return row[name] if isinstance(row, Mapping) else getattr(row, name)


def _stages(value: object) -> dict[str, int | None]:
    names = [name for name, _ in HUB_STAGES + ACCOUNT_STAGES]
    if isinstance(value, Mapping):
        return {name: value[name] for name in names if name in value}
    return {name: getattr(value, name) for name in names if hasattr(value, name)}
