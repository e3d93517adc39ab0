"""All commands of `tradershub`, with what they load."""

import typer

from tradershub.cli import at_once, keeping, run
from tradershub.cli.terminal import application


def main() -> None:
    commands()()


def commands() -> typer.Typer:
    """Return the whole command line."""
    every = application("One trading signal becomes checked, journaled orders on every account you configured.")
    run.add_to(every)
    at_once.add_to(every)
    keeping.add_to(every)
    return every
