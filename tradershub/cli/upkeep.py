"""`tradershub backup`, `restore` and `replay`: what keeps a database, brings it back and proves it true."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tradershub.cli.terminal import ConfigFile, ExitCode, Home, OfDemo, environment, fail, one_line
from tradershub.domain.errors import HubAlreadyRunning
from tradershub.ports.clock import SystemClock
from tradershub.settings.loading import Arguments, load_configuration
from tradershub.store import backup as copies
from tradershub.store.replay import replay as replay_store


def backup(
    file: Annotated[Path | None, typer.Argument(help="A new file; without one, a dated file in the backup folder.")] = (
        None
    ),
    *,
    home: Home = None,
    config: ConfigFile = None,
    demo: OfDemo = False,
) -> None:
    """Write a consistent copy of the database, also while the hub runs, and print its name."""
    with one_line():
        configuration = load_configuration(environment(), Arguments(home=home, config=config, demo=demo))
        target = file
        if target is None:
            configuration.backups.mkdir(mode=0o700, parents=True, exist_ok=True)
            target = configuration.backups / f"tradershub-{copies.stamp(SystemClock().now())}.db"
        copies.backup(configuration.folder.root, target)
    print(target)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    *,
    home: Home = None,
    config: ConfigFile = None,
    demo: OfDemo = False,
) -> None:
    """Put a backup in the database's place, on a stopped hub; the replaced database is kept beside it."""
    with one_line(), _stopped():
        configuration = load_configuration(environment(), Arguments(home=home, config=config, demo=demo))
        configuration.folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = copies.restore(configuration.folder.root, file, clock=SystemClock())
    print(f"restored from {file}" + ("" if kept is None else f"; the database that was there is now {kept}"))


def replay(*, home: Home = None, config: ConfigFile = None, demo: OfDemo = False) -> None:
    """Compare every table with the journal, on a stopped hub, and mend what differs; the journal is the truth."""
    with one_line(), _stopped():
        configuration = load_configuration(environment(), Arguments(home=home, config=config, demo=demo))
        if not configuration.folder.database.exists():
            fail(f"there is no database in {configuration.folder.root}: name the hub's folder with --home")
        differences = replay_store(configuration.folder.root)
    for difference in differences:
        print(f"mended {difference.table}: {difference.missing} rows were missing, {difference.surplus} were wrong")
    print("every table is what the journal says" + ("" if not differences else " now"))


@contextmanager
def _stopped() -> Iterator[None]:
    """Say that the hub has to be stopped where it is not."""
    try:
        yield
    except HubAlreadyRunning as error:
        fail(str(error), ExitCode.FOLDER_IN_USE)
