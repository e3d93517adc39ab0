"""How a command ends: one clear line on the error output, and an exit code that says what kind of thing went wrong."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from tradershub.domain.errors import ConfigurationError, TradersHubError


class ExitCode(IntEnum):
    """Documented in docs/operations.md. The last two follow sysexits.h and the shells."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PORT_IN_USE = 3
    FOLDER_IN_USE = 4
    CONFIGURATION = 78
    INTERRUPTED = 130


Home = Annotated[
    Path | None, typer.Option("--home", metavar="FOLDER", help="The data folder, instead of TRADERSHUB_HOME.")
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The settings file, instead of tradershub.toml in the data folder."),
]
OfDemo = Annotated[bool, typer.Option("--demo", help="The demo's hub, which has a data folder of its own.")]


def application(summary: str, *, name: str = "tradershub", needs_command: bool = True) -> typer.Typer:
    """Return an empty command line that prints plain text: a hub that starts has no use for coloured boxes."""
    return typer.Typer(
        name=name,
        help=summary,
        add_completion=False,
        no_args_is_help=needs_command,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def environment() -> Mapping[str, str]:
    return os.environ


def fail(text: str, code: ExitCode = ExitCode.FAILED) -> NoReturn:
    """Say in one line what is wrong, and end."""
    print(f"tradershub: {text}", file=sys.stderr)
    raise typer.Exit(code)


@contextmanager
def one_line() -> Iterator[None]:
    """Turn what a command cannot mend into one line a mistake, without a trace."""
    try:
        yield
    except ConfigurationError as error:
        for mistake in error.mistakes:
            print(f"tradershub: {mistake}", file=sys.stderr)
        raise typer.Exit(ExitCode.CONFIGURATION) from error
    except TradersHubError as error:
        fail(str(error).replace("\n", " "))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        fail(f"{place}{error.strerror or error}")
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
