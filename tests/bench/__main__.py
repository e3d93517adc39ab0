"""Measures the whole hub on this machine: `python3 hub.py bench [--quick | --long] [--only NAME] [--check]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator

from tests.bench import history, latency, machine, throughput
from tests.bench.figures import Figure, missed, table
from tests.bench.plan import FULL, LONG, QUICK, Plan
from tests.bench.rig import Tally

Measure = Callable[[Plan, Tally], Iterator[Figure]]


def measures(plan: Plan) -> dict[str, Measure]:
    """Return what there is to measure, by the name that --only takes."""
    found: dict[str, Measure] = {
        "latency": latency.measure,
        "throughput": throughput.measure,
        "start": lambda chosen, _: machine.start_up(chosen),
        "pages": lambda chosen, _: machine.pages(chosen),
        "memory": lambda chosen, _: machine.memory(chosen),
        "history": history.measure,
    }
    return found if plan.is_long else {name: found[name] for name in (*found,) if name != "history"}


def main() -> int:
    options = _options()
    plan = QUICK if options.quick else LONG if options.long else FULL
    known = measures(LONG)
    chosen = {name: known[name] for name in options.only} if options.only else measures(plan)
    tally = Tally()
    figures: list[Figure] = []
    for name, measure in chosen.items():
        began = time.perf_counter()
        figures.extend(measure(plan, tally))
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    if tally.orders:
        figures += [
            Figure(name="orders lost", value=tally.lost, unit="", note=f"of {tally.orders:,}"),
            Figure(name="orders doubled", value=tally.doubled, unit="", note=f"of {tally.orders:,}"),
        ]
    print(table(figures))
    broken = missed(figures) if options.check else ()
    for line in broken:
        print(f"missed: {line}", file=sys.stderr)
    return 1 if broken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hub.py bench", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with targets.toml; a missed bound ends in 1")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="a look in a minute or two: fewer and shorter rounds")
    size.add_argument(
        "--long", action="store_true", help="with 1,000 accounts, a million trades and a journal of 3 million events"
    )
    parser.add_argument("--only", action="append", choices=measures(LONG), help="measure this alone; may be repeated")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
