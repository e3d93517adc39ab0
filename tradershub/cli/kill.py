"""`tradershub kill`: stop new exposure now, through the hub if it answers within a second, else by the latch file."""

import getpass
import http.client
import json
import threading
from typing import Annotated, Final

import typer

from tradershub.cli import latching
from tradershub.cli.local_http import request
from tradershub.cli.terminal import ExitCode, Home, OfDemo, environment, fail, one_line
from tradershub.domain.errors import HubAlreadyRunning
from tradershub.domain.risk import KillLevel
from tradershub.ports.clock import Clock, SystemClock
from tradershub.settings.data_folder import DataFolder, chosen_folder
from tradershub.settings.endpoint import read_endpoint
from tradershub.settings.private_files import read_private
from tradershub.store.lock import FolderLock, holder_of

_HTTP_SECONDS: Final = 1.0
_ANSWER_SECONDS: Final = 2.0
_OFFERED: Final = (KillLevel.STOP,)


def kill(
    level: Annotated[
        KillLevel, typer.Option(help="How much is stopped; this version knows `stop`: nothing may raise exposure.")
    ] = KillLevel.STOP,
    scope: Annotated[
        str, typer.Option(help="What is stopped: global, platform:NAME, account:PLATFORM:NAME or strategy:NAME.")
    ] = latching.GLOBAL,
    reason: Annotated[str, typer.Option(help="Why; it is shown wherever the gate is.")] = "",
    *,
    home: Home = None,
    demo: OfDemo = False,
) -> None:
    """Stop whatever could raise exposure; ends 0 once it is latched, whether or not a hub runs. Never asks."""
    if level not in _OFFERED:
        fail(f"level {level.value} comes with a later version: this one knows stop", ExitCode.USAGE)
    with one_line():
        folder = chosen_folder(environment(), home=home, is_demo=demo)
        latch = latching.Latch(level=level.value, scope=scope)
        if _by_http(folder, latch, reason):
            print(f"stopped: {scope}, confirmed by the running hub")
            return
        print(_by_file(folder, latch, reason, SystemClock()))


def _by_http(folder: DataFolder, latch: latching.Latch, reason: str) -> bool:
    """Ask the hub; False where it is not there, does not answer in time, or does not know the token."""
    endpoint, token = read_endpoint(folder), read_private(folder.kill_token)
    if endpoint is None or token is None:
        return False
    document = {"level": latch.level, "scope": latch.scope, "reason": reason or "tradershub kill"}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        answer = request(
            "POST",
            f"{endpoint.url}/api/kill",
            body=json.dumps(document).encode(),
            headers=headers,
            timeout_s=_HTTP_SECONDS,
            is_local=True,
        )
    except (OSError, http.client.HTTPException):
        return False
    if answer.status in (404, 422) and (advice := _advice(answer.body)):
        fail(f"nothing is stopped: {advice} (got {latch.scope!r})", ExitCode.USAGE)
    return answer.status in (200, 202)


def _advice(body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return str(found["advice"]) if isinstance(found, dict) and "advice" in found else None


def _by_file(folder: DataFolder, wanted: latching.Latch, reason: str, clock: Clock) -> str:
    """Latch by file, and say what came of it."""
    found = latching.read(folder)
    if latching.covers(found, wanted):
        return f"stopped already: {wanted.scope} is latched in {folder.halt}"
    latch = latching.widened(wanted, found)
    latching.write(folder, latch, reason=reason or "tradershub kill", by=_who(), now=clock.now())
    widened = "" if latch == wanted else " (the file holds one scope, so this is now global)"
    is_answered = latching.wait_for_answer(
        folder, latch, seconds=_ANSWER_SECONDS, monotonic=clock.monotonic, pause=threading.Event().wait
    )
    if is_answered:
        return f"stopped: {latch.scope}, latched in {folder.halt} and confirmed by the hub{widened}"
    return f"latched: {latch.scope} in {folder.halt}{widened}; {_without_answer(folder)}"


def _without_answer(folder: DataFolder) -> str:
    if not folder.database.exists():
        return "no hub has used this folder yet: is it the right one (--home)?"
    try:
        FolderLock(folder.root).release()
    except HubAlreadyRunning:
        holder = holder_of(folder.root)
        return f"a hub holds the folder (process {holder}) and did not answer within {_ANSWER_SECONDS:.0f} s: end it"
    return "no hub is running, it stays stopped when one starts"


def _who() -> str:
    try:
        return f"tradershub kill by {getpass.getuser()}"
    except (OSError, KeyError, ImportError):
        return "tradershub kill"
