"""Appends signals until its hook kills it; says `stored ID` only for what the journal said was stored."""

import asyncio
import os
import sys
from pathlib import Path

from tradershub.domain.errors import StoreError
from tradershub.ports.clock import SystemClock
from tradershub.store.database import open_database
from tradershub.store.store import Store, open_store
from tradershub.testing.journal_samples import a_stored_signal, accepted

SENDERS = 16


class Killing:
    """Kills the process at one commit: before it, or right after it."""

    def __init__(self, moment: str, commit: int) -> None:
        self._moment, self._left = moment, commit

    def before_commit(self, appends: int) -> None:
        self._left -= 1
        self._kill("before")

    def after_commit(self, appends: int) -> None:
        self._kill("after")

    def _kill(self, moment: str) -> None:
        if self._left <= 0 and moment == self._moment:
            os.kill(os.getpid(), 9) if os.name == "posix" else os._exit(9)


async def send(store: Store, first: int) -> None:
    for number in range(first, 1_000_000, SENDERS):
        stored = a_stored_signal(number)
        try:
            await store.journal.append(stored)
            os.write(1, f"stored {stored.signal.signal_id}\n".encode())
            await store.journal.append(accepted(stored.orders[0].order, number))
            os.write(1, f"accepted {stored.orders[0].order.order_id}\n".encode())
        except StoreError as error:
            os.write(2, f"{error}\n".encode())
            return


async def main(folder: Path, moment: str, commit: int) -> None:
    store = open_store(open_database(folder, clock=SystemClock()), hooks=Killing(moment, commit))
    await asyncio.gather(*(send(store, n) for n in range(SENDERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
