"""`tradershub run` and `tradershub demo`: the hub itself, on one's own data or on simulated markets."""

import dataclasses
import functools
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import typer

from tradershub.app import load
from tradershub.cli.serving import free_port, serve
from tradershub.cli.terminal import ConfigFile, ExitCode, Home, application, environment, fail, one_line
from tradershub.domain.errors import HubAlreadyRunning
from tradershub.domain.secrets import Secret
from tradershub.settings.configuration import Configuration, DemoOptions
from tradershub.settings.data_folder import DataFolder
from tradershub.settings.first_run import first_secrets
from tradershub.settings.loading import Arguments, load_configuration
from tradershub.settings.private_files import read_private, write_private
from tradershub.store.lock import LOCK_FILE, FolderLock
from tradershub.web.listen_socket import PortInUse

Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="The port of the pages, instead of 8787.")]

_MARK: Final = "DEMO"
_KEPT_SECRETS: Final = "demo_secrets.json"
_SECRET_NAMES: Final = ("admin_password", "webhook_secret", "api_token")


def add_to(commands: typer.Typer) -> None:
    commands.command("run")(run)
    commands.command("demo")(demo)


def main() -> None:
    commands = application("The hub itself.")
    add_to(commands)
    commands()


def run(*, port: Port = None, home: Home = None, config: ConfigFile = None) -> None:
    """Run the hub on your own data; paper until you say otherwise. Ctrl-C ends it."""
    with one_line(), _busy_explained():
        serve(load_configuration(environment(), Arguments(home=home, config=config, port=port)))


def demo(
    *,
    port: Port = None,
    home: Home = None,
    config: ConfigFile = None,
    seed: Annotated[int, typer.Option(min=0, help="Another number, other prices and alerts.")] = DemoOptions().seed,
    keep: Annotated[bool, typer.Option("--keep", help="Go on with what the last demo left.")] = False,
) -> None:
    """Run a hub with simulated markets, strategies and alerts, in a data folder of its own. Ctrl-C ends it."""
    with one_line(), _busy_explained():
        arguments = Arguments(home=home, config=config, port=port, demo=True)
        configuration = load_configuration(environment(), arguments)
        _prepare(configuration.folder, keep=keep)
        configuration = _with_secrets(configuration)
        given = configuration.secrets
        shown = (
            ("admin password", given.admin_password),
            ("webhook secret", given.webhook_secret),
            ("API token", given.api_token),
        )
        run_demo = functools.partial(
            load("demo"), configuration=configuration, options=DemoOptions(seed=seed, keep=keep)
        )
        serve(
            configuration,
            shown=tuple((name, secret) for name, secret in shown if secret is not None),
            beside=run_demo,
        )


def _prepare(folder: DataFolder, *, keep: bool) -> None:
    """Make the demo's folder, empty unless it is to be kept; a folder that is not marked as a demo's is left alone."""
    folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FolderLock(folder.root):
        found = [entry for entry in folder.root.iterdir() if entry.name != LOCK_FILE]
        mark = folder.root / _MARK
        if found and not mark.exists():
            fail(f"{folder.root} holds something else than a demo: name another folder with --home", ExitCode.USAGE)
        if not keep:
            for entry in found:
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
        mark.write_text("A demo's data; it is thrown away by the next one.\n", encoding="utf-8")


def _with_secrets(configuration: Configuration) -> Configuration:
    """Return the configuration with secrets that the demo may show at every start: it keeps them in its folder."""
    file = configuration.folder.root / _KEPT_SECRETS
    given = configuration.secrets
    kept = json.loads(read_private(file) or "{}")
    known = {name: getattr(given, name) or (Secret(kept[name]) if name in kept else None) for name in _SECRET_NAMES}
    made = first_secrets(dataclasses.replace(given, **known))
    everything = {name: getattr(made, name) for name in _SECRET_NAMES}
    write_private(file, json.dumps({name: secret.reveal() for name, secret in everything.items()}))
    return dataclasses.replace(configuration, secrets=dataclasses.replace(given, **everything))


@contextmanager
def _busy_explained() -> Iterator[None]:
    """Say who has the port or the folder, and what to do."""
    try:
        yield
    except PortInUse as error:
        free = free_port(error.host, error.port)
        suggestion = "" if free is None else f" {free}"
        fail(f"{error}{suggestion}", ExitCode.PORT_IN_USE)
    except HubAlreadyRunning as error:
        fail(str(error), ExitCode.FOLDER_IN_USE)
