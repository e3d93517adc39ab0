"""All commands of `tradershub`, with what they load."""

import typer

from tradershub.cli import at_once, keeping
from tradershub.cli.run import demo, run
from tradershub.cli.terminal import application


def main() -> None:
    commands()()


def commands() -> typer.Typer:
    """Return the whole command line."""
    every = application("One trading signal becomes checked, journaled orders on every account you configured.")
    every.command("run")(run)
    every.command("demo")(demo)
    at_once.add_to(every)
    keeping.add_to(every)
    return every
