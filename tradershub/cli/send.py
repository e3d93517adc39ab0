"""`tradershub send`: post a message to the hub on this machine, exactly as an alert service would."""

import http.client
import re
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from tradershub.cli.local_http import request
from tradershub.cli.terminal import Home, OfDemo, environment, fail, one_line
from tradershub.settings.data_folder import chosen_folder
from tradershub.settings.endpoint import read_endpoint

_PATHS: Final = {
    "tradingview": "/tradingview-webhook",
    "copy-trade": "/copy-trade",
}
_LARGEST: Final = 1_000_000
_URL_SAFE: Final = re.compile(r"[A-Za-z0-9_-]{24,}")


def send(
    file: Annotated[Path, typer.Argument(help="The message; - reads it from the standard input.")],
    source: Annotated[str, typer.Option(help="Whose webhook: native, tradingview, copy-trade or another source.")] = (
        "native"
    ),
    token: Annotated[
        str,
        typer.Option(
            envvar="TRADERSHUB_WEBHOOK_SECRET",
            show_envvar=False,
            help="The secret as the last part of the address, where the message does not carry it.",
        ),
    ] = "",
    *,
    home: Home = None,
    demo: OfDemo = False,
) -> None:
    """Post a message to the local hub and print its answer; ends 0 if the hub took it (2xx)."""
    with one_line():
        endpoint = read_endpoint(chosen_folder(environment(), home=home, is_demo=demo))
        if endpoint is None:
            fail("no hub runs on this data folder: start it with `tradershub run`, or name its folder with --home")
        body = sys.stdin.buffer.read(_LARGEST) if str(file) == "-" else file.read_bytes()
        path = _PATHS.get(source, f"/webhook/{source}")
        if _URL_SAFE.fullmatch(token):
            path = f"{path}/{token}"
        try:
            answer = request(
                "POST", endpoint.url + path, body=body, headers={"Content-Type": _type_of(body)}, is_local=True
            )
        except http.client.HTTPException as error:
            fail(f"the hub at {endpoint.url} gave no readable answer: {error}")
    print(answer.body.decode("utf-8", "replace"))
    if not 200 <= answer.status < 300:
        fail(f"refused with HTTP {answer.status}")


def _type_of(body: bytes) -> str:
    return "application/json" if body.lstrip()[:1] in (b"{", b"[") else "text/plain; charset=utf-8"
