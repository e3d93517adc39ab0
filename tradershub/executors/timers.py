"""Actions that happen later, by the injected clock, owned by whoever asked for them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

from tradershub.ports.clock import Clock


class Timers:
    """Runs actions on the event loop after a while; `close` ends what is still waiting."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        async def wait() -> None:
            await self._clock.sleep(seconds)
            action()

        self.start(wait())

    def every(self, seconds: float, action: Callable[[], Awaitable[None]]) -> None:
        async def repeat() -> None:
            while True:
                await self._clock.sleep(seconds)
                await action()

        self.start(repeat())

    def start(self, work: Coroutine[None, None, None]) -> None:
        if self._closed:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def close(self) -> None:
        self._closed = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            context = {"message": "an action of an executor failed", "exception": task.exception(), "task": task}
            task.get_loop().call_exception_handler(context)
