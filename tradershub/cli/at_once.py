"""The commands that must be there at once, whatever else is broken: kill, send, status, version."""

from collections.abc import Callable, Mapping

import typer

from tradershub.cli.kill import kill
from tradershub.cli.send import send
from tradershub.cli.status import status, version
from tradershub.cli.terminal import application

COMMANDS: Mapping[str, Callable[..., None]] = {"kill": kill, "send": send, "status": status, "version": version}


def add_to(commands: typer.Typer) -> None:
    for name, command in COMMANDS.items():
        commands.command(name)(command)


def main() -> None:
    commands = application("The commands that are there at once.")
    add_to(commands)
    commands()
