"""`tradershub status`: whether a hub runs on a data folder, what it is ready for, and which gates are closed."""

import http.client
import json

import typer

from tradershub import __version__
from tradershub.cli import latching
from tradershub.cli.local_http import Response, request
from tradershub.cli.terminal import ExitCode, Home, OfDemo, environment, one_line
from tradershub.domain.errors import HubAlreadyRunning
from tradershub.settings.data_folder import DataFolder, chosen_folder
from tradershub.settings.endpoint import Endpoint, read_endpoint
from tradershub.settings.private_files import read_private
from tradershub.store.lock import FolderLock, holder_of


def version() -> None:
    """Print the version."""
    print(__version__)


def status(*, home: Home = None, demo: OfDemo = False) -> None:
    """Say whether a hub runs and whether it is ready; ends 0 if it takes messages, else 1."""
    with one_line():
        folder = chosen_folder(environment(), home=home, is_demo=demo)
        print(f"data folder   {folder.root}")
        endpoint = read_endpoint(folder)
        is_ready = False
        if not _is_running(folder):
            print("hub           not running")
            _show_latch(folder)
        elif endpoint is None:
            print(f"hub           process {holder_of(folder.root)} uses the folder and does not listen yet")
        else:
            is_ready = _show(folder, endpoint)
    raise typer.Exit(ExitCode.DONE if is_ready else ExitCode.FAILED)


def _is_running(folder: DataFolder) -> bool:
    if not folder.root.is_dir():
        return False
    try:
        FolderLock(folder.root).release()
    except HubAlreadyRunning:
        return True
    return False


def _show_latch(folder: DataFolder) -> None:
    latch = latching.read(folder)
    if latch is not None:
        print(f"latched       {latch.level} {latch.scope}, in force as soon as a hub starts")


def _show(folder: DataFolder, endpoint: Endpoint) -> bool:
    print(f"hub           process {endpoint.pid}, {endpoint.url}")
    ready = _ask(endpoint, "/readyz")
    if ready is None:
        print("ready         no: it does not answer")
        return False
    reasons = [] if ready.status == 200 else _object(ready).get("reasons", ["it answered otherwise than expected"])
    print("ready         yes" if not reasons else f"ready         no: {'; '.join(map(str, reasons))}")
    token = read_private(folder.kill_token)
    kill = None if token is None else _ask(endpoint, "/api/kill", token=token)
    if kill is not None and kill.status == 200:
        for gate in _object(kill).get("gates", []):
            print(f"gate          {gate['gate']} {gate['scope']}: {gate['reason']} (by {gate['set_by']}, {gate['at']})")
    return ready.status == 200


def _ask(endpoint: Endpoint, path: str, *, token: str | None = None) -> Response | None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        return request("GET", endpoint.url + path, headers=headers, timeout_s=2.0, is_local=True)
    except (OSError, http.client.HTTPException):
        return None


def _object(answer: Response) -> dict[str, list[dict[str, object]]]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
