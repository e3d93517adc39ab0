"""`tradershub check`: what would keep a hub from starting, or alerts from arriving; one line for each thing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Annotated, Final

import typer

from tradershub.cli.reach import LocalHub, follow
from tradershub.cli.terminal import ConfigFile, ExitCode, Home, OfDemo, environment, one_line
from tradershub.domain.errors import ConfigurationError, HubAlreadyRunning, TradersHubError
from tradershub.settings.configuration import Configuration
from tradershub.settings.endpoint import read_endpoint
from tradershub.settings.loading import Arguments, load_configuration
from tradershub.store.connections import connect_reader
from tradershub.store.integrity import check_whole
from tradershub.store.locations import check_location
from tradershub.store.lock import FolderLock, holder_of
from tradershub.store.schema_version import REVISIONS, require_known
from tradershub.web.listen_socket import CannotListen, listen


def check(context: typer.Context, *, home: Home = None, config: ConfigFile = None, demo: OfDemo = False) -> None:
    """Check settings, tables, data folder, database and ports; ends 0 if a hub could start, or runs."""
    if context.invoked_subcommand is None:
        _run(tuple(_CHECKS), Arguments(home=home, config=config, demo=demo))


def configuration(*, home: Home = None, config: ConfigFile = None, demo: OfDemo = False) -> None:
    """Check the settings file, the environment and the tables of instruments."""
    _run(("configuration",), Arguments(home=home, config=config, demo=demo))


def store(*, home: Home = None, config: ConfigFile = None, demo: OfDemo = False) -> None:
    """Check every page of the database; a large one takes a while. The hub may run."""
    _run(("store",), Arguments(home=home, config=config, demo=demo))


def ports(*, home: Home = None, config: ConfigFile = None, demo: OfDemo = False) -> None:
    """Check that the ports are free, or held by this data folder's hub."""
    _run(("ports",), Arguments(home=home, config=config, demo=demo))


def reach(
    url: Annotated[str, typer.Argument(help="The public address, such as https://hooks.example.com.")],
    *,
    home: Home = None,
    config: ConfigFile = None,
    demo: OfDemo = False,
) -> None:
    """Post a probe through the public name and say which hop loses it: DNS, TCP, TLS, HTTP, hub or webhook."""
    with one_line():
        loaded = load_configuration(environment(), Arguments(home=home, config=config, demo=demo))
        hooks = f"http://{loaded.hooks.host}:{loaded.hooks.port}" if loaded.hooks.enabled else None
        endpoint = read_endpoint(loaded.folder)
        ui = loaded.ui_url if endpoint is None else endpoint.url
        local = LocalHub(is_running=_running(loaded), ui=ui, hooks=hooks)
        is_fine = True
        for finding in follow(url, local):
            is_fine = finding.is_fine
            print(f"{'ok' if is_fine else 'LOST':<5} {finding.hop.value:<8} {finding.text}")
    raise typer.Exit(ExitCode.DONE if is_fine else ExitCode.FAILED)


def _run(names: tuple[str, ...], arguments: Arguments) -> None:
    """Run some checks and end with 0, or with the code of the first kind of thing that is wrong."""
    with one_line():
        loaded = load_configuration(environment(), arguments)
        wrong = 0
        for name in names:
            for is_fine, text in _CHECKS[name](loaded):
                print(f"{'ok' if is_fine else 'WRONG':<6} {name:<14} {text}")
                wrong += not is_fine
    raise typer.Exit(ExitCode.FAILED if wrong else ExitCode.DONE)


Found = Iterator[tuple[bool, str]]


def _configuration(loaded: Configuration) -> Found:
    source = "defaults and environment" if loaded.source is None else str(loaded.source)
    yield True, f"{source}; {len(loaded.reference.instruments.all())} instruments"


def _folder(loaded: Configuration) -> Found:
    root = loaded.folder.root
    try:
        check_location(root)
    except ConfigurationError as error:
        yield from ((False, str(mistake)) for mistake in error.mistakes)
        return
    state = "is used by a running hub" if _running(loaded) else "is free" if root.exists() else "will be made"
    yield True, f"{root} {state}"


def _store(loaded: Configuration) -> Found:
    file = loaded.folder.database
    if not file.exists():
        yield True, "no database yet"
        return
    try:
        with closing(connect_reader(file)) as connection:
            version = require_known(connection, file, REVISIONS)
            check_whole(connection, file)
    except (TradersHubError, sqlite3.Error) as error:
        yield False, str(error)
        return
    older = "" if version == REVISIONS[-1] else f", brought to {REVISIONS[-1]} at the next start"
    yield True, f"{file} is whole, schema {version}{older}"


def _ports(loaded: Configuration) -> Found:
    endpoint = read_endpoint(loaded.folder)
    if _running(loaded):
        where = "it does not listen yet" if endpoint is None else endpoint.url
        yield True, f"a hub runs on this folder (process {holder_of(loaded.folder.root)}): {where}"
        return
    listeners = [("ui", loaded.ui.host, loaded.ui.port)]
    if loaded.hooks.enabled:
        listeners.append(("hooks", loaded.hooks.host, loaded.hooks.port))
    for name, host, port in listeners:
        try:
            listen(host, port).close()
        except CannotListen as error:
            yield False, f"{name}: {error}"
        else:
            yield True, f"{name} {host}:{port} is free"


def _running(loaded: Configuration) -> bool:
    if not loaded.folder.root.is_dir():
        return False
    try:
        FolderLock(loaded.folder.root).release()
    except HubAlreadyRunning:
        return True
    return False


_CHECKS: Final[dict[str, Callable[[Configuration], Found]]] = {
    "configuration": _configuration,
    "folder": _folder,
    "store": _store,
    "ports": _ports,
}
