"""Marks order after order, and says so after each mark, until it is killed."""

import itertools
import os
import sys
from pathlib import Path

from tradershub.domain.ids import order_id
from tradershub.ports.clock import SystemClock
from tradershub.store.send_marks import SendMarkRing

if __name__ == "__main__":
    ring = SendMarkRing(Path(sys.argv[1]), SystemClock())
    for number in itertools.count():
        name = order_id(f"cause-{number}", "paper:main", "entry")
        ring.mark(name)
        os.write(1, f"{name}\n".encode())
