"""Runs a hub in this process until it is told to end, by Ctrl-C, by a signal, or by itself."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from types import FrameType
from typing import Final, TypeVar

from tradershub import __version__
from tradershub.app import Hub, start_hub
from tradershub.cli.announcement import Announcement
from tradershub.cli.terminal import ExitCode
from tradershub.domain.secrets import Secret
from tradershub.settings.configuration import Configuration
from tradershub.settings.logs import Redactor, logging_to

try:
    from uvloop import new_event_loop
except ImportError:  # no build for this system: the standard loop does the same, slower
    from asyncio import new_event_loop  # type: ignore[assignment, unused-ignore]

T = TypeVar("T")
Beside = Callable[[Hub], Awaitable[None]]
"""Something that runs beside the hub until it is cancelled, such as the demo's feeder."""

_LONGEST_END_S: Final = 10.0
if sys.platform == "win32":
    _ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)
else:
    _ENDING: Final = (signal.SIGINT, signal.SIGTERM)


def serve(
    configuration: Configuration, *, shown: tuple[tuple[str, Secret], ...] = (), beside: Beside | None = None
) -> None:
    """Run a hub until it ends. `shown`: secrets to show beside those that the hub makes on its first start."""
    given = configuration.secrets
    secrets = (given.admin_password, given.api_token, given.webhook_secret, given.key)
    redactor = Redactor(secret for secret in secrets if secret is not None)
    with logging_to(configuration.folder.log, configuration.log, redactor):
        run_loop(_serve(configuration, redactor, shown, beside))


def run_loop(work: Coroutine[object, object, T]) -> T:
    """Run a coroutine on the fastest event loop that this system has."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)


async def _serve(
    configuration: Configuration, redactor: Redactor, shown: tuple[tuple[str, Secret], ...], beside: Beside | None
) -> None:
    hub = await start_hub(configuration, demo=beside is not None)
    first = hub.first.made if hub.first is not None else ()
    for _, secret in first:
        redactor.add(secret)
    announcement = Announcement(
        configuration=configuration,
        version=__version__,
        is_demo=beside is not None,
        shown=(*shown, *first),
        webhook_secret=configuration.secrets.webhook_secret,
    )
    with _told_by_signals(hub):
        print("\n".join(announcement.lines()), flush=True)
        company = None if beside is None else asyncio.ensure_future(_accompany(hub, beside))
        try:
            await hub.wait()
        finally:
            if company is not None:
                company.cancel()
                await asyncio.wait([company])


async def _accompany(hub: Hub, beside: Beside) -> None:
    """Run what runs beside the hub; its failure ends the hub, and is told by it."""
    try:
        await beside(hub)
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        hub.stop(error)
        raise


@contextlib.contextmanager
def _told_by_signals(hub: Hub) -> Iterator[None]:
    """Let Ctrl-C and the system's request end the hub; a second one, or too long an end, leaves at once.

    Leaving at once is safe: what was answered is on disk, and the next start works out the rest.
    """
    loop = asyncio.get_running_loop()
    told = 0

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        told += 1
        if told > 1:
            os._exit(ExitCode.INTERRUPTED)
        print("ending ...", file=sys.stderr, flush=True)
        deadline = threading.Timer(_LONGEST_END_S, os._exit, (ExitCode.FAILED,))
        deadline.daemon = True
        deadline.start()
        loop.call_soon_threadsafe(hub.stop)

    before = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def free_port(host: str, after: int, *, tries: int = 50) -> int | None:
    """Return a free port behind a busy one."""
    for port in range(after + 1, min(after + tries, 65_535)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    return None
