"""Figures with their bounds: percentiles, the table that is printed, and the comparison with targets.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

TARGETS = Path(__file__).parent / "targets.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value. `name` is what targets.toml calls it; `note` says how it came about."""

    name: str
    value: float
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The bound of a figure: a value at most, or at least, this."""

    name: str
    at_most: float | None = None
    at_least: float | None = None

    def is_met(self, value: float) -> bool:
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)

    def __str__(self) -> str:
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"


def read_targets() -> dict[str, Target]:
    tables = tomllib.loads(TARGETS.read_text(encoding="utf-8"))
    return {name: Target(name=name, **bounds) for name, bounds in tables.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(frozen=True, slots=True)
class Spread:
    """How times in milliseconds are spread: the median of the rounds' medians, the tails over all rounds."""

    p50: float
    p99: float
    p999: float
    count: int

    @classmethod
    def of(cls, rounds: Iterable[Sequence[float]]) -> Spread:
        kept = [values for values in rounds if values]
        everything = [value for values in kept for value in values]
        return cls(
            median(percentile(values, 0.5) for values in kept),
            percentile(everything, 0.99),
            percentile(everything, 0.999),
            len(everything),
        )

    def figures(self, name: str, *, note: str = "") -> tuple[Figure, ...]:
        values = (("p50", self.p50), ("p99", self.p99), ("p99.9", self.p999))
        about = f"{note}; " if note else ""
        return tuple(
            Figure(name=f"{name} {which}", value=value, unit="ms", note=f"{about}n={self.count}")
            for which, value in values
        )


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as lines, each with its bound and whether it is kept."""
    targets = read_targets()
    width = max((len(figure.name) for figure in figures), default=0)
    lines = [f"{'figure':<{width}}  {'value':>12} {'unit':<8} {'bound':<10} kept  note", "-" * (width + 60)]
    for figure in figures:
        target = targets.get(figure.name)
        bound = str(target) if target else ""
        kept = "" if target is None else "yes" if target.is_met(figure.value) else "NO"
        value = f"{figure.value:,.3f}".rstrip("0").rstrip(".")
        lines.append(
            f"{figure.name:<{width}}  {value:>12} {figure.unit:<8} {bound:<10} {kept:<5} {figure.note}".rstrip()
        )
    return "\n".join(lines)


def missed(figures: Sequence[Figure]) -> tuple[str, ...]:
    """Return a line for each measured figure that breaks its bound."""
    targets = read_targets()
    return tuple(
        f"{figure.name} is {figure.value:,.3f} {figure.unit}, expected {targets[figure.name]}"
        for figure in figures
        if figure.name in targets and not targets[figure.name].is_met(figure.value)
    )
