"""All commands of `tradershub`, with what they load."""

from tradershub.cli import at_once
from tradershub.cli.run import demo, run
from tradershub.cli.terminal import application


def main() -> None:
    commands = application("One trading signal becomes checked, journaled orders on every account you configured.")
    commands.command("run")(run)
    commands.command("demo")(demo)
    at_once.add_to(commands)
    commands()
