"""The bench's own arithmetic: percentiles over rounds, bounds, and what it calls missed."""

from __future__ import annotations

import pytest

from tests.bench.figures import Figure, Spread, missed, percentile, read_targets, table

BOUNDED_ABOVE = "burst of 200, all on the wire"
BOUNDED_BELOW = "drained throughput, paper"


@pytest.mark.parametrize(("share", "expected"), [(0.5, 51), (0.99, 100), (0.0, 1)])
def test_a_percentile_is_one_of_the_values(share: float, expected: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == expected


def test_one_bad_round_moves_the_tail_and_not_the_middle() -> None:
    spread = Spread.of([[1.0] * 100, [1.0] * 100, [9.0] * 100])
    assert (spread.p50, spread.p99, spread.count) == (1.0, 9.0, 300)


@pytest.mark.parametrize(
    ("name", "value", "is_missed"),
    [
        (BOUNDED_ABOVE, 0.4, False),
        (BOUNDED_ABOVE, 0.41, True),
        (BOUNDED_BELOW, 1600, False),
        (BOUNDED_BELOW, 1599, True),
        ("something without a bound", 1e9, False),
    ],
)
def test_a_figure_beyond_its_bound_is_missed(name: str, value: float, *, is_missed: bool) -> None:
    figure = Figure(name=name, value=value, unit="")
    assert bool(missed([figure])) == is_missed
    assert (" NO" in table([figure])) == is_missed


def test_every_target_has_exactly_one_bound() -> None:
    for target in read_targets().values():
        assert (target.at_most is None) != (target.at_least is None), target.name
